#include "collect/ingest.h"

#include "collect/reading.h"
#include "support/zipmake.h"

static void scada_header(struct text *t) {
    line(t, "I,DISPATCH,UNIT_SCADA,1,SETTLEMENTDATE,DUID,SCADAVALUE,LASTCHANGED");
}

static void scada_row(struct text *t, const char *time, const char *duid, const char *mw,
                      const char *lastchanged) {
    line(t, "D,DISPATCH,UNIT_SCADA,1,\"%s\",%s,%s,\"%s\"", time, duid, mw, lastchanged);
}

/* A SCADA file of one row. */
static struct text one_row(const char *time, const char *duid, const char *mw,
                           const char *changed) {
    struct text t = begin("DISPATCHSCADA");
    scada_header(&t);
    scada_row(&t, time, duid, mw, changed);
    end(&t);
    return t;
}

static void every_wrong_value_is_named_with_its_line(void **state) {
    (void)state;
    static const struct {
        const char *time, *duid, *mw, *changed, *says;
    } cases[] = {
        {"2030/06/15 12:05:00", "UNIT", "abc", "2030/06/15 12:00:05",
         "line 3: SCADAVALUE is 'abc', not a number"},
        {"2030/06/15 12:05:00", "UNIT", "1e999", "2030/06/15 12:00:05", "not a number"},
        {"2030/06/15 12:05:00", "UNIT", "0x10", "2030/06/15 12:00:05", "not a number"},
        {"2030/06/31 12:05:00", "UNIT", "1", "2030/06/15 12:00:05",
         "SETTLEMENTDATE is '2030/06/31 12:05:00', not a date"},
        {"2030/06/15 12:06:00", "UNIT", "1", "2030/06/15 12:00:05",
         "the end of a five-minute interval"},
        {"2999/12/31 00:00:00", "UNIT", "1", "2030/06/15 12:00:05", "within reach"},
        {"1900/01/01 00:00:00", "UNIT", "1", "2030/06/15 12:00:05", "not "},
        {"2030/06/15 12:05:00", "UNIT", "1", "1970/01/01 00:00:00",
         "LASTCHANGED is '1970/01/01 00:00:00', not within reach"},
        {"2030/06/15 12:05:00", "UNIT", "1", "1900/01/01 00:00:00", "LASTCHANGED"},
        {"2030/06/15 12:05:00", "UNIT", "1", "2999/12/31 00:00:00", "LASTCHANGED"},
        {"2030/06/15 12:05:00", "", "1", "2030/06/15 12:00:05", "DUID is ''"},
        {"2030/06/15 12:05:00", "A B", "1", "2030/06/15 12:00:05", "not an identifier"},
        {"2030/06/15 12:05:00", "A123456789B123456789C123456789D123456789", "1",
         "2030/06/15 12:00:05", "1 to 32 characters"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text t = one_row(cases[i].time, cases[i].duid, cases[i].mw, cases[i].changed);
        struct batch b = {0};
        assert_err(ingest_file(buf_str(&t.buf), LIMIT, &b), ERR_INPUT, cases[i].says);
        batch_free(&b);
        buf_free(&t.buf);
    }
}

static void an_empty_value_is_a_row_without_one(void **state) {
    (void)state;
    struct text t = one_row("2030/06/15 12:05:00", "W/HOE#2", "", "2030/06/15 12:00:05.500");
    struct batch b = {0};
    assert_ok(ingest_file(buf_str(&t.buf), LIMIT, &b));
    const struct frame *f = only_frame(&b, SCADA5);
    assert_int_equal(f->rows, 1);
    double mw = value(f, "W/HOE#2", 0);
    assert_true(mw != mw);
    batch_free(&b);
    buf_free(&t.buf);
}

static void a_row_without_lastchanged_is_as_new_as_its_file(void **state) {
    (void)state;
    struct text t = begin("DISPATCHSCADA");
    struct batch b = {0};
    aest_us published;
    line(&t, "I,DISPATCH,UNIT_SCADA,1,DUID,SCADAVALUE,SETTLEMENTDATE");
    line(&t, "D,DISPATCH,UNIT_SCADA,1,UNIT,-5.5,\"2030/06/16 00:00:00\"");
    assert_ok(ingest_file(end(&t), LIMIT, &b));
    const struct frame *f = only_frame(&b, SCADA5);
    assert_true(aest_parse_mms(STR("2030/06/15 12:00:13"), &published));
    assert_int_equal(frame_lastchanged(f, 0, f->slots - 1),
                     published); /* 00:00 is the day's last */
    assert_true(value(f, "UNIT", 0) == -5.5);
    batch_free(&b);
    buf_free(&t.buf);
}

static void parts_of_regions_are_left_out(void **state) {
    (void)state;
    struct text t = begin("ROOFTOP");
    struct batch b = {0};
    line(&t, "I,ROOFTOP,ACTUAL,2,INTERVAL_DATETIME,REGIONID,POWER,QI,TYPE,LASTCHANGED");
    const char *const ids[] = {"QLD1", "QLDC", "QLDN", "TASS", "TAS1"};
    for (int i = 0; i < 5; i++)
        line(&t,
             "D,ROOFTOP,ACTUAL,2,\"2030/06/15 12:00:00\",%s,%d,0.8,MEASUREMENT,"
             "\"2030/06/15 12:00:05\"",
             ids[i], 100 + i);
    assert_ok(ingest_file(end(&t), LIMIT, &b));
    const struct frame *f = only_frame(&b, ROOFTOP30);
    assert_int_equal(f->rows, 2);
    assert_true(value(f, "QLD1", 0) == 100 && value(f, "QLD1", 1) == 0.8);
    batch_free(&b);
    buf_free(&t.buf);
}

/* 300,000 units in 18 MB of CSV would be over a gigabyte of cells. */
static void a_file_of_more_keys_than_memory_is_refused(void **state) {
    (void)state;
    struct text t = begin("DISPATCHSCADA");
    struct batch b = {0};
    scada_header(&t);
    for (int i = 0; i < 300000; i++)
        line(&t, "D,DISPATCH,UNIT_SCADA,1,\"2030/06/15 12:05:00\",U%d,1,", i);
    assert_err(ingest_file(end(&t), LIMIT, &b), ERR_INPUT, "more keys and days");
    batch_free(&b);
    buf_free(&t.buf);
}

/* A zip of [files] CSVs of [units] rows each, whose names begin anew in each file or go on. */
static void zip_of_units(struct zipmake *z, int files, int units, bool anew) {
    for (int i = 0; i < files; i++) {
        struct text t = begin("DISPATCHSCADA");
        scada_header(&t);
        for (int u = 0; u < units; u++)
            line(&t, "D,DISPATCH,UNIT_SCADA,1,\"2030/06/15 12:%02d:00\",U%d,1,", i % 12 * 5,
                 anew ? u : i * units + u);
        zipmake_add(z, &(struct zipmake_member){.name = STR("A.CSV"), .content = end(&t)});
        buf_free(&t.buf);
    }
}

static void what_the_parts_of_an_archive_share_is_counted_once(void **state) {
    (void)state;
    struct zipmake archive = {0}, hostile = {0};
    struct batch b = {0};
    zip_of_units(&archive, 200, 1000, true);
    assert_ok(ingest_file(zipmake_end(&archive), LIMIT, &b));
    assert_int_equal(only_frame(&b, SCADA5)->rows, 12000);
    batch_free(&b);
    zip_of_units(&hostile, 4, 50000, false);
    assert_err(ingest_file(zipmake_end(&hostile), LIMIT, &b), ERR_INPUT, "more keys and days");
    batch_free(&b);
    zipmake_free(&archive);
    zipmake_free(&hostile);
}

static void the_limit_is_for_all_of_a_file(void **state) {
    (void)state;
    struct text t = one_row("2030/06/15 12:05:00", "UNIT", "1", "2030/06/15 12:00:05");
    struct zipmake z = {0};
    struct batch b = {0};
    zipmake_add(&z, &(struct zipmake_member){.name = STR("0.CSV"), .content = buf_str(&t.buf)});
    zipmake_add(&z, &(struct zipmake_member){.name = STR("1.CSV"), .content = buf_str(&t.buf)});
    zipmake_add(&z, &(struct zipmake_member){.name = STR("2.CSV"), .content = buf_str(&t.buf)});
    str archive = zipmake_end(&z);
    assert_ok(ingest_file(archive, t.buf.len * 3, &b));
    batch_free(&b);
    assert_err(ingest_file(archive, t.buf.len * 3 - 1, &b), ERR_INPUT, "2.CSV");
    batch_free(&b);
    zipmake_free(&z);
    buf_free(&t.buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_wrong_value_is_named_with_its_line),
        cmocka_unit_test(an_empty_value_is_a_row_without_one),
        cmocka_unit_test(a_row_without_lastchanged_is_as_new_as_its_file),
        cmocka_unit_test(parts_of_regions_are_left_out),
        cmocka_unit_test(a_file_of_more_keys_than_memory_is_refused),
        cmocka_unit_test(what_the_parts_of_an_archive_share_is_counted_once),
        cmocka_unit_test(the_limit_is_for_all_of_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
