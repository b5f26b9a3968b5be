#include "market/readings.h"

#include <stdlib.h>

#include "market/demand.h"
#include "market/demand_mean.h"
#include "market/energy.h"
#include "market/regions_resample.h"
#include "market/rooftop_mean.h"
#include "support/times.h"

#define MISSING ((double)NAN)

struct rig {
    char *folder;
    struct store *store;
    struct arena memory;
};

static int set_up(void **state) {
    struct rig *rig = mem_zalloc(1, sizeof *rig);
    rig->folder = temporary_folder();
    assert_ok(store_open(rig->folder, STORE_WRITE, NULL, &rig->store));
    *state = rig;
    return 0;
}

static int tear_down(void **state) {
    struct rig *rig = *state;
    store_close(rig->store);
    remove_folder(rig->folder);
    arena_free(&rig->memory);
    free(rig);
    return 0;
}

/* Commits one row, whose columns of numbers are all [value]. */
static void put_key(struct rig *rig, enum dataset_id dataset, str key, interval when,
                    double value) {
    struct frame f;
    struct frame_change change = {0};
    cell columns[DATASET_COLUMNS] = {CELL_MISSING};
    frame_init(&f, &datasets[dataset], interval_day(when));
    for (int c = 0; c < f.columns; c++)
        if (f.dataset->columns[c].type != COLUMN_TEXT)
            columns[c] = cell_from_double(value);
    frame_put(&f, frame_key(&f, key), frame_slot(&f, when), 0, AEST_DAY, columns, &change);
    assert_ok(store_commit(rig->store, &f, &change));
    frame_free(&f);
}

static void put(struct rig *rig, enum dataset_id dataset, const char *key, const char *when,
                double value) {
    put_key(rig, dataset, str_from(key), at(when), value);
}

/* A forecast of a region, made in [run] for so many steps later. */
static void put_forecast(struct rig *rig, enum dataset_id dataset, const char *region,
                         const char *run, int horizon, double value) {
    char room[64];
    put_key(rig, dataset, forecast_key(room, str_from(region), horizon), at(run), value);
}

static struct period between(const char *after, const char *to) {
    return (struct period){at(after), at(to)};
}

static void prices_settle_by_the_half_hour_up_to_october_2021(void **state) {
    struct rig *rig = *state;
    struct span out[REGIONS];
    put(rig, PRICES30, "SA1", "2021-09-30 23:30", 70);
    put(rig, PRICES30, "SA1", "2021-10-01 00:00", 80);
    put(rig, PRICES5, "SA1", "2021-09-30 23:35", 1);
    put(rig, PRICES5, "SA1", "2021-10-01 00:00", 2);
    put(rig, PRICES5, "SA1", "2021-10-01 00:05", 3);
    assert_ok(settlement_prices_read(rig->store, &rig->memory,
                                     between("2021-09-30 23:25", "2021-10-01 00:10"), out));
    static const double expected[] = {70, 80, 80, 80, 80, 80, 80, 3, MISSING};
    assert_int_equal(out[2].length, 9);
    for (size_t i = 0; i < 9; i++)
        assert_number(out[2].values[i], expected[i], 0);
    for (size_t i = 0; i < 9; i++)
        assert_number(out[0].values[i], MISSING, 0); /* a region without any row */
    assert_ok(settlement_prices_read(rig->store, &rig->memory,
                                     between("2021-10-01 00:00", "2021-10-01 00:05"), out));
    assert_number(out[2].values[0], 3, 0);
}

static void demand_is_measured_else_of_its_half_hour_else_a_proxy(void **state) {
    struct rig *rig = *state;
    struct span out[REGIONS];
    bool proxy[12];
    put(rig, REGIONS5, "NSW1", "2024-07-31 23:40", 5000); /* each column: target, intermittent */
    put(rig, REGIONS5, "NSW1", "2024-08-01 00:05", 5000);
    put(rig, DEMAND30, "NSW1", "2024-08-01 00:30", 8000);
    put(rig, DEMAND5, "NSW1", "2024-08-01 00:15", 8100);
    assert_ok(operational_demand_read(rig->store, &rig->memory,
                                      between("2024-07-31 23:35", "2024-08-01 00:35"), out, proxy));
    assert_number(out[0].values[0], 10000, 0);
    assert_true(proxy[0]);
    assert_number(out[0].values[1], MISSING, 0); /* nothing to make a proxy of */
    assert_number(out[0].values[5], 8000, 0);    /* 00:05, of the half hour to 00:30 */
    assert_false(proxy[5]);
    assert_number(out[0].values[7], 8100, 0);
    assert_number(out[0].values[11], MISSING, 0);
    assert_false(proxy[11]); /* since August 2024 there is none */
}

static void the_newest_run_that_has_a_time_says_it(void **state) {
    struct rig *rig = *state;
    struct span out[REGIONS], before[REGIONS];
    put_forecast(rig, P5MIN, "VIC1", "2025-08-20 23:55", 0, 10);
    put_forecast(rig, P5MIN, "VIC1", "2025-08-20 23:55", 1, 11);
    put_forecast(rig, P5MIN, "VIC1", "2025-08-20 23:55", 3, 13);
    put_forecast(rig, P5MIN, "VIC1", "2025-08-21 00:00", 1, 21);
    put_forecast(rig, P5MIN, "VIC1", "2025-08-21 00:05", 0, 31);
    struct period p = between("2025-08-20 23:50", "2025-08-21 00:20");
    assert_ok(forecast_read(rig->store, &rig->memory, P5MIN, "rrp", at("2025-08-21 00:05"), p, out,
                            before));
    static const double now[] = {10, 11, 31, 13, MISSING, MISSING};
    static const double then[] = {MISSING, MISSING, 21, MISSING, MISSING, MISSING};
    for (size_t i = 0; i < 6; i++) {
        assert_number(out[4].values[i], now[i], 0);
        assert_number(before[4].values[i], then[i], 0);
    }
    /* what was not made yet doesn't count */
    assert_ok(forecast_read(rig->store, &rig->memory, P5MIN, "rrp", at("2025-08-21 00:00"), p, out,
                            NULL));
    assert_number(out[4].values[2], 21, 0);
    assert_number(out[0].values[0], MISSING, 0);
}

static void rooftop_goes_on_with_its_forecast(void **state) {
    struct rig *rig = *state;
    struct span out[REGIONS];
    bool provisional[18];
    put(rig, ROOFTOP30, "SA1", "2025-08-21 11:00", 800);
    put(rig, ROOFTOP30, "SA1", "2025-08-21 11:30", 900);
    put_forecast(rig, ROOFTOP_FORECAST, "SA1", "2025-08-21 11:00", 1, 1000); /* 11:30 */
    put_forecast(rig, ROOFTOP_FORECAST, "SA1", "2025-08-21 11:00", 2, 1200); /* 12:00 */
    struct period p = between("2025-08-21 11:00", "2025-08-21 12:30");
    assert_ok(rooftop_read(rig->store, &rig->memory, p, out, provisional));
    assert_number(out[2].values[2], 850, 1e-9);
    assert_false(provisional[5]);
    assert_number(out[2].values[6], 0.9 * (1000 + 200.0 / 6), 1e-9);
    assert_number(out[2].values[11], 1080, 1e-9);
    assert_true(provisional[11]);
    assert_number(out[2].values[12], MISSING, 0); /* behind the forecast */
    /* of history nothing is estimated, however late its neighbours are */
    put(rig, ROOFTOP30, "SA1", "2025-09-21 11:30", 1);
    assert_ok(rooftop_read(rig->store, &rig->memory, p, out, provisional));
    assert_number(out[2].values[11], MISSING, 0);
    assert_false(provisional[11]);
}

/* Means over buckets are those of the values at five minutes, whatever lacks and however a bucket
 * lies to half hours. */
static void rooftop_means_are_those_of_five_minutes(void **state) {
    struct rig *rig = *state;
    static const int steps[] = {1, 3, 6, 7, 12, 72, 288};
    static const unsigned areas[] = {0x16, 1u << 3, 1u << 0};
    struct span five[REGIONS];
    struct arena *a = &rig->memory;
    interval start = at("2025-08-20 22:00");
    for (int i = 0; i < 30; i++)
        for (int r = 0; r < REGIONS; r++)
            if ((i != 11 || r != 2) && i != 20 && (i < 28 || r != 4))
                put_key(rig, ROOFTOP30, str_from(regions[r]), start + i * 6,
                        100 * r + (i * 37 + r * 11) % 90);
    for (int h = 1; h < 6; h++) {
        put_forecast(rig, ROOFTOP_FORECAST, "VIC1", "2025-08-21 11:00", h, 300 + 40 * h);
        put_forecast(rig, ROOFTOP_FORECAST, "NSW1", "2025-08-21 11:00", h, 400 + 30 * h);
    }
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        static const interval ends[][2] = {{4, 131}, {4, 29 * 6 + 9}, {29 * 6 + 5, 29 * 6 + 12}};
        for (int late = 0; late < 3; late++) { /* the last lies behind all points */
            struct period p = {start + ends[late][0] + (interval)k, start + ends[late][1]};
            struct buckets b = buckets_of_step(a, steps[k], p);
            size_t length = (size_t)(p.to - p.after);
            bool *flags = ARENA_ARRAY(a, bool, length), any = false;
            struct rooftop_mean got;
            assert_ok(rooftop_read(rig->store, a, p, five, flags));
            assert_ok(rooftop_mean_read(rig->store, a, p, &b, areas, 3, &got));
            struct span sum = span_new(a, p.after + 1, 1, length);
            for (size_t i = 0; i < length; i++) {
                any |= flags[i];
                sum.values[i] = five[1].values[i] + five[2].values[i] + five[4].values[i];
            }
            struct resampled wanted = resample(a, &sum, &b),
                             alone[] = {resample(a, &five[3], &b), resample(a, &five[0], &b)};
            size_t first = 0;
            while (first < length && !flags[first])
                first++;
            assert_int_equal(got.first, p.after + 1 + (interval)first);
            assert_int_equal(got.provisional, any);
            assert_int_equal(got.from <= p.to, flags[length - 1]);
            if (flags[length - 1])
                assert_true(flags[got.from - p.after - 1] &&
                            (got.from == p.after + 1 || !flags[got.from - p.after - 2]));
            for (size_t i = 0; i < b.count; i++)
                assert_number(got.mean[0][i], wanted.mean[i], 1e-9);
            for (size_t i = 0; i < 2 * b.count; i++)
                assert_number(got.mean[1 + i % 2][i / 2], alone[i % 2].mean[i / 2], 1e-9);
        }
    }
    bool flags[13];
    assert_ok(
        rooftop_read(rig->store, a, between("2025-08-21 11:30", "2025-08-21 12:35"), five, flags));
    assert_true(flags[5]); /* there was an estimate to compare */
}

/* Brought down while they are read, they are what they are afterwards. */
static void regions_are_resampled_as_they_are_read(void **state) {
    struct rig *rig = *state;
    static const int steps[] = {1, 3, 7, 72, 288, 2 * 288};
    struct arena *a = &rig->memory;
    interval start = at("2025-12-31 20:00"); /* and on into another year */
    struct span read[REGIONS];
    struct resampled got[REGIONS];
    for (int i = 0; i < 130; i++)
        for (int r = 0; r < REGIONS - 1; r++) /* one has no row at all */
            if ((i * 7 + r) % 5 && (i < 40 || i > 95))
                put_key(rig, PRICES5, str_from(regions[r]), start + i,
                        (i * 37 + r * 11) % 90 - 20 + r / 7.0);
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        struct period p = {start - 5, start + 127 + (interval)k};
        struct buckets b = buckets_of_step(a, steps[k], p);
        assert_ok(regions_read(rig->store, a, PRICES5, "rrp", p, read));
        regions_resample(rig->store, a, PRICES5, "rrp", p, &b, got);
        for (int r = 0; r < REGIONS; r++) {
            struct resampled wanted = resample(a, &read[r], &b);
            assert_int_equal(got[r].count, wanted.count);
            for (size_t i = 0; i < b.count; i++) {
                assert_number(got[r].mean[i], wanted.mean[i], 1e-9);
                assert_number(got[r].sum[i], wanted.sum[i], 1e-9);
                assert_number(got[r].min[i], wanted.min[i], 0);
                assert_number(got[r].max[i], wanted.max[i], 0);
                assert_int_equal(got[r].known[i], wanted.known[i]);
            }
        }
    }
}

/* Means of demand over buckets are those of its intervals, by whichever way they were read. */
static void check_demand(struct rig *rig, struct period p) {
    static const int steps[] = {6, 12, 72, 7};
    struct arena *a = &rig->memory;
    size_t length = (size_t)(p.to - p.after);
    bool *flags = ARENA_ARRAY(a, bool, length), *estimates = ARENA_ARRAY(a, bool, length);
    for (int underlying = 0; underlying < 2; underlying++) {
        struct span five[REGIONS];
        bool any_proxy = false, any_estimate = false;
        if (underlying)
            assert_ok(underlying_demand_read(rig->store, a, p, five, flags, estimates));
        else
            assert_ok(operational_demand_read(rig->store, a, p, five, flags));
        for (size_t i = 0; i < length; i++) {
            any_proxy |= flags[i];
            any_estimate |= underlying && estimates[i];
        }
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            struct buckets b = buckets_of_step(a, steps[k], p);
            double *got[REGIONS];
            bool proxy = false, provisional = false;
            assert_ok(
                demand_mean_read(rig->store, a, p, &b, underlying, got, &proxy, &provisional));
            assert_int_equal(proxy, any_proxy);
            assert_int_equal(provisional, any_estimate);
            for (int r = 0; r < REGIONS; r++) {
                struct resampled wanted = resample(a, &five[r], &b);
                for (size_t i = 0; i < b.count; i++)
                    assert_number(got[r][i], wanted.mean[i], 1e-9);
            }
        }
    }
}

static void means_of_demand_are_those_of_its_intervals(void **state) {
    struct rig *rig = *state;
    interval start = at("2025-08-20 20:00");
    for (int i = 0; i < 20; i++)
        for (int r = 0; r < REGIONS - 1; r++) {
            if ((i + r) % 7)
                put_key(rig, DEMAND30, str_from(regions[r]), start + i * 6, 5000 + 37 * i + r);
            if ((i + r) % 5)
                put_key(rig, ROOFTOP30, str_from(regions[r]), start + i * 6, 100 * r + i * 13);
        }
    check_demand(rig, (struct period){start, start + 16 * 6});
    check_demand(rig, (struct period){start + 5, start + 101}); /* across half hours */
    for (int h = 1; h < 6; h++)                                 /* an estimate at the end */
        put_forecast(rig, ROOFTOP_FORECAST, "VIC1", "2025-08-21 05:30", h, 300 + 40 * h);
    check_demand(rig, (struct period){start, start + 22 * 6});
    put(rig, DEMAND5, "NSW1", "2025-08-20 22:10", 4000); /* one of five minutes */
    check_demand(rig, (struct period){start, start + 16 * 6});
    put(rig, REGIONS5, "NSW1", "2024-07-31 23:40", 5000); /* and a time of proxies */
    put(rig, DEMAND30, "NSW1", "2024-08-01 00:30", 8000);
    check_demand(rig, between("2024-07-31 22:00", "2024-08-01 01:00"));
}

/* Ten days of numbers around the end of proxies, of which some lack now and then, or for a day. */
static void put_regions(struct rig *rig, enum dataset_id dataset, aest_day day,
                        struct random *random) {
    struct frame f;
    struct frame_change change = {0};
    frame_init(&f, &datasets[dataset], day);
    for (int r = 0; r < REGIONS; r++) {
        bool is_whole = (day + r) % 3 != 0;
        for (int slot = 0; slot < f.slots && (day + 2 * r) % 5 != 0; slot++) {
            cell columns[DATASET_COLUMNS] = {CELL_MISSING};
            for (int c = 0; c < f.columns; c++)
                if (f.dataset->columns[c].type != COLUMN_TEXT &&
                    (is_whole || random_next(random) % 50 != 0))
                    columns[c] = cell_from_double((double)(random_next(random) % 9000));
            frame_put(&f, frame_key(&f, str_from(regions[r])), slot, 0, AEST_DAY, columns, &change);
        }
    }
    assert_ok(store_commit(rig->store, &f, &change));
    frame_free(&f);
}

static void means_of_proxies_are_those_of_their_intervals(void **state) {
    struct rig *rig = *state;
    struct random random = {88172645463325252};
    aest_day first = interval_day(at("2024-07-28 00:05"));
    for (int d = 0; d < 10; d++) {
        put_regions(rig, REGIONS5, first + d, &random);
        put_regions(rig, ROOFTOP30, first + d, &random);
        if (first + d >= interval_day(DEMAND_PROXY_UNTIL + 1))
            put_regions(rig, DEMAND30, first + d, &random);
    }
    check_demand(rig, between("2024-07-28 00:00", "2024-08-07 00:00"));
    check_demand(rig, between("2024-07-29 13:25", "2024-08-06 23:40"));
    check_demand(rig, between("2024-07-27 10:00", "2024-07-31 12:00"));
    check_demand(rig, between("2024-07-28 10:00", "2024-07-28 10:05"));
    put(rig, DEMAND5, "NSW1", "2024-08-05 22:10", 4000); /* five minutes from here on, */
    check_demand(rig, between("2024-07-28 00:00", "2024-08-07 00:00"));
    put(rig, DEMAND30, "SA1", "2024-07-30 12:00", 700); /* and measured before its time */
    check_demand(rig, between("2024-07-28 00:00", "2024-08-07 00:00"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(prices_settle_by_the_half_hour_up_to_october_2021, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(demand_is_measured_else_of_its_half_hour_else_a_proxy,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_newest_run_that_has_a_time_says_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rooftop_goes_on_with_its_forecast, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rooftop_means_are_those_of_five_minutes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(regions_are_resampled_as_they_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(means_of_demand_are_those_of_its_intervals, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(means_of_proxies_are_those_of_their_intervals, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
