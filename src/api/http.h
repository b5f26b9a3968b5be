/* A strict HTTP/1.1 server on libevent's core: one thread, one loop.
 *
 * It knows GET, HEAD and POST, keep-alive and pipelining in order, and nothing else. Every resource
 * has a bound: connections, header bytes and count, body bytes, the time to send a request, the
 * time to take a response, idle time. A request that is not plainly well formed (bare LF, folded
 * headers, two lengths, any Transfer-Encoding, a control character) is answered 400 and the
 * connection closed: an ambiguous request is how smuggling starts. HTTP/1.0 is answered and the
 * connection closed. "Expect" is ignored; a client that waits for a 100 soon sends its body anyway.
 *
 * A handler is called with the whole request and fills the response before it returns. Memory for
 * both comes from an arena that lives as long as the request.
 */
#ifndef API_HTTP_H
#define API_HTTP_H

#include "base/err.h"
#include "base/stop.h"
#include "base/str.h"

struct event_base;

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
};

typedef void http_handler(void *context, const struct http_request *request,
                          struct http_response *response);

struct http_limits {
    int connections;   /* 512: more are accepted and answered 503 at once */
    size_t head_bytes; /* 16 KB: request line and headers; more is 431, or 414 on the first line */
    int headers;       /* 64 */
    size_t body_bytes; /* 64 KB; more is 413 */
    int request_s;     /* 10: absolute, from the first byte to the last; then 408 */
    int response_s;    /* 60: without progress in sending; then the connection is dropped */
    int idle_s;        /* 75: between requests */
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
/* Closes the listener and every connection. */
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
/* Whether If-None-Match lists [etag], or is "*". Weak and strong forms compare alike. */
bool http_etag_known(const struct http_request *r, const char *etag);

/* The reader below the server, for its tests and its fuzz target. Looks at the [bytes] received so
 * far. Returns the length of the whole request once it is there and fills [out] (views into
 * [bytes] and [a]); 0 when more is needed; or minus the status to answer with. */
int http_parse(struct arena *a, str bytes, const struct http_limits *limits,
               struct http_request *out, bool *keep_alive);

#endif
