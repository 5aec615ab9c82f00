#include "stream.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "fatal.h"

enum stream_state stream_fill(struct stream *stream, int fd) {
    size_t room = sizeof stream->bytes - 1 - stream->length;
    if (room == 0) fatal("a peer sent more than %zu bytes at once", sizeof stream->bytes);
    ssize_t count = recv(fd, stream->bytes + stream->length, room, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return STREAM_OPEN;
    if (count <= 0) return STREAM_CLOSED;
    stream->length += (size_t)count;
    stream->bytes[stream->length] = 0;
    return STREAM_OPEN;
}

void stream_drop(struct stream *stream, size_t count) {
    stream->length -= count;
    memmove(stream->bytes, stream->bytes + count, stream->length + 1);
}

bool stream_send(int fd, const char *bytes, size_t count) {
    ssize_t sent = send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return false;
    if (sent < 0) fatal_errno("send");
    if ((size_t)sent != count) fatal("a peer does not read what it is sent");
    return true;
}
