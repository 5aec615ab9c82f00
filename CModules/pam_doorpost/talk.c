#include "module.h"

const void *item(pam_handle_t *pamh, int type)
{
    const void *value = NULL;
    return pam_get_item(pamh, type, &value) == PAM_SUCCESS ? value : NULL;
}

/* What the host allocated is ours to free, and what somebody typed to wipe first. After a
 * failure the response is undefined (hosts disagree who frees it): it is not looked at. */
ssize_t talk(pam_handle_t *pamh, int style, const struct frame *text, uint8_t *answer, size_t size)
{
    char clean[TEXT_CLEAN_SIZE];
    text_clean(text->payload, text->size, clean);
    const struct pam_conv *conv = item(pamh, PAM_CONV);
    const struct pam_message message = {.msg_style = style, .msg = clean};
    const struct pam_message *messages = &message;
    struct pam_response *response = NULL;
    if (conv == NULL || conv->conv == NULL ||
        conv->conv(1, &messages, &response, conv->appdata_ptr) != PAM_SUCCESS || response == NULL)
        return -1;
    ssize_t length = -1;
    if (response->resp != NULL) {
        length = (ssize_t)strnlen(response->resp, size);
        if (length > 0)
            memcpy(answer, response->resp, (size_t)length);
        explicit_bzero(response->resp, strlen(response->resp));
        free(response->resp);
    }
    free(response);
    return length;
}

/* Bytes of the UTF-8 character at `s`, and the character; 0 if it is not UTF-8. */
static size_t decode(const uint8_t *s, size_t size, uint32_t *character)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (length == 0 || length > size || s[0] >= 0xf8)
        return 0;
    uint32_t c = length == 1 ? s[0] : s[0] & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    *character = c;
    return c < smallest[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : length;
}

static bool is_harmless(uint32_t c)
{
    bool control = (c < 0x20 && c != '\n') || (c >= 0x7f && c <= 0x9f);
    bool reorders =
        c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return !control && !reorders;
}

void text_clean(const uint8_t *from, size_t size, char to[TEXT_CLEAN_SIZE])
{
    size_t used = 0;
    for (size_t i = 0; i < size;) {
        uint32_t c = 0;
        size_t length = decode(from + i, size - i, &c);
        bool stays = length > 0 && is_harmless(c);
        size_t room = stays ? length : 1;
        if (used + room > DOORPOST_TEXT_MAX) /* cut between characters, never inside one */
            break;
        memcpy(to + used, stays ? (const char *)from + i : "?", room);
        used += room;
        i += length > 0 ? length : 1;
    }
    to[used] = '\0';
}

void text_escape(const void *from, size_t size, char to[TEXT_ESCAPED_SIZE])
{
    const uint8_t *bytes = from;
    for (size_t i = 0; i < size && i < DOORPOST_TEXT_MAX; i++)
        if (bytes[i] >= 0x20 && bytes[i] < 0x7f)
            *to++ = (char)bytes[i];
        else
            to += snprintf(to, sizeof "\\xNN", "\\x%02x", bytes[i]);
    *to = '\0';
}
