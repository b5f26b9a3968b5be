#include "market/registry.h"

#include "market/units.h"
#include "support/check.h"

static struct records said;

static int begin(void **state) {
    (void)state;
    records_init(&said, UNIT_FACTS);
    return 0;
}

static int end(void **state) {
    (void)state;
    records_free(&said);
    return 0;
}

static aest_day day(const char *date) {
    aest_us t;
    assert_true(aest_parse_iso(str_from(date), &t));
    return (aest_day)(t / AEST_DAY);
}

/* A fact from a day on, "" for always. */
static void say(enum fact_source source, const char *duid, const char *name, const char *from,
                const char *value) {
    static const char *const origins[] = {"built-in", "MMSDM", "workbook", "import", "user"};
    assert_ok(registry_say(&said, (struct fact){.duid = str_from(duid),
                                                .name = str_from(name),
                                                .source = source,
                                                .from = *from ? day(from) : FACT_ALWAYS,
                                                .to = FACT_OPEN,
                                                .value = str_from(value),
                                                .origin = str_from(origins[source]),
                                                .lastchanged = 1000}));
}

static void say_until(const char *duid, const char *name, const char *from, const char *to,
                      const char *value) {
    fact_put(&said, &(struct fact){.duid = str_from(duid),
                                   .name = str_from(name),
                                   .source = FACT_MMSDM,
                                   .from = day(from),
                                   .to = day(to),
                                   .value = str_from(value),
                                   .origin = STR("MMSDM"),
                                   .lastchanged = 1000});
}

/* The registry of what was said, by way of a store. */
static void build(struct units *u) {
    char *folder = temporary_folder();
    struct store *s;
    bool changed;
    *u = (struct units){0};
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    assert_ok(registry_update(s, &said, &changed));
    assert_true(changed);
    assert_ok(registry_update(s, &said, &changed));
    assert_false(changed);
    assert_ok(units_load(s, u));
    store_close(s);
    remove_folder(folder);
}

static void assert_str(str s, const char *expected) {
    if (!str_eq(s, str_from(expected)))
        fail_msg("'%.*s' is not '%s'", STR_ARG(s), expected);
}

static void a_unit_has_a_row_for_each_stretch_of_days(void **state) {
    (void)state;
    struct units u;
    say(FACT_MMSDM, "A1", "dispatch_type", "2017-11-14", "GENERATOR");
    say_until("A1", "mlf", "2017-11-14", "2018-07-01", "0.9848");
    say_until("A1", "mlf", "2018-07-01", "2019-07-01", "0.9771");
    say(FACT_MMSDM, "A1", "mlf", "2019-07-01", "0.9851");
    say_until("A1", "owner", "2017-11-14", "2019-01-15", "Old");
    say(FACT_MMSDM, "A1", "owner", "2019-01-15", "New");
    build(&u);
    assert_int_equal(u.count, 4);
    static const struct {
        const char *day, *owner;
        double mlf;
    } days[] = {{"2017-11-14", "Old", 0.9848}, {"2018-06-30", "Old", 0.9848},
                {"2018-07-01", "Old", 0.9771}, {"2019-01-14", "Old", 0.9771},
                {"2019-01-15", "New", 0.9771}, {"2019-07-01", "New", 0.9851},
                {"2030-01-01", "New", 0.9851}, {"2010-01-01", "Old", 0.9848}};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        struct unit unit = units_find(&u, STR("A1"), day(days[i].day));
        assert_true(unit.is_registered);
        assert_str(unit.owner, days[i].owner);
        assert_float_equal(unit.mlf, days[i].mlf, 0);
    }
    assert_int_equal(u.rows[0].from, day("2017-11-14"));
    assert_int_equal(u.rows[0].to, day("2018-07-01"));
    assert_int_equal(u.rows[3].to, INT32_MAX);
    units_free(&u);
}

static void a_retired_unit_stays_and_one_that_came_back_has_a_gap(void **state) {
    (void)state;
    struct units u;
    say_until("A1", "dispatch_type", "2000-01-01", "2005-01-01", "LOAD");
    say_until("A1", "dispatch_type", "2007-01-01", "2009-01-01", "GENERATOR");
    build(&u);
    assert_int_equal(u.count, 2);
    assert_int_equal(u.rows[0].to, day("2005-01-01"));
    assert_int_equal(u.rows[1].from, day("2007-01-01"));
    assert_int_equal(unit_sign(&u, STR("A1"), day("2006-01-01")), -1);
    assert_int_equal(unit_sign(&u, STR("A1"), day("2020-01-01")), 1);
    units_free(&u);
}

static void a_higher_source_is_believed_fact_by_fact(void **state) {
    (void)state;
    struct units u;
    say(FACT_MMSDM, "CPSA", "dispatch_type", "2009-01-01", "GENERATOR");
    say(FACT_MMSDM, "CPSA", "energy_source", "", "Coal seam methane");
    say(FACT_MMSDM, "CPSA", "capacity_mw", "2009-01-01", "140");
    say(FACT_MMSDM, "CPSA", "station", "2009-01-01", "Condamine");
    say(FACT_WORKBOOK, "CPSA", "capacity_mw", "2026-01-01", "144");
    say(FACT_WORKBOOK, "CPSA", "station", "2026-01-01", "Condamine A");
    say(FACT_IMPORT, "CPSA", "capacity_mw", "", "145");
    say(FACT_USER, "CPSA", "capacity_mw", "2027-01-01", "146");
    build(&u);
    struct unit then = units_find(&u, STR("CPSA"), day("2020-01-01")),
                now = units_find(&u, STR("CPSA"), day("2028-01-01"));
    assert_int_equal(then.fuel, FUEL_CCGT);
    assert_float_equal(then.capacity_mw, 145, 0);
    assert_str(then.station, "Condamine");
    assert_float_equal(now.capacity_mw, 146, 0);
    assert_str(now.station, "Condamine A");
    assert_str(now.sources,
               "{\"station\":\"workbook\",\"dispatch_type\":\"MMSDM\",\"fuel\":\"MMSDM, built-in\","
               "\"technology\":\"built-in\",\"capacity_mw\":\"user\"}");
    units_free(&u);
}

static void the_users_word_survives_and_can_be_taken_back(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *s;
    struct units u = {0};
    bool changed;
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    say(FACT_MMSDM, "A1", "dispatch_type", "2009-01-01", "GENERATOR");
    say(FACT_MMSDM, "A1", "energy_source", "", "Diesel oil");
    assert_ok(registry_update(s, &said, &changed));
    records_free(&said);
    records_init(&said, UNIT_FACTS);
    say(FACT_USER, "A1", "fuel", "", "biomass");
    assert_ok(registry_update(s, &said, &changed));
    records_free(&said);
    records_init(&said, UNIT_FACTS);
    fact_put(&said, &(struct fact){STR("A1"), STR("energy_source"), FACT_MMSDM, FACT_ALWAYS,
                                   FACT_OPEN, STR("Wind"), STR("MMSDM"), 2000}); /* a newer month */
    assert_ok(registry_update(s, &said, &changed));
    assert_false(changed);
    assert_ok(units_load(s, &u));
    assert_int_equal(units_find(&u, STR("A1"), day("2020-01-01")).fuel, FUEL_BIOMASS);
    records_free(&said);
    records_init(&said, UNIT_FACTS);
    fact_put(&said, &(struct fact){STR("A1"), STR("fuel"), FACT_USER, FACT_ALWAYS, FACT_OPEN,
                                   STR(""), STR("user"), 3000});
    assert_ok(registry_update(s, &said, &changed));
    assert_true(changed);
    assert_ok(units_load(s, &u));
    assert_int_equal(units_find(&u, STR("A1"), day("2020-01-01")).fuel, FUEL_WIND);
    units_free(&u);
    store_close(s);
    remove_folder(folder);
}

static void the_users_words_add_up_by_day(void **state) {
    (void)state;
    struct units u;
    say(FACT_USER, "A1", "fuel", "", "Wind");
    say(FACT_USER, "A1", "fuel", "2024-07-01", "Solar");
    build(&u);
    assert_int_equal(u.count, 2);
    assert_int_equal(units_find(&u, STR("A1"), day("2024-06-30")).fuel, FUEL_WIND);
    assert_int_equal(units_find(&u, STR("A1"), day("2024-07-01")).fuel, FUEL_SOLAR);
    units_free(&u);
}

static void a_battery_knows_what_it_was_before(void **state) {
    (void)state;
    struct units u;
    static const char *const duids[] = {"HPRG1", "HPRL1", "ADPBA1G", "ADPBA1L", "DALNTH01"};
    for (size_t i = 0; i < sizeof duids / sizeof *duids; i++)
        say_until(duids[i], "dispatch_type", "2017-01-01", "2024-07-04",
                  i % 2 ? "LOAD" : "GENERATOR");
    say(FACT_MMSDM, "HPR1", "dispatch_type", "2024-07-04", "BIDIRECTIONAL");
    say(FACT_MMSDM, "ADPBA1", "dispatch_type", "2024-07-04", "BIDIRECTIONAL");
    say(FACT_MMSDM, "DALNTH1", "dispatch_type", "2024-07-04", "BIDIRECTIONAL");
    say(FACT_MMSDM, "HPR", "dispatch_type", "2024-07-04", "GENERATOR");
    build(&u);
    aest_day now = day("2025-01-01");
    assert_str(units_find(&u, STR("HPR1"), now).predecessor, "HPRG1 HPRL1");
    assert_str(units_find(&u, STR("ADPBA1"), now).predecessor, "ADPBA1G ADPBA1L");
    assert_str(units_find(&u, STR("DALNTH1"), now).predecessor, "DALNTH01 DALNTHL1");
    assert_str(units_find(&u, STR("HPR"), now).predecessor, "");
    assert_int_equal(unit_sign(&u, STR("HPR1"), now), 1);
    assert_int_equal(unit_sign(&u, STR("HPRL1"), now), -1);
    units_free(&u);
}

static void demand_response_and_dummies_are_never_unknown(void **state) {
    (void)state;
    struct units u;
    say(FACT_MMSDM, "WDR01", "dispatch_type", "2022-01-01", "DEMAND RESPONSE");
    say(FACT_MMSDM, "DG_NSW1", "dispatch_type", "2004-01-01", "GENERATOR");
    build(&u);
    for (size_t i = 0; i < u.count; i++) {
        assert_int_equal(u.rows[i].fuel, FUEL_OTHER);
        assert_int_equal(unit_sign(&u, u.rows[i].duid, u.rows[i].from), 0);
    }
    units_free(&u);
}

static void a_word_that_cannot_be_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *name, *value, *words;
    } faults[] = {
        {"fule", "Wind", "no fact 'fule'"},
        {"duid", "X", "no fact"},
        {"valid_from", "X", "no fact"},
        {"sources", "X", "no fact"},
        {"fuel", "Peat", "not one of"},
        {"capacity_mw", "lots", "not a number"},
        {"mlf", "-1", "not a number"},
        {"region", "NSW", "NSW1, QLD1"},
        {"dispatch_type", "load", "GENERATOR, "},
        {"schedule_type", "X", "SEMI-SCHEDULED"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        assert_err(registry_say(&said, (struct fact){.duid = STR("A1"),
                                                     .source = FACT_USER,
                                                     .to = FACT_OPEN,
                                                     .name = str_from(faults[i].name),
                                                     .value = str_from(faults[i].value)}),
                   ERR_INPUT, faults[i].words);
    assert_int_equal(said.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_unit_has_a_row_for_each_stretch_of_days, begin, end),
        cmocka_unit_test_setup_teardown(a_retired_unit_stays_and_one_that_came_back_has_a_gap,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_higher_source_is_believed_fact_by_fact, begin, end),
        cmocka_unit_test_setup_teardown(the_users_word_survives_and_can_be_taken_back, begin, end),
        cmocka_unit_test_setup_teardown(the_users_words_add_up_by_day, begin, end),
        cmocka_unit_test_setup_teardown(a_battery_knows_what_it_was_before, begin, end),
        cmocka_unit_test_setup_teardown(demand_response_and_dummies_are_never_unknown, begin, end),
        cmocka_unit_test_setup_teardown(a_word_that_cannot_be_is_refused, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
