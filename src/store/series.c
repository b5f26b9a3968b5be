#include "store/series.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static interval round_up(interval at, int step) {
    return (at + step - 1) / step * step;
}

/* A key and its values, while the days of the range are read one after the other: each day once,
 * since another process may replace it in between. */
struct key_values {
    str key;
    double *values;
};

static int by_key(const void *a, const void *b) {
    return str_compare(((const struct key_values *)a)->key, ((const struct key_values *)b)->key);
}

static void add_day(const struct frame *f, int column, struct arena *a, struct intern *keys,
                    struct buf *columns, const struct series *out) {
    for (uint32_t k = 0; k < f->keys.count; k++) {
        uint32_t at = intern_add(keys, f->keys.texts[k]);
        if (at == columns->len / sizeof(struct key_values)) {
            str name = f->keys.texts[k];
            struct key_values new = {{str_dup(a, name), name.len},
                                     ARENA_ARRAY(a, double, out->length)};
            for (size_t i = 0; i < out->length; i++)
                new.values[i] = NAN;
            buf_add(columns, &new, sizeof new);
        }
        double *values = ((struct key_values *)(void *)columns->at)[at].values;
        for (int slot = 0; slot < f->slots; slot++) {
            int64_t i = ((int64_t)frame_interval(f, slot) - out->first) / out->step;
            if (frame_interval(f, slot) >= out->first && i < (int64_t)out->length)
                values[i] = cell_to_double(frame_cell(f, k, column, slot));
        }
    }
}

err *series_read(struct store *s, struct arena *a, enum dataset_id dataset, const char *column,
                 interval from, interval to, struct series *out) {
    const struct dataset *d = &datasets[dataset];
    int c = dataset_column(d, str_from(column));
    assert(c >= 0 && d->columns[c].type == COLUMN_DOUBLE);
    *out = (struct series){.first = round_up(from + 1, d->step), .step = d->step};
    if (to < out->first)
        return NULL;
    out->length = (size_t)((to - out->first) / d->step) + 1;
    struct intern keys = {0};
    struct buf columns = {0};
    err *e = NULL;
    for (aest_day day = interval_day(out->first); day <= interval_day(to) && !e; day++) {
        const struct frame *f = NULL;
        e = store_frame(s, dataset, day, &f);
        if (f)
            add_day(f, c, a, &keys, &columns, out);
    }
    struct key_values *sorted = (struct key_values *)(void *)columns.at;
    out->count = keys.count;
    if (out->count)
        qsort(sorted, out->count, sizeof *sorted, by_key);
    str *names = ARENA_ARRAY(a, str, out->count);
    out->values = ARENA_ARRAY(a, double *, out->count);
    for (size_t k = 0; k < out->count; k++) {
        names[k] = sorted[k].key;
        out->values[k] = sorted[k].values;
    }
    out->keys = names;
    intern_free(&keys);
    buf_free(&columns);
    return e;
}
