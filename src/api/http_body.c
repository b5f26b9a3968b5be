#include "api/http_body.h"

#include <libdeflate.h>
#include <stdlib.h>

enum {
    GZIP_LEVEL = 1,           /* an answer is read once: time counts for more than bytes */
    GZIP_FROM = 1 << 10,      /* shorter bodies fit in a packet as they are */
    INFLATE_MOST = 256 << 20, /* no embedded asset comes near */
};

/* -- gzip, over ISA-L or libdeflate --------------------------------------------------------------
 */

#ifdef HAVE_ISAL
#include <isa-l.h>

struct deflater {
    struct isal_zstream z;
    uint8_t tables[ISAL_DEF_LVL1_DEFAULT];
};

static struct deflater *deflater_new(void) {
    return mem_alloc(sizeof(struct deflater));
}

static void deflater_free(struct deflater *d) {
    free(d);
}

/* The length of what [plain] becomes in [packed]; 0 where it doesn't fit into [room]. */
static size_t deflate_gzip(struct deflater *d, str plain, char *packed, size_t room) {
    isal_deflate_stateless_init(&d->z);
    d->z.level = GZIP_LEVEL;
    d->z.level_buf = d->tables;
    d->z.level_buf_size = sizeof d->tables;
    d->z.gzip_flag = IGZIP_GZIP;
    d->z.end_of_stream = 1;
    d->z.next_in = (uint8_t *)(uintptr_t)plain.at;
    d->z.avail_in = (uint32_t)plain.len;
    d->z.next_out = (uint8_t *)packed;
    d->z.avail_out = (uint32_t)room;
    if (plain.len > UINT32_MAX || isal_deflate_stateless(&d->z) != COMP_OK)
        return 0;
    return d->z.total_out;
}
#else
struct deflater;

static struct deflater *deflater_new(void) {
    return (struct deflater *)libdeflate_alloc_compressor(GZIP_LEVEL);
}

static void deflater_free(struct deflater *d) {
    libdeflate_free_compressor((struct libdeflate_compressor *)d);
}

static size_t deflate_gzip(struct deflater *d, str plain, char *packed, size_t room) {
    return libdeflate_gzip_compress((struct libdeflate_compressor *)d, plain.at, plain.len, packed,
                                    room);
}
#endif

bool body_coder_init(struct body_coder *c) {
    c->deflate = deflater_new();
    c->inflate = libdeflate_alloc_decompressor();
    return c->deflate && c->inflate;
}

void body_coder_free(struct body_coder *c) {
    deflater_free(c->deflate);
    libdeflate_free_decompressor(c->inflate);
}

struct body body_take(struct http_response *r) {
    struct body p = {.bytes = buf_str(&r->body), .owned = r->body.at};
    p.encoding = r->content_encoding;
    r->body = (struct buf){0};
    if (r->fixed_body.at) {
        free(p.owned);
        p.owned = NULL;
        p.bytes = r->fixed_body;
    }
    return p;
}

static void replace(struct body *p, char *bytes, size_t length, const char *encoding) {
    free(p->owned);
    *p = (struct body){{bytes, length}, bytes, encoding};
}

static void gzip(struct body_coder *c, struct body *p) {
    char *packed = mem_alloc(p->bytes.len);
    size_t length = deflate_gzip(c->deflate, p->bytes, packed, p->bytes.len);
    if (length)
        replace(p, packed, length, "gzip");
    else
        free(packed);
}

/* gzip ends with the length of what it holds, in four bytes, the lowest first. */
static bool gunzip(struct body_coder *c, struct body *p) {
    size_t room = 0, length;
    if (p->bytes.len < 18)
        return false;
    for (size_t i = 1; i <= 4; i++)
        room = room << 8 | (unsigned char)p->bytes.at[p->bytes.len - i];
    if (room > INFLATE_MOST)
        return false;
    char *plain = mem_alloc(room + 1);
    if (libdeflate_gzip_decompress(c->inflate, p->bytes.at, p->bytes.len, plain, room, &length)) {
        free(plain);
        return false;
    }
    replace(p, plain, length, NULL);
    return true;
}

/* Pictures and fonts are compressed by themselves. */
static bool is_text(const char *content_type) {
    static const char *const marks[] = {"text/", "json", "javascript", "xml"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (str_find_nocase(str_from(content_type), str_from(marks[i])) >= 0)
            return true;
    return false;
}

bool body_suit(struct body_coder *c, struct body *b, const char *content_type, bool accepts_gzip) {
    if (!b->encoding && accepts_gzip && b->bytes.len > GZIP_FROM && is_text(content_type))
        gzip(c, b);
    else if (b->encoding && strcmp(b->encoding, "gzip") == 0 && !accepts_gzip)
        return gunzip(c, b);
    return true;
}
