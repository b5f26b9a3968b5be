/* A connection is always in one phase, and each phase has its own bound on time:
 *
 *      accepted
 *         |
 *         v      first byte           whole request
 *       IDLE ----------------> RECEIVING ---------------------------> SENDING
 *         ^                        |           \__ STREAMING __/         |   |
 *         |                        | request_s is over: 408             |   | all sent
 *         |                        v                 the last response  |   |
 *         |                    FINISHING <------------------------------+   |
 *         |                        | all sent                               |
 *         |                        v                                        |
 *         |                    DRAINING  (writing is shut down, what        |
 *         |                              still comes is dropped)            |
 *         +-----------------------------------------------------------------+
 *
 * STREAMING is a response that its source ends; bytes of further requests wait meanwhile.
 *
 * Closing a socket with unread bytes resets the connection, and a reset may throw away what the
 * client hasn't read yet: without DRAINING a client that is still sending could lose its 413.
 */
#include "api/http_connection.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/processor.h"

enum {
    OUTPUT_PAUSE = 64 << 10, /* unsent bytes beyond which no further request is answered */
    OUTPUT_FULL = 1 << 20,   /* and none is read */
    STREAM_LOW = 64 << 10,   /* a stream is asked for more when so little is left */
    WRITE_MOST = 256 << 10,  /* bytes for one connection before the next has its turn */
    DRAIN_S = 1,
};

static void enter(struct connection *c, enum phase phase) {
    const struct http_limits *l = &c->server->limits;
    const int seconds[] = {[IDLE] = l->idle_s, [RECEIVING] = l->request_s, [DRAINING] = DRAIN_S};
    c->phase = phase;
    if (seconds[phase])
        must(event_add(c->timer, &(struct timeval){.tv_sec = seconds[phase]}) == 0);
    else
        event_del(c->timer); /* the stream's own time-out watches over sending */
}

static void free_owned(const void *bytes, size_t length, void *owned) {
    (void)bytes, (void)length;
    free(owned);
}

static void respond(struct connection *c, const struct http_request *request,
                    struct http_response *r, bool keep_alive);

/* Answers with one of the server's own errors; the connection ends with it, because where the next
 * request would start is unknown. */
static void refuse(struct connection *c, int status) {
    struct http_response r = {.status = status};
    buf_printf(&r.body, "{\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}",
               http_status_of(status)->code, http_status_of(status)->message);
    if (status == 405)
        r.extra[0] = (struct http_header){STR("Allow"), STR("GET, HEAD, POST")};
    respond(c, NULL, &r, false);
}

/* [request] is NULL where there is none that could be understood. */
static void respond(struct connection *c, const struct http_request *request,
                    struct http_response *r, bool keep_alive) {
    struct http_server *s = c->server;
    struct evbuffer *out = bufferevent_get_output(c->stream_io);
    struct body p = body_take(r);
    const char *type = r->content_type ? r->content_type : "application/json";
    if (request && request->method != HTTP_POST && r->status == 200 && r->etag &&
        http_etag_known(request, r->etag)) {
        r->status = 304;
    } else if (!body_suit(&s->coder, &p, type, request && http_accepts_gzip(request))) {
        free(p.owned);
        refuse(c, 500);
        return;
    }
    keep_alive = keep_alive && !s->stopping;
    http_head_write(&s->head, r, p.encoding, (int64_t)p.bytes.len, keep_alive, &s->date);
    must(evbuffer_add(out, s->head.at, s->head.len) == 0);
    if (p.bytes.len == 0 || r->status == 304 || r->status == 204 ||
        (request && request->method == HTTP_HEAD))
        free(p.owned);
    else
        must(evbuffer_add_reference(out, p.bytes.at, p.bytes.len, free_owned, p.owned) == 0);
    if (!keep_alive)
        enter(c, FINISHING);
}

/* -- streams ------------------------------------------------------------------------------------
 */

static void advance(struct connection *c);

static struct evbuffer *output_of(const struct http_stream *s) {
    return bufferevent_get_output(s->connection->stream_io);
}

/* The handler has named a source: its head is kept until there is something to send. */
static void begin_stream(struct connection *c, const struct http_request *request,
                         struct http_response *r, bool keep_alive) {
    struct http_stream *s = &c->stream;
    *s = (struct http_stream){.connection = c, .source = r->stream, .head = s->head};
    s->keep_alive = keep_alive && request->minor >= 1;
    s->chunked = request->minor >= 1;
    http_head_write(&s->head, r, NULL, s->chunked ? LENGTH_CHUNKED : LENGTH_UNTOLD, s->keep_alive,
                    &c->server->date);
    enter(c, STREAMING);
    bufferevent_setwatermark(c->stream_io, EV_WRITE, STREAM_LOW, 0);
    s->source.open(s->source.context, s);
}

/* A HEAD request: what a GET would begin with. */
static void answer_stream_head(struct connection *c, struct http_response *r, bool keep_alive) {
    struct http_server *s = c->server;
    http_head_write(&s->head, r, NULL, LENGTH_CHUNKED, keep_alive, &s->date);
    must(evbuffer_add(bufferevent_get_output(c->stream_io), s->head.at, s->head.len) == 0);
    r->stream.closed(r->stream.context);
    if (!keep_alive)
        enter(c, FINISHING);
}

static void send_stream_head(struct http_stream *s) {
    if (!s->begun)
        must(evbuffer_add(output_of(s), s->head.at, s->head.len) == 0);
    s->begun = true;
}

void http_stream_send(struct http_stream *s, const void *bytes, size_t length) {
    send_stream_head(s);
    if (length == 0) /* would be the last chunk */
        return;
    struct evbuffer *out = output_of(s);
    if (s->chunked)
        must(evbuffer_add_printf(out, "%zx\r\n", length) > 0);
    must(evbuffer_add(out, bytes, length) == 0);
    if (s->chunked)
        must(evbuffer_add(out, "\r\n", 2) == 0);
}

/* The connection goes on without the stream. */
static void leave_stream(struct connection *c, bool keep_alive) {
    c->stream.source.open = NULL;
    buf_free(&c->stream.head);
    bufferevent_setwatermark(c->stream_io, EV_WRITE, 0, 0);
    enter(c, keep_alive && !c->server->stopping ? IDLE : FINISHING);
    if (!c->advancing)
        advance(c);
}

void http_stream_end(struct http_stream *s, bool whole) {
    send_stream_head(s);
    if (s->chunked && whole)
        must(evbuffer_add(output_of(s), "0\r\n\r\n", 5) == 0);
    leave_stream(s->connection, s->keep_alive && whole);
}

void http_stream_answer(struct http_stream *s, const struct http_request *request,
                        struct http_response *r) {
    struct connection *c = s->connection;
    bool keep_alive = s->keep_alive;
    if (r->stream.open && request->method != HTTP_HEAD) {
        begin_stream(c, request, r, keep_alive);
        return;
    }
    c->phase = IDLE;
    if (r->stream.open)
        answer_stream_head(c, r, keep_alive);
    else
        respond(c, request, r, keep_alive);
    leave_stream(c, keep_alive && c->phase != FINISHING);
}

size_t http_stream_unsent(const struct http_stream *s) {
    return evbuffer_get_length(output_of(s));
}

/* -- requests -----------------------------------------------------------------------------------
 */

/* Answers the first request of the input; false when it isn't whole or was refused. */
static bool answer_next(struct connection *c) {
    struct http_server *s = c->server;
    struct evbuffer *in = bufferevent_get_input(c->stream_io);
    struct http_request request;
    struct http_response response = {.status = 200};
    bool keep_alive;
    str bytes = {.len = evbuffer_get_length(in)};
    if (bytes.len == 0)
        return false;
    bytes.at = (const char *)evbuffer_pullup(in, -1);
    must(bytes.at);
    arena_reset(&s->memory);
    int length = http_parse(&s->memory, bytes, &s->limits, &request, &keep_alive);
    if (length < 0)
        refuse(c, -length);
    if (length <= 0)
        return false;
    processor_drop_wide();
    s->handler(s->context, &request, &response);
    c->phase = IDLE; /* the next request has its own deadline */
    if (!response.stream.open)
        respond(c, &request, &response, keep_alive);
    else if (request.method == HTTP_HEAD && !response.stream.later)
        answer_stream_head(c, &response, keep_alive && !s->stopping);
    else
        begin_stream(c, &request, &response, keep_alive);
    evbuffer_drain(in, (size_t)length);
    return true;
}

void http_connection_close(struct connection *c) {
    struct http_server *s = c->server;
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    if (c->stream.source.open)
        c->stream.source.closed(c->stream.source.context);
    buf_free(&c->stream.head);
    atomic_fetch_sub(&s->count, 1);
    atomic_fetch_sub(&s->shared->connections, 1);
    event_free(c->timer);
    bufferevent_free(c->stream_io); /* with its socket */
    free(c);
    if (s->stopping && !s->connections)
        event_base_loopbreak(s->base);
}

/* Takes the connection as far as it goes: answers the requests that are there, in order, as long
 * as the client takes the responses, then waits for what is missing. May free [c]. */
static void advance(struct connection *c) {
    struct evbuffer *in = bufferevent_get_input(c->stream_io);
    struct evbuffer *out = bufferevent_get_output(c->stream_io);
    c->advancing = true;
    while (c->phase < STREAMING && evbuffer_get_length(out) < OUTPUT_PAUSE && answer_next(c))
        ;
    c->advancing = false;
    if (c->phase >= FINISHING)
        evbuffer_drain(in, evbuffer_get_length(in));
    if (evbuffer_get_length(out) >= OUTPUT_FULL && c->phase < FINISHING)
        bufferevent_disable(c->stream_io, EV_READ);
    else
        bufferevent_enable(c->stream_io, EV_READ);
    if (c->phase == STREAMING)
        return;
    if (evbuffer_get_length(out) > 0) {
        if (c->phase < FINISHING)
            enter(c, SENDING);
    } else if (c->ended) {
        http_connection_close(c);
    } else if (c->phase == FINISHING) {
        shutdown(bufferevent_getfd(c->stream_io), SHUT_WR);
        enter(c, DRAINING);
    } else if (c->phase < FINISHING && evbuffer_get_length(in) == 0) {
        if (c->server->stopping)
            http_connection_close(c);
        else
            enter(c, IDLE);
    } else if (c->phase < RECEIVING || c->phase == SENDING) {
        enter(c, RECEIVING);
    }
}

static void on_readable(struct bufferevent *stream, void *context) {
    (void)stream;
    advance(context);
}

/* All is sent, or of a stream all but a little. */
static void on_sent(struct bufferevent *stream, void *context) {
    struct connection *c = context;
    (void)stream;
    if (c->phase == STREAMING && c->stream.source.room)
        c->stream.source.room(c->stream.source.context);
    else
        advance(c);
}

static void on_stream_end(struct bufferevent *stream, short what, void *context) {
    struct connection *c = context;
    (void)stream;
    c->ended = true;
    /* A client may shut down writing and still want its responses. Who leaves a stream doesn't. */
    if (what & BEV_EVENT_EOF && c->phase != STREAMING)
        advance(c);
    else
        http_connection_close(c);
}

static void on_timer(evutil_socket_t fd, short what, void *context) {
    struct connection *c = context;
    (void)fd, (void)what;
    if (c->phase == RECEIVING) {
        refuse(c, 408);
        advance(c);
    } else {
        http_connection_close(c);
    }
}

void http_connection_begin(struct http_server *s, evutil_socket_t fd) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct connection *c = mem_zalloc(1, sizeof *c);
    *c = (struct connection){.server = s, .next = s->connections, .link = &s->connections};
    c->timer = evtimer_new(s->base, on_timer, c);
    c->stream_io = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
    must(c->timer && c->stream_io);
    if (c->next)
        c->next->link = &c->next;
    s->connections = c;
    /* Reading stops by itself when the largest request is there and not yet answered. */
    bufferevent_setwatermark(c->stream_io, EV_READ, 0, s->limits.head_bytes + s->limits.body_bytes);
    bufferevent_set_max_single_write(c->stream_io, WRITE_MOST);
    bufferevent_set_timeouts(c->stream_io, NULL, &(struct timeval){.tv_sec = s->limits.response_s});
    bufferevent_setcb(c->stream_io, on_readable, on_sent, on_stream_end, c);
    must(bufferevent_enable(c->stream_io, EV_READ) == 0);
    enter(c, IDLE);
    if (atomic_load(&s->shared->connections) > s->limits.connections) {
        refuse(c, 503);
        advance(c);
    } else if (s->stopping) {
        http_connection_close(c);
    }
}
