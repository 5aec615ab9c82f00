#include "clock.h"

#include <time.h>

#include "fatal.h"

static int64_t read_clock(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) fatal_errno("clock_gettime");
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t clock_now(void) {
    return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_cpu(pid_t process) {
    clockid_t clock;
    if (clock_getcpuclockid(process, &clock) != 0) fatal("there is no process %d", (int)process);
    return read_clock(clock);
}
