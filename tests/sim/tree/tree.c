#include "sim/tree/tree.h"

#include "base/file.h"
#include "sim/tree/reading.h"
#include "sim/tree/write.h"

/* -- names, times and sizes ------------------------------------------------------------------- */

static const char *const current[] = {
    "DispatchIS_Reports",
    "Dispatch_SCADA",
    "TradingIS_Reports",
    "ROOFTOP_PV/ACTUAL",
    "ROOFTOP_PV/FORECAST",
    "Operational_Demand/ACTUAL_HH",
    "Operational_Demand/FORECAST_HH",
    "P5_Reports",
    "PredispatchIS_Reports",
    "Next_Day_Dispatch",
    "DISPATCHIS_PRICE_REVISIONS",
    "Public_Prices",
    "Market_Notice",
};
enum { CURRENT = sizeof current / sizeof *current };

static void a_listed_size_is_the_size_served(void **state) {
    (void)state;
    static const char *const moments[] = {
        "2010-02-03T09:12", "2016-11-20T17:40", "2018-07-01T11:31", "2019-05-16T05:01",
        "2021-09-30T23:58", "2021-10-02T12:00", "2023-08-11T20:07", "2024-07-01T13:13",
        "2025-08-20T18:06", "2026-04-20T14:44",
    };
    struct sim_tree t = tree();
    struct buf bytes = {0};
    size_t checked = 0;
    for (size_t m = 0; m < sizeof moments / sizeof *moments; m += SPARSE)
        for (int i = 0; i < CURRENT; i++) {
            struct arena a = {0};
            const char *folder = arena_printf(&a, "/Reports/CURRENT/%s/", current[i]);
            aest_us now = at(moments[m]);
            struct entries all = entries_of(&t, folder, now);
            bool large = all.count && all.list[0].size > 1000000;
            size_t most = large ? 1 : 4;
            for (size_t k = all.count; k > 0 && k + most > all.count; k--, checked++) {
                const struct sim_entry *e = &all.list[k - 1];
                read_entry(&t, folder, e, now, &bytes);
                if (bytes.len != e->size)
                    fail_msg("%s has %zu bytes, not %llu", e->name, bytes.len,
                             (unsigned long long)e->size);
            }
            free(all.list);
            arena_free(&a);
        }
    print_message("%zu files\n", checked);
    buf_free(&bytes);
    sim_market_free(t.market);
}

static struct sim_publication only(const struct sim_tree *t, const char *prefix, const char *time) {
    struct sim_publication p[SIM_PUBLICATIONS];
    assert_int_equal(sim_publications(t, report_of(prefix), at(time), p), 1);
    return p[0];
}

/* Ids of real files made at that time; ours must be within a day's worth of numbers. */
static void names_are_like_those_of_real_files(void **state) {
    (void)state;
    static const struct {
        const char *prefix, *time, *name;
        uint64_t id;
    } real[] = {
        {"PUBLIC_DISPATCHIS_", "2018-03-05T00:20", "PUBLIC_DISPATCHIS_201803050020_", 292571674},
        {"PUBLIC_DISPATCHIS_", "2025-08-20T18:10", "PUBLIC_DISPATCHIS_202508201810_", 477155219},
        {"PUBLIC_DISPATCHSCADA_", "2021-09-02T12:55", "PUBLIC_DISPATCHSCADA_202109021255_",
         348376188},
        {"PUBLIC_TRADINGIS_", "2019-07-04T11:30", "PUBLIC_TRADINGIS_201907041130_", 309915971},
        {"PUBLIC_TRADINGIS_", "2025-05-28T00:00", "PUBLIC_TRADINGIS_202505280000_", 465168072},
        {"PUBLIC_ROOFTOP_PV_ACTUAL_MEASUREMENT_", "2024-03-03T20:00",
         "PUBLIC_ROOFTOP_PV_ACTUAL_MEASUREMENT_20240303200000_", 412707330},
        {"PUBLIC_NEXT_DAY_DISPATCH_", "2026-05-14T00:00", "PUBLIC_NEXT_DAY_DISPATCH_20260514_",
         517721207},
    };
    struct sim_tree t = tree();
    for (size_t i = 0; i < sizeof real / sizeof *real; i++) {
        struct sim_publication p = only(&t, real[i].prefix, real[i].time);
        char name[SIM_FILE_NAME], next[SIM_FILE_NAME];
        sim_publication_name(&p, name);
        assert_memory_equal(name, real[i].name, strlen(real[i].name));
        assert_int_equal(strlen(name), strlen(real[i].name) + strlen("0000000292571674.zip"));
        assert_true(p.id > real[i].id - 160000 && p.id < real[i].id + 160000);
        struct sim_publication q[SIM_PUBLICATIONS];
        sim_publications(&t, p.report, sim_report_next(t.market, p.report, p.time), q);
        sim_publication_name(&q[0], next);
        assert_true(q[0].id > p.id && strcmp(next, name) > 0);
    }
    sim_market_free(t.market);
}

/* Seconds from the time in the name to the first line's, of files met. */
static void files_are_made_when_real_ones_are(void **state) {
    (void)state;
    static const struct {
        const char *prefix;
        int least_s, most_s;
    } expected[] = {
        {"PUBLIC_DISPATCHIS_", -293, -280},
        {"PUBLIC_DISPATCHSCADA_", -288, -270},
        {"PUBLIC_TRADINGIS_", -291, -277},
        {"PUBLIC_ROOFTOP_PV_ACTUAL_MEASUREMENT_", 2, 5},
        {"PUBLIC_P5MIN_", -266, -225},
        {"PUBLIC_PREDISPATCHIS_", -1725, -1360},
        {"PUBLIC_NEXT_DAY_DISPATCH_", 101400, 101420},
        {"PUBLIC_PRICES_", 101101, 101115},
    };
    struct sim_tree t = tree();
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct sim_report *r = report_of(expected[i].prefix);
        int late = 0, n = 400;
        aest_us time = at("2025-06-01T00:00");
        for (int k = 0; k < n; k++, time = sim_report_next(t.market, r, time)) {
            struct sim_publication p[SIM_PUBLICATIONS];
            sim_publications(&t, r, time, p);
            int seconds = (int)((p[0].created - time) / AEST_SECOND);
            assert_true(seconds >= expected[i].least_s && seconds <= expected[i].most_s + 60);
            assert_true(p[0].modified > p[0].created);
            late += seconds > expected[i].most_s;
        }
        if (late > n / 30)
            fail_msg("%d of %d files %s are late", late, n, r->prefix);
    }
    sim_market_free(t.market);
}

static size_t count_of(const struct sim_tree *t, const char *folder, const char *now) {
    struct entries all = entries_of(t, folder, at(now));
    free(all.list);
    return all.count;
}

/* As many as on pages saved on 2026-04-20 about 14:44. */
static void folders_keep_what_real_ones_keep(void **state) {
    (void)state;
    static const struct {
        const char *folder;
        size_t files;
    } kept[] = {
        {"/Reports/CURRENT/DispatchIS_Reports/", 577},
        {"/Reports/CURRENT/Dispatch_SCADA/", 577},
        {"/Reports/CURRENT/P5_Reports/", 577},
        {"/Reports/CURRENT/PredispatchIS_Reports/", 673},
        {"/Reports/CURRENT/Operational_Demand/ACTUAL_HH/", 2880},
        {"/Reports/CURRENT/Public_Prices/", 60},
        {"/Reports/ARCHIVE/DispatchIS_Reports/", 375},
        {"/Reports/ARCHIVE/Dispatch_SCADA/", 375},
        {"/Reports/ARCHIVE/TradingIS_Reports/", 54},
        {"/Reports/ARCHIVE/PredispatchIS_Reports/", 54},
        {"/Reports/ARCHIVE/Next_Day_Dispatch/", 12},
    };
    struct sim_tree t = tree();
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        size_t files = count_of(&t, kept[i].folder, "2026-04-20T14:44:30");
        if (files + 1 < kept[i].files || files > kept[i].files + 1)
            fail_msg("%s has %zu files", kept[i].folder, files);
    }
    assert_int_equal(count_of(&t, "/Reports/CURRENT/TradingIS_Reports", "2021-09-30T14:00"), 97);
    assert_int_equal(count_of(&t, "/Reports/CURRENT/ROOFTOP_PV/ACTUAL", "2016-07-20T14:00"), 0);
    t.start = at("2026-04-20T13:00");
    assert_int_equal(count_of(&t, "/Reports/CURRENT/DispatchIS_Reports", "2026-04-20T13:57"), 12);
    assert_int_equal(count_of(&t, "/Reports/ARCHIVE/DispatchIS_Reports", "2026-04-20T13:57"), 0);
    sim_market_free(t.market);
}

static void paths_are_taken_in_either_case_and_nothing_else_is_there(void **state) {
    (void)state;
    static const char *const absent[] = {
        "/Reports/CURRENT/Dispatch",
        "/Reports/CURRENT/Dispatch_SCADA/DUPLICATE/",
        "/Reports/CURRENT/Dispatch_SCADA/../",
        "/Data_Archive/Wholesale_Electricity/MMSDM/2026/MMSDM_2026_04/",
        "/Data_Archive/Wholesale_Electricity/MMSDM/2009/MMSDM_2009_07/",
        "/Report"};
    struct sim_tree t = tree();
    aest_us now = at("2026-04-20T14:44:30");
    struct entries all = {0}, none = {0};
    struct buf bytes = {0};
    assert_true(sim_tree_list(&t, STR("/reports/Current/DISPATCH_SCADA"), now, take, &all));
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        assert_false(sim_tree_list(&t, str_from(absent[i]), now, take, &none));
    read_entry(&t, "/REPORTS/CURRENT/dispatch_scada/", &all.list[7], now, &bytes);
    struct arena a = {0};
    const char *path = arena_printf(&a, "/Reports/CURRENT/Dispatch_SCADA/%s", all.list[7].name);
    bytes.len = 0;
    assert_false(sim_tree_read(&t, str_from(path), all.list[7].modified - 1, &bytes));
    assert_true(sim_tree_read(&t, str_from(path), all.list[7].modified, &bytes));
    assert_false(sim_tree_read(&t, str_from(path), all.list[7].modified + 3 * AEST_DAY, &bytes));
    assert_false(sim_tree_read(&t, STR("/Reports/CURRENT/Dispatch_SCADA/"), now, &bytes));
    assert_false(sim_tree_read(&t, STR(""), now, &bytes));
    arena_free(&a);
    free(all.list);
    free(none.list);
    buf_free(&bytes);
    sim_market_free(t.market);
}

/* -- writing a span --------------------------------------------------------------------------- */

static void count_path(void *context, const char *path) {
    (void)path;
    ++*(int *)context;
}

static void a_span_is_written_as_the_server_has_it(void **state) {
    (void)state;
    struct sim_tree t = tree();
    struct arena a = {0};
    struct buf bytes = {0}, served = {0};
    char *folder = temporary_folder();
    int written = 0;
    assert_ok(sim_write_telling(&t, folder, at("2025-08-20T11:00"), at("2025-08-20T12:00"),
                                "Dispatch_SCADA, ROOFTOP_PV/ACTUAL,Market_Notice", count_path,
                                &written));
    const char *scada = arena_printf(&a, "%s/Reports/CURRENT/Dispatch_SCADA", folder);
    struct file_entry *entries;
    size_t count;
    assert_ok(file_list(&a, scada, &entries, &count));
    assert_int_equal(count, 12);
    assert_true(written >= 12 + 4);
    assert_ok(file_read(arena_printf(&a, "%s/%.*s", scada, STR_ARG(entries[5].name)), FILE_LIMIT,
                        &bytes));
    str path = str_from(
        arena_printf(&a, "/Reports/CURRENT/Dispatch_SCADA/%.*s", STR_ARG(entries[5].name)));
    assert_true(sim_tree_read(&t, path, at("2025-08-20T12:00"), &served));
    assert_true(str_eq(buf_str(&bytes), buf_str(&served)));
    assert_err(sim_write(&t, folder, at("2025-08-20T11:00"), at("2025-08-20T12:00"), "Dispatch"),
               ERR_USAGE, "no feed 'Dispatch'");
    buf_free(&bytes);
    buf_free(&served);
    arena_free(&a);
    remove_folder(folder);
    sim_market_free(t.market);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listed_size_is_the_size_served),
        cmocka_unit_test(names_are_like_those_of_real_files),
        cmocka_unit_test(files_are_made_when_real_ones_are),
        cmocka_unit_test(folders_keep_what_real_ones_keep),
        cmocka_unit_test(paths_are_taken_in_either_case_and_nothing_else_is_there),
        cmocka_unit_test(a_span_is_written_as_the_server_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
