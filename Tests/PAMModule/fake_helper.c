/*
 * A helper that does what a script says, well or badly. It is called as the
 * product's is (doorpost-pam --config FILE); the script stands in FILE itself.
 * What it saw goes to FILE.seen, one JSON object a line.
 *
 *   prompt|echo|info|error|setenv TEXT     TEXT may hold \xNN
 *   log PRIORITY TEXT
 *   frame TYPE TEXT · raw TEXT · flood TYPE COUNT TEXT
 *   verdict N · verdict-wrong-nonce N · verdict-short · verdict-long N
 *   read                                   one frame of the module
 *   close · exit N · kill N · hang · hang-deaf (to SIGTERM) · grandchild
 *   for OPERATION LINE                     obeys LINE for that operation's number only
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doorpost_wire.h"
#include "output.h"

/* Longer than any test, so that nothing stays behind when one breaks off. */
#define LIFETIME 40

extern char **environ;
static FILE *seen;
static uint8_t nonce[DOORPOST_NONCE_SIZE];
static int operation;

static bool read_all(uint8_t *to, size_t size)
{
    while (size > 0) {
        ssize_t n = read(0, to, size);

        if (n <= 0)
            return false;
        to += n;
        size -= (size_t)n;
    }
    return true;
}

static void write_all(const uint8_t *from, size_t size)
{
    while (size > 0) {
        ssize_t n = write(0, from, size);

        if (n <= 0)
            _exit(3);
        from += n;
        size -= (size_t)n;
    }
}

static bool read_frame(void)
{
    uint8_t head[4], body[DOORPOST_FRAME_MAX] = {0};
    size_t size;

    if (!read_all(head, 4))
        return false;
    size = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if (size < 1 || size > sizeof body || !read_all(body, size))
        return false;
    if (body[0] == DOORPOST_REQUEST) {
        memcpy(nonce, body + 1, sizeof nonce);
        operation = body[1 + sizeof nonce];
    }
    (void)fprintf(seen, "{\"type\":%d,\"payload\":", body[0]);
    json_bytes(seen, body + 1, size - 1);
    (void)fprintf(seen, "}\n");
    return true;
}

static void send_frame(int type, const void *payload, size_t size)
{
    uint32_t length = (uint32_t)size + 1;
    const uint8_t head[] = {(uint8_t)(length >> 24), (uint8_t)(length >> 16),
                            (uint8_t)(length >> 8), (uint8_t)length, (uint8_t)type};

    write_all(head, sizeof head);
    write_all(payload, size);
}

static size_t unescape(char *text)
{
    char *to = text;
    unsigned byte;

    for (char *from = text; *from != '\0';) {
        if (sscanf(from, "\\x%2x", &byte) == 1) {
            *to++ = (char)byte;
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return (size_t)(to - text);
}

static void send_verdict(int verdict, bool right, size_t extra)
{
    uint8_t payload[DOORPOST_NONCE_SIZE + 64] = {0};

    memcpy(payload, nonce, sizeof nonce);
    payload[DOORPOST_NONCE_SIZE - 1] ^= right ? 0 : 1;
    payload[DOORPOST_NONCE_SIZE] = (uint8_t)verdict;
    send_frame(DOORPOST_VERDICT, payload, DOORPOST_NONCE_SIZE + 1 + extra);
}

/* Everything a process inherits, for the test to judge. */
static void show_state(int argc, char **argv)
{
    struct rlimit core;
    mode_t mask = umask(077);
    sigset_t blocked;
    char cwd[PATH_MAX];
    int files = 0, signals = 0;

    (void)umask(mask);
    (void)getrlimit(RLIMIT_CORE, &core);
    (void)sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int fd = 0; fd < 1024; fd++)
        if (fd != fileno(seen) && fcntl(fd, F_GETFD) >= 0)
            files++;
    for (int n = 1; n < NSIG; n++) {
        struct sigaction action;

        if (sigismember(&blocked, n) == 1 ||
            (sigaction(n, NULL, &action) == 0 && action.sa_handler != SIG_DFL))
            signals++;
    }
    (void)fprintf(seen,
                  "{\"files\":%d,\"signals\":%d,\"umask\":%d,\"core\":%lu,\"leader\":%s,"
                  "\"uids\":[%d,%d],\"cwd\":\"%s\",\"environment\":%d,\"argv\":[\"\"",
                  files, signals, mask, (unsigned long)core.rlim_max,
                  getsid(0) == getpid() ? "true" : "false", getuid(), geteuid(),
                  getcwd(cwd, sizeof cwd), environ[0] == NULL ? 0 : 1);
    for (int i = 0; i < argc; i++) {
        (void)fputc(',', seen);
        json_bytes(seen, argv[i], strlen(argv[i]));
    }
    (void)fprintf(seen, "]}\n");
    (void)fflush(seen);
}

/* Waits for a signal, or for the alarm that ends every run of this program. */
static void hang(bool deaf)
{
    if (deaf)
        (void)signal(SIGTERM, SIG_IGN);
    for (;;)
        (void)pause();
}

static void flood(char *text)
{
    int type = (int)strtol(strsep(&text, " "), NULL, 0);
    long count = strtol(strsep(&text, " "), NULL, 0);
    size_t size = unescape(text);

    while (count-- > 0)
        send_frame(type, text, size);
}

static void obey(char *line)
{
    char *word = strsep(&line, " ");
    char *text = line == NULL ? word + strlen(word) : line;
    long number = strtol(text, &line, 0);

    if (strcmp(word, "prompt") == 0)
        send_frame(DOORPOST_PROMPT_HIDDEN, text, unescape(text));
    else if (strcmp(word, "echo") == 0)
        send_frame(DOORPOST_PROMPT_ECHO, text, unescape(text));
    else if (strcmp(word, "info") == 0)
        send_frame(DOORPOST_INFO, text, unescape(text));
    else if (strcmp(word, "error") == 0)
        send_frame(DOORPOST_ERROR, text, unescape(text));
    else if (strcmp(word, "setenv") == 0)
        send_frame(DOORPOST_SETENV, text, unescape(text));
    else if (strcmp(word, "log") == 0) {
        size_t size = unescape(line);

        line[0] = (char)number;
        send_frame(DOORPOST_LOG, line, size);
    } else if (strcmp(word, "frame") == 0) {
        line += line[0] == ' ';
        send_frame((int)number, line, unescape(line));
    } else if (strcmp(word, "raw") == 0)
        write_all((uint8_t *)text, unescape(text));
    else if (strcmp(word, "flood") == 0)
        flood(text);
    else if (strcmp(word, "verdict") == 0)
        send_verdict((int)number, true, 0);
    else if (strcmp(word, "verdict-wrong-nonce") == 0)
        send_verdict((int)number, false, 0);
    else if (strcmp(word, "verdict-short") == 0)
        send_frame(DOORPOST_VERDICT, nonce, sizeof nonce);
    else if (strcmp(word, "verdict-long") == 0)
        send_verdict((int)number, true, 1);
    else if (strcmp(word, "read") == 0)
        (void)read_frame();
    else if (strcmp(word, "close") == 0)
        (void)close(0);
    else if (strcmp(word, "exit") == 0)
        _exit((int)number);
    else if (strcmp(word, "kill") == 0)
        (void)raise((int)number);
    else if (strcmp(word, "for") == 0) {
        if (number == operation)
            obey(line + 1);
    } else if (strcmp(word, "hang") == 0)
        hang(false);
    else if (strcmp(word, "hang-deaf") == 0)
        hang(true);
    else if (strcmp(word, "grandchild") == 0) {
        if (fork() == 0) {
            (void)alarm(5);
            hang(false);
        }
    } else
        _exit(4);
}

int main(int argc, char **argv)
{
    char path[PATH_MAX];
    char *script = NULL, *line;
    size_t size = 0;
    FILE *file;

    (void)alarm(LIFETIME);
    if (argc != 3 || (file = fopen(argv[2], "re")) == NULL ||
        getdelim(&script, &size, '\0', file) < 0)
        return 5;
    (void)fclose(file);
    (void)snprintf(path, sizeof path, "%s.seen", argv[2]);
    seen = fopen(path, "ae");
    if (seen == NULL)
        return 6;
    setvbuf(seen, NULL, _IOLBF, 0);
    show_state(argc, argv);
    (void)read_frame();
    for (char *rest = script; (line = strsep(&rest, "\n")) != NULL;)
        if (line[0] != '\0' && line[0] != '#')
            obey(line);
    return 0;
}
