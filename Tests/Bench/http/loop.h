#ifndef BENCH_LOOP_H
#define BENCH_LOOP_H

#include <stdbool.h>
#include <stdint.h>

// Something that waits for a descriptor. The first member of what it belongs to.
struct watch {
    int fd;
    void (*readable)(struct watch *watch);
};

void loop_add(struct watch *watch);

// Closes the descriptor. The watch must live until `readable` has returned.
void loop_close(struct watch *watch);

// Waits for events and handles them, until a time (clock_now). False if there were none by then.
bool loop_turn(int64_t until);

#endif
