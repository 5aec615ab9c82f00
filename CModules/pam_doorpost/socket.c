#include "module.h"
#include <sys/socket.h>
#include <sys/un.h>

#define CONNECT_MS 2000 /* for a queue of other callers to become shorter */
#define NAP_MS 5

/* Whoever answers is told what the person types, and says whether the person may come in: root, or
 * at a place of its own choice the caller itself, who gains nothing by that. The socket's mode says
 * who may connect; who would put another in its place has to own that one. */
bool socket_is_trusted(uid_t uid, const char *path)
{
    return uid == 0 || (uid == geteuid() && strcmp(path, DOORPOST_SOCKET_PATH) != 0);
}

/* Never blocks: a full queue is EAGAIN, which no poll(2) can wait for the end of. */
static bool connect_by(int fd, const struct sockaddr_un *address, int64_t deadline)
{
    while (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0) {
        if (errno != EAGAIN && errno != EINTR)
            return false;
        int problem = errno;
        int left = deadline_left(deadline);
        if (left > 0)
            (void)poll(NULL, 0, left < NAP_MS ? left : NAP_MS);
        errno = problem;
        if (left == 0)
            return false;
    }
    return true;
}

/* Who called listen(2) there, which is systemd. */
static int check_listener(int fd, const char *path)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || size != sizeof peer)
        return PAM_AUTHINFO_UNAVAIL;
    return socket_is_trusted(peer.uid, path) ? PAM_SUCCESS : PAM_SERVICE_ERR;
}

int socket_connect(struct helper *helper, const char *path, int64_t deadline)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int64_t end = deadline_in(CONNECT_MS);
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return PAM_AUTHINFO_UNAVAIL;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = channel_above_standard(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (fd < 0)
        return PAM_AUTHINFO_UNAVAIL;
    int result = PAM_AUTHINFO_UNAVAIL;
    if (connect_by(fd, &address, end < deadline ? end : deadline))
        result = check_listener(fd, path);
    if (result == PAM_SUCCESS) {
        *helper = (struct helper){.pid = -1, .channel = fd};
        return PAM_SUCCESS;
    }
    int problem = errno;
    (void)close(fd);
    errno = problem;
    return result;
}
