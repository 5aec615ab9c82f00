// libpq, loaded with dlopen() at first use instead of being linked, as libcurl is: it brings
// Kerberos and LDAP along, for which a login on SQLite has no use.
//
// Who frees what:
//   - a connection of doorpost_pq_connect() is freed by doorpost_pq_close(), once;
//   - a result is freed by doorpost_pq_clear(), once, before or after its connection;
//   - texts returned belong to their connection or result; those of the loader are static.
//
// Threads: loading from any thread; a connection and its results by one thread at a time.
// Signals: libpq keeps SIGPIPE away from its own writes. Nothing is written to standard error.

#ifndef DOORPOST_POSTGRES_H
#define DOORPOST_POSTGRES_H

#include <stdbool.h>
#include <stdint.h>

struct pg_conn;
struct pg_result;

// Loads libpq, once for the process; later calls return the first one's result.
bool doorpost_pq_load(void);

// Why doorpost_pq_load() returned false, or "".
const char *doorpost_pq_load_error(void);

// Connects. Both lists end with NULL; a value of `dbname` that is a URL is taken apart, and
// overrides what stands before it. NULL when libpq is not loaded or out of memory; else look at
// doorpost_pq_is_open().
struct pg_conn *doorpost_pq_connect(const char *const *keywords, const char *const *values);
bool doorpost_pq_is_open(const struct pg_conn *connection);
// libpq's words for what went wrong with the connection; no password is in them.
const char *doorpost_pq_connection_error(const struct pg_conn *connection);
void doorpost_pq_close(struct pg_conn *connection);

// Each of these three asks the server and waits for the whole answer, at most `timeout_ms`. Of
// several statements, the first error is the result, or the last success. NULL: there is no
// whole answer, and the connection is of no further use.
struct pg_result *doorpost_pq_run(struct pg_conn *connection, const char *sql, int timeout_ms);
struct pg_result *doorpost_pq_prepare(struct pg_conn *connection, const char *name,
                                      const char *sql, int timeout_ms);
// Values are texts that end with NUL, or where formats[i] is 1 so many bytes; NULL is NULL.
struct pg_result *doorpost_pq_execute(struct pg_conn *connection, const char *name, int count,
                                      const char *const *values, const int *lengths,
                                      const int *formats, int timeout_ms);

bool doorpost_pq_succeeded(const struct pg_result *result);
// The five characters, or "" where the error is libpq's own.
const char *doorpost_pq_sqlstate(const struct pg_result *result);
// The constraint that is violated, or "".
const char *doorpost_pq_constraint(const struct pg_result *result);
// The first line of the error; the detail, which quotes values of rows, is left out.
const char *doorpost_pq_error(const struct pg_result *result);
// What was done, as the server says it: "COMMIT", "UPDATE 1".
const char *doorpost_pq_tag(struct pg_result *result);
// How many rows a statement changed or returned.
int64_t doorpost_pq_affected(struct pg_result *result);
int doorpost_pq_rows(const struct pg_result *result);
bool doorpost_pq_is_null(const struct pg_result *result, int row, int column);
// A value as text, which ends with NUL.
const char *doorpost_pq_value(const struct pg_result *result, int row, int column);
int doorpost_pq_length(const struct pg_result *result, int row, int column);
void doorpost_pq_clear(struct pg_result *result);

#endif
