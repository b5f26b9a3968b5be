#include "market/fuels.h"

#include "support/check.h"

static void fuels_follow_from_aemos_words(void **state) {
    (void)state;
    static const struct {
        const char *source, *technology;
        enum fuel fuel;
    } words[] = {
        {"Black coal", "", FUEL_BLACK_COAL},
        {"Coal Tailings", "Steam Sub-Critical", FUEL_BLACK_COAL},
        {"Brown coal", "", FUEL_BROWN_COAL},
        {"Natural Gas (Pipeline)", "Combined Cycle Gas Turbine (CCGT)", FUEL_CCGT},
        {"Natural Gas", "Open Cycle Gas turbines (OCGT)", FUEL_OCGT},
        {"Coal seam methane", "", FUEL_GAS_OTHER},
        {"Waste Coal Mine Gas", "Spark Ignition Reciprocating Engine", FUEL_GAS_OTHER},
        {"Natural Gas / Fuel Oil", "Steam Sub-Critical", FUEL_GAS_OTHER},
        {"Natrual Gas/ Diesel", "Open Cycle Gas turbines (OCGT)", FUEL_OCGT},
        {"Ethane", "OCGT", FUEL_OCGT},
        {"Diesel oil", "Open Cycle Gas turbines (OCGT)", FUEL_DISTILLATE},
        {"Kerosene - non aviation", "", FUEL_DISTILLATE},
        {"Hydro", "", FUEL_WATER},
        {"Water", "Run of River", FUEL_WATER},
        {"Wind", "", FUEL_WIND},
        {"solar", "", FUEL_SOLAR},
        {"Battery Storage", "", FUEL_BATTERY},
        {"Bagasse and Diesel", "", FUEL_BIOMASS},
        {"Landfill Methane / Landfill Gas", "", FUEL_BIOMASS},
        {"Sewerage / Waste Water", "", FUEL_BIOMASS},
        {"Biomass and industrial materials", "", FUEL_BIOMASS},
        {"Geothermal", "", FUEL_OTHER},
        {" ", "", FUEL_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (fuel_from_source(str_from(words[i].source), str_from(words[i].technology)) !=
            words[i].fuel)
            fail_msg("%s, %s", words[i].source, words[i].technology);
    assert_true(fuel_needs_technology(STR("Ethane")));
    assert_false(fuel_needs_technology(STR("Landfill Gas")));
}

static void names_of_fuels_are_read_in_any_case(void **state) {
    (void)state;
    enum fuel f;
    for (int i = 0; i < FUELS; i++) {
        assert_true(fuel_from_name(str_from(fuel_names[i]), &f));
        assert_int_equal(f, i);
    }
    assert_null(fuel_names[FUELS]);
    assert_true(fuel_from_name(STR("black COAL"), &f));
    assert_int_equal(f, FUEL_BLACK_COAL);
    assert_false(fuel_from_name(STR(""), &f));
}

static void a_unit_stands_once_in_the_table_of_public_facts(void **state) {
    (void)state;
    static const char *const duids[] = {"CPSA", "SNOWYP", "HPRL1", "HPRG1", "NPS", "SNAPPER1"};
    for (size_t i = 0; i < sizeof duids / sizeof *duids; i++)
        assert_non_null(public_fact_of(str_from(duids[i])));
    assert_null(public_fact_of(STR("CPS")));
    assert_null(public_fact_of(STR("")));
    assert_string_equal(public_fact_of(STR("SNOWYP"))->dispatch_type, "LOAD");
    assert_string_equal(public_predecessor_of(STR("DALNTH1")), "DALNTH01 DALNTHL1");
    assert_null(public_predecessor_of(STR("HPR1")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fuels_follow_from_aemos_words),
        cmocka_unit_test(names_of_fuels_are_read_in_any_case),
        cmocka_unit_test(a_unit_stands_once_in_the_table_of_public_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
