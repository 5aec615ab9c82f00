#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include <stdbool.h>
#include <stddef.h>

// Copies a string member of an object, or of one that is a member of it: the first of that name.
// False if there is none, or it does not fit. Of arrays it knows none.
bool json_string(const char *object, const char *name, char *value, size_t size);

#endif
