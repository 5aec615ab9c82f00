#include "lanes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fatal.h"
#include "http_client.h"
#include "json.h"
#include "loop.h"
#include "users.h"

enum step { RESTING, INITIATING, WAITING, VERIFYING, REFRESHING };

struct lane {
    struct http_client http;
    enum step step;
    struct user *user;
    char source[16]; // another address for every login, else one would use up its limit
    char session[2048];
    char refresh_token[4096];
};

struct tally tally;

static struct lane *lanes;
static size_t lane_count;
static const struct dialect *dialect;
static size_t busy;
// The login or refresh that is next, and the one that is not made any more.
static uint64_t next, end;

static const int64_t PATIENCE = 30000000000;

static void post(struct lane *lane, enum step step, const struct request *request) {
    lane->step = step;
    http_post(&lane->http, lane->source, request);
}

static void rest(struct lane *lane) {
    lane->step = RESTING;
    busy--;
}

static void initiate(struct lane *lane) {
    if (next == end) {
        rest(lane);
        return;
    }
    uint64_t login = next++;
    struct request request;
    lane->user = users_next(login);
    lane->user->lane = lane;
    lane->user->code[0] = 0;
    snprintf(lane->source, sizeof lane->source, "10.%u.%u.%u", (unsigned)(login >> 16 & 255),
             (unsigned)(login >> 8 & 255), (unsigned)(login & 255));
    dialect->initiate(&request, users_number(lane->user));
    post(lane, INITIATING, &request);
}

static void verify(struct lane *lane) {
    struct request request;
    dialect->verify(&request, users_number(lane->user), lane->session, lane->user->code);
    post(lane, VERIFYING, &request);
}

static void refresh(struct lane *lane) {
    if (next == end || lane->refresh_token[0] == 0) {
        rest(lane);
        return;
    }
    next++;
    struct request request;
    dialect->refresh(&request, lane->refresh_token);
    post(lane, REFRESHING, &request);
}

static void end_login(struct lane *lane) {
    lane->user->lane = NULL;
    lane->user = NULL;
    initiate(lane);
}

static void refused(struct lane *lane, int status, const char *body) {
    static const char *const calls[] = {"?", "initiate", "?", "verify", "refresh"};
    fprintf(stderr, "loadgen: %s was answered %d: %.300s\n", calls[lane->step], status, body);
    if (++tally.errors > ERRORS_AT_MOST) fatal("that is enough of these");
    lane->refresh_token[0] = 0;
    if (lane->step == REFRESHING) {
        rest(lane);
    } else {
        end_login(lane);
    }
}

static void read_token(const char *body, const char *name, char *value, size_t size) {
    if (!json_string(body, name, value, size)) fatal("an answer without \"%s\": %s", name, body);
}

// A login is one only if something comes back that its owner can show.
static void take_credential(struct lane *lane, const char *body) {
    if (dialect->credential != NULL) {
        read_token(body, dialect->credential, lane->refresh_token, sizeof lane->refresh_token);
    } else if (strcasestr(lane->http.in.bytes, "\r\nSet-Cookie:") == NULL) {
        fatal("an answer without a cookie: %s", lane->http.in.bytes);
    }
}

static void answered(struct http_client *http, int status, const char *body) {
    struct lane *lane = (struct lane *)http;
    int64_t took = clock_now() - http->asked_at;
    http->asked_at = 0;
    if (status < LAST_STATUS) tally.by_status[status]++;
    if (status != 200) {
        refused(lane, status, body);
    } else if (lane->step == INITIATING) {
        latency_add(&tally.initiate, took);
        if (dialect->session != NULL) {
            read_token(body, dialect->session, lane->session, sizeof lane->session);
        }
        lane->step = WAITING;
        // The mail may have been faster than the answer.
        if (lane->user->code[0] != 0) verify(lane);
    } else if (lane->step == VERIFYING) {
        latency_add(&tally.verify, took);
        take_credential(lane, body);
        tally.logins++;
        end_login(lane);
    } else {
        latency_add(&tally.refresh, took);
        read_token(body, "refresh_token", lane->refresh_token, sizeof lane->refresh_token);
        tally.refreshes++;
        refresh(lane);
    }
}

void lanes_code(const char *recipient, const char *code) {
    struct user *user = users_find(recipient);
    if (user == NULL) fatal("a code for %s, for whom nobody asked", recipient);
    tally.mails++;
    if (user->lane == NULL || user->code[0] != 0) {
        tally.duplicates++;
        return;
    }
    memcpy(user->code, code, CODE_DIGITS + 1);
    if (user->lane->step == WAITING) verify(user->lane);
}

void lanes_make(size_t count, const struct sockaddr_in *server, const struct dialect *speaks) {
    dialect = speaks;
    lanes = calloc(count, sizeof *lanes);
    if (lanes == NULL) fatal("out of memory");
    lane_count = count;
    for (size_t i = 0; i < count; i++) {
        lanes[i].http.server = server;
        lanes[i].http.answered = answered;
        http_connect(&lanes[i].http);
    }
}

// Sets all lanes going and waits until all of them rest.
static void run(void (*start)(struct lane *lane)) {
    busy = lane_count;
    for (size_t i = 0; i < lane_count; i++) start(&lanes[i]);
    while (busy > 0) {
        if (loop_turn(clock_now() + PATIENCE)) continue;
        size_t waiting = 0;
        for (size_t i = 0; i < lane_count; i++) waiting += lanes[i].step == WAITING;
        fatal("nothing has come for 30 s; %zu logins wait for a mail, %zu for an answer", waiting,
              busy - waiting);
    }
}

void lanes_login(uint64_t first, uint64_t count) {
    next = first;
    end = first + count;
    run(initiate);
}

void lanes_refresh(uint64_t count) {
    next = 0;
    end = count;
    run(refresh);
}

uint64_t lanes_connects(void) {
    uint64_t connects = 0;
    for (size_t i = 0; i < lane_count; i++) connects += lanes[i].http.connects;
    return connects;
}
