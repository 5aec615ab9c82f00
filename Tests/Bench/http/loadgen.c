// Logs people in at Doorpost's HTTP door, or a peer's, as fast as it lets them, and is the SMTP
// server that their codes are mailed to. Prints one JSON object; exit status 1 if anything was
// unexpected.
//
//     loadgen --http PORT --sink-fd FD [--server-pid PID] [--in-flight N] [--users N]
//             [--logins N] [--warm-up N] [--first N] [--refreshes N]
//             [--glewlwyd 1 | --cognito CLIENT-ID] [--codes-fd FD]

#include <inttypes.h>
#include <stdio.h>

#include "clock.h"
#include "codes.h"
#include "lanes.h"
#include "loop.h"
#include "options.h"
#include "smtp_sink.h"
#include "users.h"

// What one stretch of a run took.
struct stretch {
    int64_t wall;
    int64_t own_cpu;
    int64_t server_cpu;
};

// Long enough for what the server still does after its last answer.
static const int64_t SETTLING = 200000000;

static void settle(void) {
    int64_t until = clock_now() + SETTLING;
    while (clock_now() < until) loop_turn(until);
}

static struct stretch start(pid_t server) {
    return (struct stretch){.wall = clock_now(), .own_cpu = clock_cpu(0),
                            .server_cpu = server ? clock_cpu(server) : 0};
}

static void finish(struct stretch *stretch, pid_t server) {
    stretch->wall = clock_now() - stretch->wall;
    stretch->own_cpu = clock_cpu(0) - stretch->own_cpu;
    settle();
    if (server) stretch->server_cpu = clock_cpu(server) - stretch->server_cpu;
}

static double per(uint64_t count, int64_t nanoseconds) {
    return count == 0 ? 0 : (double)nanoseconds / 1e6 / (double)count;
}

static void write_stretch(const char *name, uint64_t count, const struct stretch *stretch) {
    double seconds = (double)stretch->wall / 1e9;
    printf("\"%s\":{\"n\":%" PRIu64 ",\"seconds\":%.3f,\"per_s\":%.1f,\"server_cpu_ms\":%.4f,"
           "\"own_cpu_ms\":%.4f},",
           name, count, seconds, count == 0 ? 0 : (double)count / seconds,
           per(count, stretch->server_cpu), per(count, stretch->own_cpu));
}

static void write_statuses(void) {
    const char *comma = "";
    printf("\"errors\":{");
    for (int status = 0; status < LAST_STATUS; status++) {
        if (status == 200 || tally.by_status[status] == 0) continue;
        printf("%s\"%d\":%" PRIu64, comma, status, tally.by_status[status]);
        comma = ",";
    }
    printf("}");
}

static void write_latency(const char *name, struct latency *latency) {
    printf("\"%s\":", name);
    latency_write(latency, stdout);
    printf(",");
}

static const struct dialect *dialect(const struct options *options) {
    if (options->cognito != NULL) return dialect_cognito(options->cognito);
    return options->glewlwyd ? &dialect_glewlwyd : &dialect_doorpost;
}

int main(int count, char **arguments) {
    struct options options = options_read(count, arguments);
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(options.http),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    users_make(options.users);
    smtp_sink_start(options.sink, lanes_code);
    if (options.codes > 0) codes_start(options.codes, lanes_code);
    lanes_make(options.in_flight, &server, dialect(&options));

    lanes_login(options.first, options.warm_up);
    settle();
    // What went wrong while warming up still counts, the rest does not.
    tally.logins = tally.mails = 0;
    latency_clear(&tally.initiate);
    latency_clear(&tally.verify);

    struct stretch login = start(options.server);
    lanes_login(options.first + options.warm_up, options.logins);
    finish(&login, options.server);
    struct stretch refresh = start(options.server);
    lanes_refresh(options.refreshes);
    finish(&refresh, options.server);

    printf("{\"in_flight\":%" PRIu32 ",", options.in_flight);
    write_stretch("logins", tally.logins, &login);
    write_stretch("refreshes", tally.refreshes, &refresh);
    write_latency("initiate", &tally.initiate);
    write_latency("verify", &tally.verify);
    write_latency("refresh", &tally.refresh);
    printf("\"mails\":%" PRIu64 ",\"duplicates\":%" PRIu64 ",\"connects\":%" PRIu64 ",",
           tally.mails, tally.duplicates, lanes_connects());
    write_statuses();
    printf("}\n");
    return tally.errors > 0 || tally.duplicates > 0 || tally.mails != tally.logins;
}
