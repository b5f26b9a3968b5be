#include "market/bands.h"

#include <math.h>

#include "store/duck.h"
#include "support/times.h"

static void there_is_no_hole_and_no_end(void **state) {
    (void)state;
    static const struct {
        double price;
        int band;
    } cases[] = {{-1000, 0}, {-0.01, 0},  {0, 1},       {49.99, 1},   {50, 2},
                 {99.99, 2}, {100, 3},    {299.999, 3}, {300, 4},     {300.5, 4},
                 {301, 4},   {999.99, 4}, {1000, 5},    {9999.99, 5}, {10000, 6},
                 {15100, 6}, {20300, 6},  {1e9, 6},     {-1e9, 0},    {-0.0, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(price_band_of(cases[i].price), cases[i].band);
    for (int b = 1; b < PRICE_BANDS; b++)
        assert_number(price_bands[b].from, price_bands[b - 1].to, 0);
}

static void shares_are_of_time_and_of_revenue(void **state) {
    (void)state;
    static const double prices[] = {-50, 20, (double)NAN, 20300, 60};
    static const double mwh[] = {10, 100, 5, 1, (double)NAN};
    struct price_band_sums sums = {0};
    price_bands_add(&sums, prices, mwh, 5);
    assert_int_equal(sums.all_intervals, 4);
    assert_number(sums.all_revenue, -500 + 2000 + 20300, 1e-9);
    assert_number(price_band_time_share(&sums, 6), 0.25, 1e-12);
    assert_number(price_band_revenue_share(&sums, 6), 20300.0 / 21800, 1e-12);
    assert_number(price_band_revenue_share(&sums, 0), -500.0 / 21800, 1e-12);
    sums = (struct price_band_sums){0};
    price_bands_add(&sums, prices, NULL, 5);
    assert_number(price_band_revenue_share(&sums, 6), (double)NAN, 0);
    sums = (struct price_band_sums){0};
    price_bands_add(&sums, prices + 2, NULL, 1);
    assert_number(price_band_time_share(&sums, 0), (double)NAN, 0);
}

/* What was sold is unknown where demand is, which isn't 0. */
static void energy_that_is_not_known_is_not_0(void **state) {
    (void)state;
    static const double none = (double)NAN, prices[] = {20, 60, 70, 200, 400};
    const struct {
        double mwh[5], energy[6], all_revenue;
    } cases[] = {
        {{1, 2, 3, 4, 0}, {0, 1, 5, 4, 0, 0}, 1150},
        {{1, none, 3, none, none}, {0, 1, 3, none, none, 0}, 230}, /* of a part of the time */
        {{0, 0, 0, 0, 0}, {0}, none},                              /* nothing was sold */
        {{none, none, none, none, none}, {none, none, none, none, none, none}, none},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct price_band_sums sums = {0};
        price_bands_add(&sums, prices, cases[i].mwh, 5);
        assert_int_equal(sums.all_intervals, 5);
        for (int b = 0; b < 6; b++) {
            double revenue = price_band_revenue(&sums, b);
            assert_number(price_band_energy(&sums, b), cases[i].energy[b], 1e-9);
            assert_int_equal(isnan(revenue), isnan(cases[i].energy[b]));
            assert_number(price_band_revenue_share(&sums, b), revenue / cases[i].all_revenue,
                          1e-12);
        }
    }
}

enum { PRICES = 5000 };

static err *compare_bands(void *context, duckdb_data_chunk chunk) {
    const struct price_band_sums *sums = context;
    int64_t *band = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    int64_t *count = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 1));
    for (idx_t i = 0; i < duckdb_data_chunk_get_size(chunk); i++)
        assert_int_equal(sums->intervals[band[i]], count[i]);
    return NULL;
}

static void sql_counts_the_same(void **state) {
    (void)state;
    static double prices[PRICES];
    struct random random = {7};
    struct price_band_sums sums = {0};
    struct duck d = {0};
    struct buf sql = {0};
    buf_printf(&sql, "CREATE TABLE p AS SELECT unnest([");
    for (size_t i = 0; i < PRICES; i++) {
        prices[i] = pow(10, (double)(random_next(&random) % 5000) / 1000) - 30;
        buf_printf(&sql, "%s%.17g::DOUBLE", i ? "," : "", prices[i]);
    }
    buf_printf(&sql, "]) AS rrp");
    price_bands_add(&sums, prices, NULL, PRICES);
    assert_ok(duck_run(&d, buf_cstr(&sql)));
    assert_ok(
        duck_each(&d,
                  "SELECT CASE WHEN rrp < 0 THEN 0 WHEN rrp < 50 THEN 1 WHEN rrp < 100 THEN 2 "
                  "WHEN rrp < 300 THEN 3 WHEN rrp < 1000 THEN 4 WHEN rrp < 10000 THEN 5 "
                  "ELSE 6 END::BIGINT AS band, count(*)::BIGINT FROM p GROUP BY band",
                  compare_bands, &sums));
    size_t all = 0;
    for (int b = 0; b < PRICE_BANDS; b++)
        all += sums.intervals[b];
    assert_int_equal(all, PRICES);
    buf_free(&sql);
    duck_close(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_no_hole_and_no_end),
        cmocka_unit_test(shares_are_of_time_and_of_revenue),
        cmocka_unit_test(energy_that_is_not_known_is_not_0),
        cmocka_unit_test(sql_counts_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
