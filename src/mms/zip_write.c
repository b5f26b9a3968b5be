#include "mms/zip_write.h"

#include <assert.h>
#include <libdeflate.h>
#include <stdlib.h>

#include "mms/zip.h"

/* Records and fields as in PKWARE's APPNOTE.TXT 4.3; numbers are little-endian. The versions are
 * those of AEMO's files: "made by" 4.5 for a CSV, 2.0 for zips in zips and with descriptors. */
enum {
    LOCAL_MARK = 0x04034b50,
    DESCRIPTOR_MARK = 0x08074b50,
    ENTRY_MARK = 0x02014b50,
    END_MARK = 0x06054b50,
    LOCATOR_MARK = 0x07064b50,
    END64_MARK = 0x06064b50,
    END64_BYTES = 56,
};
enum { METHOD_STORED = 0, METHOD_DEFLATE = 8 };
enum { VERSION_DEFLATE = 20, VERSION_ZIP64 = 45 };
enum { FLAGS_DESCRIPTOR = 0x0808 }; /* a descriptor follows, and the name is UTF-8 */
enum { EXTRA_ZIP64 = 1, EXTRA_PADDING = 0xd935 };
enum { LOCAL_BYTES = 30, ENTRY_BYTES = 46, DESCRIPTOR_BYTES = 16, EXTRA_BYTES = 4 };
/* The head of a stored block, and what one holds. */
enum { BLOCK_BYTES = 5, BLOCK_MAX = UINT16_MAX };

struct zip_writer {
    struct buf *out;
    size_t start; /* of the archive in [out]; offsets count from here, and it wraps below 0 */
    struct buf directory;
    uint64_t count;
    bool descriptors, blocks;
    struct libdeflate_compressor *deflate; /* NULL: members are stored, or in stored blocks */
};

/* What the local header and the directory both say of a member. */
struct entry {
    str name;
    uint64_t offset, size, packed;
    uint32_t crc, modified;
    uint16_t method, flags, made_by;
    bool wide;   /* a size is beyond 32 bits */
    int padding; /* of the local header: bytes of an extra field, 0 for none */
};

static void add_le(struct buf *b, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++)
        buf_add_char(b, (char)(value >> 8 * i & 0xff));
}

static bool is_wide(uint64_t value) {
    return value >= UINT32_MAX;
}

static uint64_t narrow(uint64_t value) {
    return is_wide(value) ? UINT32_MAX : value;
}

/* The date in the high, the time in the low half, in steps of two seconds; MS-DOS knows the years
 * from 1980 to 2107, others become the nearest. */
static uint32_t dos_time(aest_us t) {
    int64_t day = t / AEST_DAY - (t % AEST_DAY < 0);
    int64_t second = (t - day * AEST_DAY) / AEST_SECOND;
    int year, month, date;
    if (day < 3652) /* 1980-01-01 */
        return 1 << 21 | 1 << 16;
    if (day > 50402) /* 2107-12-31 */
        return UINT32_C(0xff9fbf7d);
    aest_date((aest_day)day, &year, &month, &date);
    return (uint32_t)(year - 1980) << 25 | (uint32_t)month << 21 | (uint32_t)date << 16 |
           (uint32_t)(second / 3600 << 11 | second / 60 % 60 << 5 | second % 60 / 2);
}

struct zip_writer *zip_writer_begin(struct buf *out, const struct zip_write_options *options) {
    struct zip_writer *w = mem_alloc(sizeof *w);
    assert(options->level >= ZIP_BLOCKS && options->level <= 12);
    *w = (struct zip_writer){
        .out = out,
        .start = out->len,
        .descriptors = options->descriptors,
        .blocks = options->level == ZIP_BLOCKS,
        .deflate = options->level > 0 ? libdeflate_alloc_compressor(options->level) : NULL,
    };
    if (options->level > 0 && !w->deflate)
        abort(); /* out of memory, as mem_alloc */
    return w;
}

/* The fields from "version needed" to the length of the name, which both headers share. With a
 * descriptor the sizes and the CRC of the local header are zero. */
static void add_common(struct buf *b, const struct entry *e, bool wide, bool known) {
    add_le(b, wide ? VERSION_ZIP64 : VERSION_DEFLATE, 2);
    add_le(b, e->flags, 2);
    add_le(b, e->method, 2);
    add_le(b, e->modified, 4);
    add_le(b, known ? e->crc : 0, 4);
    add_le(b, known ? narrow(e->packed) : 0, 4);
    add_le(b, known ? narrow(e->size) : 0, 4);
    add_le(b, e->name.len, 2);
}

/* A local header's zip64 field has both sizes or none, and its presence alone says that the
 * descriptor's sizes take 8 bytes. */
static void add_local(struct buf *b, const struct entry *e) {
    bool known = !e->flags;
    add_le(b, LOCAL_MARK, 4);
    if (e->wide && known) {
        struct entry both = *e;
        both.size = both.packed = UINT64_MAX;
        add_common(b, &both, true, true);
    } else {
        add_common(b, e, e->wide, known);
    }
    add_le(b, (e->wide ? 20U : 0U) + (unsigned)e->padding, 2);
    buf_add_str(b, e->name);
    if (e->wide) {
        add_le(b, EXTRA_ZIP64, 2);
        add_le(b, 16, 2);
        add_le(b, known ? e->size : 0, 8);
        add_le(b, known ? e->packed : 0, 8);
    }
    if (e->padding) {
        add_le(b, EXTRA_PADDING, 2);
        add_le(b, (unsigned)e->padding - EXTRA_BYTES, 2);
        for (int i = EXTRA_BYTES; i < e->padding; i++)
            buf_add_char(b, 0);
    }
}

static void add_descriptor(struct buf *b, const struct entry *e) {
    int bytes = e->wide ? 8 : 4;
    add_le(b, DESCRIPTOR_MARK, 4);
    add_le(b, e->crc, 4);
    add_le(b, e->packed, bytes);
    add_le(b, e->size, bytes);
}

/* The directory's zip64 field has just those numbers that are too large for their places. */
static void add_entry(struct buf *b, const struct entry *e) {
    uint64_t numbers[] = {e->size, e->packed, e->offset};
    unsigned extra = 0;
    for (size_t i = 0; i < 3; i++)
        extra += is_wide(numbers[i]) ? 8 : 0;
    add_le(b, ENTRY_MARK, 4);
    add_le(b, e->made_by, 2);
    add_common(b, e, e->wide || extra, true);
    add_le(b, extra ? extra + 4 : 0, 2);
    add_le(b, 0, 2); /* comment */
    add_le(b, 0, 2); /* disk */
    add_le(b, 0, 2); /* attributes, internal */
    add_le(b, 0, 4); /* and external */
    add_le(b, narrow(e->offset), 4);
    buf_add_str(b, e->name);
    if (!extra)
        return;
    add_le(b, EXTRA_ZIP64, 2);
    add_le(b, extra, 2);
    for (size_t i = 0; i < 3; i++)
        if (is_wide(numbers[i]))
            add_le(b, numbers[i], 8);
}

/* A stored block; its head begins on a whole byte, as everything before it ends on one. */
static void add_block(struct buf *b, str content, bool last) {
    buf_add_char(b, last);
    add_le(b, content.len, 2);
    add_le(b, ~content.len, 2);
    buf_add_str(b, content);
}

static void add_blocks(struct buf *packed, str content) {
    for (; content.len > BLOCK_MAX; content.at += BLOCK_MAX, content.len -= BLOCK_MAX)
        add_block(packed, (str){content.at, BLOCK_MAX}, false);
    add_block(packed, content, true);
}

static void pack(struct zip_writer *w, str content, struct buf *packed) {
    if (w->blocks) {
        add_blocks(packed, content);
        return;
    }
    if (!w->deflate) {
        buf_add_str(packed, content);
        return;
    }
    size_t bound = libdeflate_deflate_compress_bound(w->deflate, content.len);
    buf_reserve(packed, bound);
    packed->len =
        libdeflate_deflate_compress(w->deflate, content.at, content.len, packed->at, bound);
    assert(packed->len);
}

/* How [missing] bytes are filled: by empty blocks and, for what isn't a multiple of theirs, an
 * extra field. */
static bool choose_padding(uint64_t missing, int *padding, uint64_t *blocks) {
    static const int field[BLOCK_BYTES] = {0, 6, 7, 8, 4};
    *padding = field[missing % BLOCK_BYTES];
    *blocks = (missing - (uint64_t)*padding) / BLOCK_BYTES;
    return missing >= (uint64_t)*padding;
}

static uint64_t overhead(const struct zip_writer *w, size_t name_len) {
    return LOCAL_BYTES + ENTRY_BYTES + 2 * name_len + (w->descriptors ? DESCRIPTOR_BYTES : 0);
}

static void put(struct zip_writer *w, struct entry e, uint64_t blocks, str packed) {
    e.packed = packed.len + blocks * BLOCK_BYTES;
    e.wide = is_wide(e.size) || is_wide(e.packed);
    add_local(w->out, &e);
    for (; blocks; blocks--)
        add_block(w->out, (str){0}, false);
    buf_add_str(w->out, packed);
    if (w->descriptors)
        add_descriptor(w->out, &e);
    add_entry(&w->directory, &e);
    w->count++;
}

static struct entry describe(const struct zip_writer *w, str name, str content, aest_us modified) {
    assert(name.len <= UINT16_MAX);
    return (struct entry){
        .name = name,
        .offset = w->out->len - w->start,
        .size = content.len,
        .crc = libdeflate_crc32(0, content.at, content.len),
        .modified = dos_time(modified),
        .method = w->deflate || w->blocks ? METHOD_DEFLATE : METHOD_STORED,
        .flags = w->descriptors ? FLAGS_DESCRIPTOR : 0,
        .made_by = w->descriptors || zip_is(content) ? VERSION_DEFLATE : VERSION_ZIP64,
    };
}

/* Without padding when [size] is 0. */
static bool add_member(struct zip_writer *w, str name, str content, aest_us modified,
                       uint64_t size) {
    struct buf packed = {0};
    uint64_t blocks = 0;
    content.at = content.at ? content.at : "";
    struct entry e = describe(w, name, content, modified);
    pack(w, content, &packed);
    uint64_t whole =
        e.offset + overhead(w, name.len) + packed.len + w->directory.len + ZIP_END_BYTES;
    bool fits = size >= whole && !is_wide(size) && e.method == METHOD_DEFLATE &&
                choose_padding(size - whole, &e.padding, &blocks);
    if (!fits)
        e.padding = 0, blocks = 0;
    put(w, e, blocks, buf_str(&packed));
    buf_free(&packed);
    return fits;
}

void zip_writer_add(struct zip_writer *w, str name, str content, aest_us modified) {
    add_member(w, name, content, modified, 0);
}

bool zip_writer_add_last(struct zip_writer *w, str name, str content, aest_us modified,
                         uint64_t size) {
    return add_member(w, name, content, modified, size);
}

void zip_writer_moved(struct zip_writer *w, size_t bytes) {
    w->start -= bytes;
}

uint64_t zip_blocks_overhead(size_t name_len, uint64_t content) {
    uint64_t blocks = content ? (content + BLOCK_MAX - 1) / BLOCK_MAX : 1;
    return LOCAL_BYTES + ENTRY_BYTES + 2 * name_len + blocks * BLOCK_BYTES + ZIP_END_BYTES;
}

static void add_zip64_end(struct zip_writer *w, uint64_t offset) {
    uint64_t at = w->out->len - w->start;
    add_le(w->out, END64_MARK, 4);
    add_le(w->out, END64_BYTES - 12, 8); /* of what follows */
    add_le(w->out, VERSION_ZIP64, 2);
    add_le(w->out, VERSION_ZIP64, 2);
    add_le(w->out, 0, 4); /* this disk */
    add_le(w->out, 0, 4); /* the directory's */
    add_le(w->out, w->count, 8);
    add_le(w->out, w->count, 8);
    add_le(w->out, w->directory.len, 8);
    add_le(w->out, offset, 8);
    add_le(w->out, LOCATOR_MARK, 4);
    add_le(w->out, 0, 4);
    add_le(w->out, at, 8);
    add_le(w->out, 1, 4); /* disks in all */
}

void zip_writer_end(struct zip_writer *w) {
    uint64_t offset = w->out->len - w->start, size = w->directory.len;
    uint64_t count = w->count < UINT16_MAX ? w->count : UINT16_MAX;
    buf_add_str(w->out, buf_str(&w->directory));
    if (count == UINT16_MAX || is_wide(offset) || is_wide(size))
        add_zip64_end(w, offset);
    add_le(w->out, END_MARK, 4);
    add_le(w->out, 0, 4); /* this disk, the directory's */
    add_le(w->out, count, 2);
    add_le(w->out, count, 2);
    add_le(w->out, narrow(size), 4);
    add_le(w->out, narrow(offset), 4);
    add_le(w->out, 0, 2); /* comment */
    libdeflate_free_compressor(w->deflate);
    buf_free(&w->directory);
    free(w);
}
