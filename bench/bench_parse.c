/* Reading speed: nemd's MMS reader beside DuckDB's read_csv on the same bytes, one core each.
 *
 *   bench_parse [FILE]      a zip or a CSV; without it the largest file under ../shared/data/nemweb
 *
 * The file is inflated first, and not counted. Every member is an MMS file of its own; DuckDB gets
 * all of them as one file. Three measures, each the median of several rounds taken in turn:
 *
 *   fields    nemd splits every row of every table into its fields and looks at each of them
 *   rows      nemd reads what collecting reads: fields of the tables that it stores, to numbers and
 * times read_csv  DuckDB splits every row into VARCHAR fields (no header, no type detection, ragged
 *             rows padded) and looks at each of them
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "collect/ingest.h"
#include "mms/csv.h"
#include "mms/zip.h"
#include "store/duck.h"

enum { ROUNDS = 7, LARGEST = 1 << 30 };

struct member {
    size_t at, length; /* in the text */
};

struct input {
    struct buf text;
    struct buf members; /* of struct member */
    size_t widest;      /* fields of a row */
};

static void must(err *e) {
    if (!e)
        return;
    fprintf(stderr, "bench_parse: %s\n", err_text(e));
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* -- the input ----------------------------------------------------------------------------------
 */

static void add_file(struct input *in, str bytes) {
    if (!zip_is(bytes)) {
        struct member m = {in->text.len, bytes.len};
        buf_add_str(&in->text, bytes);
        if (bytes.len && bytes.at[bytes.len - 1] != '\n')
            buf_add_char(&in->text, '\n');
        m.length = in->text.len - m.at;
        buf_add(&in->members, &m, sizeof m);
        return;
    }
    struct arena a = {0};
    struct zip z;
    must(zip_open(&a, bytes, &z));
    for (size_t i = 0; i < z.count; i++) {
        struct buf inner = {0};
        must(zip_read(&z, &z.members[i], LARGEST, &inner));
        add_file(in, buf_str(&inner));
        buf_free(&inner);
    }
    arena_free(&a);
}

static void find_largest(struct arena *a, const char *folder, char **largest, uint64_t *size) {
    struct file_entry *entries;
    size_t count;
    must(file_list(a, folder, &entries, &count));
    for (size_t i = 0; i < count; i++) {
        char *path = arena_printf(a, "%s/%.*s", folder, STR_ARG(entries[i].name));
        if (entries[i].is_folder) {
            find_largest(a, path, largest, size);
        } else if (entries[i].stamp.size > *size) {
            *size = entries[i].stamp.size;
            *largest = path;
        }
    }
}

/* -- the measures -------------------------------------------------------------------------------
 */

struct result {
    double seconds;
    size_t rows, fields, bytes;
};

static struct result split_fields(struct input *in) {
    struct result r = {0};
    double start = now();
    const struct member *members = (const struct member *)(void *)in->members.at;
    for (size_t i = 0; i < in->members.len / sizeof *members; i++) {
        str bytes = {in->text.at + members[i].at, members[i].length};
        struct mms_reader *reader;
        struct mms_table *table;
        struct mms_row row;
        enum mms_record kind;
        must(mms_open(mms_pull_bytes, &bytes, &reader));
        for (;;) {
            must(mms_next(reader, &kind, &table, &row));
            if (kind == MMS_END)
                break;
            if (kind == MMS_TABLE && table->column_count + 4 > in->widest)
                in->widest = table->column_count + 4;
            if (kind != MMS_ROW)
                continue;
            r.rows++;
            r.fields += row.table->column_count;
            for (size_t c = 0; c < row.table->column_count; c++)
                r.bytes += mms_field(&row, (int)c).len;
        }
        mms_close(reader);
    }
    r.seconds = now() - start;
    return r;
}

static struct result read_rows(struct input *in) {
    struct result r = {0};
    double start = now();
    const struct member *members = (const struct member *)(void *)in->members.at;
    for (size_t i = 0; i < in->members.len / sizeof *members; i++) {
        struct batch batch = {0};
        must(ingest_file((str){in->text.at + members[i].at, members[i].length}, LARGEST, &batch));
        for (size_t f = 0; f < batch.count; f++)
            r.rows += batch.frames[f]->rows;
        batch_free(&batch);
    }
    r.seconds = now() - start;
    return r;
}

static err *take_counts(void *context, duckdb_data_chunk chunk) {
    struct result *r = context;
    const int64_t *rows = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    const int64_t *fields = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 1));
    r->rows = (size_t)rows[0];
    r->fields = (size_t)fields[0];
    return NULL;
}

static struct result read_csv(struct duck *d, const struct input *in, const char *path) {
    struct result r = {0};
    struct buf sql = {0};
    buf_add_str(&sql, STR("SELECT count(*), (0"));
    for (size_t c = 0; c < in->widest; c++)
        buf_printf(&sql, " + count(c%zu)", c);
    buf_printf(&sql,
               ")::BIGINT FROM read_csv('%s', auto_detect = false, header = false, delim = ',',"
               " quote = '\"', escape = '\"', null_padding = true, strict_mode = false,"
               " parallel = false, columns = {",
               path);
    for (size_t c = 0; c < in->widest; c++)
        buf_printf(&sql, "%s'c%zu': 'VARCHAR'", c ? ", " : "", c);
    buf_add_str(&sql, STR("})"));
    double start = now();
    must(duck_each(d, buf_cstr(&sql), take_counts, &r));
    r.seconds = now() - start;
    buf_free(&sql);
    return r;
}

/* -- the report ---------------------------------------------------------------------------------
 */

static int by_seconds(const void *a, const void *b) {
    double x = ((const struct result *)a)->seconds, y = ((const struct result *)b)->seconds;
    return (x > y) - (x < y);
}

static double report(const char *name, struct result *rounds, size_t bytes) {
    qsort(rounds, ROUNDS, sizeof *rounds, by_seconds);
    const struct result *r = &rounds[ROUNDS / 2];
    printf("%-9s %8.1f MB/s %10.2f million rows/s   (%zu rows; %.1f ms, from %.1f to %.1f)\n", name,
           (double)bytes / r->seconds / 1e6, (double)r->rows / r->seconds / 1e6, r->rows,
           r->seconds * 1e3, rounds[0].seconds * 1e3, rounds[ROUNDS - 1].seconds * 1e3);
    return r->seconds;
}

int main(int argc, char **argv) {
    struct arena a = {0};
    struct input in = {0};
    struct buf bytes = {0};
    struct duck duck = {0};
    struct result fields[ROUNDS], rows[ROUNDS], csv[ROUNDS];
    char *path = argc > 1 ? argv[1] : NULL;
    char temporary[] = "/tmp/bench_parse-XXXXXX";
    uint64_t size = 0;
    if (!path)
        find_largest(&a, "../shared/data/nemweb/Reports", &path, &size);
    if (!path) {
        fprintf(stderr, "bench_parse: there is no ../shared/data/nemweb; name a file\n");
        return 2;
    }
    must(file_read(path, LARGEST, &bytes));
    add_file(&in, buf_str(&bytes));
    close(mkstemp(temporary));
    must(file_write_atomic(temporary, buf_str(&in.text)));
    printf("%s\n%.1f MB inflated, %zu CSV files, one core\n\n", path, (double)in.text.len / 1e6,
           in.members.len / sizeof(struct member));
    split_fields(&in); /* warm, and finds the widest row */
    for (int i = 0; i < ROUNDS; i++) {
        fields[i] = split_fields(&in);
        rows[i] = read_rows(&in);
        csv[i] = read_csv(&duck, &in, temporary);
    }
    double a_s = report("fields", fields, in.text.len);
    double b_s = report("rows", rows, in.text.len);
    double c_s = report("read_csv", csv, in.text.len);
    printf("\nas fast as read_csv: fields x %.1f, rows x %.1f\n", c_s / a_s, c_s / b_s);
    unlink(temporary);
    duck_close(&duck);
    buf_free(&bytes);
    buf_free(&in.text);
    buf_free(&in.members);
    arena_free(&a);
    return 0;
}
