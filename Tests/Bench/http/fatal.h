#ifndef BENCH_FATAL_H
#define BENCH_FATAL_H

// A benchmark that goes wrong says so and ends: a figure from half a run is worse than none.
_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The same, with what errno says.
_Noreturn void fatal_errno(const char *what);

#endif
