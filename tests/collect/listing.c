#include "collect/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"

/* Holds what the last page gave. */
static struct arena memory;
static struct listing_entry *entries;
static size_t count;

static int forget(void **state) {
    (void)state;
    arena_free(&memory);
    return 0;
}

static void accept(str page) {
    err *e = listing_parse(&memory, page, &entries, &count);
    if (e)
        print_error("%s\n", err_text(e));
    assert_null(e);
}

static void refuse(str page) {
    err *e = listing_parse(&memory, page, &entries, &count);
    assert_non_null(e);
    assert_int_equal(err_kind(e), ERR_INPUT);
    assert_int_equal(count, 0);
    err_free(e);
}

static void check(size_t i, const char *name, const char *href, int64_t size, bool is_folder) {
    assert_true(i < count);
    assert_string_equal(str_dup(&memory, entries[i].name), name);
    assert_string_equal(str_dup(&memory, entries[i].href), href);
    assert_int_equal(entries[i].size, size);
    assert_int_equal(entries[i].is_folder, is_folder);
}

#define HEAD                                                                                       \
    "<html><head><title>nemweb.com.au - /Reports/CURRENT/X/</title></head><body><H1>nemweb"        \
    ".com.au - /Reports/CURRENT/X/</H1><hr>\r\n\r\n<pre>"
#define PARENT "<A HREF=\"/Reports/CURRENT/\">[To Parent Directory]</A><br><br>"
#define TAIL "</pre><hr></body></html>"

static const char usual[] =
    HEAD PARENT "     Tuesday, August 12, 2025 11:10 AM        &lt;dir&gt; "
                "<A HREF=\"/Reports/CURRENT/X/DUPLICATE/\">DUPLICATE</A><br>"
                "     Saturday, April 18, 2026  2:41 PM         4049 "
                "<A HREF=\"/Reports/CURRENT/X/A_202604181445.zip\">A_202604181445.zip</A><br>"
                "  4/18/2026  2:46 PM      1,204,037 "
                "<A HREF=\"/Reports/CURRENT/X/B.zip\">B.zip</A><br>" TAIL;

static void old_and_new_dates(void **state) {
    (void)state;
    accept(str_from(usual));
    assert_int_equal(count, 3);
    check(0, "DUPLICATE", "/Reports/CURRENT/X/DUPLICATE/", -1, true);
    check(1, "A_202604181445.zip", "/Reports/CURRENT/X/A_202604181445.zip", 4049, false);
    check(2, "B.zip", "/Reports/CURRENT/X/B.zip", 1204037, false);
}

static void ways_to_write_a_link(void **state) {
    (void)state;
    accept(STR("<PRE>" PARENT "<br>1 <a  class=x href='/x/1.zip' >1.zip</a><BR>"
               "22 <A\tHREF = /x/2.zip>2.zip</A><br />"
               "3.864 <a href=\"/x/3.zip\"\r\n title='>'>3.zip</a>\r\n<br>"
               "noon <A HREF=\"4.zip\">4.zip</A><br>"
               "7 <A HREF=\"http://h:80/x/5.zip?q=/6#7\">5.zip</A><br>"
               "1,23 <A HREF=\"//h/x/6\">6</A><br>2 <abbr href=no><A NAME=no>no</A></PRE>"));
    assert_int_equal(count, 6);
    check(0, "1.zip", "/x/1.zip", 1, false);
    check(1, "2.zip", "/x/2.zip", 22, false);
    check(2, "3.zip", "/x/3.zip", 3864, false);
    check(3, "4.zip", "4.zip", -1, false);
    check(4, "5.zip", "http://h:80/x/5.zip?q=/6#7", 7, false);
    check(5, "6", "//h/x/6", -1, false);
}

static void entities_and_percents(void **state) {
    (void)state;
    accept(STR(HEAD PARENT "1 <A HREF=\"/x/a&amp;b&#35;&#x2D;&lt;&nope;&\">x</A><br>"
                           "2 <A HREF=\"/x/A%2523B%2523C.zip\">x</A><br>"
                           "3 <A HREF=\"/x/A%23B.zip\">x</A><br>"
                           "4 <A HREF=\"/x/100%.zip%4\">x</A><br>"
                           "5 <A HREF=\"/x/&#233;&#x20AC;&#x1F50B;%c3%A9\">x</A><br>" TAIL));
    assert_int_equal(count, 5);
    check(0, "a&b", "/x/a&b#-<&nope;&", 1, false); /* what follows '#' is no part of the path */
    check(1, "A%23B%23C.zip", "/x/A%2523B%2523C.zip", 2, false);
    check(2, "A#B.zip", "/x/A%23B.zip", 3, false);
    check(3, "100%.zip%4", "/x/100%.zip%4", 4, false);
    check(4, "é€🔋é", "/x/é€🔋%c3%A9", 5, false);
}

static void other_servers(void **state) {
    (void)state;
    accept(STR("<html><head><title>Index of /m/</title></head><body><pre><a href=\"../\">../</a>\n"
               "<a href=\"D/\">D/</a>      18-Apr-2026 02:41       -\r\n"
               "<a href=\"a.zip\">a.zip</a>      18-Apr-2026 02:41       4049\r\n"
               "<a href=\"b.zip\">b.zip</a>      18-Apr-2026 02:41       99\r\n</pre>"));
    assert_int_equal(count, 3);
    check(0, "D", "D/", -1, true);
    check(1, "a.zip", "a.zip", -1, false);
    check(2, "b.zip", "b.zip", -1, false); /* 4049 belongs to the line before */
}

static void hostile_names_are_left_out(void **state) {
    (void)state;
    static const char *const hrefs[] = {
        "/x/..",
        "/x/%2e%2e",
        "/x/%2E/",
        "..%2f..%2fetc%2fpasswd",
        "/x/a%5cb",
        "/x/a\\b",
        "/x/a%00.zip",
        "/x/a%0d%0aX: y",
        "/x/a&#10;b",
        "/x/a&#0;b",
        "/",
        "",
        "//evil",
        "http://evil",
        "http://evil/",
        "javascript:alert(1)",
        "mailto:a@b",
        "?C=M;O=A",
        "#top",
        "/x//",
        "/x/%7f",
        "/x\ny/ok.zip",
        "data:text/html,a",
        "\x01.zip",
    };
    for (size_t i = 0; i < sizeof hrefs / sizeof *hrefs; i++) {
        accept(
            str_from(arena_printf(&memory, HEAD PARENT "1 <A HREF=\"%s\">x</A>" TAIL, hrefs[i])));
        if (count)
            print_error("'%s' was let through\n", hrefs[i]);
        assert_int_equal(count, 0);
    }
}

static void long_names_and_many_entries(void **state) {
    (void)state;
    struct buf page = {0};
    buf_printf(&page, HEAD PARENT "1 <A HREF=\"/x/%0255d\">x</A>2 <A HREF=\"/x/%0256d\">x</A>" TAIL,
               1, 2);
    accept(buf_str(&page));
    assert_int_equal(count, 1);
    page.len = 0;
    buf_printf(&page, HEAD);
    for (int i = 0; i < 100000; i++)
        buf_printf(&page, "1 <A HREF=\"%d\">x</A><br>", i);
    size_t full = page.len;
    buf_printf(&page, TAIL);
    accept(buf_str(&page));
    assert_int_equal(count, 100000);
    page.len = full;
    buf_printf(&page, "1 <A HREF=\"more\">x</A>" TAIL);
    refuse(buf_str(&page));
    buf_free(&page);
}

static void empty_folders(void **state) {
    (void)state;
    accept(STR(HEAD PARENT TAIL));
    assert_int_equal(count, 0);
    accept(STR(HEAD TAIL));
    assert_int_equal(count, 0);
    accept(STR("<pre>" PARENT "</pre>"));
    assert_int_equal(count, 0);
}

static void pages_that_are_no_folders(void **state) {
    (void)state;
    refuse((str){0});
    refuse(STR(""));
    refuse(STR("PK\003\004 a zip"));
    refuse(STR("<html><head><title>403 - Forbidden: Access is denied.</title></head><body><h2>403"
               "</h2><a href=\"/home\">home</a></body></html>"));
    refuse(STR("<html><head><title>Runtime Error</title></head><body><pre>at System.Web.X() in "
               "&lt;unknown&gt; line 12</pre></body></html>"));
    refuse(STR("<title>Blocked</title><pre>See <a href=\"/help.html\">help</a></pre>"));
    refuse(STR("<prefix>1 <a href=x>x</a></prefix>"));
    refuse(STR(HEAD PARENT "1 <A HREF=\"/x/a.zip\">a.zip</A><br>")); /* cut short */
}

/* A copy on the heap, so that the sanitizer sees a read behind the end. */
static void truncated_anywhere(void **state) {
    (void)state;
    for (size_t n = 0; n < sizeof usual; n++) {
        char *copy = mem_alloc(n + !n);
        memcpy(copy, usual, n);
        err *e = listing_parse(&memory, (str){copy, n}, &entries, &count);
        assert_true(!e == (n >= (size_t)str_find(str_from(usual), STR(TAIL)) + 5));
        err_free(e);
        free(copy);
    }
}

/* Work must not grow with the square of the page: each of these took minutes if it did. */
static void unfinished_tags_are_cheap(void **state) {
    (void)state;
    static const char *const pieces[] = {"<a ",   "<a href=\"", "<a href='\" x=", "<br ",
                                         "<pre ", "<a href=x>", "<title "};
    struct buf page = {0};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        page.len = 0;
        buf_printf(&page, "<pre>");
        while (page.len < 1 << 20)
            buf_printf(&page, "%s", pieces[i]);
        buf_printf(&page, "</pre>");
        err_free(listing_parse(&memory, buf_str(&page), &entries, &count));
        arena_reset(&memory);
    }
    buf_free(&page);
}

static str to_utf16(struct buf *out, str page) {
    buf_add_str(out, STR("\xff\xfe"));
    for (size_t i = 0; i < page.len; i++) {
        buf_add_char(out, page.at[i]);
        buf_add_char(out, 0);
    }
    return buf_str(out);
}

static void utf16(void **state) {
    (void)state;
    struct buf wide = {0};
    accept(to_utf16(&wide, str_from(usual)));
    assert_int_equal(count, 3);
    check(1, "A_202604181445.zip", "/Reports/CURRENT/X/A_202604181445.zip", 4049, false);
    wide.len = 0;
    to_utf16(&wide, STR(HEAD PARENT "1 <A HREF=\"/x/"));
    buf_add(&wide, "\xe9\x00\x3d\xd8\x0b\xdd\x0b\xdd", 8); /* é, a battery, half a pair */
    for (const char *c = "\">x</A></pre>"; *c; c++)
        buf_add(&wide, (char[]){*c, 0}, 2);
    accept(buf_str(&wide));
    check(0, "é🔋\xef\xbf\xbd", "/x/é🔋\xef\xbf\xbd", 1, false);
    buf_add_char(&wide, 'x'); /* an odd byte at the end */
    accept(buf_str(&wide));
    buf_free(&wide);
}

static size_t occurrences(str page, str needle) {
    size_t n = 0;
    for (ptrdiff_t at; (at = str_find_nocase(page, needle)) >= 0; n++)
        page = (str){page.at + at + 1, page.len - (size_t)at - 1};
    return n;
}

static void check_saved_page(const char *path) {
    struct buf page = {0};
    err *e = file_read(path, 16 << 20, &page);
    assert_null(e);
    accept(buf_str(&page));
    if (page.len > 1 && page.at[0] == '\xff') { /* plain text in UTF-16: every other byte */
        for (size_t i = 0; 2 * i < page.len; i++)
            page.at[i] = page.at[2 * i];
        page.len = (page.len + 1) / 2;
    }
    size_t links = occurrences(buf_str(&page), STR("<A HREF"));
    size_t parents = occurrences(buf_str(&page), STR("[To Parent Directory]"));
    size_t folders = occurrences(buf_str(&page), STR("&lt;dir&gt;")), marked = 0;
    assert_int_equal(count, links - parents);
    for (size_t i = 0; i < count; i++) {
        marked += entries[i].is_folder;
        assert_true(entries[i].is_folder || entries[i].size > 0);
        str shown = str_from(arena_printf(&memory, ">%.*s<", STR_ARG(entries[i].name)));
        assert_true(str_find(buf_str(&page), shown) >= 0); /* the link's own text */
    }
    assert_int_equal(marked, folders);
    buf_free(&page);
}

static size_t check_saved_pages(struct arena *a, const char *folder) {
    struct file_entry *files;
    size_t n, pages = 0;
    err *e = file_list(a, folder, &files, &n);
    assert_null(e);
    for (size_t i = 0; i < n; i++) {
        const char *path = arena_printf(a, "%s/%.*s", folder, STR_ARG(files[i].name));
        if (files[i].is_folder) {
            pages += check_saved_pages(a, path);
        } else if (str_ends_nocase(files[i].name, STR(".html"))) {
            check_saved_page(path);
            pages++;
        }
    }
    return pages;
}

static void saved_pages(void **state) {
    (void)state;
    struct arena a = {0};
    const char *shared = getenv("NEMD_SHARED");
    str source = str_from(__FILE__);
    source.len -= strlen("tests/collect/listing.c");
    if (!shared)
        shared = arena_printf(&a, "%.*s../shared", STR_ARG(source));
    const char *folder = arena_printf(&a, "%s/data/other/directory-listings", shared);
    if (file_exists(folder))
        assert_true(check_saved_pages(&a, folder) > 0);
    else
        print_message("skipped: there are no saved pages in %s\n", folder);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(old_and_new_dates, forget),
        cmocka_unit_test_teardown(ways_to_write_a_link, forget),
        cmocka_unit_test_teardown(entities_and_percents, forget),
        cmocka_unit_test_teardown(other_servers, forget),
        cmocka_unit_test_teardown(hostile_names_are_left_out, forget),
        cmocka_unit_test_teardown(long_names_and_many_entries, forget),
        cmocka_unit_test_teardown(empty_folders, forget),
        cmocka_unit_test_teardown(pages_that_are_no_folders, forget),
        cmocka_unit_test_teardown(truncated_anywhere, forget),
        cmocka_unit_test_teardown(unfinished_tags_are_cheap, forget),
        cmocka_unit_test_teardown(utf16, forget),
        cmocka_unit_test_teardown(saved_pages, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
