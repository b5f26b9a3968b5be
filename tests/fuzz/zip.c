/* Reads every member of the input, and of the zips in it, in two ways that have to agree. */
#include "mms/zip.h"

#include <stdlib.h>

enum { LIMIT = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All of a member in small, uneven pieces; false when it can't be read. */
static bool read_in_pieces(const struct zip *z, const struct zip_member *m, struct buf *out) {
    struct zip_stream *s;
    char piece[1009];
    size_t got = 1;
    err *e = zip_stream_open(z, m, LIMIT, &s);
    bool good = !e;
    err_free(e);
    if (!good)
        return false;
    for (size_t i = 0; good && got; i++) {
        e = zip_stream_read(s, piece, 1 + i * 97 % sizeof piece, &got);
        buf_add(out, piece, got);
        good = !e;
        err_free(e);
    }
    zip_stream_close(s);
    return good;
}

static void read_all(str bytes, int depth) {
    struct arena a = {0};
    struct zip z;
    err *e = zip_open(&a, bytes, &z);
    for (size_t i = 0; !e && i < z.count; i++) {
        struct buf whole = {0}, pieces = {0};
        err *failure = zip_read(&z, &z.members[i], LIMIT, &whole);
        bool good = read_in_pieces(&z, &z.members[i], &pieces);
        if (good == (failure != NULL) || (good && !str_eq(buf_str(&whole), buf_str(&pieces))))
            abort();
        if (good && depth < ZIP_DEPTH && zip_is(buf_str(&whole)))
            read_all(buf_str(&whole), depth + 1);
        err_free(failure);
        buf_free(&whole);
        buf_free(&pieces);
    }
    err_free(e);
    arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    read_all((str){(const char *)data, size}, 1);
    return 0;
}
