// libcurl, loaded with dlopen() at first use instead of being linked: its thirty libraries cost
// 8 ms at process start, which a login pays before its first prompt. Here it is loaded beside
// the prompt, or not at all when no mail leaves this process.
//
// The typed functions stand for libcurl's variadic ones, which Swift cannot call. They are
// compiled against <curl/curl.h>, so the compiler checks every type and number.
//
// Who frees what:
//   - a handle of doorpost_curl_open() is freed by doorpost_curl_close(), once;
//   - strings given to a setter are copied by libcurl and stay the caller's;
//   - lists, callbacks' pointers and the error buffer are NOT copied: they must outlive the
//     handle; a list is freed by doorpost_curl_list_free();
//   - texts returned are static and never freed.
//
// Threads: load, open and the list functions may be called from any thread; a handle by one
// thread at a time.

#ifndef DOORPOST_CURL_H
#define DOORPOST_CURL_H

#include <curl/curl.h>
#include <stdbool.h>

// Loads libcurl and initialises it, once for the process; later calls return the first one's
// result. Returns true when libcurl is ready. Call it early, on another thread, to warm up.
bool doorpost_curl_load(void);

// Why doorpost_curl_load() returned false, or "".
const char *doorpost_curl_load_error(void);

// The version that was loaded ("7.88.1"), or "" when none is.
const char *doorpost_curl_version(void);

// A new handle that writes nothing to stdout and raises no signal; NULL when libcurl is not
// loaded or out of memory.
CURL *doorpost_curl_open(void);

// Closes a handle of doorpost_curl_open() and its connection: says QUIT, but does not wait for the
// answer. libcurl alone would wait two minutes for a server that has fallen silent, whatever the
// time-outs. NULL is allowed.
void doorpost_curl_close(CURL *handle);

// Text options. NULL sets an option back to "none".
CURLcode doorpost_curl_set_string(CURL *handle, CURLoption option, const char *value);

// Numbers and switches.
CURLcode doorpost_curl_set_long(CURL *handle, CURLoption option, long value);

// Sizes.
CURLcode doorpost_curl_set_off(CURL *handle, CURLoption option, curl_off_t value);

// Lists of text. The list is not copied.
CURLcode doorpost_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *list);

// Where the bytes to upload come from: called with `context`.
CURLcode doorpost_curl_set_reader(CURL *handle, curl_read_callback reader, void *context);

// Who is told each line that the server answers: called with `context`.
CURLcode doorpost_curl_set_answer_receiver(CURL *handle, curl_write_callback receiver,
                                           void *context);

// Who is given the body of the answer: called with `context`.
CURLcode doorpost_curl_set_body_receiver(CURL *handle, curl_write_callback receiver,
                                         void *context);

// Where libcurl puts its own words about a failure: CURL_ERROR_SIZE bytes that outlive the handle.
CURLcode doorpost_curl_set_error_buffer(CURL *handle, char *buffer);

// Runs the transfer. SIGPIPE is held back from this thread while it runs: OpenSSL writes to a
// socket that the peer may have closed, and that must not kill the host process.
//
// A handle whose transfer went well may be used again, and reuses its connection. After a failure
// nothing more is received: all that is left to do is doorpost_curl_close().
CURLcode doorpost_curl_perform(CURL *handle);

// The last three-digit answer of the server, 0 when there was none.
long doorpost_curl_response_code(CURL *handle);

// How many connections the last transfer opened: 0 when it reused one.
long doorpost_curl_new_connections(CURL *handle);

// Appends a copy of `text`; returns the list's head, or NULL when out of memory (the old list
// is then unchanged and still the caller's).
struct curl_slist *doorpost_curl_list_append(struct curl_slist *list, const char *text);
void doorpost_curl_list_free(struct curl_slist *list);

// libcurl's words for a result.
const char *doorpost_curl_message(CURLcode code);

#endif
