#include "sim/tables/schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "mms/csv.h"
#include "mms/zip.h"
#include "support/check.h"

enum { FILE_LIMIT = 1 << 30, TABLES_AT_LEAST = 1000 };

static bool is_known(const char *report, const char *subtable, enum sim_edition edition) {
    for (size_t i = 0; i < sim_schema_count; i++)
        if (strcmp(sim_schemas[i].report, report) == 0 &&
            strcmp(sim_schemas[i].subtable, subtable) == 0 && sim_schemas[i].edition == edition)
            return true;
    return false;
}

struct tally {
    size_t compared, different, unread;
};

static void check_table(str file, enum sim_edition edition, aest_us published,
                        const struct mms_table *t, struct tally *tally) {
    char when[AEST_TEXT];
    struct arena a = {0};
    struct buf columns = {0};
    const char *report = str_dup(&a, t->report), *subtable = str_dup(&a, t->subtable);
    for (size_t i = 0; i < t->column_count; i++) {
        if (i)
            buf_add_char(&columns, ',');
        buf_add_str(&columns, t->columns[i]);
    }
    if (is_known(report, subtable, edition)) {
        const struct sim_schema *s = sim_schema_at(report, subtable, edition, published);
        tally->compared++;
        if (!s || s->version != t->version || strcmp(s->columns, buf_cstr(&columns)) != 0) {
            tally->different++;
            print_error("%.*s of %s: %s,%s,%d %s\n  expected %d %s\n", STR_ARG(file),
                        aest_format_mms(published, when), report, subtable, t->version,
                        buf_cstr(&columns), s ? s->version : 0, s ? s->columns : "nothing");
        }
    }
    buf_free(&columns);
    arena_free(&a);
}

static void check_csv(str file, str csv, struct tally *tally) {
    struct mms_reader *r = NULL;
    struct mms_table *t;
    struct mms_row row;
    enum mms_record kind = MMS_TABLE;
    enum sim_edition edition = str_starts(csv, STR("C,SETP.WORLD")) ? SIM_MMSDM : SIM_REPORT;
    str rest = csv;
    err *e = mms_open(mms_pull_bytes, &rest, &r);
    while (!e && kind != MMS_END) {
        e = mms_next(r, &kind, &t, &row);
        if (!e && kind == MMS_TABLE) {
            t->skip = true;
            check_table(file, edition, mms_published(r), t, tally);
        }
    }
    if (r)
        mms_close(r);
    if (e) {
        tally->unread++;
        print_message("%.*s: %s\n", STR_ARG(file), err_text(e));
    }
    err_free(e); /* cut short, glued together or no MMS file, as some of the originals are */
}

static void check_bytes(str file, str bytes, int depth, struct tally *tally) {
    struct arena a = {0};
    struct buf member = {0};
    struct zip z;
    if (!zip_is(bytes)) {
        check_csv(file, bytes, tally);
        return;
    }
    assert_true(depth < ZIP_DEPTH);
    assert_ok(zip_open(&a, bytes, &z));
    for (size_t i = 0; i < z.count; i++) {
        member.len = 0;
        assert_ok(zip_read(&z, &z.members[i], FILE_LIMIT, &member));
        check_bytes(z.members[i].name, buf_str(&member), depth + 1, tally);
    }
    buf_free(&member);
    arena_free(&a);
}

static void check_folder(const char *path, struct tally *tally) {
    struct arena a = {0};
    struct buf bytes = {0};
    struct file_entry *entries;
    size_t count;
    assert_ok(file_list(&a, path, &entries, &count));
    for (size_t i = 0; i < count; i++) {
        str name = entries[i].name;
        const char *child = arena_printf(&a, "%s/%.*s", path, STR_ARG(name));
        if (entries[i].is_folder) {
            check_folder(child, tally);
        } else if (str_ends_nocase(name, STR(".csv")) || str_ends_nocase(name, STR(".zip"))) {
            bytes.len = 0;
            assert_ok(file_read(child, FILE_LIMIT, &bytes));
            check_bytes(name, buf_str(&bytes), 0, tally);
        }
    }
    buf_free(&bytes);
    arena_free(&a);
}

static void headers_are_those_of_real_files(void **state) {
    (void)state;
    struct tally tally = {0};
#ifdef NEMD_SHARED
    const char *folder = NEMD_SHARED "/data/nemweb";
#else
    const char *folder = "";
#endif
    if (!*folder || !file_exists(folder)) {
        print_message("no real files here: left out\n");
        return;
    }
    check_folder(folder, &tally);
    print_message("%zu headers compared, %zu files not read to their end\n", tally.compared,
                  tally.unread);
    assert_int_equal(tally.different, 0);
    assert_true(tally.compared > TABLES_AT_LEAST);
}

static int compare(const struct sim_schema *a, const struct sim_schema *b) {
    int order = strcmp(a->report, b->report);
    if (!order)
        order = strcmp(a->subtable, b->subtable);
    if (!order)
        order = a->edition - b->edition;
    return order ? order : a->from - b->from;
}

static void entries_are_sorted(void **state) {
    (void)state;
    for (size_t i = 1; i < sim_schema_count; i++)
        if (compare(&sim_schemas[i - 1], &sim_schemas[i]) >= 0)
            fail_msg("%s,%s of %d is out of order", sim_schemas[i].report, sim_schemas[i].subtable,
                     sim_schemas[i].from);
}

static void columns_are_unique(void **state) {
    (void)state;
    for (size_t i = 0; i < sim_schema_count; i++) {
        const struct sim_schema *s = &sim_schemas[i];
        str seen[MMS_COLUMNS], rest = str_from(s->columns);
        size_t count = 0;
        while (rest.len) {
            assert_true(count < MMS_COLUMNS);
            seen[count] = str_cut(&rest, ',');
            assert_true(seen[count].len > 0);
            for (size_t k = 0; k < count; k++)
                if (str_eq(seen[k], seen[count]))
                    fail_msg("%s,%s of %d has %.*s twice", s->report, s->subtable, s->from,
                             STR_ARG(seen[k]));
            count++;
        }
        assert_int_equal(count == 0, s->version == 0);
    }
}

static const struct sim_schema *on(const char *subtable, const char *date) {
    aest_us t = 0;
    assert_true(aest_parse_mms(str_from(date), &t));
    return sim_schema_at("TRADING", subtable, SIM_REPORT, t);
}

static void each_entry_holds_from_its_first_date_to_the_next(void **state) {
    (void)state;
    for (size_t i = 0; i < sim_schema_count; i++) {
        const struct sim_schema *s = &sim_schemas[i];
        aest_day day;
        assert_true(aest_day_from_date(s->from / 10000, s->from / 100 % 100, s->from % 100, &day));
        const struct sim_schema *want = s->columns ? s : NULL;
        aest_us t = day * AEST_DAY;
        assert_ptr_equal(sim_schema_at(s->report, s->subtable, s->edition, t), want);
        const struct sim_schema *before = sim_schema_at(s->report, s->subtable, s->edition, t - 1);
        bool first = i == 0 || s[-1].edition != s->edition || strcmp(s[-1].subtable, s->subtable) ||
                     strcmp(s[-1].report, s->report);
        assert_ptr_equal(before, first ? NULL : s - 1);
    }
    assert_non_null(on("REGIONSUM", "2021/09/30 23:59:59"));
    assert_null(on("REGIONSUM", "2021/10/01 00:00:00"));
    assert_null(on("REGIONSUM", "2030/01/01 00:00:00"));
    assert_null(on("PRICE", "2009/06/30 23:59:59"));
    assert_null(on("NO_SUCH_TABLE", "2025/01/01 00:00:00"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_sorted),
        cmocka_unit_test(columns_are_unique),
        cmocka_unit_test(each_entry_holds_from_its_first_date_to_the_next),
        cmocka_unit_test(headers_are_those_of_real_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
