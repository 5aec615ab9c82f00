#include "users.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fatal.h"

// A prime, so that its multiples reach every user.
static const uint64_t STRIDE = 2654435761;

static struct user *users;
static uint32_t user_count;

void users_make(uint32_t count) {
    users = calloc(count, sizeof *users);
    if (users == NULL) fatal("out of memory");
    user_count = count;
}

struct user *users_at(uint32_t number) {
    return &users[number];
}

uint32_t users_number(const struct user *user) {
    return (uint32_t)(user - users);
}

struct user *users_find(const char *address) {
    if (strncmp(address, "user", 4) != 0) return NULL;
    char *end;
    unsigned long number = strtoul(address + 4, &end, 10);
    if (end == address + 4 || strcmp(end, "@bench.example") != 0) return NULL;
    return number < user_count ? &users[number] : NULL;
}

struct user *users_next(uint64_t login) {
    for (uint32_t passed = 0; passed < user_count; passed++) {
        struct user *user = &users[(login * STRIDE + passed) % user_count];
        if (user->lane == NULL) return user;
    }
    fatal("more logins in flight than users");
}
