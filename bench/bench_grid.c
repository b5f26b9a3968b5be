/* How fast the grid is: three years of a full fleet, made up, on the disk of [FOLDER].
 *
 *   bench_grid [--processor] [FOLDER] [DAYS]
 *
 * Some 0.9 GB a year. The files are warm when they are read, as they are in a running service; each
 * figure is the median of several runs over other units and other times.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "market/mix.h"
#include "market/sums.h"
#include "market/unit_totals.h"
#include "store/grid_refresh.h"
#include "store/series.h"

enum { UNITS_HERE = 560, RUNS = 15, LAST_DAY = 20300 };

/* On a machine that others use as well, the processor's time says more than the clock on the wall;
 * what waits for the disk shows in that one alone. */
static bool by_processor;

static double now_ms(void) {
    struct timespec t;
    clock_gettime(by_processor ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *runs, size_t count) {
    qsort(runs, count, sizeof *runs, by_value);
    return runs[count / 2];
}

static void stop_at(err *e) {
    if (!e)
        return;
    fprintf(stderr, "bench_grid: %s\n", err_text(e));
    exit(1);
}

static uint64_t state = 88172645463325252u;

static double random_number(double low, double high) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return low + (high - low) * (double)(state >> 40) / (1 << 24);
}

/* -- a made-up market ---------------------------------------------------------------------------
 */

static const char *key_name(enum dataset_id dataset, int k, char room[16]) {
    if (dataset == TRANSMISSION5)
        return interconnectors[k].id;
    if (dataset != SCADA5)
        return regions[k];
    snprintf(room, 16, "UNIT%03d", k);
    return room;
}

static int keys_of(enum dataset_id dataset) {
    return dataset == SCADA5 ? UNITS_HERE : dataset == TRANSMISSION5 ? INTERCONNECTORS : REGIONS;
}

/* A day of all keys; the first column has values in 1/8, as readings are, others are 0. */
static void make_day(struct frame *f, enum dataset_id dataset, aest_day day, int slots) {
    struct frame_change change = {0};
    frame_init(f, &datasets[dataset], day);
    for (int k = 0; k < keys_of(dataset); k++) {
        char room[16];
        uint32_t key = frame_key(f, str_from(key_name(dataset, k, room)));
        double level = random_number(dataset == SCADA5 && k % 10 ? 0 : -100, 300);
        for (int slot = 0; slot < slots; slot++) {
            cell columns[DATASET_COLUMNS] = {CELL_MISSING};
            for (int c = 0; c < f->columns; c++)
                if (f->dataset->columns[c].type != COLUMN_TEXT)
                    columns[c] = cell_from_double(0);
            columns[0] = cell_from_double(level + floor(random_number(-80, 80)) / 8);
            frame_put(f, key, slot, 0, AEST_DAY, columns, &change);
        }
    }
}

static void register_units(struct store *s) {
    struct records rows;
    bool changed;
    records_init(&rows, UNITS);
    for (int k = 0; k < UNITS_HERE; k++) {
        struct record_value v[RECORD_COLUMNS] = {{0}};
        char room[16];
        v[UNIT_DUID] = record_text(str_from(key_name(SCADA5, k, room)));
        v[UNIT_FROM] = record_integer(0);
        v[UNIT_REGION] = record_text(str_from(regions[k % REGIONS]));
        v[UNIT_DISPATCH_TYPE] = record_text(STR("GENERATOR"));
        v[UNIT_FUEL] =
            record_text(str_from(fuel_names[k % 10 ? 1 + k % (FUELS - 1) : FUEL_BATTERY]));
        v[UNIT_CAPACITY] = record_number(300);
        v[UNIT_CHANGED] = record_integer(AEST_DAY);
        records_put(&rows, v);
    }
    records_settle(&rows);
    stop_at(records_commit(s, &rows, &changed));
    records_free(&rows);
}

static const enum dataset_id made[] = {SCADA5, PRICES5, TRANSMISSION5, REGIONS5};

/* Straight into the grid, without Parquet: the stamps are of no file. */
static void fill(struct store *s, aest_day first, int days) {
    double before = now_ms(), making = 0;
    for (aest_day day = first; day < first + days; day += 30)
        for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
            double start = now_ms();
            struct frames f = {day, first + days - day < 30 ? first + days - day : 30, NULL};
            f.day = mem_zalloc((size_t)f.count, sizeof *f.day);
            for (int d = 0; d < f.count; d++)
                make_day(&f.day[d], made[i], day + d, INTERVALS_PER_DAY);
            making += now_ms() - start;
            stop_at(grid_put_frames(store_grid(s), &f,
                                    (struct file_stamp){.inode = (uint64_t)day, .size = 1}));
            frames_free(&f);
        }
    double took = now_ms() - before - making;
    printf("%d days of %d units into the grid, durable: %.0f ms, %.1f ms a month of scada5 and the "
           "rest\n",
           days, UNITS_HERE, took, took / days * 30);
}

/* -- what is measured ---------------------------------------------------------------------------
 */

static void read_units(struct store *s, aest_day first, int days) {
    double runs[RUNS], *values = mem_alloc((size_t)days * 288 * sizeof *values);
    for (int i = 0; i < RUNS; i++) {
        char room[16];
        const char *key = key_name(SCADA5, (int)random_number(0, UNITS_HERE), room);
        double before = now_ms();
        struct grid *g = store_grid(s);
        grid_read(g, grid_shape(g, SCADA5), str_from(key), 0, interval_day_start(first),
                  interval_day_start(first + days), values);
        runs[i] = now_ms() - before;
    }
    printf("one unit's %d days at 5 minutes (%d values): %.2f ms\n", days, days * 288,
           median(runs, RUNS));
    free(values);
}

static void read_mix(struct store *s, aest_day first, int days, int step, bool nem) {
    double runs[RUNS];
    size_t buckets = 0;
    for (int i = 0; i < RUNS; i++) {
        struct arena a = {0};
        struct mix mix;
        aest_day start = first + (aest_day)random_number(0, days - 365);
        struct period p = {interval_day_start(start), interval_day_start(start + 365)};
        double before = now_ms();
        struct buckets b = buckets_of_step(&a, step, p);
        stop_at(nem ? mix_read_nem(s, &a, p, &b, &mix) : mix_read(s, &a, p, &b, &mix));
        double sum = 0;
        for (int f = 0; f < FUELS; f++) {
            const double *values = mix_sum(&a, &mix, false, MIX_ALL_AREAS, (enum fuel)f);
            sum += values ? values[0] : 0;
        }
        runs[i] = now_ms() - before + 0 * sum;
        buckets = b.count;
        arena_free(&a);
    }
    printf("a year's mix of %s in %zu buckets of %d minutes: %.2f ms\n",
           nem ? "the NEM" : "each region", buckets, step * 5, median(runs, RUNS));
}

static void read_pivot(struct store *s, const struct units *units, aest_day first, int days) {
    double runs[RUNS];
    for (int i = 0; i < RUNS; i++) {
        struct arena a = {0};
        struct unit_totals totals;
        aest_day start = first + (aest_day)random_number(0, days - 365);
        struct period p = {interval_day_start(start), interval_day_start(start + 365)};
        double before = now_ms();
        stop_at(unit_totals_read(s, units, &a, p, &totals));
        runs[i] = now_ms() - before;
        arena_free(&a);
    }
    printf("totals of %d units over a year: %.2f ms\n", UNITS_HERE, median(runs, RUNS));
}

static void publish(struct store *s, const struct units *units, aest_day day) {
    enum { INTERVALS = 21 };
    double tiles[INTERVALS], sums[INTERVALS];
    for (int i = 0; i < INTERVALS; i++) {
        struct frame f;
        struct frames one = {day, 1, &f};
        int days = 0;
        make_day(&f, SCADA5, day, 200 + i);
        double before = now_ms();
        stop_at(grid_put_frames(store_grid(s), &one,
                                (struct file_stamp){.inode = 7, .size = (uint64_t)i + 1}));
        double between = now_ms();
        stop_at(sums_make(s, units, day - 1, 2, &days));
        tiles[i] = between - before;
        sums[i] = now_ms() - between;
        frame_free(&f);
    }
    printf("publishing an interval of %d units, durable: tile %.2f ms, sums %.2f ms\n", UNITS_HERE,
           median(tiles, INTERVALS), median(sums, INTERVALS));
}

static void make_sums(struct store *s, struct units *units, int days, const char *when) {
    int count;
    double before = now_ms();
    stop_at(sums_refresh(s, units, NULL, &count));
    double took = now_ms() - before;
    printf("sums of %d days, %s: %.0f ms, %.2f ms a day\n", days, when, took, took / days);
}

/* From Parquet: a month of readings. */
static void rebuild(const char *folder) {
    struct arena a = {0};
    struct store *s;
    struct frames month;
    int count;
    const char *data = arena_printf(&a, "%s/month", folder);
    stop_at(store_open(data, STORE_WRITE, NULL, &s));
    month.first = month_first(LAST_DAY);
    month.count = month_days(month.first);
    month.day = mem_zalloc((size_t)month.count, sizeof *month.day);
    for (int d = 0; d < month.count; d++)
        make_day(&month.day[d], SCADA5, month.first + d, INTERVALS_PER_DAY);
    stop_at(store_commit_month(s, &month));
    frames_free(&month);
    store_close(s);
    for (int year = 1998; year < 2060; year++) /* all of the grid but its clock */
        for (int i = 0; i < 2; i++)
            unlink(arena_printf(&a, "%s/grid/%s-%d.tiles", data, i ? "scada30" : "scada5", year));
    stop_at(store_open(data, STORE_READ, NULL, &s));
    double before = now_ms();
    stop_at(grid_refresh(s, NULL, &count));
    printf("a month of %d units from Parquet, with its half hours: %.0f ms (%d days)\n", UNITS_HERE,
           now_ms() - before, count);
    store_close(s);
    arena_free(&a);
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "--processor") == 0) {
        by_processor = true;
        argc--, argv++;
    }
    const char *folder = argc > 1 ? argv[1] : "/tmp/nemd-bench-grid";
    int days = argc > 2 ? atoi(argv[2]) : 3 * 365;
    struct store *s;
    struct units units = {0};
    aest_day first = LAST_DAY - days;
    if (days <= 365) {
        fprintf(stderr, "bench_grid: more than a year, please\n");
        return 2;
    }
    stop_at(store_open(folder, STORE_WRITE, NULL, &s));
    register_units(s);
    fill(s, first, days);
    make_sums(s, &units, days, "made first");
    read_units(s, first, days);
    read_mix(s, first, days, 6, true);
    read_mix(s, first, days, 6, false);
    read_mix(s, first, days, 72, true);
    read_pivot(s, &units, first, days);
    publish(s, &units, LAST_DAY);
    register_units(s);
    units.stamp.size++; /* another table of units */
    units_free(&units);
    make_sums(s, &units, days, "when nothing changed");
    rebuild(folder);
    units_free(&units);
    store_close(s);
    return 0;
}
