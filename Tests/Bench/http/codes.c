#include "codes.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "fatal.h"
#include "loop.h"
#include "mail_code.h"

static struct watch socket_watch;
static codes_taken *report;

static void readable(struct watch *watch) {
    char text[256];
    ssize_t length;
    while ((length = recv(watch->fd, text, sizeof text - 1, MSG_DONTWAIT)) >= 0) {
        text[length] = 0;
        char *space = strchr(text, ' ');
        if (space == NULL || strlen(space + 1) != CODE_DIGITS) fatal("\"%s\" is no code", text);
        *space = 0;
        report(text, space + 1);
    }
}

void codes_start(int socket, codes_taken *taken) {
    report = taken;
    socket_watch = (struct watch){.fd = socket, .readable = readable};
    loop_add(&socket_watch);
}
