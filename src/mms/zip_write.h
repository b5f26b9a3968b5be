/* Writing zips, as AEMO does: one deflate member as a rule, zips in zips in the archives, and data
 * descriptors in the monthly files since August 2024. The same members give the same bytes.
 */
#ifndef MMS_ZIP_WRITE_H
#define MMS_ZIP_WRITE_H

#include "base/aest.h"
#include "base/str.h"

struct zip_writer;

enum {
    ZIP_STORED = 0,  /* no compression at all, or */
    ZIP_BLOCKS = -1, /* deflate without compressing, so that sizes follow from the contents' */
};

struct zip_write_options {
    bool descriptors; /* sizes and CRC behind the data, zeros before it: general purpose flag 0x0808
                       */
    int level;        /* of deflate, 1 to 12, or one of the above */
};

/* Appends to [out], which must not be touched by others until zip_writer_end. */
struct zip_writer *zip_writer_begin(struct buf *out, const struct zip_write_options *options);
/* Adds a member; [modified] becomes its MS-DOS time. Zip64 fields where sizes ask for them. */
void zip_writer_add(struct zip_writer *w, str name, str content, aest_us modified);
/* Adds the last member, padded so that the whole archive takes [size] bytes. What pads is an extra
 * field and empty blocks before the data, which any reader passes over. False, and nothing is
 * padded, when that can't be done: too little room, or a method that has no blocks. */
bool zip_writer_add_last(struct zip_writer *w, str name, str content, aest_us modified,
                         uint64_t size);
/* Says that the first [bytes] of the archive have been taken out of the buffer, as one does who
 * sends it while it is still being written. */
void zip_writer_moved(struct zip_writer *w, size_t bytes);
/* Bytes that an archive of one such member, written with ZIP_BLOCKS, adds to [content]; of one of
 * several members all but ZIP_END_BYTES. */
enum { ZIP_END_BYTES = 22, ZIP_PAD_LEAST = 4 };
uint64_t zip_blocks_overhead(size_t name_len, uint64_t content);
/* Writes the directory and frees the writer. */
void zip_writer_end(struct zip_writer *w);

#endif
