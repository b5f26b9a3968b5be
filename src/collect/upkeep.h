/* What the store needs beside new rows: half hours that stayed partial come to stand once they are
 * past, months that ended become one file.
 */
#ifndef COLLECT_UPKEEP_H
#define COLLECT_UPKEEP_H

#include "store/store.h"

enum { UPKEEP_EVERY_S = 600 };

/* Does what is due at [now]; a few milliseconds, but for the month's end. What fails is logged, and
 * is due again the next time. */
void upkeep(struct store *s, aest_us now);

#endif
