#include "store/duck.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Nothing is fetched behind the user's back, and nothing is written into the current folder. */
static const char *const settings[][2] = {
    {"autoinstall_known_extensions", "false"},
    {"autoload_known_extensions", "false"},
    {"enable_external_file_cache", "false"}, /* a path's file is replaced under it */
};

#define DESCRIPTORS "/dev/fd/"
enum { RESERVE = 128 }; /* descriptors for everything but held files */

/* DuckDB ends the process when it finds no descriptor free while it is opened. */
static err *descriptor_is_free(void) {
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return err_errno(errno, "DuckDB can't be opened");
    close(file);
    return NULL;
}

err *duck_open(struct duck *d) {
    duckdb_config config;
    char threads[16], *message = NULL;
    if (d->open)
        return NULL;
    TRY(descriptor_is_free());
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
    duck_release(d, 0);
    free(d->held);
    d->held = NULL;
    d->held_capacity = 0;
    if (!d->open)
        return;
    duckdb_disconnect(&d->connection);
    duckdb_close(&d->database);
    d->open = false;
}

err *duck_hold(struct duck *d, const char *path, char name[DUCK_NAME], struct file_stamp *stamp) {
    *stamp = (struct file_stamp){0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return err_errno(errno, "can't open %s", path);
    *stamp = file_stamp_open(file);
    snprintf(name, DUCK_NAME, "%s%d", DESCRIPTORS, file);
    if (d->held_count == d->held_capacity) {
        d->held_capacity = d->held_capacity ? 2 * d->held_capacity : 8;
        d->held = mem_resize(d->held, d->held_capacity * sizeof *d->held);
    }
    d->held[d->held_count++] = (struct duck_held){file, mem_strdup(path)};
    return NULL;
}

/* Whether a descriptor leaves enough of them, as many as this process may have at most. */
static bool leaves_enough(int file) {
    static const rlim_t wanted[] = {65536, 10240}; /* the latter is what macOS gives */
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return false;
    for (size_t i = 0; i < 2 && (rlim_t)file + RESERVE >= limit.rlim_cur; i++) {
        struct rlimit more = limit;
        more.rlim_cur = wanted[i] < limit.rlim_max ? wanted[i] : limit.rlim_max;
        if (more.rlim_cur > limit.rlim_cur && setrlimit(RLIMIT_NOFILE, &more) == 0)
            limit = more;
    }
    return (rlim_t)file + RESERVE < limit.rlim_cur;
}

bool duck_hold_one_more(struct duck *d, const char *path, char name[DUCK_NAME]) {
    struct file_stamp stamp;
    err *e = duck_hold(d, path, name, &stamp);
    bool held = !e;
    err_free(e);
    if (held && !leaves_enough(d->held[d->held_count - 1].file)) {
        duck_release(d, d->held_count - 1);
        held = false;
    }
    return held;
}

void duck_release(struct duck *d, size_t keep) {
    while (d->held_count > keep) {
        struct duck_held *h = &d->held[--d->held_count];
        close(h->file);
        free(h->path);
    }
}

static const char *path_of(const struct duck *d, int file) {
    for (size_t i = 0; i < d->held_count; i++)
        if (d->held[i].file == file)
            return d->held[i].path;
    return NULL;
}

/* DuckDB's words with the paths of held files in place of their names. */
static void add_words(const struct duck *d, const char *words, struct buf *out) {
    for (const char *name; (name = strstr(words, DESCRIPTORS));) {
        char *end;
        const char *path = path_of(d, (int)strtol(name + strlen(DESCRIPTORS), &end, 10));
        buf_add(out, words, (size_t)(path ? name - words : end - words));
        if (path)
            buf_add_str(out, str_from(path));
        words = end;
    }
    buf_add_str(out, str_from(words));
}

err *duck_said(const struct duck *d, enum err_kind kind, const char *message) {
    struct buf text = {0};
    add_words(d, message, &text);
    err *e = duck_error(kind, buf_cstr(&text));
    buf_free(&text);
    return e;
}

err *duck_each(struct duck *d, const char *sql, duck_visit *visit, void *context) {
    duckdb_result result;
    err *e = NULL;
    TRY(duck_open(d));
    if (duckdb_query(d->connection, sql, &result) != DuckDBSuccess) {
        e = duck_said(d, ERR_INPUT, duckdb_result_error(&result));
    } else if (visit) {
        for (duckdb_data_chunk chunk; !e && (chunk = duckdb_fetch_chunk(result));) {
            e = visit(context, chunk);
            duckdb_destroy_data_chunk(&chunk);
        }
    }
    duckdb_destroy_result(&result);
    return e;
}

static err *visit_all(struct duck *d, duckdb_result *result, duck_visit *visit, void *context) {
    err *e = NULL;
    for (duckdb_data_chunk chunk; !e && (chunk = duckdb_fetch_chunk(*result));) {
        e = visit(context, chunk);
        duckdb_destroy_data_chunk(&chunk);
    }
    const char *words = e ? NULL : duckdb_result_error(result);
    return words && *words ? duck_said(d, ERR_INPUT, words) : e;
}

err *duck_stream(struct duck *d, const char *sql, duck_visit *visit, void *context) {
    duckdb_prepared_statement statement;
    duckdb_pending_result pending = NULL;
    duckdb_result result;
    err *e = NULL;
    TRY(duck_open(d));
    if (duckdb_prepare(d->connection, sql, &statement) != DuckDBSuccess) {
        e = duck_said(d, ERR_INPUT, duckdb_prepare_error(statement));
    } else if (duckdb_pending_prepared_streaming(statement, &pending) != DuckDBSuccess) {
        e = duck_said(d, ERR_INPUT, duckdb_pending_error(pending));
    } else {
        e = duckdb_execute_pending(pending, &result) == DuckDBSuccess
                ? visit_all(d, &result, visit, context)
                : duck_said(d, ERR_INPUT, duckdb_result_error(&result));
        duckdb_destroy_result(&result);
    }
    duckdb_destroy_pending(&pending);
    duckdb_destroy_prepare(&statement);
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
