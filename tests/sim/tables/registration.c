#include "sim/tables/registry.h"

#include "sim/tables/sheet.h"

static struct sim_market *market;

static struct sheet read(const struct sim_table *t, const char *month_end) {
    aest_us to = at(month_end);
    return sheet_of(market, t, SIM_MMSDM, month_end, to - 30 * AEST_DAY, to);
}

static int find(const struct sheet *s, const char *column, const char *value, int from) {
    for (int i = from; i < s->rows; i++)
        if (sheet_is(s, i, column, value))
            return i;
    return -1;
}

/* A unit's rows follow on each other, one for a financial year, and the last is open. */
static void loss_factors_change_each_july(void **state) {
    (void)state;
    struct sheet s = read(&sim_dudetailsummary, "2020/11/01");
    int years = 0, open = 0;
    for (int i = find(&s, "DUID", "BW01", 0); i >= 0; i = find(&s, "DUID", "BW01", i + 1)) {
        double factor = sheet_number(&s, i, "TRANSMISSIONLOSSFACTOR");
        assert_true(factor > 0.75 && factor < 1.15);
        assert_true(sheet_is(&s, i, "STATIONID", "BAYSW"));
        if (years)
            assert_true(sheet_time(&s, i, "START_DATE") == sheet_time(&s, i - 1, "END_DATE"));
        open += sheet_is(&s, i, "END_DATE", "2999/12/31 00:00:00");
        years++;
    }
    assert_int_equal(years, 23); /* 1998-99 to 2020-21 */
    assert_int_equal(open, 1);
    int retired = -1;
    for (int i = find(&s, "DUID", "WW7", 0); i >= 0; i = find(&s, "DUID", "WW7", i + 1))
        retired = i;
    assert_true(sheet_is(&s, retired, "END_DATE", "2014/06/20 00:00:00")); /* as in the real one */
    sheet_free(&s);
}

static void a_retirement_is_not_known_before(void **state) {
    (void)state;
    for (int after = 0; after < 2; after++) {
        struct sheet s = read(&sim_dudetailsummary, after ? "2023/06/01" : "2023/04/01");
        int last = -1;
        for (int i = find(&s, "DUID", "LD01", 0); i >= 0; i = find(&s, "DUID", "LD01", i + 1))
            last = i;
        assert_true(
            sheet_is(&s, last, "END_DATE", after ? "2023/04/29 00:00:00" : "2999/12/31 00:00:00"));
        sheet_free(&s);
    }
}

/* Every unit that is there has exactly one row in force. */
static void every_unit_is_registered_once(void **state) {
    (void)state;
    struct sheet s = read(&sim_dudetailsummary, "2025/08/01");
    aest_us now = at("2025/07/15");
    int units = 0, in_force = 0;
    for (int u = 0; u < sim_fleet_size; u++)
        units += sim_date_to_aest(sim_fleet[u].first) <= now &&
                 (!sim_fleet[u].last || now <= sim_date_to_aest(sim_fleet[u].last));
    for (int i = 0; i < s.rows; i++) {
        if (sheet_time(&s, i, "START_DATE") > now || sheet_time(&s, i, "END_DATE") <= now)
            continue;
        in_force++;
        assert_true(sheet_is(&s, i, "DISPATCHTYPE", "GENERATOR") ||
                    sheet_is(&s, i, "DISPATCHTYPE", "LOAD") ||
                    sheet_is(&s, i, "DISPATCHTYPE", "BIDIRECTIONAL"));
        assert_true(sheet_cell(&s, i, "STATIONID").len > 0 &&
                    sheet_cell(&s, i, "PARTICIPANTID").len > 0);
    }
    assert_int_equal(in_force, units);
    int battery = find(&s, "DUID", "HPR1", 0);
    assert_true(sheet_is(&s, battery, "DISPATCHTYPE", "BIDIRECTIONAL"));
    assert_true(sheet_is(&s, battery, "START_DATE", "2024/07/04 00:00:00"));
    sheet_free(&s);
}

static void a_later_version_has_the_capacity_that_counts(void **state) {
    (void)state;
    struct sheet s = read(&sim_dudetail, "2025/08/01");
    int corrected = 0;
    for (int i = 0; i + 1 < s.rows; i++) {
        if (!str_eq(sheet_cell(&s, i, "DUID"), sheet_cell(&s, i + 1, "DUID")) ||
            !sheet_is(&s, i + 1, "VERSIONNO", "2"))
            continue;
        corrected++;
        assert_true(sheet_is(&s, i, "VERSIONNO", "1"));
    }
    assert_true(corrected > 10);
    int battery = find(&s, "DUID", "HPR1", 0);
    assert_true(sheet_number(&s, battery, "MAXSTORAGECAPACITY") > 100);
    assert_true(sheet_number(&s, battery, "MAXCAPACITY") > 100);
    sheet_free(&s);
}

static void every_genset_of_a_unit_has_a_source(void **state) {
    (void)state;
    struct sheet units = read(&sim_dualloc, "2025/08/01"), sets = read(&sim_genunits, "2025/08/01");
    int several = 0;
    for (int i = 0; i < units.rows; i++) {
        str id = sheet_cell(&units, i, "GENSETID");
        int set = find(&sets, "GENSETID", str_dup(&units.memory, id), 0);
        assert_true(set >= 0);
        several += sheet_is(&units, i, "DUID", "PPCCGT");
    }
    assert_int_equal(several, 3);
    int coal = find(&sets, "GENSETID", "BW01", 0);
    assert_true(sheet_is(&sets, coal, "CO2E_ENERGY_SOURCE", "Black coal"));
    assert_true(sheet_number(&sets, coal, "CO2E_EMISSIONS_FACTOR") > 0.7);
    sheet_free(&units);
    sheet_free(&sets);
}

static void ids_are_short_and_unique(void **state) {
    (void)state;
    struct arena memory = {0};
    struct sim_registry r;
    sim_registry_make(&memory, &r);
    for (int kind = 0; kind < 2; kind++) {
        const struct sim_party *p = kind ? r.participant : r.station;
        int count = kind ? r.participants : r.stations;
        for (int i = 0; i < count; i++) {
            assert_true(p[i].id[0] && strlen(p[i].id) <= 10);
            for (int j = 0; j < i; j++)
                if (!strcmp(p[i].id, p[j].id))
                    fail_msg("%s is both %s and %s", p[i].id, p[i].name, p[j].name);
        }
    }
    arena_free(&memory);
}

static void owners_and_stations_are_listed(void **state) {
    (void)state;
    struct sheet stations = read(&sim_station, "2025/08/01"),
                 owners = read(&sim_stationowner, "2025/08/01"),
                 participants = read(&sim_participant, "2025/08/01");
    for (int i = 0; i < owners.rows; i++) {
        struct arena *a = &owners.memory;
        const char *station = str_dup(a, sheet_cell(&owners, i, "STATIONID")),
                   *owner = str_dup(a, sheet_cell(&owners, i, "PARTICIPANTID"));
        assert_true(find(&stations, "STATIONID", station, 0) >= 0);
        assert_true(find(&participants, "PARTICIPANTID", owner, 0) >= 0);
    }
    assert_true(sheet_is(&stations, find(&stations, "STATIONID", "BAYSW", 0), "STATE", "NSW"));
    sheet_free(&stations);
    sheet_free(&owners);
    sheet_free(&participants);
}

static void thresholds_are_those_of_the_schedule(void **state) {
    (void)state;
    for (int i = 1; i < sim_threshold_count; i++)
        assert_true(sim_thresholds[i - 1].from < sim_thresholds[i].from);
    assert_true(sim_threshold_at(at("2022/07/01 00:00:00"))->cap == 15100);
    assert_true(sim_threshold_at(at("2022/07/01 00:05:00"))->cap == 15500);
    assert_true(sim_threshold_at(at("2021/10/01 00:05:00"))->cumulative == 1359100);
    assert_true(sim_threshold_at(at("2022/11/30"))->administered == 300);
    assert_true(sim_threshold_at(at("2022/12/02"))->administered == 600);

    struct sheet s = read(&sim_market_price_thresholds, "2021/05/01");
    assert_int_equal(s.rows, 12); /* as in the real file of April 2021 */
    assert_int_equal(sheet_cell(&s, 0, "ADMINISTERED_PRICE_THRESHOLD").len, 0);
    assert_true(sheet_is(&s, 11, "VOLL", "15000"));
    assert_true(sheet_is(&s, 11, "ADMINISTERED_PRICE_THRESHOLD", "224600"));
    sheet_free(&s);
    s = read(&sim_market_price_thresholds, "2025/07/01"); /* the new year's are in already */
    assert_true(sheet_is(&s, s.rows - 1, "VOLL", "20300"));
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
        cmocka_unit_test(loss_factors_change_each_july),
        cmocka_unit_test(a_retirement_is_not_known_before),
        cmocka_unit_test(every_unit_is_registered_once),
        cmocka_unit_test(a_later_version_has_the_capacity_that_counts),
        cmocka_unit_test(every_genset_of_a_unit_has_a_source),
        cmocka_unit_test(ids_are_short_and_unique),
        cmocka_unit_test(owners_and_stations_are_listed),
        cmocka_unit_test(thresholds_are_those_of_the_schedule),
    };
    return cmocka_run_group_tests(tests, make_market, free_market);
}
