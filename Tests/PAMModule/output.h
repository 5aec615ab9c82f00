/* JSON for the test programs: bytes beyond ASCII are written as the Latin-1
 * character of the same number. */
#ifndef DOORPOST_TEST_OUTPUT_H
#define DOORPOST_TEST_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

static inline void json_bytes(FILE *out, const void *from, size_t size)
{
    const unsigned char *bytes = from;

    (void)fputc('"', out);
    for (size_t i = 0; i < size; i++)
        if (bytes[i] < 0x20 || bytes[i] >= 0x7f || bytes[i] == '"' || bytes[i] == '\\')
            (void)fprintf(out, "\\u%04x", bytes[i]);
        else
            (void)fputc(bytes[i], out);
    (void)fputc('"', out);
}

#endif
