#include "store/series.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static interval round_up(interval at, int step) {
    return (at + step - 1) / step * step;
}

static int compare_texts(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

/* The keys of all days of the range, in the order of their names, copied into [a]. */
static err *collect_keys(struct store *s, struct arena *a, enum dataset_id dataset, aest_day first,
                         aest_day last, struct series *out) {
    struct intern keys = {0};
    const struct frame *f;
    err *e = NULL;
    for (aest_day day = first; day <= last && !e; day++) {
        e = store_frame(s, dataset, day, &f);
        for (uint32_t k = 0; !e && f && k < f->keys.count; k++)
            intern_add(&keys, f->keys.texts[k]);
    }
    str *sorted = ARENA_ARRAY(a, str, keys.count);
    for (uint32_t k = 0; k < keys.count; k++)
        sorted[k] = (str){str_dup(a, keys.texts[k]), keys.texts[k].len};
    if (keys.count)
        qsort(sorted, keys.count, sizeof *sorted, compare_texts);
    out->keys = sorted;
    out->count = keys.count;
    intern_free(&keys);
    return e;
}

static void copy_day(const struct frame *f, int column, struct series *out) {
    for (uint32_t k = 0; k < f->keys.count; k++) {
        const str *key =
            bsearch(&f->keys.texts[k], out->keys, out->count, sizeof(str), compare_texts);
        double *values = series_of(out, (size_t)(key - out->keys));
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
    aest_day first_day = interval_day(out->first), last_day = interval_day(to);
    TRY(collect_keys(s, a, dataset, first_day, last_day, out));
    out->values = ARENA_ARRAY(a, double, out->count * out->length);
    for (size_t i = 0; i < out->count * out->length; i++)
        out->values[i] = NAN;
    for (aest_day day = first_day; day <= last_day; day++) {
        const struct frame *f;
        TRY(store_frame(s, dataset, day, &f));
        if (f)
            copy_day(f, c, out);
    }
    return NULL;
}
