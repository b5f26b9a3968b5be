/* A table as the simulator writes it, read back by nemd's own reader. */
#ifndef TESTS_SIM_SHEET_H
#define TESTS_SIM_SHEET_H

#include <stdlib.h>

#include "mms/csv.h"
#include "sim/tables/table.h"
#include "support/check.h"

struct sheet {
    struct arena memory;
    int version, columns, rows, capacity;
    str *column;
    str *cell; /* by row and column */
};

static inline aest_us at(const char *text) {
    aest_us t = 0;
    assert_true(aest_parse_mms(str_from(text), &t));
    return t;
}

static inline void sheet_add(struct sheet *s, const struct mms_row *row) {
    if (s->rows == s->capacity) {
        s->capacity = s->capacity ? s->capacity * 2 : 64;
        s->cell = mem_resize(s->cell, (size_t)s->capacity * (size_t)s->columns * sizeof *s->cell);
    }
    for (int i = 0; i < s->columns; i++) {
        str copy = mms_field(row, i);
        copy.at = str_dup(&s->memory, copy);
        s->cell[s->rows * s->columns + i] = copy;
    }
    s->rows++;
}

/* The rows of (from, to], in a file published then. */
static inline struct sheet sheet_of(struct sim_market *m, const struct sim_table *t,
                                    enum sim_edition edition, const char *published, aest_us from,
                                    aest_us to) {
    struct buf bytes = {0};
    struct sim_file f = {
        .market = m, .edition = edition, .published = at(published), .out = &bytes};
    struct sheet s = {0};
    sim_file_begin(&f, "NEMP.WORLD", "TEST", "", 1, 2);
    sim_file_table(&f, t, from, to);
    sim_file_end(&f);
    str text = buf_str(&bytes);
    struct mms_reader *reader;
    assert_ok(mms_open(mms_pull_bytes, &text, &reader));
    for (;;) {
        enum mms_record kind;
        struct mms_table *table;
        struct mms_row row;
        assert_ok(mms_next(reader, &kind, &table, &row));
        if (kind == MMS_END)
            break;
        if (kind == MMS_ROW) {
            sheet_add(&s, &row);
            continue;
        }
        s.version = table->version;
        s.columns = (int)table->column_count;
        s.column = ARENA_ARRAY(&s.memory, str, table->column_count);
        for (int i = 0; i < s.columns; i++)
            s.column[i] = str_from(str_dup(&s.memory, table->columns[i]));
    }
    mms_close(reader);
    buf_free(&bytes);
    return s;
}

static inline void sheet_free(struct sheet *s) {
    free(s->cell);
    arena_free(&s->memory);
}

static inline str sheet_cell(const struct sheet *s, int row, const char *column) {
    for (int i = 0; i < s->columns; i++)
        if (str_eq(s->column[i], str_from(column)))
            return s->cell[row * s->columns + i];
    fail_msg("no column %s", column);
    return (str){0};
}

static inline double sheet_number(const struct sheet *s, int row, const char *column) {
    str text = sheet_cell(s, row, column);
    double value = 0;
    if (!str_to_double(text, &value))
        fail_msg("row %d: %s is no number: '%.*s'", row, column, STR_ARG(text));
    return value;
}

static inline aest_us sheet_time(const struct sheet *s, int row, const char *column) {
    aest_us t = 0;
    assert_true(aest_parse_mms(sheet_cell(s, row, column), &t));
    return t;
}

static inline bool sheet_is(const struct sheet *s, int row, const char *column, const char *text) {
    return str_eq(sheet_cell(s, row, column), str_from(text));
}

#endif
