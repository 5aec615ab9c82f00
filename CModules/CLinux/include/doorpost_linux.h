/*
 * Linux calls that Swift cannot make itself: variadic ones, those of _GNU_SOURCE, and fork, which
 * Swift hides.
 * Nothing here allocates. Every function returns 0, or -1 with errno set, unless it says else.
 */
#ifndef DOORPOST_LINUX_H
#define DOORPOST_LINUX_H

#include <sys/types.h>

/*
 * Becomes `uid`/`gid` for good: no supplementary groups, no capability but CAP_CHOWN (needed to
 * hand session files to their owners; dropped too unless `keep_chown`), an empty bounding set
 * besides, no new privileges through exec. Refuses uid 0. Must run as root, before any thread.
 */
int doorpost_linux_become(uid_t uid, gid_t gid, int keep_chown);

/*
 * What every process that sees codes does to itself: no core dumps, no ptrace by the same user,
 * no new privileges through exec, and no capability that outlives one.
 */
int doorpost_linux_harden(void);

/* fork(2). Only while the process has one thread. */
pid_t doorpost_linux_fork(void);

/* A pipe whose ends do not survive exec: ends[0] reads, ends[1] writes. */
int doorpost_linux_pipe(int ends[2]);

/* Who made the connection of a socket of this machine, by SO_PEERCRED. */
int doorpost_linux_peer(int descriptor, uid_t *uid, pid_t *pid);

/* Writes one line to the system's log as `doorpost-pam`, LOG_AUTHPRIV. Does not keep `text`. */
void doorpost_linux_log(int priority, const char *text);

#endif
