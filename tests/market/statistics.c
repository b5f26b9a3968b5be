#include "market/statistics.h"

#include <math.h>

#include "store/duck.h"
#include "support/times.h"

#define MISSING ((double)NAN)

static void gaps_are_left_out(void **state) {
    (void)state;
    struct arena a = {0};
    static const double values[] = {MISSING, 4, 1, MISSING, 3, 2};
    struct statistics s = statistics_of(&a, values, 6);
    assert_int_equal(s.count, 4);
    assert_number(s.mean, 2.5, 0);
    assert_number(s.median, 2.5, 0);
    assert_number(s.min, 1, 0);
    assert_number(s.max, 4, 0);
    assert_number(s.p25, 1.75, 1e-12);
    assert_number(s.sd, sqrt(5.0 / 3), 1e-12);
    arena_free(&a);
}

static void of_one_and_of_none(void **state) {
    (void)state;
    struct arena a = {0};
    static const double values[] = {7, MISSING};
    struct statistics s = statistics_of(&a, values, 2);
    assert_int_equal(s.count, 1);
    assert_number(s.mean, 7, 0);
    assert_number(s.p99, 7, 0);
    assert_number(s.sd, MISSING, 0);
    s = statistics_of(&a, values + 1, 1);
    assert_int_equal(s.count, 0);
    assert_number(s.mean, MISSING, 0);
    assert_number(s.min, MISSING, 0);
    assert_number(s.median, MISSING, 0);
    s = statistics_of(&a, values, 0);
    assert_number(s.max, MISSING, 0);
    arena_free(&a);
}

static void a_weighted_mean_counts_what_has_both(void **state) {
    (void)state;
    static const double values[] = {10, 20, MISSING, 40, 50};
    static const double weights[] = {1, 3, 100, 0, MISSING};
    assert_number(weighted_mean(values, weights, 5), 17.5, 1e-12);
    assert_number(weighted_mean(values + 2, weights + 2, 3), MISSING, 0);
}

enum { VALUES = 3001 };

static err *compare(void *context, duckdb_data_chunk chunk) {
    const struct statistics *s = context;
    const double expected[] = {s->mean, s->sd,  s->min, s->max, s->median, s->p05,
                               s->p10,  s->p25, s->p75, s->p90, s->p95,    s->p99};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        double *sql = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, i));
        assert_number(expected[i], sql[0], 1e-7);
    }
    return NULL;
}

static void sql_says_the_same(void **state) {
    (void)state;
    static double values[VALUES];
    struct arena a = {0};
    struct random random = {11};
    struct duck d = {0};
    struct buf sql = {0};
    buf_printf(&sql, "CREATE TABLE v AS SELECT unnest([");
    for (size_t i = 0; i < VALUES; i++) {
        bool is_gap = random_next(&random) % 10 == 0;
        values[i] = is_gap ? MISSING : (double)(random_next(&random) % 100000) / 7 - 1000;
        if (is_gap)
            buf_printf(&sql, "%sNULL", i ? "," : "");
        else
            buf_printf(&sql, "%s%.17g::DOUBLE", i ? "," : "", values[i]);
    }
    buf_printf(&sql, "]) AS x");
    struct statistics s = statistics_of(&a, values, VALUES);
    assert_ok(duck_run(&d, buf_cstr(&sql)));
    assert_ok(duck_each(&d,
                        "SELECT avg(x), stddev_samp(x), min(x), max(x), quantile_cont(x, 0.5), "
                        "quantile_cont(x, 0.05), quantile_cont(x, 0.1), quantile_cont(x, 0.25), "
                        "quantile_cont(x, 0.75), quantile_cont(x, 0.9), quantile_cont(x, 0.95), "
                        "quantile_cont(x, 0.99) FROM v",
                        compare, &s));
    buf_free(&sql);
    duck_close(&d);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaps_are_left_out),
        cmocka_unit_test(of_one_and_of_none),
        cmocka_unit_test(a_weighted_mean_counts_what_has_both),
        cmocka_unit_test(sql_says_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
