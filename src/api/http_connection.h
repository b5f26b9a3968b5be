/* What a server of HTTP and its connections know of each other (api/http.h is for all others). */
#ifndef API_HTTP_CONNECTION_H
#define API_HTTP_CONNECTION_H

#include <event2/util.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "api/http_body.h"
#include "api/http_head.h"
#include "base/log.h"

/* Of a connection, as the picture in http_connection.c has it. */
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
    struct http_date date;
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

/* A connection that was accepted and counted, which [s] has from now on. */
void http_connection_begin(struct http_server *s, evutil_socket_t fd);
/* Ends it, whatever it is at; a stream's source is told. */
void http_connection_close(struct connection *c);

/* libevent fails where this is used only for want of memory, which ends the process as in
 * base/mem.h. */
static inline void must(bool done) {
    if (!done) {
        log_error("out of memory");
        abort();
    }
}

#endif
