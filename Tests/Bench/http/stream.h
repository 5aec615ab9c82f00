#ifndef BENCH_STREAM_H
#define BENCH_STREAM_H

#include <stdbool.h>
#include <stddef.h>

// What came in over a socket and is not used yet; a byte 0 follows it.
struct stream {
    size_t length;
    char bytes[64 * 1024];
};

enum stream_state { STREAM_OPEN, STREAM_CLOSED };

// Reads what is there. A peer that sends more than there is room for ends the run.
enum stream_state stream_fill(struct stream *stream, int fd);

// Takes bytes from the front.
void stream_drop(struct stream *stream, size_t count);

// Sends all of it at once. What this program sends is small and answered before more is sent, so
// it always fits the socket's buffer. False if the peer is gone.
bool stream_send(int fd, const char *bytes, size_t count);

#endif
