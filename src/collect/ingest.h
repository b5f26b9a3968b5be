/* From the bytes of a file to rows.
 *
 * A file is a CSV, a zip of one, or a zip of such zips; what it is shows in its bytes. Tables that
 * no route wants are passed over. Any fault in it refuses the whole file: rows of a file that was
 * cut short or damaged are not to be told from good ones.
 */
#ifndef COLLECT_INGEST_H
#define COLLECT_INGEST_H

#include "collect/batch.h"

/* Adds the rows of a file to [out], which starts empty and is not to be used after an error.
 * [limit] bounds what all of the file inflates to. ERR_INPUT says what is wrong, and where. */
err *ingest_file(str bytes, uint64_t limit, struct batch *out) ERR_NODISCARD;

#endif
