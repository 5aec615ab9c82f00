/* The PAM module: it prompts, the helper decides. Nothing that goes wrong in here may end in
 * PAM_SUCCESS or PAM_IGNORE. */
#include "module.h"

#define EXPORTED __attribute__((visibility("default")))

/* The name is copied: a host that changes the user meanwhile gets no answer for either. */
static int ask_helper(pam_handle_t *pamh, int flags, int argc, const char **argv,
                      struct request *request)
{
    struct options options;
    if (!options_parse(pamh, argc, argv, &options))
        return PAM_SERVICE_ERR;
    const char *name = NULL;
    int result = pam_get_user(pamh, &name, NULL);
    if (result == PAM_CONV_AGAIN)
        return PAM_INCOMPLETE;
    if (result != PAM_SUCCESS)
        return result == PAM_IGNORE ? PAM_AUTH_ERR : result;
    if (name == NULL || name[0] == '\0')
        return PAM_AUTH_ERR;
    if (strlen(name) > DOORPOST_FIELD_MAX) {
        pam_syslog(pamh, LOG_NOTICE, "refused a user name of %zu bytes", strlen(name));
        return PAM_AUTH_ERR;
    }
    memcpy(request->user, name, strlen(name) + 1);
    request->silent = ((unsigned)flags & PAM_SILENT) != 0;
    result = exchange(pamh, &options, request);
    name = item(pamh, PAM_USER);
    if (name != NULL && strcmp(name, request->user) == 0)
        return result;
    pam_syslog(pamh, LOG_ERR, "the user changed during the call");
    return PAM_AUTH_ERR;
}

EXPORTED int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    ours_forget(pamh);
    struct request request = {.operation = DOORPOST_OP_AUTHENTICATE};
    int result = ask_helper(pamh, flags, argc, argv, &request);
    if (result == PAM_SUCCESS && !ours_remember(pamh, &request))
        result = PAM_AUTHINFO_UNAVAIL;
    return result;
}

EXPORTED int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct request request = {.operation = DOORPOST_OP_ACCOUNT};
    return ask_helper(pamh, flags, argc, argv, &request);
}

/* Under sshd this runs in another process than authenticate, and what it returns decides which
 * way the stack goes: "ours" or "not ours", and never an error. */
EXPORTED int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)flags;
    struct options options;
    if (!options_parse(pamh, argc, argv, &options))
        return PAM_SERVICE_ERR;
    if ((options.flags & OPTION_SETCRED_ALWAYS) != 0)
        return PAM_SUCCESS;
    const char *user = item(pamh, PAM_USER);
    return user != NULL && ours(pamh, user) ? PAM_SUCCESS : PAM_IGNORE;
}

EXPORTED int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)flags;
    struct options options;
    return options_parse(pamh, argc, argv, &options) ? PAM_SUCCESS : PAM_SERVICE_ERR;
}

/* cron and others close sessions that we know nothing of; those end well. */
EXPORTED int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    const char *file = ours_session_file(pamh, ours_owner(pamh));
    if (file == NULL)
        return pam_sm_open_session(pamh, flags, argc, argv);
    struct request request = {.operation = DOORPOST_OP_CLOSE_SESSION, .session_file = file};
    int result = ask_helper(pamh, flags, argc, argv, &request);
    ours_forget(pamh);
    return result == PAM_SUCCESS || result == PAM_SERVICE_ERR ? result : PAM_SESSION_ERR;
}

EXPORTED int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)flags;
    struct options options;
    return options_parse(pamh, argc, argv, &options) ? PAM_IGNORE : PAM_SERVICE_ERR;
}
