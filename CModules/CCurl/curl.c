#include "doorpost_curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

// libcurl's own macros of these names check types at compile time, but hide the functions.
#undef curl_easy_setopt
#undef curl_easy_getinfo

// Every function that is taken from the library. typeof keeps libcurl's own prototypes.
static struct {
    __typeof__(&curl_global_init) global_init;
    __typeof__(&curl_version_info) version_info;
    __typeof__(&curl_easy_init) easy_init;
    __typeof__(&curl_easy_cleanup) easy_cleanup;
    __typeof__(&curl_easy_setopt) easy_setopt;
    __typeof__(&curl_easy_getinfo) easy_getinfo;
    __typeof__(&curl_easy_perform) easy_perform;
    __typeof__(&curl_easy_strerror) easy_strerror;
    __typeof__(&curl_slist_append) slist_append;
    __typeof__(&curl_slist_free_all) slist_free_all;
} lib;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool ready;
static char load_error[256];
static const char *version = "";

static bool find(void *library, const char *name, void *slot) {
    void *symbol = dlsym(library, name);
    if (symbol == NULL)
        snprintf(load_error, sizeof load_error, "libcurl.so.4 has no %s", name);
    // POSIX allows a function in a void *; ISO C only through its bytes.
    *(void **)slot = symbol;
    return symbol != NULL;
}

static void load(void) {
    // Lazily: of its thirty libraries' functions one mail needs few. Never closed again:
    // OpenSSL registers handlers that run at exit.
    void *library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
    if (library == NULL) {
        snprintf(load_error, sizeof load_error, "%s", dlerror());
        return;
    }
    if (!find(library, "curl_global_init", &lib.global_init) ||
        !find(library, "curl_version_info", &lib.version_info) ||
        !find(library, "curl_easy_init", &lib.easy_init) ||
        !find(library, "curl_easy_cleanup", &lib.easy_cleanup) ||
        !find(library, "curl_easy_setopt", &lib.easy_setopt) ||
        !find(library, "curl_easy_getinfo", &lib.easy_getinfo) ||
        !find(library, "curl_easy_perform", &lib.easy_perform) ||
        !find(library, "curl_easy_strerror", &lib.easy_strerror) ||
        !find(library, "curl_slist_append", &lib.slist_append) ||
        !find(library, "curl_slist_free_all", &lib.slist_free_all))
        return;
    CURLcode code = lib.global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) {
        snprintf(load_error, sizeof load_error, "curl_global_init: %s", lib.easy_strerror(code));
        return;
    }
    version = lib.version_info(CURLVERSION_NOW)->version;
    ready = true;
}

bool doorpost_curl_load(void) {
    return pthread_once(&once, load) == 0 && ready;
}

const char *doorpost_curl_load_error(void) { return load_error; }

const char *doorpost_curl_version(void) { return version; }

// The answer's body goes nowhere: libcurl's default is stdout, which belongs to the host program.
static size_t discard(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes;
    (void)context;
    return size * count;
}

CURL *doorpost_curl_open(void) {
    CURL *handle = doorpost_curl_load() ? lib.easy_init() : NULL;
    if (handle == NULL)
        return NULL;
    // NOSIGNAL: no SIGALRM for name look-ups; the host program owns its signals.
    if (lib.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
        lib.easy_setopt(handle, CURLOPT_WRITEFUNCTION, discard) != CURLE_OK) {
        lib.easy_cleanup(handle);
        return NULL;
    }
    return handle;
}

// SIGPIPE of a write is sent to the writing thread: blocked there, it stays pending, and is
// taken away before the mask goes back. A SIGPIPE that was pending before is left alone.
struct hold {
    sigset_t pipe, before;
    bool was_pending;
};

static void hold_sigpipe(struct hold *hold) {
    sigset_t pending;
    sigemptyset(&hold->pipe);
    sigaddset(&hold->pipe, SIGPIPE);
    sigemptyset(&pending);
    sigpending(&pending);
    hold->was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &hold->pipe, &hold->before);
}

static void release_sigpipe(const struct hold *hold) {
    const struct timespec now = {0, 0};
    if (!hold->was_pending)
        while (sigtimedwait(&hold->pipe, NULL, &now) == SIGPIPE)
            ;
    pthread_sigmask(SIG_SETMASK, &hold->before, NULL);
}

// An end of file is all that will be read from the connection: libcurl, which says QUIT when it
// closes one, then does not wait for the answer. `how`: SHUT_RD, or SHUT_RDWR for not even QUIT.
static void stop_reading(CURL *handle, int how) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    if (lib.easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK &&
        socket != CURL_SOCKET_BAD)
        (void)shutdown(socket, how);
}

void doorpost_curl_close(CURL *handle) {
    if (handle == NULL)
        return;
    struct hold hold;
    hold_sigpipe(&hold);
    stop_reading(handle, SHUT_RD);
    lib.easy_cleanup(handle);
    release_sigpipe(&hold);
}

CURLcode doorpost_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return lib.easy_setopt(handle, option, value);
}

CURLcode doorpost_curl_set_long(CURL *handle, CURLoption option, long value) {
    return lib.easy_setopt(handle, option, value);
}

CURLcode doorpost_curl_set_off(CURL *handle, CURLoption option, curl_off_t value) {
    return lib.easy_setopt(handle, option, value);
}

CURLcode doorpost_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *list) {
    return lib.easy_setopt(handle, option, list);
}

CURLcode doorpost_curl_set_reader(CURL *handle, curl_read_callback reader, void *context) {
    CURLcode code = lib.easy_setopt(handle, CURLOPT_READFUNCTION, reader);
    return code != CURLE_OK ? code : lib.easy_setopt(handle, CURLOPT_READDATA, context);
}

CURLcode doorpost_curl_set_answer_receiver(CURL *handle, curl_write_callback receiver,
                                           void *context) {
    CURLcode code = lib.easy_setopt(handle, CURLOPT_HEADERFUNCTION, receiver);
    return code != CURLE_OK ? code : lib.easy_setopt(handle, CURLOPT_HEADERDATA, context);
}

CURLcode doorpost_curl_set_body_receiver(CURL *handle, curl_write_callback receiver,
                                         void *context) {
    CURLcode code = lib.easy_setopt(handle, CURLOPT_WRITEFUNCTION, receiver);
    return code != CURLE_OK ? code : lib.easy_setopt(handle, CURLOPT_WRITEDATA, context);
}

CURLcode doorpost_curl_set_error_buffer(CURL *handle, char *buffer) {
    return lib.easy_setopt(handle, CURLOPT_ERRORBUFFER, buffer);
}

CURLcode doorpost_curl_perform(CURL *handle) {
    struct hold hold;
    hold_sigpipe(&hold);
    CURLcode code = lib.easy_perform(handle);
    release_sigpipe(&hold);
    // A server too slow to answer may be too slow to read.
    if (code != CURLE_OK)
        stop_reading(handle, code == CURLE_OPERATION_TIMEDOUT ? SHUT_RDWR : SHUT_RD);
    return code;
}

long doorpost_curl_response_code(CURL *handle) {
    long code = 0;
    return lib.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK ? code : 0;
}

long doorpost_curl_new_connections(CURL *handle) {
    long count = 0;
    return lib.easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &count) == CURLE_OK ? count : 0;
}

struct curl_slist *doorpost_curl_list_append(struct curl_slist *list, const char *text) {
    return doorpost_curl_load() ? lib.slist_append(list, text) : NULL;
}

void doorpost_curl_list_free(struct curl_slist *list) {
    if (list != NULL)
        lib.slist_free_all(list);
}

const char *doorpost_curl_message(CURLcode code) {
    return ready ? lib.easy_strerror(code) : load_error;
}
