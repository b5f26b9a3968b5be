#include "store/derive.h"

#include <math.h>

enum { PARTS = 6 };
static const aest_us patience = 35 * AEST_MINUTE;

static aest_day day_from_number(int yyyymmdd) {
    aest_day day = INT32_MIN;
    aest_day_from_date(yyyymmdd / 10000, yyyymmdd / 100 % 100, yyyymmdd % 100, &day);
    return day;
}

const struct dataset *derive_dataset(const struct dataset *d, aest_day day) {
    for (int i = 0; i < DATASETS; i++)
        if (datasets[i].mean_of && strcmp(datasets[i].mean_of, d->name) == 0)
            return day >= day_from_number(datasets[i].mean_since) ? &datasets[i] : NULL;
    return NULL;
}

const struct dataset *derive_source(const struct dataset *d, aest_day day) {
    const struct dataset *five = d->mean_of ? dataset_by_name(str_from(d->mean_of)) : NULL;
    return five && derive_dataset(five, day) == d ? five : NULL;
}

/* The mean of a column over the rows of a half hour; missing where none has a value. */
static cell mean(const struct frame *f, uint32_t key, int column, int first) {
    double sum = 0;
    int count = 0;
    for (int slot = first; slot < first + PARTS; slot++) {
        double value = cell_to_double(frame_cell(f, key, column, slot));
        if (!isnan(value)) {
            sum += value;
            count++;
        }
    }
    return count ? cell_from_double(sum / count) : CELL_MISSING;
}

/* Which of two half hours stays, whatever their versions. */
enum { PARTIAL, IMPORTED, WHOLE };

static void put_imported(const struct frame *standing, uint8_t precedence, struct frame *thirty) {
    struct frame_change change = {0};
    cell columns[DATASET_COLUMNS];
    for (uint32_t k = 0; k < standing->keys.count; k++)
        for (int slot = 0; slot < standing->slots; slot++) {
            if (!frame_has(standing, k, slot) ||
                frame_lastchanged(standing, k, slot) != ROW_IMPORTED_MEAN)
                continue;
            for (int c = 0; c < standing->columns; c++)
                columns[c] = frame_cell(standing, k, c, slot); /* means are numbers, all of them */
            frame_put(thirty, frame_key(thirty, standing->keys.texts[k]), slot, precedence,
                      ROW_IMPORTED_MEAN, columns, &change);
        }
}

void derive_take_imported(const struct frame *thirty, struct frame *into) {
    put_imported(thirty, 0, into);
}

bool derive_has_imported(const struct frame *thirty) {
    for (uint32_t k = 0; k < thirty->keys.count; k++)
        for (int slot = 0; slot < thirty->slots; slot++)
            if (frame_has(thirty, k, slot) &&
                frame_lastchanged(thirty, k, slot) == ROW_IMPORTED_MEAN)
                return true;
    return false;
}

void derive_half_hours(const struct frame *five, aest_us now, const struct frame *standing,
                       struct frame *thirty) {
    struct frame_change change = {0};
    int from[DATASET_COLUMNS];
    for (int c = 0; c < thirty->columns; c++)
        from[c] = dataset_column(five->dataset, str_from(thirty->dataset->columns[c].name));
    for (uint32_t k = 0; k < five->keys.count; k++)
        for (int half = 0; half < thirty->slots; half++) {
            cell columns[DATASET_COLUMNS];
            aest_us latest = 0;
            int rows = 0;
            for (int slot = half * PARTS; slot < (half + 1) * PARTS; slot++)
                if (frame_has(five, k, slot)) {
                    aest_us changed = frame_lastchanged(five, k, slot);
                    latest = changed > latest ? changed : latest;
                    rows++;
                }
            bool past = interval_to_aest(frame_interval(thirty, half)) + patience <= now;
            if (rows == 0 || (rows < PARTS && !past))
                continue;
            for (int c = 0; c < thirty->columns; c++)
                columns[c] = mean(five, k, from[c], half * PARTS);
            frame_put(thirty, frame_key(thirty, five->keys.texts[k]), half,
                      rows == PARTS ? WHOLE : PARTIAL, latest, columns, &change);
        }
    if (standing)
        put_imported(standing, IMPORTED, thirty);
    frame_forget_precedence(thirty);
}
