/* A strict HTTP/1.1 server on libevent's core: a thread and a loop for each core.
 *
 *    listener --> first server's loop ----+-- connections ... handler(context of this server)
 *                       | hands over      |
 *                       +--> another's ---+-- connections ... handler(context of that one)
 *
 * The first server accepts all connections and hands each to the server with the fewest, so that
 * the load is even on every system. A connection stays with its server: nothing is shared but the
 * count against the cap.
 *
 * It knows GET, HEAD and POST, keep-alive and pipelining in order, and nothing else. Every resource
 * has a bound: connections, header bytes and count, body bytes, the time to send a request, the
 * time to take a response, idle time. A request that is not plainly well formed (bare LF, folded
 * headers, two lengths, any Transfer-Encoding, a control character) is answered 400 and the
 * connection closed: an ambiguous request is how smuggling starts. HTTP/1.0 is answered and the
 * connection closed. "Expect" is ignored; a client that waits for a 100 soon sends its body anyway.
 *
 * A handler is called with the whole request and fills the response before it returns, or names
 * who will (struct http_streaming): what a worker has to make first, and what never ends. Memory
 * for request and response comes from an arena that lives as long as the call.
 */
#ifndef API_HTTP_H
#define API_HTTP_H

#include "api/loop.h"
#include "base/stop.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST };

struct http_header {
    str name, value;
};

struct http_request {
    struct arena *memory;
    enum http_method method;
    str path;  /* decoded, starts with '/', holds no "..", no NUL */
    str query; /* as sent, without '?' */
    const struct http_header *headers;
    size_t header_count;
    str body;
    int minor; /* of HTTP/1.x: 0 or 1 */
};

/* A response that goes on after the handler has returned, in the server's thread. */
struct http_stream;
struct http_streaming {
    void (*open)(void *context, struct http_stream *s); /* called once, after the handler */
    void (*room)(void *context); /* little is left of what was sent; may be NULL */
    /* The connection is gone, and [s] with it. Not called after http_stream_end or _answer. */
    void (*closed)(void *context);
    void (*stopping)(void *context); /* the server is about to end; may be NULL: it goes on */
    bool later; /* a whole response will come, by http_stream_answer: to a HEAD as well */
    void *context;
};

struct http_response {
    int status;               /* 200 from the start */
    const char *content_type; /* NULL: application/json */
    const char *cache_control;
    /* With the quotes; the server answers If-None-Match with 304. The tag is sent alike for every
     * content encoding, so W/"…" is the honest form. */
    const char *etag;
    const char *content_encoding; /* set when [body] is already encoded */
    struct http_header extra[4];  /* up to the first without name */
    /* Text over 1 KB is gzipped when the client accepts that; bytes that are gzipped already are
     * inflated when it doesn't. The server frees [body]. */
    struct buf body;
    str fixed_body; /* instead of [body]: bytes that outlive the server; best gzipped ahead */
    struct http_streaming stream; /* instead of both, where [open] is set */
};

/* Sends [length] bytes of the body, and the head before the first of them. */
void http_stream_send(struct http_stream *s, const void *bytes, size_t length);
/* The end of the body; where it isn't [whole], the connection ends in a way that tells so. */
void http_stream_end(struct http_stream *s, bool whole);
/* Instead of all that, as long as nothing was sent. Takes the body out of [r], which may name a
 * stream in turn. [request] is a copy of what was asked, by which encoding and 304 are decided, or
 * NULL for an answer that is the same to all. */
void http_stream_answer(struct http_stream *s, const struct http_request *request,
                        struct http_response *r);
/* Bytes that the client has not taken yet. */
size_t http_stream_unsent(const struct http_stream *s);

typedef void http_handler(void *context, const struct http_request *request,
                          struct http_response *response);

struct http_limits {
    int connections; /* 512: more are accepted and answered 503 at once; of all servers together */
    size_t head_bytes; /* 8 KB: request line and headers; more is 431, or 414 on the first line */
    int headers;       /* 64 */
    size_t body_bytes; /* 64 KB; more is 413 */
    int request_s;     /* 10: absolute, from the first byte to the last; then 408 */
    int response_s;    /* 60: without progress in sending; then the connection is dropped */
    int idle_s;        /* 75: between requests */
    int stop_s;        /* 5: for what is running when the server is told to stop */
};
extern const struct http_limits http_default_limits;

struct http_server;

/* Listens on [host]:[port] (port 0: any free one) on the loop [base]. [host] is an IPv4 or IPv6
 * address or "localhost", which is 127.0.0.1. ERR_BUSY when the port is taken, naming it; ERR_USAGE
 * when [host] is no address. Has the process ignore SIGPIPE. */
err *http_server_open(struct event_base *base, const char *host, int port,
                      const struct http_limits *limits, http_handler *handler, void *context,
                      struct http_server **out) ERR_NODISCARD;
int http_server_port(const struct http_server *s);
/* A further server, on a loop that another thread will run: [first] hands it connections. To be
 * called before any of the loops runs. */
void http_server_add(struct http_server *first, struct loop *loop, void *context,
                     struct http_server **out);
/* Connections of all servers together. */
int http_server_all_connections(const struct http_server *s);
/* On the server's own thread: accepts nothing more, closes what is idle, lets what is running come
 * to its end for [stop_s] seconds at most, and then breaks the loop. */
void http_server_stop(struct http_server *s);
/* Closes the listener and every connection. Loops don't run any longer; the first server last. */
void http_server_close(struct http_server *s);

/* The first header called [name], in any case; NULL when there is none. */
const str *http_header(const struct http_request *r, const char *name);

/* The value of [name] in a query string, decoded into [a] as forms are encoded: %XX, and '+' for a
 * blank. False when it isn't there. Names are compared after decoding; the first of several
 * counts. http_parse has refused bad escapes and %00; in other strings they stay as they are. */
bool http_query(struct arena *a, str query, const char *name, str *value);
/* Takes the next name=value off the front of [query], both decoded; false at its end. */
bool http_query_next(struct arena *a, str *query, str *name, str *value);

/* Whether Accept-Encoding allows gzip: by name, or by "*" where it isn't named. */
bool http_accepts_gzip(const struct http_request *r);
/* Whether If-None-Match lists [etag]; or does, or is "*". Weak and strong forms compare alike. */
bool http_etag_named(const struct http_request *r, const char *etag);
bool http_etag_known(const struct http_request *r, const char *etag);

/* The reader below the server, for its tests and its fuzz target. Looks at the [bytes] received so
 * far. Returns the length of the whole request once it is there and fills [out] (views into
 * [bytes] and [a]); 0 when more is needed; or minus the status to answer with. */
int http_parse(struct arena *a, str bytes, const struct http_limits *limits,
               struct http_request *out, bool *keep_alive);

#endif
