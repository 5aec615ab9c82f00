#include "module.h"
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define EXIT_NOT_STARTED 127
#define TERM_GRACE_MS 1000 /* for a helper to heed SIGTERM */
#define NAP_MS 1           /* between two looks at a helper that is about to end */
#define CLOSE_MAX 65536    /* a limit of a thousand million files must not cost minutes */

/* Root runs what it finds there, so only root may have put it there. Where a socket belongs
 * nothing is ever run: the directory is the service's. */
int helper_check(const char *path, bool *is_socket)
{
    struct stat st;
    *is_socket = strcmp(path, DOORPOST_SOCKET_PATH) == 0;
    if (stat(path, &st) != 0)
        return PAM_AUTHINFO_UNAVAIL;
    if (*is_socket || S_ISSOCK(st.st_mode)) {
        *is_socket = true;
        return S_ISSOCK(st.st_mode) && socket_is_trusted(st.st_uid, path) ? PAM_SUCCESS
                                                                          : PAM_SERVICE_ERR;
    }
    bool program = S_ISREG(st.st_mode) && (st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
    bool trusted = st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    return program && (trusted || geteuid() != 0) ? PAM_SUCCESS : PAM_SERVICE_ERR;
}

/* The next three run in the child: another thread of the host may have held any lock at the
 * fork, so only async-signal-safe calls, and no heap. */

/* An ignored or blocked signal outlives execve(2), and login(1) ignores SIGINT and SIGQUIT. */
static bool default_signals(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int n = 1; n < NSIG; n++)
        (void)sigaction(n, &action, NULL); /* SIGKILL and the C library's own refuse */
    sigset_t none;
    return sigemptyset(&none) == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

/* `channel` is above 2, so neither dup2(2) nor open(2) can overwrite it. */
static bool only_standard_files(int channel)
{
    if (dup2(channel, 0) != 0)
        return false;
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 1) != 1 || dup2(null, 2) != 2)
        return false;
    if (close_range(3, ~0U, 0) != 0) /* a kernel before 5.9 */
        for (int fd = 3; fd < CLOSE_MAX; fd++)
            (void)close(fd);
    return true;
}

static _Noreturn void become_helper(const char *path, const char *config, int channel)
{
    char *const argv[] = {(char[]){"doorpost-pam"}, (char[]){"--config"}, (char *)config, NULL};
    char *const environment[] = {NULL};
    const struct rlimit no_core = {0, 0};
    (void)umask(077);
    if (!default_signals() || !only_standard_files(channel) || setsid() < 0 || chdir("/") != 0 ||
        setrlimit(RLIMIT_CORE, &no_core) != 0)
        _exit(EXIT_NOT_STARTED);
    /* Under su or sudo the real user is still the caller, who could then signal the helper. */
    if (geteuid() != 0 || setuid(0) == 0)
        (void)execve(path, argv, environment);
    _exit(EXIT_NOT_STARTED);
}

/* All signals wait until the child has put the host's handlers away. SIGCHLD is ours while the
 * helper lives: a host that ignores or handles it would take the exit status from us. */
static pid_t fork_helper(struct helper *helper, const char *path, const char *config, int channel)
{
    const struct sigaction own = {.sa_handler = SIG_DFL};
    sigset_t all, before;
    pid_t pid = -1;
    if (sigfillset(&all) != 0 || sigprocmask(SIG_SETMASK, &all, &before) != 0)
        return -1;
    if (sigaction(SIGCHLD, &own, &helper->sigchld) == 0) {
        pid = fork();
        if (pid == 0)
            become_helper(path, config, channel);
        if (pid < 0)
            (void)sigaction(SIGCHLD, &helper->sigchld, NULL);
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

bool helper_start(struct helper *helper, const char *path, const char *config)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return false;
    for (int i = 0; i < 2; i++)
        fds[i] = channel_above_standard(fds[i]);
    helper->channel = fds[0];
    helper->pid = -1;
    if (fds[0] >= 0 && fds[1] >= 0)
        helper->pid = fork_helper(helper, path, config, fds[1]);
    if (fds[1] >= 0)
        (void)close(fds[1]);
    if (helper->pid < 0 && fds[0] >= 0)
        (void)close(fds[0]);
    return helper->pid > 0;
}

/* True when the helper is gone; if somebody else has reaped it, `status` stays what it was. */
static bool reap_by(pid_t pid, int64_t deadline, int *status)
{
    for (;;) {
        pid_t reaped = waitpid(pid, status, WNOHANG);
        if (reaped == pid || (reaped < 0 && errno != EINTR))
            return true;
        int left = deadline_left(deadline);
        if (left == 0)
            return false;
        (void)poll(NULL, 0, left < NAP_MS ? left : NAP_MS);
    }
}

/* To -1 root would send it to every process there is, and to 0 to its own group. */
static void send_signal(pid_t pid, int number)
{
    if (pid > 1)
        (void)kill(pid, number);
}

/* For a helper behind a socket there is nothing to wait for, and so nothing to hold against it. */
int helper_end(struct helper *helper, int64_t deadline)
{
    int status = -1;
    (void)close(helper->channel);
    if (helper->pid < 0)
        return 0;
    if (!reap_by(helper->pid, deadline, &status)) {
        send_signal(helper->pid, SIGTERM);
        if (!reap_by(helper->pid, deadline_in(TERM_GRACE_MS), &status)) {
            send_signal(helper->pid, SIGKILL);
            while (waitpid(helper->pid, &status, 0) < 0 && errno == EINTR)
                ;
        }
        status = -1;
    }
    (void)sigaction(SIGCHLD, &helper->sigchld, NULL);
    return status;
}
