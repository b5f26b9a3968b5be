#include "collect/ingest.h"

#include <stdlib.h>

#include "collect/routes.h"
#include "mms/csv.h"
#include "mms/zip.h"

/* A frame is dense, so a small file could name keys and days enough to fill memory: 256 MB of cells
 * are a day of ten thousand units. */
enum { LONGEST_KEY = 32, BINDINGS = 4, NO_COLUMN = -1, MOST_CELLS = 32 << 20 };

/* A date-time column's last text and value: thousands of rows in a row name the same time. */
struct seen_time {
    char text[32];
    size_t length;
    aest_us value;
};

/* A route, bound to the columns of one table of the file. */
struct binding {
    const struct route *route;
    const struct dataset *dataset;
    int time, key, version, intervention;
    int columns[DATASET_COLUMNS];
    int source; /* the dataset's column that takes route->source, or NO_COLUMN */
    struct seen_time time_seen, version_seen;
};

struct ingest {
    struct batch *out;
    struct batch batch; /* of the current CSV: what beats what within one file is settled there */
    struct arena memory;
    uint64_t limit; /* bytes that are still to be inflated at most */
    size_t cells;   /* of all frames */
    aest_us published;
    interval earliest, latest;         /* that a row may name */
    struct binding bindings[BINDINGS]; /* of the current table */
    int binding_count;
    const struct mms_table *table;
};

/* -- binding a table's columns ------------------------------------------------------------------
 */

static const char *source_column(const struct route *r, const char *column) {
    for (size_t i = 0; i < sizeof r->renamed / sizeof *r->renamed; i++)
        if (r->renamed[i].column && strcmp(r->renamed[i].column, column) == 0)
            return r->renamed[i].from;
    return column;
}

static err *find_column(const struct mms_table *t, const char *name, bool required, int *out) {
    *out = mms_column(t, str_from(name));
    if (*out == NO_COLUMN && required)
        return err_new(ERR_INPUT, "table %.*s.%.*s.%d has no column %s", STR_ARG(t->report),
                       STR_ARG(t->subtable), t->version, name);
    return NULL;
}

static err *bind(const struct route *r, const struct mms_table *t, struct binding *b) {
    const struct dataset *d = &datasets[r->dataset];
    *b = (struct binding){.route = r, .dataset = d, .source = NO_COLUMN};
    TRY(find_column(t, r->time, true, &b->time));
    TRY(find_column(t, d->key, true, &b->key));
    TRY(find_column(t, "LASTCHANGED", false, &b->version));
    TRY(find_column(t, "INTERVENTION", r->intervention != INTERVENTION_NONE, &b->intervention));
    for (int c = 0; c < dataset_column_count(d); c++) {
        const struct column *column = &d->columns[c];
        b->columns[c] = NO_COLUMN;
        if (r->source && strcmp(column->name, "source") == 0)
            b->source = c;
        else
            TRY(find_column(t, source_column(r, column->name), column->required, &b->columns[c]));
    }
    return NULL;
}

static err *bind_table(struct ingest *in, struct mms_table *t) {
    in->binding_count = 0;
    in->table = t;
    for (int i = 0; i < route_count; i++) {
        if (!str_eq_nocase(t->report, str_from(routes[i].report)) ||
            !str_eq_nocase(t->subtable, str_from(routes[i].subtable)))
            continue;
        if (in->binding_count == BINDINGS)
            abort(); /* routes.c has more routes for one table than there is room for */
        TRY(bind(&routes[i], t, &in->bindings[in->binding_count]));
        in->binding_count++;
    }
    t->skip = in->binding_count == 0;
    return NULL;
}

/* -- values -------------------------------------------------------------------------------------
 */

static err *bad_value(const struct mms_row *row, int column, const char *expected) {
    str value = mms_field(row, column), name = row->table->columns[column];
    return err_new(ERR_INPUT, "line %llu: %.*s is '%.*s%s', not %s", (unsigned long long)row->line,
                   STR_ARG(name), (int)(value.len < 60 ? value.len : 60), value.at,
                   value.len < 60 ? "" : "…", expected);
}

static err *read_time(const struct mms_row *row, int column, struct seen_time *seen, aest_us *out) {
    str text = mms_field(row, column);
    if (text.len == seen->length && memcmp(text.at, seen->text, text.len) == 0 && text.len) {
        *out = seen->value;
        return NULL;
    }
    if (!aest_parse_mms(text, out))
        return bad_value(row, column, "a date and time");
    if (text.len <= sizeof seen->text) {
        memcpy(seen->text, text.at, text.len);
        seen->length = text.len;
        seen->value = *out;
    }
    return NULL;
}

static err *read_key(const struct mms_row *row, int column, str *key) {
    *key = mms_field(row, column);
    if (key->len == 0 || key->len > LONGEST_KEY)
        return bad_value(row, column, "an identifier of 1 to 32 characters");
    for (size_t i = 0; i < key->len; i++)
        if (key->at[i] <= ' ' || key->at[i] > '~' || key->at[i] == '"')
            return bad_value(row, column, "an identifier");
    return NULL;
}

static err *read_cell(struct ingest *in, const struct mms_row *row, int column,
                      enum column_type type, struct frame *f, cell *out) {
    str text = mms_field(row, column);
    double number;
    if (text.len == 0)
        return NULL; /* AEMO's null */
    if (type == COLUMN_TEXT) {
        *out = frame_text(f, mms_unquote(&in->memory, text));
        return NULL;
    }
    if (!str_to_double(text, &number))
        return bad_value(row, column, "a number");
    *out = cell_from_double(number);
    return NULL;
}

/* Whether the row's run of the dispatch engine is one that the route takes, and how it ranks. */
static err *read_intervention(const struct mms_row *row, const struct binding *b, bool *wanted,
                              uint8_t *precedence) {
    uint64_t run;
    *wanted = true;
    *precedence = 0;
    if (b->route->intervention == INTERVENTION_NONE)
        return NULL;
    if (!str_to_u64(mms_field(row, b->intervention), &run) || run > 9)
        return bad_value(row, b->intervention, "a digit");
    *wanted = b->route->intervention == INTERVENTION_PHYSICAL || run == 0;
    *precedence = (uint8_t)run;
    return NULL;
}

/* -- rows ---------------------------------------------------------------------------------------
 */

static err *take_row(struct ingest *in, const struct mms_row *row, struct binding *b) {
    const struct route *r = b->route;
    cell columns[DATASET_COLUMNS] = {CELL_MISSING};
    aest_us time, version = in->published;
    uint8_t precedence;
    bool wanted;
    interval at;
    str key;
    TRY(read_intervention(row, b, &wanted, &precedence));
    if (!wanted)
        return NULL;
    TRY(read_key(row, b->key, &key));
    if (r->regions_only && key.at[key.len - 1] != '1')
        return NULL;
    TRY(read_time(row, b->time, &b->time_seen, &time));
    if (!interval_from_aest(time, &at) || at % b->dataset->step)
        return bad_value(row, b->time,
                         b->dataset->step == 1 ? "the end of a five-minute interval"
                                               : "the end of a half hour");
    if (at < in->earliest || at > in->latest)
        return bad_value(row, b->time, "within reach of the file's publication");
    if (r->five_minute_settlement_only && at <= five_minute_settlement_start())
        return NULL;
    if (b->version != NO_COLUMN && mms_field(row, b->version).len) {
        TRY(read_time(row, b->version, &b->version_seen, &version));
        if (version < interval_to_aest(in->earliest) || version > interval_to_aest(in->latest))
            return bad_value(row, b->version, "within reach of the file's publication");
    }

    struct frame *f = batch_frame(&in->batch, r->dataset, interval_day(at));
    uint32_t blocks = f->block_count, k = frame_key(f, key);
    in->cells += (size_t)(f->block_count - blocks) * (size_t)((1 + f->columns) * f->slots);
    if (in->cells > MOST_CELLS)
        return err_new(ERR_INPUT, "line %llu: more keys and days than a file of AEMO's can hold",
                       (unsigned long long)row->line);
    for (int c = 0; c < f->columns; c++)
        if (b->columns[c] != NO_COLUMN)
            TRY(read_cell(in, row, b->columns[c], b->dataset->columns[c].type, f, &columns[c]));
    if (b->source != NO_COLUMN)
        columns[b->source] = frame_text(f, str_from(r->source));
    frame_put(f, k, frame_slot(f, at), precedence, version, columns, &in->batch.noted);
    return NULL;
}

/* Neither rows nor their versions can be of before the market began, nor of long after their file
 * was published: a settlementdate like 2999-12-31 would make a day file of its own, a lastchanged
 * like that could never be revised. */
static void set_reach(struct ingest *in) {
    aest_day market_start;
    aest_day_from_date(1998, 12, 13, &market_start);
    in->earliest = interval_day_start(market_start);
    in->latest = interval_at_or_after(in->published + 14 * AEST_DAY);
}

static err *take_csv(struct ingest *in, mms_pull *pull, void *context) {
    struct mms_reader *reader;
    struct mms_table *table;
    struct mms_row row;
    enum mms_record kind = MMS_ROW;
    TRY(mms_open(pull, context, &reader));
    err *e = NULL;
    in->published = mms_published(reader);
    in->table = NULL;
    set_reach(in);
    while (!e && !(e = mms_next(reader, &kind, &table, &row)) && kind != MMS_END) {
        if (kind == MMS_TABLE || row.table != in->table)
            e = bind_table(in, kind == MMS_TABLE ? table : row.table);
        for (int i = 0; !e && kind == MMS_ROW && i < in->binding_count; i++)
            e = take_row(in, &row, &in->bindings[i]);
    }
    mms_close(reader);
    if (!e)
        batch_merge(in->out, &in->batch);
    batch_free(&in->batch);
    return e;
}

/* -- files --------------------------------------------------------------------------------------
 */

static err *pull_member(void *context, void *into, size_t capacity, size_t *got) {
    return zip_stream_read(context, into, capacity, got);
}

static err *take_zip(struct ingest *in, str bytes, int depth);

static err *take_member(struct ingest *in, const struct zip *z, const struct zip_member *m,
                        int depth) {
    uint64_t limit = in->limit; /* for the whole file: zips in zips can promise the world */
    if (str_ends_nocase(m->name, STR(".zip"))) {
        struct buf inner = {0};
        err *e = zip_read(z, m, limit, &inner);
        in->limit -= inner.len;
        if (!e)
            e = take_zip(in, buf_str(&inner), depth - 1);
        buf_free(&inner);
        return e;
    }
    struct zip_stream *stream;
    TRY(zip_stream_open(z, m, limit, &stream));
    in->limit -= m->size;
    err *e = take_csv(in, pull_member, stream);
    zip_stream_close(stream);
    return e;
}

static err *take_zip(struct ingest *in, str bytes, int depth) {
    struct arena a = {0};
    struct zip z;
    err *e = depth > 0 ? zip_open(&a, bytes, &z)
                       : err_new(ERR_INPUT, "zips in zips, over %d deep", ZIP_DEPTH);
    if (!e && z.count == 0)
        e = err_new(ERR_INPUT, "the zip holds no file");
    for (size_t i = 0; !e && i < z.count; i++) {
        str name = z.members[i].name;
        e = take_member(in, &z, &z.members[i], depth);
        if (z.count > 1) /* else the file's own name says it */
            e = err_wrap(e, "%.*s", (int)(name.len < 120 ? name.len : 120), name.at);
    }
    arena_free(&a);
    return e;
}

err *ingest_file(str bytes, uint64_t limit, struct batch *out) {
    struct ingest in = {.out = out, .limit = limit};
    err *e =
        zip_is(bytes) ? take_zip(&in, bytes, ZIP_DEPTH) : take_csv(&in, mms_pull_bytes, &bytes);
    arena_free(&in.memory);
    return e;
}
