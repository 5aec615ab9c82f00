#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include <stdbool.h>
#include <stddef.h>

// Copies a string member of a flat object; false if it is not there or does not fit.
bool json_string(const char *object, const char *name, char *value, size_t size);

#endif
