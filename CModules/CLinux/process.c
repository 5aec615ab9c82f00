#define _GNU_SOURCE
#include "doorpost_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

pid_t doorpost_linux_fork(void) { return fork(); }

int doorpost_linux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int doorpost_linux_peer(int descriptor, uid_t *uid, pid_t *pid) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    /* What has no peer has no credentials: pid 0, and an uid that is nobody's. */
    if (size != sizeof peer || peer.uid == (uid_t)-1) {
        errno = ENOTCONN;
        return -1;
    }
    *uid = peer.uid;
    *pid = peer.pid;
    return 0;
}

void doorpost_linux_log(int priority, const char *text) {
    openlog("doorpost-pam", LOG_PID, LOG_AUTHPRIV);
    syslog(LOG_AUTHPRIV | (priority & LOG_PRIMASK), "%s", text);
    closelog();
}
