/* How long DuckDB takes for questions over a store's Parquet files.
 *
 *   bench_sql STORE ROUNDS FILE.sql…
 *
 * Each file holds one SELECT over the store's views. It runs [ROUNDS] times on all cores, after a
 * time that isn't counted, with files warm and their footers kept in memory; what it gives goes to
 * FILE.sql.csv. A line for each file is printed: its name, and the median of its times in
 * milliseconds, in which all rows of the result are fetched and nothing is made of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "store/store.h"

enum { MOST_ROUNDS = 64 };

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static err *count_rows(void *context, duckdb_data_chunk chunk) {
    *(size_t *)context += duckdb_data_chunk_get_size(chunk);
    return NULL;
}

static err *ask(struct duck *d, const char *path, int rounds) {
    struct buf text = {0}, copy = {0};
    double took[MOST_ROUNDS];
    size_t rows = 0;
    TRY(file_read(path, 1 << 20, &text));
    buf_printf(&copy, "COPY (%s) TO '%s.csv' (FORMAT csv, HEADER)", buf_cstr(&text), path);
    err *e = duck_run(d, buf_cstr(&copy));
    for (int i = 0; !e && i < rounds; i++) {
        double before = now_ms();
        e = duck_each(d, buf_cstr(&text), count_rows, &rows);
        took[i] = now_ms() - before;
    }
    if (!e) {
        qsort(took, (size_t)rounds, sizeof *took, by_value);
        printf("%s %.3f\n", path, took[rounds / 2]);
        fflush(stdout);
    }
    buf_free(&text);
    buf_free(&copy);
    return e;
}

static err *ask_all(struct store *s, int rounds, char **paths) {
    struct duck d = {.threads = -1};
    int lock;
    TRY(store_read_begin(s, &lock));
    err *e = store_make_views(s, &d);
    if (!e)
        e = duck_run(&d, "SET enable_object_cache = true");
    for (; !e && *paths; paths++)
        e = ask(&d, *paths, rounds);
    duck_close(&d);
    store_read_end(lock);
    return e;
}

int main(int argc, char **argv) {
    int rounds = argc > 2 ? atoi(argv[2]) : 0;
    struct store *s;
    if (argc < 4 || rounds < 1 || rounds > MOST_ROUNDS) {
        fprintf(stderr, "bench_sql STORE ROUNDS FILE.sql…\n");
        return 2;
    }
    err *e = store_open(argv[1], STORE_READ, NULL, &s);
    if (!e) {
        e = ask_all(s, rounds, argv + 3);
        store_close(s);
    }
    if (e)
        fprintf(stderr, "bench_sql: %s\n", err_text(e));
    return e ? 1 : 0;
}
