#define _GNU_SOURCE
#include "doorpost_linux.h"

#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

pid_t doorpost_linux_fork(void) { return fork(); }

int doorpost_linux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

void doorpost_linux_log(int priority, const char *text) {
    openlog("doorpost-pam", LOG_PID, LOG_AUTHPRIV);
    syslog(LOG_AUTHPRIV | (priority & LOG_PRIMASK), "%s", text);
    closelog();
}
