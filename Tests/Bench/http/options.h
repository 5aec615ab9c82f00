#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct options {
    uint16_t http;        // the server's port on loopback
    int sink;             // a descriptor that listens, where the server sends its mails
    pid_t server;         // whose CPU time is read; 0: nobody's
    uint32_t in_flight;
    uint32_t users;
    uint64_t logins;
    uint64_t warm_up;     // logins before these, which are not counted
    uint64_t first;       // number of the first login: other users and sources than the run before
    uint64_t refreshes;   // Doorpost's own API only
    bool glewlwyd;        // the server is glewlwyd, not Doorpost
    const char *cognito;  // the app client, to speak the Cognito API; NULL: the server's own
    int codes;            // a datagram socket that triggers send codes to; 0: none
};

struct options options_read(int count, char **arguments);

#endif
