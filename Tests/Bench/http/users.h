#ifndef BENCH_USERS_H
#define BENCH_USERS_H

#include <stdint.h>

#include "mail_code.h"

struct lane;

// One address, userN@bench.example, with at most one login under way.
struct user {
    struct lane *lane; // of the login under way; NULL: none
    char code[CODE_DIGITS + 1];
};

void users_make(uint32_t count);
struct user *users_at(uint32_t number);
uint32_t users_number(const struct user *user);

// The user of an address; NULL if it is nobody's.
struct user *users_find(const char *address);

// Whose turn the login is: everybody once before anybody twice, in an order that jumps about, as
// real ones do; who is still at it is passed over.
struct user *users_next(uint64_t login);

#endif
