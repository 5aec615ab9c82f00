#include "module.h"
#include <pwd.h>

#define MARK "doorpost_login" /* the user's name, kept in the handle */

static void free_mark(pam_handle_t *pamh, void *data, int status)
{
    (void)pamh, (void)status;
    free(data);
}

static const char *mark_of(pam_handle_t *pamh)
{
    const void *mark = NULL;
    return pam_get_data(pamh, MARK, &mark) == PAM_SUCCESS ? mark : NULL;
}

void ours_forget(pam_handle_t *pamh)
{
    if (mark_of(pamh) != NULL)
        (void)pam_set_data(pamh, MARK, NULL, NULL);
    if (pam_getenv(pamh, SESSION_VARIABLE) != NULL)
        (void)pam_putenv(pamh, SESSION_VARIABLE);
}

bool ours_remember(pam_handle_t *pamh, const struct request *request)
{
    char *mark = strdup(request->user);
    if (mark == NULL || pam_set_data(pamh, MARK, mark, free_mark) != PAM_SUCCESS) {
        free(mark);
        return false;
    }
    if (request->granted[0] == '\0' || pam_putenv(pamh, request->granted) == PAM_SUCCESS)
        return true;
    ours_forget(pamh);
    return false;
}

/* Nobody but the helper may have put files there; the user may not, except for one's own use. */
static bool is_guarded(int directory, uid_t uid)
{
    struct stat st;
    return fstat(directory, &st) == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
           (st.st_uid != uid || uid == geteuid());
}

static bool is_private_file(int directory, const char *name, uid_t uid)
{
    struct stat st;
    return fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
           st.st_nlink == 1 && st.st_uid == uid && (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/* DIR/<uid>/<name>.jwt, with DIR absolute and without detours; neither DIR nor <uid> a link. */
static bool is_session_file(const char *path, uid_t uid)
{
    if (path[0] != '/' || strlen(path) > DOORPOST_FIELD_MAX || strstr(path, "/../") != NULL)
        return false;
    char directory[DOORPOST_FIELD_MAX + 1], number[16];
    memcpy(directory, path, strlen(path) + 1);
    (void)snprintf(number, sizeof number, "/%lu", (unsigned long)uid);
    char *name = strrchr(directory, '/');
    *name++ = '\0';
    const char *ending = strrchr(name, '.');
    char *owner = strrchr(directory, '/');
    if (ending == NULL || name[0] == '.' || strcmp(ending, ".jwt") != 0 || owner == NULL ||
        owner == directory || strcmp(owner, number) != 0)
        return false;
    *owner++ = '\0';
    const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int parent = open(directory, flags);
    int own = parent < 0 ? -1 : openat(parent, owner, flags);
    bool good = own >= 0 && is_guarded(parent, uid) && is_guarded(own, uid) &&
                is_private_file(own, name, uid);
    (void)close(own); /* -1 is nobody's file */
    (void)close(parent);
    return good;
}

const char *ours_session_file(pam_handle_t *pamh, const char *user)
{
    const char *path = pam_getenv(pamh, SESSION_VARIABLE);
    struct passwd entry, *found = NULL;
    char strings[16384]; /* a group of hosts may serve long entries; longer ones are not ours */
    if (path == NULL || user == NULL || getpwnam_r(user, &entry, strings, sizeof strings, &found) != 0 ||
        found == NULL)
        return NULL;
    return is_session_file(path, entry.pw_uid) ? path : NULL;
}

/* sudo closes as the user it became: the file is whose sign-in this handle has seen. */
const char *ours_owner(pam_handle_t *pamh)
{
    const char *mark = mark_of(pamh);
    return mark != NULL ? mark : item(pamh, PAM_USER);
}

bool ours(pam_handle_t *pamh, const char *user)
{
    const char *mark = mark_of(pamh);
    return (mark != NULL && strcmp(mark, user) == 0) || ours_session_file(pamh, user) != NULL;
}
