#include "collect/history.h"

#include "support/check.h"

static const struct monthly *table(const char *name) {
    for (int i = 0; i < monthly_table_count; i++)
        if (strcmp(monthly_tables[i].table, name) == 0)
            return &monthly_tables[i];
    fail_msg("no table %s", name);
    return NULL;
}

static void both_schemes_of_names_are_known(void **state) {
    (void)state;
    static const struct {
        const char *table, *name;
        bool is;
    } cases[] = {
        {"DISPATCHPRICE", "PUBLIC_DVD_DISPATCHPRICE_202407010000.zip", true},
        {"DISPATCHPRICE", "PUBLIC_DVD_DISPATCHPRICE_202407010000.CSV", true},
        {"DISPATCHPRICE", "public_dvd_dispatchprice_202407010000.zip", true},
        {"DISPATCHPRICE", "PUBLIC_ARCHIVE%23DISPATCHPRICE%23FILE01%23202408010000.zip", true},
        {"DISPATCHPRICE", "PUBLIC_ARCHIVE#DISPATCHPRICE#FILE12#202408010000.zip", true},
        {"DISPATCHPRICE", "PUBLIC_DVD_DISPATCHPRICEX_202407010000.zip", false},
        {"DISPATCHPRICE", "PUBLIC_DVD_PREDISPATCHPRICE_202407010000.zip", false},
        {"DISPATCHPRICE", "PUBLIC_ARCHIVE#PREDISPATCHPRICE#FILE01#202408010000.zip", false},
        {"DISPATCHPRICE", "PUBLIC_DVD_DISPATCHPRICE_202407010000.txt", false},
        {"DISPATCHPRICE", "PUBLIC_DVD_DISPATCHPRICE", false},
        {"DISPATCHPRICE", "", false},
        {"DISPATCHLOAD", "PUBLIC_DVD_DISPATCHLOAD1_201507010000.zip", true},
        {"P5MIN_REGIONSOLUTION", "PUBLIC_DVD_P5MIN_REGIONSOLUTION_201507010000.zip", true},
        {"PREDISPATCHPRICE", "PUBLIC_DVD_PREDISPATCHPRICE_D_201507010000.zip", true},
        {"PREDISPATCHPRICE", "PUBLIC_ARCHIVE#PREDISPATCHPRICE#ALL#FILE01#202408010000.zip", true},
        {"PREDISPATCHPRICE", "PUBLIC_ARCHIVE#PREDISPATCHPRICE#FILE01#202408010000.zip", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (monthly_name_is(table(cases[i].table), str_from(cases[i].name)) != cases[i].is)
            fail_msg("%s: %s", cases[i].table, cases[i].name);
}

static void an_archive_tells_its_days(void **state) {
    (void)state;
    aest_day first, last, day;
    const struct archived *daily = &archived_feeds[1], *weekly = &archived_feeds[2];
    assert_string_equal(daily->feed, "dispatchscada");
    assert_true(aest_day_from_date(2024, 5, 19, &day));
    assert_true(archived_name_days(daily, STR("PUBLIC_DISPATCHSCADA_20240519.zip"), &first, &last));
    assert_int_equal(first, day);
    assert_int_equal(last, day);
    assert_true(
        archived_name_days(weekly, STR("PUBLIC_TRADINGIS_20240519_20240525.zip"), &first, &last));
    assert_int_equal(first, day);
    assert_int_equal(last, day + 6);
    assert_false(archived_name_days(daily, STR("PUBLIC_DISPATCHSCADA_.zip"), &first, &last));
    assert_false(
        archived_name_days(daily, STR("PUBLIC_DISPATCHSCADA_20241399.zip"), &first, &last));
    assert_false(archived_name_days(daily, STR("OTHER_20240519.zip"), &first, &last));
}

static void folders_are_those_of_nemweb(void **state) {
    (void)state;
    struct arena a = {0};
    aest_day month;
    assert_true(aest_day_from_date(2021, 9, 1, &month));
    assert_string_equal(monthly_folder(&a, month, false),
                        "Data_Archive/Wholesale_Electricity/MMSDM/2021/MMSDM_2021_09/"
                        "MMSDM_Historical_Data_SQLLoader/DATA");
    assert_string_equal(monthly_whole_folder(&a, month),
                        "Data_Archive/Wholesale_Electricity/MMSDM/2021");
    assert_string_equal(monthly_whole_name(&a, month), "MMSDM_2021_09.zip");
    arena_free(&a);
}

static void a_table_of_a_month_in_one_zip_has_a_name(void **state) {
    (void)state;
    struct arena a = {0};
    aest_day month, expected;
    const char *name = monthly_part_name(&a, STR("MMSDM_2009_07.zip"), table("DISPATCHPRICE"));
    assert_string_equal(name, "MMSDM_2009_07.zip/DISPATCHPRICE");
    assert_true(aest_day_from_date(2009, 7, 1, &expected));
    assert_ptr_equal(monthly_part_of(str_from(name), &month), table("DISPATCHPRICE"));
    assert_int_equal(month, expected);
    static const char *const others[] = {"MMSDM_2009_07.zip",
                                         "MMSDM_2009_07.zip/",
                                         "MMSDM_2009_07.zip/OTHER",
                                         "MMSDM_2009_13.zip/DISPATCHPRICE",
                                         "PUBLIC_DVD_DISPATCHPRICE_200907010000.zip",
                                         ""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_null(monthly_part_of(str_from(others[i]), &month));
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_schemes_of_names_are_known),
        cmocka_unit_test(an_archive_tells_its_days),
        cmocka_unit_test(folders_are_those_of_nemweb),
        cmocka_unit_test(a_table_of_a_month_in_one_zip_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
