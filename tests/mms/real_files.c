/* Every MMS file of a copy of nemweb, where there is one, reads to its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "mms/csv.h"
#include "mms/zip.h"

static const char root[] = NEMD_SHARED "/data/nemweb";
static const size_t LARGEST = 1 << 30;

static struct {
    size_t files, notices;
    uint64_t rows;
} total;

/* Market notices are free text: NEMITWEB1_MKTNOTICE_20250820.R123456 */
static bool is_notice(const char *path) {
    return str_find(str_from(path), STR("_MKTNOTICE_")) >= 0 ||
           str_ends_nocase(str_from(path), STR(".txt"));
}

/* Lines that start with "D,". Text in quotes would count too, if it ever looked like that. */
static uint64_t count_plainly(str file) {
    uint64_t count = 0;
    for (size_t i = 0; i + 1 < file.len; i++)
        count += (i == 0 || file.at[i - 1] == '\n') && file.at[i] == 'D' && file.at[i + 1] == ',';
    return count;
}

struct source {
    const char *path;
    struct zip_stream *stream; /* NULL where all bytes are in memory */
    str rest;
    struct buf seen;
};

static err *pull(void *context, void *into, size_t capacity, size_t *got) {
    struct source *s = context;
    err *e = s->stream ? zip_stream_read(s->stream, into, capacity, got)
                       : mms_pull_bytes(&s->rest, into, capacity, got);
    if (!e)
        buf_add(&s->seen, into, *got);
    return e;
}

static err *count_rows(struct source *s, uint64_t *rows) {
    struct mms_reader *reader;
    struct mms_table *table;
    struct mms_row row;
    enum mms_record kind = MMS_ROW;
    err *e = mms_open(pull, s, &reader);
    for (*rows = 0; !e && kind != MMS_END; *rows += !e && kind == MMS_ROW)
        e = mms_next(reader, &kind, &table, &row);
    mms_close(reader);
    return e;
}

/* The file must read to its end, with as many rows as it has lines that look like one. */
static void check_file(struct source *s) {
    uint64_t rows;
    err *e = count_rows(s, &rows);
    if (e)
        fail_msg("%s: %s", s->path, err_text(e));
    uint64_t plain_rows = count_plainly(buf_str(&s->seen));
    if (rows != plain_rows)
        fail_msg("%s: %llu rows, but %llu lines that look like one", s->path,
                 (unsigned long long)rows, (unsigned long long)plain_rows);
    total.files++;
    total.rows += rows;
    buf_free(&s->seen);
}

static void check_zip(const char *path, str bytes, int depth) {
    struct arena memory = {0};
    struct zip z;
    assert_true(depth <= ZIP_DEPTH);
    err *e = zip_open(&memory, bytes, &z);
    if (e)
        fail_msg("%s: %s", path, err_text(e));
    for (size_t i = 0; i < z.count; i++) {
        const struct zip_member *m = &z.members[i];
        const char *name = arena_printf(&memory, "%s/%.*s", path, STR_ARG(m->name));
        if (str_ends_nocase(m->name, STR(".zip"))) {
            struct buf inner = {0};
            e = zip_read(&z, m, LARGEST, &inner);
            if (e)
                fail_msg("%s: %s", name, err_text(e));
            check_zip(name, buf_str(&inner), depth + 1);
            buf_free(&inner);
        } else if (is_notice(name)) {
            total.notices++;
        } else {
            struct source s = {.path = name};
            e = zip_stream_open(&z, m, LARGEST, &s.stream);
            if (e)
                fail_msg("%s: %s", name, err_text(e));
            check_file(&s);
            zip_stream_close(s.stream);
        }
    }
    arena_free(&memory);
}

static void check_path(const char *path) {
    struct buf bytes = {0};
    err *e = file_read(path, LARGEST, &bytes);
    if (e)
        fail_msg("%s", err_text(e));
    if (is_notice(path)) {
        total.notices++;
    } else if (zip_is(buf_str(&bytes))) {
        check_zip(path, buf_str(&bytes), 1);
    } else if (bytes.len && bytes.at[0] == 'C') { /* not a page of the web server's */
        struct source s = {.path = path, .rest = buf_str(&bytes)};
        check_file(&s);
    }
    buf_free(&bytes);
}

static void check_folder(const char *path) {
    struct arena memory = {0};
    struct file_entry *entries;
    size_t count;
    err *e = file_list(&memory, path, &entries, &count);
    if (e)
        fail_msg("%s", err_text(e));
    for (size_t i = 0; i < count; i++) {
        const char *entry = arena_printf(&memory, "%s/%.*s", path, STR_ARG(entries[i].name));
        if (entries[i].is_folder)
            check_folder(entry);
        else
            check_path(entry);
    }
    arena_free(&memory);
}

static void every_real_file_reads_to_its_end(void **state) {
    (void)state;
    if (!file_exists(root)) {
        print_message("no real files below %s\n", root);
        skip();
    }
    check_folder(root);
    print_message("%zu files with %llu rows, and %zu notices\n", total.files,
                  (unsigned long long)total.rows, total.notices);
    assert_true(total.files > 0);
    assert_true(total.rows > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_real_file_reads_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
