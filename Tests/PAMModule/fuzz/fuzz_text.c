/* Whatever text: what people and logs get to see is within bounds and harmless. */
#include "module.h"

#include "stubs.h"

static void check_clean(const char *clean)
{
    char again[TEXT_CLEAN_SIZE];

    if (strlen(clean) > DOORPOST_TEXT_MAX)
        abort();
    for (const char *c = clean; *c != '\0'; c++)
        if (((unsigned char)*c < ' ' && *c != '\n') || *c == 0x7f)
            abort();
    /* Clean text is UTF-8 through and through: cleaning it again changes nothing. */
    text_clean((const uint8_t *)clean, strlen(clean), again);
    if (strcmp(clean, again) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char clean[TEXT_CLEAN_SIZE], escaped[TEXT_ESCAPED_SIZE];

    text_clean(data, size, clean);
    check_clean(clean);
    text_escape(data, size, escaped);
    if (strlen(escaped) >= sizeof escaped)
        abort();
    for (const char *c = escaped; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            abort();
    return 0;
}
