#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// How long one kind of call took, every one.
struct latency {
    size_t count;
    size_t room;
    int64_t *times; // nanoseconds
};

void latency_add(struct latency *latency, int64_t time);
void latency_clear(struct latency *latency);

// Writes {"n":…,"p50":…,"p99":…,"max":…} in ms. Sorts.
void latency_write(struct latency *latency, FILE *file);

#endif
