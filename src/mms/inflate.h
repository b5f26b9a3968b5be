/* Raw deflate, as a stream.
 *
 * Most of the time that a backfill spends goes into inflating: a month of unit output is 24 MB of
 * zip and 357 MB of text. ISA-L inflates about twice as fast as zlib, but exists for fewer
 * processors and isn't packaged everywhere, so it is used where the build finds it (HAVE_ISAL)
 * and zlib elsewhere. libdeflate is as fast as ISA-L but only inflates whole members, and a member
 * may be larger than memory. This face is all that the rest of nemd sees of either library.
 *
 * The packed bytes are one piece of memory, known from the start; the caller pulls the inflated
 * bytes out in pieces of any size, straight into its own memory. What was inflated isn't kept:
 * size and checksum are the caller's to verify.
 */
#ifndef MMS_INFLATE_H
#define MMS_INFLATE_H

#include "base/err.h"
#include "base/str.h"

struct inflater;

/* [packed] must outlive the inflater. ERR_IO when the library refuses to start. */
err *inflater_open(str packed, struct inflater **out) ERR_NODISCARD;
/* Writes the next [capacity] bytes to [into]; *got is less only at the end of the stream. ERR_INPUT
 * when the data are damaged or are cut short; the inflater can then only be closed. Bytes in
 * [packed] after the end of the stream are ignored. */
err *inflater_pull(struct inflater *f, void *into, size_t capacity, size_t *got) ERR_NODISCARD;
/* NULL is allowed. */
void inflater_close(struct inflater *f);

#endif
