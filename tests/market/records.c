#include "market/records.h"

#include "support/times.h"

#define MISSING ((double)NAN)
enum { DAYS = 6, LENGTH = DAYS * 288 };

static const struct market_record *all_time(const struct market_records *r,
                                            enum record_measure measure,
                                            enum record_extreme extreme, int area) {
    return &r->best[measure][extreme][area][RECORD_ALL_HOURS];
}

static void a_record_has_a_value_a_time_and_an_hour(void **state) {
    (void)state;
    static struct market_records r;
    market_records_init(&r);
    assert_number(all_time(&r, RECORD_DEMAND, RECORD_MAX, 0)->value, MISSING, 0);
    assert_true(market_records_offer(&r, RECORD_DEMAND, 0, at("2025-01-01 00:00"), 8000, 0, NULL));
    assert_true(market_records_offer(&r, RECORD_DEMAND, 0, at("2025-01-01 01:00"), -263, 0, NULL));
    assert_false(market_records_offer(&r, RECORD_DEMAND, 0, at("2025-01-01 01:05"), 9, 0, NULL));
    const struct market_record *max = all_time(&r, RECORD_DEMAND, RECORD_MAX, 0);
    assert_number(max->value, 8000, 0);
    assert_int_equal(max->at, at("2025-01-01 00:00"));
    assert_number(all_time(&r, RECORD_DEMAND, RECORD_MIN, 0)->value, -263, 0);
    assert_number(r.best[RECORD_DEMAND][RECORD_MAX][0][23].value, 8000, 0); /* 23:05 to 00:00 */
    assert_number(r.best[RECORD_DEMAND][RECORD_MAX][0][0].value, -263, 0);
    assert_number(r.best[RECORD_DEMAND][RECORD_MAX][0][1].value, 9, 0);
    assert_number(all_time(&r, RECORD_DEMAND, RECORD_MAX, RECORD_NEM)->value, MISSING, 0);
}

static void what_is_not_sure_is_no_record(void **state) {
    (void)state;
    static struct market_records r;
    struct thresholds t;
    thresholds_built_in(&t);
    const struct threshold *limits = thresholds_at(&t, at("2025-01-01"));
    market_records_init(&r);
    interval now = at("2025-01-01 12:00");
    assert_false(market_records_offer(&r, RECORD_WIND, 0, now, 9000, RECORD_INCOMPLETE, NULL));
    assert_false(market_records_offer(&r, RECORD_ROOFTOP, 0, now, 9000, RECORD_PROVISIONAL, NULL));
    assert_false(market_records_offer(&r, RECORD_PRICE, 0, now, 900, RECORD_NOT_FIRM, limits));
    assert_false(market_records_offer(&r, RECORD_PRICE, 0, now, 17500.01, 0, limits));
    assert_false(market_records_offer(&r, RECORD_PRICE, 0, now, -1000.01, 0, limits));
    assert_false(market_records_offer(&r, RECORD_SHARE, 0, now, 1.01, 0, NULL));
    assert_false(market_records_offer(&r, RECORD_WIND, 0, now, -5, 0, NULL));
    assert_false(market_records_offer(&r, RECORD_WIND, 0, now, MISSING, 0, NULL));
    assert_number(all_time(&r, RECORD_PRICE, RECORD_MAX, 0)->value, MISSING, 0);
    assert_true(market_records_offer(&r, RECORD_PRICE, 0, now, 17500, 0, limits));
    assert_true(market_records_offer(&r, RECORD_PRICE, 0, now + 1, -1000, 0, limits));
    thresholds_free(&t);
}

static void offer_all(struct market_records *r, const double *values, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        market_records_offer(r, RECORD_WIND, 4, (interval)i + 1, values[i], 0, NULL);
}

static void assert_same(const struct market_records *a, const struct market_records *b) {
    for (int e = 0; e < RECORD_EXTREMES; e++) {
        for (int h = 0; h < RECORD_HOURS; h++) {
            struct market_record x = a->best[RECORD_WIND][e][4][h];
            struct market_record y = b->best[RECORD_WIND][e][4][h];
            assert_number(x.value, y.value, 0);
            if (!isnan(x.value))
                assert_int_equal(x.at, y.at);
        }
    }
}

static void the_order_of_intervals_does_not_matter(void **state) {
    (void)state;
    static struct market_records forward, backward, halves;
    double values[LENGTH];
    struct random random = {3};
    for (int i = 0; i < LENGTH; i++) /* few values, so that many are equal */
        values[i] = random_next(&random) % 9 ? (double)(random_next(&random) % 20) : MISSING;
    market_records_init(&forward);
    market_records_init(&backward);
    market_records_init(&halves);
    offer_all(&forward, values, 0, LENGTH);
    for (int i = LENGTH; i--;)
        offer_all(&backward, values, (size_t)i, (size_t)i + 1);
    assert_same(&forward, &backward);
    offer_all(&halves, values, LENGTH / 2, LENGTH);
    market_records_init(&backward);
    offer_all(&backward, values, 0, LENGTH / 2);
    market_records_merge(&halves, &backward);
    assert_same(&forward, &halves);
}

/* A day's values change at random, again and again; following is as good as starting anew. */
static void a_day_that_changed_is_read_again(void **state) {
    (void)state;
    static struct market_records followed, before, anew;
    double values[LENGTH];
    struct random random = {17};
    int histories = 0;
    for (int i = 0; i < LENGTH; i++)
        values[i] = (double)(random_next(&random) % 1000);
    market_records_init(&followed);
    offer_all(&followed, values, 0, LENGTH);
    for (int round = 0; round < 200; round++) {
        size_t day = random_next(&random) % DAYS, from = day * 288;
        for (int k = 0; k < 3; k++)
            values[from + random_next(&random) % 288] = (double)(random_next(&random) % 1000);
        struct period p = {(interval)from, (interval)from + 288};
        before = followed;
        market_records_forget(&followed, p);
        offer_all(&followed, values, from, from + 288);
        if (market_records_need_history(&before, &followed, p)) {
            histories++;
            market_records_init(&followed);
            offer_all(&followed, values, 0, LENGTH);
        }
        market_records_init(&anew);
        offer_all(&anew, values, 0, LENGTH);
        assert_same(&followed, &anew);
    }
    assert_in_range(histories, 1, 199); /* it happens, and not always */
}

static void records_come_from_outside(void **state) {
    (void)state;
    static struct market_records r;
    market_records_init(&r);
    market_records_set(&r, RECORD_SOLAR, RECORD_MAX, 0, RECORD_ALL_HOURS,
                       (struct market_record){5000, 100});
    market_records_offer(&r, RECORD_SOLAR, 0, 2000, 5000, 0, NULL); /* equal, and later */
    assert_int_equal(all_time(&r, RECORD_SOLAR, RECORD_MAX, 0)->at, 100);
    market_records_set(&r, RECORD_SOLAR, RECORD_MAX, 0, RECORD_ALL_HOURS,
                       (struct market_record){4000, 50}); /* beaten already */
    assert_number(all_time(&r, RECORD_SOLAR, RECORD_MAX, 0)->value, 5000, 0);
    assert_int_equal(all_time(&r, RECORD_SOLAR, RECORD_MAX, 0)->at, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_has_a_value_a_time_and_an_hour),
        cmocka_unit_test(what_is_not_sure_is_no_record),
        cmocka_unit_test(the_order_of_intervals_does_not_matter),
        cmocka_unit_test(a_day_that_changed_is_read_again),
        cmocka_unit_test(records_come_from_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
