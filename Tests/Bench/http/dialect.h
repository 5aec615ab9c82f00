#ifndef BENCH_DIALECT_H
#define BENCH_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One request: what is said beside what every request says.
struct request {
    const char *path;
    char headers[256]; // whole lines, Content-Type among them
    char json[4200];
};

// What a login says over the wire, server by server. Requests are JSON, a success is 200.
struct dialect {
    void (*initiate)(struct request *request, uint32_t user);
    void (*verify)(struct request *request, uint32_t user, const char *session, const char *code);
    void (*refresh)(struct request *request, const char *token); // NULL: not spoken
    const char *session;    // in the answer to initiate, what verify wants: a JSON member; or NULL
    const char *credential; // in the answer to verify: a JSON member; NULL: a cookie
};

extern const struct dialect dialect_doorpost;
extern const struct dialect dialect_glewlwyd;

// The Cognito API of Doorpost, for one app client without a secret: CUSTOM_AUTH.
const struct dialect *dialect_cognito(const char *client);

#endif
