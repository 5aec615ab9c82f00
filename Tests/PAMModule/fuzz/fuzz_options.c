/* Whatever stands in a service file: no crash, and accepted options are within bounds. */
#include "module.h"

#include "stubs.h"

#define WORDS_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    const char *words[WORDS_MAX];
    struct options options;
    int count = 0;

    memcpy(copy, data, size);
    copy[size] = '\0';
    for (size_t at = 0; at <= size && count < WORDS_MAX; at += strlen(copy + at) + 1)
        words[count++] = copy + at;
    if (options_parse(fuzz_handle, count, words, &options) &&
        (options.timeout < 5 || options.timeout > 3600 || options.config[0] != '/' ||
         options.helper[0] != '/'))
        abort();
    free(copy);
    return 0;
}
