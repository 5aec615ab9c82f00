#ifndef BENCH_LANES_H
#define BENCH_LANES_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#include "dialect.h"
#include "latency.h"

// The logins: as many lanes as may be in flight, each with a connection, one login after the other.

enum { LAST_STATUS = 600, ERRORS_AT_MOST = 20 };

// What a run comes to.
struct tally {
    uint64_t logins;
    uint64_t refreshes;
    uint64_t mails;      // or codes that a trigger handed over
    uint64_t duplicates; // mails that no login waited for, or waited for no more
    uint64_t errors;
    uint64_t by_status[LAST_STATUS];
    struct latency initiate;
    struct latency verify;
    struct latency refresh;
};

extern struct tally tally;

void lanes_make(size_t count, const struct sockaddr_in *server, const struct dialect *speaks);

// Runs so many logins, the first with this number; returns when the last is done.
void lanes_login(uint64_t first, uint64_t count);

// Rotates the refresh tokens of the lanes' last logins, so many times altogether.
void lanes_refresh(uint64_t count);

uint64_t lanes_connects(void);

// A code has come, by mail or from a trigger (smtp_taken, codes_taken).
void lanes_code(const char *recipient, const char *code);

#endif
