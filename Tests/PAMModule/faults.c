/*
 * Preloaded into the driver: lets the Nth call of one function, made by the
 * module itself, fail. FAULT_FUNCTION, FAULT_NUMBER and FAULT_ERRNO say which
 * and how ("short" and "reaped" are ways to succeed badly); the file
 * FAULT_REACHED is made when it happened.
 *
 * The wrappers pass six words on, which fits every call here on 64-bit ABIs;
 * so the headers with the true prototypes stay out.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

typedef long word;
typedef word (*function)(word, word, word, word, word, word);

#define WORDS word a, word b, word c, word d, word e, word f
#define WRAPPER(NAME) __attribute__((visibility("default"))) word NAME(WORDS)

extern int getpid(void);
extern int strcmp(const char *, const char *);
extern char *strstr(const char *, const char *);
static int calls, host;

static function real(const char *name)
{
    return (function)dlsym(RTLD_NEXT, name);
}

static bool is_chosen(const char *name)
{
    const char *chosen = getenv("FAULT_FUNCTION");

    return chosen != NULL && strcmp(chosen, name) == 0;
}

/* The module's calls of pam_get_item come by way of the driver, which looks for typed text then. */
static bool from_module(const char *name, const void *caller)
{
    Dl_info info;

    return dladdr(caller, &info) != 0 &&
           (strstr(info.dli_fname, "pam_doorpost.so") != NULL ||
            (strcmp(name, "pam_get_item") == 0 && strstr(info.dli_fname, "/driver") != NULL));
}

static bool fails(const char *name, const void *caller)
{
    enum { regular_file = 0100644 };

    if (!is_chosen(name) || !from_module(name, caller) || ++calls != atoi(getenv("FAULT_NUMBER")))
        return false;
    (void)real("mknod")((word)getenv("FAULT_REACHED"), regular_file, 0, 0, 0, 0); /* no fd */
    errno = atoi(getenv("FAULT_ERRNO"));
    return true;
}

static bool in_mode(const char *mode)
{
    return strcmp(getenv("FAULT_ERRNO"), mode) == 0;
}

__attribute__((constructor)) static void remember_host(void)
{
    host = getpid();
}

#define FAULT(NAME, FAILURE)                                                                       \
    WRAPPER(NAME);                                                                                 \
    WRAPPER(NAME)                                                                                  \
    {                                                                                              \
        if (fails(#NAME, __builtin_return_address(0)))                                             \
            return FAILURE;                                                                        \
        return real(#NAME)(a, b, c, d, e, f);                                                      \
    }

FAULT(chdir, -1)
FAULT(clock_gettime, -1)
FAULT(close_range, -1)
FAULT(connect, -1)
FAULT(dup2, -1)
FAULT(execve, -1)
FAULT(fcntl, -1)
FAULT(fork, -1)
FAULT(fstat, -1)
FAULT(fstatat, -1)
FAULT(getpwnam_r, errno)
FAULT(getsockopt, -1)
FAULT(getrandom, in_mode("short") ? 3 : -1)
FAULT(open, -1)
FAULT(openat, -1)
FAULT(pam_get_data, 5)
FAULT(pam_get_item, 5)
FAULT(pam_get_user, 5)
FAULT(pam_putenv, 5)
FAULT(pam_set_data, 5)
FAULT(poll, -1)
FAULT(setrlimit, -1)
FAULT(setsid, -1)
FAULT(setuid, -1)
FAULT(socket, -1)
FAULT(socketpair, -1)
FAULT(stat, -1)
FAULT(strdup, 0)

/* "short": one byte goes through, as a full socket or a slow peer may have it. */
#define TRANSFER(NAME)                                                                             \
    WRAPPER(NAME);                                                                                 \
    WRAPPER(NAME)                                                                                  \
    {                                                                                              \
        if (!fails(#NAME, __builtin_return_address(0)))                                            \
            return real(#NAME)(a, b, c, d, e, f);                                                  \
        return in_mode("short") ? real(#NAME)(a, b, 1, d, e, f) : -1;                              \
    }

TRANSFER(send)
TRANSFER(recv)

/* "reaped": somebody else in the host was faster. */
WRAPPER(waitpid);
WRAPPER(waitpid)
{
    if (!fails("waitpid", __builtin_return_address(0)))
        return real("waitpid")(a, b, c, d, e, f);
    if (in_mode("reaped")) {
        (void)real("waitpid")(a, 0, 0, 0, 0, 0);
        errno = ECHILD;
    }
    return -1;
}

/* To put back what the kernel itself handed out cannot fail, so only the first half does. */
#define RESTORABLE(NAME)                                                                           \
    WRAPPER(NAME);                                                                                 \
    WRAPPER(NAME)                                                                                  \
    {                                                                                              \
        if ((c != 0 || getpid() != host) && fails(#NAME, __builtin_return_address(0)))             \
            return -1;                                                                             \
        return real(#NAME)(a, b, c, d, e, f);                                                      \
    }

RESTORABLE(sigaction)
RESTORABLE(sigprocmask)
