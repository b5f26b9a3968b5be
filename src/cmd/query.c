#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/command.h"

/* -- csv, json and parquet: DuckDB writes into a pipe, a thread copies it to standard output -----
 */

/* DuckDB would open /dev/stdout anew, which cuts a file that the shell opened to append to. */
struct copier {
    int from;
    size_t copied;
    int failed; /* errno of a write that failed */
};

static void *copy_to_stdout(void *context) {
    struct copier *c = context;
    char bytes[65536];
    ssize_t got;
    while ((got = read(c->from, bytes, sizeof bytes)) > 0) {
        c->copied += (size_t)got;
        for (ssize_t at = 0, wrote; at < got && !c->failed; at += wrote) {
            wrote = write(STDOUT_FILENO, bytes + at, (size_t)(got - at));
            if (wrote < 0) {
                c->failed = errno;
                wrote = 0;
            }
        }
    }
    return NULL;
}

static err *copy_result(struct duck *d, const char *sql, const char *format, bool *printed) {
    int ends[2];
    pthread_t thread;
    struct buf copy = {0};
    if (pipe(ends))
        return err_errno(errno, "can't make a pipe");
    struct copier copier = {.from = ends[0]};
    int failed = pthread_create(&thread, NULL, copy_to_stdout, &copier);
    if (failed)
        return err_errno(failed, "can't start a thread");
    buf_printf(&copy, "COPY (FROM (%s\n)) TO '/dev/fd/%d' (FORMAT %s, USE_TMP_FILE false%s)", sql,
               ends[1], format, strcmp(format, "json") == 0 ? ", ARRAY true" : "");
    err *e = duck_run(d, buf_cstr(&copy));
    close(ends[1]);
    pthread_join(thread, NULL);
    close(ends[0]);
    buf_free(&copy);
    *printed = copier.copied > 0;
    if (!e && copier.failed && copier.failed != EPIPE) /* a reader that has seen enough is fine */
        e = err_errno(copier.failed, "can't write the result");
    return e;
}

/* -- table --------------------------------------------------------------------------------------
 */

enum { MOST_ROWS = 10000, WIDEST = 60 };

struct table {
    struct arena memory;
    idx_t columns;
    size_t *widths;
    struct buf cells; /* of str, row by row; a str without address is NULL */
    size_t rows;
    bool more;
};

/* Characters, not bytes: continuation bytes of UTF-8 take no room. */
static size_t width_of(str s) {
    size_t width = 0;
    for (size_t i = 0; i < s.len; i++)
        width += ((unsigned char)s.at[i] & 0xc0) != 0x80;
    return width;
}

static void add_cell(struct table *t, idx_t column, str text) {
    size_t width = text.at ? width_of(text) : 4;
    str copy = {text.at ? str_dup(&t->memory, text) : NULL, text.len};
    if (width > t->widths[column])
        t->widths[column] = width < WIDEST ? width : WIDEST;
    buf_add(&t->cells, &copy, sizeof copy);
}

static err *add_chunk(void *context, duckdb_data_chunk chunk) {
    struct table *t = context;
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); row++) {
        if (t->rows == MOST_ROWS) {
            t->more = true;
            break;
        }
        for (idx_t c = 0; c < t->columns; c++) {
            duckdb_vector v = duckdb_data_chunk_get_vector(chunk, c);
            bool valid = duck_valid(duckdb_vector_get_validity(v), row);
            add_cell(t, c, valid ? duck_text(duckdb_vector_get_data(v), row) : (str){0});
        }
        t->rows++;
    }
    return NULL;
}

static void print_cell(str text, size_t width, bool last) {
    str shown = text.at ? text : STR("NULL");
    printf("%.*s", STR_ARG(shown));
    for (size_t w = width_of(shown); w < width && !last; w++)
        putchar(' ');
    fputs(last ? "\n" : "  ", stdout);
}

static void print_table(const struct table *t) {
    const str *cells = (const str *)(const void *)t->cells.at;
    for (size_t row = 0; row <= t->rows; row++) {
        for (idx_t c = 0; c < t->columns; c++)
            print_cell(cells[row * t->columns + c], t->widths[c], c + 1 == t->columns);
        for (idx_t c = 0; row == 0 && c < t->columns; c++) {
            for (size_t w = 0; w < t->widths[c]; w++)
                putchar('-');
            fputs(c + 1 == t->columns ? "\n" : "  ", stdout);
        }
    }
    if (t->more)
        printf("… and more: --format csv prints all\n");
}

static err *show_result(struct duck *d, const char *sql, bool *printed) {
    struct table t = {0};
    struct buf text = {0};
    duckdb_result result;
    err *e = NULL;
    buf_printf(&text, "SELECT COLUMNS(*)::VARCHAR FROM (%s\n) LIMIT %d", sql, MOST_ROWS + 1);
    if (duckdb_query(d->connection, buf_cstr(&text), &result) != DuckDBSuccess) {
        e = duck_said(d, ERR_INPUT, duckdb_result_error(&result));
    } else {
        t.columns = duckdb_column_count(&result);
        t.widths = ARENA_ARRAY(&t.memory, size_t, t.columns);
        for (idx_t c = 0; c < t.columns; c++)
            add_cell(&t, c, str_from(duckdb_column_name(&result, c)));
        for (duckdb_data_chunk chunk; !e && (chunk = duckdb_fetch_chunk(result));) {
            e = add_chunk(&t, chunk);
            duckdb_destroy_data_chunk(&chunk);
        }
        *printed = !e;
        if (!e)
            print_table(&t);
    }
    duckdb_destroy_result(&result);
    buf_free(&t.cells);
    buf_free(&text);
    arena_free(&t.memory);
    return e;
}

/* -- the command --------------------------------------------------------------------------------
 */

/* Says what is wrong with the user's own text, before it becomes part of another statement. */
static err *check_sql(struct duck *d, const char *sql) {
    duckdb_prepared_statement statement;
    err *e = NULL;
    if (duckdb_prepare(d->connection, sql, &statement) != DuckDBSuccess)
        e = duck_said(d, ERR_USAGE, duckdb_prepare_error(statement));
    else if (duckdb_prepared_statement_type(statement) != DUCKDB_STATEMENT_TYPE_SELECT)
        e = err_new(ERR_USAGE, "a statement that gives rows is expected: SELECT, FROM, WITH, "
                               "DESCRIBE, SHOW or SUMMARIZE");
    duckdb_destroy_prepare(&statement);
    return e;
}

static err *ask_once(struct store *store, const char *sql, const char *format, bool *printed) {
    const char *temporary = getenv("TMPDIR");
    struct duck duck = {.threads = -1, .spill = temporary ? temporary : "/tmp"};
    int reading;
    TRY(store_read_begin(store, &reading)); /* from the names in the views to the last row */
    err *e = store_make_views(store, &duck);
    if (!e)
        e = check_sql(&duck, sql);
    if (!e)
        e = strcmp(format, "table") == 0 ? show_result(&duck, sql, printed)
                                         : copy_result(&duck, sql, format, printed);
    duck_close(&duck);
    store_read_end(reading);
    return e;
}

/* Of a store with more files than can be held open, one that a collector replaces while it is read
 * makes the read fail: then the question is asked again, as long as nothing was printed. */
static err *ask(const struct setup *setup, const char *sql, const char *format) {
    enum { TRIES = 5 };
    struct store *store;
    err *e = NULL;
    TRY(store_open(setup->data, STORE_READ, NULL, &store));
    for (int i = 0; i < TRIES; i++) {
        uint64_t before = 0, after = 0;
        bool printed = false;
        err_free(e);
        e = store_version(store, &before);
        if (!e)
            e = ask_once(store, sql, format, &printed);
        if (!e || err_kind(e) == ERR_USAGE || printed)
            break;
        err *looking = store_version(store, &after);
        bool changed = !looking && before != after;
        err_free(looking);
        if (!changed)
            break;
    }
    store_close(store);
    return e;
}

static err *check_format(const char *format) {
    static const char *const formats[] = {"table", "csv", "json", "parquet"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(format, formats[i]) == 0)
            return NULL;
    return err_new(ERR_USAGE, "--format is '%s', not table, csv, json or parquet", format);
}

static int query(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct arena a = {0};
    const char *format = "table";
    int status;
    const struct option_spec options[] = {
        {"format", "F", "table (default), csv, json or parquet", .value = &format}, {0}};
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    signal(SIGPIPE, SIG_IGN); /* a reader that has seen enough shows as EPIPE */
    err *e = argc == 1 ? check_format(format)
                       : err_new(ERR_USAGE, "one SQL statement, in quotes, is expected");
    if (!e) {
        str sql = str_trim(str_from(argv[0]));
        while (sql.len && sql.at[sql.len - 1] == ';')
            sql = str_trim((str){sql.at, sql.len - 1});
        e = ask(&setup, str_dup(&a, sql), format);
    }
    status = e ? command_fail(self, e) : EXIT_DONE;
    arena_free(&a);
    setup_free(&setup);
    return status;
}

const struct command command_query = {
    .name = "query",
    .summary = "SQL over the store",
    .usage = "SQL [--format table|csv|json|parquet]",
    .description =
        "Runs one SQL statement (DuckDB's dialect) and prints its result. Each dataset is a view:\n"
        "prices5, fcas5, scada5, transmission5, regions5, rooftop30, …\n\n"
        "  nemd query \"select * from prices5 order by settlementdate desc limit 10\"\n"
        "  nemd query \"describe scada5\"\n"
        "  nemd query \"from (pivot prices5 on regionid in ('NSW1', 'SA1') using avg(rrp) group by "
        "settlementdate)\"\n\n"
        "json is one array. A result that is larger than memory uses TMPDIR.",
    .details = "The registry of units, price limits and market notices are views too: units, "
               "thresholds, notices. `nemd status` lists the datasets. Times are AEST (UTC+10, no "
               "daylight saving), each the end of its interval.",
    .run = query,
};
