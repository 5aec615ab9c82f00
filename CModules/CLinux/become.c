#define _GNU_SOURCE
#include "doorpost_linux.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc has no wrapper for capset(2), and libcap is one more library in a login's way. */
static int set_capabilities(__u32 wanted) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2] = {
        {.effective = wanted, .permitted = wanted, .inheritable = 0}, {0, 0, 0}};
    return (int)syscall(SYS_capset, &header, data);
}

static int empty_bounding_set(void) {
    for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0) return -1;
    }
    return 0;
}

int doorpost_linux_become(uid_t uid, gid_t gid, int keep_chown) {
    if (uid == 0 || gid == 0) {
        errno = EINVAL;
        return -1;
    }
    if (empty_bounding_set() != 0) return -1;
    if (prctl(PR_SET_KEEPCAPS, keep_chown ? 1UL : 0UL, 0, 0, 0) != 0) return -1;
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0) return -1;
    if (setresuid(uid, uid, uid) != 0) return -1;
    if (set_capabilities(keep_chown ? 1U << CAP_CHOWN : 0U) != 0) return -1;
    if (prctl(PR_SET_KEEPCAPS, 0UL, 0, 0, 0) != 0) return -1;
    /* A way back would mean that nothing was dropped. */
    if (setuid(0) == 0) {
        errno = EPERM;
        return -1;
    }
    return doorpost_linux_harden();
}

int doorpost_linux_harden(void) {
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return -1;
    if (prctl(PR_SET_DUMPABLE, 0UL, 0, 0, 0) != 0) return -1;
    /* What systemd may have handed to us is not for the programs that we start. */
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0UL, 0UL, 0UL) != 0) return -1;
    return prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0, 0, 0);
}
