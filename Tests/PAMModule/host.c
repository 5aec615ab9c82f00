#define _GNU_SOURCE
#include "host.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t sleeper;
static bool chatty;

static void reap_all(int signal)
{
    (void)signal;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

static void do_nothing(int signal)
{
    (void)signal;
}

static void on(int signal, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};

    (void)sigaddset(&action.sa_mask, SIGUSR2);
    (void)sigaction(signal, &action, NULL);
}

/* As login(1) does with its alarm: without SA_RESTART, so every call may end
 * with EINTR. */
static void start_storm(void)
{
    const struct itimerval often = {{0, 700}, {0, 700}};

    on(SIGALRM, do_nothing);
    (void)setitimer(ITIMER_REAL, &often, NULL);
}

static void *reap_for_ever(void *argument)
{
    for (;;)
        if (waitpid(-1, NULL, 0) < 0)
            (void)usleep(50);
    return argument;
}

static void start_reaper(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, reap_for_ever, NULL) != 0)
        abort();
}

static void start_sleeper(void)
{
    sleeper = fork();
    if (sleeper == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            (void)pause();
    }
}

static void open_many(void)
{
    for (int i = 0; i < 200; i++)
        (void)open("/dev/null", O_RDONLY); /* NOLINT: not close-on-exec, on purpose */
}

static void close_standard(void)
{
    for (int fd = 0; fd <= 2; fd++)
        (void)close(fd);
}

/* Whatever has come to stand on the standard descriptors since gets this too. */
void host_chatter(void)
{
    for (int fd = 0; chatty && fd <= 2; fd++)
        if (write(fd, "Welcome!\n", 9) < 0)
            continue; /* still closed, as it should be */
}

static void block_signals(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigaddset(&set, SIGUSR1);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
}

void host_become(const char *word)
{
    if (strcmp(word, "sigchld-ignored") == 0)
        on(SIGCHLD, SIG_IGN);
    else if (strcmp(word, "sigchld-reaper") == 0)
        on(SIGCHLD, reap_all);
    else if (strcmp(word, "thread-reaper") == 0)
        start_reaper();
    else if (strcmp(word, "storm") == 0)
        start_storm();
    else if (strcmp(word, "signals-blocked") == 0)
        block_signals();
    else if (strcmp(word, "signals-ignored") == 0)
        for (int n = 1; n <= SIGTERM; n++)
            on(n, n == SIGALRM || n == SIGSEGV || n == SIGBUS ? SIG_DFL : SIG_IGN);
    else if (strcmp(word, "closed-012") == 0)
        close_standard();
    else if (strcmp(word, "chatty-012") == 0) {
        chatty = true;
        close_standard();
    } else if (strcmp(word, "many-files") == 0)
        open_many();
    else if (strcmp(word, "umask-0") == 0)
        (void)umask(0);
    else if (strcmp(word, "own-child") == 0)
        start_sleeper();
    else if (strcmp(word, "hostile-environment") == 0)
        (void)(setenv("LD_PRELOAD", "/nonexistent.so", 1) | setenv("TMPDIR", "/evil", 1) |
               setenv("DOORPOST_SESSION_FILE", "/evil", 1) | setenv("http_proxy", "evil", 1));
    else if (strcmp(word, "plain") != 0) {
        (void)fprintf(stderr, "driver: no such host: %s\n", word);
        exit(2);
    }
}

void host_end(void)
{
    if (sleeper > 0) {
        (void)kill(sleeper, SIGKILL);
        (void)waitpid(sleeper, NULL, 0);
    }
}
