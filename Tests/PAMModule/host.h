/* The strange states that real host programs are in when they call PAM. */
#ifndef DOORPOST_TEST_HOST_H
#define DOORPOST_TEST_HOST_H

/* One of the words in host.c; exits on an unknown one. */
void host_become(const char *word);
/* Prints as a host may while it talks with the person; only a chatty one does. */
void host_chatter(void);
/* Ends what host_become started. */
void host_end(void);

#endif
