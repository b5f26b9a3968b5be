/* Rows for stores that tests make by hand. */
#ifndef TESTS_SUPPORT_ROWS_H
#define TESTS_SUPPORT_ROWS_H

#include "store/store.h"
#include "support/check.h"

static inline aest_day day_of(int year, int month, int date) {
    aest_day day;
    assert_true(aest_day_from_date(year, month, date, &day));
    return day;
}

/* A row whose first column is [value] and whose other numbers are 0. */
static inline void put_row(struct frame *f, const char *key, int slot, double value) {
    struct frame_change change = {0};
    cell columns[DATASET_COLUMNS] = {CELL_MISSING};
    for (int c = 0; c < f->columns; c++)
        if (f->dataset->columns[c].type != COLUMN_TEXT)
            columns[c] = cell_from_double(c ? 0 : value);
    frame_put(f, frame_key(f, str_from(key)), slot, 0, AEST_DAY, columns, &change);
}

/* Whether a key has a row in a slot. */
typedef bool row_wanted(const char *key, aest_day day, int slot);

/* Commits a day of [keys], of which NULL ends the list, where [wanted] says so; NULL: everywhere.
 */
__attribute__((unused)) static void commit_rows(struct store *s, enum dataset_id dataset,
                                                aest_day day, const char *const *keys,
                                                row_wanted *wanted) {
    struct frame f;
    struct frame_change change = {0};
    frame_init(&f, &datasets[dataset], day);
    for (; *keys; keys++)
        for (int slot = 0; slot < f.slots; slot++)
            if (!wanted || wanted(*keys, day, slot))
                put_row(&f, *keys, slot, slot + day % 7 * 0.5 + 1);
    assert_ok(store_commit(s, &f, &change));
    frame_free(&f);
}

#endif
