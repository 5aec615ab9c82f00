#include "doorpost_postgres.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <postgresql/libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// Every function that is taken from the library. typeof keeps libpq's own prototypes.
static struct {
    __typeof__(&PQconnectdbParams) connectdb_params;
    __typeof__(&PQstatus) status;
    __typeof__(&PQerrorMessage) error_message;
    __typeof__(&PQfinish) finish;
    __typeof__(&PQsocket) socket;
    __typeof__(&PQsetNoticeProcessor) set_notice_processor;
    __typeof__(&PQsendQuery) send_query;
    __typeof__(&PQsendPrepare) send_prepare;
    __typeof__(&PQsendQueryPrepared) send_query_prepared;
    __typeof__(&PQconsumeInput) consume_input;
    __typeof__(&PQisBusy) is_busy;
    __typeof__(&PQgetResult) get_result;
    __typeof__(&PQresultStatus) result_status;
    __typeof__(&PQresultErrorField) result_error_field;
    __typeof__(&PQcmdStatus) cmd_status;
    __typeof__(&PQcmdTuples) cmd_tuples;
    __typeof__(&PQntuples) ntuples;
    __typeof__(&PQgetisnull) getisnull;
    __typeof__(&PQgetvalue) getvalue;
    __typeof__(&PQgetlength) getlength;
    __typeof__(&PQclear) clear;
} lib;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool ready;
static char load_error[256];

static bool find(void *library, const char *name, void *slot) {
    void *symbol = dlsym(library, name);
    if (symbol == NULL)
        snprintf(load_error, sizeof load_error, "libpq.so.5 has no %s", name);
    // POSIX allows a function in a void *; ISO C only through its bytes.
    *(void **)slot = symbol;
    return symbol != NULL;
}

static void load(void) {
    // Never closed again: OpenSSL registers handlers that run at exit.
    void *library = dlopen("libpq.so.5", RTLD_LAZY | RTLD_LOCAL);
    if (library == NULL) {
        snprintf(load_error, sizeof load_error, "%s", dlerror());
        return;
    }
    ready = find(library, "PQconnectdbParams", &lib.connectdb_params) &&
            find(library, "PQstatus", &lib.status) &&
            find(library, "PQerrorMessage", &lib.error_message) &&
            find(library, "PQfinish", &lib.finish) && find(library, "PQsocket", &lib.socket) &&
            find(library, "PQsetNoticeProcessor", &lib.set_notice_processor) &&
            find(library, "PQsendQuery", &lib.send_query) &&
            find(library, "PQsendPrepare", &lib.send_prepare) &&
            find(library, "PQsendQueryPrepared", &lib.send_query_prepared) &&
            find(library, "PQconsumeInput", &lib.consume_input) &&
            find(library, "PQisBusy", &lib.is_busy) &&
            find(library, "PQgetResult", &lib.get_result) &&
            find(library, "PQresultStatus", &lib.result_status) &&
            find(library, "PQresultErrorField", &lib.result_error_field) &&
            find(library, "PQcmdStatus", &lib.cmd_status) &&
            find(library, "PQcmdTuples", &lib.cmd_tuples) &&
            find(library, "PQntuples", &lib.ntuples) &&
            find(library, "PQgetisnull", &lib.getisnull) &&
            find(library, "PQgetvalue", &lib.getvalue) &&
            find(library, "PQgetlength", &lib.getlength) && find(library, "PQclear", &lib.clear);
}

bool doorpost_pq_load(void) {
    return pthread_once(&once, load) == 0 && ready;
}

const char *doorpost_pq_load_error(void) { return load_error; }

// libpq's default writes notices to standard error, which belongs to the host program.
static void discard(void *context, const char *message) {
    (void)context;
    (void)message;
}

struct pg_conn *doorpost_pq_connect(const char *const *keywords, const char *const *values) {
    if (!doorpost_pq_load())
        return NULL;
    PGconn *connection = lib.connectdb_params(keywords, values, 1);
    if (connection != NULL)
        lib.set_notice_processor(connection, discard, NULL);
    return connection;
}

bool doorpost_pq_is_open(const struct pg_conn *connection) {
    return lib.status(connection) == CONNECTION_OK;
}

const char *doorpost_pq_connection_error(const struct pg_conn *connection) {
    return lib.error_message(connection);
}

void doorpost_pq_close(struct pg_conn *connection) {
    if (connection != NULL)
        lib.finish(connection);
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Waits until the next result can be taken without blocking.
static bool await(PGconn *connection, int64_t deadline) {
    while (lib.is_busy(connection)) {
        int64_t left = deadline - now_ms();
        if (left <= 0)
            return false;
        struct pollfd socket = {.fd = lib.socket(connection), .events = POLLIN};
        int count = poll(&socket, 1, (int)left);
        if (count < 0 && errno != EINTR)
            return false;
        if (count > 0 && !lib.consume_input(connection))
            return false;
    }
    return true;
}

static bool is_success(const PGresult *result) {
    ExecStatusType status = lib.result_status(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static PGresult *answer(PGconn *connection, int was_sent, int timeout_ms) {
    int64_t deadline = now_ms() + timeout_ms;
    PGresult *kept = NULL;
    while (was_sent && await(connection, deadline)) {
        PGresult *next = lib.get_result(connection);
        if (next == NULL)
            return kept;
        if (kept != NULL && !is_success(kept)) {
            lib.clear(next);
        } else {
            lib.clear(kept);
            kept = next;
        }
    }
    lib.clear(kept);
    return NULL;
}

struct pg_result *doorpost_pq_run(struct pg_conn *connection, const char *sql, int timeout_ms) {
    return answer(connection, lib.send_query(connection, sql), timeout_ms);
}

struct pg_result *doorpost_pq_prepare(struct pg_conn *connection, const char *name,
                                      const char *sql, int timeout_ms) {
    return answer(connection, lib.send_prepare(connection, name, sql, 0, NULL), timeout_ms);
}

struct pg_result *doorpost_pq_execute(struct pg_conn *connection, const char *name, int count,
                                      const char *const *values, const int *lengths,
                                      const int *formats, int timeout_ms) {
    int was_sent =
        lib.send_query_prepared(connection, name, count, values, lengths, formats, 0);
    return answer(connection, was_sent, timeout_ms);
}

bool doorpost_pq_succeeded(const struct pg_result *result) { return is_success(result); }

static const char *field(const PGresult *result, int code) {
    const char *text = lib.result_error_field(result, code);
    return text != NULL ? text : "";
}

const char *doorpost_pq_sqlstate(const struct pg_result *result) {
    return field(result, PG_DIAG_SQLSTATE);
}

const char *doorpost_pq_constraint(const struct pg_result *result) {
    return field(result, PG_DIAG_CONSTRAINT_NAME);
}

const char *doorpost_pq_error(const struct pg_result *result) {
    return field(result, PG_DIAG_MESSAGE_PRIMARY);
}

const char *doorpost_pq_tag(struct pg_result *result) { return lib.cmd_status(result); }

int64_t doorpost_pq_affected(struct pg_result *result) {
    return strtoll(lib.cmd_tuples(result), NULL, 10);
}

int doorpost_pq_rows(const struct pg_result *result) { return lib.ntuples(result); }

bool doorpost_pq_is_null(const struct pg_result *result, int row, int column) {
    return lib.getisnull(result, row, column) != 0;
}

const char *doorpost_pq_value(const struct pg_result *result, int row, int column) {
    return lib.getvalue(result, row, column);
}

int doorpost_pq_length(const struct pg_result *result, int row, int column) {
    return lib.getlength(result, row, column);
}

void doorpost_pq_clear(struct pg_result *result) { lib.clear(result); }
