#include "api/http_body.h"

#include <libdeflate.h>
#include <stdlib.h>

enum {
    GZIP_LEVEL = 1,           /* an answer is read once: time counts for more than bytes */
    GZIP_FROM = 1 << 10,      /* shorter bodies fit in a packet as they are */
    INFLATE_MOST = 256 << 20, /* no embedded asset comes near */
};

bool body_coder_init(struct body_coder *c) {
    c->deflate = libdeflate_alloc_compressor(GZIP_LEVEL);
    c->inflate = libdeflate_alloc_decompressor();
    return c->deflate && c->inflate;
}

void body_coder_free(struct body_coder *c) {
    libdeflate_free_compressor(c->deflate);
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
    size_t room = libdeflate_gzip_compress_bound(c->deflate, p->bytes.len);
    char *packed = mem_alloc(room);
    size_t length = libdeflate_gzip_compress(c->deflate, p->bytes.at, p->bytes.len, packed, room);
    if (length && length < p->bytes.len)
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
