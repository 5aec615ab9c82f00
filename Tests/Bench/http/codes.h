#ifndef BENCH_CODES_H
#define BENCH_CODES_H

// Called with every code: whom it is for, and the code.
typedef void codes_taken(const char *recipient, const char *code);

// Takes codes from a trigger (codes.py): datagrams of an address, a space and a code.
void codes_start(int socket, codes_taken *taken);

#endif
