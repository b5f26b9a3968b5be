#include "sim/program/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "support/check.h"

/* A server over a small site; the tests are its clients, on raw sockets. */
enum { LARGE_BYTES = 8 << 20, SMALL_BYTES = 1000, CONNECTIONS = 8 };

static struct {
    struct sim_web web;
    struct sim_clock clock;
    struct sim_server *server;
    char *large;
} world;

static const struct sim_limits short_limits = {
    .connections = CONNECTIONS,
    .idle_ms = 700,
    .request_ms = 500,
    .send_ms = 500,
    .stall_ms = 20000,
};

static const char folder_page[] =
    "<pre><A HREF=\"/\">[To Parent Directory]</A><br><br>  <dir> <A HREF=\"/f/D/\">D</A><br>"
    "   1 <A HREF=\"/f/1.zip\">1.zip</A><br>   2 <A HREF=\"/f/2.zip\">2.zip</A><br>"
    " &lt;dir&gt; <A HREF=\"/f/Z/\">Z</A><br></pre>";
static const char folders_page[] = "<pre><br><br> &lt;dir&gt; <A HREF=\"/f/\">f</A><br></pre>";

static bool page(const void *context, str path, aest_us now, struct buf *html) {
    (void)context, (void)now;
    if (str_eq(path, STR("/f/")))
        buf_add_str(html, str_from(folder_page));
    else if (str_eq(path, STR("/")))
        buf_add_str(html, str_from(folders_page));
    else
        return false;
    return true;
}

static void sleep_ms(int ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

static bool file(const void *context, str path, aest_us now, const struct sim_flow *flow,
                 struct buf *bytes, aest_us *modified) {
    (void)context;
    if (str_eq(path, STR("/f/made.zip"))) { /* in three pieces, where that is asked for */
        for (int i = 0; i < 3; i++) {
            buf_add(bytes, world.large, SMALL_BYTES);
            if (flow && i < 2)
                flow->take(flow->context, bytes);
        }
        return true;
    }
    if (str_eq(path, STR("/f/slow.zip")))
        sleep_ms(600);
    else if (str_eq(path, STR("/f/large.zip")))
        buf_add(bytes, world.large, LARGE_BYTES);
    else if (!str_eq(path, STR("/f/1.zip")) && !str_eq(path, STR("/f/X%23Y.R1")))
        return false;
    *modified = now - AEST_DAY;
    if (bytes->len == 0)
        buf_add(bytes, world.large, SMALL_BYTES);
    return true;
}

static int start(void **state) {
    (void)state;
    aest_us now;
    assert_true(aest_parse_iso(STR("2025-08-20T18:05:13"), &now));
    memset(&world.web, 0, sizeof world.web);
    sim_clock_init(&world.clock, now, 0);
    world.web.site = (struct sim_site){.page = page, .file = file};
    world.web.clock = &world.clock;
    assert_ok(sim_server_open(&world.web, "127.0.0.1", 0, &short_limits, &world.server));
    return 0;
}

static int finish(void **state) {
    (void)state;
    sim_server_close(world.server);
    return 0;
}

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* What a client has read beyond the last answer stays in [rest]. */
struct client {
    int fd;
    bool was_reset;
    struct buf rest;
};

static struct client dial(int receive_buffer) {
    struct client c = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)sim_server_port(world.server))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(c.fd >= 0);
    if (receive_buffer)
        setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 10},
               sizeof(struct timeval));
    assert_int_equal(connect(c.fd, (struct sockaddr *)&to, sizeof to), 0);
    return c;
}

static void hang_up(struct client *c) {
    close(c->fd);
    buf_free(&c->rest);
}

static void say(struct client *c, const char *text) {
    size_t length = strlen(text);
    assert_int_equal(send(c->fd, text, length, 0), length);
}

/* Reads some more; false at the end, or when the connection is reset. */
static bool receive(struct client *c) {
    char bytes[32 << 10];
    ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
    assert_false(n < 0 && errno != ECONNRESET);
    c->was_reset = c->was_reset || n < 0;
    buf_add(&c->rest, bytes, n > 0 ? (size_t)n : 0);
    return n > 0;
}

static bool is_at_end(struct client *c) {
    return c->rest.len == 0 && !receive(c) && !c->was_reset;
}

struct answer {
    struct arena memory;
    int status; /* 0: none came */
    size_t length;
    str head, body;
};

static struct answer read_answer(struct client *c, bool head_only) {
    struct answer a = {0};
    ptrdiff_t end;
    while ((end = str_find(buf_str(&c->rest), STR("\r\n\r\n"))) < 0)
        if (!receive(c))
            return a;
    a.head = str_from(str_dup(&a.memory, (str){c->rest.at, (size_t)end + 2}));
    a.status = atoi(a.head.at + strlen("HTTP/1.1 "));
    const char *field = strstr(a.head.at, "Content-Length: ");
    a.length = field ? strtoul(field + strlen("Content-Length: "), NULL, 10) : 0;
    size_t whole = (size_t)end + 4 + (head_only ? 0 : a.length);
    while (c->rest.len < whole && receive(c))
        ;
    if (whole > c->rest.len)
        whole = c->rest.len;
    a.body.len = whole - (size_t)end - 4;
    a.body.at = str_dup(&a.memory, (str){c->rest.at + end + 4, a.body.len});
    c->rest.len -= whole;
    memmove(c->rest.at, c->rest.at + whole, c->rest.len);
    return a;
}

static struct answer ask(struct client *c, const char *method, const char *path) {
    struct arena a = {0};
    say(c, arena_printf(&a, "%s %s HTTP/1.1\r\nHost: a\r\n\r\n", method, path));
    arena_free(&a);
    return read_answer(c, strcmp(method, "HEAD") == 0);
}

static bool has_line(const struct answer *a, const char *line) {
    return strstr(a->head.at, line) != NULL;
}

static void forget(struct answer *a) {
    arena_free(&a->memory);
}

/* Asks on a connection of its own. */
static int status_of(const char *method, const char *path) {
    struct client c = dial(0);
    struct answer a = ask(&c, method, path);
    int status = a.status;
    forget(&a);
    hang_up(&c);
    return status;
}

/* -- answers -----------------------------------------------------------------------------------
 */

static void a_connection_serves_many_requests(void **state) {
    (void)state;
    struct client c = dial(0);
    for (int i = 0; i < 3; i++) {
        struct answer a = ask(&c, "GET", "/f/");
        assert_int_equal(a.status, 200);
        assert_true(has_line(&a, "Content-Type: text/html; charset=UTF-8\r\n"));
        assert_true(has_line(&a, "Server: Microsoft-IIS/10.0\r\n"));
        assert_true(has_line(&a, "Date: Wed, 20 Aug 2025 08:05:13 GMT\r\n"));
        assert_false(has_line(&a, "Last-Modified"));
        assert_true(str_eq(a.body, str_from(folder_page)));
        struct answer b = ask(&c, "GET", "/f/1.zip");
        assert_int_equal(b.status, 200);
        assert_true(has_line(&b, "Content-Type: application/x-zip-compressed\r\n"));
        assert_true(has_line(&b, "Last-Modified: Tue, 19 Aug 2025 08:05:13 GMT\r\n"));
        assert_int_equal(b.body.len, SMALL_BYTES);
        forget(&a), forget(&b);
    }
    say(&c, "GET /f/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    struct answer a = read_answer(&c, false);
    assert_true(a.status == 200 && has_line(&a, "Connection: close\r\n"));
    assert_true(is_at_end(&c));
    forget(&a);
    hang_up(&c);
}

static void requests_may_come_all_at_once(void **state) {
    (void)state;
    struct client c = dial(0);
    for (int i = 0; i < 20; i++)
        say(&c, i % 2 ? "HEAD /f/1.zip HTTP/1.1\r\nHost: a\r\n\r\n"
                      : "GET /f/ HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; i < 20; i++) {
        struct answer a = read_answer(&c, i % 2);
        assert_int_equal(a.status, 200);
        assert_int_equal(a.length, i % 2 ? SMALL_BYTES : sizeof folder_page - 1);
        forget(&a);
    }
    assert_int_equal(c.rest.len, 0);
    hang_up(&c);
}

static void head_says_what_get_would_bring(void **state) {
    (void)state;
    struct client c = dial(0);
    struct answer head = ask(&c, "HEAD", "/f/large.zip"), get = ask(&c, "GET", "/f/large.zip");
    assert_true(str_eq(head.head, get.head));
    assert_int_equal(get.body.len, LARGE_BYTES);
    assert_memory_equal(get.body.at, world.large, LARGE_BYTES);
    forget(&head), forget(&get);
    hang_up(&c);
}

static void what_is_not_there_is_404(void **state) {
    (void)state;
    static const char *const paths[] = {"/nowhere", "/f/2.zip", "/nowhere/", "/f/1.zip/", "/clock"};
    struct client c = dial(0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct answer a = ask(&c, "GET", paths[i]);
        assert_int_equal(a.status, 404);
        assert_true(str_find(a.body, STR("404 - File or directory not found.")) > 0);
        forget(&a);
    }
    struct answer a = ask(&c, "POST", "/f/");
    assert_true(a.status == 405 && has_line(&a, "Allow: GET, HEAD\r\n"));
    forget(&a);
    hang_up(&c);
}

static void a_folder_without_its_slash_is_sent_on(void **state) {
    (void)state;
    struct client c = dial(0);
    struct answer a = ask(&c, "GET", "/%66?x=1");
    assert_int_equal(a.status, 301);
    assert_true(has_line(&a, "Location: /%66/\r\n"));
    forget(&a);
    hang_up(&c);
}

static void paths_are_decoded_once(void **state) {
    (void)state;
    struct client c = dial(0);
    struct answer a = ask(&c, "GET", "/f/X%2523Y.R1");
    assert_int_equal(a.status, 200);
    assert_true(has_line(&a, "Content-Type: text/plain\r\n"));
    forget(&a);
    hang_up(&c);
    assert_int_equal(status_of("GET", "/f/X%23Y.R1"), 400);
    assert_int_equal(status_of("GET", "/f/../../etc/passwd"), 400);
    assert_int_equal(status_of("GET", "/f/%2e%2e/%2e%2e/etc/passwd"), 400);
    assert_int_equal(status_of("GET", "/f/%252e%252e/etc"), 404);
}

/* -- clients that misbehave --------------------------------------------------------------------
 */

/* A file that takes long goes out in chunks while it is made; other answers follow on the same
 * connection. What is to be spoilt is made first. */
static void a_file_can_be_sent_while_it_is_made(void **state) {
    (void)state;
    struct client c = dial(0);
    struct answer head = ask(&c, "HEAD", "/f/made.zip");
    assert_int_equal(head.length, 3 * SMALL_BYTES);
    say(&c, "GET /f/made.zip HTTP/1.1\r\nHost: a\r\n\r\n");
    struct answer made = read_answer(&c, true);
    assert_true(made.status == 200 && has_line(&made, "Transfer-Encoding: chunked\r\n"));
    assert_false(has_line(&made, "Content-Length"));
    struct buf expected = {0};
    for (int i = 0; i < 3; i++) {
        buf_printf(&expected, "%x\r\n", SMALL_BYTES);
        buf_add(&expected, world.large, SMALL_BYTES);
        buf_printf(&expected, "\r\n");
    }
    buf_printf(&expected, "0\r\n\r\n");
    while (c.rest.len < expected.len && receive(&c))
        ;
    assert_true(str_eq(buf_str(&c.rest), buf_str(&expected)));
    c.rest.len = 0;
    struct answer next = ask(&c, "GET", "/f/1.zip");
    assert_int_equal(next.length, SMALL_BYTES);
    world.web.faults.rate[SIM_TRUNCATED] = 1;
    struct answer spoilt = ask(&c, "GET", "/f/made.zip");
    assert_true(spoilt.status == 200 && spoilt.length < 3 * SMALL_BYTES);
    buf_free(&expected);
    forget(&head), forget(&made), forget(&next), forget(&spoilt);
    hang_up(&c);
}

/* Sends [request], and half a megabyte that nobody will read: the refusal arrives whole. */
static void expect_refused(const char *request, int status) {
    static const char more[512 << 10];
    struct client c = dial(0);
    say(&c, request);
    send(c.fd, more, sizeof more, MSG_DONTWAIT);
    struct answer a = read_answer(&c, false);
    assert_int_equal(a.status, status);
    assert_true(has_line(&a, "Connection: close\r\n"));
    assert_true(is_at_end(&c));
    forget(&a);
    hang_up(&c);
}

static void bad_requests_are_refused(void **state) {
    (void)state;
    static char long_line[SIM_HEAD_BYTES + 1], long_head[SIM_HEAD_BYTES + 1];
    memset(long_line, 'a', sizeof long_line - 1);
    memcpy(long_line, "GET /", 5);
    memset(long_head, 'a', sizeof long_head - 1);
    memcpy(long_head, "GET / HTTP/1.1\r\nX: ", 19);
    expect_refused("GET / HTTP/1.1\r\n\r\n", 400);
    expect_refused("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", 405);
    expect_refused(long_line, 414);
    expect_refused(long_head, 400);
    assert_int_equal(status_of("GET", "/f/"), 200);
}

static void half_a_request_times_out(void **state) {
    (void)state;
    struct client c = dial(0), silent = dial(0);
    double from = seconds_now();
    say(&c, "GET / HTTP/1.1\r\nX: ");
    for (int i = 0; i < 3; i++) { /* a byte now and then doesn't move the deadline */
        sleep_ms(120);
        say(&c, "a");
    }
    struct answer a = read_answer(&c, false);
    assert_int_equal(a.status, 408);
    assert_true(seconds_now() - from < 1);
    assert_true(is_at_end(&c));
    assert_true(is_at_end(&silent));
    forget(&a);
    hang_up(&c), hang_up(&silent);
}

static void clients_may_leave_at_any_time(void **state) {
    (void)state;
    for (int i = 0; i < 3 * CONNECTIONS; i++) {
        struct client c = dial(0);
        say(&c, i % 3 == 0 ? "GET / HT" : "GET /f/large.zip HTTP/1.1\r\nHost: a\r\n\r\n");
        if (i % 3 == 1)
            assert_true(receive(&c));
        hang_up(&c);
    }
    assert_int_equal(status_of("GET", "/f/"), 200);
}

static void a_client_that_does_not_read_is_dropped(void **state) {
    (void)state;
    struct client c = dial(16 << 10);
    say(&c, "GET /f/large.zip HTTP/1.1\r\nHost: a\r\n\r\n");
    sleep_ms(2000);
    while (receive(&c))
        ;
    assert_true(c.rest.len < LARGE_BYTES);
    hang_up(&c);
}

static void a_client_that_reads_slowly_gets_all(void **state) {
    (void)state;
    struct client c = dial(64 << 10);
    say(&c, "GET /f/large.zip HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; i < 5; i++) { /* longer than send_ms in all, never without progress */
        sleep_ms(150);
        for (int k = 0; k < 16; k++)
            assert_true(receive(&c));
    }
    struct answer a = read_answer(&c, false);
    assert_int_equal(a.body.len, LARGE_BYTES);
    forget(&a);
    hang_up(&c);
}

static void a_slow_file_holds_up_nobody(void **state) {
    (void)state;
    struct client slow = dial(0);
    double from = seconds_now();
    say(&slow, "GET /f/slow.zip HTTP/1.1\r\nHost: a\r\n\r\n");
    sleep_ms(20);
    for (int i = 0; i < 20; i++)
        assert_int_equal(status_of("GET", "/f/1.zip"), 200);
    assert_true(seconds_now() - from < 0.5);
    struct answer a = read_answer(&slow, false);
    assert_int_equal(a.status, 200);
    forget(&a);
    hang_up(&slow);
}

/* All threads have a client: one more waits until one leaves. */
static void one_client_too_many_waits(void **state) {
    (void)state;
    struct client clients[CONNECTIONS + 1];
    for (int i = 0; i <= CONNECTIONS; i++) {
        clients[i] = dial(0);
        say(&clients[i], "GET /f/ HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        struct answer a = read_answer(&clients[i], false);
        assert_int_equal(a.status, 200);
        forget(&a);
    }
    char byte;
    assert_int_equal(recv(clients[CONNECTIONS].fd, &byte, 1, MSG_DONTWAIT), -1);
    hang_up(&clients[0]);
    struct answer a = read_answer(&clients[CONNECTIONS], false);
    assert_int_equal(a.status, 200);
    forget(&a);
    for (int i = 1; i <= CONNECTIONS; i++)
        hang_up(&clients[i]);
}

/* -- faults ------------------------------------------------------------------------------------
 */

static void play(enum sim_fault fault, double rate) {
    memset(world.web.faults.rate, 0, sizeof world.web.faults.rate);
    world.web.faults.seed = 5;
    world.web.faults.rate[fault] = rate;
}

static void faults_have_a_status(void **state) {
    (void)state;
    static const struct {
        enum sim_fault fault;
        int status;
        const char *line;
    } cases[] = {{SIM_FORBIDDEN, 403, "Content-Type: text/html\r\n"},
                 {SIM_THROTTLED, 429, "Retry-After: 2\r\n"},
                 {SIM_BROKEN, 500, "Content-Type: text/html\r\n"}};
    struct client c = dial(0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        play(cases[i].fault, 1);
        struct answer a = ask(&c, "GET", "/f/1.zip"), b = ask(&c, "GET", "/f/");
        assert_true(a.status == cases[i].status && b.status == cases[i].status);
        assert_true(has_line(&a, cases[i].line) && str_find(a.body, STR("<h2>")) > 0);
        forget(&a), forget(&b);
    }
    hang_up(&c);
}

static void a_reset_comes_midway(void **state) {
    (void)state;
    play(SIM_RESET, 1);
    struct client c = dial(0);
    struct answer a = ask(&c, "GET", "/f/1.zip");
    assert_true(a.body.len < SMALL_BYTES && c.was_reset);
    forget(&a);
    hang_up(&c);
    c = dial(0);
    a = ask(&c, "HEAD", "/f/1.zip");
    assert_int_equal(a.status, 0);
    hang_up(&c);
}

static void a_stall_holds_up_nobody_and_ends_with_the_client(void **state) {
    (void)state;
    for (int i = 0; i < 2 * CONNECTIONS; i++) {
        play(SIM_STALL, 1);
        struct client c = dial(0);
        say(&c, "GET /f/1.zip HTTP/1.1\r\nHost: a\r\n\r\n");
        while (c.rest.len < SMALL_BYTES / 2)
            assert_true(receive(&c));
        char byte;
        sleep_ms(20);
        assert_true(c.rest.len < SMALL_BYTES);
        assert_int_equal(recv(c.fd, &byte, 1, MSG_DONTWAIT), -1);
        play(SIM_STALL, 0);
        assert_int_equal(status_of("GET", "/f/1.zip"), 200);
        hang_up(&c);
    }
}

static void zips_are_spoilt(void **state) {
    (void)state;
    struct client c = dial(0);
    play(SIM_TRUNCATED, 1);
    struct answer a = ask(&c, "GET", "/f/1.zip"), page_answer = ask(&c, "GET", "/f/");
    assert_true(a.status == 200 && a.body.len == a.length);
    assert_in_range(a.body.len, SMALL_BYTES / 10, SMALL_BYTES - 1);
    assert_memory_equal(a.body.at, world.large, a.body.len);
    assert_true(str_eq(page_answer.body, str_from(folder_page)));
    forget(&a), forget(&page_answer);
    play(SIM_FLIPPED, 1);
    a = ask(&c, "GET", "/f/1.zip");
    int others = 0;
    assert_int_equal(a.body.len, SMALL_BYTES);
    for (size_t i = 0; i < SMALL_BYTES; i++)
        others += a.body.at[i] != world.large[i];
    assert_int_equal(others, 1);
    forget(&a);
    hang_up(&c);
}

static void a_stale_list_lacks_the_last_file(void **state) {
    (void)state;
    play(SIM_STALE_LIST, 1);
    struct client c = dial(0);
    struct answer a = ask(&c, "GET", "/f/"), folders = ask(&c, "GET", "/");
    assert_true(str_find(a.body, STR("1.zip")) > 0 && str_find(a.body, STR("2.zip")) < 0);
    assert_true(str_find(a.body, STR("/f/Z/")) > 0 && str_find(a.body, STR("Parent")) > 0);
    assert_int_equal(a.body.len + strlen("   2 <A HREF=\"/f/2.zip\">2.zip</A><br>"),
                     sizeof folder_page - 1);
    assert_true(str_eq(folders.body, str_from(folders_page)));
    forget(&a), forget(&folders);
    hang_up(&c);
}

/* A seed's faults fall on the same tries, whatever else is asked for in between. */
static void the_next_try_may_succeed(void **state) {
    (void)state;
    int seen[2][40], failed = 0;
    for (int round = 0; round < 2; round++) {
        struct client c = dial(0);
        play(SIM_BROKEN, 0.5);
        memset(world.web.asked, 0, sizeof world.web.asked);
        for (int i = 0; i < 40; i++) {
            struct answer a = ask(&c, "GET", "/f/1.zip");
            seen[round][i] = a.status;
            failed += a.status == 500;
            forget(&a);
            if (round == 1) {
                a = ask(&c, "GET", "/f/");
                forget(&a);
            }
        }
        hang_up(&c);
    }
    assert_memory_equal(seen[0], seen[1], sizeof seen[0]);
    assert_in_range(failed, 20, 60);
}

/* -- the clock, and the end --------------------------------------------------------------------
 */

static void clients_may_set_the_clock(void **state) {
    (void)state;
    static const char body[] = "now=2025-08-20T23%3A59%3A55&speed=0";
    char text[200];
    world.web.control = true;
    play(SIM_BROKEN, 1);
    snprintf(text, sizeof text, "POST /clock HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n%s",
             sizeof body - 1, body);
    struct client c = dial(0);
    say(&c, text);
    struct answer set = read_answer(&c, false), got = ask(&c, "GET", "/clock");
    assert_true(set.status == 200 && got.status == 200);
    assert_true(str_eq(set.body, STR("now=2025-08-20T23:59:55&speed=0\n")));
    assert_true(str_eq(got.body, set.body));
    assert_true(has_line(&got, "Date: Wed, 20 Aug 2025 13:59:55 GMT\r\n"));
    forget(&set), forget(&got);
    say(&c, "POST /clock HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\nspeed=x");
    struct answer wrong = read_answer(&c, false);
    assert_int_equal(wrong.status, 400);
    assert_true(str_find(wrong.body, STR("'x' is not a speed")) >= 0);
    forget(&wrong);
    hang_up(&c);
}

static void it_ends_at_once(void **state) {
    (void)state;
    struct client idle = dial(0), halfway = dial(0), stalled = dial(0), sending = dial(16 << 10);
    say(&halfway, "GET / HT");
    say(&sending, "GET /f/large.zip HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(receive(&sending));
    play(SIM_STALL, 1);
    say(&stalled, "GET /f/1.zip HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(receive(&stalled));
    double from = seconds_now();
    finish(NULL);
    assert_true(seconds_now() - from < 0.3);
    while (receive(&idle) || receive(&halfway) || receive(&stalled) || receive(&sending))
        ;
    assert_true(sending.rest.len < LARGE_BYTES && stalled.rest.len < SMALL_BYTES);
    hang_up(&idle), hang_up(&halfway), hang_up(&stalled), hang_up(&sending);
    start(NULL);
}

static void addresses_are_checked(void **state) {
    (void)state;
    static const char *const wrong[] = {"here", "1.2.3.4.5", "256.0.0.1", "[::1]"};
    struct sim_server *other;
    char port[16];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_err(sim_server_open(&world.web, wrong[i], 0, &short_limits, &other), ERR_USAGE,
                   wrong[i]);
    snprintf(port, sizeof port, "%d", sim_server_port(world.server));
    assert_err(sim_server_open(&world.web, "127.0.0.1", sim_server_port(world.server),
                               &short_limits, &other),
               ERR_BUSY, port);
    assert_ok(sim_server_open(&world.web, "localhost", 0, &short_limits, &other));
    assert_true(sim_server_port(other) > 0);
    sim_server_close(other);
}

static int make_large(void **state) {
    (void)state;
    log_set_level(LOG_WARN);
    world.large = mem_alloc(LARGE_BYTES);
    for (size_t i = 0; i < LARGE_BYTES; i++)
        world.large[i] = (char)(i * 2654435761u >> 13);
    return 0;
}

static int free_large(void **state) {
    (void)state;
    free(world.large);
    return 0;
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, start, finish)

int main(void) {
    const struct CMUnitTest tests[] = {
        SERVED(a_connection_serves_many_requests),
        SERVED(requests_may_come_all_at_once),
        SERVED(head_says_what_get_would_bring),
        SERVED(a_file_can_be_sent_while_it_is_made),
        SERVED(what_is_not_there_is_404),
        SERVED(a_folder_without_its_slash_is_sent_on),
        SERVED(paths_are_decoded_once),
        SERVED(bad_requests_are_refused),
        SERVED(half_a_request_times_out),
        SERVED(clients_may_leave_at_any_time),
        SERVED(a_client_that_does_not_read_is_dropped),
        SERVED(a_client_that_reads_slowly_gets_all),
        SERVED(a_slow_file_holds_up_nobody),
        SERVED(one_client_too_many_waits),
        SERVED(faults_have_a_status),
        SERVED(a_reset_comes_midway),
        SERVED(a_stall_holds_up_nobody_and_ends_with_the_client),
        SERVED(zips_are_spoilt),
        SERVED(a_stale_list_lacks_the_last_file),
        SERVED(the_next_try_may_succeed),
        SERVED(clients_may_set_the_clock),
        SERVED(it_ends_at_once),
        SERVED(addresses_are_checked),
    };
    return cmocka_run_group_tests(tests, make_large, free_large);
}
