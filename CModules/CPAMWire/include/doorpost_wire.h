/*
 * What the PAM module and its helper say to each other, in one place: the C
 * module and the Swift helper both compile against this header.
 *
 * A frame is a 4-byte big-endian length N (1..DOORPOST_FRAME_MAX), then N
 * bytes: one type byte and N-1 bytes of payload. The channel is a stream
 * socketpair, or a connection to a socket that systemd listens at, on file
 * descriptor 0 of the helper.
 *
 *   module                         helper
 *     | -- REQUEST ----------------> |
 *     | <-- PROMPT/INFO/ERROR/LOG -- |   any number
 *     | -- ANSWER or CONV_FAILED --> |   one for each PROMPT
 *     | <-- SETENV ----------------- |   takes effect only with success
 *     | <-- VERDICT ---------------- |   then end of file, then exit 0 (of a child)
 *
 * PROMPT and SETENV belong to authenticate only, and SETENV comes at most once.
 * At most 64 prompts and messages and 64 log lines are taken. Between the verdict
 * (or CONV_FAILED) and the helper's exit may lie 2 seconds. Whatever breaks these
 * rules is a denial. Texts longer than DOORPOST_TEXT_MAX are cut.
 */
#ifndef DOORPOST_WIRE_H
#define DOORPOST_WIRE_H

/* Longest frame (type byte and payload), in bytes. Anything longer ends the exchange. */
#define DOORPOST_FRAME_MAX 2048
/* Random bytes that tie a verdict to its request. */
#define DOORPOST_NONCE_SIZE 16
/* Longest text of one prompt or message; PAM_MAX_MSG_SIZE less the NUL. */
#define DOORPOST_TEXT_MAX 511
/* Longest answer that is passed on; no code comes near it. Longer ones are cut to this plus one. */
#define DOORPOST_ANSWER_MAX 64
/* Longest user, host, terminal or service name; longer ones are cut by the module. */
#define DOORPOST_FIELD_MAX 255

/*
 * REQUEST payload: nonce[DOORPOST_NONCE_SIZE], u8 operation, u8 flags,
 * u16 seconds until the module gives up, then fields: u8 tag, u16 length, bytes.
 * Numbers are big-endian. A field that PAM does not know is left out.
 */
enum doorpost_operation {
    DOORPOST_OP_AUTHENTICATE = 1,
    DOORPOST_OP_ACCOUNT = 2,
    DOORPOST_OP_CLOSE_SESSION = 3,
};

enum doorpost_flag {
    DOORPOST_FLAG_SILENT = 1 << 0,            /* PAM_SILENT: no INFO or ERROR wanted */
    DOORPOST_FLAG_UNENROLLED_IGNORE = 1 << 1, /* option unenrolled=ignore */
    DOORPOST_FLAG_CONFIRM_SEND = 1 << 2,      /* option confirm_send */
    DOORPOST_FLAG_ECHO = 1 << 3,              /* option echo=on */
    DOORPOST_FLAG_DEBUG = 1 << 4,             /* option debug */
};

enum doorpost_field {
    DOORPOST_FIELD_SERVICE = 1,
    DOORPOST_FIELD_USER = 2,
    DOORPOST_FIELD_RHOST = 3,
    DOORPOST_FIELD_TTY = 4,
    DOORPOST_FIELD_RUSER = 5,
    DOORPOST_FIELD_SESSION_FILE = 6, /* close_session only */
};

enum doorpost_frame_type {
    DOORPOST_REQUEST = 0x01,
    DOORPOST_ANSWER = 0x02,      /* payload: what the person typed */
    DOORPOST_CONV_FAILED = 0x03, /* no payload */

    DOORPOST_PROMPT_HIDDEN = 0x10, /* text; PAM_PROMPT_ECHO_OFF */
    DOORPOST_PROMPT_ECHO = 0x11,   /* text; PAM_PROMPT_ECHO_ON */
    DOORPOST_INFO = 0x12,          /* text; PAM_TEXT_INFO */
    DOORPOST_ERROR = 0x13,         /* text; PAM_ERROR_MSG */
    DOORPOST_SETENV = 0x14,        /* NAME=VALUE; only DOORPOST_SESSION_FILE is taken */
    DOORPOST_LOG = 0x15,           /* u8 syslog priority, then text for the system's log */
    DOORPOST_VERDICT = 0x1f,       /* nonce[DOORPOST_NONCE_SIZE], u8 verdict */
};

/* The helper's answer. What is not listed here, or not allowed for the operation, is a denial. */
enum doorpost_verdict {
    DOORPOST_VERDICT_SUCCESS = 1,
    DOORPOST_VERDICT_DENIED = 2,              /* PAM_AUTH_ERR */
    DOORPOST_VERDICT_TRIES_USED_UP = 3,       /* PAM_MAXTRIES */
    DOORPOST_VERDICT_UNAVAILABLE = 4,         /* PAM_AUTHINFO_UNAVAIL */
    DOORPOST_VERDICT_CONVERSATION_FAILED = 5, /* PAM_CONV_ERR */
    DOORPOST_VERDICT_MISCONFIGURED = 6,       /* PAM_SERVICE_ERR */
    DOORPOST_VERDICT_NOT_ENROLLED = 7,        /* PAM_IGNORE, where it is asked for */
    DOORPOST_VERDICT_ACCOUNT_DISABLED = 8,    /* PAM_ACCT_EXPIRED */
};

#endif
