#include "options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fatal.h"

static const struct {
    const char *name;
    unsigned long long most;
} known[] = {
    {"--http", 65535},       {"--sink-fd", 1023},     {"--server-pid", 4194304},
    {"--in-flight", 4096},   {"--users", 16777216},   {"--logins", 10000000},
    {"--warm-up", 10000000}, {"--first", 1000000000}, {"--refreshes", 10000000},
    {"--glewlwyd", 1},       {"--codes-fd", 1023},
};

enum {
    HTTP, SINK, SERVER, IN_FLIGHT, USERS, LOGINS, WARM_UP, FIRST, REFRESHES, GLEWLWYD, CODES,
    OPTIONS
};

struct options options_read(int count, char **arguments) {
    unsigned long long value[OPTIONS] = {[IN_FLIGHT] = 1, [USERS] = 1, [LOGINS] = 1};
    const char *cognito = NULL;
    for (int i = 1; i < count; i += 2) {
        if (strcmp(arguments[i], "--cognito") == 0 && i + 1 < count) {
            cognito = arguments[i + 1];
            continue;
        }
        int which = 0;
        while (which < OPTIONS && strcmp(arguments[i], known[which].name) != 0) which++;
        if (which == OPTIONS || i + 1 == count) fatal("what is %s?", arguments[i]);
        char *end;
        value[which] = strtoull(arguments[i + 1], &end, 10);
        if (*end != 0 || value[which] > known[which].most) {
            fatal("%s is a number up to %llu", arguments[i], known[which].most);
        }
    }
    if (value[HTTP] == 0 || value[SINK] == 0) fatal("needs --http PORT and --sink-fd FD");
    if (value[IN_FLIGHT] == 0 || value[IN_FLIGHT] > value[USERS]) {
        fatal("needs as many --users as logins --in-flight");
    }
    if (value[REFRESHES] > 0 && (cognito != NULL || value[GLEWLWYD] == 1)) {
        fatal("--refreshes are of Doorpost's own API");
    }
    return (struct options){
        .http = (uint16_t)value[HTTP], .sink = (int)value[SINK], .server = (pid_t)value[SERVER],
        .in_flight = (uint32_t)value[IN_FLIGHT], .users = (uint32_t)value[USERS],
        .logins = value[LOGINS], .warm_up = value[WARM_UP], .first = value[FIRST],
        .refreshes = value[REFRESHES], .glewlwyd = value[GLEWLWYD] == 1,
        .cognito = cognito, .codes = (int)value[CODES]};
}
