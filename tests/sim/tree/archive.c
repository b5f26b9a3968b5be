#include "sim/tree/archive.h"

#include "sim/tree/reading.h"

/* -- archives --------------------------------------------------------------------------------- */

static void check_archive(const struct sim_tree *t, const char *folder, const char *name,
                          const char *now, size_t members, const char *first, const char *last) {
    struct arena a = {0};
    struct buf bytes = {0}, csv = {0};
    struct zip z;
    struct entries all = entries_of(t, folder, at(now));
    const struct sim_entry *e = NULL;
    for (size_t i = 0; i < all.count; i++)
        if (strcmp(all.list[i].name, name) == 0)
            e = &all.list[i];
    if (!e)
        fail_msg("%s is not in %s", name, folder);
    read_entry(t, folder, e, at(now), &bytes);
    assert_int_equal(bytes.len, e->size);
    assert_ok(zip_open(&a, buf_str(&bytes), &z));
    assert_int_equal(z.count, members);
    assert_true(str_find(z.members[0].name, str_from(first)) > 0);
    assert_true(str_find(z.members[members - 1].name, str_from(last)) > 0);
    uint64_t filled = 0;
    for (size_t i = 0; i < members; i++) {
        struct buf inner = {0};
        assert_int_equal(z.members[i].method, 8);
        assert_ok(zip_read(&z, &z.members[i], FILE_LIMIT, &inner));
        filled += z.members[i].packed + 30 + 46 + 2 * z.members[i].name.len;
        unzip(buf_str(&inner), &csv);
        assert_true(str_starts(buf_str(&csv), STR("C,NEMP.WORLD,")));
        buf_free(&inner);
    }
    if ((double)filled < 0.9 * (double)bytes.len)
        fail_msg("%s: %llu bytes of %zu are files", name, (unsigned long long)filled, bytes.len);
    free(all.list);
    buf_free(&bytes);
    buf_free(&csv);
    arena_free(&a);
}

static void archives_hold_all_files_of_their_period(void **state) {
    (void)state;
    struct sim_tree t = tree();
    check_archive(&t, "/Reports/ARCHIVE/Dispatch_SCADA/", "PUBLIC_DISPATCHSCADA_20250820.zip",
                  "2025-08-22T12:00", 288, "_202508200005_", "_202508210000_");
    check_archive(&t, "/Reports/ARCHIVE/DispatchIS_Reports/", "PUBLIC_DISPATCHIS_20250820.zip",
                  "2025-08-22T12:00", 288, "_202508200005_", "_202508210000_");
    check_archive(&t, "/Reports/ARCHIVE/TradingIS_Reports/",
                  "PUBLIC_TRADINGIS_20240519_20240525.zip", "2024-06-03T12:00", 2016,
                  "_202405190030_", "_202405260025_");
    check_archive(&t, "/Reports/ARCHIVE/ROOFTOP_PV/ACTUAL/",
                  "PUBLIC_ROOFTOP_PV_ACTUAL_MEASUREMENT_20230223.zip", "2023-03-10T12:00", 336,
                  "_20230223000000_", "_20230301233000_");
    sim_market_free(t.market);
}

/* -- MMSDM ------------------------------------------------------------------------------------ */

static void read_month(const struct sim_tree *t, const char *path, const char *now,
                       struct buf *csv) {
    struct buf zip = {0};
    if (!sim_tree_read(t, str_from(path), at(now), &zip))
        fail_msg("%s is not there on %s", path, now);
    unzip(buf_str(&zip), csv);
    buf_free(&zip);
}

static void a_month_is_published_in_the_next_ones_first_days(void **state) {
    (void)state;
    const char *folder = MONTH("2024", "07");
    struct sim_tree t = tree();
    struct entries none = {0}, all;
    assert_false(sim_tree_list(&t, str_from(folder), at("2024-08-05T23:59"), take, &none));
    all = entries_of(&t, folder, at("2024-08-11"));
    for (size_t i = 0; i < all.count; i++)
        assert_true(all.list[i].modified > at("2024-08-06") &&
                    all.list[i].modified < at("2024-08-11"));
    free(all.list);
    sim_market_free(t.market);
}

static void a_month_holds_what_it_should(void **state) {
    (void)state;
    struct sim_tree t = tree();
    struct buf csv = {0};
    read_month(&t, MONTH("2024", "07") "PUBLIC_DVD_TRADINGPRICE_202407010000.zip", "2024-08-20",
               &csv);
    str text = buf_str(&csv);
    assert_true(str_find(line_at(text, 2), STR("\"2024/07/01 00:05:00\"")) > 0);
    assert_true(str_find(text, STR("\"2024/08/01 00:00:00\"")) > 0);
    assert_true(str_find(text, STR("\"2024/07/01 00:00:00\"")) < 0);
    assert_true(str_find(text, STR("\"2024/08/01 00:05:00\"")) < 0);
    assert_true(str_ends_nocase(text, STR("C,\"END OF REPORT\",44643\r\n")));
    read_month(&t, MONTH("2019", "04") "PUBLIC_DVD_PREDISPATCHPRICE_D_201904010000.zip",
               "2019-05-20", &csv);
    text = buf_str(&csv);
    assert_true(str_ends_nocase(text, STR("\r\n")));
    size_t rows = 0;
    for (str rest = text; rest.len;)
        rows += str_starts(str_cut(&rest, '\n'), STR("D,"));
    assert_true(rows >= 30 * 48 * 5 && rows <= 2 * 30 * 48 * 5); /* twice in interventions */
    buf_free(&csv);
    sim_market_free(t.market);
}

/* Since August 2024, like the one real file that was met. */
static void archive_files_have_their_own_form(void **state) {
    (void)state;
    static const char *const names[] = {
        MONTH("2025", "01") "PUBLIC_ARCHIVE#MARKET_PRICE_THRESHOLDS#FILE01#202501010000.zip",
        MONTH("2025", "01") "PUBLIC_ARCHIVE%23MARKET_PRICE_THRESHOLDS%23FILE01%23202501010000.zip",
    };
    struct sim_tree t = tree();
    struct arena a = {0};
    struct buf zip = {0}, csv = {0};
    struct zip z;
    assert_true(sim_tree_read(&t, str_from(names[0]), at("2026-04-30"), &zip));
    zip.len = 0;
    assert_false(sim_tree_read(&t, str_from(names[0]), at("2026-05-02"), &zip));
    assert_true(sim_tree_read(&t, str_from(names[1]), at("2026-04-30"), &zip));
    zip.len = 0;
    assert_true(sim_tree_read(&t, str_from(names[1]), at("2026-05-02"), &zip));
    assert_int_equal((uint8_t)zip.at[6] | (uint8_t)zip.at[7] << 8, 0x0808);
    assert_ok(zip_open(&a, buf_str(&zip), &z));
    assert_true(str_eq(z.members[0].name,
                       STR("PUBLIC_ARCHIVE#MARKET_PRICE_THRESHOLDS#FILE01#202501010000.CSV")));
    unzip(buf_str(&zip), &csv);
    str rest = buf_str(&csv), first = str_cut(&rest, '\n');
    assert_true(
        str_starts(first, STR("C,SETP.WORLD,DVD_MARKET_PRICE_THRESHOLDS,AEMO,PUBLIC,2025/02/")));
    assert_true(str_find(first, STR(",MONTHLY_ARCHIVE,0017")) > 0);
    assert_int_equal(first.len - (size_t)str_find(first, STR(",MONTHLY_ARCHIVE,")),
                     strlen(",MONTHLY_ARCHIVE,001728344165026"));
    assert_true(str_starts(line_at(rest, 0), STR("I,MARKET_CONFIG,MARKET_PRICE_THRESHOLDS,")));
    assert_int_equal(line_at(rest, 0).at[line_at(rest, 0).len - 1], '\r');
    assert_true(csv.at[csv.len - 1] >= '0' && csv.at[csv.len - 1] <= '9');
    arena_free(&a);
    buf_free(&zip);
    buf_free(&csv);
    sim_market_free(t.market);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_hold_all_files_of_their_period),
        cmocka_unit_test(a_month_is_published_in_the_next_ones_first_days),
        cmocka_unit_test(a_month_holds_what_it_should),
        cmocka_unit_test(archive_files_have_their_own_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
