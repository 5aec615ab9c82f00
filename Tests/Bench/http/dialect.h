#ifndef BENCH_DIALECT_H
#define BENCH_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a login says over the wire, server by server. Requests are JSON, a success is 200.
struct dialect {
    const char *initiate_path;
    const char *verify_path;
    void (*initiate)(char *json, size_t size, uint32_t user);
    void (*verify)(char *json, size_t size, uint32_t user, const char *session, const char *code);
    bool has_session;       // initiate answers with a "session" that verify wants
    const char *credential; // in the answer to verify: a JSON member; NULL: a cookie
};

extern const struct dialect dialect_doorpost;
extern const struct dialect dialect_glewlwyd;

#endif
