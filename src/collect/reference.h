/* Reference tables: those of MMSDM's monthly archive that change seldom (registration, price
 * limits). Each month has the whole of them, so that the newest month is all that is needed.
 */
#ifndef COLLECT_REFERENCE_H
#define COLLECT_REFERENCE_H

#include "collect/source.h"
#include "mms/csv.h"

/* A month of a source, and the files in it. */
struct reference {
    const char *month;  /* "2025-06" */
    const char *folder; /* of its files */
    struct listing_entry *files;
    size_t count;
};

/* The newest month of [s] that has [table]; memory from [a]. ERR_INPUT when the source has no such
 * month. */
err *reference_newest(struct source *s, struct arena *a, const char *table,
                      struct reference *out) ERR_NODISCARD;

/* Called with each row of a table. [published]: when its file was. */
typedef err *reference_row(void *context, const struct mms_row *row, aest_us published);

/* Gets the files of [table] and reads their rows. *found says whether the month has any. */
err *reference_read(struct source *s, const struct reference *month, const char *table,
                    reference_row *take, void *context, bool *found) ERR_NODISCARD;

/* The same for one file's bytes: a CSV, or a zip of some. */
err *reference_read_file(str bytes, reference_row *take, void *context) ERR_NODISCARD;

#endif
