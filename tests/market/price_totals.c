#include "market/price_totals.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "market/readings.h"
#include "market/sums.h"
#include "store/duck.h"
#include "store/grid.h"
#include "support/check.h"
#include "support/times.h"

/* Prices and demand of 14 May to 4 August 2030, so that June and July are whole and over. */
enum { DAYS = 83, JUNE = 30 };
struct rig {
    char *folder;
    struct store *store;
    struct random random;
    aest_day first, june;
};

static double random_number(struct rig *r, double low, double high) {
    return low + (high - low) * (double)(random_next(&r->random) >> 40) / (1 << 24);
}

/* Numbers of a day, one in [missing] of which isn't there; NSW1 lacks the whole of one day in ten.
 */
static void commit_day(struct rig *r, enum dataset_id dataset, aest_day day, double low,
                       double high, unsigned missing, aest_us version) {
    struct frame f;
    struct frame_change change = {0};
    frame_init(&f, &datasets[dataset], day);
    for (int region = day % 10 == 0; region < REGIONS; region++)
        for (int slot = 0; slot < f.slots; slot++) {
            cell columns[DATASET_COLUMNS] = {cell_from_double(random_number(r, low, high))};
            if (random_next(&r->random) % missing)
                frame_put(&f, frame_key(&f, str_from(regions[region])), slot, 0, version, columns,
                          &change);
        }
    assert_ok(store_commit(r->store, &f, &change));
    frame_free(&f);
}

static void rig_begin(struct rig *r, int days) {
    *r = (struct rig){.folder = temporary_folder(), .random = {88172645463325252}};
    assert_true(aest_day_from_date(2030, 5, 14, &r->first));
    assert_true(aest_day_from_date(2030, 6, 1, &r->june));
    store_set_follower(&sums_follower);
    assert_ok(store_open(r->folder, STORE_WRITE, NULL, &r->store));
    for (int d = 0; d < days; d++) {
        commit_day(r, PRICES5, r->first + d, -1000, 300, 20, 1000);
        commit_day(r, REGIONS5, r->first + d, -50, 8000, 30, 1000);
    }
}

static void rig_end(struct rig *r) {
    store_close(r->store);
    store_set_follower(NULL);
    remove_folder(r->folder);
}

/* What each interval says. */
static void check(struct rig *r, struct period p) {
    struct arena a = {0};
    struct span rrp[REGIONS], demand[REGIONS];
    struct price_total got[PRICE_AREAS];
    double wanted[PRICE_AREAS][PRICE_LANES];
    assert_ok(regions_read(r->store, &a, PRICES5, "rrp", p, rrp));
    assert_ok(regions_read(r->store, &a, REGIONS5, "totaldemand", p, demand));
    price_sums_of(rrp, demand, wanted);
    assert_ok(price_totals_read(r->store, p, got));
    for (int area = 0; area < PRICE_AREAS; area++) {
        assert_int_equal(got[area].any, wanted[area][PRICE_COUNT] > 0);
        for (int lane = 0; got[area].any && lane < PRICE_LANES; lane++)
            assert_number(got[area].lanes[lane], wanted[area][lane],
                          1e-12 * fabs(wanted[area][lane]) + 1e-6);
    }
    arena_free(&a);
}

static struct period days_of(const struct rig *r, int from, int to) {
    return (struct period){interval_day_start(r->first + from), interval_day_start(r->first + to)};
}

static bool has_month(struct rig *r, aest_day first) {
    return month_tiles(&months_of_prices, store_grid(r->store), first) != NULL;
}

/* -- SQL ----------------------------------------------------------------------------------------
 */

static err *read_lanes(void *context, duckdb_data_chunk chunk) {
    double *out = context;
    for (int lane = 0; lane < PRICE_LANES; lane++)
        out[lane] =
            ((double *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, (idx_t)lane)))[0];
    return NULL;
}

static void check_sql(struct rig *r, int from, int to, int area) {
    struct arena a = {0};
    struct duck d = {0};
    char begin[AEST_TEXT], end[AEST_TEXT];
    struct price_total got[PRICE_AREAS];
    double wanted[PRICE_LANES] = {0};
    struct period p = days_of(r, from, to);
    aest_format_date(r->first + from, begin);
    aest_format_date(r->first + to, end);
    const char *prices =
        area < PRICE_NEM
            ? arena_printf(&a,
                           "SELECT settlementdate, rrp, greatest(0, totaldemand) AS w FROM prices5 "
                           "LEFT JOIN regions5 USING (settlementdate, regionid) WHERE regionid = "
                           "'%s'",
                           regions[area])
            : "SELECT settlementdate, sum(rrp * greatest(0, totaldemand)) / "
              "sum(greatest(0, totaldemand)) AS rrp, sum(greatest(0, totaldemand)) AS w FROM "
              "prices5 JOIN regions5 USING (settlementdate, regionid) GROUP BY 1 "
              "HAVING count(*) = 5";
    const char *sql =
        arena_printf(&a,
                     "SELECT count(*)::DOUBLE, sum(rrp), min(rrp), max(rrp), sum(rrp * w), sum(w) "
                     "FROM (%s) WHERE settlementdate > '%s' AND settlementdate <= '%s'",
                     prices, begin, end);
    assert_ok(store_make_views(r->store, &d));
    assert_ok(duck_each(&d, sql, read_lanes, wanted));
    duck_close(&d);
    assert_ok(price_totals_read(r->store, p, got));
    assert_true(wanted[PRICE_COUNT] > 0);
    for (int lane = 0; lane < PRICE_LANES; lane++)
        assert_number(got[area].lanes[lane], wanted[lane], 1e-12 * fabs(wanted[lane]) + 1e-6);
    arena_free(&a);
}

/* -- tests --------------------------------------------------------------------------------------
 */

static void months_days_and_parts_come_to_what_the_intervals_say(void **state) {
    (void)state;
    struct rig r;
    rig_begin(&r, DAYS);
    assert_false(has_month(&r, month_first(r.first))); /* it has no first half */
    assert_true(has_month(&r, r.june));
    assert_true(has_month(&r, r.june + JUNE));
    assert_false(has_month(&r, r.june + 61)); /* it isn't over */
    struct period all = days_of(&r, 0, DAYS);
    check(&r, all);
    check(&r, (struct period){all.after - 1000, all.to + 1000});
    check(&r, (struct period){all.after, all.after});
    for (int i = 0; i < 60; i++) {
        interval from = all.after + (interval)(random_next(&r.random) % (DAYS * INTERVALS_PER_DAY));
        interval to = all.after + (interval)(random_next(&r.random) % (DAYS * INTERVALS_PER_DAY));
        if (i % 3 == 0) /* whole days */
            from = interval_day_start(interval_day(from)),
            to = interval_day_start(interval_day(to));
        check(&r, from < to ? (struct period){from, to} : (struct period){to, from});
    }
    for (int area = 0; area < PRICE_AREAS; area++)
        check_sql(&r, 3, DAYS - 2, area);
    rig_end(&r);
}

static double lane_of_june(struct rig *r, const char *key, enum price_lane lane) {
    double out;
    grid_read(store_grid(r->store), &sums_price_months, str_from(key), lane,
              interval_day_start(r->june), interval_day_start(r->june + 1), &out);
    return out;
}

static void a_corrected_day_makes_its_month_anew(void **state) {
    (void)state;
    struct rig r;
    rig_begin(&r, 50);
    double before = lane_of_june(&r, "SA1", PRICE_SUM);
    commit_day(&r, PRICES5, r.june + 9, -1000, 300, 20, 2000); /* its commit does */
    assert_true(has_month(&r, r.june));
    double after = lane_of_june(&r, "SA1", PRICE_SUM);
    assert_true(fabs(before - after) > 1e-6);
    check(&r, days_of(&r, 0, 50));
    before = lane_of_june(&r, "NEM", PRICE_WEIGHT);
    commit_day(&r, REGIONS5, r.june + JUNE - 1, -50, 8000, 30, 2000);
    assert_true(has_month(&r, r.june));
    assert_true(fabs(before - lane_of_june(&r, "NEM", PRICE_WEIGHT)) > 1e-6);
    check(&r, days_of(&r, 0, 50));
    rig_end(&r);
}

static void a_month_that_is_lost_damaged_or_of_other_days_is_made_again(void **state) {
    (void)state;
    struct rig r;
    struct arena a = {0};
    struct units none = {0};
    int made;
    rig_begin(&r, 50);
    const char *path = arena_printf(&a, "%s/grid/price_months-2030.tiles", r.folder);
    assert_int_equal(unlink(path), 0);
    grid_look_anew(store_grid(r.store));
    assert_false(has_month(&r, r.june));
    check(&r, days_of(&r, 0, 50)); /* from the days */
    assert_ok(sums_refresh(r.store, &none, NULL, &made));
    assert_int_equal(made, 1);
    assert_true(has_month(&r, r.june));
    check(&r, days_of(&r, 0, 50));

    /* a writer that wrote a day, and was killed before its sums or between these and the month's */
    store_set_follower(NULL);
    commit_day(&r, PRICES5, r.june + 3, -1000, 300, 20, 3000);
    store_set_follower(&sums_follower);
    assert_ok(sums_refresh(r.store, &none, NULL, &made));
    assert_true(made > 0);
    assert_true(has_month(&r, r.june));
    check(&r, days_of(&r, 0, 50));

    /* a stamp of other days */
    struct buf earlier = {0};
    assert_ok(file_read(path, 1 << 20, &earlier));
    commit_day(&r, PRICES5, r.june + 5, -1000, 300, 20, 4000);
    assert_ok(file_write_atomic(path, buf_str(&earlier)));
    buf_free(&earlier);
    grid_look_anew(store_grid(r.store));
    assert_false(has_month(&r, r.june));
    check(&r, days_of(&r, 0, 50));
    assert_ok(sums_refresh(r.store, &none, NULL, &made));
    assert_true(has_month(&r, r.june));
    check(&r, days_of(&r, 0, 50));

    /* cut short */
    assert_int_equal(truncate(path, 70000), 0);
    grid_look_anew(store_grid(r.store));
    check(&r, days_of(&r, 0, 50));
    assert_ok(sums_refresh(r.store, &none, NULL, &made));
    assert_true(has_month(&r, r.june));
    check(&r, days_of(&r, 0, 50));
    units_free(&none);
    arena_free(&a);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(months_days_and_parts_come_to_what_the_intervals_say),
        cmocka_unit_test(a_corrected_day_makes_its_month_anew),
        cmocka_unit_test(a_month_that_is_lost_damaged_or_of_other_days_is_made_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
