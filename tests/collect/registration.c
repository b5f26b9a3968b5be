#include "collect/registration.h"

#include "base/file.h"
#include "support/registration.h"

static struct registration registration;
static struct records facts;

static int begin(void **state) {
    (void)state;
    registration = (struct registration){0};
    records_init(&facts, UNIT_FACTS);
    return 0;
}

static int end(void **state) {
    (void)state;
    registration_free(&registration);
    records_free(&facts);
    return 0;
}

static void take(const char *table, const char *header, const char *rows) {
    assert_ok(take_table(&registration, "2025/07/07", table, header, rows));
}

/* "region SA1 2017-11-14 2018-07-01; …" of a unit, by fact and day. */
static void assert_facts(const char *duid, const char *names, const char *expected) {
    struct buf text = {0};
    registration_facts(&registration, "2025-06", &facts);
    facts_settle(&facts);
    for (size_t i = 0; i < facts.count; i++) {
        struct fact f = fact_of(facts.rows[i]);
        char from[AEST_TEXT], to[AEST_TEXT];
        if (!str_eq(f.duid, str_from(duid)) || str_find(str_from(names), f.name) < 0)
            continue;
        buf_printf(&text, "%s%.*s=%.*s %s %s", text.len ? "; " : "", STR_ARG(f.name),
                   STR_ARG(f.value), f.from == FACT_ALWAYS ? "-" : aest_format_date(f.from, from),
                   f.to == FACT_OPEN ? "-" : aest_format_date(f.to, to));
    }
    assert_string_equal(buf_cstr(&text), expected);
    buf_free(&text);
}

static void days_in_a_row_that_agree_are_one_fact(void **state) {
    (void)state;
    take("DUDETAILSUMMARY", SUMMARY_HEADER,
         "A1,\"2012/07/01 00:00:00\",\"2999/12/31 00:00:00\",GENERATOR,SA1,A,NEW,,0.98,1,X,\n"
         "A1,\"2010/07/01 00:00:00\",\"2011/03/01 00:00:00\",GENERATOR,SA1,A,OLD,,0.95,1,X,\n"
         "A1,\"2011/03/01 00:00:00\",\"2012/07/01 00:00:00\",GENERATOR,SA1,A,NEW,,0.95,1,X,\n");
    assert_facts(
        "A1", "owner region mlf",
        "mlf=0.95 2010-07-01 2012-07-01; mlf=0.98 2012-07-01 -; "
        "owner=OLD 2010-07-01 2011-03-01; owner=NEW 2011-03-01 -; region=SA1 2010-07-01 -");
}

static void a_gap_parts_facts(void **state) {
    (void)state;
    take("DUDETAILSUMMARY", SUMMARY_HEADER,
         "A1,\"2001/01/01 00:00:00\",\"2002/01/01 00:00:00\",GENERATOR,SA1,A,P,,1,1,X,\n"
         "A1,\"2006/01/01 00:00:00\",\"2007/01/01 00:00:00\",GENERATOR,SA1,A,P,,1,1,X,\n");
    assert_facts("A1", "region",
                 "region=SA1 2001-01-01 2002-01-01; region=SA1 2006-01-01 2007-01-01");
}

static void stations_and_owners_have_names(void **state) {
    (void)state;
    take("STATION", "STATIONID,STATIONNAME", "A,\"Vales Point \"\"B\"\"\"\n");
    take("DUDETAILSUMMARY", SUMMARY_HEADER,
         "A1,\"2001/01/01 00:00:00\",\"2999/12/31 00:00:00\",GENERATOR,SA1,A,P,,1,1,X,\n"
         "B1,\"2001/01/01 00:00:00\",\"2999/12/31 00:00:00\",LOAD,SA1,B,Q,,1,1,X,WDRU\n");
    take("PARTICIPANT", "PARTICIPANTID,NAME", "P,\"A, B and C\"\n");
    assert_facts("A1", "station owner",
                 "owner=A, B and C 2001-01-01 -; "
                 "station=Vales Point \"B\" 2001-01-01 -");
    assert_facts("B1", "station owner dispatch_type",
                 "dispatch_type=DEMAND RESPONSE 2001-01-01 -; owner=Q 2001-01-01 -; "
                 "station=B 2001-01-01 -");
}

static void of_versions_of_one_day_the_largest_counts(void **state) {
    (void)state;
    take("DUDETAIL", DETAIL_HEADER,
         "\"2020/01/01 00:00:00\",A1,2,95,100,,\n"
         "\"2020/01/01 00:00:00\",A1,1,95,90,,\n"
         "\"2022/01/01 00:00:00\",A1,1,95,120,-110,250\n");
    assert_facts("A1", "capacity_mw registered_mw load_mw storage_mwh",
                 "capacity_mw=100 2020-01-01 2022-01-01; capacity_mw=120 2022-01-01 -; "
                 "load_mw=110 2022-01-01 -; registered_mw=95 2020-01-01 -; "
                 "storage_mwh=250 2022-01-01 -");
}

static void several_sets_are_weighted_by_capacity(void **state) {
    (void)state;
    take("DUDETAIL", DETAIL_HEADER,
         "\"2015/01/01 00:00:00\",A1,1,400,400,,\n\"2015/01/01 00:00:00\",B1,1,10,10,,\n");
    take("GENUNITS", GENSET_HEADER,
         "S1,100,100,0.4,Diesel oil\nS2,300,300,0.8,Natural Gas (Pipeline)\n"
         "S3,50,50,,\nS4,900,900,9,Wind\nB1,10,10,0,Wind\n");
    take("DUALLOC", ALLOCATION_HEADER,
         "\"2015/01/01 00:00:00\",1,A1,S4\n\"2020/01/01 00:00:00\",2,A1,S1\n"
         "\"2020/01/01 00:00:00\",1,A1,S4\n\"2020/01/01 00:00:00\",2,A1,S2\n"
         "\"2020/01/01 00:00:00\",2,A1,S3\n");
    assert_facts("A1", "energy_source co2e_factor",
                 "co2e_factor=0.7 - -; energy_source=Natural Gas (Pipeline) - -");
    assert_facts("B1", "energy_source co2e_factor", "co2e_factor=0 - -; energy_source=Wind - -");
    assert_facts("S1", "energy_source", "");
}

static void a_newer_saying_replaces_all_of_the_older(void **state) {
    (void)state;
    take("DUDETAILSUMMARY", SUMMARY_HEADER,
         "A1,\"2001/01/01 00:00:00\",\"2010/01/01 00:00:00\",GENERATOR,SA1,A,P,,1,1,X,\n"
         "A1,\"2010/01/01 00:00:00\",\"2999/12/31 00:00:00\",GENERATOR,VIC1,A,P,,1,1,X,\n"
         "GONE1,\"2001/01/01 00:00:00\",\"2999/12/31 00:00:00\",GENERATOR,SA1,A,P,,1,1,X,\n");
    registration_facts(&registration, "2025-06", &facts);
    registration_free(&registration);
    registration = (struct registration){0};
    assert_ok(take_table(
        &registration, "2025/08/07", "DUDETAILSUMMARY", SUMMARY_HEADER,
        "A1,\"2001/01/01 00:00:00\",\"2011/01/01 00:00:00\",GENERATOR,SA1,A,P,,1,1,X,\n"));
    assert_facts("A1", "region", "region=SA1 2001-01-01 2011-01-01");
    assert_facts("GONE1", "region", "region=SA1 2001-01-01 -");
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *table, *header, *rows, *words;
    } faults[] = {
        {"DUDETAILSUMMARY", SUMMARY_HEADER, "A1,soon,,GENERATOR,SA1,A,P,,1,1,X,", "START_DATE"},
        {"DUDETAILSUMMARY", SUMMARY_HEADER,
         ",\"2001/01/01 00:00:00\",\"2010/01/01 00:00:00\",GENERATOR,SA1,A,P,,1,1,X,", "DUID"},
        {"DUDETAILSUMMARY", SUMMARY_HEADER,
         "A1,\"2001/01/01 00:00:00\",\"2010/01/01 00:00:00\",GENERATOR,SA1,A,P,,high,1,X,",
         "TRANSMISSIONLOSSFACTOR is 'high'"},
        {"DUDETAIL", DETAIL_HEADER, "\"2020/01/01 00:00:00\",A1,x,95,100,,", "VERSIONNO"},
        {"DUDETAIL", "DUID", "A1", "EFFECTIVEDATE"},
        {"DUALLOC", ALLOCATION_HEADER, "\"2020/01/01 00:00:00\",1,A1,", "GENSETID"},
        {"GENUNITS", GENSET_HEADER, "S1,1,1,nan,Wind", "CO2E_EMISSIONS_FACTOR"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        assert_err(take_table(&registration, "2025/07/07", faults[i].table, faults[i].header,
                              faults[i].rows),
                   ERR_INPUT, faults[i].words);
}

static void real_tables_tell_the_history_of_every_unit(void **state) {
    (void)state;
    static const char *const files[] = {"2020/MMSDM_2020_10/MMSDM_Historical_Data_SQLLoader/DATA/"
                                        "PUBLIC_DVD_DUDETAILSUMMARY_202010010000.zip",
                                        "2017/MMSDM_2017_06/MMSDM_Historical_Data_SQLLoader/DATA/"
                                        "PUBLIC_DVD_DUDETAIL_201706010000.CSV",
                                        "2017/MMSDM_2017_06/MMSDM_Historical_Data_SQLLoader/DATA/"
                                        "PUBLIC_DVD_STATION_201706010000.CSV"};
    struct arena a = {0};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct buf bytes = {0};
        const char *path = arena_printf(
            &a, NEMD_SHARED "/data/nemweb/Data_Archive/Wholesale_Electricity/MMSDM/%s", files[i]);
        if (!file_exists(path))
            skip();
        assert_ok(file_read(path, 1 << 24, &bytes));
        assert_ok(reference_read_file(buf_str(&bytes), registration_row, &registration));
        buf_free(&bytes);
    }
    assert_facts("LKBONNY1", "owner station",
                 "owner=CNRGY 2004-05-25 2011-03-01; owner=NORPOWER 2011-03-01 2012-05-10; "
                 "owner=BORAL 2012-05-10 2015-03-01; owner=LKBWIND 2015-03-01 -; "
                 "station=Lake Bonney Wind Farm Stage 1 2004-05-25 -");
    assert_facts("SNOWYP", "region",
                 "region=SNOWY1 1998-10-25 2008-07-01; region=NSW1 2008-07-01 -");
    assert_facts("AGLHAL", "capacity_mw", "capacity_mw=220 2001-12-18 -");
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(days_in_a_row_that_agree_are_one_fact, begin, end),
        cmocka_unit_test_setup_teardown(a_gap_parts_facts, begin, end),
        cmocka_unit_test_setup_teardown(stations_and_owners_have_names, begin, end),
        cmocka_unit_test_setup_teardown(of_versions_of_one_day_the_largest_counts, begin, end),
        cmocka_unit_test_setup_teardown(several_sets_are_weighted_by_capacity, begin, end),
        cmocka_unit_test_setup_teardown(a_newer_saying_replaces_all_of_the_older, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(real_tables_tell_the_history_of_every_unit, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
