/* Writing zips, as AEMO does: one deflate member as a rule, zips in zips in the archives, and data
 * descriptors in the monthly files since August 2024. The same members give the same bytes.
 */
#ifndef MMS_ZIP_WRITE_H
#define MMS_ZIP_WRITE_H

#include "base/aest.h"
#include "base/str.h"

struct zip_writer;

struct zip_write_options {
    bool descriptors; /* sizes and CRC behind the data, zeros before it: general purpose flag 0x0808
                       */
    int level;        /* of deflate, 1 to 12; 0: stored */
};

/* Appends to [out], which must not be touched by others until zip_writer_end. */
struct zip_writer *zip_writer_begin(struct buf *out, const struct zip_write_options *options);
/* Adds a member; [modified] becomes its MS-DOS time. Zip64 fields where sizes ask for them. */
void zip_writer_add(struct zip_writer *w, str name, str content, aest_us modified);
/* Writes the directory and frees the writer. */
void zip_writer_end(struct zip_writer *w);

#endif
