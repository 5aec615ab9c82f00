/*
 * A PAM host for tests. Usage: driver CONFDIR SERVICE < script > one JSON
 * object a line
 *
 *   host WORD                 become a strange host (host.c)
 *   user NAME                 the user of the next handle; without NAME there
 * is none item rhost|tty|ruser TEXT env NAME=VALUE            PAM environment
 *   answer HEX                what the person types next; every byte XOR MASK,
 * so that the only plain copies are those that PAM makes answer
 * null|no-response|fail|change-user call OPERATION [silent|delete|reinitialize]
 *   call-forked OPERATION     in a child, as sshd does; only the PAM
 * environment comes back fresh                     a new handle that knows only
 * the PAM environment scan HEX                  how often these bytes stand in
 * our writable memory
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "output.h"
#include "snapshot.h"

#define MASK 0x5a
#define ANSWERS_MAX 100

static const char *confdir, *service;
static pam_handle_t *pamh;
static char *user, *needle;
static size_t needles_found;
static int (*real_get_item)(const pam_handle_t *, int, const void **);
static FILE *out;         /* our answer, on a descriptor no host state touches */
static FILE *talk, *logs; /* what was said during one call, as JSON items */
static char *answers[ANSWERS_MAX];
static size_t answers_given, answers_used;

static void die(const char *what)
{
    (void)fprintf(stderr, "driver: %s\n", what);
    exit(2);
}

/* libpam's calls of syslog end here: the program's symbols come before the
 * library's. */
static void log_line(int priority, const char *format, va_list arguments)
{
    char line[16384];
    int n = vsnprintf(line, sizeof line, format, arguments);

    if (logs == NULL)
        return;
    (void)fprintf(logs, ",[%d,", priority);
    json_bytes(logs, line, n < (int)sizeof line ? (size_t)n : sizeof line - 1);
    (void)fputc(']', logs);
}

#define LOGGER(NAME, ...)                                                                          \
    __attribute__((visibility("default"))) void NAME(__VA_ARGS__, ...);                            \
    void NAME(__VA_ARGS__, ...)                                                                    \
    {                                                                                              \
        va_list arguments;                                                                         \
        va_start(arguments, format);                                                               \
        log_line(priority, format, arguments);                                                     \
        va_end(arguments);                                                                         \
    }

LOGGER(syslog, int priority, const char *format)
LOGGER(__syslog_chk, int priority, __attribute__((unused)) int flag, const char *format)

/* Typed text exists unmasked only in the buffer that the module gets. */
static char *unmask(const char *hex)
{
    size_t size = strlen(hex) / 2;
    char *plain = malloc(size + 1);

    for (size_t i = 0; i < size; i++) {
        unsigned byte = 0;

        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            die("bad hex");
        plain[i] = (char)(byte ^ MASK);
    }
    plain[size] = '\0';
    return plain;
}

static int converse(int count, const struct pam_message **messages, struct pam_response **responses,
                    void *data)
{
    int style = messages[0]->msg_style;
    const char *answer;

    (void)data;
    (void)fprintf(talk, ",[%d,", count == 1 ? style : -1);
    json_bytes(talk, messages[0]->msg, strlen(messages[0]->msg));
    (void)fputc(']', talk);
    *responses = calloc(1, sizeof **responses);
    host_chatter();
    if (style != PAM_PROMPT_ECHO_OFF && style != PAM_PROMPT_ECHO_ON)
        return PAM_SUCCESS;
    answer = answers_used < answers_given ? answers[answers_used++] : "fail";
    if (strcmp(answer, "fail") == 0) {
        free(*responses);
        /* What a failed conversation leaves is nobody's business; libpam's "login:" looks. */
        *responses = style == PAM_PROMPT_ECHO_OFF ? (void *)1 : NULL;
        return PAM_CONV_ERR;
    }
    if (strcmp(answer, "no-response") == 0) {
        free(*responses);
        *responses = NULL;
        return PAM_SUCCESS;
    }
    if (strcmp(answer, "change-user") == 0)
        (void)pam_set_item(pamh, PAM_USER, "somebody-else");
    if (strcmp(answer, "null") != 0)
        (*responses)->resp = strcmp(answer, "change-user") == 0 ? strdup("1") : unmask(answer);
    return PAM_SUCCESS;
}

static void start(void)
{
    static const struct pam_conv conversation = {.conv = converse};

    if (pamh == NULL &&
        pam_start_confdir(service, user, &conversation, confdir, &pamh) != PAM_SUCCESS)
        die("pam_start_confdir");
}

static void fresh(void)
{
    char **variables;

    start();
    variables = pam_getenvlist(pamh);
    (void)pam_end(pamh, PAM_SUCCESS);
    pamh = NULL;
    start();
    for (char **v = variables; *v != NULL; v++) {
        (void)pam_putenv(pamh, *v);
        free(*v);
    }
    free(variables);
}

static int operate(const char *operation, int flags)
{
    start();
    if (strcmp(operation, "authenticate") == 0)
        return pam_authenticate(pamh, flags);
    if (strcmp(operation, "acct_mgmt") == 0)
        return pam_acct_mgmt(pamh, flags);
    if (strcmp(operation, "setcred") == 0)
        return pam_setcred(pamh, (flags & ~PAM_SILENT) == 0 ? PAM_ESTABLISH_CRED : flags);
    if (strcmp(operation, "open_session") == 0)
        return pam_open_session(pamh, flags);
    if (strcmp(operation, "close_session") == 0)
        return pam_close_session(pamh, flags);
    if (strcmp(operation, "chauthtok") == 0)
        return pam_chauthtok(pamh, flags);
    die("no such operation");
    return -1;
}

static long milliseconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void show_item(const char *name, int item)
{
    const void *value = NULL;

    (void)pam_get_item(pamh, item, &value);
    (void)fprintf(out, ",\"%s\":", name);
    json_bytes(out, value == NULL ? "" : value, value == NULL ? 0 : strlen(value));
}

static void show_environment(void)
{
    char **variables = pam_getenvlist(pamh);

    (void)fprintf(out, ",\"env\":[\"\"");
    for (char **v = variables; *v != NULL; v++) {
        (void)fputc(',', out);
        json_bytes(out, *v, strlen(*v));
        free(*v);
    }
    free(variables);
    (void)fputc(']', out);
}

__attribute__((no_sanitize("address"))) static bool is_at(const unsigned char *at, const char *hex,
                                                          size_t size)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        unsigned byte = at[i] ^ MASK;

        if (digits[byte >> 4] != hex[2 * i] || digits[byte & 15] != hex[2 * i + 1])
            return false;
    }
    return true;
}

/* Freed heap and abandoned stack included; sanitizer shadows, which are huge, left out. */
__attribute__((no_sanitize("address"))) static void *scan(void *found)
{
    size_t size = strlen(needle) / 2;
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096];

    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long from, to;
        char mode[5];

        if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 || strncmp(mode, "rw", 2) != 0 ||
            to - from > 1UL << 30)
            continue;
        for (unsigned long at = from; at + size <= to; at++)
            if (is_at((const unsigned char *)at, needle, size))
                ++*(size_t *)found;
    }
    (void)fclose(maps);
    return NULL;
}

/* In a thread, since on its own stack the search overwrites nothing of what it looks for. */
static void count_needles(void)
{
    pthread_t thread;

    if (needle != NULL && (pthread_create(&thread, NULL, scan, &needles_found) != 0 ||
                           pthread_join(thread, NULL) != 0))
        die("pthread");
}

/* The module looks at the user when the helper is gone: libpam has not used the stack by then. */
__attribute__((visibility("default"))) int pam_get_item(const pam_handle_t *handle, int item,
                                                        const void **value)
{
    if (item == PAM_USER)
        count_needles();
    return real_get_item(handle, item, value);
}

static void call(const char *operation, int flags)
{
    char *said = NULL, *logged = NULL, *before, *after;
    size_t said_size, logged_size;
    long began, ended;
    int code;

    start();
    talk = open_memstream(&said, &said_size);
    logs = open_memstream(&logged, &logged_size);
    before = snapshot();
    needles_found = 0;
    began = milliseconds();
    code = operate(operation, flags);
    ended = milliseconds();
    count_needles();
    after = snapshot();
    (void)fclose(talk);
    (void)fclose(logs);
    logs = NULL;
    (void)fprintf(out, "{\"call\":\"%s\",\"code\":%d,\"ms\":%ld", operation, code, ended - began);
    (void)fprintf(out, ",\"found\":%zu", needles_found);
    (void)fprintf(out, ",\"said\":[0%s],\"logs\":[0%s],\"before\":", said, logged);
    json_bytes(out, before, strlen(before));
    (void)fprintf(out, ",\"after\":");
    json_bytes(out, after, strlen(after));
    show_item("user", PAM_USER);
    show_item("authtok", PAM_AUTHTOK);
    show_environment();
    (void)fprintf(out, "}\n");
    (void)fflush(out);
    free(before);
    free(after);
    free(said);
    free(logged);
}

/* As sshd's authentication child: all that comes back is what it wrote and the
 * PAM environment. */
static void call_forked(const char *operation)
{
    char line[4096];
    int fds[2];
    FILE *in;

    start();
    if (pipe(fds) != 0)
        die("pipe");
    if (fork() == 0) {
        char **variables;

        call(operation, 0);
        variables = pam_getenvlist(pamh);
        for (char **v = variables; *v != NULL; v++)
            (void)dprintf(fds[1], "%s\n", *v);
        _exit(0);
    }
    (void)close(fds[1]);
    in = fdopen(fds[0], "r");
    while (fgets(line, sizeof line, in) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        (void)pam_putenv(pamh, line);
    }
    (void)fclose(in);
    (void)wait(NULL);
}

static int flags_of(const char *word)
{
    return strcmp(word, "silent") == 0         ? PAM_SILENT
           : strcmp(word, "delete") == 0       ? PAM_DELETE_CRED
           : strcmp(word, "reinitialize") == 0 ? PAM_REINITIALIZE_CRED
                                               : 0;
}

static void set_item(const char *name, const char *text)
{
    int item = strcmp(name, "rhost") == 0  ? PAM_RHOST
               : strcmp(name, "tty") == 0  ? PAM_TTY
               : strcmp(name, "user") == 0 ? PAM_USER
                                           : PAM_RUSER;

    start();
    (void)pam_set_item(pamh, item, text);
}

static void obey(char *line)
{
    char *command = strsep(&line, " ");
    char *word = line;

    if (strcmp(command, "host") == 0)
        host_become(word);
    else if (strcmp(command, "user") == 0)
        user = word == NULL ? NULL : strdup(word);
    else if (strcmp(command, "item") == 0 && strsep(&line, " ") != NULL)
        set_item(word, line);
    else if (strcmp(command, "env") == 0) {
        start();
        (void)pam_putenv(pamh, word);
    } else if (strcmp(command, "answer") == 0 && answers_given < ANSWERS_MAX)
        answers[answers_given++] = strdup(word == NULL ? "" : word);
    else if (strcmp(command, "call") == 0 && strsep(&line, " ") != NULL)
        call(word, flags_of(line == NULL ? "" : line));
    else if (strcmp(command, "call-forked") == 0)
        call_forked(word);
    else if (strcmp(command, "fresh") == 0)
        fresh();
    else if (strcmp(command, "needle") == 0)
        needle = strdup(word);
    else
        die("no such command");
}

int main(int argc, char **argv)
{
    char *script = NULL, *line;
    size_t size = 0;

    if (argc != 3 || getdelim(&script, &size, '\0', stdin) < 0)
        die("usage: driver CONFDIR SERVICE < script");
    real_get_item =
        (int (*)(const pam_handle_t *, int, const void **))dlsym(RTLD_NEXT, "pam_get_item");
    confdir = argv[1];
    service = argv[2];
    out = fdopen(fcntl(1, F_DUPFD_CLOEXEC, 900), "w");
    for (char *rest = script; (line = strsep(&rest, "\n")) != NULL;)
        if (line[0] != '\0')
            obey(line);
    if (pamh != NULL)
        (void)pam_end(pamh, PAM_SUCCESS);
    host_end();
    for (size_t i = 0; i < answers_given; i++)
        free(answers[i]);
    free(user);
    free(needle);
    free(script);
    return fclose(out) == 0 ? 0 : 2;
}
