#include "api/answer.h"

#include <assert.h>
#include <math.h>

void answer_free(struct answer *a) {
    buf_free(&a->series);
    buf_free(&a->cells);
}

void answer_note(struct answer *a, const char *name, struct cell value) {
    assert(a->note_count < MOST_NOTES);
    a->notes[a->note_count].name = name;
    a->notes[a->note_count++].value = value;
}

void answer_times(struct answer *a, interval first, int step, size_t length) {
    interval *times = ARENA_ARRAY(a->memory, interval, length);
    for (size_t i = 0; i < length; i++)
        times[i] = first + (interval)i * step;
    answer_time_list(a, times, length);
}

void answer_time_list(struct answer *a, const interval *times, size_t length) {
    a->times = times;
    a->length = length;
}

struct answer_series *answer_add(struct answer *a, str id, const char *unit, const double *values) {
    struct answer_series s = {.id = id, .unit = unit, .values = values};
    buf_add(&a->series, &s, sizeof s);
    return (struct answer_series *)(void *)(a->series.at + a->series.len - sizeof s);
}

void series_label(struct answer_series *s, const char *name, str text) {
    size_t i = 0;
    while (i < MOST_LABELS && s->labels[i].name)
        i++;
    assert(i < MOST_LABELS);
    s->labels[i] = (struct label){name, text};
}

void answer_columns(struct answer *a, const struct answer_column *columns, size_t count) {
    assert(count <= MOST_COLUMNS);
    a->columns = columns;
    a->column_count = count;
}

void answer_cell(struct answer *a, struct cell cell) {
    buf_add(&a->cells, &cell, sizeof cell);
}

size_t answer_rows(const struct answer *a) {
    size_t cells = a->cells.len / sizeof(struct cell);
    assert(a->column_count == 0 ? cells == 0 : cells % a->column_count == 0);
    return a->column_count ? cells / a->column_count : 0;
}

static const struct cell *row_at(const struct answer *a, size_t row) {
    return (const struct cell *)(const void *)a->cells.at + row * a->column_count;
}

static size_t series_count(const struct answer *a) {
    return a->series.len / sizeof(struct answer_series);
}

static const struct answer_series *series_at(const struct answer *a, size_t i) {
    return (const struct answer_series *)(const void *)a->series.at + i;
}

/* -- pages --------------------------------------------------------------------------------------
 */

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t count) { /* FNV-1a */
    const unsigned char *b = bytes;
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ b[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t row_hash(const struct answer *a, size_t row) {
    const struct cell *cells = row_at(a, row);
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < a->column_count; i++) {
        hash = hash_bytes(hash, &cells[i].type, sizeof cells[i].type);
        hash = hash_bytes(hash, &cells[i].number, sizeof cells[i].number);
        hash = hash_bytes(hash, &cells[i].whole, sizeof cells[i].whole);
        hash = hash_bytes(hash, cells[i].text.at, cells[i].text.len);
    }
    return hash;
}

static uint64_t hex_value(str text) {
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++)
        value = value << 4 | (uint64_t)(text.at[i] - (text.at[i] > '9' ? 'a' - 10 : '0'));
    return value;
}

/* Where the row of [hash] is now: at [place], or nearest to it. */
static bool find_row(const struct answer *a, uint64_t place, uint64_t hash, size_t *row) {
    size_t rows = answer_rows(a);
    if (rows == 0)
        return false;
    size_t start = place < rows ? (size_t)place : rows - 1;
    for (size_t off = 0; off < rows; off++) {
        for (int side = 0; side < 2; side++) {
            size_t at = side ? start - off : start + off;
            if (at < rows && row_hash(a, at) == hash) { /* start - off may wrap: then it isn't < */
                *row = at;
                return true;
            }
        }
    }
    return false;
}

bool answer_page(struct answer *a, str cursor, size_t limit, struct page *out) {
    size_t rows = answer_rows(a), last;
    uint64_t place = 0;
    *out = (struct page){.limit = limit};
    if (cursor.len) {
        str hash = cursor;
        str_to_u64(str_cut(&hash, '-'), &place);
        if (!find_row(a, place, hex_value(hash), &last))
            return false;
        out->first = last + 1;
    }
    if (rows - out->first > limit) {
        last = out->first + limit - 1;
        out->next =
            arena_printf(a->memory, "%zu-%016llx", last, (unsigned long long)row_hash(a, last));
    } else {
        out->limit = rows - out->first;
    }
    return true;
}

/* -- JSON ---------------------------------------------------------------------------------------
 */

void cell_write(const struct cell *c, struct json *j) {
    switch (c->type) {
    case CELL_NONE:
        json_null(j);
        break;
    case CELL_TEXT:
        json_str(j, c->text);
        break;
    case CELL_NUMBER:
        json_fixed(j, c->number);
        break;
    case CELL_WHOLE:
    case CELL_TIME:
        json_int(j, c->whole);
        break;
    case CELL_FLAG:
        json_bool(j, c->whole != 0);
        break;
    }
}

/* About as many bytes as a number takes with its comma: room for all of them at once spares copies
 * of megabytes on the way. */
enum { NUMBER_BYTES = 10 };

void answer_write_series(const struct answer *a, struct json *j) {
    buf_reserve(j->out, (series_count(a) + 1) * a->length * NUMBER_BYTES);
    json_object(j);
    json_key(j, "time"), json_array(j);
    for (size_t i = 0; i < a->length; i++)
        json_int(j, interval_to_unix(a->times[i]));
    json_end(j);
    json_key(j, "series"), json_array(j);
    for (size_t k = 0; k < series_count(a); k++) {
        const struct answer_series *s = series_at(a, k);
        json_object(j);
        json_key(j, "id"), json_str(j, s->id);
        json_key(j, "unit"), json_cstr(j, s->unit);
        for (size_t i = 0; i < MOST_LABELS && s->labels[i].name; i++)
            json_key(j, s->labels[i].name), json_str(j, s->labels[i].text);
        json_key(j, "values"), json_array(j);
        json_fixed_list(j, s->values, a->length);
        json_end(j);
        json_end(j);
    }
    json_end(j);
    json_end(j);
}

/* How a column's type is called in an answer. */
static const char *const type_names[] = {
    [CELL_TEXT] = "text", [CELL_NUMBER] = "number", [CELL_WHOLE] = "integer",
    [CELL_TIME] = "time", [CELL_FLAG] = "boolean",
};

void answer_write_table(const struct answer *a, const struct page *page, struct json *j) {
    json_object(j);
    json_key(j, "columns"), json_array(j);
    for (size_t i = 0; i < a->column_count; i++) {
        json_object(j);
        json_key(j, "name"), json_cstr(j, a->columns[i].name);
        json_key(j, "type"), json_cstr(j, type_names[a->columns[i].type]);
        if (a->columns[i].unit)
            json_key(j, "unit"), json_cstr(j, a->columns[i].unit);
        json_end(j);
    }
    json_end(j);
    json_key(j, "rows"), json_array(j);
    for (size_t row = page->first; row < page->first + page->limit; row++) {
        json_array(j);
        for (size_t i = 0; i < a->column_count; i++)
            cell_write(&row_at(a, row)[i], j);
        json_end(j);
    }
    json_end(j);
    json_end(j);
}

/* -- CSV ----------------------------------------------------------------------------------------
 */

/* RFC 4180: quotes around what holds a comma, a quote or a line end, and quotes in it doubled. */
static void csv_text(struct buf *out, str text) {
    bool plain = true;
    for (size_t i = 0; i < text.len; i++)
        plain = plain && !strchr(",\"\r\n", text.at[i]);
    if (plain) {
        buf_add_str(out, text);
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, text.at[i]);
    }
    buf_add_char(out, '"');
}

static void csv_number(struct buf *out, double value) {
    struct json j = json_to(out);
    if (isfinite(value))
        json_fixed(&j, value);
}

static void csv_time(struct buf *out, int64_t unix_s) {
    char text[AEST_TEXT];
    buf_add_str(out, str_from(aest_format_iso(aest_from_unix(unix_s), text)));
}

static void csv_cell(struct buf *out, const struct cell *c) {
    struct json j = json_to(out);
    if (c->type == CELL_TEXT)
        csv_text(out, c->text);
    else if (c->type == CELL_NUMBER)
        csv_number(out, c->number);
    else if (c->type == CELL_TIME)
        csv_time(out, c->whole);
    else if (c->type != CELL_NONE)
        cell_write(c, &j);
}

void series_name(struct buf *out, const struct answer_series *s) {
    buf_add_str(out, s->id);
    for (size_t i = 0; i < MOST_LABELS && s->labels[i].name; i++)
        if (strcmp(s->labels[i].name, "measure") == 0)
            buf_printf(out, ".%.*s", STR_ARG(s->labels[i].text));
}

void answer_csv_series(const struct answer *a, struct buf *out) {
    struct buf name = {0};
    buf_add_str(out, STR("settlementdate"));
    for (size_t k = 0; k < series_count(a); k++) {
        name.len = 0;
        series_name(&name, series_at(a, k));
        buf_add_char(out, ',');
        csv_text(out, buf_str(&name));
    }
    buf_add_char(out, '\n');
    for (size_t i = 0; i < a->length; i++) {
        csv_time(out, interval_to_unix(a->times[i]));
        for (size_t k = 0; k < series_count(a); k++) {
            buf_add_char(out, ',');
            csv_number(out, series_at(a, k)->values[i]);
        }
        buf_add_char(out, '\n');
    }
    buf_free(&name);
}

void answer_csv_table(const struct answer *a, const struct page *page, struct buf *out) {
    for (size_t i = 0; i < a->column_count; i++) {
        if (i)
            buf_add_char(out, ',');
        csv_text(out, str_from(a->columns[i].name));
    }
    buf_add_char(out, '\n');
    for (size_t row = page->first; row < page->first + page->limit; row++) {
        for (size_t i = 0; i < a->column_count; i++) {
            if (i)
                buf_add_char(out, ',');
            csv_cell(out, &row_at(a, row)[i]);
        }
        buf_add_char(out, '\n');
    }
}
