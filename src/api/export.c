#include "api/export.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/export_query.h"
#include "api/worker.h"
#include "base/log.h"

enum {
    UNSENT_MOST = 256 << 10, /* bytes for the client beyond which the pipe isn't read */
    READ_MOST = 64 << 10,
    PACE_S = 10,           /* from one look at a client's pace to the next */
    PACE_LEAST = 64 << 10, /* bytes that it has to take from one to the next, when they are there */
};

/* Belongs to its connection's loop, but for what the worker's thread does in run: that is over when
 * on_done is called there. */
struct export {
    struct job job;
    struct arena memory;
    struct export_query query;
    int pipe[2];
    struct loop *loop;
    struct event *readable, *pace;
    struct http_stream *stream; /* NULL: nobody wants it any longer */
    bool reading, at_end, done;
    uint64_t sent, taken; /* bytes, the latter as of the last look at the pace */
    atomic_bool cancelled;
    pthread_mutex_t mutex;        /* of the next */
    duckdb_connection connection; /* while DuckDB works, else NULL */
    err *error;
};

static void free_export(struct export *x) {
    event_free(x->readable);
    event_free(x->pace);
    close(x->pipe[0]);
    err_free(x->error);
    pthread_mutex_destroy(&x->mutex);
    arena_free(&x->memory);
    free(x);
}

/* -- in the worker's thread ---------------------------------------------------------------------
 */

static void on_done(void *context, intptr_t number);

static void note_connection(void *context, duckdb_connection connection) {
    struct export *x = context;
    pthread_mutex_lock(&x->mutex);
    x->connection = connection;
    pthread_mutex_unlock(&x->mutex);
}

static void run(struct job *j) {
    struct export *x = (struct export *)j;
    if (!atomic_load(&x->cancelled))
        x->error = export_query_run(&x->query, x->pipe[1], note_connection, x);
    close(x->pipe[1]);
    loop_post(x->loop, on_done, x, 0);
}

/* DuckDB may be waiting for room in the pipe: what is in it is thrown away. */
static void interrupt(struct job *j) {
    struct export *x = (struct export *)j;
    char bytes[4096];
    atomic_store(&x->cancelled, true);
    pthread_mutex_lock(&x->mutex);
    if (x->connection)
        duckdb_interrupt(x->connection);
    pthread_mutex_unlock(&x->mutex);
    while (read(x->pipe[0], bytes, sizeof bytes) > 0)
        ;
}

/* -- in the loop --------------------------------------------------------------------------------
 */

static void set_reading(struct export *x, bool reading) {
    if (reading && !x->reading)
        event_add(x->readable, NULL);
    else if (!reading && x->reading)
        event_del(x->readable);
    x->reading = reading;
}

static void answer_failure(struct export *x, struct http_stream *stream) {
    struct http_response r = {0};
    log_error("export failed", log_cstr("what", x->query.name), log_err(x->error));
    answer_error(&r, 500, "internal", "the store can't be read; the log says why", NULL);
    http_stream_answer(stream, NULL, &r);
}

/* Both have to be known: that the pipe is empty, and how the query ended. */
static void end_when_over(struct export *x) {
    struct http_stream *stream = x->stream;
    if (!x->at_end || !x->done)
        return;
    if (stream && x->error && x->sent == 0) {
        answer_failure(x, stream);
    } else if (stream) {
        if (x->error)
            log_error("export failed halfway", log_cstr("what", x->query.name), log_err(x->error));
        http_stream_end(stream, !x->error);
    }
    free_export(x);
}

static void on_readable(evutil_socket_t fd, short what, void *context) {
    struct export *x = context;
    char bytes[READ_MOST];
    ssize_t got = read((int)fd, bytes, sizeof bytes);
    (void)what;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        set_reading(x, false);
        x->at_end = true;
        end_when_over(x);
        return;
    }
    if (!x->stream)
        return;
    http_stream_send(x->stream, bytes, (size_t)got);
    x->sent += (uint64_t)got;
    if (http_stream_unsent(x->stream) >= UNSENT_MOST)
        set_reading(x, false);
}

static void on_done(void *context, intptr_t number) {
    struct export *x = context;
    (void)number;
    x->done = true;
    if (!x->stream)
        x->at_end = true; /* what may still be in the pipe is nobody's */
    end_when_over(x);
}

static void on_open(void *context, struct http_stream *s) {
    struct export *x = context;
    x->stream = s;
    set_reading(x, true);
    event_add(x->pace, &(struct timeval){.tv_sec = PACE_S});
}

static void on_room(void *context) {
    struct export *x = context;
    if (!x->at_end)
        set_reading(x, true);
}

/* The query goes on until it notices, and writes to nobody. */
static void abandon(struct export *x) {
    x->stream = NULL;
    event_del(x->pace);
    if (!x->done)
        interrupt(&x->job);
    set_reading(x, !x->at_end);
}

static void on_closed(void *context) {
    abandon(context);
}

static void on_pace(evutil_socket_t fd, short what, void *context) {
    struct export *x = context;
    struct http_stream *stream = x->stream;
    (void)fd, (void)what;
    uint64_t unsent = http_stream_unsent(stream), taken = x->sent > unsent ? x->sent - unsent : 0;
    if (unsent >= UNSENT_MOST && taken < x->taken + PACE_LEAST) {
        abandon(x);
        http_stream_end(stream, false);
        return;
    }
    x->taken = taken;
    event_add(x->pace, &(struct timeval){.tv_sec = PACE_S});
}

/* -- beginning ----------------------------------------------------------------------------------
 */

static err *make_export(struct call *c, struct export **out) {
    struct export *x = mem_zalloc(1, sizeof *x);
    if (pipe(x->pipe)) {
        free(x);
        return err_errno(errno, "can't make a pipe");
    }
    fcntl(x->pipe[0], F_SETFD, FD_CLOEXEC);
    fcntl(x->pipe[1], F_SETFD, FD_CLOEXEC);
    fcntl(x->pipe[0], F_SETFL, O_NONBLOCK);
    x->job = (struct job){.run = run, .interrupt = interrupt};
    pthread_mutex_init(&x->mutex, NULL);
    x->loop = c->api->loop;
    x->readable = event_new(x->loop->base, x->pipe[0], EV_READ | EV_PERSIST, on_readable, x);
    x->pace = evtimer_new(x->loop->base, on_pace, x);
    *out = x;
    return NULL;
}

static err *submit(struct call *c, struct export *x) {
    bool is_csv = x->query.format == FORMAT_CSV;
    struct http_response *r = c->response;
    if (c->request->method == HTTP_HEAD || !worker_submit(&c->api->shared->exporter, &x->job)) {
        bool busy = c->request->method != HTTP_HEAD;
        x->done = true;
        close(x->pipe[1]);
        if (busy) {
            free_export(x);
            return err_new(ERR_BUSY, "%d exports are waiting already", WORKER_QUEUE);
        }
    }
    r->content_type =
        is_csv ? "text/csv; charset=utf-8; header=present" : "application/vnd.apache.parquet";
    r->extra[0] =
        (struct http_header){STR("Content-Disposition"),
                             str_from(arena_printf(c->memory, "attachment; filename=\"nemd-%s.%s\"",
                                                   x->query.name, is_csv ? "csv" : "parquet"))};
    r->stream = (struct http_streaming){
        .open = on_open, .room = on_room, .closed = on_closed, .context = x};
    return NULL;
}

err *export_dataset(struct call *c, const struct export_request *what) {
    struct export *x = NULL;
    TRY(make_export(c, &x));
    x->query = (struct export_query){.store = str_dup(&x->memory, str_from(c->api->store->path)),
                                     .name = what->name,
                                     .format = what->format,
                                     .has_from = what->has_from,
                                     .has_to = what->has_to,
                                     .from = what->from,
                                     .to = what->to};
    return submit(c, x);
}

err *export_answer(struct call *c, const struct page *page) {
    struct export *x = NULL;
    TRY(make_export(c, &x));
    struct answer *copy = ARENA_NEW(&x->memory, struct answer);
    answer_copy(&c->answer, page, &x->memory, copy);
    x->query = (struct export_query){.name = strrchr(c->route->path, '/') + 1,
                                     .format = FORMAT_PARQUET,
                                     .answer = copy,
                                     .is_table = page != NULL};
    return submit(c, x);
}
