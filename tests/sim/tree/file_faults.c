#include "sim/tree/file_faults.h"

#include <stdio.h>

#include "sim/tree/reading.h"

/* -- faults ----------------------------------------------------------------------------------- */

static struct sim_tree faulty(enum sim_fault fault) {
    struct sim_tree t = tree();
    t.faults.rate[fault] = 1;
    return t;
}

static int published(const struct sim_tree *t, const char *prefix, const char *time,
                     struct sim_publication p[SIM_PUBLICATIONS]) {
    return sim_publications(t, report_of(prefix), at(time), p);
}

static void csv_of(const struct sim_tree *t, const struct sim_publication *p, struct buf *csv) {
    struct buf zip = {0};
    sim_publication_write(t, p, &zip);
    assert_int_equal(zip.len, p->size);
    unzip(buf_str(&zip), csv);
    buf_free(&zip);
}

static size_t lines_in(str csv) {
    size_t lines = 0;
    while (csv.len) {
        str_cut(&csv, '\n');
        lines++;
    }
    return lines;
}

static bool footer_is_right(str csv) {
    char right[64];
    snprintf(right, sizeof right, "\r\nC,\"END OF REPORT\",%zu\r\n", lines_in(csv));
    return str_ends_nocase(csv, str_from(right));
}

#define TRADINGIS "PUBLIC_TRADINGIS_"
#define NOON "2025-08-20T12:00"

static void what_faults_do_to_the_files_of_a_time(void **state) {
    (void)state;
    static const struct {
        enum sim_fault fault;
        int files;
        bool same_name, first_wrong;
    } expected[] = {
        {SIM_NEVER, 0, false, false},     {SIM_LATE, 1, false, false},
        {SIM_FOOTER, 2, true, true},      {SIM_EMPTY, 2, false, true},
        {SIM_REVISED, 2, false, false},   {SIM_TWICE, 2, false, false},
        {SIM_NEW_COLUMN, 1, false, true}, {SIM_VERSION, 1, false, true},
    };
    struct sim_tree well = tree();
    struct sim_publication p[SIM_PUBLICATIONS], right;
    struct buf good = {0}, csv = {0};
    published(&well, TRADINGIS, NOON, p);
    right = p[0];
    csv_of(&well, &right, &good);
    assert_true(footer_is_right(buf_str(&good)));
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct sim_tree t = well;
        char name[2][SIM_FILE_NAME] = {{0}};
        t.faults.rate[expected[i].fault] = 1;
        int count = published(&t, TRADINGIS, NOON, p);
        assert_int_equal(count, expected[i].files);
        for (int k = 0; k < count; k++) {
            sim_publication_name(&p[k], name[k]);
            csv_of(&t, &p[k], &csv);
            bool wrong = k == 0 && expected[i].first_wrong;
            assert_int_equal(footer_is_right(buf_str(&csv)),
                             !wrong || expected[i].fault != SIM_FOOTER);
            if (k == 0)
                assert_int_equal(str_eq(buf_str(&csv), buf_str(&good)), !wrong);
        }
        if (count == 2) {
            assert_int_equal(strcmp(name[0], name[1]) == 0, expected[i].same_name);
            assert_true(p[1].modified > p[0].modified);
            assert_true(!expected[i].same_name || p[1].size != p[0].size);
        }
        struct sim_publication last;
        bool archived = sim_publication_archived(&t, right.report, right.time, &last);
        assert_int_equal(archived, count > 0);
    }
    buf_free(&good);
    buf_free(&csv);
    sim_market_free(well.market);
}

static str field(str line, int n) {
    while (n--)
        str_cut(&line, ',');
    return str_cut(&line, ',');
}

static void a_revision_has_the_same_values_and_a_later_time(void **state) {
    (void)state;
    struct sim_tree t = faulty(SIM_REVISED);
    struct sim_publication p[SIM_PUBLICATIONS];
    struct buf first = {0}, second = {0};
    published(&t, TRADINGIS, NOON, p);
    csv_of(&t, &p[0], &first);
    csv_of(&t, &p[1], &second);
    size_t lines = lines_in(buf_str(&first));
    assert_int_equal(lines_in(buf_str(&second)), lines);
    for (size_t i = 1; i < lines; i++) {
        str a = line_at(buf_str(&first), i), b = line_at(buf_str(&second), i);
        for (int n = 0; n < 34; n++) {
            bool stamp = a.at[0] == 'D' && n > 4 && field(a, n).len > 10;
            assert_int_equal(str_eq(field(a, n), field(b, n)), !stamp);
            assert_true(!stamp || str_compare(field(a, n), field(b, n)) < 0);
        }
    }
    buf_free(&first);
    buf_free(&second);
    sim_market_free(t.market);
}

static void files_published_twice_are_in_duplicate_too(void **state) {
    (void)state;
    struct sim_tree t = faulty(SIM_TWICE);
    aest_us now = at(NOON);
    struct entries all = entries_of(&t, "/Reports/CURRENT/Dispatch_SCADA/", now),
                   twice = entries_of(&t, "/Reports/CURRENT/Dispatch_SCADA/DUPLICATE/", now);
    struct buf a = {0}, b = {0};
    assert_true(all.list[0].folder);
    assert_string_equal(all.list[0].name, "DUPLICATE");
    assert_true(twice.count > 570 && all.count > 1 + 2 * 570);
    read_entry(&t, "/Reports/CURRENT/Dispatch_SCADA/", &all.list[21], now, &a);
    read_entry(&t, "/Reports/CURRENT/Dispatch_SCADA/DUPLICATE/", &twice.list[10], now, &b);
    assert_int_equal(b.len, twice.list[10].size);
    free(all.list);
    free(twice.list);
    buf_free(&a);
    buf_free(&b);
    sim_market_free(t.market);
}

static void an_unknown_unit_reports_for_some_hours(void **state) {
    (void)state;
    struct sim_tree t = faulty(SIM_NEW_DUID);
    struct buf csv = {0};
    struct sim_publication p[SIM_PUBLICATIONS];
    int with = 0;
    for (int hour = 0; hour < 24; hour++) {
        sim_publications(&t, report_of("PUBLIC_DISPATCHSCADA_"),
                         at("2025-08-20T00:30") + hour * 60 * AEST_MINUTE, p);
        csv_of(&t, &p[0], &csv);
        assert_true(footer_is_right(buf_str(&csv)));
        with += str_find(buf_str(&csv), STR(",NEWUNIT1,")) > 0;
    }
    assert_in_range(with, 1, 6);
    buf_free(&csv);
    sim_market_free(t.market);
}

static void midnight_is_missing_and_months_are_whole(void **state) {
    (void)state;
    struct sim_tree t = faulty(SIM_MIDNIGHT), well = tree();
    struct sim_publication p[SIM_PUBLICATIONS];
    struct buf a = {0}, b = {0};
    const char *path = MONTH("2024", "07") "PUBLIC_DVD_TRADINGINTERCONNECT_202407010000.zip";
    assert_int_equal(published(&t, TRADINGIS, "2025-08-20T00:00", p), 0);
    assert_int_equal(published(&t, TRADINGIS, "2025-08-20T00:05", p), 1);
    for (int i = 0; i < SIM_FAULTS; i++)
        t.faults.rate[i] = 1;
    assert_true(sim_tree_read(&t, str_from(path), at("2024-08-20"), &a));
    assert_true(sim_tree_read(&well, str_from(path), at("2024-08-20"), &b));
    assert_true(str_eq(buf_str(&a), buf_str(&b)));
    buf_free(&a);
    buf_free(&b);
    sim_market_free(t.market);
    sim_market_free(well.market);
}

static void sizes_hold_whatever_is_wrong(void **state) {
    (void)state;
    static const char *const folders[] = {
        "/Reports/CURRENT/Dispatch_SCADA/", "/Reports/CURRENT/Dispatch_SCADA/DUPLICATE/",
        "/Reports/CURRENT/TradingIS_Reports/", "/Reports/CURRENT/ROOFTOP_PV/ACTUAL/",
        "/Reports/CURRENT/P5_Reports/"};
    struct sim_tree t = tree();
    struct buf bytes = {0};
    aest_us now = at(NOON);
    for (int fault = SIM_FOOTER; fault < SIM_FAULTS; fault++)
        t.faults.rate[fault] = 0.15;
    for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
        struct entries all = entries_of(&t, folders[f], now);
        assert_true(all.count > 20);
        for (size_t i = all.count > 60 ? all.count - 60 : 0; i < all.count; i++) {
            read_entry(&t, folders[f], &all.list[i], now, &bytes);
            if (bytes.len != all.list[i].size)
                fail_msg("%s has %zu bytes, not %llu", all.list[i].name, bytes.len,
                         (unsigned long long)all.list[i].size);
        }
        free(all.list);
    }
    buf_free(&bytes);
    sim_market_free(t.market);
}

static void a_wrong_footer_is_put_right_under_the_same_name(void **state) {
    (void)state;
    struct sim_tree t = faulty(SIM_FOOTER);
    struct sim_publication p[SIM_PUBLICATIONS];
    struct buf bytes = {0}, csv = {0};
    char name[SIM_FILE_NAME];
    published(&t, TRADINGIS, NOON, p);
    assert_true(p[1].modified - p[0].modified <= 20 * AEST_MINUTE);
    sim_publication_name(&p[0], name);
    for (int i = 0; i < 2; i++) {
        struct sim_entry e = {.size = 0};
        memcpy(e.name, name, sizeof name);
        read_entry(&t, "/Reports/CURRENT/TradingIS_Reports/", &e, p[i].modified, &bytes);
        assert_int_equal(bytes.len, p[i].size);
        unzip(buf_str(&bytes), &csv);
        assert_int_equal(footer_is_right(buf_str(&csv)), i == 1);
    }
    buf_free(&bytes);
    buf_free(&csv);
    sim_market_free(t.market);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_hold_whatever_is_wrong),
        cmocka_unit_test(a_wrong_footer_is_put_right_under_the_same_name),
        cmocka_unit_test(what_faults_do_to_the_files_of_a_time),
        cmocka_unit_test(a_revision_has_the_same_values_and_a_later_time),
        cmocka_unit_test(files_published_twice_are_in_duplicate_too),
        cmocka_unit_test(an_unknown_unit_reports_for_some_hours),
        cmocka_unit_test(midnight_is_missing_and_months_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
