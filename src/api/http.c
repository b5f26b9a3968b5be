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
#include "api/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "api/http_body.h"
#include "base/log.h"

const struct http_limits http_default_limits = {
    .connections = 512,
    .head_bytes = 8 << 10,
    .headers = 64,
    .body_bytes = 64 << 10,
    .request_s = 10,
    .response_s = 60,
    .idle_s = 75,
    .stop_s = 5,
};

enum {
    REFUSED_ROOM = 64,       /* connections over the cap that are told so at one time */
    OUTPUT_PAUSE = 64 << 10, /* unsent bytes beyond which no further request is answered */
    OUTPUT_FULL = 1 << 20,   /* and none is read */
    STREAM_LOW = 64 << 10,   /* a stream is asked for more when so little is left */
    WRITE_MOST = 256 << 10,  /* bytes for one connection before the next has its turn */
    DRAIN_S = 1,
    ACCEPT_PAUSE_MS = 100,
};

enum phase { IDLE, RECEIVING, SENDING, STREAMING, FINISHING, DRAINING };

/* What servers share: the first has it. */
enum { MOST_SERVERS = 64 };
struct shared {
    atomic_int connections;
    int servers;
    struct http_server *all[MOST_SERVERS];
};

struct http_server {
    struct event_base *base;
    struct loop *loop; /* NULL in the first server, to which nobody hands anything */
    struct shared *shared;
    struct evconnlistener *listener; /* NULL in all but the first, and when stopping */
    struct event *accept_again;      /* pending while there are no descriptors to accept with */
    bool accept_failing;
    int port;
    struct http_limits limits;
    http_handler *handler;
    void *context;
    struct connection *connections;
    atomic_int count;
    bool stopping;
    struct event *stop_timer;
    /* Requests are answered one at a time, so these serve every connection. */
    struct arena memory;
    struct buf head;
    struct body_coder coder;
    time_t date_at;
    char date[40];
};

/* The handle of a streaming response, which is a part of its connection. */
struct http_stream {
    struct connection *connection;
    struct http_streaming source; /* [open] is NULL where there is none */
    struct buf head;              /* what is sent before the first byte */
    bool begun, chunked;
    bool keep_alive; /* when it has ended */
};

struct connection {
    struct http_server *server;
    struct connection *next, **link; /* [link] is what points here */
    struct bufferevent *stream_io;
    struct event *timer;
    enum phase phase;
    bool ended;     /* the client has sent its last byte */
    bool advancing; /* advance is at work on it */
    struct http_stream stream;
};

static const struct status {
    int status;
    const char *reason;
    const char *code, *message; /* of those that the server itself answers with */
} statuses[] = {
    {200, "OK", NULL, NULL},
    {204, "No Content", NULL, NULL},
    {304, "Not Modified", NULL, NULL},
    {400, "Bad Request", "bad_request", "this is not a well-formed HTTP request"},
    {401, "Unauthorized", NULL, NULL},
    {403, "Forbidden", NULL, NULL},
    {404, "Not Found", NULL, NULL},
    {405, "Method Not Allowed", "method_not_allowed", "only GET, HEAD and POST are answered"},
    {408, "Request Timeout", "timeout", "the request took too long to arrive"},
    {413, "Content Too Large", "body_too_large", "the body is larger than this server takes"},
    {414, "URI Too Long", "target_too_long", "the request line is longer than this server takes"},
    {415, "Unsupported Media Type", NULL, NULL},
    {421, "Misdirected Request", NULL, NULL},
    {429, "Too Many Requests", NULL, NULL},
    {431, "Request Header Fields Too Large", "headers_too_large",
     "the headers are larger than this server takes"},
    {500, "Internal Server Error", "internal", "the response can't be made"},
    {501, "Not Implemented", "not_implemented", "this method is not known here"},
    {503, "Service Unavailable", "busy", "there are too many connections; try again later"},
    {505, "HTTP Version Not Supported", "version_not_supported",
     "only HTTP/1.1 and 1.0 are spoken"},
};

static const struct status *status_of(int status) {
    static const struct status other = {0, "", "error", ""};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].status == status)
            return &statuses[i];
    return &other;
}

/* libevent fails where this is used only for want of memory, which ends the process as in
 * base/mem.h. */
static void must(bool done) {
    if (!done) {
        log_error("out of memory");
        abort();
    }
}

static void add_header(struct buf *b, str name, str value) {
    buf_add_str(b, name);
    buf_add_str(b, STR(": "));
    size_t from = b->len;
    buf_add_str(b, value);
    for (size_t i = from; i < b->len; i++) /* a line end in here would forge headers */
        if ((unsigned char)b->at[i] < ' ')
            b->at[i] = ' ';
    buf_add_str(b, STR("\r\n"));
}

static str http_date(struct http_server *s) {
    time_t now = time(NULL);
    if (now != s->date_at) {
        struct tm utc;
        gmtime_r(&now, &utc);
        strftime(s->date, sizeof s->date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
        s->date_at = now;
    }
    return str_from(s->date);
}

/* Nothing of this server is to be shown in another's frame, to run a script that it doesn't serve,
 * or to fetch from elsewhere. The dashboard's charts set styles. */
static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
static const char other_policy[] = "default-src 'none'; frame-ancestors 'none'";

enum { LENGTH_CHUNKED = -1, LENGTH_UNTOLD = -2 };

/* [length] of the body, or one of the above. */
static void write_head(struct http_server *s, const struct http_response *r, const char *encoding,
                       int64_t length, bool keep_alive, struct buf *b) {
    bool has_body = r->status != 204 && r->status != 304;
    const char *type = r->content_type ? r->content_type : "application/json";
    b->len = 0;
    buf_printf(b, "HTTP/1.1 %d %s\r\n", r->status, status_of(r->status)->reason);
    add_header(b, STR("Date"), http_date(s));
    if (has_body) {
        add_header(b, STR("Content-Type"), str_from(type));
        if (length >= 0)
            buf_printf(b, "Content-Length: %lld\r\n", (long long)length);
        else if (length == LENGTH_CHUNKED)
            buf_add_str(b, STR("Transfer-Encoding: chunked\r\n"));
        if (encoding)
            add_header(b, STR("Content-Encoding"), str_from(encoding));
    }
    if (r->etag)
        add_header(b, STR("ETag"), str_from(r->etag));
    add_header(b, STR("Cache-Control"),
               r->cache_control ? str_from(r->cache_control) : STR("no-cache"));
    buf_add_str(b, STR("Vary: Accept-Encoding\r\n"
                       "X-Content-Type-Options: nosniff\r\n"
                       "Referrer-Policy: no-referrer\r\n"
                       "Cross-Origin-Resource-Policy: same-origin\r\n"));
    /* also of a page that is unchanged: a browser takes over what comes with 304 */
    bool is_page = str_starts_nocase(str_from(type), STR("text/html"));
    add_header(b, STR("Content-Security-Policy"), str_from(is_page ? page_policy : other_policy));
    for (size_t i = 0; i < sizeof r->extra / sizeof *r->extra && r->extra[i].name.len; i++)
        add_header(b, r->extra[i].name, r->extra[i].value);
    if (!keep_alive)
        buf_add_str(b, STR("Connection: close\r\n"));
    buf_add_str(b, STR("\r\n"));
}

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
    buf_printf(&r.body, "{\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}", status_of(status)->code,
               status_of(status)->message);
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
    write_head(s, r, p.encoding, (int64_t)p.bytes.len, keep_alive, &s->head);
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
    write_head(c->server, r, NULL, s->chunked ? LENGTH_CHUNKED : LENGTH_UNTOLD, s->keep_alive,
               &s->head);
    enter(c, STREAMING);
    bufferevent_setwatermark(c->stream_io, EV_WRITE, STREAM_LOW, 0);
    s->source.open(s->source.context, s);
}

/* A HEAD request: what a GET would begin with. */
static void answer_stream_head(struct connection *c, struct http_response *r, bool keep_alive) {
    struct http_server *s = c->server;
    write_head(s, r, NULL, LENGTH_CHUNKED, keep_alive, &s->head);
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

static void close_connection(struct connection *c) {
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
        close_connection(c);
    } else if (c->phase == FINISHING) {
        shutdown(bufferevent_getfd(c->stream_io), SHUT_WR);
        enter(c, DRAINING);
    } else if (c->phase < FINISHING && evbuffer_get_length(in) == 0) {
        if (c->server->stopping)
            close_connection(c);
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
        close_connection(c);
}

static void on_timer(evutil_socket_t fd, short what, void *context) {
    struct connection *c = context;
    (void)fd, (void)what;
    if (c->phase == RECEIVING) {
        refuse(c, 408);
        advance(c);
    } else {
        close_connection(c);
    }
}

static void adopt(struct http_server *s, evutil_socket_t fd) {
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
        close_connection(c);
    }
}

static void adopt_handed(void *context, intptr_t fd) {
    adopt(context, (evutil_socket_t)fd);
}

static struct http_server *least_busy(const struct shared *shared) {
    struct http_server *best = shared->all[0];
    for (int i = 1; i < shared->servers; i++)
        if (atomic_load(&shared->all[i]->count) < atomic_load(&best->count))
            best = shared->all[i];
    return best;
}

/* How many may be there at one time, with those that are only told that there are too many. */
static int most_accepted(const struct http_limits *limits) {
    int refused = limits->connections < REFUSED_ROOM ? limits->connections : REFUSED_ROOM;
    return limits->connections + refused;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *context) {
    struct http_server *s = context;
    (void)listener, (void)address, (void)length;
    s->accept_failing = false;
    if (atomic_load(&s->shared->connections) >= most_accepted(&s->limits)) {
        close(fd);
        return;
    }
    struct http_server *to = least_busy(s->shared);
    atomic_fetch_add(&s->shared->connections, 1);
    atomic_fetch_add(&to->count, 1);
    if (to == s)
        adopt(s, fd);
    else
        loop_post(to->loop, adopt_handed, to, fd);
}

/* Without a descriptor to accept with, the waiting connection would wake the loop again and again;
 * so the listener rests a little, until some connection may have closed. */
static void on_accept_error(struct evconnlistener *listener, void *context) {
    struct http_server *s = context;
    err *e = err_errno(errno, "port %d", s->port);
    if (!s->accept_failing)
        log_warn("can't accept connections", log_err(e));
    err_free(e);
    s->accept_failing = true;
    evconnlistener_disable(listener);
    must(event_add(s->accept_again, &(struct timeval){.tv_usec = ACCEPT_PAUSE_MS * 1000}) == 0);
}

static void on_accept_again(evutil_socket_t fd, short what, void *context) {
    struct http_server *s = context;
    (void)fd, (void)what;
    evconnlistener_enable(s->listener);
}

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* The length of the address that [host] is, written to [out]; 0 when it is none. */
static int read_address(const char *host, int port, union address *out) {
    *out = (union address){0};
    if (strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (port < 0 || port > UINT16_MAX)
        return 0;
    out->v4.sin_port = htons((uint16_t)port); /* the same place in both families */
    out->any.sa_family = strchr(host, ':') ? AF_INET6 : AF_INET;
    if (out->any.sa_family == AF_INET6)
        return inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1 ? sizeof out->v6 : 0;
    return inet_pton(AF_INET, host, &out->v4.sin_addr) == 1 ? sizeof out->v4 : 0;
}

static err *listen_on(struct http_server *s, const char *host, int port) {
    union address address;
    int length = read_address(host, port, &address);
    unsigned options = LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
    if (length == 0)
        return err_new(ERR_USAGE,
                       "can't listen on '%s' port %d: give an IPv4 or IPv6 address or "
                       "'localhost', and a port from 0 to 65535",
                       host, port);
    s->listener =
        evconnlistener_new_bind(s->base, on_accept, s, options, SOMAXCONN, &address.any, length);
    if (!s->listener && errno == EADDRINUSE)
        return err_new(ERR_BUSY, "port %d of %s is taken by another program; choose another", port,
                       host);
    if (!s->listener)
        return err_errno(errno, "can't listen on %s port %d", host, port);
    evconnlistener_set_error_cb(s->listener, on_accept_error);
    getsockname(evconnlistener_get_fd(s->listener), &address.any, &(socklen_t){sizeof address});
    s->port = ntohs(address.v4.sin_port);
    return NULL;
}

static struct http_server *server_new(struct event_base *base, const struct http_limits *limits,
                                      http_handler *handler, void *context, struct shared *shared) {
    struct http_server *s = mem_zalloc(1, sizeof *s);
    s->base = base;
    s->limits = *limits;
    s->handler = handler;
    s->context = context;
    s->shared = shared;
    must(body_coder_init(&s->coder));
    assert(shared->servers < MOST_SERVERS);
    shared->all[shared->servers++] = s;
    return s;
}

static void server_free(struct http_server *s) {
    body_coder_free(&s->coder);
    arena_free(&s->memory);
    buf_free(&s->head);
    free(s);
}

err *http_server_open(struct event_base *base, const char *host, int port,
                      const struct http_limits *limits, http_handler *handler, void *context,
                      struct http_server **out) {
    struct shared *shared = mem_zalloc(1, sizeof *shared);
    struct http_server *s = server_new(base, limits, handler, context, shared);
    err *e = listen_on(s, host, port);
    if (e) {
        server_free(s);
        free(shared);
        return e;
    }
    s->accept_again = evtimer_new(base, on_accept_again, s);
    must(s->accept_again);
    signal(SIGPIPE, SIG_IGN); /* libevent sends with writev, which has no flag against it */
    *out = s;
    return NULL;
}

void http_server_add(struct http_server *first, struct loop *loop, void *context,
                     struct http_server **out) {
    *out = server_new(loop->base, &first->limits, first->handler, context, first->shared);
    (*out)->loop = loop;
    (*out)->port = first->port;
}

int http_server_port(const struct http_server *s) {
    return s->port;
}

int http_server_all_connections(const struct http_server *s) {
    return atomic_load(&s->shared->connections);
}

/* -- the end ------------------------------------------------------------------------------------
 */

static void close_listener(struct http_server *s) {
    if (s->listener)
        evconnlistener_free(s->listener);
    if (s->accept_again)
        event_free(s->accept_again);
    s->listener = NULL;
    s->accept_again = NULL;
}

static void on_stop_timer(evutil_socket_t fd, short what, void *context) {
    struct http_server *s = context;
    (void)fd, (void)what;
    event_base_loopbreak(s->base);
}

void http_server_stop(struct http_server *s) {
    close_listener(s);
    s->stopping = true;
    s->stop_timer = evtimer_new(s->base, on_stop_timer, s);
    must(s->stop_timer &&
         event_add(s->stop_timer, &(struct timeval){.tv_sec = s->limits.stop_s}) == 0);
    for (struct connection *c = s->connections, *next; c; c = next) {
        next = c->next;
        if (c->phase == IDLE)
            close_connection(c);
        else if (c->phase == STREAMING && c->stream.source.stopping)
            c->stream.source.stopping(c->stream.source.context);
    }
    if (!s->connections)
        event_base_loopbreak(s->base);
}

void http_server_close(struct http_server *s) {
    struct shared *shared = s->shared;
    bool is_first = shared->all[0] == s;
    for (struct connection *c = s->connections, *next; c; c = next) {
        next = c->next;
        close_connection(c);
    }
    close_listener(s);
    if (s->stop_timer)
        event_free(s->stop_timer);
    server_free(s);
    if (is_first)
        free(shared);
}
