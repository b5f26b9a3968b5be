#include "api/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <libdeflate.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define H "Host: a\r\n"
#define GET(target) "GET " target " HTTP/1.1\r\n" H "\r\n"

/* The server runs its loop in a thread; the tests are its clients, on raw sockets. */
enum { TEXT_BYTES = 20000, LARGE_BYTES = 8 << 20, MEDIUM_BYTES = 64 << 10 };

static struct {
    struct event_base *base;
    struct http_server *server;
    struct stop stop;
    struct event *stopped;
    pthread_t thread;
    int port;
    atomic_int calls;
    char text[TEXT_BYTES], *large, packed[1000];
    size_t packed_length;
} world;

static const struct http_limits short_limits = {.connections = 8,
                                                .head_bytes = 1 << 10,
                                                .headers = 16,
                                                .body_bytes = 2 << 10,
                                                .request_s = 1,
                                                .response_s = 1,
                                                .idle_s = 2};

static void answer(void *context, const struct http_request *request,
                   struct http_response *response) {
    (void)context;
    atomic_fetch_add(&world.calls, 1);
    if (str_eq(request->path, STR("/echo"))) {
        buf_add_str(&response->body, request->body);
        response->content_type = "text/plain";
    } else if (str_eq(request->path, STR("/text"))) {
        buf_add(&response->body, world.text, TEXT_BYTES);
        response->etag = "\"text\"";
    } else if (str_eq(request->path, STR("/page"))) {
        response->fixed_body = STR("<p>");
        response->content_type = "text/html; charset=utf-8";
        response->cache_control = "max-age=60";
        response->extra[0] = (struct http_header){STR("X-One"), STR("a\r\nX-Two: b")};
    } else if (str_eq(request->path, STR("/packed"))) {
        response->fixed_body = (str){world.packed, world.packed_length};
        response->content_encoding = "gzip";
    } else if (str_eq(request->path, STR("/broken"))) {
        response->fixed_body = STR("this is no gzip, though it says so");
        response->content_encoding = "gzip";
    } else if (str_eq(request->path, STR("/medium"))) {
        response->fixed_body = (str){world.large, MEDIUM_BYTES};
    } else if (str_eq(request->path, STR("/large"))) {
        buf_add(&response->body, world.large, LARGE_BYTES);
        response->content_type = "application/octet-stream";
    } else {
        response->status = 404;
        buf_printf(&response->body, "%.*s", STR_ARG(request->path));
    }
}

static void on_stop(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what, (void)context;
    event_base_loopbreak(world.base);
}

static void *run_loop(void *context) {
    (void)context;
    event_base_dispatch(world.base);
    return NULL;
}

static int start(void **state) {
    (void)state;
    world.base = event_base_new();
    assert_null(
        http_server_open(world.base, "127.0.0.1", 0, &short_limits, answer, NULL, &world.server));
    world.port = http_server_port(world.server);
    assert_null(stop_init(&world.stop));
    world.stopped = event_new(world.base, world.stop.pipe[0], EV_READ, on_stop, NULL);
    event_add(world.stopped, NULL);
    atomic_store(&world.calls, 0);
    return pthread_create(&world.thread, NULL, run_loop, NULL);
}

static int finish(void **state) {
    (void)state;
    stop_request(&world.stop);
    pthread_join(world.thread, NULL);
    http_server_close(world.server);
    event_free(world.stopped);
    event_base_free(world.base);
    stop_close(&world.stop);
    return 0;
}

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void sleep_ms(int ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

/* A connection of a client: what it has read beyond the last response stays in [rest]. */
struct client {
    int fd;
    struct buf rest;
};

static struct client dial(int receive_buffer) {
    struct client c = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)world.port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(c.fd >= 0);
    if (receive_buffer)
        setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 10},
               sizeof(struct timeval));
    setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    assert_int_equal(connect(c.fd, (struct sockaddr *)&to, sizeof to), 0);
    return c;
}

static void hang_up(struct client *c) {
    close(c->fd);
    buf_free(&c->rest);
}

static bool send_bytes(struct client *c, str bytes) {
    return send(c->fd, bytes.at, bytes.len, MSG_NOSIGNAL) == (ssize_t)bytes.len;
}

/* Reads some more; false at the end, or when the connection is reset. */
static bool receive(struct client *c) {
    char bytes[32 << 10];
    ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
    assert_false(n < 0 && errno != ECONNRESET);
    buf_add(&c->rest, bytes, n > 0 ? (size_t)n : 0);
    return n > 0;
}

struct answer {
    struct arena memory;
    int status;
    str head, body;
};

/* Reads one response, of [method] "HEAD" or another. The status is 0 when there is none. */
static struct answer read_answer(struct client *c, const char *method) {
    struct answer a = {0};
    ptrdiff_t end;
    size_t length = 0;
    while ((end = str_find(buf_str(&c->rest), STR("\r\n\r\n"))) < 0)
        if (!receive(c))
            return a;
    a.head = str_from(str_dup(&a.memory, (str){c->rest.at, (size_t)end + 2}));
    a.status = atoi(a.head.at + strlen("HTTP/1.1 "));
    const char *field = strstr(a.head.at, "Content-Length: ");
    if (field && strcmp(method, "HEAD") != 0)
        length = strtoul(field + strlen("Content-Length: "), NULL, 10);
    size_t whole = (size_t)end + 4 + length;
    while (c->rest.len < whole)
        assert_true(receive(c));
    a.body = (str){str_dup(&a.memory, (str){c->rest.at + end + 4, length}), length};
    memmove(c->rest.at, c->rest.at + whole, c->rest.len - whole);
    c->rest.len -= whole;
    return a;
}

static struct answer ask(struct client *c, const char *method, const char *path,
                         const char *headers) {
    struct buf b = {0};
    buf_printf(&b, "%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n", method, path, headers);
    assert_true(send_bytes(c, buf_str(&b)));
    buf_free(&b);
    return read_answer(c, method);
}

static bool has_header(const struct answer *a, const char *line) {
    struct buf b = {0};
    buf_printf(&b, "\r\n%s\r\n", line);
    bool found = str_find(a->head, buf_str(&b)) >= 0;
    buf_free(&b);
    return found;
}

static bool has_name(const struct answer *a, const char *name) {
    struct buf b = {0};
    buf_printf(&b, "\r\n%s: ", name);
    bool found = str_find(a->head, buf_str(&b)) >= 0;
    buf_free(&b);
    return found;
}

static void forget(struct answer *a) {
    arena_free(&a->memory);
}

/* The connection is at an orderly end: nothing more comes, and it was not reset. */
static void expect_end(struct client *c) {
    char byte;
    assert_int_equal(c->rest.len, 0);
    assert_int_equal(recv(c->fd, &byte, 1, 0), 0);
}

static void expect_served(void) {
    struct client c = dial(0);
    struct answer a = ask(&c, "GET", "/page", "");
    assert_int_equal(a.status, 200);
    forget(&a);
    hang_up(&c);
}

static void test_keep_alive_and_headers(void **state) {
    struct client c = dial(0);
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct answer a = ask(&c, "GET", "/page", "");
        assert_int_equal(a.status, 200);
        assert_true(str_eq(a.body, STR("<p>")));
        assert_true(has_name(&a, "Date"));
        assert_true(has_header(&a, "Content-Type: text/html; charset=utf-8"));
        assert_true(has_header(&a, "Cache-Control: max-age=60"));
        assert_true(has_header(&a, "Vary: Accept-Encoding"));
        assert_true(has_header(&a, "X-Content-Type-Options: nosniff"));
        assert_true(has_header(&a, "Referrer-Policy: no-referrer"));
        assert_true(has_header(&a, "Cross-Origin-Resource-Policy: same-origin"));
        assert_true(str_find(a.head, STR("Content-Security-Policy: default-src 'none'; "
                                         "script-src 'self'; style-src 'self'")) > 0);
        assert_true(str_find(a.head, STR("frame-ancestors 'none'")) > 0);
        assert_true(has_header(&a, "X-One: a  X-Two: b"));
        assert_false(has_name(&a, "Connection"));
        forget(&a);
    }
    struct answer a = ask(&c, "GET", "/nowhere", "Connection: close\r\n");
    assert_int_equal(a.status, 404);
    assert_true(str_eq(a.body, STR("/nowhere")));
    assert_true(has_header(&a, "Content-Type: application/json"));
    assert_true(has_header(&a, "Cache-Control: no-cache"));
    assert_true(has_header(&a, "Connection: close"));
    assert_true(
        has_header(&a, "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'"));
    expect_end(&c);
    forget(&a);
    hang_up(&c);
}

static void test_http_1_0(void **state) {
    struct client c = dial(0);
    (void)state;
    assert_true(send_bytes(&c, STR("GET /page HTTP/1.0\r\n\r\n")));
    struct answer a = read_answer(&c, "GET");
    assert_int_equal(a.status, 200);
    assert_true(has_header(&a, "Connection: close"));
    expect_end(&c);
    forget(&a);
    hang_up(&c);
}

static void test_head(void **state) {
    struct client c = dial(0);
    (void)state;
    static const char *const accepts[] = {"", "Accept-Encoding: gzip\r\n"};
    for (int i = 0; i < 2; i++) {
        struct answer head = ask(&c, "HEAD", "/text", accepts[i]);
        struct answer get = ask(&c, "GET", "/text", accepts[i]);
        char line[64];
        snprintf(line, sizeof line, "Content-Length: %zu", get.body.len);
        assert_int_equal(head.status, 200);
        assert_true(has_header(&head, line));
        assert_int_equal(c.rest.len, 0);
        forget(&head), forget(&get);
    }
    hang_up(&c);
}

static void test_pipelining(void **state) {
    struct client c = dial(0);
    struct buf b = {0};
    (void)state;
    for (int i = 0; i < 20; i++)
        buf_printf(&b, "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n", i);
    assert_true(send_bytes(&c, buf_str(&b)));
    for (int i = 0; i < 20; i++) {
        char path[16];
        snprintf(path, sizeof path, "/%d", i);
        struct answer a = read_answer(&c, "GET");
        assert_true(str_eq(a.body, str_from(path)));
        forget(&a);
    }
    buf_free(&b);
    hang_up(&c);
}

/* A client that shuts down writing after its requests still gets every response. */
static void test_half_closed_client(void **state) {
    struct client c = dial(0);
    (void)state;
    assert_true(send_bytes(&c, STR("GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
                                   "GET /page HTTP/1.1\r\nHost: a\r\n\r\nGET /pa")));
    shutdown(c.fd, SHUT_WR);
    struct answer a = read_answer(&c, "GET"), b = read_answer(&c, "GET");
    assert_int_equal(a.body.len, LARGE_BYTES);
    assert_true(str_eq(b.body, STR("<p>")));
    expect_end(&c);
    forget(&a), forget(&b);
    hang_up(&c);
}

/* Many requests and no reading: the server stops answering instead of piling up responses. */
static void test_pipelining_without_reading(void **state) {
    enum { REQUESTS = 600 };
    struct client c = dial(16 << 10);
    (void)state;
    for (int i = 0; i < REQUESTS; i++)
        assert_true(send_bytes(&c, STR("GET /medium HTTP/1.1\r\nHost: a\r\n\r\n")));
    sleep_ms(300);
    int calls = atomic_load(&world.calls);
    assert_true(calls > 0 && calls < REQUESTS / 4); /* what the system's own buffers take */
    for (int i = 0; i < REQUESTS; i++) {
        struct answer a = read_answer(&c, "GET");
        assert_int_equal(a.body.len, MEDIUM_BYTES);
        forget(&a);
    }
    assert_int_equal(atomic_load(&world.calls), REQUESTS);
    hang_up(&c);
}

static void test_etag(void **state) {
    struct client c = dial(0);
    (void)state;
    struct answer a = ask(&c, "GET", "/text", "If-None-Match: \"x\", W/\"text\"\r\n");
    assert_int_equal(a.status, 304);
    assert_true(has_header(&a, "ETag: \"text\""));
    assert_false(has_name(&a, "Content-Length"));
    assert_int_equal(c.rest.len, 0);
    forget(&a);
    a = ask(&c, "GET", "/text", "If-None-Match: \"x\"\r\n");
    assert_int_equal(a.status, 200);
    forget(&a);
    a = ask(&c, "GET", "/page", "If-None-Match: *\r\n"); /* has no tag */
    assert_int_equal(a.status, 200);
    forget(&a);
    a = ask(&c, "HEAD", "/text", "If-None-Match: *\r\n");
    assert_int_equal(a.status, 304);
    forget(&a);
    hang_up(&c);
}

static void expect_inflates_to(str packed, str plain) {
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    char *out = mem_alloc(plain.len + 1);
    size_t length;
    assert_int_equal(
        libdeflate_gzip_decompress(d, packed.at, packed.len, out, plain.len + 1, &length), 0);
    assert_true(str_eq((str){out, length}, plain));
    free(out);
    libdeflate_free_decompressor(d);
}

static void test_gzip(void **state) {
    str text = {world.text, TEXT_BYTES};
    struct client c = dial(0);
    (void)state;
    struct answer a = ask(&c, "GET", "/text", "Accept-Encoding: br, gzip;q=0.5\r\n");
    assert_true(has_header(&a, "Content-Encoding: gzip"));
    assert_true(a.body.len < TEXT_BYTES);
    expect_inflates_to(a.body, text);
    forget(&a);
    a = ask(&c, "GET", "/text", "Accept-Encoding: gzip;q=0, *\r\n");
    assert_false(has_name(&a, "Content-Encoding"));
    assert_true(str_eq(a.body, text));
    forget(&a);
    a = ask(&c, "GET", "/page", "Accept-Encoding: gzip\r\n"); /* too short */
    assert_false(has_name(&a, "Content-Encoding"));
    forget(&a);
    a = ask(&c, "GET", "/packed", "Accept-Encoding: gzip\r\n");
    assert_true(has_header(&a, "Content-Encoding: gzip"));
    assert_true(str_eq(a.body, (str){world.packed, world.packed_length}));
    forget(&a);
    a = ask(&c, "GET", "/packed", "");
    assert_false(has_name(&a, "Content-Encoding"));
    assert_true(str_eq(a.body, text));
    forget(&a);
    a = ask(&c, "GET", "/broken", "");
    assert_int_equal(a.status, 500);
    expect_end(&c);
    forget(&a);
    hang_up(&c);
}

static void test_body_and_single_bytes(void **state) {
    struct client c = dial(0);
    str request = STR("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world"
                      "GET /page HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)state;
    for (size_t i = 0; i < request.len; i++) {
        assert_true(send_bytes(&c, (str){request.at + i, 1}));
        if (i % 16 == 0)
            sleep_ms(1);
    }
    struct answer a = read_answer(&c, "POST"), b = read_answer(&c, "GET");
    assert_true(str_eq(a.body, STR("hello world")));
    assert_true(str_eq(b.body, STR("<p>")));
    forget(&a), forget(&b);
    a = ask(&c, "POST", "/echo", "Content-Length: 0\r\n"), b = ask(&c, "GET", "/page", "");
    assert_true(a.status == 200 && has_header(&a, "Content-Length: 0") && b.status == 200);
    forget(&a), forget(&b);
    hang_up(&c);
}

/* Sends [request], and half a megabyte more that nobody will read: the error arrives whole. */
static void expect_refused(const char *request, int status, const char *code) {
    static const char more[512 << 10];
    struct client c = dial(0);
    char line[64];
    assert_true(send_bytes(&c, str_from(request)));
    send(c.fd, more, sizeof more, MSG_NOSIGNAL);
    struct answer a = read_answer(&c, "GET");
    assert_int_equal(a.status, status);
    snprintf(line, sizeof line, "{\"error\":{\"code\":\"%s\",\"message\":\"", code);
    assert_true(str_starts(a.body, str_from(line)));
    assert_true(has_header(&a, "Connection: close"));
    assert_int_equal(has_header(&a, "Allow: GET, HEAD, POST"), status == 405);
    expect_end(&c);
    forget(&a);
    hang_up(&c);
}

static void test_refusals(void **state) {
    char long_line[2000], long_head[2000];
    (void)state;
    memset(long_line, 'a', sizeof long_line);
    memcpy(long_line, "GET /", 5);
    long_line[sizeof long_line - 1] = 0;
    memset(long_head, 'a', sizeof long_head);
    memcpy(long_head, "GET / HTTP/1.1\r\nX: ", 19);
    long_head[sizeof long_head - 1] = 0;
    expect_refused("GET / HTTP/1.1\r\n\r\n", 400, "bad_request");
    expect_refused("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method_not_allowed");
    expect_refused("POST / HTTP/1.0\r\nContent-Length: 2049\r\n\r\n", 413, "body_too_large");
    expect_refused(long_line, 414, "target_too_long");
    expect_refused(long_head, 431, "headers_too_large");
    expect_refused("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "not_implemented");
    expect_refused("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505, "version_not_supported");
    expect_served();
}

/* A byte now and then doesn't move the deadline. */
static void test_trickling_request(void **state) {
    struct client c = dial(0);
    double from = seconds_now();
    (void)state;
    assert_true(send_bytes(&c, STR("GET / HTTP/1.1\r\nX: ")));
    for (int i = 0; i < 6; i++) {
        sleep_ms(150);
        assert_true(send_bytes(&c, STR("a")));
    }
    struct answer a = read_answer(&c, "GET");
    assert_int_equal(a.status, 408);
    assert_true(seconds_now() - from < 1.6);
    expect_end(&c);
    forget(&a);
    hang_up(&c);
}

static void test_idle_connection(void **state) {
    struct client c = dial(0);
    (void)state;
    struct answer a = ask(&c, "GET", "/page", "");
    double from = seconds_now();
    expect_end(&c);
    double waited = seconds_now() - from;
    assert_true(waited > 1.5 && waited < 3);
    forget(&a);
    hang_up(&c);
}

static void test_connection_cap(void **state) {
    struct client clients[8];
    (void)state;
    for (int i = 0; i < 8; i++) {
        clients[i] = dial(0);
        struct answer a = ask(&clients[i], "GET", "/page", "");
        assert_int_equal(a.status, 200);
        forget(&a);
    }
    for (int i = 0; i < 3; i++) {
        struct client c = dial(0);
        struct answer a = ask(&c, "GET", "/page", "");
        assert_int_equal(a.status, 503);
        assert_true(str_starts(a.body, STR("{\"error\":{\"code\":\"busy\"")));
        expect_end(&c);
        forget(&a);
        hang_up(&c);
    }
    for (int i = 0; i < 8; i++)
        hang_up(&clients[i]);
    sleep_ms(100);
    expect_served();
}

static void test_client_leaves_mid_request(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) { /* more than the cap: each must be given back */
        struct client c = dial(0);
        assert_true(
            send_bytes(&c, STR("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r")));
        hang_up(&c);
        sleep_ms(5);
    }
    expect_served();
}

static void test_client_leaves_mid_response(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct client c = dial(0);
        assert_true(send_bytes(&c, STR("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")));
        assert_true(receive(&c));
        if (i % 2) /* by a reset */
            setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
        hang_up(&c);
        sleep_ms(20);
    }
    expect_served();
}

static void test_large_response_read_slowly(void **state) {
    struct client c = dial(64 << 10);
    (void)state;
    assert_true(send_bytes(&c, STR("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")));
    for (int i = 0; i < 8; i++) { /* longer than response_s in all, but never without progress */
        sleep_ms(200);
        for (int j = 0; j < 16; j++)
            assert_true(receive(&c));
    }
    struct answer a = read_answer(&c, "GET");
    assert_int_equal(a.body.len, LARGE_BYTES);
    assert_memory_equal(a.body.at, world.large, LARGE_BYTES);
    forget(&a);
    hang_up(&c);
}

static void test_response_not_taken(void **state) {
    struct client c = dial(16 << 10);
    (void)state;
    assert_true(send_bytes(&c, STR("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")));
    sleep_ms(1800);
    while (receive(&c))
        ;
    assert_true(c.rest.len < LARGE_BYTES);
    hang_up(&c);
    expect_served();
}

static double cpu_seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

/* The client takes the last descriptor: the server can't accept, rests, and accepts later. */
static void test_out_of_descriptors(void **state) {
    struct rlimit before, none_left;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    int probe = dup(0);
    close(probe);
    none_left = (struct rlimit){(rlim_t)probe + 1, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none_left), 0);
    struct client c = dial(0);
    assert_true(send_bytes(&c, STR("GET /page HTTP/1.1\r\nHost: a\r\n\r\n")));
    double cpu = cpu_seconds();
    sleep_ms(500);
    cpu = cpu_seconds() - cpu;
    assert_int_equal(atomic_load(&world.calls), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(cpu < 0.1);
    struct answer a = read_answer(&c, "GET");
    assert_int_equal(a.status, 200);
    forget(&a);
    hang_up(&c);
}

/* finish closes the server over these; the clients see the end. */
static void test_close_with_open_connections(void **state) {
    struct client idle = dial(0), halfway = dial(0), sending = dial(16 << 10);
    (void)state;
    assert_true(send_bytes(&halfway, STR("GET / HT")));
    assert_true(send_bytes(&sending, STR("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")));
    assert_true(receive(&sending));
    finish(NULL);
    assert_false(receive(&idle));
    assert_false(receive(&halfway));
    while (receive(&sending))
        ;
    assert_true(sending.rest.len < LARGE_BYTES);
    hang_up(&idle), hang_up(&halfway), hang_up(&sending);
    start(NULL);
}

static void test_addresses(void **state) {
    struct event_base *base = event_base_new();
    struct http_server *one, *two;
    (void)state;
    static const char *const wrong[] = {"", "here", "1.2.3", "::1::", "256.0.0.1", "[::1]"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        err *e = http_server_open(base, wrong[i], 0, &short_limits, answer, NULL, &one);
        assert_non_null(e);
        assert_int_equal(err_kind(e), ERR_USAGE);
        err_free(e);
    }
    assert_null(http_server_open(base, "localhost", 0, &short_limits, answer, NULL, &one));
    int port = http_server_port(one);
    assert_true(port > 0);
    err *e = http_server_open(base, "127.0.0.1", port, &short_limits, answer, NULL, &two);
    assert_non_null(e);
    assert_int_equal(err_kind(e), ERR_BUSY);
    char text[16];
    snprintf(text, sizeof text, "%d", port);
    assert_non_null(strstr(err_text(e), text));
    err_free(e);
    http_server_close(one);
    e = http_server_open(base, "::1", 0, &short_limits, answer, NULL, &one);
    if (e) { /* a machine without IPv6 */
        assert_int_equal(err_kind(e), ERR_IO);
        err_free(e);
    } else {
        assert_true(http_server_port(one) > 0);
        http_server_close(one);
    }
    event_base_free(base);
}

static int make_bodies(void **state) {
    (void)state;
    world.large = mem_alloc(LARGE_BYTES);
    for (size_t i = 0; i < LARGE_BYTES; i++)
        world.large[i] = (char)(i * 2654435761u >> 13);
    for (size_t i = 0; i < TEXT_BYTES; i++)
        world.text[i] = "0123456789,{}\n"[i * i % 14];
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    world.packed_length =
        libdeflate_gzip_compress(c, world.text, TEXT_BYTES, world.packed, sizeof world.packed);
    libdeflate_free_compressor(c);
    return world.packed_length ? 0 : -1;
}

static int free_bodies(void **state) {
    (void)state;
    free(world.large);
    return 0;
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, start, finish)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        SERVED(test_keep_alive_and_headers),
        SERVED(test_http_1_0),
        SERVED(test_head),
        SERVED(test_pipelining),
        SERVED(test_half_closed_client),
        SERVED(test_pipelining_without_reading),
        SERVED(test_etag),
        SERVED(test_gzip),
        SERVED(test_body_and_single_bytes),
        SERVED(test_refusals),
        SERVED(test_trickling_request),
        SERVED(test_idle_connection),
        SERVED(test_connection_cap),
        SERVED(test_client_leaves_mid_request),
        SERVED(test_client_leaves_mid_response),
        SERVED(test_large_response_read_slowly),
        SERVED(test_response_not_taken),
        SERVED(test_out_of_descriptors),
        SERVED(test_close_with_open_connections),
    };
    return cmocka_run_group_tests(tests, make_bodies, free_bodies);
}
