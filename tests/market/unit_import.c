#include "market/unit_import.h"

#include "base/file.h"
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

enum { NOW = 20000 }; /* a day of 2024 */

static err *import(const char *csv, size_t *units) {
    return unit_import(str_from(csv), "u.csv", NOW * AEST_DAY, &said, units);
}

/* "fact=value day" of what was said, in order. */
static void assert_said(enum fact_source source, const char *expected) {
    struct buf text = {0};
    facts_settle(&said);
    for (size_t i = 0; i < said.count; i++) {
        struct fact f = fact_of(said.rows[i]);
        assert_int_equal(f.source, source);
        buf_printf(&text, "%s%.*s %.*s=%.*s %d", i ? "; " : "", STR_ARG(f.duid), STR_ARG(f.name),
                   STR_ARG(f.value), f.from);
    }
    assert_string_equal(buf_cstr(&text), expected);
    buf_free(&text);
}

static void a_users_csv_has_our_columns(void **state) {
    (void)state;
    size_t units;
    assert_ok(import("duid,fuel,capacity_mw,valid_from,owner\n"
                     "A1,wind,120,2020-01-01,\"Me, myself\"\n\nB1,,7,,\n",
                     &units));
    assert_int_equal(units, 2);
    assert_said(FACT_IMPORT, "A1 capacity_mw=120 18262; A1 fuel=Wind 18262; "
                             "A1 owner=Me, myself 18262; B1 capacity_mw=7 0");
}

static void the_list_saved_as_csv_is_read_as_it_is(void **state) {
    (void)state;
    size_t units;
    assert_ok(
        import("Participant,Station Name,Region,Dispatch Type,Classification,Fuel Source - Primary,"
               "Fuel Source - Descriptor,Technology Type - Descriptor,DUID,Reg Cap generation (MW),"
               "Max Cap consumption (MW),Comments\n"
               "P,S,SA1,Bidirectional Unit,Scheduled ,Battery Storage,Wind,Battery,B1,7.5,,x\n"
               "P,S,SA1,Bidirectional Unit,Scheduled,Battery Storage,Grid,Battery,B1,9,6,y\n"
               "P,S,SA1,Generating Unit,Non-Scheduled*,Fossil,Diesel,-,-,1,,\n",
               &units));
    assert_int_equal(units, 1);
    assert_said(FACT_WORKBOOK,
                "B1 dispatch_type=BIDIRECTIONAL 20000; B1 energy_source=Battery Storage 0; "
                "B1 load_mw=6 20000; B1 owner=P 20000; B1 region=SA1 20000; "
                "B1 registered_mw=7.5 20000; B1 schedule_type=SCHEDULED 20000; "
                "B1 station=S 20000; B1 technology=Battery 0");
}

static void what_cannot_be_is_refused_by_its_row(void **state) {
    (void)state;
    static const struct {
        const char *csv, *words;
    } faults[] = {
        {"", "no sheet has a column duid"},
        {"name,fuel\nA1,Wind\n", "no sheet has a column duid"},
        {"duid,fuel\nA1,Wind\nB1,Peat\n", "row 3: fuel is 'Peat'"},
        {"duid,colour\nA1,red\n", "row 2: units have no fact 'colour'"},
        {"duid,fuel,valid_from\nA1,Wind,soon\n", "row 2: 'soon' is no date"},
        {"duid,fuel\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA,Wind\n", "is no DUID"},
        {"duid,fuel\nA 1,Wind\n", "row 2: 'A 1' is no DUID"},
    };
    size_t units;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        assert_err(import(faults[i].csv, &units), ERR_INPUT, faults[i].words);
}

static void real_lists_are_read(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t units;
    } lists[] = {{"NEM-Registration-and-Exemption-List-2026.xlsx", 563},
                 {"NEM_Registration.csv", 523},
                 {"generators_and_loads.csv", 407},
                 {"duid_data.csv", 513}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct arena a = {0};
        struct buf bytes = {0};
        struct records list, units;
        size_t count, unknown = 0;
        const char *path =
            arena_printf(&a, NEMD_SHARED "/data/other/registration/%s", lists[i].name);
        if (!file_exists(path))
            skip();
        records_init(&list, UNIT_FACTS);
        records_init(&units, UNITS);
        assert_ok(file_read(path, 1 << 24, &bytes));
        assert_ok(unit_import(buf_str(&bytes), lists[i].name, NOW * AEST_DAY, &list, &count));
        assert_int_equal(count, lists[i].units);
        facts_settle(&list);
        registry_build(&list, &units);
        for (size_t u = 0; u < units.count; u++)
            unknown += str_eq(units.rows[u]->values[UNIT_FUEL].text, STR("Unknown"));
        if (unknown > 2) /* the two ends of Basslink */
            fail_msg("%s: %zu units of unknown fuel", lists[i].name, unknown);
        records_free(&list);
        records_free(&units);
        buf_free(&bytes);
        arena_free(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_users_csv_has_our_columns, begin, end),
        cmocka_unit_test_setup_teardown(the_list_saved_as_csv_is_read_as_it_is, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_is_refused_by_its_row, begin, end),
        cmocka_unit_test_setup_teardown(real_lists_are_read, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
