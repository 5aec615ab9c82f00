/*
 * Whatever bytes a helper sends: no crash, and no verdict without the nonce, which
 * is fixed here so that the fuzzer can get past it. exchange.c is included for its
 * inner functions.
 */
#include "exchange.c"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stubs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct options options = {.flags = DOORPOST_FLAG_DEBUG, .timeout = 5};
    struct request request = {.operation = DOORPOST_OP_AUTHENTICATE, .user = "x"};
    struct dialogue d = {.pamh = fuzz_handle, .options = &options, .request = &request};
    int fds[2];

    if (size > 60000 || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return 0;
    /* A pipe's worth of bytes fits; nobody reads our answers, and they fit as well. */
    if (write(fds[1], data, size) == (ssize_t)size && shutdown(fds[1], SHUT_WR) == 0) {
        d.helper.channel = fds[0];
        d.deadline = deadline_in(5000);
        memset(d.nonce, 0xa7, sizeof d.nonce);
        if (converse(&d) == NULL && memmem(data, size, d.nonce, sizeof d.nonce) == NULL)
            abort();
        if (strlen(request.granted) >= sizeof request.granted)
            abort();
    }
    (void)close(fds[0]);
    (void)close(fds[1]);
    return 0;
}
