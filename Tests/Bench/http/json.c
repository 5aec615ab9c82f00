#include "json.h"

#include <string.h>

static const char *skip_space(const char *at) {
    return at + strspn(at, " \t\r\n");
}

// Reads the string whose opening quote is at `at`; returns what follows it, or NULL. The escapes
// that have no place in tokens (\u, \n, …) are copied as they stand.
static const char *read_string(const char *at, char *value, size_t size) {
    size_t length = 0;
    for (at++; *at != '"'; at++) {
        if (*at == '\\' && (at[1] == '/' || at[1] == '\\' || at[1] == '"')) at++;
        if (*at == 0) return NULL;
        // What is too long is read to its end, and never equal to anything.
        if (length + 1 < size) value[length] = *at;
        length++;
    }
    value[length < size ? length : 0] = 0;
    return at + 1;
}

bool json_string(const char *object, const char *name, char *value, size_t size) {
    char key[64];
    const char *at = skip_space(object);
    if (*at != '{') return false;
    for (at = skip_space(at + 1); *at == '"'; at = skip_space(at)) {
        at = read_string(at, key, sizeof key);
        if (at == NULL || *(at = skip_space(at)) != ':') return false;
        at = skip_space(at + 1);
        if (*at == '{') {
            // Its members are read as if they were the outer one's, and its end is passed over.
            at++;
            if (*skip_space(at) == '"') continue;
        } else if (*at == '"') {
            at = read_string(at, value, size);
            if (at == NULL) return false;
            if (strcmp(key, name) == 0) return value[0] != 0;
        }
        at += strcspn(at, ",}");
        while (*at == '}') at = skip_space(at + 1);
        if (*at == ',') at++;
    }
    return false;
}
