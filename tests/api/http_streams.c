/* Several servers on one port, and responses that go on after their handler. */
#include "api/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { LOOPS = 3, PIECES = 40, PIECE = 100 << 10 };

static const struct http_limits limits = {.connections = 64,
                                          .head_bytes = 1 << 10,
                                          .headers = 16,
                                          .body_bytes = 1 << 10,
                                          .request_s = 5,
                                          .response_s = 2,
                                          .idle_s = 5,
                                          .stop_s = 2};

static struct {
    struct loop loops[LOOPS];
    struct http_server *servers[LOOPS];
    pthread_t threads[LOOPS];
    int numbers[LOOPS];
    char piece[PIECE];
    atomic_int opened, closed, most_unsent;
} world;

/* A source of PIECES pieces, each sent when there is room; [fails]: it ends after the third. */
struct source {
    struct http_stream *stream;
    int sent;
    bool fails;
};

static void send_more(void *context) {
    struct source *s = context;
    struct http_stream *stream = s->stream;
    while (s->sent < PIECES && http_stream_unsent(stream) < PIECE) {
        if (s->fails && s->sent == 3) {
            free(s);
            http_stream_end(stream, false);
            return;
        }
        http_stream_send(stream, world.piece, PIECE);
        s->sent++;
        int unsent = (int)http_stream_unsent(stream);
        if (unsent > atomic_load(&world.most_unsent))
            atomic_store(&world.most_unsent, unsent);
    }
    if (s->sent == PIECES) {
        free(s);
        http_stream_end(stream, true);
    }
}

static void on_open(void *context, struct http_stream *stream) {
    struct source *s = context;
    s->stream = stream;
    atomic_fetch_add(&world.opened, 1);
    send_more(s);
}

static void on_closed(void *context) {
    atomic_fetch_add(&world.closed, 1);
    free(context);
}

/* Waits for ever, until the server stops. */
static void on_wait_open(void *context, struct http_stream *stream) {
    ((struct source *)context)->stream = stream;
    http_stream_send(stream, "a", 1);
}

static void on_stopping(void *context) {
    struct http_stream *stream = ((struct source *)context)->stream;
    free(context);
    http_stream_end(stream, true);
}

static void on_answer_open(void *context, struct http_stream *stream) {
    struct http_response r = {.status = 503};
    buf_add_str(&r.body, STR("later"));
    free(context);
    http_stream_answer(stream, NULL, &r);
}

static void answer(void *context, const struct http_request *request,
                   struct http_response *response) {
    if (str_eq(request->path, STR("/which"))) {
        buf_printf(&response->body, "%d", *(int *)context);
        return;
    }
    struct source *s = mem_zalloc(1, sizeof *s);
    s->fails = str_eq(request->path, STR("/fails"));
    response->stream = (struct http_streaming){
        .open = on_open, .room = send_more, .closed = on_closed, .context = s};
    if (str_eq(request->path, STR("/answer")))
        response->stream.open = on_answer_open;
    if (str_eq(request->path, STR("/wait"))) {
        response->stream.open = on_wait_open;
        response->stream.room = NULL;
        response->stream.stopping = on_stopping;
    }
    response->content_type = "text/plain";
}

static void *run(void *context) {
    event_base_dispatch(((struct loop *)context)->base);
    return NULL;
}

static int start(void **state) {
    (void)state;
    for (size_t i = 0; i < PIECE; i++)
        world.piece[i] = (char)('a' + i * i % 23);
    atomic_store(&world.opened, 0), atomic_store(&world.closed, 0);
    for (int i = 0; i < LOOPS; i++) {
        world.numbers[i] = i;
        assert_null(loop_open(&world.loops[i]));
        if (i == 0)
            assert_null(http_server_open(world.loops[0].base, "127.0.0.1", 0, &limits, answer,
                                         &world.numbers[0], &world.servers[0]));
        else
            http_server_add(world.servers[0], &world.loops[i], &world.numbers[i],
                            &world.servers[i]);
    }
    for (int i = 0; i < LOOPS; i++)
        assert_int_equal(pthread_create(&world.threads[i], NULL, run, &world.loops[i]), 0);
    return 0;
}

static void stop_server(void *context, intptr_t number) {
    (void)number;
    http_server_stop(context);
}

static int finish(void **state) {
    (void)state;
    for (int i = 0; i < LOOPS; i++)
        loop_post(&world.loops[i], stop_server, world.servers[i], 0);
    for (int i = 0; i < LOOPS; i++)
        pthread_join(world.threads[i], NULL);
    for (int i = 0; i < LOOPS; i++)
        loop_drain(&world.loops[i]);
    for (int i = LOOPS - 1; i >= 0; i--)
        http_server_close(world.servers[i]);
    for (int i = 0; i < LOOPS; i++)
        loop_close(&world.loops[i]);
    return 0;
}

static int dial(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), small = 16 << 10;
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)http_server_port(world.servers[0]))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 20},
               sizeof(struct timeval));
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void ask(int fd, const char *method, const char *path, const char *version) {
    char text[200];
    int length =
        snprintf(text, sizeof text, "%s %s HTTP/%s\r\nHost: a\r\n\r\n", method, path, version);
    assert_int_equal(send(fd, text, (size_t)length, MSG_NOSIGNAL), length);
}

/* Reads until [end] is there, or the connection's end. */
static void read_until(int fd, struct buf *out, str end) {
    for (;;) {
        buf_reserve(out, 64 << 10);
        size_t back = out->len < end.len ? out->len : end.len;
        ssize_t got = recv(fd, out->at + out->len, 64 << 10, 0);
        if (got <= 0)
            return;
        out->len += (size_t)got;
        str news = {out->at + out->len - (size_t)got - back, (size_t)got + back};
        if (end.len && str_find(news, end) >= 0)
            return;
    }
}

/* The chunks of a chunked body behind the head; whether the last one was there. */
static size_t chunked_length(str text, bool *whole) {
    size_t total = 0;
    *whole = false;
    ptrdiff_t head = str_find(text, STR("\r\n\r\n"));
    assert_true(head > 0);
    str rest = {text.at + head + 4, text.len - (size_t)head - 4};
    while (rest.len) {
        char *end;
        char digits[16] = {0};
        str line = str_cut(&rest, '\n');
        memcpy(digits, line.at, line.len < 15 ? line.len : 15);
        size_t length = strtoul(digits, &end, 16);
        *whole = length == 0;
        if (*whole || length + 2 > rest.len)
            break;
        assert_memory_equal(rest.at, world.piece, length);
        total += length;
        rest = (str){rest.at + length + 2, rest.len - length - 2};
    }
    return total;
}

static void connections_are_spread_over_the_loops(void **state) {
    int clients[12], seen[LOOPS] = {0};
    (void)state;
    for (int i = 0; i < 12; i++) {
        struct buf text = {0};
        clients[i] = dial();
        ask(clients[i], "GET", "/which", "1.1");
        read_until(clients[i], &text, STR("\r\n\r\n"));
        seen[text.at[text.len - 1] - '0']++;
        buf_free(&text);
    }
    for (int i = 0; i < LOOPS; i++)
        assert_int_equal(seen[i], 12 / LOOPS);
    for (int i = 0; i < 12; i++)
        close(clients[i]);
}

static void a_stream_comes_whole_and_waits_for_its_reader(void **state) {
    struct buf text = {0};
    bool whole;
    (void)state;
    atomic_store(&world.most_unsent, 0);
    int fd = dial();
    ask(fd, "GET", "/stream", "1.1");
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    read_until(fd, &text, STR("\r\n0\r\n\r\n"));
    assert_int_equal(chunked_length(buf_str(&text), &whole), PIECES * PIECE);
    assert_true(whole);
    assert_true(atomic_load(&world.most_unsent) < 3 * PIECE);
    text.len = 0;
    ask(fd, "GET", "/which", "1.1"); /* and the connection goes on */
    read_until(fd, &text, STR("\r\n\r\n"));
    assert_true(str_starts(buf_str(&text), STR("HTTP/1.1 200")));
    buf_free(&text);
    close(fd);
}

static void a_stream_that_fails_is_cut_short(void **state) {
    struct buf text = {0};
    bool whole;
    (void)state;
    int fd = dial();
    ask(fd, "GET", "/fails", "1.1");
    read_until(fd, &text, (str){0});
    assert_int_equal(chunked_length(buf_str(&text), &whole), 3 * PIECE);
    assert_false(whole);
    buf_free(&text);
    close(fd);
}

static void http_1_0_gets_it_without_chunks(void **state) {
    struct buf text = {0};
    (void)state;
    int fd = dial();
    ask(fd, "GET", "/stream", "1.0");
    read_until(fd, &text, (str){0});
    ptrdiff_t head = str_find(buf_str(&text), STR("\r\n\r\n"));
    assert_true(head > 0 && str_find(buf_str(&text), STR("chunked")) < 0);
    assert_int_equal(text.len - (size_t)head - 4, PIECES * PIECE);
    buf_free(&text);
    close(fd);
}

static void a_source_may_answer_instead_and_head_needs_none(void **state) {
    struct buf text = {0};
    (void)state;
    int fd = dial();
    ask(fd, "GET", "/answer", "1.1");
    read_until(fd, &text, STR("later"));
    assert_true(str_starts(buf_str(&text), STR("HTTP/1.1 503")));
    assert_true(str_find(buf_str(&text), STR("Content-Length: 5\r\n")) > 0);
    text.len = 0;
    ask(fd, "HEAD", "/stream", "1.1");
    ask(fd, "GET", "/which", "1.1");
    read_until(fd, &text, STR("Content-Length: 1\r\n"));
    assert_true(str_find(buf_str(&text), STR("chunked")) > 0);
    assert_int_equal(atomic_load(&world.opened), 0);
    assert_int_equal(atomic_load(&world.closed), 1);
    buf_free(&text);
    close(fd);
}

static void requests_behind_a_stream_wait_for_its_end(void **state) {
    struct buf text = {0};
    (void)state;
    int fd = dial();
    ask(fd, "GET", "/stream", "1.1");
    ask(fd, "GET", "/which", "1.1");
    read_until(fd, &text, STR("Content-Length: 1\r\n"));
    assert_true(str_find(buf_str(&text), STR("\r\n0\r\n\r\nHTTP/1.1 200")) > PIECES * PIECE);
    buf_free(&text);
    close(fd);
}

static void who_leaves_and_who_does_not_read_is_told_to_the_source(void **state) {
    (void)state;
    int leaver = dial(), idler = dial();
    ask(leaver, "GET", "/stream", "1.1");
    ask(idler, "GET", "/stream", "1.1");
    while (atomic_load(&world.opened) < 2)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    close(leaver);
    for (int i = 0; i < 1000 && atomic_load(&world.closed) < 2; i++) /* response_s for the other */
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    assert_int_equal(atomic_load(&world.closed), 2);
    close(idler);
}

static void a_stop_ends_streams_in_order(void **state) {
    struct buf text = {0};
    (void)state;
    int waiting = dial(), idle = dial();
    ask(waiting, "GET", "/wait", "1.1");
    read_until(waiting, &text, STR("1\r\na\r\n"));
    finish(NULL);
    text.len = 0;
    read_until(waiting, &text, (str){0});
    assert_true(str_eq(buf_str(&text), STR("0\r\n\r\n")));
    text.len = 0;
    read_until(idle, &text, (str){0});
    assert_int_equal(text.len, 0);
    close(waiting), close(idle);
    buf_free(&text);
    start(NULL);
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, start, finish)

int main(void) {
    const struct CMUnitTest tests[] = {
        SERVED(connections_are_spread_over_the_loops),
        SERVED(a_stream_comes_whole_and_waits_for_its_reader),
        SERVED(a_stream_that_fails_is_cut_short),
        SERVED(http_1_0_gets_it_without_chunks),
        SERVED(a_source_may_answer_instead_and_head_needs_none),
        SERVED(requests_behind_a_stream_wait_for_its_end),
        SERVED(who_leaves_and_who_does_not_read_is_told_to_the_source),
        SERVED(a_stop_ends_streams_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
