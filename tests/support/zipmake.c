#include "support/zipmake.h"

#include <assert.h>
#include <libdeflate.h>

static void put(struct buf *b, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++)
        buf_add_char(b, (char)(unsigned char)(value >> 8 * i));
}

static void put16(struct buf *b, uint64_t value) {
    put(b, value, 2);
}

static void put32(struct buf *b, uint64_t value) {
    put(b, value, 4);
}

static void put64(struct buf *b, uint64_t value) {
    put(b, value, 8);
}

static void pack(const struct zipmake_member *m, struct buf *out) {
    if (!m->deflate) {
        buf_add_str(out, m->content);
        return;
    }
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(m->level);
    assert(c);
    size_t bound = libdeflate_deflate_compress_bound(c, m->content.len);
    const char *content = m->content.len ? m->content.at : "";
    buf_reserve(out, bound);
    out->len = libdeflate_deflate_compress(c, content, m->content.len, out->at, bound);
    assert(out->len);
    libdeflate_free_compressor(c);
}

struct facts {
    uint16_t version, flags, method;
    uint32_t crc;
    uint64_t size, packed, offset;
};

/* What both headers have alike: version to flags, method, time, date, CRC and sizes. */
static void put_common(struct buf *b, const struct facts *f, bool zip64) {
    put16(b, f->version);
    put16(b, f->flags);
    put16(b, f->method);
    put16(b, 0);
    put16(b, 0x5a21); /* 2025-01-01 */
    put32(b, f->crc);
    put32(b, zip64 ? UINT32_MAX : f->packed);
    put32(b, zip64 ? UINT32_MAX : f->size);
}

static void add_local(struct zipmake *z, const struct zipmake_member *m, struct facts f, str data) {
    struct facts header = f;
    if (m->descriptor)
        header.crc = 0, header.size = 0, header.packed = 0;
    put32(&z->bytes, 0x04034b50);
    put_common(&z->bytes, &header, m->zip64);
    put16(&z->bytes, m->name.len);
    put16(&z->bytes, m->local_extra.len + (m->zip64 ? 20 : 0));
    buf_add_str(&z->bytes, m->name);
    if (m->zip64) {
        put16(&z->bytes, 1);
        put16(&z->bytes, 16);
        put64(&z->bytes, header.size);
        put64(&z->bytes, header.packed);
    }
    buf_add_str(&z->bytes, m->local_extra);
    buf_add_str(&z->bytes, data);
    if (!m->descriptor)
        return;
    put32(&z->bytes, 0x08074b50);
    put32(&z->bytes, f.crc);
    put(&z->bytes, f.packed, m->zip64 ? 8 : 4);
    put(&z->bytes, f.size, m->zip64 ? 8 : 4);
}

static void add_entry(struct zipmake *z, const struct zipmake_member *m, struct facts f) {
    f.flags = m->lie_flags ? m->lie_flags : f.flags;
    f.method = m->lie_method ? m->lie_method : f.method;
    f.crc ^= m->lie_crc;
    f.size += (uint64_t)m->lie_size;
    f.packed += (uint64_t)m->lie_packed;
    f.offset += (uint64_t)m->lie_offset;
    put32(&z->directory, 0x02014b50);
    put16(&z->directory, f.version);
    put_common(&z->directory, &f, m->zip64);
    put16(&z->directory, m->name.len);
    put16(&z->directory, m->zip64 ? 9 + 28 : 0);
    put16(&z->directory, 0); /* comment */
    put16(&z->directory, 0); /* disk */
    put16(&z->directory, 0); /* attributes, inner */
    put32(&z->directory, 0); /* and outer */
    put32(&z->directory, m->zip64 ? UINT32_MAX : f.offset);
    buf_add_str(&z->directory, m->name);
    if (m->zip64) {
        put16(&z->directory, 0x5455); /* a time field, to be passed over */
        put16(&z->directory, 5);
        put(&z->directory, 0, 5);
        put16(&z->directory, 1);
        put16(&z->directory, 24);
        put64(&z->directory, f.size);
        put64(&z->directory, f.packed);
        put64(&z->directory, f.offset);
    }
    z->count++;
}

void zipmake_add(struct zipmake *z, const struct zipmake_member *m) {
    struct buf packed = {0};
    pack(m, &packed);
    struct facts f = {
        .version = m->zip64 ? 45 : 20,
        .flags = m->descriptor ? 0x0808 : 0,
        .method = m->deflate ? 8 : 0,
        .crc = m->content.len ? libdeflate_crc32(0, m->content.at, m->content.len) : 0,
        .size = m->content.len,
        .packed = packed.len,
        .offset = z->bytes.len,
    };
    add_local(z, m, f, buf_str(&packed));
    add_entry(z, m, f);
    buf_free(&packed);
}

static void end64(struct zipmake *z, uint64_t count, uint64_t offset) {
    uint64_t at = z->bytes.len;
    put32(&z->bytes, 0x06064b50);
    put64(&z->bytes, 44); /* bytes that follow */
    put16(&z->bytes, 45);
    put16(&z->bytes, 45);
    put32(&z->bytes, 0);
    put32(&z->bytes, 0);
    put64(&z->bytes, count);
    put64(&z->bytes, count);
    put64(&z->bytes, z->directory.len);
    put64(&z->bytes, offset);
    put32(&z->bytes, 0x07064b50);
    put32(&z->bytes, 0);
    put64(&z->bytes, at);
    put32(&z->bytes, 1);
}

str zipmake_end(struct zipmake *z) {
    uint64_t offset = z->bytes.len, count = (uint64_t)((int64_t)z->count + z->lie_count);
    buf_add_str(&z->bytes, buf_str(&z->directory));
    if (z->zip64)
        end64(z, count, offset);
    put32(&z->bytes, 0x06054b50);
    put16(&z->bytes, 0);
    put16(&z->bytes, 0);
    put16(&z->bytes, z->zip64 ? UINT16_MAX : count);
    put16(&z->bytes, z->zip64 ? UINT16_MAX : count);
    put32(&z->bytes, z->zip64 ? UINT32_MAX : z->directory.len);
    put32(&z->bytes, z->zip64 ? UINT32_MAX : offset);
    put16(&z->bytes, z->comment.len);
    buf_add_str(&z->bytes, z->comment);
    return buf_str(&z->bytes);
}

void zipmake_free(struct zipmake *z) {
    buf_free(&z->bytes);
    buf_free(&z->directory);
    *z = (struct zipmake){0};
}
