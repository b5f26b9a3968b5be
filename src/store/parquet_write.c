/* Writing a dataset's file.
 *
 *   PAR1 | row group | row group | … | footer | its length | PAR1
 *           |
 *           a chunk for each column: [page of the dictionary] [page of the rows]
 *
 * A row group is made by itself, from its place in the frames to the bytes of its chunks, so
 * several are made side by side. They are written in their order.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "store/encode.h"
#include "store/parquet.h"
#include "store/thrift.h"

enum {
    ROW_GROUP_SIZE = 245760,
    MOST_COLUMNS = DATASET_COLUMNS + 4,
    MOST_THREADS = 4,
    LEVEL = 2,          /* zstd's; see docs/performance.md */
    LONGEST_BOUND = 64, /* a text longer than this gives its chunk no bounds */
    NO_PAGE = -1,

    /* A dictionary holds at most one value in eight, and always some: beyond, values stand as they
     * are. */
    DICTIONARY_SHARE = 8,
    DICTIONARY_LEAST = 64,
};

/* Numbers of the format: parquet.thrift in apache/parquet-format. */
enum physical { PHYSICAL_INT32 = 1, PHYSICAL_INT64 = 2, PHYSICAL_DOUBLE = 5, PHYSICAL_BYTES = 6 };
enum converted { CONVERTED_UTF8 = 0, CONVERTED_MICROS = 10, CONVERTED_INT32 = 17 };
enum encoding { ENCODING_PLAIN = 0, ENCODING_RLE = 3, ENCODING_DICTIONARY = 8 };
enum page { PAGE_DATA = 0, PAGE_DICTIONARY = 2 };
enum { CODEC_ZSTD = 6, OPTIONAL = 1 };

/* -- columns of the file ------------------------------------------------------------------------
 */

enum kind { KIND_RUN_TIME, KIND_TIME, KIND_KEY, KIND_VALUE, KIND_VERSION };

struct file_column {
    const char *name;
    enum kind kind;
    int column; /* of the dataset, for KIND_VALUE */
    enum physical physical;
};

static const enum physical physical_of[] = {
    [COLUMN_DOUBLE] = PHYSICAL_DOUBLE,
    [COLUMN_INTEGER] = PHYSICAL_INT32,
    [COLUMN_TEXT] = PHYSICAL_BYTES,
};

static int list_columns(const struct dataset *d, struct file_column columns[MOST_COLUMNS]) {
    int count = 0;
    if (d->horizon_step)
        columns[count++] = (struct file_column){"run_time", KIND_RUN_TIME, -1, PHYSICAL_INT64};
    columns[count++] = (struct file_column){"settlementdate", KIND_TIME, -1, PHYSICAL_INT64};
    columns[count++] = (struct file_column){d->key, KIND_KEY, -1, PHYSICAL_BYTES};
    for (int c = 0; c < dataset_column_count(d); c++)
        columns[count++] = (struct file_column){d->columns[c].name, KIND_VALUE, c,
                                                physical_of[d->columns[c].type]};
    columns[count++] = (struct file_column){"lastchanged", KIND_VERSION, -1, PHYSICAL_INT64};
    return count;
}

/* -- row groups ---------------------------------------------------------------------------------
 */

/* Some rows of a key in a day: those at [first] to [end], without the slots that have none. */
struct piece {
    const struct frame *frame;
    uint32_t key, name; /* numbers in the frame, and in the order of all names */
    int first, end, rows;
};

/* The smallest or largest value of a chunk, as its bytes. */
struct bound {
    char bytes[LONGEST_BOUND];
    size_t count;
};

/* What the footer says of a column's chunk. */
struct chunk {
    int64_t dictionary_at, data_at; /* from the group's first byte; -1 for no dictionary */
    int64_t packed, unpacked;       /* bytes */
    int64_t nulls;
    struct bound low, high;
    bool bounded;
};

struct group {
    size_t first_piece, piece_count, rows;
    struct chunk chunks[MOST_COLUMNS];
    int64_t at; /* in the file */
};

struct layout {
    struct arena memory;
    const struct frames *frames;
    const struct dataset *dataset;
    struct file_column columns[MOST_COLUMNS];
    int column_count;
    str *names; /* of all keys, in order */
    uint32_t name_count;
    struct piece *pieces;
    size_t piece_count, piece_capacity;
    struct group *groups;
    size_t group_count;
    size_t rows;
};

static int by_name(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

/* The keys of all days in the order of their names. */
static void list_names(struct layout *l) {
    struct intern all = {0};
    for (int day = 0; day < l->frames->count; day++)
        for (uint32_t k = 0; k < l->frames->day[day].keys.count; k++)
            intern_add(&all, l->frames->day[day].keys.texts[k]);
    l->name_count = all.count;
    l->names = ARENA_ARRAY(&l->memory, str, all.count);
    for (uint32_t k = 0; k < all.count; k++)
        l->names[k] = (str){str_dup(&l->memory, all.texts[k]), all.texts[k].len};
    if (all.count)
        qsort(l->names, all.count, sizeof *l->names, by_name);
    intern_free(&all);
}

static struct group *add_group(struct layout *l) {
    if ((l->group_count & (l->group_count - 1)) == 0)
        l->groups =
            mem_resize(l->groups, (l->group_count ? l->group_count * 2 : 1) * sizeof *l->groups);
    struct group *g = &l->groups[l->group_count++];
    *g = (struct group){.first_piece = l->piece_count};
    return g;
}

static void add_piece(struct layout *l, struct group *g, struct piece piece) {
    if (l->piece_count == l->piece_capacity) {
        l->piece_capacity = l->piece_capacity ? l->piece_capacity * 2 : 64;
        l->pieces = mem_resize(l->pieces, l->piece_capacity * sizeof *l->pieces);
    }
    l->pieces[l->piece_count++] = piece;
    g->piece_count++;
    g->rows += (size_t)piece.rows;
    l->rows += (size_t)piece.rows;
}

/* The slot behind the next [rows] rows from [slot] on. */
static int slot_behind(const struct frame *f, uint32_t key, int slot, int rows) {
    for (; rows; slot++)
        rows -= frame_has(f, key, slot);
    return slot;
}

/* Adds the rows of a key in a day, which may go on in another group. */
static void add_rows(struct layout *l, const struct frame *f, uint32_t key, uint32_t name) {
    int left = f->blocks[key].rows, slot = 0;
    while (left) {
        struct group *g = l->group_count ? &l->groups[l->group_count - 1] : NULL;
        if (!g || g->rows == ROW_GROUP_SIZE)
            g = add_group(l);
        size_t room = ROW_GROUP_SIZE - g->rows;
        bool whole = (size_t)left <= room;
        int rows = whole ? left : (int)room;
        int end = whole ? f->slots : slot_behind(f, key, slot, rows);
        add_piece(l, g, (struct piece){f, key, name, slot, end, rows});
        slot = end;
        left -= rows;
    }
}

static void lay_out(struct layout *l, const struct frames *f) {
    *l = (struct layout){.frames = f, .dataset = f->day->dataset};
    l->column_count = list_columns(l->dataset, l->columns);
    list_names(l);
    for (uint32_t name = 0; name < l->name_count; name++)
        for (int day = 0; day < f->count; day++) {
            int64_t key = intern_find(&f->day[day].keys, l->names[name]);
            if (key != INTERN_NONE)
                add_rows(l, &f->day[day], (uint32_t)key, name);
        }
}

static void layout_free(struct layout *l) {
    free(l->pieces);
    free(l->groups);
    arena_free(&l->memory);
}

/* -- a column's values --------------------------------------------------------------------------
 */

/* Makes one row group at a time. */
struct encoder {
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
static uint64_t *gather_times(const struct encoder *e, const struct piece *p, enum kind kind,
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
static void gather(struct encoder *e, const struct file_column *c) {
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
static void number_keys(struct encoder *e) {
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
static void gather_texts(struct encoder *e, const struct file_column *c) {
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
static void add_page(struct encoder *e, struct chunk *chunk, enum page type, str page,
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

static char *put_le(char *at, uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        *at++ = (char)(value >> (8 * i));
    return at;
}

/* Begins the page of rows: which of them have a value. Moves the values together. */
static size_t begin_rows(struct encoder *e, struct chunk *chunk, bool may_lack) {
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
    put_le(e->page.at, e->page.len - 4, 4);
    return count;
}

/* Adds both pages of a chunk: the dictionary of [entries], and the rows, whose numbers in it stand
 * in [numbers]. */
static void add_numbered(struct encoder *e, struct chunk *chunk, size_t count, uint32_t entries) {
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
            at = put_le(at, values[i], sizeof *values);
    else
        for (size_t i = 0; i < count; i++)
            at = put_le(at, values[i], width);
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
    put_le(b.bytes, value, width);
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
static bool number_values(struct encoder *e, size_t count) {
    struct dictionary *d = &e->dictionary;
    dictionary_clear(d);
    for (size_t i = 0; i < count; i++) {
        e->numbers[i] = dictionary_number(d, e->values[i]);
        if (d->count > count / DICTIONARY_SHARE + DICTIONARY_LEAST)
            return false;
    }
    return true;
}

static void add_values(struct encoder *e, const struct file_column *c, struct chunk *chunk) {
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
static void add_numbered_texts(struct encoder *e, struct chunk *chunk, size_t count) {
    str low = {0}, high = {0};
    e->entries.len = 0;
    for (uint32_t i = 0; i < e->texts.count; i++) {
        str text = e->texts.texts[i];
        char length[4];
        put_le(length, text.len, sizeof length);
        buf_add(&e->entries, length, sizeof length);
        buf_add_str(&e->entries, text);
        low = i == 0 || str_compare(text, low) < 0 ? text : low;
        high = i == 0 || str_compare(text, high) > 0 ? text : high;
    }
    chunk->bounded =
        e->texts.count && bound_text(&chunk->low, low) && bound_text(&chunk->high, high);
    add_numbered(e, chunk, count, e->texts.count);
}

static void add_texts(struct encoder *e, const struct file_column *c, struct chunk *chunk) {
    gather_texts(e, c);
    size_t count = begin_rows(e, chunk, true);
    for (size_t i = 0; i < count; i++)
        e->numbers[i] = (uint32_t)e->values[i] - 1;
    add_numbered_texts(e, chunk, count);
}

static void add_keys(struct encoder *e, struct chunk *chunk) {
    size_t count = begin_rows(e, chunk, false);
    number_keys(e);
    add_numbered_texts(e, chunk, count);
}

/* -- encoders -----------------------------------------------------------------------------------
 */

static void encode_group(struct encoder *e) {
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

static void encoder_open(struct encoder *e, const struct layout *l) {
    size_t rows = l->rows < ROW_GROUP_SIZE ? l->rows : ROW_GROUP_SIZE;
    *e = (struct encoder){.layout = l, .zstd = ZSTD_createCCtx()};
    if (!e->zstd)
        e->failure = "out of memory";
    e->values = mem_alloc(rows * sizeof *e->values);
    e->numbers = mem_alloc(rows * sizeof *e->numbers);
}

static void encoder_close(struct encoder *e) {
    ZSTD_freeCCtx(e->zstd);
    free(e->values);
    free(e->numbers);
    dictionary_free(&e->dictionary);
    intern_free(&e->texts);
    buf_free(&e->page);
    buf_free(&e->entries);
    buf_free(&e->packed);
    buf_free(&e->out);
}

/* -- the file -----------------------------------------------------------------------------------
 */

struct output {
    int fd;
    const char *path;
    int64_t at;
};

static err *put(struct output *o, str bytes) {
    while (bytes.len) {
        ssize_t written = write(o->fd, bytes.at, bytes.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return err_errno(errno, "can't write %s", o->path);
        bytes = (str){bytes.at + written, bytes.len - (size_t)written};
        o->at += written;
    }
    return NULL;
}

/* Encodes the next [count] groups side by side, and writes them. */
static err *put_groups(struct output *o, struct encoder *encoders, struct group *groups,
                       size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct encoder *e = &encoders[i];
        e->group = &groups[i];
        e->threaded = i + 1 < count && pthread_create(&e->thread, NULL, encode_in_thread, e) == 0;
        if (!e->threaded)
            encode_group(e);
    }
    err *failed = NULL;
    for (size_t i = 0; i < count; i++) {
        struct encoder *e = &encoders[i];
        if (e->threaded)
            pthread_join(e->thread, NULL);
        if (!failed && e->failure)
            failed = err_new(ERR_IO, "can't write %s: zstd: %s", o->path, e->failure);
        e->group->at = o->at;
        if (!failed)
            failed = put(o, buf_str(&e->out));
    }
    return failed;
}

static size_t thread_count(size_t groups) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t count = cores < 1 ? 1 : cores > MOST_THREADS ? MOST_THREADS : (size_t)cores;
    return count < groups ? count : groups;
}

static err *put_all_groups(struct output *o, struct layout *l) {
    struct encoder encoders[MOST_THREADS];
    size_t threads = thread_count(l->group_count);
    err *e = NULL;
    for (size_t i = 0; i < threads; i++)
        encoder_open(&encoders[i], l);
    for (size_t i = 0; !e && i < l->group_count; i += threads) {
        size_t left = l->group_count - i;
        e = put_groups(o, encoders, &l->groups[i], left < threads ? left : threads);
    }
    for (size_t i = 0; i < threads; i++)
        encoder_close(&encoders[i]);
    return e;
}

/* -- the footer ---------------------------------------------------------------------------------
 */

static void add_schema_column(struct thrift *t, const struct file_column *c) {
    static const enum converted converted[] = {[PHYSICAL_INT32] = CONVERTED_INT32,
                                               [PHYSICAL_INT64] = CONVERTED_MICROS,
                                               [PHYSICAL_BYTES] = CONVERTED_UTF8};
    thrift_begin(t, THRIFT_NO_FIELD);
    thrift_i32(t, 1, c->physical);
    thrift_i32(t, 3, OPTIONAL);
    thrift_bytes(t, 4, str_from(c->name));
    if (c->physical != PHYSICAL_DOUBLE)
        thrift_i32(t, 6, converted[c->physical]);
    if (c->physical == PHYSICAL_INT64) { /* a timestamp of no zone, in microseconds */
        thrift_begin(t, 10);
        thrift_begin(t, 8);
        thrift_bool(t, 1, false);
        thrift_begin(t, 2);
        thrift_begin(t, 2);
        for (int i = 0; i < 4; i++)
            thrift_end(t);
    }
    thrift_end(t);
}

static void add_schema(struct thrift *t, const struct layout *l) {
    thrift_structs(t, 2, (size_t)l->column_count + 1);
    thrift_begin(t, THRIFT_NO_FIELD);
    thrift_bytes(t, 4, STR("schema"));
    thrift_i32(t, 5, l->column_count);
    thrift_end(t);
    for (int i = 0; i < l->column_count; i++)
        add_schema_column(t, &l->columns[i]);
}

static void add_statistics(struct thrift *t, const struct chunk *chunk) {
    thrift_begin(t, 12);
    thrift_i64(t, 3, chunk->nulls);
    if (chunk->bounded) {
        thrift_bytes(t, 5, (str){chunk->high.bytes, chunk->high.count});
        thrift_bytes(t, 6, (str){chunk->low.bytes, chunk->low.count});
        thrift_bool(t, 7, true);
        thrift_bool(t, 8, true);
    }
    thrift_end(t);
}

static void add_chunk(struct thrift *t, const struct file_column *c, const struct group *g,
                      const struct chunk *chunk) {
    static const int32_t numbered[] = {ENCODING_PLAIN, ENCODING_RLE, ENCODING_DICTIONARY};
    str name = str_from(c->name);
    bool plain = chunk->dictionary_at == NO_PAGE;
    int64_t data_at = g->at + chunk->data_at;
    thrift_begin(t, THRIFT_NO_FIELD);
    thrift_i64(t, 2, 0);
    thrift_begin(t, 3);
    thrift_i32(t, 1, c->physical);
    thrift_i32s(t, 2, numbered, plain ? 2 : 3);
    thrift_names(t, 3, &name, 1);
    thrift_i32(t, 4, CODEC_ZSTD);
    thrift_i64(t, 5, (int64_t)g->rows);
    thrift_i64(t, 6, chunk->unpacked);
    thrift_i64(t, 7, chunk->packed);
    thrift_i64(t, 9, data_at);
    if (!plain)
        thrift_i64(t, 11, g->at + chunk->dictionary_at);
    add_statistics(t, chunk);
    thrift_end(t);
    thrift_end(t);
}

static void add_group_facts(struct thrift *t, const struct layout *l, const struct group *g,
                            size_t number) {
    int64_t packed = 0, unpacked = 0;
    thrift_begin(t, THRIFT_NO_FIELD);
    thrift_structs(t, 1, (size_t)l->column_count);
    for (int i = 0; i < l->column_count; i++) {
        add_chunk(t, &l->columns[i], g, &g->chunks[i]);
        packed += g->chunks[i].packed;
        unpacked += g->chunks[i].unpacked;
    }
    thrift_i64(t, 2, unpacked);
    thrift_i64(t, 3, (int64_t)g->rows);
    thrift_i64(t, 5, g->at);
    thrift_i64(t, 6, packed);
    thrift_i16(t, 7, (int)number);
    thrift_end(t);
}

static void add_footer(struct buf *out, const struct layout *l) {
    struct thrift t = {.out = out};
    thrift_begin(&t, THRIFT_NO_FIELD);
    thrift_i32(&t, 1, 1); /* the format's version */
    add_schema(&t, l);
    thrift_i64(&t, 3, (int64_t)l->rows);
    thrift_structs(&t, 4, l->group_count);
    for (size_t i = 0; i < l->group_count; i++)
        add_group_facts(&t, l, &l->groups[i], i);
    thrift_bytes(&t, 6, STR("nemd"));
    thrift_structs(&t, 7, (size_t)l->column_count); /* bounds are by the order of the type */
    for (int i = 0; i < l->column_count; i++) {
        thrift_begin(&t, THRIFT_NO_FIELD);
        thrift_begin(&t, 1);
        thrift_end(&t);
        thrift_end(&t);
    }
    thrift_end(&t);
}

static err *put_file(struct output *o, struct layout *l) {
    struct buf footer = {0};
    char length[4];
    TRY(put(o, STR("PAR1")));
    TRY(put_all_groups(o, l));
    add_footer(&footer, l);
    put_le(length, footer.len, sizeof length);
    buf_add(&footer, length, sizeof length);
    buf_add_str(&footer, STR("PAR1"));
    err *e = put(o, buf_str(&footer));
    buf_free(&footer);
    return e;
}

err *parquet_write(const struct frames *f, const char *path) {
    struct layout layout;
    struct output output = {.path = path};
    output.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (output.fd < 0)
        return err_errno(errno, "can't write %s", path);
    lay_out(&layout, f);
    err *e = put_file(&output, &layout);
    layout_free(&layout);
    if (close(output.fd) && !e)
        e = err_errno(errno, "can't write %s", path);
    return e;
}
