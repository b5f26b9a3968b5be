#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "sim/tree/tree.h"
#include "support/check.h"

enum { PAGE_LIMIT = 1 << 20 };

static aest_us at(const char *text) {
    aest_us t = 0;
    assert_true(aest_parse_iso(str_from(text), &t));
    return t;
}

static void page(const struct sim_tree *t, const char *path, const char *now, struct buf *html) {
    html->len = 0;
    if (!sim_listing(t, str_from(path), at(now), html))
        fail_msg("there is no page %s", path);
}

/* -- like saved pages ------------------------------------------------------------------------- */

static bool read_saved(const char *path, struct buf *html) {
#ifdef NEMD_SHARED
    struct arena a = {0};
    const char *file =
        arena_printf(&a, "%s/data/other/directory-listings%sindex.html", NEMD_SHARED, path);
    bool there = file_exists(file);
    html->len = 0;
    if (there)
        assert_ok(file_read(file, PAGE_LIMIT, html));
    arena_free(&a);
    return there;
#else
    (void)path, (void)html;
    return false;
#endif
}

static str cut_entry(str *rest) {
    ptrdiff_t at_br = str_find(*rest, STR("<br>"));
    size_t len = at_br < 0 ? rest->len : (size_t)at_br, next = at_br < 0 ? len : len + 4;
    str entry = {rest->at, len};
    *rest = (str){rest->at + next, rest->len - next};
    return entry;
}

/* An entry with what differs from market to market taken out: date and size leave their width, and
 * digits of names become zeros. */
static void normalize(str entry, struct buf *out) {
    ptrdiff_t link = str_find(entry, STR(" <A HREF")), comma = str_find(entry, STR(","));
    out->len = 0;
    for (size_t i = 0; i < entry.len; i++) {
        char c = entry.at[i];
        bool in_date = comma > 0 && (ptrdiff_t)i < link && link < 80;
        bool digit = c >= '0' && c <= '9';
        buf_add_char(out, in_date ? '_' : digit ? '0' : c);
    }
}

static void compare_entries(const char *path, str saved, str own) {
    struct buf a = {0}, b = {0};
    int n = 0;
    while (saved.len && own.len) {
        normalize(cut_entry(&saved), &a);
        normalize(cut_entry(&own), &b);
        if (n++ > 1 && !str_eq(buf_str(&a), buf_str(&b)))
            fail_msg("%s, entry %d:\n%.*s\n%.*s", path, n, STR_ARG(buf_str(&a)),
                     STR_ARG(buf_str(&b)));
    }
    print_message("%s: %d entries\n", path, n);
    buf_free(&a);
    buf_free(&b);
}

/* Up to the first entry, and the page's end. */
static void compare_frame(const char *path, str saved, str own) {
    ptrdiff_t entries = str_find(saved, STR("<br><br>"));
    assert_true(entries > 0);
    if (memcmp(saved.at, own.at, (size_t)entries + 8) != 0)
        fail_msg("%s begins\n%.*s", path, (int)entries, own.at);
    str end = STR("<br></pre><hr></body></html>");
    assert_memory_equal(own.at + own.len - end.len, end.at, end.len);
    assert_memory_equal(saved.at + saved.len - end.len, end.at, end.len);
}

static void pages_are_like_saved_ones(void **state) {
    (void)state;
    static const char *const paths[] = {
        "/Reports/ARCHIVE/DispatchIS_Reports/",
        "/Reports/ARCHIVE/Dispatch_SCADA/",
        "/Reports/CURRENT/DispatchIS_Reports/",
        "/Reports/CURRENT/Public_Prices/",
    };
    struct sim_tree t = {.market = sim_market_new(1)};
    struct buf saved = {0}, own = {0};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (!read_saved(paths[i], &saved)) {
            print_message("no saved page %s here: left out\n", paths[i]);
            continue;
        }
        page(&t, paths[i], "2026-04-20T14:44:30", &own);
        compare_frame(paths[i], buf_str(&saved), buf_str(&own));
        compare_entries(paths[i], buf_str(&saved), buf_str(&own));
    }
    buf_free(&saved);
    buf_free(&own);
    sim_market_free(t.market);
}

/* All that the simulator lists of a month is on the saved page, under the same name. */
static void month_pages_have_real_names(void **state) {
    (void)state;
    static const char *const paths[] = {
        "/Data_Archive/Wholesale_Electricity/MMSDM/2024/MMSDM_2024_07/"
        "MMSDM_Historical_Data_SQLLoader/DATA/",
        "/Data_Archive/Wholesale_Electricity/MMSDM/2024/MMSDM_2024_08/"
        "MMSDM_Historical_Data_SQLLoader/DATA/",
    };
    struct sim_tree t = {.market = sim_market_new(1)};
    struct buf saved = {0}, own = {0};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int names = 0;
        if (!read_saved(paths[i], &saved)) {
            print_message("no saved page of a month here: left out\n");
            continue;
        }
        page(&t, paths[i], "2026-04-20T14:44:30", &own);
        compare_frame(paths[i], buf_str(&saved), buf_str(&own));
        for (str rest = buf_str(&own); rest.len; names++) {
            str entry = cut_entry(&rest);
            ptrdiff_t link = str_find(entry, STR("<A HREF="));
            str anchor = link < 0 ? (str){0} : (str){entry.at + link, entry.len - (size_t)link};
            if (str_find(buf_str(&saved), anchor) < 0)
                fail_msg("not there: %.*s", STR_ARG(anchor));
        }
        print_message("%d names\n", names - 3);
        assert_true(names > 30);
    }
    buf_free(&saved);
    buf_free(&own);
    sim_market_free(t.market);
}

/* -- dates and addresses ---------------------------------------------------------------------- */

static str entry_with(str html, str part) {
    while (html.len) {
        str entry = cut_entry(&html);
        if (str_find(entry, part) >= 0)
            return entry;
    }
    fail_msg("no entry with %.*s", STR_ARG(part));
    return html;
}

static void dates_have_two_forms(void **state) {
    (void)state;
    struct sim_tree t = {.market = sim_market_new(1)};
    struct buf html = {0};
    page(&t, "/Reports/CURRENT/Dispatch_SCADA/", "2026-04-30T14:44:30", &html);
    str entry = entry_with(buf_str(&html), STR("_202604301440_"));
    assert_true(str_starts(entry, STR("     Thursday, April 30, 2026  2:3")));
    assert_int_equal(str_find(entry, STR(" <A HREF=")), 51);
    page(&t, "/Reports/CURRENT/Dispatch_SCADA/", "2026-05-14T09:53:30", &html);
    entry = entry_with(buf_str(&html), STR("_202605140945_"));
    assert_true(str_starts(entry, STR(" 5/14/2026  9:4")));
    assert_int_equal(str_find(entry, STR(" <A HREF=")), 32);
    page(&t, "/Reports/CURRENT/", "2026-05-14T09:53:30", &html);
    entry = entry_with(buf_str(&html), STR(">Dispatch_SCADA<"));
    assert_true(str_ends_nocase(entry, STR(" AM        &lt;dir&gt; <A HREF=\"/Reports/CURRENT/"
                                           "Dispatch_SCADA/\">Dispatch_SCADA</A>")));
    buf_free(&html);
    sim_market_free(t.market);
}

static void names_with_a_hash_are_encoded(void **state) {
    (void)state;
    const char *path = "/Data_Archive/Wholesale_Electricity/MMSDM/2026/MMSDM_2026_02/"
                       "MMSDM_Historical_Data_SQLLoader/DATA/";
    struct sim_tree t = {.market = sim_market_new(1)};
    struct buf html = {0};
    page(&t, path, "2026-04-20T12:00", &html);
    assert_true(
        str_find(buf_str(&html), STR("PUBLIC_ARCHIVE%23DUDETAIL%23FILE01%23202602010000.zip\">"
                                     "PUBLIC_ARCHIVE#DUDETAIL#FILE01#202602010000.zip</A>")) > 0);
    page(&t, path, "2026-05-20T12:00", &html);
    assert_true(str_find(buf_str(&html),
                         STR("PUBLIC_ARCHIVE%2523DUDETAIL%2523FILE01%2523202602010000.zip\">"
                             "PUBLIC_ARCHIVE%23DUDETAIL%23FILE01%23202602010000.zip</A>")) > 0);
    buf_free(&html);
    sim_market_free(t.market);
}

static void the_top_has_no_parent_and_paths_stay_as_asked_for(void **state) {
    (void)state;
    struct sim_tree t = {.market = sim_market_new(1)};
    struct buf html = {0};
    page(&t, "/", "2026-04-20T12:00", &html);
    assert_true(str_find(buf_str(&html), STR("<pre>       Monday, April 20, 2026")) < 0);
    assert_true(str_find(buf_str(&html), STR("[To Parent Directory]")) < 0);
    page(&t, "/REPORTS/Current", "2026-04-20T12:00", &html);
    assert_true(str_starts(buf_str(&html),
                           STR("<html><head><title>nemweb.com.au - /REPORTS/Current/</title>")));
    assert_true(str_find(buf_str(&html), STR("<A HREF=\"/REPORTS/\">[To Parent")) > 0);
    assert_true(str_find(buf_str(&html), STR("<A HREF=\"/REPORTS/Current/P5_Reports/\">")) > 0);
    html.len = 0;
    assert_false(sim_listing(&t, STR("/Nothing/"), at("2026-04-20T12:00"), &html));
    assert_int_equal(html.len, 0);
    buf_free(&html);
    sim_market_free(t.market);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_like_saved_ones),
        cmocka_unit_test(month_pages_have_real_names),
        cmocka_unit_test(dates_have_two_forms),
        cmocka_unit_test(names_with_a_hash_are_encoded),
        cmocka_unit_test(the_top_has_no_parent_and_paths_stay_as_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
