/* Five-minute and half-hourly pre-dispatch: numbers of runs, how far they see, both runs of an
 * intervention. */
#include <math.h>
#include <stdio.h>

#include "sim/tables/predispatch.h"
#include "sim/tables/sheet.h"

static struct sim_market *market;

static void runs_are_numbered_within_the_trading_day(void **state) {
    (void)state;
    assert_int_equal(sim_predispatch_seqno(at("2019/05/01 00:00:00")), 2019043040);
    assert_int_equal(sim_predispatch_seqno(at("2019/05/01 04:00:00")), 2019043048);
    assert_int_equal(sim_predispatch_seqno(at("2019/05/01 04:30:00")), 2019050101);
    assert_int_equal(sim_predispatch_seqno(at("2020/01/01 00:30:00")), 2019123141);
}

static void a_run_sees_to_the_end_of_the_last_day_with_offers(void **state) {
    (void)state;
    assert_true(sim_predispatch_last(at("2019/05/01 00:00:00")) == at("2019/05/02 04:00:00"));
    assert_true(sim_predispatch_last(at("2019/05/01 04:00:00")) == at("2019/05/02 04:00:00"));
    assert_true(sim_predispatch_last(at("2019/05/01 04:30:00")) == at("2019/05/02 04:00:00"));
    assert_true(sim_predispatch_last(at("2019/05/01 12:30:00")) == at("2019/05/02 04:00:00"));
    assert_true(sim_predispatch_last(at("2019/05/01 13:00:00")) == at("2019/05/03 04:00:00"));
}

/* An interval in an intervention, and one long before all others of its run. */
static aest_us find_intervention(void) {
    for (aest_day date = (aest_day)(at("2025/06/01") / AEST_DAY);; date++) {
        const struct sim_day *d = sim_market_day(market, date);
        aest_us found = 0;
        for (int k = 0; k + 20 < INTERVALS_PER_DAY && !found; k++)
            if (d->interval[k].runs == 2 && d->interval[k + 8].runs == 2)
                found = d->interval[k].end;
        sim_market_release(market, d);
        if (found)
            return found;
    }
}

static aest_us find_calm(void) {
    for (aest_us t = at("2025/08/20 10:00:00");; t += AEST_DAY) {
        struct sim_interval i;
        sim_market_forecast(market, t, t, &i);
        if (i.runs == 1)
            return t;
    }
}

static struct sheet read_p5(const struct sim_table *t, aest_us run) {
    const aest_us step = INTERVAL_MINUTES * AEST_MINUTE;
    return sheet_of(market, t, SIM_REPORT, "2025/08/20 10:00:00", run - step, run);
}

static void five_minute_runs_look_an_hour_ahead(void **state) {
    (void)state;
    aest_us run = find_calm();
    const aest_us step = INTERVAL_MINUTES * AEST_MINUTE;
    struct sheet s = read_p5(&sim_p5min_regionsolution, run);
    assert_int_equal(s.version, 10);
    assert_int_equal(s.rows, 60);
    for (int i = 0; i < s.rows; i++) {
        assert_true(sheet_time(&s, i, "RUN_DATETIME") == run);
        assert_true(sheet_time(&s, i, "INTERVAL_DATETIME") == run + i % 12 * step);
        assert_true(sheet_is(&s, i, "REGIONID", sim_region_name[i / 12]));
        assert_true(sheet_is(&s, i, "INTERVENTION", "0"));
        aest_us made = run - sheet_time(&s, i, "LASTCHANGED");
        assert_true(made > 4 * AEST_MINUTE && made < step);
        double balance = sheet_number(&s, i, "DISPATCHABLEGENERATION") -
                         sheet_number(&s, i, "DISPATCHABLELOAD") -
                         sheet_number(&s, i, "NETINTERCHANGE");
        assert_true(fabs(balance - sheet_number(&s, i, "TOTALDEMAND")) < 0.011);
        if (i % 12)
            assert_true(fabs(sheet_number(&s, i, "INITIALSUPPLY") -
                             sheet_number(&s, i - 1, "CLEAREDSUPPLY")) < 0.01);
    }
    sheet_free(&s);

    s = read_p5(&sim_p5min_interconnectorsoln, run);
    assert_int_equal(s.rows, 72);
    sheet_free(&s);
    s = read_p5(&sim_p5min_casesolution, run);
    assert_int_equal(s.rows, 1);
    sheet_free(&s);
}

static void constraints_stand_once(void **state) {
    (void)state;
    struct sheet s = read_p5(&sim_p5min_constraintsolution, find_calm());
    assert_int_equal(s.rows % 12, 0);
    int each = s.rows / 12;
    assert_true(each >= 50 && each <= 70);
    for (int i = 0; i < each; i++)
        for (int j = 0; j < i; j++)
            assert_false(
                str_eq(sheet_cell(&s, i, "CONSTRAINTID"), sheet_cell(&s, j, "CONSTRAINTID")));
    sheet_free(&s);
}

static void local_prices_are_few(void **state) {
    (void)state;
    struct sheet s = read_p5(&sim_p5min_local_price, find_calm());
    assert_true(s.rows > 0 && s.rows < 400);
    sheet_free(&s);
}

static void an_intervention_shows_both_runs(void **state) {
    (void)state;
    aest_us run = find_intervention();
    struct sheet s = read_p5(&sim_p5min_regionsolution, run);
    assert_int_equal(s.rows, 120);
    for (int i = 0; i < s.rows; i++)
        assert_true(sheet_is(&s, i, "INTERVENTION", i < 60 ? "0" : "1"));
    sheet_free(&s);

    s = read_p5(&sim_p5min_interconnectorsoln, run);
    assert_int_equal(s.rows, 144);
    assert_true(sheet_is(&s, 0, "INTERVENTION", "1") && sheet_is(&s, 143, "INTERVENTION", "0"));
    sheet_free(&s);
}

static void the_first_interval_is_what_gets_dispatched(void **state) {
    (void)state;
    aest_us run = find_calm();
    struct sheet s = read_p5(&sim_p5min_regionsolution, run);
    interval k = interval_at_or_after(run);
    const struct sim_day *d = sim_market_day(market, interval_trading_day(k));
    const struct sim_interval *now = NULL;
    for (int i = 0; i < INTERVALS_PER_DAY; i++)
        if (d->interval[i].end == run)
            now = &d->interval[i];
    for (int r = 0; r < SIM_REGIONS; r++) {
        assert_true(fabs(sheet_number(&s, r * 12, "TOTALDEMAND") -
                         now->region_run[0][r].totaldemand) < 0.006);
        assert_true(fabs(sheet_number(&s, r * 12, "INITIALSUPPLY") - now->region[r].initialsupply) <
                    0.0001);
    }
    sim_market_release(market, d);
    sheet_free(&s);
}

static void half_hours_are_numbered_from_01(void **state) {
    (void)state;
    const aest_us half_hour = 30 * AEST_MINUTE;
    aest_us run = at("2025/08/21 00:00:00");
    struct sheet s = sheet_of(market, &sim_predispatch_region_prices, SIM_REPORT,
                              "2025/08/20 23:32:59", run - half_hour, run);
    bool both = sheet_is(&s, s.rows - 1, "INTERVENTION", "1");
    int each = both ? 10 : 5;
    assert_int_equal(s.rows, 57 * each);
    for (int i = 0; i < s.rows; i++) {
        char period[12];
        snprintf(period, sizeof period, "%02d", i / each + 1);
        assert_true(sheet_is(&s, i, "PREDISPATCHSEQNO", "2025082040"));
        assert_true(sheet_is(&s, i, "PERIODID", period));
        assert_true(sheet_time(&s, i, "DATETIME") == run + i / each * half_hour);
        assert_true(sheet_number(&s, i, "RRP") >= -1000 && sheet_number(&s, i, "RRP") <= 20300);
    }
    sheet_free(&s);

    s = sheet_of(market, &sim_predispatch_constraint_solution, SIM_REPORT, "2025/08/20 23:32:59",
                 run - half_hour, run);
    assert_true(sheet_is(&s, 0, "PERIODID", "2025082040"));
    assert_true(sheet_is(&s, s.rows - 1, "PERIODID", "2025082148"));
    sheet_free(&s);
}

static void the_longest_run_has_79_half_hours(void **state) {
    (void)state;
    aest_us run = at("2025/10/05 13:00:00");
    struct sheet s = sheet_of(market, &sim_predispatch_region_solution, SIM_REPORT,
                              "2025/10/05 12:33:00", run - AEST_SECOND, run);
    assert_true(sheet_time(&s, s.rows - 1, "DATETIME") == at("2025/10/07 04:00:00"));
    assert_true(sheet_is(&s, s.rows - 1, "PERIODID", "79"));
    sheet_free(&s);
}

static int make_market(void **state) {
    (void)state;
    market = sim_market_new(7);
    return 0;
}

static int free_market(void **state) {
    (void)state;
    sim_market_free(market);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_numbered_within_the_trading_day),
        cmocka_unit_test(a_run_sees_to_the_end_of_the_last_day_with_offers),
        cmocka_unit_test(five_minute_runs_look_an_hour_ahead),
        cmocka_unit_test(constraints_stand_once),
        cmocka_unit_test(local_prices_are_few),
        cmocka_unit_test(an_intervention_shows_both_runs),
        cmocka_unit_test(the_first_interval_is_what_gets_dispatched),
        cmocka_unit_test(half_hours_are_numbered_from_01),
        cmocka_unit_test(the_longest_run_has_79_half_hours),
    };
    return cmocka_run_group_tests(tests, make_market, free_market);
}
