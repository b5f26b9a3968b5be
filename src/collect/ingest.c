#include "collect/ingest.h"

#include <stdlib.h>

#include "collect/routes.h"
#include "mms/csv.h"
#include "mms/zip.h"

/* A frame is dense, so a small file could name keys and days enough to fill memory. 384 MB of cells
 * are more than a month of unit dispatch takes. */
enum { LONGEST_KEY = 32, BINDINGS = 4, NO_COLUMN = -1, MOST_CELLS = 48 << 20 };

/* A column of times. Thousands of rows in a row name the same one, so the last is remembered, and
 * its interval once that was asked for. */
struct time_column {
    int column; /* or NO_COLUMN */
    bool (*parse)(str text, aest_us *out);
    const char *expected;
    char text[32];
    size_t length;
    aest_us value;
    interval at; /* within the file's reach, or 0 */
};

/* A route, bound to the columns of one table of the file. */
struct binding {
    const struct route *route;
    const struct dataset *dataset;
    struct time_column time, run, version;
    int key, intervention;
    int nonzero[ROUTE_NAMES];
    int columns[DATASET_COLUMNS];
    int source; /* the dataset's column that takes route->source, or NO_COLUMN */
};

struct ingest {
    struct batch *out;
    struct batch batch; /* of the current CSV: what beats what within one file is settled there */
    struct arena memory;
    uint64_t limit;                    /* bytes that are still to be inflated at most */
    size_t cells, merged;              /* that the frames of [batch] and of [out] take */
    aest_us published;                 /* of the current CSV, */
    str title;                         /* and which report it is */
    interval earliest, latest;         /* that a row may name */
    interval five_minutes;             /* the last one that was settled by half hours */
    struct binding bindings[BINDINGS]; /* of the current table */
    int binding_count;
    const struct mms_table *table;
};

/* -- binding a table's columns ------------------------------------------------------------------
 */

/* PREDISPATCHSEQNO: 2019043040 is the run of the 40th half hour after 2019-04-30 04:00. */
static bool parse_run_number(str text, aest_us *out) {
    uint64_t half_hours;
    if (text.len != 10 || !aest_parse_digits((str){text.at, 8}, out) ||
        !str_to_u64((str){text.at + 8, 2}, &half_hours) || half_hours < 1 || half_hours > 48)
        return false;
    *out += (4 * 60 + 30 * (int64_t)half_hours) * AEST_MINUTE;
    return true;
}

static const char *source_column(const struct route *r, const char *column) {
    for (int i = 0; i < ROUTE_NAMES; i++)
        if (r->renamed[i].column && strcmp(r->renamed[i].column, column) == 0)
            return r->renamed[i].from;
    return column;
}

static bool fills(const struct route *r, const char *column) {
    for (int i = 0; i < ROUTE_NAMES && r->fills[i]; i++)
        if (strcmp(r->fills[i], column) == 0)
            return true;
    return !r->fills[0];
}

static err *find_column(const struct mms_table *t, const char *name, bool required, int *out) {
    *out = name ? mms_column(t, str_from(name)) : NO_COLUMN;
    if (*out == NO_COLUMN && required)
        return err_new(ERR_INPUT, "table %.*s.%.*s.%d has no column %s", STR_ARG(t->report),
                       STR_ARG(t->subtable), t->version, name);
    return NULL;
}

static err *find_times(const struct route *r, const struct mms_table *t, struct binding *b) {
    const struct time_column plain = {.parse = aest_parse_mms, .expected = "a date and time"};
    b->time = b->run = b->version = plain;
    if (r->run_is_counted)
        b->run = (struct time_column){.parse = parse_run_number,
                                      .expected = "a date and a half hour of its trading day"};
    TRY(find_column(t, r->time, true, &b->time.column));
    TRY(find_column(t, r->run, r->run != NULL, &b->run.column));
    return find_column(t, "LASTCHANGED", false, &b->version.column);
}

static err *bind(const struct route *r, const struct mms_table *t, struct binding *b) {
    const struct dataset *d = &datasets[r->dataset];
    *b = (struct binding){.route = r, .dataset = d, .source = NO_COLUMN};
    TRY(find_times(r, t, b));
    TRY(find_column(t, d->key, true, &b->key));
    /* old forecasts don't say: they are of one run */
    bool told = r->intervention != INTERVENTION_NONE && !d->horizon_step;
    TRY(find_column(t, "INTERVENTION", told, &b->intervention));
    for (int i = 0; i < ROUTE_NAMES; i++)
        TRY(find_column(t, r->nonzero[i], r->nonzero[i] != NULL, &b->nonzero[i]));
    for (int c = 0; c < dataset_column_count(d); c++) {
        const struct column *column = &d->columns[c];
        b->columns[c] = NO_COLUMN;
        if (r->source && strcmp(column->name, "source") == 0)
            b->source = c;
        else if (fills(r, column->name))
            TRY(find_column(t, source_column(r, column->name), column->required, &b->columns[c]));
    }
    return NULL;
}

/* Reports can share a table that means something else in each. */
static bool is_of_report(const struct route *r, str title) {
    return (!r->titled || str_find_nocase(title, str_from(r->titled)) >= 0) &&
           (!r->not_titled || str_find_nocase(title, str_from(r->not_titled)) < 0);
}

static err *bind_table(struct ingest *in, struct mms_table *t) {
    in->binding_count = 0;
    in->table = t;
    for (int i = 0; i < route_count; i++) {
        if (!str_eq_nocase(t->report, str_from(routes[i].report)) ||
            !str_eq_nocase(t->subtable, str_from(routes[i].subtable)) ||
            !is_of_report(&routes[i], in->title))
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

static err *read_time(const struct mms_row *row, struct time_column *c, aest_us *out) {
    str text = mms_field(row, c->column);
    if (text.len && str_eq(text, (str){c->text, c->length})) {
        *out = c->value;
        return NULL;
    }
    if (!c->parse(text, out))
        return bad_value(row, c->column, c->expected);
    if (text.len <= sizeof c->text) {
        memcpy(c->text, text.at, text.len);
        c->length = text.len;
        c->value = *out;
        c->at = 0;
    }
    return NULL;
}

/* An interval that is neither of before the market nor of long after the file. */
static err *read_interval(const struct ingest *in, const struct mms_row *row, struct time_column *c,
                          interval *out) {
    aest_us time;
    TRY(read_time(row, c, &time));
    *out = c->at;
    if (c->at)
        return NULL;
    if (!interval_from_aest(time, out))
        return bad_value(row, c->column, "the end of a five-minute interval");
    if (*out < in->earliest || *out > in->latest)
        return bad_value(row, c->column, "within reach of the file's publication");
    c->at = *out;
    return NULL;
}

/* The same, on the dataset's grid. */
static err *read_step(const struct ingest *in, const struct mms_row *row, struct time_column *c,
                      const struct dataset *d, interval *out) {
    TRY(read_interval(in, row, c, out));
    return *out % d->step ? bad_value(row, c->column, "the end of a half hour") : NULL;
}

/* The row's LASTCHANGED, or when its file was published. */
static err *read_version(const struct ingest *in, const struct mms_row *row, struct time_column *c,
                         aest_us *out) {
    *out = in->published;
    if (c->column == NO_COLUMN || mms_field(row, c->column).len == 0)
        return NULL;
    TRY(read_time(row, c, out));
    if (*out < interval_to_aest(in->earliest) || *out > interval_to_aest(in->latest))
        return bad_value(row, c->column, "within reach of the file's publication");
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

static bool is_integer(double number) {
    return number >= INT32_MIN && number <= INT32_MAX && number == (double)(int32_t)number;
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
    if (type == COLUMN_INTEGER && !is_integer(number))
        return bad_value(row, column, "an integer");
    *out = cell_from_double(number);
    return NULL;
}

/* Whether the row's run of the dispatch engine is one that the route takes, and how it ranks. */
static err *read_intervention(const struct mms_row *row, const struct binding *b, bool *wanted,
                              uint8_t *precedence) {
    uint64_t run;
    *wanted = true;
    *precedence = 0;
    if (b->route->intervention == INTERVENTION_NONE || b->intervention == NO_COLUMN)
        return NULL;
    if (!str_to_u64(mms_field(row, b->intervention), &run) || run > 9)
        return bad_value(row, b->intervention, "a digit");
    *wanted = b->route->intervention == INTERVENTION_PHYSICAL || run == 0;
    *precedence = (uint8_t)run;
    return NULL;
}

/* Whether one of the columns that must not all be 0 isn't. */
static err *read_nonzero(const struct mms_row *row, const struct binding *b, bool *wanted) {
    *wanted = b->nonzero[0] == NO_COLUMN;
    for (int i = 0; i < ROUTE_NAMES && b->nonzero[i] != NO_COLUMN; i++) {
        double number = 0;
        str text = mms_field(row, b->nonzero[i]);
        if (text.len && !str_to_double(text, &number))
            return bad_value(row, b->nonzero[i], "a number");
        *wanted = *wanted || number != 0;
    }
    return NULL;
}

/* -- rows ---------------------------------------------------------------------------------------
 */

static bool settles(const struct ingest *in, enum settlement s, interval at) {
    bool half_hours = at <= in->five_minutes;
    return s == SETTLEMENT_ANY || half_hours == (s == SETTLEMENT_HALF_HOURS);
}

/* Where a row goes: key and time of its frame, which of a forecast are those of its run. */
struct place {
    str key;
    interval at;
    char room[64]; /* for the key */
};

/* The steps from the run to the interval go into a forecast's key. */
static err *place_in_run(const struct ingest *in, const struct mms_row *row, struct binding *b,
                         struct place *p) {
    interval run, step = b->dataset->horizon_step;
    TRY(read_step(in, row, &b->run, b->dataset, &run));
    if (p->at < run || (p->at - run) % step || (p->at - run) / step >= FORECAST_HORIZONS)
        return bad_value(row, b->time.column, "an interval that its run can look ahead to");
    p->key = forecast_key(p->room, p->key, (p->at - run) / step);
    p->at = run;
    return NULL;
}

/* *wanted is false for a row that the route doesn't take. */
static err *find_place(const struct ingest *in, const struct mms_row *row, struct binding *b,
                       struct place *p, bool *wanted) {
    const struct route *r = b->route;
    const struct dataset *d = b->dataset;
    *wanted = false;
    TRY(read_key(row, b->key, &p->key));
    if (r->regions_only && p->key.at[p->key.len - 1] != '1')
        return NULL;
    TRY(read_interval(in, row, &b->time, &p->at));
    if (!settles(in, r->settlement, p->at))
        return NULL;
    *wanted = true;
    if (r->run)
        return place_in_run(in, row, b, p);
    return read_step(in, row, &b->time, d, &p->at);
}

static err *put_row(struct ingest *in, const struct mms_row *row, struct binding *b,
                    const struct place *p, uint8_t precedence) {
    cell columns[DATASET_COLUMNS];
    aest_us version;
    TRY(read_version(in, row, &b->version, &version));
    struct frame *f = batch_frame(&in->batch, b->route->dataset, interval_day(p->at));
    size_t allocated = f->allocated;
    uint32_t key = frame_key(f, p->key);
    for (int c = 0; c < f->columns; c++) {
        columns[c] = CELL_MISSING;
        if (b->columns[c] != NO_COLUMN)
            TRY(read_cell(in, row, b->columns[c], b->dataset->columns[c].type, f, &columns[c]));
    }
    if (b->source != NO_COLUMN)
        columns[b->source] = frame_text(f, str_from(b->route->source));
    frame_put(f, key, frame_slot(f, p->at), precedence, version, columns, &in->batch.noted);
    in->cells += f->allocated - allocated;
    if (in->cells + in->merged > MOST_CELLS)
        return err_new(ERR_INPUT, "line %llu: more keys and days than a file of AEMO's can hold",
                       (unsigned long long)row->line);
    return NULL;
}

static err *take_row(struct ingest *in, const struct mms_row *row, struct binding *b) {
    struct place place;
    uint8_t precedence;
    bool wanted;
    TRY(read_intervention(row, b, &wanted, &precedence));
    if (wanted)
        TRY(read_nonzero(row, b, &wanted));
    if (wanted)
        TRY(find_place(in, row, b, &place, &wanted));
    return wanted ? put_row(in, row, b, &place, precedence) : NULL;
}

/* Neither rows nor their versions can be of before the market began, nor of long after their file
 * was published: a settlementdate like 2999-12-31 would make a day file of its own, a lastchanged
 * like that could never be revised. The furthest forecast is of nine days. */
static void set_reach(struct ingest *in) {
    aest_day market_start;
    aest_day_from_date(1998, 12, 13, &market_start);
    in->earliest = interval_day_start(market_start);
    in->latest = interval_at_or_after(in->published + 14 * AEST_DAY);
    in->five_minutes = five_minute_settlement_start();
}

/* Ends a CSV: its rows join those of the file. */
static void merge_csv(struct ingest *in) {
    batch_merge(in->out, &in->batch);
    in->merged = 0;
    for (size_t i = 0; i < in->out->count; i++)
        in->merged += in->out->frames[i]->allocated;
}

static err *take_csv(struct ingest *in, mms_pull *pull, void *context) {
    struct mms_reader *reader;
    struct mms_table *table;
    struct mms_row row;
    enum mms_record kind = MMS_ROW;
    TRY(mms_open(pull, context, &reader));
    err *e = NULL;
    in->published = mms_published(reader);
    in->title = mms_title(reader);
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
        merge_csv(in);
    batch_free(&in->batch);
    in->cells = 0;
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
