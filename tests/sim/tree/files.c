/* Files of the simulated market beside real ones of the same report and time. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "mms/zip.h"
#include "sim/tree/current.h"
#include "support/check.h"

enum { FILE_LIMIT = 1 << 28, FIELDS = 200 };

struct tally {
    struct sim_tree tree;
    size_t files, tables, fields, unlike;
};

/* -- CSV, a line at a time -------------------------------------------------------------------- */

static str cut_line(str *rest) {
    str line = str_cut(rest, '\n');
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

static int split(str line, str fields[FIELDS]) {
    int n = 0;
    while (line.len && n < FIELDS) {
        size_t end = 0;
        for (bool quoted = false; end < line.len && (quoted || line.at[end] != ','); end++)
            quoted ^= line.at[end] == '"';
        fields[n++] = (str){line.at, end};
        end += end < line.len;
        line = (str){line.at + end, line.len - end};
    }
    return n;
}

/* A table's header and its first row. */
struct section {
    str header, row;
};
enum { SECTIONS = 16 };

static int sections_of(str csv, struct section out[SECTIONS]) {
    int n = 0;
    while (csv.len && n < SECTIONS) {
        str line = cut_line(&csv);
        if (str_starts(line, STR("I,")))
            out[n++] = (struct section){.header = line};
        else if (str_starts(line, STR("D,")) && n && !out[n - 1].row.len)
            out[n - 1].row = line;
    }
    return n;
}

/* -- comparing -------------------------------------------------------------------------------- */

/* "C,NEMP.WORLD,DISPATCHIS,AEMO,PUBLIC,0000/00/00,00:00:00,0000000000000000,DISPATCHIS,…" */
static void shape(str line, struct buf *out) {
    out->len = 0;
    for (size_t i = 0; i < line.len; i++)
        buf_add_char(out, line.at[i] >= '0' && line.at[i] <= '9' ? '0' : line.at[i]);
}

static void compare_first_lines(const char *file, str real, str own) {
    struct buf a = {0}, b = {0};
    shape(cut_line(&real), &a);
    shape(cut_line(&own), &b);
    if (!str_eq(buf_str(&a), buf_str(&b)))
        fail_msg("%s begins %.*s, not %.*s", file, STR_ARG(buf_str(&b)), STR_ARG(buf_str(&a)));
    buf_free(&a);
    buf_free(&b);
}

enum form { EMPTY, QUOTED, NUMBER, TEXT };
static const char *const form_name[] = {"empty", "quoted", "a number", "text"};

static enum form form_of(str field) {
    double number;
    if (!field.len)
        return EMPTY;
    if (field.at[0] == '"')
        return QUOTED;
    return str_to_double(field, &number) ? NUMBER : TEXT;
}

/* Fields that one market leaves empty where the other has something are counted; what has quotes
 * in one has them in the other. */
static void compare_rows(const char *file, const struct section *real, const struct section *own,
                         struct tally *t) {
    str names[FIELDS] = {{0}}, a[FIELDS] = {{0}}, b[FIELDS] = {{0}};
    int columns = split(real->header, names);
    split(real->row, a);
    split(own->row, b);
    for (int i = 4; i < columns; i++) {
        enum form theirs = form_of(a[i]), ours = form_of(b[i]);
        t->fields++;
        if (theirs == ours)
            continue;
        t->unlike++;
        bool quotes = theirs == QUOTED || ours == QUOTED;
        print_message("%s: %.*s,%.*s.%.*s is %s, not %s\n", file, STR_ARG(names[1]),
                      STR_ARG(names[2]), STR_ARG(names[i]), form_name[ours], form_name[theirs]);
        assert_false(quotes && theirs != EMPTY && ours != EMPTY);
    }
}

static bool may_lack(str header) {
    return str_find(header, STR(",LOCAL_PRICE,")) > 0;
}

static void compare_tables(const char *file, str real_csv, str own_csv, struct tally *t) {
    struct section real[SECTIONS], own[SECTIONS];
    int theirs = sections_of(real_csv, real), ours = sections_of(own_csv, own), k = 0;
    for (int i = 0; i < theirs; i++) {
        if (!real[i].row.len ||
            (may_lack(real[i].header) && (k == ours || !str_eq(real[i].header, own[k].header))))
            continue;
        while (k < ours && may_lack(own[k].header) && !may_lack(real[i].header))
            k++;
        if (k == ours || !str_eq(real[i].header, own[k].header))
            fail_msg("%s: %.*s\nand not\n%.*s", file, STR_ARG(real[i].header),
                     k < ours ? (int)own[k].header.len : 0, k < ours ? own[k].header.at : "");
        compare_rows(file, &real[i], &own[k++], t);
        t->tables++;
    }
    if (k != ours)
        fail_msg("%s has %.*s, which the real one lacks", file, STR_ARG(own[k].header));
}

static void read_member(str bytes, struct buf *csv, struct arena *a, str *name) {
    struct zip z;
    assert_ok(zip_open(a, bytes, &z));
    assert_int_equal(z.count, 1);
    assert_ok(zip_read(&z, &z.members[0], FILE_LIMIT, csv));
    *name = z.members[0].name;
}

static void compare_files(const char *file, str bytes, const struct sim_report *r, aest_us time,
                          struct tally *t) {
    struct arena a = {0};
    struct buf real = {0}, zip = {0}, own = {0};
    struct sim_publication p[SIM_PUBLICATIONS];
    str member, real_member = {0};
    sim_publications(&t->tree, r, time, p);
    sim_publication_write(&t->tree, &p[0], &zip);
    read_member(buf_str(&zip), &own, &a, &member);
    if (zip_is(bytes))
        read_member(bytes, &real, &a, &real_member);
    else
        buf_add_str(&real, bytes);
    compare_first_lines(file, buf_str(&real), buf_str(&own));
    compare_tables(file, buf_str(&real), buf_str(&own), t);
    if (real_member.len)
        assert_true(str_eq((str){member.at + member.len - 4, 4},
                           (str){real_member.at + real_member.len - 4, 4}));
    if (str_find(buf_str(&real), STR("\r\n")) > 0)
        assert_true(str_ends_nocase(buf_str(&own), STR("\r\n")) &&
                    str_ends_nocase(buf_str(&real), STR("\r\n")));
    t->files++;
    buf_free(&real);
    buf_free(&zip);
    buf_free(&own);
    arena_free(&a);
}

/* -- the real files --------------------------------------------------------------------------- */

static const struct sim_report *report_of(str name, aest_us *time) {
    for (int i = 0; i < sim_report_count; i++) {
        const struct sim_report *r = &sim_reports[i];
        size_t digits = (size_t)r->digits, prefix = strlen(r->prefix);
        if (str_starts(name, str_from(r->prefix)) && name.len > prefix + digits &&
            aest_parse_digits((str){name.at + prefix, digits}, time))
            return r;
    }
    return NULL;
}

static void check_folder(const char *path, struct tally *t) {
    struct arena a = {0};
    struct buf bytes = {0};
    struct file_entry *entries;
    size_t count;
    assert_ok(file_list(&a, path, &entries, &count));
    for (size_t i = 0; i < count; i++) {
        aest_us time;
        const char *child = arena_printf(&a, "%s/%.*s", path, STR_ARG(entries[i].name));
        const struct sim_report *r = report_of(entries[i].name, &time);
        if (entries[i].is_folder)
            check_folder(child, t);
        if (entries[i].is_folder || !r)
            continue;
        bytes.len = 0;
        assert_ok(file_read(child, FILE_LIMIT, &bytes));
        compare_files(arena_printf(&a, "%.*s", STR_ARG(entries[i].name)), buf_str(&bytes), r, time,
                      t);
    }
    buf_free(&bytes);
    arena_free(&a);
}

static void files_are_like_real_ones(void **state) {
    (void)state;
#ifdef NEMD_SHARED
    const char *folder = NEMD_SHARED "/data/nemweb/Reports/CURRENT";
#else
    const char *folder = "";
#endif
    struct tally t = {.tree = {.market = sim_market_new(1)}};
    if (!*folder || !file_exists(folder)) {
        print_message("no real files here: left out\n");
    } else {
        check_folder(folder, &t);
        print_message("%zu files, %zu tables; of %zu fields %zu are unlike\n", t.files, t.tables,
                      t.fields, t.unlike);
        assert_true(t.files > 80);
        assert_true(t.unlike * 50 < t.fields);
    }
    sim_market_free(t.tree.market);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_like_real_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
