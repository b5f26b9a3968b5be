#include "store/duck.h"

#include <stdio.h>
#include <stdlib.h>

/* Nothing is fetched behind the user's back, and nothing is written into the current folder. */
static const char *const settings[][2] = {
    {"autoinstall_known_extensions", "false"},
    {"autoload_known_extensions", "false"},
    {"enable_external_file_cache", "false"}, /* a path's file is replaced under it */
};

err *duck_open(struct duck *d) {
    duckdb_config config;
    char threads[16], *message = NULL;
    if (d->open)
        return NULL;
    snprintf(threads, sizeof threads, "%d", d->threads ? d->threads : 1);
    duckdb_create_config(&config);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (duckdb_set_config(config, settings[i][0], settings[i][1]) != DuckDBSuccess)
            abort(); /* this DuckDB doesn't know a setting that correctness rests on */
    duckdb_set_config(config, "temp_directory", d->spill ? d->spill : "");
    if (d->threads >= 0)
        duckdb_set_config(config, "threads", threads);
    duckdb_state state = duckdb_open_ext(NULL, &d->database, config, &message);
    duckdb_destroy_config(&config);
    if (state != DuckDBSuccess) {
        err *e =
            err_new(ERR_IO, "DuckDB can't be opened: %s", message ? message : "no reason given");
        duckdb_free(message);
        return e;
    }
    if (duckdb_connect(d->database, &d->connection) != DuckDBSuccess) {
        duckdb_close(&d->database);
        return err_new(ERR_IO, "DuckDB can't be connected to");
    }
    d->open = true;
    return NULL;
}

void duck_close(struct duck *d) {
    if (!d->open)
        return;
    duckdb_disconnect(&d->connection);
    duckdb_close(&d->database);
    d->open = d->has_frames_function = false;
}

err *duck_each(struct duck *d, const char *sql, duck_visit *visit, void *context) {
    duckdb_result result;
    err *e = NULL;
    TRY(duck_open(d));
    if (duckdb_query(d->connection, sql, &result) != DuckDBSuccess) {
        e = duck_error(ERR_INPUT, duckdb_result_error(&result));
    } else if (visit) {
        for (duckdb_data_chunk chunk; !e && (chunk = duckdb_fetch_chunk(result));) {
            e = visit(context, chunk);
            duckdb_destroy_data_chunk(&chunk);
        }
    }
    duckdb_destroy_result(&result);
    return e;
}

err *duck_run(struct duck *d, const char *sql) {
    return duck_each(d, sql, NULL, NULL);
}

err *duck_error(enum err_kind kind, const char *message) {
    struct buf line = {0};
    for (str rest = str_from(message); rest.len;) {
        str part = str_trim(str_cut(&rest, '\n'));
        if (str_starts(part, STR("LINE ")))
            break;
        if (part.len && line.len)
            buf_add_char(&line, ' ');
        buf_add_str(&line, part);
    }
    err *e = err_new(kind, "%s", buf_cstr(&line));
    buf_free(&line);
    return e;
}

str duck_text(duckdb_string_t *data, idx_t row) {
    duckdb_string_t *s = &data[row];
    return (str){duckdb_string_t_data(s), duckdb_string_t_length(*s)};
}

void duck_quote(struct buf *sql, str text) {
    buf_add_char(sql, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\'')
            buf_add_char(sql, '\'');
        buf_add_char(sql, text.at[i]);
    }
    buf_add_char(sql, '\'');
}
