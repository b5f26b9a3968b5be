#include "store/grid.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "store/grid_refresh.h"
#include "store/series.h"
#include "support/rows.h"
#include "support/times.h"

static struct store *open_store(const char *folder, enum store_mode mode) {
    struct store *s;
    assert_ok(store_open(folder, mode, NULL, &s));
    return s;
}

/* A random cell of a column: often missing, a text of few words. */
static cell random_cell(struct frame *f, int column, struct random *r) {
    static const char *const words[] = {"DISPATCH", "TRADING", "FIRM", "NOT FIRM", "DAILY"};
    uint64_t dice = random_next(r);
    const struct column *c = &f->dataset->columns[column];
    if (dice % 5 == 0 && !c->required)
        return CELL_MISSING;
    if (c->type == COLUMN_TEXT)
        return frame_text(f, str_from(words[dice / 5 % 5]));
    double value = (double)(dice >> 20 & 0xffff) / 8 - 3000;
    return cell_from_double(c->type == COLUMN_INTEGER ? floor(value) : value);
}

static void put_random_rows(struct frame *f, struct random *r, int rows, aest_us version) {
    struct frame_change change = {0};
    for (int i = 0; i < rows; i++) {
        cell columns[DATASET_COLUMNS];
        char key[64], room[64];
        snprintf(key, sizeof key, "KEY%d", (int)(random_next(r) % 12));
        str name = str_from(key);
        if (f->dataset->horizon_step)
            name = forecast_key(room, name, (int)(random_next(r) % 16));
        for (int c = 0; c < f->columns; c++)
            columns[c] = random_cell(f, c, r);
        frame_put(f, frame_key(f, name), (int)(random_next(r) % (uint64_t)f->slots), 0, version,
                  columns, &change);
    }
}

static double as_number(enum dataset_id dataset, const struct column *c, const struct frame *f,
                        cell value) {
    if (c->type != COLUMN_TEXT || value == CELL_MISSING)
        return cell_to_double(value);
    for (int i = 0; i < 4; i++) {
        const char *word = grid_word(dataset, c->name, i);
        if (word && str_eq(frame_cell_text(f, value), str_from(word)))
            return i;
    }
    return NAN;
}

/* Every value that the grid has of a day is the one that Parquet has, read by another store. */
static void check_day(const char *folder, enum dataset_id dataset, aest_day day) {
    const struct dataset *d = &datasets[dataset];
    struct store *s = open_store(folder, STORE_READ);
    struct grid *g = grid_open(folder);
    const struct frame *f;
    double *values = mem_alloc((size_t)dataset_slots(d) * sizeof *values);
    interval start = interval_day_start(day);
    assert_ok(store_frame(s, dataset, day, &f));
    for (uint32_t k = 0; f && k < f->keys.count; k++)
        for (int c = 0; c < f->columns; c++) {
            int horizon = 0;
            str key = f->keys.texts[k];
            if (d->horizon_step)
                forecast_key_split(key, &key, &horizon);
            int lane = grid_lane(dataset, d->columns[c].name, horizon);
            if (lane < 0)
                continue;
            grid_read(g, grid_shape(g, dataset), key, lane, start, start + 288, values);
            for (int slot = 0; slot < f->slots; slot++) {
                double want = as_number(dataset, &d->columns[c], f, frame_cell(f, k, c, slot));
                assert_true(isnan(want) ? isnan(values[slot]) : values[slot] == want);
            }
        }
    free(values);
    grid_close(g);
    store_close(s);
}

static void each_commit_shows_in_the_grid_cell_for_cell(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *s = open_store(folder, STORE_WRITE);
    struct random r = {0x9e3779b97f4a7c15};
    aest_day day = day_of(2030, 12, 31);
    for (int i = 0; i < DATASETS; i++)
        for (int round = 0; round < 3; round++) {
            struct frame f;
            struct frame_change change = {0};
            frame_init(&f, &datasets[i], day + round % 2); /* over the end of a year */
            put_random_rows(&f, &r, 60, 1000 + round);
            assert_ok(store_commit(s, &f, &change));
            frame_free(&f);
            check_day(folder, (enum dataset_id)i, day);
            check_day(folder, (enum dataset_id)i, day + 1);
        }
    int64_t missing;
    assert_ok(grid_count_missing(s, &missing));
    assert_int_equal(missing, 0);
    store_close(s);
    remove_folder(folder);
}

static void a_grid_that_is_gone_or_damaged_is_made_again(void **state) {
    (void)state;
    static const char *const keys[] = {"NSW1", "QLD1", NULL};
    char *folder = temporary_folder();
    struct arena a = {0};
    struct store *s = open_store(folder, STORE_WRITE);
    struct store *reader = open_store(folder, STORE_READ);
    aest_day day = day_of(2030, 6, 15);
    int made;
    commit_rows(s, PRICES5, day, keys, NULL);
    commit_rows(s, PRICES5, day + 40, keys, NULL);
    commit_rows(s, REGIONS5, day, keys, NULL);
    assert_ok(grid_refresh(reader, NULL, &made));
    assert_int_equal(made, 0);
    assert_true(grid_complete(store_grid(reader)));
    const char *file = arena_printf(&a, "%s/grid/prices5-2030.tiles", folder);

    const struct {
        off_t at;
        str bytes;
    } harms[] = {
        {0, STR("no tiles")},             /* not its magic */
        {20, STR("\xff\xff\xff\x7f")},    /* an absurd capacity */
        {32, STR("\xff\xff\xff\x7f")},    /* more keys than that */
        {16 * 1024, STR("\0\0\0\0\0\0")}, /* a key without a name */
    };
    for (size_t i = 0; i < sizeof harms / sizeof *harms; i++) {
        FILE *f = fopen(file, "r+b");
        assert_non_null(f);
        assert_int_equal(fseek(f, harms[i].at, SEEK_SET), 0);
        assert_int_equal(fwrite(harms[i].bytes.at, 1, harms[i].bytes.len, f), harms[i].bytes.len);
        fclose(f);
        struct store *fresh = open_store(folder, STORE_READ);
        assert_ok(grid_refresh(fresh, NULL, &made));
        assert_int_equal(made, 2);
        check_day(folder, PRICES5, day);
        check_day(folder, PRICES5, day + 40);
        store_close(fresh);
    }
    /* cut short, while nobody has it mapped */
    store_close(reader);
    assert_int_equal(truncate(file, 100000), 0);
    reader = open_store(folder, STORE_READ);
    assert_ok(grid_refresh(reader, NULL, &made));
    assert_int_equal(made, 2);
    check_day(folder, PRICES5, day);
    store_close(reader);
    /* gone altogether */
    remove_folder(mem_strdup(arena_printf(&a, "%s/grid", folder)));
    reader = open_store(folder, STORE_READ);
    assert_false(grid_complete(store_grid(reader)));
    assert_ok(grid_refresh(reader, NULL, &made));
    assert_int_equal(made, 5); /* the half hours of two days beside them */
    assert_true(grid_complete(store_grid(reader)));
    check_day(folder, PRICES5, day);
    check_day(folder, REGIONS5, day);
    store_close(reader);
    store_close(s);
    arena_free(&a);
    remove_folder(folder);
}

static void a_grid_that_is_removed_under_a_reader_is_found_again(void **state) {
    (void)state;
    static const char *const keys[] = {"NSW1", NULL};
    char *folder = temporary_folder();
    struct arena a = {0};
    struct store *s = open_store(folder, STORE_WRITE), *reader = open_store(folder, STORE_READ);
    aest_day day = day_of(2030, 6, 15);
    interval start = interval_day_start(day);
    double value;
    int made;
    commit_rows(s, PRICES5, day, keys, NULL);
    struct grid *g = store_grid(reader);
    grid_read(g, grid_shape(g, PRICES5), STR("NSW1"), 0, start, start + 1, &value);
    assert_true(!isnan(value));
    assert_true(grid_complete(g)); /* it was there from the store's first row on */
    remove_folder(mem_strdup(arena_printf(&a, "%s/grid", folder)));
    g = store_grid(reader);
    grid_read(g, grid_shape(g, PRICES5), STR("NSW1"), 0, start, start + 1, &value);
    assert_true(isnan(value));
    assert_false(grid_complete(g));
    assert_ok(grid_refresh(s, NULL, &made));
    g = store_grid(reader);
    grid_read(g, grid_shape(g, PRICES5), STR("NSW1"), 0, start, start + 1, &value);
    assert_true(!isnan(value));
    assert_true(grid_complete(g));
    /* one file alone */
    assert_int_equal(unlink(arena_printf(&a, "%s/grid/prices5-2030.tiles", folder)), 0);
    grid_look_anew(store_grid(s));
    assert_ok(grid_refresh(s, NULL, &made));
    assert_int_equal(made, 1);
    check_day(folder, PRICES5, day);
    store_close(s);
    store_close(reader);
    arena_free(&a);
    remove_folder(folder);
}

static void check_bounds(enum dataset_id dataset, const char *const *keys) {
    char *folder = temporary_folder();
    struct store *s = open_store(folder, STORE_WRITE), *reader;
    const struct store_index *x;
    aest_day first = day_of(2030, 5, 31);
    for (int d = 0; d < 3; d++)
        commit_rows(s, dataset, first + d * 9, keys, NULL);
    for (int round = 0; round < 2; round++) {
        reader = open_store(folder, STORE_READ);
        assert_ok(store_index(reader, dataset, &x));
        assert_true(x->has_bounds && !x->damage);
        assert_int_equal(x->first, interval_day_start(first) + 1);
        assert_int_equal(x->last, interval_day_start(first + 18) + 288);
        assert_false(reader->duck.open);
        store_close(reader);
        assert_ok(store_close_month(s, dataset, day_of(2030, 6, 1)));
    }
    store_close(s);
    remove_folder(folder);
}

static void bounds_are_known_without_a_look_into_parquet(void **state) {
    (void)state;
    static const char *const some[] = {"NSW1", "SA1", NULL}, *const other[] = {"N>>NIL", NULL};
    check_bounds(REGIONS5, some);
    check_bounds(CONSTRAINTS5, other);
}

static void constraints_are_counted(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *s = open_store(folder, STORE_WRITE);
    aest_day day = day_of(2030, 6, 15);
    interval start = interval_day_start(day);
    double counts[4];
    int made;
    for (int i = 0; i < 3; i++) { /* one at 00:05, three at 00:15 */
        struct frame f;
        struct frame_change change = {0};
        cell columns[DATASET_COLUMNS] = {CELL_MISSING};
        char key[8];
        frame_init(&f, &datasets[CONSTRAINTS5], day);
        snprintf(key, sizeof key, "C%d", i);
        columns[0] = cell_from_double(5);
        frame_put(&f, frame_key(&f, str_from(key)), 2, 0, 1000, columns, &change);
        if (i == 0)
            frame_put(&f, frame_key(&f, str_from(key)), 0, 0, 1000, columns, &change);
        assert_ok(store_commit(s, &f, &change));
        frame_free(&f);
    }
    for (int round = 0; round < 2; round++) {
        struct grid *g = grid_open(folder);
        grid_read(g, grid_shape(g, CONSTRAINTS5), STR("all"), 0, start, start + 4, counts);
        assert_number(counts[0], 1, 0);
        assert_number(counts[1], NAN, 0);
        assert_number(counts[2], 3, 0);
        assert_number(counts[3], NAN, 0);
        grid_close(g);
        assert_int_equal(grid_lane(CONSTRAINTS5, "rhs", 0), -1);
        struct arena a = {0}; /* and again when it is lost */
        assert_int_equal(unlink(arena_printf(&a, "%s/grid/constraints5-2030.tiles", folder)), 0);
        arena_free(&a);
        grid_look_anew(store_grid(s));
        assert_ok(grid_refresh(s, NULL, &made));
        assert_int_equal(made, 1);
    }
    store_close(s);
    remove_folder(folder);
}

static void a_file_that_goes_takes_its_values_along(void **state) {
    (void)state;
    static const char *const keys[] = {"NSW1", NULL};
    char *folder = temporary_folder();
    struct arena a = {0};
    struct store *s = open_store(folder, STORE_WRITE);
    aest_day day = day_of(2030, 6, 15);
    interval start = interval_day_start(day), first, last;
    double value;
    int made;
    commit_rows(s, PRICES5, day, keys, NULL);
    commit_rows(s, PRICES5, day + 1, keys, NULL);
    assert_true(grid_bounds(store_grid(s), PRICES5, &first, &last));
    assert_int_equal(first, start + 1);
    assert_int_equal(last, start + 2 * 288);
    assert_int_equal(unlink(store_day_path(s, &a, PRICES5, day + 1)), 0);
    assert_ok(grid_refresh(s, NULL, &made));
    assert_true(made > 0);
    struct grid *g = store_grid(s);
    grid_read(g, grid_shape(g, PRICES5), STR("NSW1"), 0, start + 288, start + 289, &value);
    assert_true(isnan(value));
    assert_true(grid_bounds(g, PRICES5, &first, &last));
    assert_int_equal(last, start + 288);
    store_close(s);
    arena_free(&a);
    remove_folder(folder);
}

static void closing_a_month_changes_stamps_alone(void **state) {
    (void)state;
    static const char *const keys[] = {"NSW1", "VIC1", NULL};
    char *folder = temporary_folder();
    struct store *s = open_store(folder, STORE_WRITE);
    aest_day first = day_of(2030, 6, 1);
    uint64_t sequences[30];
    int64_t missing;
    for (int d = 0; d < 30; d += 7)
        commit_rows(s, PRICES5, first + d, keys, NULL);
    struct grid *g = store_grid(s);
    for (int d = 0; d < 30; d++)
        sequences[d] = tiles_sequence(grid_tiles(g, grid_shape(g, PRICES5), first), first + d);
    assert_ok(store_close_month(s, PRICES5, first));
    g = store_grid(s);
    struct tiles *t = grid_tiles(g, grid_shape(g, PRICES5), first);
    for (int d = 0; d < 30; d += 7)
        assert_int_equal(tiles_sequence(t, first + d), sequences[d]);
    assert_ok(grid_count_missing(s, &missing));
    assert_int_equal(missing, 0);
    /* a late row goes into the month's file, and into one tile */
    struct frame f;
    struct frame_change change = {0};
    cell price[DATASET_COLUMNS] = {cell_from_double(15100)};
    frame_init(&f, &datasets[PRICES5], first + 7);
    frame_put(&f, frame_key(&f, STR("VIC1")), 5, 0, 2 * AEST_DAY, price, &change);
    assert_ok(store_commit(s, &f, &change));
    frame_free(&f);
    check_day(folder, PRICES5, first + 7);
    g = store_grid(s);
    t = grid_tiles(g, grid_shape(g, PRICES5), first);
    for (int d = 0; d < 30; d += 7)
        assert_int_equal(tiles_sequence(t, first + d) != sequences[d], d == 7);
    assert_ok(grid_count_missing(s, &missing));
    assert_int_equal(missing, 0);
    store_close(s);
    remove_folder(folder);
}

static void more_keys_than_there_is_room_for_make_a_larger_file(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *s = open_store(folder, STORE_WRITE);
    struct store *reader = open_store(folder, STORE_READ);
    aest_day day = day_of(2030, 6, 15);
    for (int keys = 5; keys <= 60; keys += 11) {
        struct frame f;
        struct frame_change change = {0};
        frame_init(&f, &datasets[SCADA5], day + keys % 3);
        for (int k = 0; k < keys; k++) {
            char name[16];
            snprintf(name, sizeof name, "U%03d", k);
            put_row(&f, name, keys, k);
        }
        assert_ok(store_commit(s, &f, &change));
        frame_free(&f);
        struct grid *g = store_grid(reader); /* which had the smaller file open */
        interval at = interval_day_start(day + keys % 3) + keys;
        for (int k = 0; k < keys; k++) {
            char name[16];
            double value;
            snprintf(name, sizeof name, "U%03d", k);
            grid_read(g, grid_shape(g, SCADA5), str_from(name), 0, at, at + 1, &value);
            assert_true(value == k);
        }
        for (int d = 0; d < 3; d++)
            check_day(folder, SCADA5, day + d);
    }
    store_close(reader);
    store_close(s);
    remove_folder(folder);
}

static void a_corrected_value_shows_without_a_new_start(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *s = open_store(folder, STORE_WRITE);
    struct store *reader = open_store(folder, STORE_READ);
    aest_day day = day_of(2030, 6, 15);
    interval at = interval_day_start(day) + 1;
    uint64_t sequence = grid_sequence(store_grid(reader));
    for (int i = 0; i < 5; i++) {
        struct frame f;
        struct frame_change change = {0};
        double value;
        cell price[DATASET_COLUMNS] = {cell_from_double(100 + i)};
        frame_init(&f, &datasets[PRICES5], day);
        frame_put(&f, frame_key(&f, STR("SA1")), 0, 0, 1000 + i, price, &change);
        assert_ok(store_commit(s, &f, &change));
        frame_free(&f);
        struct grid *g = store_grid(reader);
        grid_read(g, grid_shape(g, PRICES5), STR("SA1"), 0, at - 1, at, &value);
        assert_true(value == 100 + i);
        assert_true(grid_sequence(g) != sequence);
        sequence = grid_sequence(g);
    }
    store_close(reader);
    store_close(s);
    remove_folder(folder);
}

static void a_forecast_is_read_by_run_and_horizon(void **state) {
    (void)state;
    static const char *const keys[] = {"NSW1+000", "NSW1+012", "VIC1+003", NULL};
    char *folder = temporary_folder();
    struct arena a = {0};
    struct store *s = open_store(folder, STORE_WRITE);
    aest_day day = day_of(2030, 6, 15);
    struct series read;
    interval start = interval_day_start(day);
    commit_rows(s, P5MIN, day, keys, NULL);
    assert_ok(series_read(s, &a, P5MIN, "rrp", start + 10, start + 14, &read));
    assert_int_equal(read.count, 3);
    for (size_t k = 0; k < 3; k++) {
        assert_true(str_eq(read.keys[k], str_from(keys[k])));
        for (size_t i = 0; i < 4; i++) /* commit_rows: slot + day % 7 * 0.5 + 1 */
            assert_true(read.values[k][i] == (double)(10 + i) + day % 7 * 0.5 + 1);
    }
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

struct writing {
    const char *folder;
    atomic_bool over;
};

static void *write_intervals(void *context) {
    struct writing *w = context;
    struct store *s = open_store(w->folder, STORE_WRITE);
    for (int slot = 0; slot < 60; slot++)
        for (int i = 0; i < 2; i++) {
            struct frame f;
            struct frame_change change = {0};
            frame_init(&f, &datasets[i ? REGIONS5 : PRICES5], day_of(2030, 6, 15));
            put_row(&f, "NSW1", slot, slot);
            assert_ok(store_commit(s, &f, &change));
            frame_free(&f);
        }
    store_close(s);
    atomic_store(&w->over, true);
    return NULL;
}

/* A file is there a moment before its tile: that is no reason to read it, nor to say that the grid
 * isn't whole. */
static void what_is_being_committed_lacks_nothing(void **state) {
    (void)state;
    struct writing w = {.folder = temporary_folder()};
    struct store *s = open_store(w.folder, STORE_WRITE); /* that makes it */
    pthread_t writer;
    int made;
    store_close(s);
    s = open_store(w.folder, STORE_READ);
    assert_int_equal(pthread_create(&writer, NULL, write_intervals, &w), 0);
    while (!atomic_load(&w.over)) {
        assert_ok(grid_refresh(s, NULL, &made));
        assert_int_equal(made, 0);
        assert_true(grid_missing(store_grid(s)) <= 0);
    }
    pthread_join(writer, NULL);
    store_close(s);
    remove_folder((char *)(uintptr_t)w.folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_commit_shows_in_the_grid_cell_for_cell),
        cmocka_unit_test(a_grid_that_is_gone_or_damaged_is_made_again),
        cmocka_unit_test(a_grid_that_is_removed_under_a_reader_is_found_again),
        cmocka_unit_test(bounds_are_known_without_a_look_into_parquet),
        cmocka_unit_test(constraints_are_counted),
        cmocka_unit_test(what_is_being_committed_lacks_nothing),
        cmocka_unit_test(a_file_that_goes_takes_its_values_along),
        cmocka_unit_test(closing_a_month_changes_stamps_alone),
        cmocka_unit_test(more_keys_than_there_is_room_for_make_a_larger_file),
        cmocka_unit_test(a_forecast_is_read_by_run_and_horizon),
        cmocka_unit_test(a_corrected_value_shows_without_a_new_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
