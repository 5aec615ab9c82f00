#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>
#include <sys/types.h>

// Nanoseconds that only grow.
int64_t clock_now(void);

// User and system time of all threads of a process so far, ended ones too, in nanoseconds; 0 is
// this process. Exact, where /proc/PID/stat counts in hundredths of a second.
int64_t clock_cpu(pid_t process);

#endif
