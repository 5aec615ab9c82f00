#include "module.h"
#include <ctype.h>

#ifndef DOORPOST_HELPER_PATH
#define DOORPOST_HELPER_PATH "/usr/libexec/doorpost/doorpost-pam"
#endif
#define CONFIG_PATH "/etc/doorpost/doorpost.yaml"
/* sshd gives a login 120 s and login(1) 60 s in all; we end before they cut us off. */
#define TIMEOUT_DEFAULT 100
#define TIMEOUT_LOGIN 55
#define TIMEOUT_MIN 5
#define TIMEOUT_MAX 3600

static const struct {
    const char *word;
    unsigned clears, sets;
} switches[] = {
    {"echo=off", DOORPOST_FLAG_ECHO, 0},
    {"echo=on", 0, DOORPOST_FLAG_ECHO},
    {"unenrolled=ignore", 0, DOORPOST_FLAG_UNENROLLED_IGNORE},
    {"confirm_send", 0, DOORPOST_FLAG_CONFIRM_SEND},
    {"setcred=always", 0, OPTION_SETCRED_ALWAYS},
    {"debug", 0, DOORPOST_FLAG_DEBUG},
};

static bool parse_timeout(const char *value, int *seconds)
{
    char *end;
    long n = strtol(value, &end, 10); /* which would take blanks and a sign before the digits */
    *seconds = (int)n;
    return isdigit((unsigned char)value[0]) && *end == '\0' && n >= TIMEOUT_MIN && n <= TIMEOUT_MAX;
}

static bool parse_option(const char *option, struct options *options)
{
    if (strncmp(option, "config=/", 8) == 0) {
        options->config = option + 7;
        return true;
    }
    if (strncmp(option, "helper=/", 8) == 0) {
        options->helper = option + 7;
        return true;
    }
    if (strncmp(option, "timeout=", 8) == 0)
        return parse_timeout(option + 8, &options->timeout);
    for (size_t i = 0; i < LENGTH(switches); i++)
        if (strcmp(option, switches[i].word) == 0) {
            options->flags = (options->flags & ~switches[i].clears) | switches[i].sets;
            return true;
        }
    return false;
}

/* A helper that is not root's child could read neither the configuration nor the store; but who
 * names a configuration or a helper knows what they can read. */
static void use_defaults(struct options *options)
{
    bool is_plain = options->config == NULL && options->helper == NULL;
    if (options->config == NULL)
        options->config = CONFIG_PATH;
    if (options->helper == NULL)
        options->helper = is_plain && geteuid() != 0 ? DOORPOST_SOCKET_PATH : DOORPOST_HELPER_PATH;
}

bool options_parse(pam_handle_t *pamh, int argc, const char **argv, struct options *options)
{
    *options = (struct options){0};
    const char *service = item(pamh, PAM_SERVICE);
    bool is_login = service != NULL && strcmp(service, "login") == 0;
    options->timeout = is_login ? TIMEOUT_LOGIN : TIMEOUT_DEFAULT;
    bool good = true;
    for (int i = 0; i < argc; i++) {
        if (parse_option(argv[i], options))
            continue;
        char shown[TEXT_ESCAPED_SIZE];
        text_escape(argv[i], strlen(argv[i]), shown);
        pam_syslog(pamh, LOG_ERR, "unknown or bad option: %s", shown);
        good = false;
    }
    use_defaults(options);
    return good;
}
