/* What a PAM module must leave in its host as it was, as one text to compare.
 */
#ifndef DOORPOST_TEST_SNAPSHOT_H
#define DOORPOST_TEST_SNAPSHOT_H

/* The caller frees it. */
char *snapshot(void);

#endif
