#include "sim/tables/table.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

/* The most that a number or a time takes. Every column has room for it before a row is begun;
 * longer texts ask for more. */
enum { CELL_MAX = 32, DECIMALS_MAX = 9 };

static const uint32_t power_of_ten[DECIMALS_MAX + 1] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

/* Each of these writes at [at] and returns where its text ends. */
static char *write_digits(char *at, uint64_t n) {
    int count = 1;
    for (uint64_t rest = n; rest >= 10; rest /= 10)
        count++;
    char *end = at + count, *p = end;
    for (; n >= 100; n /= 100)
        memcpy(p -= 2, digit_pairs + n % 100 * 2, 2);
    if (n >= 10)
        memcpy(p - 2, digit_pairs + n * 2, 2);
    else
        p[-1] = (char)('0' + n);
    return end;
}

/* [scaled] / 10^decimals without trailing zeros. */
static inline char *write_fixed(char *at, int64_t scaled, int decimals) {
    uint64_t magnitude = scaled < 0 ? -(uint64_t)scaled : (uint64_t)scaled;
    if (scaled < 0)
        *at++ = '-';
    at = write_digits(at, magnitude / power_of_ten[decimals]);
    uint32_t fraction = (uint32_t)(magnitude % power_of_ten[decimals]);
    if (fraction == 0)
        return at;
    for (; fraction % 10 == 0; decimals--)
        fraction /= 10;
    *at = '.';
    for (int i = decimals; i > 0; i--, fraction /= 10)
        at[i] = (char)('0' + fraction % 10);
    return at + 1 + decimals;
}

static char *write_number(char *at, double value, int decimals) {
    return isnan(value) ? at : write_fixed(at, llround(value * power_of_ten[decimals]), decimals);
}

static char *write_pair(char *at, int n) {
    memcpy(at, digit_pairs + (ptrdiff_t)n * 2, 2);
    return at + 2;
}

/* "2025/08/20 18:10:00", with the quotes. */
static void format_time(aest_us t, char at[SIM_TIME_TEXT]) {
    int64_t seconds = t / AEST_SECOND, day_seconds = AEST_DAY / AEST_SECOND;
    aest_day day = (aest_day)(seconds / day_seconds - (seconds % day_seconds < 0));
    int year, month, date, second = (int)(seconds - day * day_seconds);
    aest_date(day, &year, &month, &date);
    *at++ = '"';
    at = write_pair(write_pair(at, year / 100), year % 100);
    *at++ = '/';
    at = write_pair(at, month);
    *at++ = '/';
    at = write_pair(at, date);
    *at++ = ' ';
    at = write_pair(at, second / 3600);
    *at++ = ':';
    at = write_pair(at, second / 60 % 60);
    *at++ = ':';
    at = write_pair(at, second % 60);
    *at = '"';
}

static char *write_time(char *at, aest_us t, struct sim_column *c) {
    if (t == 0)
        return at;
    if (t != c->time) {
        format_time(t, c->text);
        c->time = t;
    }
    memcpy(at, c->text, SIM_TIME_TEXT);
    return at + SIM_TIME_TEXT;
}

static char *write_quoted(char *at, const char *text) {
    *at++ = '"';
    for (; *text; *at++ = *text++)
        if (*text == '"')
            *at++ = '"';
    *at++ = '"';
    return at;
}

static bool wants_quotes(char c) {
    return c == ' ' || c == ',' || c == '"' || c == '\r' || c == '\n';
}

static char *write_text(struct buf *out, char *at, const char *text) {
    size_t length = strlen(text);
    bool quotes = false;
    if (length > CELL_MAX / 2 - 2) { /* quotes can double it */
        out->len = (size_t)(at - out->at);
        buf_reserve(out, 2 * length + SIM_COLUMNS_MAX * (CELL_MAX + 1));
        at = out->at + out->len;
    }
    for (size_t i = 0; i < length; i++) {
        quotes |= wants_quotes(text[i]);
        at[i] = text[i];
    }
    return quotes ? write_quoted(at, text) : at + length;
}

static inline char *write_cell(struct buf *out, char *at, struct sim_column *c, const char *row) {
    const struct sim_cell *cell = c->cell;
    const void *value = row + cell->offset;
    switch (cell->type) {
    case SIM_CELL_LITERAL:
        return write_text(out, at, cell->literal);
    case SIM_CELL_NUMBER:
        return write_number(at, *(const double *)value, cell->decimals);
    case SIM_CELL_MW:
        return write_fixed(at, *(const sim_mw *)value, 5);
    case SIM_CELL_INTEGER:
        return write_fixed(at, *(const int64_t *)value, 0);
    case SIM_CELL_TEXT: {
        const char *text = *(const char *const *)value;
        return text ? write_text(out, at, text) : at;
    }
    case SIM_CELL_TIME:
        return write_time(at, *(const aest_us *)value, c);
    }
    return at;
}

static void end_line(struct sim_file *f) {
    buf_add(f->out, "\r\n", 2);
    f->lines++;
}

void sim_file_begin(struct sim_file *f, const char *world, const char *report, const char *group,
                    uint64_t id, uint64_t group_id) {
    char at[AEST_TEXT];
    aest_format_mms(f->published, at); /* "2025/08/20 18:05:13" */
    at[10] = ',';
    buf_printf(f->out, "C,%s,%s,AEMO,PUBLIC,%s,%016llu,%s,%016llu", world, report, at,
               (unsigned long long)id, group, (unsigned long long)group_id);
    end_line(f);
}

static const struct sim_cell *find_cell(const struct sim_table *t, str column) {
    for (const struct sim_cell *cell = t->cells; cell->column; cell++)
        if (str_eq(str_from(cell->column), column))
            return cell;
    return NULL;
}

void sim_file_table(struct sim_file *f, const struct sim_table *t, aest_us from, aest_us to) {
    f->schema = sim_schema_at(t->report, t->subtable, f->edition, f->published);
    if (!f->schema)
        return;
    f->table = t;
    f->columns = 0;
    f->header_written = false;
    str rest = str_from(f->schema->columns);
    while (rest.len) {
        assert(f->columns < SIM_COLUMNS_MAX);
        f->column[f->columns++] = (struct sim_column){find_cell(t, str_cut(&rest, ',')), 0, {0}};
    }
    int length = snprintf(f->prefix, sizeof f->prefix, "D,%s,%s,%d", t->report, t->subtable,
                          f->schema->version);
    assert(length > 0 && length < SIM_PREFIX_MAX);
    f->prefix_len = (size_t)length;
    t->rows(f, from, to);
}

static void write_header(struct sim_file *f) {
    buf_printf(f->out, "I,%s,%s,%d,%s", f->schema->report, f->schema->subtable, f->schema->version,
               f->schema->columns);
    end_line(f);
    f->header_written = true;
}

void sim_file_row(struct sim_file *f, const void *row) {
    struct buf *out = f->out;
    if (!f->header_written)
        write_header(f);
    buf_reserve(out, SIM_PREFIX_MAX + SIM_COLUMNS_MAX * (CELL_MAX + 1));
    char *at = out->at + out->len;
    memcpy(at, f->prefix, f->prefix_len);
    at += f->prefix_len;
    for (int i = 0; i < f->columns; i++) {
        *at++ = ',';
        if (f->column[i].cell)
            at = write_cell(out, at, &f->column[i], row);
    }
    out->len = (size_t)(at - out->at);
    end_line(f);
}

void sim_file_end(struct sim_file *f) {
    f->lines++;
    buf_printf(f->out, "C,\"END OF REPORT\",%lld\r\n", (long long)f->lines);
}
