#include "collect/notice.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "collect/reference.h"
#include "support/check.h"

#define RULE "-------------------------------------------------------------------\r\n"

static const char good[] =
    RULE "                           MARKET NOTICE\r\n" RULE "\r\n"
         "From :              AEMO\r\nTo   :              NEMITWEB1\r\n"
         "Creation Date :     29/09/2026     16:59:39\r\n\r\n" RULE "\r\n"
         "Notice ID               :         145409\r\n"
         "Notice Type ID          :         MINIMUM SYSTEM LOAD\r\n"
         "Notice Type Description :         MSL1/MSL2/MSL3\r\n"
         "Issue Date              :         29/09/2026\r\n"
         "External Reference      :         Forecast: MSL1 in the SA region\r\n\r\n" RULE
         "\r\nReason :\r\n\r\nAEMO ELECTRICITY MARKET NOTICE\r\n\r\n" RULE
         "\r\nNotice ID : 7\r\n- \tMSL1: -40 MW\r\n\r\n" RULE "END OF REPORT\r\n" RULE;

static void assert_str(str s, const char *expected) {
    if (!str_eq(s, str_from(expected)))
        fail_msg("'%.*s' is not '%s'", STR_ARG(s), expected);
}

static void assert_time(aest_us t, const char *expected) {
    char text[AEST_TEXT];
    assert_string_equal(aest_format_mms(t, text), expected);
}

static void a_notice_is_read_whole(void **state) {
    (void)state;
    struct notice n;
    assert_ok(notice_parse(str_from(good), &n));
    assert_int_equal(n.id, 145409);
    assert_str(n.type, "MINIMUM SYSTEM LOAD");
    assert_str(n.type_description, "MSL1/MSL2/MSL3");
    assert_str(n.external_reference, "Forecast: MSL1 in the SA region");
    assert_time(n.created, "2026/09/29 16:59:39");
    assert_time(n.issued, "2026/09/29 00:00:00");
    assert_str(n.reason, "AEMO ELECTRICITY MARKET NOTICE\r\n\r\n" RULE
                         "\r\nNotice ID : 7\r\n- \tMSL1: -40 MW");
    assert_str(n.text, good);
}

/* [good] with the first [what] in it replaced. */
static str with(struct arena *a, const char *what, const char *by) {
    const char *at = strstr(good, what);
    assert_non_null(at);
    return str_from(arena_printf(a, "%.*s%s%s", (int)(at - good), good, by, at + strlen(what)));
}

static void what_differs_in_form_is_read_alike(void **state) {
    (void)state;
    struct arena a = {0};
    struct notice n;
    assert_ok(notice_parse(with(&a, "29/09/2026     16:59:39", "29/09/2026"), &n));
    assert_time(n.created, "2026/09/29 00:00:00");
    assert_ok(notice_parse(with(&a, "SA region\r\n", "SA region\r\n  and more\r\n"), &n));
    assert_str(n.external_reference, "Forecast: MSL1 in the SA region\r\n  and more");
    assert_ok(notice_parse(with(&a, "Issue Date              :         29/09/2026\r\n", ""), &n));
    assert_int_equal(n.issued, 0);
    assert_ok(notice_parse(with(&a, "Forecast: MSL1 in the SA region", ""), &n));
    assert_int_equal(n.external_reference.len, 0);
    struct buf lf = {0};
    for (const char *c = good; *c; c++)
        if (*c != '\r')
            buf_add_char(&lf, *c);
    assert_ok(notice_parse(buf_str(&lf), &n));
    assert_int_equal(n.id, 145409);
    buf_free(&lf);
    arena_free(&a);
}

static void what_is_no_notice_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *what, *by, *words;
    } faults[] = {
        {"145409", "14540x", "id is '14540x'"},
        {"145409", "99999999999999999999", "id is"},
        {"145409", "0", "id is '0'"},
        {"MINIMUM SYSTEM LOAD", "", "no type"},
        {"29/09/2026     16:59:39", "31/02/2026     16:59:39", "creation date"},
        {"29/09/2026     16:59:39", "29/09/2026     24:00:00", "creation date"},
        {"29/09/2026     16:59:39", "29/09/2026     16:59:39:1", "creation date"},
        {"29/09/2026     16:59:39", "2026/09/29     16:59:39", "creation date"},
        {"29/09/2026     16:59:39", "", "creation date"},
        {"Issue Date              :         29/09/2026", "Issue Date : soon", "issue date"},
        {"Reason :", "Because :", "no market notice"},
        {"END OF REPORT", "END", "cut short"},
    };
    struct arena a = {0};
    struct notice n;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        assert_err(notice_parse(with(&a, faults[i].what, faults[i].by), &n), ERR_INPUT,
                   faults[i].words);
    assert_err(notice_parse(STR(""), &n), ERR_INPUT, "no market notice");
    assert_err(notice_parse((str){good, strlen(good) - 120}, &n), ERR_INPUT, "cut short");
    assert_err(notice_parse(STR("a\0b"), &n), ERR_INPUT, "isn't text");
    char *large = mem_zalloc(1, NOTICE_BYTES + 1);
    assert_err(notice_parse((str){large, NOTICE_BYTES + 1}, &n), ERR_INPUT, "are the most");
    free(large);
    arena_free(&a);
}

struct reading {
    struct arena memory;
    struct records records;
};

static err *take_row(void *context, const struct mms_row *row, aest_us published) {
    struct reading *r = context;
    struct notice n;
    (void)published;
    TRY(notice_from_row(&r->memory, row, &n));
    notice_put(&r->records, &n);
    return NULL;
}

static void rows_of_the_monthly_archive_are_notices(void **state) {
    (void)state;
    static const char csv[] =
        "C,SETP.WORLD,DVD_MARKETNOTICEDATA,AEMO,PUBLIC,2026/10/07,00:15:02,1,,2\r\n"
        "I,MARKET_NOTICE,MARKETNOTICEDATA,1,NOTICEID,EFFECTIVEDATE,TYPEID,NOTICETYPE,LASTCHANGED,"
        "REASON,EXTERNALREFERENCE\r\n"
        "D,MARKET_NOTICE,MARKETNOTICEDATA,1,145409,\"2026/09/29 16:59:39\",\"MINIMUM SYSTEM "
        "LOAD\",1,\"2026/09/29 16:59:40\",\"\r\nHe said \"\"MSL1\"\",\r\nthen left\r\n\","
        "\"a, b\"\r\n"
        "C,\"END OF REPORT\",7\r\n";
    struct reading r = {0};
    struct notice n;
    records_init(&r.records, NOTICES);
    assert_ok(reference_read_file(str_from(csv), take_row, &r));
    assert_int_equal(r.records.count, 1);
    const struct record_value *v = r.records.rows[0]->values;
    assert_str(v[NOTICE_REASON].text, "He said \"MSL1\",\r\nthen left");
    assert_str(v[NOTICE_REFERENCE].text, "a, b");
    assert_time(v[NOTICE_CREATED].integer, "2026/09/29 16:59:39");
    assert_false(v[NOTICE_TEXT].there);

    /* the file of the same notice says more, whichever comes first */
    assert_ok(notice_parse(str_from(good), &n));
    notice_put(&r.records, &n);
    records_settle(&r.records);
    assert_int_equal(r.records.count, 1);
    assert_true(r.records.rows[0]->values[NOTICE_TEXT].there);
    records_free(&r.records);
    arena_free(&r.memory);
}

static void every_real_notice_is_read(void **state) {
    (void)state;
    static const char folder[] = NEMD_SHARED "/data/nemweb/Reports/CURRENT/Market_Notice";
    struct arena a = {0};
    struct file_entry *files;
    size_t count;
    assert_ok(file_list(&a, folder, &files, &count));
    if (count == 0)
        skip();
    for (size_t i = 0; i < count; i++) {
        struct buf bytes = {0};
        struct notice n;
        const char *name = str_dup(&a, files[i].name);
        assert_ok(file_read(arena_printf(&a, "%s/%s", folder, name), NOTICE_BYTES, &bytes));
        assert_ok(notice_parse(buf_str(&bytes), &n));
        char expected[32], created[AEST_TEXT];
        snprintf(expected, sizeof expected, "R%llu", (unsigned long long)n.id);
        assert_non_null(strstr(name, expected));
        aest_format_date((aest_day)(n.created / AEST_DAY), created);
        snprintf(expected, sizeof expected, "_%.4s%.2s%.2s.", created, created + 5, created + 8);
        assert_non_null(strstr(name, expected));
        assert_true(n.type.len > 3 && n.type_description.len > 3 && n.reason.len > 20);
        assert_true(n.external_reference.len > 3 && n.issued <= n.created);
        buf_free(&bytes);
    }
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notice_is_read_whole),
        cmocka_unit_test(what_differs_in_form_is_read_alike),
        cmocka_unit_test(what_is_no_notice_is_refused),
        cmocka_unit_test(rows_of_the_monthly_archive_are_notices),
        cmocka_unit_test(every_real_notice_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
