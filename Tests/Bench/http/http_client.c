#include "http_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "fatal.h"

// Where a header's value begins in a head, or NULL. `name` with CRLF before and a colon after it.
static const char *header(const char *head, const char *name) {
    const char *at = strcasestr(head, name);
    return at ? at + strlen(name) + strspn(at + strlen(name), " ") : NULL;
}

// Handles the answer if all of it is there.
static void read_answer(struct http_client *client) {
    char *head = client->in.bytes;
    char *end = memmem(head, client->in.length, "\r\n\r\n", 4);
    if (end == NULL) return;
    end[2] = 0;
    int status = 0;
    if (sscanf(head, "HTTP/1.1 %3d", &status) != 1) fatal("this is no HTTP/1.1: %s", head);
    const char *length = header(head, "\r\nContent-Length:");
    if (length == NULL && status != 204) fatal("an answer without Content-Length: %s", head);
    size_t size = length ? (size_t)strtoul(length, NULL, 10) : 0;
    const char *connection = header(head, "\r\nConnection:");
    bool closes = connection != NULL && strncasecmp(connection, "close", 5) == 0;
    end[2] = '\r';
    const char *body = end + 4;
    if ((size_t)(body - head) + size > client->in.length) return;
    if ((size_t)(body - head) + size < client->in.length) fatal("more than one answer: %s", head);
    // Nothing was asked any more, so the body stays until it has been looked at.
    if (closes) loop_close(&client->watch);
    client->in.length = 0;
    client->answered(client, status, body);
}

static void client_readable(struct watch *watch) {
    struct http_client *client = (struct http_client *)watch;
    if (stream_fill(&client->in, watch->fd) == STREAM_CLOSED) {
        if (client->asked_at != 0) fatal("the server closed a connection instead of an answer");
        loop_close(watch);
    } else if (client->in.length > 0) {
        if (client->asked_at == 0) fatal("an answer to nothing: %s", client->in.bytes);
        read_answer(client);
    }
}

void http_connect(struct http_client *client) {
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fatal_errno("socket");
    const struct sockaddr *server = (const struct sockaddr *)client->server;
    if (connect(fd, server, sizeof *client->server) != 0) fatal_errno("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    client->watch = (struct watch){.fd = fd, .readable = client_readable};
    client->in.length = 0;
    client->connects++;
    loop_add(&client->watch);
}

void http_post(struct http_client *client, const char *source, const struct request *request) {
    char text[8192];
    if (client->watch.fd < 0) http_connect(client);
    int length = snprintf(text, sizeof text,
                          "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%sX-Forwarded-For: %s\r\n"
                          "Content-Length: %zu\r\n\r\n%s",
                          request->path, ntohs(client->server->sin_port), request->headers, source,
                          strlen(request->json), request->json);
    if (length < 0 || (size_t)length >= sizeof text) fatal("a request is too long");
    client->asked_at = clock_now();
    if (!stream_send(client->watch.fd, text, (size_t)length)) {
        fatal("the server closed a connection that it had left open");
    }
}
