#include "smtp_sink.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "fatal.h"
#include "loop.h"
#include "mail_code.h"
#include "stream.h"

struct session {
    struct watch watch;
    bool in_data;
    bool is_over;
    char recipient[128];
    struct stream in;
    size_t out_length;
    char out[4096]; // the answers to what came in together go out together
};

static struct watch listening;
static smtp_taken *report;

static void answer(struct session *session, const char *text) {
    size_t length = strlen(text);
    if (session->out_length + length > sizeof session->out) fatal("SMTP: too much at once");
    memcpy(session->out + session->out_length, text, length);
    session->out_length += length;
}

static void read_recipient(struct session *session, const char *line) {
    const char *start = strchr(line, '<');
    const char *end = start ? strchr(start, '>') : NULL;
    if (end == NULL || (size_t)(end - start) > sizeof session->recipient) {
        answer(session, "501 who?\r\n");
    } else if (session->recipient[0] != 0) {
        answer(session, "452 one recipient a mail\r\n");
    } else {
        memcpy(session->recipient, start + 1, (size_t)(end - start - 1));
        session->recipient[end - start - 1] = 0;
        answer(session, "250 good\r\n");
    }
}

static void obey(struct session *session, const char *line) {
    if (strncasecmp(line, "EHLO", 4) == 0) {
        answer(session, "250-bench\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n");
    } else if (strncasecmp(line, "MAIL", 4) == 0 || strncasecmp(line, "RSET", 4) == 0) {
        session->recipient[0] = 0;
        answer(session, "250 good\r\n");
    } else if (strncasecmp(line, "RCPT", 4) == 0) {
        read_recipient(session, line);
    } else if (strncasecmp(line, "DATA", 4) == 0) {
        session->in_data = session->recipient[0] != 0;
        answer(session, session->in_data ? "354 go on\r\n" : "503 to whom?\r\n");
    } else if (strncasecmp(line, "QUIT", 4) == 0) {
        session->is_over = true;
        answer(session, "221 bye\r\n");
    } else if (strncasecmp(line, "HELO", 4) == 0 || strncasecmp(line, "NOOP", 4) == 0) {
        answer(session, "250 good\r\n");
    } else {
        answer(session, "502 not here\r\n");
    }
}

// Takes a mail if all of it is there; returns how long it is, with its end.
static size_t take_mail(struct session *session) {
    char *bytes = session->in.bytes;
    char *end = memmem(bytes, session->in.length, "\r\n.\r\n", 5);
    if (end == NULL) return 0;
    char code[CODE_DIGITS + 1];
    end[2] = 0;
    if (!mail_code(bytes, code)) fatal("no code in the mail to %s:\n%s", session->recipient, bytes);
    report(session->recipient, code);
    session->recipient[0] = 0;
    session->in_data = false;
    answer(session, "250 taken\r\n");
    return (size_t)(end + 5 - bytes);
}

static size_t take_command(struct session *session) {
    char *bytes = session->in.bytes;
    char *end = memchr(bytes, '\n', session->in.length);
    if (end == NULL) return 0;
    *end = 0;
    obey(session, bytes);
    return (size_t)(end + 1 - bytes);
}

static void session_readable(struct watch *watch) {
    struct session *session = (struct session *)watch;
    bool open = stream_fill(&session->in, watch->fd) == STREAM_OPEN;
    while (open && !session->is_over) {
        size_t used = session->in_data ? take_mail(session) : take_command(session);
        if (used == 0) break;
        stream_drop(&session->in, used);
    }
    if (open && session->out_length > 0) {
        open = stream_send(watch->fd, session->out, session->out_length);
        session->out_length = 0;
    }
    if (open && !session->is_over) return;
    loop_close(watch);
    free(session);
}

static void listener_readable(struct watch *watch) {
    int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct session *session = malloc(sizeof *session);
    if (session == NULL) fatal("out of memory");
    session->watch = (struct watch){.fd = fd, .readable = session_readable};
    session->in_data = session->is_over = false;
    session->recipient[0] = 0;
    session->in.length = session->out_length = 0;
    loop_add(&session->watch);
    answer(session, "220 bench\r\n");
    if (!stream_send(fd, session->out, session->out_length)) fatal("SMTP: gone before greeted");
    session->out_length = 0;
}

void smtp_sink_start(int listener, smtp_taken *taken) {
    report = taken;
    listening = (struct watch){.fd = listener, .readable = listener_readable};
    loop_add(&listening);
}
