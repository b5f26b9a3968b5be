/* AEMO's zip files.
 *
 * Everything is read from the central directory at the end of the archive, never from local
 * headers: AEMO's monthly zips carry data descriptors, so sizes in the local header are zero.
 *
 *      | local header, data | local header, data | ... | central directory | end record |
 *                                                        ^ names, sizes, CRCs, offsets
 *
 * The archive is one piece of memory (a file that was read, a mapping, or a member of another zip).
 * A member is read through a stream that inflates as it goes, so a month of several gigabytes
 * needs no more memory than one window. Daily and weekly archives are zips of zips: open the inner
 * member's bytes as a zip again; ZIP_DEPTH is as deep as AEMO goes, with one to spare.
 *
 * Everything in the archive is hostile: offsets, sizes and names are checked against the memory
 * there is, and inflation stops at the size that the directory states.
 */
#ifndef MMS_ZIP_H
#define MMS_ZIP_H

#include "base/err.h"
#include "base/str.h"

enum { ZIP_DEPTH = 3 };

struct zip_member {
    str name;        /* as stored; may hold a path, a '#' or a '%' */
    uint64_t size;   /* inflated */
    uint64_t packed; /* in the archive */
    uint32_t crc;
    uint16_t method;       /* 0 stored, 8 deflate */
    bool encrypted;        /* can't be read */
    uint64_t local_offset; /* of the local header */
};

struct zip {
    str bytes; /* the whole archive; must outlive the zip */
    struct zip_member *members;
    size_t count;
};

/* Reads the directory; folder entries are left out. Member names are views into [bytes], the list
 * is from [a]. ERR_INPUT when [bytes] is no zip, is cut short, or contradicts itself: a member that
 * lies outside the archive or shares bytes with another, a count that disagrees. Nothing may stand
 * after the end record and its comment. Zip64 is understood; encrypted members and methods other
 * than stored and deflate are refused on reading. */
err *zip_open(struct arena *a, str bytes, struct zip *out) ERR_NODISCARD;

/* A stream over one member. */
struct zip_stream;

/* [limit] is the largest inflated size that is accepted: ERR_INPUT, before anything is inflated,
 * when the directory states more. */
err *zip_stream_open(const struct zip *z, const struct zip_member *m, uint64_t limit,
                     struct zip_stream **out) ERR_NODISCARD;
/* Fills [into] with up to [capacity] bytes; *got is less only at the end of the member, and then 0.
 * ERR_INPUT on bad data, and when the size or the CRC disagrees with the directory: the last byte
 * is only handed out once both are known to agree. After an error the stream can only be closed. */
err *zip_stream_read(struct zip_stream *s, void *into, size_t capacity, size_t *got) ERR_NODISCARD;
/* NULL is allowed. */
void zip_stream_close(struct zip_stream *s);

/* Appends a whole member to [out], or on failure nothing. [limit] and errors are those of a stream.
 */
err *zip_read(const struct zip *z, const struct zip_member *m, uint64_t limit,
              struct buf *out) ERR_NODISCARD;

/* True when [bytes] starts as a zip does; the rest may be anything. */
bool zip_is(str bytes);

#endif
