#include "mms/zip.h"

#include <inttypes.h>
#include <libdeflate.h>
#include <stdlib.h>

#include "mms/inflate.h"

/* Records, their signatures and the sizes of their fixed parts, as in PKWARE's APPNOTE.TXT 4.3.
 * Numbers are little-endian. */
enum {
    LOCAL_MARK = 0x04034b50,
    LOCAL_BYTES = 30,
    ENTRY_MARK = 0x02014b50,
    ENTRY_BYTES = 46,
    END_MARK = 0x06054b50,
    END_BYTES = 22,
    LOCATOR_MARK = 0x07064b50,
    LOCATOR_BYTES = 20,
    END64_MARK = 0x06064b50,
    END64_BYTES = 56,
};
enum { METHOD_STORED = 0, METHOD_DEFLATE = 8 };
enum { FLAG_ENCRYPTED = 1, EXTRA_ZIP64 = 1 };
/* A match of 258 bytes takes at least two bits, so no byte of deflate gives more than this. */
enum { DEFLATE_BEST_RATIO = 258 * 4 };
enum { SHOWN_NAME = 120 };

static uint16_t le16(const char *at) {
    const unsigned char *b = (const unsigned char *)at;
    return (uint16_t)(b[0] | b[1] << 8);
}

static uint32_t le32(const char *at) {
    return le16(at) | (uint32_t)le16(at + 2) << 16;
}

static uint64_t le64(const char *at) {
    return le32(at) | (uint64_t)le32(at + 4) << 32;
}

static bool has_mark(str bytes, uint32_t mark) {
    return bytes.len >= 4 && le32(bytes.at) == mark;
}

bool zip_is(str bytes) {
    return has_mark(bytes, LOCAL_MARK) || has_mark(bytes, END_MARK);
}

/* Says which member [cause] is about, with as much of its name as a message should hold. */
static err *about(const struct zip_member *m, err *cause) {
    int length = m->name.len < SHOWN_NAME ? (int)m->name.len : SHOWN_NAME;
    return err_wrap(cause, "member %.*s", length, m->name.at);
}

struct directory {
    uint64_t offset, size, count;
    size_t end; /* where the record after it begins */
};

/* The end record is followed by a comment of up to 64 KB only, whose length it states. */
static bool find_end(str bytes, size_t *at) {
    if (bytes.len < END_BYTES)
        return false;
    size_t last = bytes.len - END_BYTES, first = last > UINT16_MAX ? last - UINT16_MAX : 0;
    for (size_t i = last + 1; i-- > first;) {
        if (le32(bytes.at + i) == END_MARK && le16(bytes.at + i + 20) == last - i) {
            *at = i;
            return true;
        }
    }
    return false;
}

/* Takes the numbers of a zip64 end record, to which a locator before the end record points. Without
 * a locator the archive is an ordinary one whose numbers happen to be the largest. */
static err *read_zip64_end(str bytes, struct directory *d) {
    size_t locator = d->end - LOCATOR_BYTES;
    if (d->end < LOCATOR_BYTES || le32(bytes.at + locator) != LOCATOR_MARK)
        return NULL;
    uint64_t at = le64(bytes.at + locator + 8);
    if (at > locator || locator - at < END64_BYTES || le32(bytes.at + at) != END64_MARK)
        return err_new(ERR_INPUT, "no zip64 end record at %" PRIu64, at);
    d->count = le64(bytes.at + at + 32);
    d->size = le64(bytes.at + at + 40);
    d->offset = le64(bytes.at + at + 48);
    d->end = (size_t)at;
    return NULL;
}

static err *find_directory(str bytes, struct directory *d) {
    size_t at;
    if (!find_end(bytes, &at))
        return zip_is(bytes) ? err_new(ERR_INPUT, "the zip is cut short: it has no end record")
                             : err_new(ERR_INPUT, "this is no zip");
    const char *end = bytes.at + at;
    if (le16(end + 8) != le16(end + 10))
        return err_new(ERR_INPUT, "this is one part of a split zip");
    d->count = le16(end + 10);
    d->size = le32(end + 12);
    d->offset = le32(end + 16);
    d->end = at;
    if (d->count == UINT16_MAX || d->size == UINT32_MAX || d->offset == UINT32_MAX)
        TRY(read_zip64_end(bytes, d));
    if (d->offset > d->end || d->size > d->end - d->offset)
        return err_new(ERR_INPUT,
                       "the directory should be %" PRIu64 " bytes at %" PRIu64
                       ", but it ends at %zu",
                       d->size, d->offset, d->end);
    if (d->count > d->size / ENTRY_BYTES)
        return err_new(ERR_INPUT,
                       "the end record says %" PRIu64
                       " members, but the directory has only %" PRIu64 " bytes",
                       d->count, d->size);
    return NULL;
}

/* Replaces those of the numbers that are too large for 32 bits by their values in the zip64 field
 * of [extra], which holds just these, in this order. */
static err *read_zip64_extra(str extra, struct zip_member *m) {
    uint64_t *wanted[] = {&m->size, &m->packed, &m->local_offset};
    str field = {0};
    while (extra.len >= 4 && !field.at) {
        size_t length = le16(extra.at + 2);
        if (length > extra.len - 4)
            break;
        if (le16(extra.at) == EXTRA_ZIP64)
            field = (str){extra.at + 4, length};
        extra = (str){extra.at + 4 + length, extra.len - 4 - length};
    }
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (*wanted[i] != UINT32_MAX)
            continue;
        if (field.len < 8)
            return err_new(ERR_INPUT, "its zip64 sizes are missing");
        *wanted[i] = le64(field.at);
        field = (str){field.at + 8, field.len - 8};
    }
    return NULL;
}

/* Reads the entry at the front of [rest] and takes it off. */
static err *read_entry(str *rest, struct zip_member *m) {
    const char *at = rest->at;
    if (rest->len < ENTRY_BYTES || le32(at) != ENTRY_MARK)
        return err_new(ERR_INPUT, "there is no such entry");
    size_t name = le16(at + 28), extra = le16(at + 30), comment = le16(at + 32);
    size_t length = ENTRY_BYTES + name + extra + comment;
    if (length > rest->len)
        return err_new(ERR_INPUT, "it is %zu bytes long, the rest of the directory %zu", length,
                       rest->len);
    *m = (struct zip_member){
        .name = {at + ENTRY_BYTES, name},
        .size = le32(at + 24),
        .packed = le32(at + 20),
        .crc = le32(at + 16),
        .method = le16(at + 10),
        .encrypted = le16(at + 8) & FLAG_ENCRYPTED,
        .local_offset = le32(at + 42),
    };
    *rest = (str){at + length, rest->len - length};
    return about(m, read_zip64_extra((str){at + ENTRY_BYTES + name, extra}, m));
}

/* Where the packed bytes of [m] are. Only the local header knows, as its name and extra field may
 * be longer or shorter than those in the directory. */
static err *find_data(str bytes, const struct zip_member *m, str *data) {
    uint64_t at = m->local_offset;
    if (at > bytes.len || bytes.len - at < LOCAL_BYTES || le32(bytes.at + at) != LOCAL_MARK)
        return err_new(ERR_INPUT, "it should begin at %" PRIu64 ", but there is no local header",
                       at);
    size_t header = (size_t)LOCAL_BYTES + le16(bytes.at + at + 26) + le16(bytes.at + at + 28);
    uint64_t room = bytes.len - at;
    if (header > room || m->packed > room - header)
        return err_new(ERR_INPUT, "its %" PRIu64 " bytes at %" PRIu64 " go beyond the members' end",
                       m->packed, at);
    *data = (str){bytes.at + at + header, (size_t)m->packed};
    return NULL;
}

struct span {
    const struct zip_member *member;
    const char *from, *to;
};

static int compare_spans(const void *a, const void *b) {
    const struct span *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* Every member lies before the directory and has its bytes to itself. Members that share bytes are
 * how a small archive claims to hold petabytes. */
static err *check_members(struct arena *a, str before_directory, const struct zip *z) {
    struct span *spans = ARENA_ARRAY(a, struct span, z->count);
    for (size_t i = 0; i < z->count; i++) {
        const struct zip_member *m = &z->members[i];
        str data = {0};
        TRY(about(m, find_data(before_directory, m, &data)));
        spans[i] = (struct span){m, before_directory.at + m->local_offset, data.at + data.len};
    }
    qsort(spans, z->count, sizeof *spans, compare_spans);
    for (size_t i = 1; i < z->count; i++)
        if (spans[i].from < spans[i - 1].to)
            return about(spans[i].member, about(spans[i - 1].member,
                                                err_new(ERR_INPUT, "both share the same bytes")));
    return NULL;
}

err *zip_open(struct arena *a, str bytes, struct zip *out) {
    struct directory d = {0};
    *out = (struct zip){.bytes = bytes};
    TRY(find_directory(bytes, &d));
    out->members = ARENA_ARRAY(a, struct zip_member, d.count);
    str rest = {bytes.at + d.offset, (size_t)d.size};
    for (uint64_t i = 0; i < d.count; i++) {
        struct zip_member *m = &out->members[out->count];
        TRY(err_wrap(read_entry(&rest, m), "directory entry %" PRIu64 " of %" PRIu64, i + 1,
                     d.count));
        if (!str_ends_nocase(m->name, STR("/")))
            out->count++;
    }
    if (rest.len)
        return err_new(ERR_INPUT,
                       "the end record says %" PRIu64 " members, but the directory goes on",
                       d.count);
    return check_members(a, (str){bytes.at, (size_t)d.offset}, out);
}

struct zip_stream {
    struct zip_member member;
    struct inflater *inflater; /* NULL when the bytes are there as they are: */
    str stored;                /* those not read yet */
    uint64_t done;             /* bytes handed out */
    uint32_t crc;              /* of these */
    bool checked;              /* size and CRC agree */
};

/* Stored, or an empty member that its writer called deflate without writing any. */
static bool is_plain(const struct zip_member *m) {
    return m->method == METHOD_STORED || m->packed == 0;
}

static err *check_readable(const struct zip_member *m, uint64_t limit) {
    if (m->encrypted)
        return err_new(ERR_INPUT, "it is encrypted");
    if (m->method != METHOD_STORED && m->method != METHOD_DEFLATE)
        return err_new(ERR_INPUT,
                       "its compression method is %u, only stored (0) and deflate (8) are read",
                       m->method);
    if (m->size > limit)
        return err_new(ERR_INPUT, "it holds %" PRIu64 " bytes, at most %" PRIu64 " are accepted",
                       m->size, limit);
    bool possible = is_plain(m) ? m->size == m->packed : m->size / DEFLATE_BEST_RATIO <= m->packed;
    if (!possible)
        return err_new(ERR_INPUT,
                       "%" PRIu64 " packed bytes can't hold the %" PRIu64
                       " that the directory says",
                       m->packed, m->size);
    return NULL;
}

static err *open_stream(const struct zip *z, const struct zip_member *m, uint64_t limit,
                        struct zip_stream **out) {
    str data = {0};
    struct inflater *inflater = NULL;
    TRY(check_readable(m, limit));
    TRY(find_data(z->bytes, m, &data));
    if (!is_plain(m))
        TRY(inflater_open(data, &inflater));
    *out = mem_alloc(sizeof **out);
    **out = (struct zip_stream){.member = *m, .inflater = inflater, .stored = data};
    return NULL;
}

err *zip_stream_open(const struct zip *z, const struct zip_member *m, uint64_t limit,
                     struct zip_stream **out) {
    return about(m, open_stream(z, m, limit, out));
}

static err *pull(struct zip_stream *s, void *into, size_t want, size_t *got) {
    *got = 0;
    if (want == 0)
        return NULL;
    if (s->inflater) {
        TRY(inflater_pull(s->inflater, into, want, got));
    } else {
        memcpy(into, s->stored.at, want);
        s->stored = (str){s->stored.at + want, s->stored.len - want};
        *got = want;
    }
    s->done += *got;
    s->crc = libdeflate_crc32(s->crc, into, *got);
    if (*got < want)
        return err_new(ERR_INPUT, "it ends after %" PRIu64 " bytes, the directory says %" PRIu64,
                       s->done, s->member.size);
    return NULL;
}

/* All that the directory promised was handed out: nothing may follow, and the CRC must agree. */
static err *check_end(struct zip_stream *s) {
    char probe;
    size_t more = 0;
    if (s->inflater)
        TRY(inflater_pull(s->inflater, &probe, 1, &more));
    if (more)
        return err_new(ERR_INPUT, "it goes on after the %" PRIu64 " bytes that the directory says",
                       s->member.size);
    if (s->crc != s->member.crc)
        return err_new(ERR_INPUT, "CRC is %08" PRIx32 ", the directory says %08" PRIx32, s->crc,
                       s->member.crc);
    s->checked = true;
    return NULL;
}

err *zip_stream_read(struct zip_stream *s, void *into, size_t capacity, size_t *got) {
    uint64_t left = s->member.size - s->done;
    err *e = pull(s, into, capacity < left ? capacity : (size_t)left, got);
    if (!e && s->done == s->member.size && !s->checked)
        e = check_end(s);
    if (e)
        *got = 0;
    return about(&s->member, e);
}

void zip_stream_close(struct zip_stream *s) {
    if (!s)
        return;
    inflater_close(s->inflater);
    free(s);
}

err *zip_read(const struct zip *z, const struct zip_member *m, uint64_t limit, struct buf *out) {
    struct zip_stream *s = NULL;
    size_t got = 0;
    TRY(zip_stream_open(z, m, limit, &s));
    buf_reserve(out, (size_t)m->size + 1); /* room for a terminating zero, which buf_cstr adds */
    err *e = zip_stream_read(s, out->at + out->len, (size_t)m->size, &got);
    out->len += got;
    zip_stream_close(s);
    return e;
}
