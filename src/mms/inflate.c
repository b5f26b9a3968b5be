#include "mms/inflate.h"

#include <stdlib.h>

/* Each library is wrapped in the same four: a [struct engine] with the next_in, avail_in, next_out
 * and avail_out that both know by these names, engine_start, engine_step and engine_stop. */
enum step { STEP_MORE, STEP_END, STEP_DAMAGED };

#ifdef HAVE_ISAL

#include <isa-l/igzip_lib.h>

typedef struct inflate_state engine;

static err *engine_start(engine *g) {
    isal_inflate_init(g);
    return NULL;
}

static enum step engine_step(engine *g) {
    if (isal_inflate(g) != ISAL_DECOMP_OK)
        return STEP_DAMAGED;
    return g->block_state == ISAL_BLOCK_FINISH ? STEP_END : STEP_MORE;
}

static void engine_stop(engine *g) {
    (void)g; /* holds no memory of its own */
}

#else

#include <zlib.h>

typedef z_stream engine;

static void *engine_alloc(void *unused, unsigned count, unsigned size) {
    (void)unused;
    return mem_zalloc(count, size);
}

static void engine_free(void *unused, void *p) {
    (void)unused;
    free(p);
}

static err *engine_start(engine *g) {
    *g = (z_stream){.zalloc = engine_alloc, .zfree = engine_free};
    if (inflateInit2(g, -15) != Z_OK) /* negative: no zlib header; 15: deflate's 32 KB window */
        return err_new(ERR_IO, "zlib is version %s, this program was built for %s", zlibVersion(),
                       ZLIB_VERSION);
    return NULL;
}

static enum step engine_step(engine *g) {
    switch (inflate(g, Z_NO_FLUSH)) {
    case Z_STREAM_END:
        return STEP_END;
    case Z_OK:
    case Z_BUF_ERROR: /* no progress, which inflater_pull notices */
        return STEP_MORE;
    default:
        return STEP_DAMAGED;
    }
}

static void engine_stop(engine *g) {
    inflateEnd(g);
}

#endif

struct inflater {
    engine engine;
    str rest;      /* what the engine was not given yet */
    size_t packed; /* all there was, for messages */
    bool ended;
};

/* Both libraries count in 32 bits; this leaves them room to add. */
enum { LARGEST_PIECE = 1 << 30 };

static unsigned piece(size_t bytes) {
    return bytes < LARGEST_PIECE ? (unsigned)bytes : LARGEST_PIECE;
}

err *inflater_open(str packed, struct inflater **out) {
    struct inflater *f = mem_alloc(sizeof *f);
    err *e = engine_start(&f->engine);
    if (e) {
        free(f);
        return e;
    }
    f->rest = packed;
    f->packed = packed.len;
    f->ended = false;
    *out = f;
    return NULL;
}

static void feed(struct inflater *f) {
    unsigned count = piece(f->rest.len);
    f->engine.next_in = (unsigned char *)(uintptr_t)f->rest.at; /* neither library writes to it */
    f->engine.avail_in = count;
    f->rest.at += count;
    f->rest.len -= count;
}

err *inflater_pull(struct inflater *f, void *into, size_t capacity, size_t *got) {
    engine *g = &f->engine;
    *got = 0;
    while (*got < capacity && !f->ended) {
        if (g->avail_in == 0 && f->rest.len)
            feed(f);
        unsigned room = piece(capacity - *got), given = g->avail_in;
        g->next_out = (unsigned char *)into + *got;
        g->avail_out = room;
        enum step step = engine_step(g);
        *got += room - g->avail_out;
        f->ended = step == STEP_END;
        if (step == STEP_DAMAGED)
            return err_new(ERR_INPUT, "the deflate data are damaged near byte %zu of %zu",
                           f->packed - f->rest.len - g->avail_in, f->packed);
        if (step == STEP_MORE && g->avail_out == room && g->avail_in == given && !f->rest.len)
            return err_new(ERR_INPUT, "the deflate data stop before their end, at byte %zu",
                           f->packed);
    }
    return NULL;
}

void inflater_close(struct inflater *f) {
    if (!f)
        return;
    engine_stop(&f->engine);
    free(f);
}
