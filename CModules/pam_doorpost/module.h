/* What the files of pam_doorpost.so know of each other; one section for each. */
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "doorpost_wire.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* options.c: the words after pam_doorpost.so in a PAM service file. */
#define OPTION_SETCRED_ALWAYS (1U << 8) /* beyond the flags that go over the wire */
/* Where systemd listens for callers that cannot run a helper with rights of its own. */
#ifndef DOORPOST_SOCKET_PATH
#define DOORPOST_SOCKET_PATH "/run/doorpost/pam.sock"
#endif
struct options {
    const char *config;
    const char *helper; /* a program, or a socket with helpers behind it */
    int timeout;        /* seconds for one whole call */
    unsigned flags;     /* DOORPOST_FLAG_* and OPTION_* */
};
/* False when any option is unknown or bad; every such option has been logged. */
bool options_parse(pam_handle_t *pamh, int argc, const char **argv, struct options *options);

/* channel.c: frames (see doorpost_wire.h), each bounded by a deadline in monotonic ms. */
struct frame {
    uint8_t type;
    size_t size; /* of the payload */
    uint8_t payload[DOORPOST_FRAME_MAX - 1];
};
int64_t deadline_in(int milliseconds);
int deadline_left(int64_t deadline); /* milliseconds, fit for poll(2); 0 when it has passed */
/* NULL when all is well, else what the helper did, in words for the log. */
const char *channel_send(int fd, struct frame *frame, int64_t deadline);
const char *channel_receive(int fd, struct frame *frame, int64_t deadline);
extern const char channel_end[]; /* received at the end of file between two frames */
/* A host may have closed its standard files; what it prints must never reach the helper. Takes
 * `fd` over; -1 with errno when there is none, as for a `fd` of -1. */
int channel_above_standard(int fd);

/* talk.c: the host, the person, and foreign text made fit for a terminal or for the log. */
#define TEXT_CLEAN_SIZE (DOORPOST_TEXT_MAX + 1)
#define TEXT_ESCAPED_SIZE (4 * DOORPOST_TEXT_MAX + 1)
const void *item(pam_handle_t *pamh, int type); /* NULL when PAM does not know it */
/* Shows a text and copies at most `size` bytes of what is typed, without its NUL. Returns how
 * many, or -1 without an answer. The host's copy is wiped then; the caller wipes `answer`. */
ssize_t talk(pam_handle_t *pamh, int style, const struct frame *text, uint8_t *answer, size_t size);
/* UTF-8 and newlines stay; what is not UTF-8, controls or reorders a line becomes '?'. */
void text_clean(const uint8_t *from, size_t size, char to[TEXT_CLEAN_SIZE]);
/* Printable ASCII stays; every other byte becomes \xNN. */
void text_escape(const void *from, size_t size, char to[TEXT_ESCAPED_SIZE]);

struct helper {
    pid_t pid;                /* -1: it is behind a socket, and no child of ours */
    int channel;              /* stream socket; the helper has the other end as its fd 0 */
    struct sigaction sigchld; /* the host's, while there is a child */
};

/* spawn.c: the helper as a child process, and the host left as it was. */
/* What stands at `path`: PAM_SUCCESS, PAM_AUTHINFO_UNAVAIL: nothing, PAM_SERVICE_ERR: not safe. */
int helper_check(const char *path, bool *is_socket);
/* Every helper that was started must be ended. False: errno says why, nothing is left behind. */
bool helper_start(struct helper *helper, const char *path, const char *config);
/* Returns the wait status, or -1 if the helper had to be killed or somebody else reaped it. */
int helper_end(struct helper *helper, int64_t deadline);

/* socket.c: a helper that somebody with more rights starts for whoever connects. */
/* Whether `uid` may own the socket at `path`, or listen there. */
bool socket_is_trusted(uid_t uid, const char *path);
/* PAM_SUCCESS, and the helper must be ended; else nothing is left behind. PAM_AUTHINFO_UNAVAIL:
 * nobody answers, errno says why; PAM_SERVICE_ERR: somebody does who is not trusted. */
int socket_connect(struct helper *helper, const char *path, int64_t deadline);

/* exchange.c: one run of the helper: the request, the dialogue, the verdict. */
#define SESSION_VARIABLE "DOORPOST_SESSION_FILE"
struct request {
    enum doorpost_operation operation;
    bool silent;
    char user[DOORPOST_FIELD_MAX + 1];
    const char *session_file; /* close_session only, at most DOORPOST_FIELD_MAX bytes */
    /* Out: SESSION_VARIABLE=FILE as pam_putenv wants it, or empty. */
    char granted[sizeof SESSION_VARIABLE "=" + DOORPOST_FIELD_MAX];
};
/* Returns a PAM code; PAM_AUTHINFO_UNAVAIL when there is no verdict to believe. */
int exchange(pam_handle_t *pamh, const struct options *options, struct request *request);

/* ours.c: is this login one that Doorpost let in? Answered without the helper. */
/* Forgets what an earlier login in the same handle left; login(1) tries several users in one. */
void ours_forget(pam_handle_t *pamh);
bool ours_remember(pam_handle_t *pamh, const struct request *request);
bool ours(pam_handle_t *pamh, const char *user);
/* The session file that the PAM environment names, if it can only be the helper's work. */
const char *ours_session_file(pam_handle_t *pamh, const char *user);
const char *ours_owner(pam_handle_t *pamh);
