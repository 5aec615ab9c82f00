#ifndef BENCH_HTTP_CLIENT_H
#define BENCH_HTTP_CLIENT_H

#include <netinet/in.h>
#include <stdint.h>

#include "dialect.h"
#include "loop.h"
#include "stream.h"

// A keep-alive connection with at most one request under way.
struct http_client {
    struct watch watch;
    const struct sockaddr_in *server;
    void (*answered)(struct http_client *client, int status, const char *body);
    int64_t asked_at; // 0: no request under way
    unsigned connects;
    struct stream in;
};

// Sends a request, connecting first if need be. `source` goes into X-Forwarded-For.
void http_post(struct http_client *client, const char *source, const struct request *request);

// Connects, so that no request's time has that in it.
void http_connect(struct http_client *client);

#endif
