#include "market/administered.h"

#include "store/duck.h"
#include "support/times.h"

#define MISSING ((double)NAN)
enum { LENGTH = 2016 + 600 };

static void a_sum_is_of_seven_days_with_the_last_price(void **state) {
    (void)state;
    static double prices[LENGTH], sums[LENGTH];
    for (int i = 0; i < LENGTH; i++)
        prices[i] = i == 0 ? 15000 : i == 2016 ? -1000 : 1;
    struct span s = {at("2022-06-01 00:05"), 1, LENGTH, prices};
    cumulative_prices(&s, sums);
    assert_number(sums[2014], MISSING, 0);
    assert_number(sums[2015], 15000 + 2015, 1e-9);
    assert_number(sums[2016], 2015 - 1000, 1e-9); /* the first has left, negative ones count */
    assert_number(sums[2017], 1015, 1e-9);
}

static void before_october_2021_it_is_of_half_hours(void **state) {
    (void)state;
    static double prices[400], sums[400];
    for (int i = 0; i < 400; i++)
        prices[i] = i;
    struct span s = {at("2020-01-31 00:30"), 6, 400, prices};
    cumulative_prices(&s, sums);
    assert_number(sums[334], MISSING, 0);
    assert_number(sums[335], 335 * 336 / 2.0, 1e-9);
    assert_number(sums[399], (64 + 399) * 336 / 2.0, 1e-9);
}

static void a_gap_makes_seven_days_unknown(void **state) {
    (void)state;
    static double prices[LENGTH + 2016], sums[LENGTH + 2016];
    for (int i = 0; i < LENGTH + 2016; i++)
        prices[i] = 2;
    prices[2100] = MISSING;
    struct span s = {1, 1, LENGTH + 2016, prices};
    cumulative_prices(&s, sums);
    assert_number(sums[2099], 4032, 1e-9);
    for (int i = 2100; i < 2100 + 2016; i++)
        assert_number(sums[i], MISSING, 0);
    assert_number(sums[2100 + 2016], 4032, 1e-9);
}

static err *compare(void *context, duckdb_data_chunk chunk) {
    const double **sums = context;
    double *sql = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    for (idx_t i = 0; i < duckdb_data_chunk_get_size(chunk); i++)
        assert_number(*(*sums)++, sql[i], 1e-6);
    return NULL;
}

static void sql_sums_the_same(void **state) {
    (void)state;
    static double prices[LENGTH], sums[LENGTH];
    struct random random = {5};
    struct duck d = {0};
    struct buf sql = {0};
    buf_printf(&sql, "CREATE TABLE p AS SELECT unnest(range(%d)) AS i, unnest([", LENGTH);
    for (int i = 0; i < LENGTH; i++) {
        prices[i] = (double)(random_next(&random) % 2000000) / 100 - 1000;
        buf_printf(&sql, "%s%.2f::DOUBLE", i ? "," : "", prices[i]);
    }
    buf_printf(&sql, "]) AS rrp");
    struct span s = {1, 1, LENGTH, prices};
    cumulative_prices(&s, sums);
    const double *next = sums + 2015;
    assert_ok(duck_run(&d, buf_cstr(&sql)));
    assert_ok(
        duck_each(&d,
                  "SELECT s FROM (SELECT i, sum(rrp) OVER (ORDER BY i ROWS 2015 PRECEDING) AS s "
                  "FROM p) WHERE i >= 2015 ORDER BY i",
                  compare, &next));
    assert_ptr_equal(next, sums + LENGTH);
    buf_free(&sql);
    duck_close(&d);
}

static void thresholds_are_those_of_the_date(void **state) {
    (void)state;
    struct thresholds t;
    thresholds_built_in(&t);
    assert_number(cumulative_price_share(&t, at("2021-10-01 00:00"), 226500), 1, 1e-12);
    assert_number(cumulative_price_share(&t, at("2021-10-01 00:05"), 1359100), 1, 1e-12);
    assert_number(cumulative_price_share(&t, at("1999-01-01"), 100), MISSING, 0);
    assert_number(cumulative_price_share(&t, at("2022-06-12"), MISSING), MISSING, 0);
    thresholds_free(&t);
}

static void a_published_sum_is_checked(void **state) {
    (void)state;
    assert_true(cumulative_price_agrees(1000, 1000.04));
    assert_false(cumulative_price_agrees(1000, 1001));
    assert_true(cumulative_price_agrees(MISSING, 1001));
    assert_true(price_is_administered(1) && price_is_administered(5) && !price_is_administered(4));
    assert_true(price_is_at_limit(4) && price_is_at_limit(12) && !price_is_at_limit(8));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sum_is_of_seven_days_with_the_last_price),
        cmocka_unit_test(before_october_2021_it_is_of_half_hours),
        cmocka_unit_test(a_gap_makes_seven_days_unknown),
        cmocka_unit_test(sql_sums_the_same),
        cmocka_unit_test(thresholds_are_those_of_the_date),
        cmocka_unit_test(a_published_sum_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
