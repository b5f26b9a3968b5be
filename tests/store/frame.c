#include "store/frame.h"

#include <math.h>
#include <stdlib.h>

#include "support/check.h"

static aest_day a_day(void) {
    aest_day day;
    assert_true(aest_day_from_date(2030, 6, 15, &day));
    return day;
}

static double value(const struct frame *f, const char *key, int column, int slot) {
    int64_t k = intern_find(&f->keys, str_from(key));
    assert_true(k >= 0);
    return cell_to_double(frame_cell(f, (uint32_t)k, column, slot));
}

static void put_price(struct frame *f, const char *region, int slot, double rrp, const char *source,
                      aest_us version, struct frame_change *change) {
    cell columns[2] = {cell_from_double(rrp), frame_text(f, str_from(source))};
    frame_put(f, frame_key(f, str_from(region)), slot, 0, version, columns, change);
}

static void doubles_keep_every_bit(void **state) {
    (void)state;
    const double values[] = {0.0, -0.0, 1.0, -1000, 17500, 0.1, 1e-300, -1e300, 5e-324};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double back = cell_to_double(cell_from_double(values[i]));
        assert_memory_equal(&back, &values[i], sizeof back);
        assert_int_not_equal(cell_from_double(values[i]), CELL_MISSING);
    }
    assert_true(isnan(cell_to_double(CELL_MISSING)));
}

static void a_day_ends_with_its_midnight(void **state) {
    (void)state;
    struct frame five, thirty;
    interval start = interval_day_start(a_day());
    frame_init(&five, &datasets[PRICES5], a_day());
    frame_init(&thirty, &datasets[ROOFTOP30], a_day());
    assert_int_equal(frame_slot(&five, start), -1);        /* 00:00 is the day before's last */
    assert_int_equal(frame_slot(&five, start + 1), 0);     /* 00:05 */
    assert_int_equal(frame_slot(&five, start + 288), 287); /* 00:00 of the next date */
    assert_int_equal(frame_slot(&five, start + 289), -1);
    assert_int_equal(frame_slot(&thirty, start + 6), 0);
    assert_int_equal(frame_slot(&thirty, start + 7), -1);
    assert_int_equal(frame_slot(&thirty, start + 288), 47);
    for (int slot = 0; slot < thirty.slots; slot++)
        assert_int_equal(frame_slot(&thirty, frame_interval(&thirty, slot)), slot);
    frame_free(&five);
    frame_free(&thirty);
}

static void the_newer_version_stays(void **state) {
    (void)state;
    struct frame f;
    struct frame_change change = {0};
    frame_init(&f, &datasets[PRICES5], a_day());
    put_price(&f, "NSW1", 3, 50, "DISPATCH", 1000, &change);
    put_price(&f, "NSW1", 3, 60, "DISPATCH", 2000, &change);
    put_price(&f, "NSW1", 3, 70, "DISPATCH", 1500, &change);
    assert_true(value(&f, "NSW1", 0, 3) == 60);
    assert_int_equal(f.rows, 1);
    assert_int_equal(change.added, 1);
    assert_int_equal(change.replaced, 1);
    assert_int_equal(change.ties, 0);
    frame_free(&f);
}

static void the_rank_beats_the_version(void **state) {
    (void)state;
    struct frame f;
    struct frame_change change = {0};
    frame_init(&f, &datasets[PRICES5], a_day());
    put_price(&f, "SA1", 0, 99.99, "TRADING", 9000, &change);
    put_price(&f, "SA1", 0, 99.98765, "DISPATCH", 10, &change);
    put_price(&f, "SA1", 0, 99.99, "TRADING", 9999, &change);
    put_price(&f, "SA1", 1, 1, "SOMETHING ELSE", 9999, &change);
    put_price(&f, "SA1", 1, 2, "TRADING", 1, &change);
    assert_true(value(&f, "SA1", 0, 0) == 99.98765);
    assert_true(value(&f, "SA1", 0, 1) == 2);
    frame_free(&f);
}

static void the_physical_run_beats_all_else_in_a_file(void **state) {
    (void)state;
    for (int order = 0; order < 2; order++) {
        struct frame f, stored;
        struct frame_change change = {0};
        cell pricing = cell_from_double(10), physical = cell_from_double(20);
        frame_init(&f, &datasets[SCADA5], a_day());
        uint32_t key = frame_key(&f, STR("UNIT"));
        frame_put(&f, key, 5, order ? 1 : 0, order ? 100 : 200, order ? &physical : &pricing,
                  &change);
        frame_put(&f, key, 5, order ? 0 : 1, order ? 200 : 100, order ? &pricing : &physical,
                  &change);
        assert_true(value(&f, "UNIT", 0, 5) == 20);
        /* in the store only the version counts */
        frame_init(&stored, &datasets[SCADA5], a_day());
        frame_merge(&stored, &f, &change);
        cell newer = cell_from_double(30);
        frame_put(&stored, frame_key(&stored, STR("UNIT")), 5, 0, 101, &newer, &change);
        assert_true(value(&stored, "UNIT", 0, 5) == 30);
        frame_free(&f);
        frame_free(&stored);
    }
}

static void a_tie_keeps_the_larger_values_and_is_counted(void **state) {
    (void)state;
    struct frame f;
    struct frame_change change = {0};
    frame_init(&f, &datasets[PRICES5], a_day());
    put_price(&f, "TAS1", 0, 5, "DISPATCH", 7, &change);
    put_price(&f, "TAS1", 0, 5, "DISPATCH", 7, &change); /* the same row again is no tie */
    assert_int_equal(change.ties, 0);
    put_price(&f, "TAS1", 0, 4, "DISPATCH", 7, &change);
    assert_int_equal(change.ties, 1);
    assert_int_equal(change.replaced, 0);
    put_price(&f, "TAS1", 0, 6, "DISPATCH", 7, &change);
    assert_int_equal(change.ties, 2);
    assert_true(value(&f, "TAS1", 0, 0) == 6);
    frame_free(&f);
}

/* Rows of a small space, so that many meet. */
struct random_row {
    const char *region, *source;
    int slot;
    aest_us version;
    double rrp;
};

static struct random_row make_row(struct random *r) {
    static const char *const regions[] = {"NSW1", "QLD1", "SA1"}, *const sources[] = {"TRADING",
                                                                                      "DISPATCH"};
    return (struct random_row){.region = regions[random_next(r) % 3],
                               .source = sources[random_next(r) % 2],
                               .slot = (int)(random_next(r) % 8),
                               .version = (aest_us)(1 + random_next(r) % 3),
                               .rrp = (double)(int)(random_next(r) % 5) - 2};
}

/* The larger of two rows of one key and slot, straight from the rule. */
static bool beats(const struct random_row *a, const struct random_row *b) {
    int rank_a = *a->source == 'D', rank_b = *b->source == 'D';
    if (rank_a != rank_b)
        return rank_a > rank_b;
    if (a->version != b->version)
        return a->version > b->version;
    uint64_t bits_a, bits_b;
    memcpy(&bits_a, &a->rrp, 8);
    memcpy(&bits_b, &b->rrp, 8);
    return bits_a > bits_b;
}

static void the_merge_depends_on_neither_order_nor_grouping(void **state) {
    (void)state;
    struct random r = {2463534242};
    for (int round = 0; round < 300; round++) {
        struct random_row rows[40];
        struct frame forward, grouped, part;
        struct frame_change change = {0};
        frame_init(&forward, &datasets[PRICES5], a_day());
        frame_init(&grouped, &datasets[PRICES5], a_day());
        for (int i = 0; i < 40; i++) {
            rows[i] = make_row(&r);
            put_price(&forward, rows[i].region, rows[i].slot, rows[i].rrp, rows[i].source,
                      rows[i].version, &change);
        }
        for (int i = 39; i > 0; i--) { /* shuffled */
            int j = (int)(random_next(&r) % (uint64_t)(i + 1));
            struct random_row keep = rows[i];
            rows[i] = rows[j];
            rows[j] = keep;
        }
        for (int i = 0; i < 40;) { /* in groups, each merged twice */
            int end = i + 1 + (int)(random_next(&r) % 6);
            frame_init(&part, &datasets[PRICES5], a_day());
            for (; i < end && i < 40; i++)
                put_price(&part, rows[i].region, rows[i].slot, rows[i].rrp, rows[i].source,
                          rows[i].version, &change);
            frame_merge(&grouped, &part, &change);
            frame_merge(&grouped, &part, &change);
            frame_free(&part);
        }
        assert_true(frame_equal(&forward, &grouped) && frame_equal(&grouped, &forward));
        for (int i = 0; i < 40; i++) { /* and what stays is what nothing beats */
            const struct random_row *best = &rows[i];
            for (int j = 0; j < 40; j++)
                if (rows[j].slot == best->slot && !strcmp(rows[j].region, best->region) &&
                    beats(&rows[j], best))
                    best = &rows[j];
            double rrp = value(&grouped, best->region, 0, best->slot);
            assert_memory_equal(&rrp, &best->rrp, sizeof rrp);
        }
        frame_free(&forward);
        frame_free(&grouped);
    }
}

static void bounds_are_the_first_and_last_row(void **state) {
    (void)state;
    struct frame f;
    struct frame_change change = {0};
    interval first, last;
    frame_init(&f, &datasets[PRICES5], a_day());
    assert_false(frame_bounds(&f, &first, &last));
    put_price(&f, "NSW1", 100, 1, "DISPATCH", 1, &change);
    put_price(&f, "QLD1", 7, 1, "DISPATCH", 1, &change);
    put_price(&f, "SA1", 280, 1, "DISPATCH", 1, &change);
    assert_true(frame_bounds(&f, &first, &last));
    assert_int_equal(first, frame_interval(&f, 7));
    assert_int_equal(last, frame_interval(&f, 280));
    frame_free(&f);
}

/* A column that is one cell for all rows, until another one comes, in whatever order. */
static void equal_cells_are_kept_once_and_read_the_same(void **state) {
    (void)state;
    struct frame f;
    struct frame_change change = {0};
    frame_init(&f, &datasets[SCADA5], a_day());
    uint32_t k = frame_key(&f, STR("AGLHAL"));
    cell zero = cell_from_double(0), ten = cell_from_double(10);
    for (int slot = 3; slot < 9; slot++)
        frame_put(&f, k, slot, 0, 100, &zero, &change);
    assert_null(f.blocks[k].columns[0].narrow);
    assert_null(f.blocks[k].columns[0].wide);
    assert_true(value(&f, "AGLHAL", 0, 5) == 0);
    assert_true(isnan(value(&f, "AGLHAL", 0, 2)));
    frame_put(&f, k, 5, 0, 101, &ten, &change);
    frame_put(&f, k, 20, 0, 100, &zero, &change);
    for (int slot = 3; slot < 9; slot++)
        assert_true(value(&f, "AGLHAL", 0, slot) == (slot == 5 ? 10 : 0));
    assert_true(isnan(value(&f, "AGLHAL", 0, 9)));
    assert_true(value(&f, "AGLHAL", 0, 20) == 0);
    assert_int_equal(f.rows, 7);
    frame_free(&f);
}

/* Numbers that fit 32 bits as decimals, and those that don't, in every order. */
static void cells_of_every_width_keep_all_of_their_bits(void **state) {
    (void)state;
    static const double numbers[] = {
        0.1,   -12.34567, 21474.83646, -21474.83646, 0.00001, -0.0,   21474.9,           0.123456,
        1e300, 5e-324,    1.0 / 3,     15500,        -1000.5, -1e300, 4503599627370497.5};
    enum { COUNT = sizeof numbers / sizeof *numbers };
    struct random r = {42};
    bool narrow = false, wide = false;
    for (int round = 0; round < 200; round++) {
        struct frame f;
        struct frame_change change = {0};
        cell expected[288] = {CELL_MISSING};
        int of = round % 2 ? COUNT : 5;
        frame_init(&f, &datasets[DEMAND5], a_day());
        uint32_t k = frame_key(&f, STR("NSW1"));
        for (int i = 0; i < 40; i++) {
            cell columns[DATASET_COLUMNS] = {cell_from_double(1)};
            int slot = (int)(random_next(&r) % 288);
            if (random_next(&r) % 8)
                columns[1] = cell_from_double(numbers[random_next(&r) % (uint64_t)of]);
            expected[slot] = columns[1];
            frame_put(&f, k, slot, 0, 100 + i, columns, &change);
        }
        for (int slot = 0; slot < 288; slot++)
            assert_true(frame_cell(&f, k, 1, slot) == expected[slot]);
        narrow = narrow || f.blocks[k].columns[1].narrow;
        wide = wide || f.blocks[k].columns[1].wide;
        frame_free(&f);
    }
    assert_true(narrow && wide);
}

/* A measurement that failed counts less than an estimate, in whatever order they come. */
static void a_row_without_its_value_ranks_below_all_others(void **state) {
    (void)state;
    for (int order = 0; order < 2; order++) {
        struct frame f;
        struct frame_change change = {0};
        frame_init(&f, &datasets[ROOFTOP30], a_day());
        uint32_t k = frame_key(&f, STR("NSW1"));
        const cell measured[3] = {CELL_MISSING, cell_from_double(0),
                                  frame_text(&f, STR("MEASUREMENT"))},
                   seen[3] = {cell_from_double(800), cell_from_double(0.2),
                              frame_text(&f, STR("SATELLITE"))};
        frame_put(&f, k, 30, 0, 2000, order ? measured : seen, &change);
        frame_put(&f, k, 30, 0, 2000, order ? seen : measured, &change);
        assert_true(value(&f, "NSW1", 0, 30) == 800);
        frame_free(&f);
    }
}

static void frames_are_equal_by_their_rows(void **state) {
    (void)state;
    struct frame a, b;
    struct frame_change change = {0};
    frame_init(&a, &datasets[PRICES5], a_day());
    frame_init(&b, &datasets[PRICES5], a_day());
    put_price(&a, "NSW1", 1, 10, "DISPATCH", 100, &change);
    put_price(&a, "VIC1", 1, 20, "TRADING", 100, &change);
    assert_false(frame_equal(&a, &b));
    put_price(&b, "VIC1", 1, 20, "TRADING", 100, &change); /* numbers of keys and texts differ */
    put_price(&b, "NSW1", 1, 10, "DISPATCH", 100, &change);
    assert_true(frame_equal(&a, &b));
    put_price(&b, "NSW1", 1, 10, "DISPATCH", 101, &change);
    assert_false(frame_equal(&a, &b));
    frame_free(&a);
    frame_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_keep_every_bit),
        cmocka_unit_test(a_day_ends_with_its_midnight),
        cmocka_unit_test(the_newer_version_stays),
        cmocka_unit_test(the_rank_beats_the_version),
        cmocka_unit_test(the_physical_run_beats_all_else_in_a_file),
        cmocka_unit_test(a_tie_keeps_the_larger_values_and_is_counted),
        cmocka_unit_test(the_merge_depends_on_neither_order_nor_grouping),
        cmocka_unit_test(bounds_are_the_first_and_last_row),
        cmocka_unit_test(equal_cells_are_kept_once_and_read_the_same),
        cmocka_unit_test(cells_of_every_width_keep_all_of_their_bits),
        cmocka_unit_test(frames_are_equal_by_their_rows),
        cmocka_unit_test(a_row_without_its_value_ranks_below_all_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
