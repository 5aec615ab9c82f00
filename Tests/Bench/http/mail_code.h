#ifndef BENCH_MAIL_CODE_H
#define BENCH_MAIL_CODE_H

#include <stdbool.h>

enum { CODE_DIGITS = 8 };

// Finds the code in a mail: it stands alone on an indented line of the plain text, as 12345678,
// 1234 5678 or 1234-5678. The mail is text/plain, or a multipart that has such a part.
bool mail_code(const char *mail, char code[CODE_DIGITS + 1]);

#endif
