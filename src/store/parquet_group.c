/* A row group, from its place in the frames to the bytes of its chunks. */
#include <pthread.h>
#include <stdlib.h>
#include <zstd.h>

#include "store/encode.h"
#include "store/parquet_parts.h"
#include "store/thrift.h"

enum {
    LEVEL = 2, /* zstd's; see docs/performance.md */

    /* A dictionary holds at most one value in eight, and always some: beyond, values stand as they
     * are. */
    DICTIONARY_SHARE = 8,
    DICTIONARY_LEAST = 64,
};

/* -- a column's values --------------------------------------------------------------------------
 */

struct group_encoder {
    const struct layout *layout;
    struct group *group;
    uint64_t *values;  /* of a column, a row each, or of those rows that have one */
    uint32_t *numbers; /* the same as numbers in the dictionary */
    struct dictionary dictionary;
    struct intern texts;
    struct buf page, entries; /* of the rows, and of the dictionary */
    struct buf packed, out;   /* [out] is all of the group */
    ZSTD_CCtx *zstd;
    pthread_t thread;
    bool threaded;
    const char *failure;
};

/* settlementdate, or a forecast's run_time. */
static uint64_t *gather_times(const struct group_encoder *e, const struct piece *p, enum kind kind,
                              uint64_t *out) {
    const struct dataset *d = e->layout->dataset;
    const cell *rows = p->frame->blocks[p->key].lastchanged;
    int horizon = 0;
    str key;
    if (kind == KIND_TIME && d->horizon_step)
        forecast_key_split(e->layout->names[p->name], &key, &horizon);
    aest_us step = interval_to_aest(d->step),
            first = interval_to_aest(frame_interval(p->frame, 0) + horizon * d->horizon_step);
    for (int slot = p->first; slot < p->end; slot++)
        if (rows[slot] != CELL_MISSING)
            *out++ = (uint64_t)(first + slot * step);
    return out;
}

static uint64_t *gather_cells(const struct piece *p, int column, uint64_t *out) {
    const struct frame_block *b = &p->frame->blocks[p->key];
    const struct frame_column c = b->columns[column];
    for (int slot = p->first; slot < p->end; slot++)
        if (b->lastchanged[slot] != CELL_MISSING)
            *out++ = frame_column_cell(&c, slot);
    return out;
}

static uint64_t *gather_versions(const struct piece *p, uint64_t *out) {
    const cell *versions = p->frame->blocks[p->key].lastchanged;
    for (int slot = p->first; slot < p->end; slot++)
        if (versions[slot] != CELL_MISSING)
            *out++ = versions[slot];
    return out;
}

/* Puts the column's cells, one for each row, into [values]; those of times as numbers. */
static void gather(struct group_encoder *e, const struct file_column *c) {
    uint64_t *out = e->values;
    for (size_t i = 0; i < e->group->piece_count; i++) {
        const struct piece *p = &e->layout->pieces[e->group->first_piece + i];
        if (c->kind == KIND_VALUE)
            out = gather_cells(p, c->column, out);
        else if (c->kind == KIND_VERSION)
            out = gather_versions(p, out);
        else
            out = gather_times(e, p, c->kind, out);
    }
}

/* Puts the number of each row's key in [texts] into [numbers]; a forecast's without horizon. */
static void number_keys(struct group_encoder *e) {
    uint32_t *row = e->numbers;
    for (size_t i = 0; i < e->group->piece_count; i++) {
        const struct piece *p = &e->layout->pieces[e->group->first_piece + i];
        str name = e->layout->names[p->name];
        int horizon;
        if (e->layout->dataset->horizon_step)
            forecast_key_split(name, &name, &horizon);
        uint32_t number = intern_add(&e->texts, name);
        for (int k = 0; k < p->rows; k++)
            *row++ = number;
    }
}

/* The texts of a column as numbers in [texts], plus one; 0 where there is none. */
static void gather_texts(struct group_encoder *e, const struct file_column *c) {
    uint64_t *row = e->values;
    gather(e, c);
    for (size_t i = 0; i < e->group->piece_count; i++) {
        const struct piece *p = &e->layout->pieces[e->group->first_piece + i];
        cell last = CELL_MISSING; /* in this frame */
        uint64_t number = 0;
        for (int k = 0; k < p->rows; k++, row++) {
            if (*row != last) {
                last = *row;
                number = last == CELL_MISSING
                             ? 0
                             : intern_add(&e->texts, frame_cell_text(p->frame, last)) + 1;
            }
            *row = number;
        }
    }
}

/* -- pages --------------------------------------------------------------------------------------
 */

/* Adds a page to the group. */
static void add_page(struct group_encoder *e, struct chunk *chunk, enum page type, str page,
                     size_t values, enum encoding encoding) {
    size_t bound = ZSTD_compressBound(page.len), before = e->out.len;
    e->packed.len = 0;
    buf_reserve(&e->packed, bound);
    size_t packed = ZSTD_compressCCtx(e->zstd, e->packed.at, bound, page.at, page.len, LEVEL);
    if (ZSTD_isError(packed)) {
        e->failure = ZSTD_getErrorName(packed);
        return;
    }
    struct thrift t = {.out = &e->out};
    thrift_begin(&t, THRIFT_NO_FIELD);
    thrift_i32(&t, 1, type);
    thrift_i32(&t, 2, (int32_t)page.len);
    thrift_i32(&t, 3, (int32_t)packed);
    thrift_begin(&t, type == PAGE_DATA ? 5 : 7);
    thrift_i32(&t, 1, (int32_t)values);
    thrift_i32(&t, 2, encoding);
    if (type == PAGE_DATA) { /* of the levels, which say what rows have a value */
        thrift_i32(&t, 3, ENCODING_RLE);
        thrift_i32(&t, 4, ENCODING_RLE);
    }
    thrift_end(&t);
    thrift_end(&t);
    chunk->unpacked += (int64_t)(e->out.len - before + page.len);
    buf_add(&e->out, e->packed.at, packed);
    chunk->packed += (int64_t)(e->out.len - before);
}

/* Begins the page of rows: which of them have a value. Moves the values together. */
static size_t begin_rows(struct group_encoder *e, struct chunk *chunk, bool may_lack) {
    size_t rows = e->group->rows, count = may_lack ? 0 : rows;
    for (size_t i = 0; may_lack && i < rows; i++) {
        e->numbers[i] = e->values[i] != CELL_MISSING;
        e->values[count] = e->values[i];
        count += e->numbers[i];
    }
    chunk->nulls = (int64_t)(rows - count);
    e->page.len = 0;
    buf_reserve(&e->page, 4);
    e->page.len = 4;
    if (chunk->nulls) {
        encode_hybrid(&e->page, e->numbers, rows, 1);
    } else { /* a run of ones */
        thrift_varint(&e->page, rows << 1);
        buf_add_char(&e->page, 1);
    }
    encode_le(e->page.at, e->page.len - 4, 4);
    return count;
}

/* Adds both pages of a chunk: the dictionary of [entries], and the rows, whose numbers in it stand
 * in [numbers]. */
static void add_numbered(struct group_encoder *e, struct chunk *chunk, size_t count,
                         uint32_t entries) {
    int width = encode_width(entries);
    buf_add_char(&e->page, (char)width);
    encode_hybrid(&e->page, e->numbers, count, width);
    chunk->dictionary_at = (int64_t)e->out.len;
    add_page(e, chunk, PAGE_DICTIONARY, buf_str(&e->entries), entries, ENCODING_PLAIN);
    chunk->data_at = (int64_t)e->out.len;
    add_page(e, chunk, PAGE_DATA, buf_str(&e->page), e->group->rows, ENCODING_DICTIONARY);
}

/* -- chunks of numbers --------------------------------------------------------------------------
 */

static size_t width_of(enum physical physical) {
    return physical == PHYSICAL_INT32 ? sizeof(int32_t) : sizeof(int64_t);
}

static void add_plain(struct buf *out, const uint64_t *values, size_t count, size_t width) {
    buf_reserve(out, count * width);
    char *at = out->at + out->len;
    if (width == sizeof *values)
        for (size_t i = 0; i < count; i++)
            at = encode_le(at, values[i], sizeof *values);
    else
        for (size_t i = 0; i < count; i++)
            at = encode_le(at, values[i], width);
    out->len += count * width;
}

static double as_double(uint64_t bits) {
    return cell_to_double(~bits);
}

static bool is_less(enum physical physical, uint64_t a, uint64_t b) {
    return physical == PHYSICAL_DOUBLE ? as_double(a) < as_double(b) : (int64_t)a < (int64_t)b;
}

static struct bound bound_of(uint64_t value, size_t width) {
    struct bound b = {.count = width};
    encode_le(b.bytes, value, width);
    return b;
}

static void find_bounds(struct chunk *chunk, enum physical physical, const uint64_t *values,
                        size_t count) {
    if (count == 0)
        return;
    uint64_t low = values[0], high = values[0];
    for (size_t i = 1; i < count; i++) {
        low = is_less(physical, values[i], low) ? values[i] : low;
        high = is_less(physical, high, values[i]) ? values[i] : high;
    }
    if (physical == PHYSICAL_DOUBLE) { /* the format's rule for zeros, which have two signs */
        low = as_double(low) == 0 ? UINT64_C(1) << 63 : low;
        high = as_double(high) == 0 ? 0 : high;
    }
    chunk->bounded = true;
    chunk->low = bound_of(low, width_of(physical));
    chunk->high = bound_of(high, width_of(physical));
}

/* From cells to the bits of the file. */
static void convert(uint64_t *values, size_t count, enum physical physical) {
    if (physical == PHYSICAL_DOUBLE)
        for (size_t i = 0; i < count; i++)
            values[i] = ~values[i];
    else if (physical == PHYSICAL_INT32)
        for (size_t i = 0; i < count; i++)
            values[i] = (uint64_t)(int64_t)as_double(~values[i]);
}

/* Puts each value's number in a dictionary into [numbers]; false when too few values repeat for a
 * dictionary to pay. */
static bool number_values(struct group_encoder *e, size_t count) {
    struct dictionary *d = &e->dictionary;
    dictionary_clear(d);
    for (size_t i = 0; i < count; i++) {
        e->numbers[i] = dictionary_number(d, e->values[i]);
        if (d->count > count / DICTIONARY_SHARE + DICTIONARY_LEAST)
            return false;
    }
    return true;
}

static void add_values(struct group_encoder *e, const struct file_column *c, struct chunk *chunk) {
    gather(e, c);
    size_t count = begin_rows(e, chunk, c->kind == KIND_VALUE), width = width_of(c->physical);
    convert(e->values, count, c->physical);
    if (number_values(e, count)) {
        const struct dictionary *d = &e->dictionary;
        e->entries.len = 0;
        add_plain(&e->entries, d->values, d->count, width);
        find_bounds(chunk, c->physical, d->values, d->count);
        add_numbered(e, chunk, count, d->count);
        return;
    }
    add_plain(&e->page, e->values, count, width);
    find_bounds(chunk, c->physical, e->values, count);
    chunk->data_at = (int64_t)e->out.len;
    add_page(e, chunk, PAGE_DATA, buf_str(&e->page), e->group->rows, ENCODING_PLAIN);
}

/* -- chunks of texts ----------------------------------------------------------------------------
 */

static bool bound_text(struct bound *b, str text) {
    if (text.len > sizeof b->bytes)
        return false;
    memcpy(b->bytes, text.at, text.len);
    b->count = text.len;
    return true;
}

/* Adds the pages of a chunk whose texts are numbered by [texts]. */
static void add_numbered_texts(struct group_encoder *e, struct chunk *chunk, size_t count) {
    str low = {0}, high = {0};
    e->entries.len = 0;
    for (uint32_t i = 0; i < e->texts.count; i++) {
        str text = e->texts.texts[i];
        char length[4];
        encode_le(length, text.len, sizeof length);
        buf_add(&e->entries, length, sizeof length);
        buf_add_str(&e->entries, text);
        low = i == 0 || str_compare(text, low) < 0 ? text : low;
        high = i == 0 || str_compare(text, high) > 0 ? text : high;
    }
    chunk->bounded =
        e->texts.count && bound_text(&chunk->low, low) && bound_text(&chunk->high, high);
    add_numbered(e, chunk, count, e->texts.count);
}

static void add_texts(struct group_encoder *e, const struct file_column *c, struct chunk *chunk) {
    gather_texts(e, c);
    size_t count = begin_rows(e, chunk, true);
    for (size_t i = 0; i < count; i++)
        e->numbers[i] = (uint32_t)e->values[i] - 1;
    add_numbered_texts(e, chunk, count);
}

static void add_keys(struct group_encoder *e, struct chunk *chunk) {
    size_t count = begin_rows(e, chunk, false);
    number_keys(e);
    add_numbered_texts(e, chunk, count);
}

/* -- encoders -----------------------------------------------------------------------------------
 */

static void encode_group(struct group_encoder *e) {
    const struct layout *l = e->layout;
    e->out.len = 0;
    for (int i = 0; i < l->column_count; i++) {
        const struct file_column *c = &l->columns[i];
        struct chunk *chunk = &e->group->chunks[i];
        *chunk = (struct chunk){.dictionary_at = NO_PAGE};
        if (c->physical != PHYSICAL_BYTES) {
            add_values(e, c, chunk);
            continue;
        }
        intern_free(&e->texts);
        if (c->kind == KIND_KEY)
            add_keys(e, chunk);
        else
            add_texts(e, c, chunk);
    }
}

static void *encode_in_thread(void *encoder) {
    encode_group(encoder);
    return NULL;
}

struct group_encoder *group_encoder_open(const struct layout *l) {
    size_t rows = l->rows < ROW_GROUP_SIZE ? l->rows : ROW_GROUP_SIZE;
    struct group_encoder *e = mem_alloc(sizeof *e);
    *e = (struct group_encoder){.layout = l, .zstd = ZSTD_createCCtx()};
    if (!e->zstd)
        e->failure = "out of memory";
    e->values = mem_alloc(rows * sizeof *e->values);
    e->numbers = mem_alloc(rows * sizeof *e->numbers);
    return e;
}

void group_encoder_close(struct group_encoder *e) {
    ZSTD_freeCCtx(e->zstd);
    free(e->values);
    free(e->numbers);
    dictionary_free(&e->dictionary);
    intern_free(&e->texts);
    buf_free(&e->page);
    buf_free(&e->entries);
    buf_free(&e->packed);
    buf_free(&e->out);
    free(e);
}

void group_encode(struct group_encoder *e, struct group *group, bool threaded) {
    e->group = group;
    e->threaded = threaded && pthread_create(&e->thread, NULL, encode_in_thread, e) == 0;
    if (!e->threaded)
        encode_group(e);
}

err *group_encoded(struct group_encoder *e, str *bytes) {
    if (e->threaded)
        pthread_join(e->thread, NULL);
    *bytes = buf_str(&e->out);
    return e->failure ? err_new(ERR_IO, "zstd: %s", e->failure) : NULL;
}
