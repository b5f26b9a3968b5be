#include "sim/tables/halfhour.h"

#include <math.h>

#include "sim/tables/sheet.h"

static struct sim_market *market;

static int count_types(const struct sheet *s, const char *type, const char *region) {
    int n = 0;
    for (int i = 0; i < s->rows; i++)
        n += sheet_is(s, i, "TYPE", type) && sheet_is(s, i, "REGIONID", region);
    return n;
}

static void check_month(const char *published, const char *from, const char *to, int daily,
                        int measured, int parts) {
    struct sheet s =
        sheet_of(market, &sim_rooftop_actual_all, SIM_MMSDM, published, at(from), at(to));
    assert_int_equal(count_types(&s, "DAILY", "VIC1"), daily);
    assert_int_equal(count_types(&s, "DAILY", "QLDC"), 0);
    assert_int_equal(count_types(&s, "MEASUREMENT", "VIC1"), measured);
    assert_int_equal(count_types(&s, "SATELLITE", "VIC1"), measured);
    assert_int_equal(count_types(&s, "MEASUREMENT", "TASS"), parts);
    sheet_free(&s);
}

static void rooftop_types_follow_the_years(void **state) {
    (void)state;
    check_month("2016/08/08", "2016/07/01", "2016/08/01", 0, 0, 0);
    check_month("2017/02/08", "2017/01/01", "2017/02/01", 1488, 0, 0);
    check_month("2018/04/08", "2018/03/01", "2018/04/01", 1488, 1488, 1488);
    check_month("2019/11/08", "2019/10/01", "2019/11/01", 960, 1536, 1536); /* the real counts */
    check_month("2020/05/08", "2020/04/01", "2020/05/01", 0, 1488, 1488);
    check_month("2024/09/08", "2024/08/01", "2024/09/01", 0, 1488, 1488);
}

static void a_rooftop_file_has_ten_areas(void **state) {
    (void)state;
    static const char *const areas[] = {"NSW1", "QLD1", "QLDC", "QLDN", "QLDS",
                                        "SA1",  "TAS1", "TASN", "TASS", "VIC1"};
    aest_us end = at("2024/03/03 12:30:00");
    struct sheet s = sheet_of(market, &sim_rooftop_actual_measurement, SIM_REPORT,
                              "2024/03/03 13:00:03", end - SIM_HALF_HOUR, end);
    assert_int_equal(s.rows, 10);
    for (int i = 0; i < 10; i++) {
        assert_true(sheet_is(&s, i, "REGIONID", areas[i]));
        assert_true(sheet_time(&s, i, "INTERVAL_DATETIME") == end);
        assert_true(sheet_time(&s, i, "LASTCHANGED") < at("2024/03/03 13:00:00"));
    }
    double queensland = sheet_number(&s, 1, "POWER"), parts = 0;
    for (int i = 2; i < 5; i++)
        parts += sheet_number(&s, i, "POWER");
    assert_true(queensland > 100 && fabs(parts - queensland) < 0.01);
    sheet_free(&s);
}

static void some_half_hours_are_not_measured(void **state) {
    (void)state;
    struct sheet s = sheet_of(market, &sim_rooftop_actual_measurement, SIM_REPORT, "2022/01/01",
                              at("2021/01/01"), at("2021/07/01"));
    int empty = 0, poor = 0;
    for (int i = 0; i < s.rows; i++) {
        bool none = sheet_cell(&s, i, "POWER").len == 0;
        empty += none;
        poor += sheet_is(&s, i, "QI", "0.7");
        assert_int_equal(none, sheet_is(&s, i, "QI", "0"));
    }
    assert_true(empty > 0 && empty < s.rows / 300);
    assert_true(poor > s.rows / 1000 && poor < s.rows / 50);
    sheet_free(&s);
}

/* What is known of a half hour is what its file says of it, to the last bit. */
static void rooftop_power_stands_on_the_grid_of_its_file(void **state) {
    (void)state;
    int there = 0;
    for (int i = 0; i < 48; i++)
        for (int source = 0; source < SIM_ROOFTOP_SOURCES; source++)
            for (int area = 0; area < SIM_ROOFTOP_AREAS; area++) {
                struct sim_rooftop_record r;
                aest_us end = at("2019/02/10") + i * SIM_HALF_HOUR;
                if (!sim_rooftop_record(market, end, (enum sim_rooftop_source)source, area, &r) ||
                    isnan(r.power))
                    continue;
                assert_true(r.power == round(r.power * 1000) / 1000);
                there += r.power > 0;
            }
    assert_true(there > 300);
}

static void a_half_hour_of_demand_is_the_mean_of_its_six(void **state) {
    (void)state;
    aest_day date = (aest_day)(at("2025/08/20") / AEST_DAY);
    const struct sim_day *d = sim_market_day(market, date);
    double first = 0, last = 0;
    for (int k = 0; k < 6; k++) {
        first += d->interval[k].region[SIM_SA1].operational_demand / 6;
        last += d->interval[282 + k].region[SIM_SA1].operational_demand / 6;
    }
    assert_true(d->interval[5].end == at("2025/08/20 04:30:00"));
    sim_market_release(market, d);
    assert_true(
        fabs(sim_operational_demand_hh(market, at("2025/08/20 04:30:00"), SIM_SA1) - first) <= 0.5);
    assert_true(
        fabs(sim_operational_demand_hh(market, at("2025/08/21 04:00:00"), SIM_SA1) - last) <= 0.5);
}

static void a_day_of_demand_goes_by_region(void **state) {
    (void)state;
    aest_us from = at("2025/10/05 04:00:00"); /* daylight saving begins elsewhere on that day */
    struct sheet s = sheet_of(market, &sim_operational_demand_actual, SIM_REPORT,
                              "2025/10/06 04:40:00", from, from + AEST_DAY);
    assert_int_equal(s.rows, 5 * 48);
    for (int i = 0; i < s.rows; i++) {
        assert_true(sheet_is(&s, i, "REGIONID", sim_region_name[i / 48]));
        assert_true(sheet_time(&s, i, "INTERVAL_DATETIME") == from + (i % 48 + 1) * SIM_HALF_HOUR);
        double mw = sheet_number(&s, i, "OPERATIONAL_DEMAND");
        assert_true(mw == round(mw));
    }
    sheet_free(&s);
}

static void forecasts_reach_as_far_as_real_ones(void **state) {
    (void)state;
    aest_us run = at("2025/04/01 18:00:00");
    struct sheet s = sheet_of(market, &sim_operational_demand_forecast, SIM_REPORT,
                              "2025/04/01 17:33:53", run - AEST_SECOND, run);
    assert_int_equal(s.rows, 5 * 397);
    assert_true(sheet_time(&s, 0, "INTERVAL_DATETIME") == run);
    assert_true(sheet_time(&s, 396, "INTERVAL_DATETIME") == at("2025/04/10 00:00:00"));
    for (int i = 0; i < s.rows; i++)
        assert_true(sheet_number(&s, i, "OPERATIONAL_DEMAND_POE10") >
                    sheet_number(&s, i, "OPERATIONAL_DEMAND_POE90"));
    sheet_free(&s);

    run = at("2024/03/21 20:30:00");
    s = sheet_of(market, &sim_rooftop_forecast, SIM_REPORT, "2024/03/21 20:30:01",
                 run - AEST_SECOND, run);
    assert_int_equal(s.rows, 5 * 351);
    assert_true(sheet_time(&s, 0, "INTERVAL_DATETIME") == at("2024/03/21 21:00:00"));
    assert_true(sheet_time(&s, 350, "INTERVAL_DATETIME") == at("2024/03/29 04:00:00"));
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
        cmocka_unit_test(rooftop_types_follow_the_years),
        cmocka_unit_test(a_rooftop_file_has_ten_areas),
        cmocka_unit_test(some_half_hours_are_not_measured),
        cmocka_unit_test(rooftop_power_stands_on_the_grid_of_its_file),
        cmocka_unit_test(a_half_hour_of_demand_is_the_mean_of_its_six),
        cmocka_unit_test(a_day_of_demand_goes_by_region),
        cmocka_unit_test(forecasts_reach_as_far_as_real_ones),
    };
    return cmocka_run_group_tests(tests, make_market, free_market);
}
