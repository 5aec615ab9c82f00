#include "module.h"
#include <sys/random.h>
#include <sys/wait.h>

/* No honest helper comes near these; a mad one must not hold a login open. */
#define MESSAGES_MAX 64
#define LOGS_MAX 64
#define LAST_WORDS_MS 2000 /* from its verdict, or a failed conversation, to the helper's end */

struct dialogue {
    pam_handle_t *pamh;
    const struct options *options;
    struct request *request;
    struct helper helper;
    int64_t deadline;
    uint8_t nonce[DOORPOST_NONCE_SIZE];
    unsigned messages, logs;
    bool conversation_failed;
    uint8_t verdict;
};

/* Which verdicts each operation may end with; whatever is not listed is a denial. */
static const struct {
    unsigned operation, verdict;
    int code;
} allowed[] = {
    {DOORPOST_OP_AUTHENTICATE, DOORPOST_VERDICT_SUCCESS, PAM_SUCCESS},
    {DOORPOST_OP_AUTHENTICATE, DOORPOST_VERDICT_DENIED, PAM_AUTH_ERR},
    {DOORPOST_OP_AUTHENTICATE, DOORPOST_VERDICT_TRIES_USED_UP, PAM_MAXTRIES},
    {DOORPOST_OP_AUTHENTICATE, DOORPOST_VERDICT_UNAVAILABLE, PAM_AUTHINFO_UNAVAIL},
    {DOORPOST_OP_AUTHENTICATE, DOORPOST_VERDICT_CONVERSATION_FAILED, PAM_CONV_ERR},
    {DOORPOST_OP_AUTHENTICATE, DOORPOST_VERDICT_MISCONFIGURED, PAM_SERVICE_ERR},
    {DOORPOST_OP_AUTHENTICATE, DOORPOST_VERDICT_NOT_ENROLLED, PAM_IGNORE},
    {DOORPOST_OP_ACCOUNT, DOORPOST_VERDICT_SUCCESS, PAM_SUCCESS},
    {DOORPOST_OP_ACCOUNT, DOORPOST_VERDICT_NOT_ENROLLED, PAM_IGNORE},
    {DOORPOST_OP_ACCOUNT, DOORPOST_VERDICT_ACCOUNT_DISABLED, PAM_ACCT_EXPIRED},
    {DOORPOST_OP_ACCOUNT, DOORPOST_VERDICT_UNAVAILABLE, PAM_AUTHINFO_UNAVAIL},
    {DOORPOST_OP_ACCOUNT, DOORPOST_VERDICT_MISCONFIGURED, PAM_SERVICE_ERR},
    {DOORPOST_OP_CLOSE_SESSION, DOORPOST_VERDICT_SUCCESS, PAM_SUCCESS},
};

static int code_of_verdict(const struct dialogue *d)
{
    unsigned operation = d->request->operation;
    /* A login passes us by only where the administrator asked for that. */
    if (operation == DOORPOST_OP_AUTHENTICATE && d->verdict == DOORPOST_VERDICT_NOT_ENROLLED &&
        (d->options->flags & DOORPOST_FLAG_UNENROLLED_IGNORE) == 0)
        return PAM_AUTHINFO_UNAVAIL;
    for (size_t i = 0; i < LENGTH(allowed); i++)
        if (allowed[i].operation == operation && allowed[i].verdict == d->verdict)
            return allowed[i].code;
    return PAM_AUTHINFO_UNAVAIL;
}

static void only_last_words(struct dialogue *d)
{
    int64_t end = deadline_in(LAST_WORDS_MS);
    if (end < d->deadline)
        d->deadline = end;
}

/* This one and those below return NULL when all is well, else what went wrong, for the log. */
static const char *send_request(const struct dialogue *d)
{
    const struct {
        enum doorpost_field tag;
        const char *value;
    } fields[] = {
        {DOORPOST_FIELD_SERVICE, item(d->pamh, PAM_SERVICE)},
        {DOORPOST_FIELD_USER, d->request->user},
        {DOORPOST_FIELD_RHOST, item(d->pamh, PAM_RHOST)},
        {DOORPOST_FIELD_TTY, item(d->pamh, PAM_TTY)},
        {DOORPOST_FIELD_RUSER, item(d->pamh, PAM_RUSER)},
        {DOORPOST_FIELD_SESSION_FILE, d->request->session_file},
    };
    struct frame frame = {.type = DOORPOST_REQUEST};
    _Static_assert(sizeof d->nonce + 4 + LENGTH(fields) * (3 + DOORPOST_FIELD_MAX) <
                       DOORPOST_FRAME_MAX,
                   "the longest request fits");
    int seconds = deadline_left(d->deadline) / 1000;
    memcpy(frame.payload, d->nonce, sizeof d->nonce);
    uint8_t *to = frame.payload + sizeof d->nonce;
    *to++ = (uint8_t)d->request->operation;
    *to++ = (uint8_t)(d->options->flags | (d->request->silent ? DOORPOST_FLAG_SILENT : 0));
    *to++ = (uint8_t)(seconds >> 8);
    *to++ = (uint8_t)seconds;
    for (size_t i = 0; i < LENGTH(fields); i++) {
        if (fields[i].value == NULL)
            continue;
        size_t length = strnlen(fields[i].value, DOORPOST_FIELD_MAX);
        *to++ = (uint8_t)fields[i].tag;
        *to++ = (uint8_t)(length >> 8);
        *to++ = (uint8_t)length;
        memcpy(to, fields[i].value, length);
        to += length;
    }
    frame.size = (size_t)(to - frame.payload);
    return channel_send(d->helper.channel, &frame, d->deadline);
}

static const char *on_prompt(struct dialogue *d, const struct frame *frame, int style)
{
    if (d->request->operation != DOORPOST_OP_AUTHENTICATE)
        return "asked a question while not authenticating";
    if (++d->messages > MESSAGES_MAX)
        return "sent too many messages";
    struct frame answer = {.type = DOORPOST_ANSWER};
    ssize_t length = -1;
    if (!d->conversation_failed)
        length = talk(d->pamh, style, frame, answer.payload, DOORPOST_ANSWER_MAX + 1);
    if (length < 0) {
        d->conversation_failed = true;
        only_last_words(d);
        answer.type = DOORPOST_CONV_FAILED;
    }
    answer.size = length > 0 ? (size_t)length : 0;
    const char *problem = channel_send(d->helper.channel, &answer, d->deadline);
    explicit_bzero(&answer, sizeof answer);
    return problem;
}

/* A host that cannot show it is no trouble: nobody has to answer. */
static const char *on_message(struct dialogue *d, const struct frame *frame, int style)
{
    if (++d->messages > MESSAGES_MAX)
        return "sent too many messages";
    if (!d->request->silent && !d->conversation_failed)
        (void)talk(d->pamh, style, frame, NULL, 0);
    return NULL;
}

static const char *on_log(struct dialogue *d, const struct frame *frame)
{
    if (++d->logs > LOGS_MAX)
        return "sent too many log lines";
    if (frame->size == 0 || frame->payload[0] > LOG_DEBUG)
        return "sent a malformed log line";
    int priority = frame->payload[0];
    char text[TEXT_ESCAPED_SIZE];
    text_escape(frame->payload + 1, frame->size - 1, text);
    if (priority != LOG_DEBUG || (d->options->flags & DOORPOST_FLAG_DEBUG) != 0)
        pam_syslog(d->pamh, priority, "%s", text);
    return NULL;
}

/* The one variable we take, once; what else the helper may want to set is not its business. */
static const char *on_setenv(struct dialogue *d, const struct frame *frame)
{
    static const char start[] = SESSION_VARIABLE "=/";
    size_t length = sizeof start - 1;
    char *to = d->request->granted;
    if (d->request->operation != DOORPOST_OP_AUTHENTICATE || to[0] != '\0' ||
        frame->size < length || frame->size >= sizeof d->request->granted ||
        memcmp(frame->payload, start, length) != 0)
        return "set a variable it may not set";
    for (size_t i = length; i < frame->size; i++)
        if (frame->payload[i] <= ' ' || frame->payload[i] >= 0x7f)
            return "named a session file with odd characters";
    memcpy(to, frame->payload, frame->size);
    to[frame->size] = '\0';
    return NULL;
}

/* A verdict counts when it is for this request and the last thing the helper says. */
static const char *on_verdict(struct dialogue *d, const struct frame *frame)
{
    if (frame->size != DOORPOST_NONCE_SIZE + 1 ||
        memcmp(frame->payload, d->nonce, DOORPOST_NONCE_SIZE) != 0)
        return "sent a verdict for another request";
    only_last_words(d);
    struct frame rest;
    if (channel_receive(d->helper.channel, &rest, d->deadline) != channel_end)
        return "did not end after its verdict";
    d->verdict = frame->payload[DOORPOST_NONCE_SIZE];
    return NULL;
}

static const char *on_frame(struct dialogue *d, const struct frame *frame)
{
    switch (frame->type) {
    case DOORPOST_PROMPT_HIDDEN:
        return on_prompt(d, frame, PAM_PROMPT_ECHO_OFF);
    case DOORPOST_PROMPT_ECHO:
        return on_prompt(d, frame, PAM_PROMPT_ECHO_ON);
    case DOORPOST_INFO:
        return on_message(d, frame, PAM_TEXT_INFO);
    case DOORPOST_ERROR:
        return on_message(d, frame, PAM_ERROR_MSG);
    case DOORPOST_LOG:
        return on_log(d, frame);
    case DOORPOST_SETENV:
        return on_setenv(d, frame);
    case DOORPOST_VERDICT:
        return on_verdict(d, frame);
    default:
        return "sent a frame of an unknown type";
    }
}

static const char *converse(struct dialogue *d)
{
    const char *problem = send_request(d);
    struct frame frame = {.type = DOORPOST_REQUEST};
    while (problem == NULL && frame.type != DOORPOST_VERDICT) {
        problem = channel_receive(d->helper.channel, &frame, d->deadline);
        if (problem == NULL)
            problem = on_frame(d, &frame);
    }
    return problem;
}

static void log_problem(const struct dialogue *d, const char *problem, int status)
{
    if (d->helper.pid < 0)
        pam_syslog(d->pamh, LOG_ERR, "helper at %s %s", d->options->helper, problem);
    else if (status == -1)
        pam_syslog(d->pamh, LOG_ERR, "helper %s (killed, or reaped by the host)", problem);
    else if (WIFSIGNALED(status))
        pam_syslog(d->pamh, LOG_ERR, "helper %s (signal %d)", problem, WTERMSIG(status));
    else
        pam_syslog(d->pamh, LOG_ERR, "helper %s (exit status %d)", problem, WEXITSTATUS(status));
}

static const char remedy[] = "run: systemctl enable --now doorpost-pam.socket";

static int reach_helper(struct dialogue *d)
{
    const char *path = d->options->helper;
    bool is_socket = false;
    int found = helper_check(path, &is_socket);
    if (found == PAM_SUCCESS && is_socket)
        found = socket_connect(&d->helper, path, d->deadline);
    else if (found == PAM_SUCCESS && !helper_start(&d->helper, path, d->options->config)) {
        pam_syslog(d->pamh, LOG_ERR, "cannot start the helper: %m");
        return PAM_AUTHINFO_UNAVAIL;
    }
    if (found == PAM_SERVICE_ERR)
        pam_syslog(d->pamh, LOG_ERR, "helper is not safe: %s", path);
    else if (found != PAM_SUCCESS && is_socket)
        pam_syslog(d->pamh, LOG_ERR, "no helper answers at %s: %m; %s", path, remedy);
    else if (found != PAM_SUCCESS)
        pam_syslog(d->pamh, LOG_ERR, "helper is missing: %s", path);
    return found;
}

/* A verdict, end of file after it, and exit status 0: all three, or it is a denial. Who is behind
 * a socket has no exit status for us; docs/architecture.md says why two are enough there. */
int exchange(pam_handle_t *pamh, const struct options *options, struct request *request)
{
    struct dialogue d = {.pamh = pamh, .options = options, .request = request};
    d.deadline = deadline_in(options->timeout * 1000);
    if (getrandom(d.nonce, sizeof d.nonce, 0) != (ssize_t)sizeof d.nonce) {
        pam_syslog(pamh, LOG_ERR, "cannot ask the helper without a nonce: %m");
        return PAM_AUTHINFO_UNAVAIL;
    }
    int reached = reach_helper(&d);
    if (reached != PAM_SUCCESS)
        return reached;
    const char *problem = converse(&d);
    only_last_words(&d);
    int status = helper_end(&d.helper, d.deadline);
    if (d.conversation_failed)
        return PAM_CONV_ERR;
    if (problem == NULL && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return code_of_verdict(&d);
    log_problem(&d, problem != NULL ? problem : "did not end well", status);
    return PAM_AUTHINFO_UNAVAIL;
}
