#include "mail_code.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

// Where the reader of a mail is.
struct place {
    bool in_headers;
    bool is_text;
    char boundary[80]; // of the multipart; empty: none
};

static bool code_in(const char *line, size_t length, char code[CODE_DIGITS + 1]) {
    if (length == 0 || (line[0] != ' ' && line[0] != '\t')) return false;
    size_t digits = 0;
    bool after_digit = false;
    for (size_t i = 0; i < length; i++) {
        if (isdigit((unsigned char)line[i])) {
            if (digits == CODE_DIGITS) return false;
            code[digits++] = line[i];
            after_digit = true;
        } else if (line[i] == '-') {
            // Only between two groups.
            bool before_digit = i + 1 < length && isdigit((unsigned char)line[i + 1]);
            if (!after_digit || !before_digit) return false;
            after_digit = false;
        } else if (line[i] != ' ' && line[i] != '\t') {
            return false;
        }
    }
    code[digits] = 0;
    return digits == CODE_DIGITS;
}

static void read_header(struct place *place, const char *line, size_t length) {
    static const char type[] = "content-type:";
    if (length == 0) {
        place->in_headers = false;
        return;
    }
    if (length > sizeof type && strncasecmp(line, type, sizeof type - 1) == 0) {
        const char *value = line + sizeof type - 1;
        value += strspn(value, " \t");
        place->is_text = strncasecmp(value, "text/plain", 10) == 0;
    }
    // Also on the lines that a header is folded to.
    const char *at = memmem(line, length, "boundary=", 9);
    if (at == NULL) return;
    at += 9;
    if (*at == '"') at++;
    size_t size = 0;
    for (; at < line + length && !strchr("\"; ", *at); at++) {
        if (size + 1 < sizeof place->boundary) place->boundary[size++] = *at;
    }
    place->boundary[size] = 0;
}

static bool is_boundary(const struct place *place, const char *line, size_t length) {
    size_t size = strlen(place->boundary);
    return size > 0 && length >= size + 2 && memcmp(line, "--", 2) == 0 &&
           memcmp(line + 2, place->boundary, size) == 0;
}

bool mail_code(const char *mail, char code[CODE_DIGITS + 1]) {
    struct place place = {.in_headers = true, .is_text = true};
    while (*mail != 0) {
        size_t whole = strcspn(mail, "\n");
        size_t length = whole > 0 && mail[whole - 1] == '\r' ? whole - 1 : whole;
        if (is_boundary(&place, mail, length)) {
            place.in_headers = place.is_text = true;
        } else if (place.in_headers) {
            read_header(&place, mail, length);
        } else if (place.is_text && code_in(mail, length, code)) {
            return true;
        }
        mail += whole + (mail[whole] == '\n');
    }
    return false;
}
