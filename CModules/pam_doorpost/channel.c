#include "module.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <time.h>

const char channel_end[] = "ended without a verdict";
static const char broken[] = "broke the channel";

/* The wall clock may jump. Without a clock nothing can be bounded: every deadline has passed. */
static int64_t now(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
        return INT64_MAX;
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t deadline_in(int milliseconds)
{
    int64_t t = now();
    return t == INT64_MAX ? 0 : t + milliseconds;
}

int deadline_left(int64_t deadline)
{
    int64_t left = deadline - now();
    return left > 0 ? (int)left : 0;
}

int channel_above_standard(int fd)
{
    int above = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
    int problem = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = problem;
    return above;
}

/* Sends (POLLOUT) or receives (POLLIN) all of `bytes`. */
static const char *transfer(int fd, short event, void *bytes, size_t size, int64_t deadline)
{
    for (size_t done = 0; done < size;) {
        struct pollfd p = {.fd = fd, .events = event};
        int left = deadline_left(deadline);
        if (left == 0)
            return "took too long";
        if (poll(&p, 1, left) < 0 && errno != EINTR)
            return broken;
        uint8_t *at = (uint8_t *)bytes + done;
        ssize_t n = event == POLLIN ? recv(fd, at, size - done, MSG_DONTWAIT)
                                    : send(fd, at, size - done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n == 0)
            return done == 0 ? channel_end : broken;
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return broken;
        done += n > 0 ? (size_t)n : 0;
    }
    return NULL;
}

const char *channel_send(int fd, struct frame *frame, int64_t deadline)
{
    uint32_t length = htonl((uint32_t)frame->size + 1);
    const char *problem = transfer(fd, POLLOUT, &length, sizeof length, deadline);
    if (problem == NULL)
        problem = transfer(fd, POLLOUT, &frame->type, 1, deadline);
    return problem != NULL ? problem : transfer(fd, POLLOUT, frame->payload, frame->size, deadline);
}

/* A length out of bounds ends the matter at once: nothing more is awaited. */
const char *channel_receive(int fd, struct frame *frame, int64_t deadline)
{
    uint32_t length;
    const char *problem = transfer(fd, POLLIN, &length, sizeof length, deadline);
    if (problem != NULL)
        return problem;
    length = ntohl(length);
    if (length < 1 || length > DOORPOST_FRAME_MAX)
        return broken;
    frame->size = length - 1;
    problem = transfer(fd, POLLIN, &frame->type, 1, deadline);
    if (problem == NULL)
        problem = transfer(fd, POLLIN, frame->payload, frame->size, deadline);
    return problem == channel_end ? broken : problem;
}
