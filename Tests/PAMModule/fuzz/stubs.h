/* The little of PAM that the fuzzed code calls, without a PAM. */
#ifndef DOORPOST_FUZZ_STUBS_H
#define DOORPOST_FUZZ_STUBS_H

#include <security/pam_ext.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Never looked into; PAM only promises that it is not NULL. */
static char fuzz_nothing;
static pam_handle_t *const fuzz_handle = (pam_handle_t *)&fuzz_nothing;

static int fuzz_converse(int count, const struct pam_message **messages,
                         struct pam_response **responses, void *data)
{
    (void)data;
    if (count != 1 || strlen(messages[0]->msg) > DOORPOST_TEXT_MAX)
        abort();
    for (const char *c = messages[0]->msg; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' && *c != '\n')
            abort();
    *responses = calloc(1, sizeof **responses);
    (*responses)->resp = strdup("12345678");
    return PAM_SUCCESS;
}

int pam_get_item(const pam_handle_t *pamh, int item, const void **value)
{
    static const struct pam_conv conversation = {.conv = fuzz_converse};

    (void)pamh;
    *value = item == PAM_CONV ? &conversation : NULL;
    return PAM_SUCCESS;
}

void pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
    char line[4 * DOORPOST_FRAME_MAX];
    va_list arguments;

    (void)pamh;
    if (priority < 0 || priority > 7)
        abort();
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (const char *c = line; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            abort();
}

#endif
