#define _GNU_SOURCE
#include "snapshot.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* SA_RESTORER: the C library adds it to whatever it sets. */
#define C_LIBRARY_FLAG 0x04000000U

extern char **environ;

static void show_files(FILE *out)
{
    char path[PATH_MAX], target[PATH_MAX];

    for (int fd = 0; fd < 1024; fd++) {
        int flags = fcntl(fd, F_GETFD);
        ssize_t n;

        if (flags < 0)
            continue;
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        n = readlink(path, target, sizeof target);
        (void)fprintf(out, "fd %d %d %.*s\n", fd, flags, n < 0 ? 0 : (int)n, target);
    }
}

static void show_signals(FILE *out)
{
    sigset_t mask;

    (void)sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int n = 1; n < NSIG; n++) {
        struct sigaction action;

        if (sigaction(n, NULL, &action) != 0)
            continue;
        (void)fprintf(out, "signal %d %p %x%s", n, (void *)action.sa_handler,
                      (unsigned)action.sa_flags & ~C_LIBRARY_FLAG,
                      sigismember(&mask, n) ? " blocked" : "");
        for (int m = 1; m < NSIG; m++)
            if (sigismember(&action.sa_mask, m) == 1)
                (void)fprintf(out, " %d", m);
        (void)fputc('\n', out);
    }
}

static void show_threads(FILE *out)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;

    while (tasks != NULL && (task = readdir(tasks)) != NULL)
        if (task->d_name[0] != '.')
            (void)fprintf(out, "thread %s\n", task->d_name);
    if (tasks != NULL)
        (void)closedir(tasks);
}

/* Not every kernel lists a process's children, so all processes are asked who
 * their parent is. */
static void show_children(FILE *out)
{
    DIR *processes = opendir("/proc");
    struct dirent *process;

    while (processes != NULL && (process = readdir(processes)) != NULL) {
        char path[PATH_MAX], state = '?';
        int parent = 0;
        FILE *file;

        if (process->d_name[0] < '0' || process->d_name[0] > '9')
            continue;
        (void)snprintf(path, sizeof path, "/proc/%s/stat", process->d_name);
        if ((file = fopen(path, "re")) == NULL)
            continue;
        if (fscanf(file, "%*d (%*[^)]) %c %d", &state, &parent) == 2 && parent == getpid())
            (void)fprintf(out, "child %s%s\n", process->d_name, state == 'Z' ? " zombie" : "");
        (void)fclose(file);
    }
    if (processes != NULL)
        (void)closedir(processes);
}

char *snapshot(void)
{
    char cwd[PATH_MAX];
    char *text = NULL;
    size_t size;
    mode_t mask = umask(0);
    struct rlimit core;
    FILE *out = open_memstream(&text, &size);

    (void)umask(mask);
    (void)getrlimit(RLIMIT_CORE, &core);
    show_files(out);
    show_signals(out);
    show_threads(out);
    show_children(out);
    (void)fprintf(out, "group %d session %d\n", getpgrp(), getsid(0));
    (void)fprintf(out, "umask %03o core %lu cwd %s\n", mask, (unsigned long)core.rlim_cur,
                  getcwd(cwd, sizeof cwd) == NULL ? "?" : cwd);
    for (char **variable = environ; variable != NULL && *variable != NULL; variable++)
        (void)fprintf(out, "environ %s\n", *variable);
    (void)fclose(out);
    return text;
}
