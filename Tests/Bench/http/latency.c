#include "latency.h"

#include <stdlib.h>

#include "fatal.h"

void latency_add(struct latency *latency, int64_t time) {
    if (latency->count == latency->room) {
        latency->room = latency->room == 0 ? 4096 : 2 * latency->room;
        latency->times = realloc(latency->times, latency->room * sizeof *latency->times);
        if (latency->times == NULL) fatal("out of memory");
    }
    latency->times[latency->count++] = time;
}

void latency_clear(struct latency *latency) {
    latency->count = 0;
}

static int compare(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

// The nearest rank: the time that `percent` of the calls kept.
static double percentile(const struct latency *latency, size_t percent) {
    if (latency->count == 0) return 0;
    size_t rank = (latency->count * percent + 99) / 100;
    return (double)latency->times[rank > 0 ? rank - 1 : 0] / 1e6;
}

void latency_write(struct latency *latency, FILE *file) {
    if (latency->count > 0) {
        qsort(latency->times, latency->count, sizeof *latency->times, compare);
    }
    fprintf(file, "{\"n\":%zu,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}", latency->count,
            percentile(latency, 50), percentile(latency, 99), percentile(latency, 100));
}
