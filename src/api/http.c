#include "api/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/http_connection.h"

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
    REFUSED_ROOM = 64, /* connections over the cap that are told so at one time */
    ACCEPT_PAUSE_MS = 100,
};

/* -- accepting ----------------------------------------------------------------------------------
 */

static void adopt_handed(void *context, intptr_t fd) {
    http_connection_begin(context, (evutil_socket_t)fd);
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
        http_connection_begin(s, fd);
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
            http_connection_close(c);
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
        http_connection_close(c);
    }
    close_listener(s);
    if (s->stop_timer)
        event_free(s->stop_timer);
    server_free(s);
    if (is_first)
        free(shared);
}
