#include "loop.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clock.h"
#include "fatal.h"

enum { EVENTS = 128 };

static int loop = -1;
static struct epoll_event events[EVENTS];
static int pending;

void loop_add(struct watch *watch) {
    if (loop < 0) loop = epoll_create1(EPOLL_CLOEXEC);
    if (loop < 0) fatal_errno("epoll_create1");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};
    if (epoll_ctl(loop, EPOLL_CTL_ADD, watch->fd, &event) != 0) fatal_errno("epoll_ctl");
}

void loop_close(struct watch *watch) {
    // What this turn still holds of it must not reach who comes after it.
    for (int i = 0; i < pending; i++) {
        if (events[i].data.ptr == watch) events[i].data.ptr = NULL;
    }
    close(watch->fd);
    watch->fd = -1;
}

bool loop_turn(int64_t until) {
    int64_t left = (until - clock_now()) / 1000000;
    pending = epoll_wait(loop, events, EVENTS, left < 0 ? 0 : (int)left + 1);
    if (pending < 0 && errno != EINTR) fatal_errno("epoll_wait");
    for (int i = 0; i < pending; i++) {
        struct watch *watch = events[i].data.ptr;
        if (watch != NULL) watch->readable(watch);
    }
    bool any = pending > 0;
    pending = 0;
    return any;
}
