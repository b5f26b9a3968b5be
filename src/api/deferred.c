#include "api/deferred.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Belongs to its connection's loop, but for what the worker's thread does in run: that is over when
 * on_done is called there. */
struct deferred {
    struct job job;
    struct arena memory;
    struct api *api; /* the worker's */
    const struct route *route;
    struct http_request request; /* a copy, in [memory] */
    struct http_response response;
    struct loop *loop;
    struct http_stream *stream; /* NULL: nobody wants it any longer */
    atomic_bool cancelled;
};

/* A response that nobody will get. */
static void drop(struct http_response *r) {
    buf_free(&r->body);
    if (r->stream.open)
        r->stream.closed(r->stream.context);
}

static void on_done(void *context, intptr_t number) {
    struct deferred *d = context;
    (void)number;
    if (d->stream)
        http_stream_answer(d->stream, &d->request, &d->response);
    else
        drop(&d->response);
    arena_free(&d->memory);
    free(d);
}

static void run(struct job *j) {
    struct deferred *d = (struct deferred *)j;
    if (!atomic_load(&d->cancelled)) {
        d->api->loop = d->loop; /* what it makes may stream there in turn */
        api_call(d->api, d->route, &d->request, &d->response);
        duck_close(&d->api->store->duck); /* it keeps memory, and isn't wanted often */
    }
    loop_post(d->loop, on_done, d, 0);
}

/* What runs is over soon; what waits won't begin. */
static void interrupt(struct job *j) {
    atomic_store(&((struct deferred *)j)->cancelled, true);
}

static void on_open(void *context, struct http_stream *s) {
    ((struct deferred *)context)->stream = s;
}

static void on_closed(void *context) {
    struct deferred *d = context;
    d->stream = NULL;
    interrupt(&d->job);
}

static str copy(struct arena *a, str text) {
    return (str){str_dup(a, text), text.len};
}

static struct http_request copy_request(struct arena *a, const struct http_request *r) {
    struct http_request to = *r;
    struct http_header *headers = ARENA_ARRAY(a, struct http_header, r->header_count);
    for (size_t i = 0; i < r->header_count; i++)
        headers[i] =
            (struct http_header){copy(a, r->headers[i].name), copy(a, r->headers[i].value)};
    to.memory = a;
    to.headers = headers;
    to.path = copy(a, r->path);
    to.query = copy(a, r->query);
    to.body = copy(a, r->body);
    return to;
}

err *deferred_submit(struct call *c) {
    struct api_shared *shared = c->api->shared;
    struct deferred *d = mem_zalloc(1, sizeof *d);
    d->job = (struct job){.run = run, .interrupt = interrupt};
    d->api = shared->worker_api;
    d->route = c->route;
    d->loop = c->api->loop;
    d->request = copy_request(&d->memory, c->request);
    d->response.status = 200;
    if (!worker_submit(&shared->worker, &d->job)) {
        arena_free(&d->memory);
        free(d);
        return err_new(ERR_BUSY, "%d questions of this kind are waiting already", WORKER_QUEUE);
    }
    c->response->stream =
        (struct http_streaming){.open = on_open, .closed = on_closed, .later = true, .context = d};
    return NULL;
}
