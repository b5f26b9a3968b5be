/* The source against a real server on the loopback that answers by a script, and a folder. */
#include "collect/source.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/log.h"

enum { MOST_REQUESTS = 64, MOST_ANSWERS = 16 };

/* What is answered to a path: each once, in order, and the last one again and again. */
struct answer {
    const char *path;
    int status;
    const char *headers; /* whole lines */
    str body;
    size_t missing; /* bytes that Content-Length promises and nobody sends */
    int delay_ms;
    bool used, hang; /* [hang] sends nothing until the other side goes away */
};

static struct server {
    int listener, port;
    bool quit;
    pthread_t thread, workers[MOST_REQUESTS];
    int worker_count;
    pthread_mutex_t mutex; /* of all that follows */
    struct answer script[MOST_ANSWERS];
    int answers, requests, at_once, most_at_once;
    char heads[MOST_REQUESTS][2048];
} server;

enum { SOON_MS = 20000 }; /* on a machine that is busy; what it is held against lasts for minutes */

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool is_quitting(void) {
    pthread_mutex_lock(&server.mutex);
    bool quit = server.quit;
    pthread_mutex_unlock(&server.mutex);
    return quit;
}

static struct answer next_answer(const char *head) {
    struct answer found = {.status = 404, .body = STR("<html>404</html>")};
    char path[512] = "";
    sscanf(head, "GET %511s", path);
    for (int i = 0; i < server.answers; i++) {
        struct answer *a = &server.script[i];
        if (strcmp(a->path, path))
            continue;
        found = *a;
        if (!a->used) {
            a->used = true;
            break;
        }
    }
    return found;
}

static void send_answer(int fd, const struct answer *a) {
    struct buf out = {0};
    buf_printf(&out, "HTTP/1.1 %d Scripted\r\nContent-Length: %zu\r\nConnection: close\r\n%s\r\n",
               a->status, a->body.len + a->missing, a->headers ? a->headers : "");
    buf_add_str(&out, a->body);
    for (size_t sent = 0; sent < out.len;) {
        ssize_t n = send(fd, out.at + sent, out.len - sent, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        sent += (size_t)n;
    }
    buf_free(&out);
}

static void *serve_one(void *context) {
    int fd = (int)(intptr_t)context;
    char head[2048] = "";
    size_t length = 0;
    while (!strstr(head, "\r\n\r\n") && length < sizeof head - 1) {
        ssize_t n = recv(fd, head + length, sizeof head - 1 - length, 0);
        if (n <= 0)
            break;
        length += (size_t)n;
        head[length] = 0;
    }
    pthread_mutex_lock(&server.mutex);
    struct answer a = next_answer(head);
    memcpy(server.heads[server.requests++], head, sizeof head);
    if (++server.at_once > server.most_at_once)
        server.most_at_once = server.at_once;
    pthread_mutex_unlock(&server.mutex);
    usleep((useconds_t)a.delay_ms * 1000);
    struct pollfd gone = {.fd = fd, .events = POLLIN};
    while (a.hang && !is_quitting() && poll(&gone, 1, 20) == 0)
        ;
    pthread_mutex_lock(&server.mutex); /* before the answer ends, as the next may come at once */
    server.at_once--;
    pthread_mutex_unlock(&server.mutex);
    if (!a.hang)
        send_answer(fd, &a);
    close(fd);
    return NULL;
}

static void *serve(void *context) {
    struct pollfd p = {.fd = server.listener, .events = POLLIN};
    (void)context;
    while (!is_quitting()) {
        if (poll(&p, 1, 20) <= 0 || server.worker_count == MOST_REQUESTS)
            continue;
        int fd = accept(server.listener, NULL, NULL);
        if (fd >= 0)
            pthread_create(&server.workers[server.worker_count++], NULL, serve_one,
                           (void *)(intptr_t)fd);
    }
    return NULL;
}

/* What the deliveries of a test came to, by the request's context (its index). */
static struct delivery {
    int times;
    char *body;
    enum err_kind kind;
    char *error; /* NULL: it went well */
} deliveries[MOST_REQUESTS];
static int delivered, stop_after;

static void forget_deliveries(void) {
    for (int i = 0; i < MOST_REQUESTS; i++) {
        free(deliveries[i].body);
        free(deliveries[i].error);
        deliveries[i] = (struct delivery){0};
    }
    delivered = 0;
    stop_after = INT32_MAX;
}

static struct arena memory;
static struct source *source;
static struct stop stop;

static void open_source(const char *location, struct source_options o) {
    o.first_pause_ms = o.first_pause_ms ? o.first_pause_ms : 1;
    err *e = source_open(location, &o, &source);
    assert_null(e);
}

static const char *url_of(const char *path) {
    return arena_printf(&memory, "http://127.0.0.1:%d%s", server.port, path);
}

static int set_up(void **state) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    socklen_t size = sizeof address;
    (void)state;
    server = (struct server){.listener = socket(AF_INET, SOCK_STREAM, 0)};
    pthread_mutex_init(&server.mutex, NULL);
    if (bind(server.listener, (struct sockaddr *)&address, size) || listen(server.listener, 32) ||
        getsockname(server.listener, (struct sockaddr *)&address, &size))
        return -1;
    server.port = ntohs(address.sin_port);
    stop_after = INT32_MAX;
    err *e = stop_init(&stop);
    return e ? -1 : pthread_create(&server.thread, NULL, serve, NULL);
}

static int tear_down(void **state) {
    (void)state;
    source_close(source);
    source = NULL;
    pthread_mutex_lock(&server.mutex);
    server.quit = true;
    pthread_mutex_unlock(&server.mutex);
    pthread_join(server.thread, NULL);
    for (int i = 0; i < server.worker_count; i++)
        pthread_join(server.workers[i], NULL);
    close(server.listener);
    stop_close(&stop);
    forget_deliveries();
    arena_free(&memory);
    return 0;
}

static void script(struct answer a) {
    a.status = a.status ? a.status : 200;
    pthread_mutex_lock(&server.mutex);
    server.script[server.answers++] = a;
    pthread_mutex_unlock(&server.mutex);
}

static void reply(const char *path, int status, const char *headers, str body) {
    script((struct answer){.path = path, .status = status, .headers = headers, .body = body});
}

static void file(const char *path, const char *body) {
    reply(path, 200, NULL, str_from(body));
}

static bool deliver(struct source_request *r, struct buf *body, err *error) {
    struct delivery *d = r->context;
    d->times++;
    if (error) {
        d->kind = err_kind(error);
        d->error = mem_strdup(err_text(error));
        err_free(error);
    } else {
        d->body = mem_strdup(buf_cstr(body));
    }
    return ++delivered < stop_after;
}

/* Asks for the files whose hrefs are given; each is delivered once. */
static void get(size_t count, const char *const *hrefs) {
    struct source_request *r = ARENA_ARRAY(&memory, struct source_request, count);
    for (size_t i = 0; i < count; i++)
        r[i] = (struct source_request){"Reports/CURRENT/X", STR("f.zip"), str_from(hrefs[i]), 1000,
                                       &deliveries[i],      NULL};
    err *e = source_get(source, r, count, deliver);
    assert_null(e);
    for (size_t i = 0; i < count && stop_after > MOST_REQUESTS; i++)
        assert_int_equal(deliveries[i].times, 1);
}

static void get_one(const char *href) {
    get(1, &href);
}

static void assert_got(size_t i, const char *body) {
    if (deliveries[i].error)
        print_error("%s\n", deliveries[i].error);
    assert_null(deliveries[i].error);
    assert_string_equal(deliveries[i].body, body);
}

static void assert_failed(size_t i, enum err_kind kind, const char *words) {
    assert_non_null(deliveries[i].error);
    if (!strstr(deliveries[i].error, words))
        print_error("%s\n", deliveries[i].error);
    assert_int_equal(deliveries[i].kind, kind);
    assert_non_null(strstr(deliveries[i].error, words));
}

static void assert_kind(err *e, enum err_kind kind) {
    assert_non_null(e);
    if (err_kind(e) != kind)
        print_error("%s\n", err_text(e));
    assert_int_equal(err_kind(e), kind);
    err_free(e);
}

static struct listing_entry *entries;
static size_t count;
static bool unchanged;

static err *list(void) {
    return source_list(source, &memory, "Reports/CURRENT/X", &entries, &count, &unchanged);
}

#define FOLDER "/Reports/CURRENT/X/"
#define PAGE(size)                                                                                 \
    STR("<pre><A HREF=\"/Reports/CURRENT/\">[To Parent Directory]</A><br>" size                    \
        " <A HREF=\"/Reports/CURRENT/X/A%2523B.zip\">A</A><br></pre>")

static void files_and_urls(void **state) {
    (void)state;
    open_source(url_of("/mirror/"), (struct source_options){.user_agent = "test/1"});
    assert_string_equal(source_name(source), url_of("/mirror"));
    file("/a/A%2523B.zip", "one");
    file("/mirror/Reports/CURRENT/X/two.zip", "two");
    file("/mirror/Reports/CURRENT/X/f.zip", "three");
    file("/b%20c/%22", "four");
    const char *const hrefs[] = {"/a/A%2523B.zip",
                                 "two.zip",
                                 "",
                                 "/b c/\"",
                                 url_of("/a/A%2523B.zip"),
                                 "http://elsewhere.example/a/A%2523B.zip",
                                 "//127.0.0.1/a/A%2523B.zip",
                                 "file:///etc/passwd",
                                 "http://127.0.0.1:1@evil.example/"};
    get(9, hrefs);
    assert_got(0, "one");
    assert_got(1, "two");
    assert_got(2, "three");
    assert_got(3, "four");
    assert_got(4, "one");
    assert_failed(5, ERR_INPUT, "another server");
    assert_failed(6, ERR_INPUT, "another server"); /* another port */
    assert_failed(7, ERR_INPUT, "no link to a file");
    assert_failed(8, ERR_INPUT, "another server");
    assert_non_null(strstr(server.heads[0], "User-Agent: test/1\r\n"));
}

static void several_at_once(void **state) {
    (void)state;
    open_source(url_of(""), (struct source_options){.connections = 3});
    script((struct answer){.path = "/a", .body = STR("x"), .delay_ms = 40});
    const char *hrefs[12];
    for (int i = 0; i < 12; i++)
        hrefs[i] = "/a";
    get(12, hrefs);
    assert_int_equal(server.requests, 12);
    assert_int_equal(server.most_at_once, 3);
}

static void passing_refusals_are_retried(void **state) {
    (void)state;
    static const int statuses[] = {403, 406, 408, 429, 500, 503};
    open_source(url_of(""), (struct source_options){0});
    const char *hrefs[6];
    for (int i = 0; i < 6; i++) {
        const char *path = hrefs[i] = arena_printf(&memory, "/%d", statuses[i]);
        reply(path, statuses[i], "Content-Type: text/html\r\n", STR("<html>slow down</html>"));
        file(path, "data");
    }
    get(6, hrefs);
    for (size_t i = 0; i < 6; i++)
        assert_got(i, "data");
    assert_int_equal(server.requests, 12);
}

static void gives_up_in_the_end(void **state) {
    (void)state;
    open_source(url_of(""), (struct source_options){.tries = 3});
    reply("/a", 403, "Content-Type: text/html\r\n", STR("<html>no</html>"));
    get_one("/a");
    assert_failed(0, ERR_NETWORK, "try 3 of 3: the server answered 403");
    assert_int_equal(server.requests, 3);
    reply(FOLDER, 503, NULL, STR("<pre></pre>"));
    assert_kind(list(), ERR_NETWORK);
    assert_int_equal(server.requests, 6);
}

static void what_is_no_file(void **state) {
    (void)state;
    static char large[1001];
    memset(large, 'x', sizeof large);
    open_source(url_of(""), (struct source_options){0});
    file("/html", " \r\n<!DOCTYPE html>");
    reply("/typed", 200, "Content-Type: text/html; charset=utf-8\r\n", STR("Sorry"));
    script((struct answer){.path = "/empty"});
    script((struct answer){.path = "/large", .body = {large, 1001}});
    script((struct answer){.path = "/fits", .body = {large, 1000}});

    script((struct answer){.path = "/204", .status = 204});
    script((struct answer){.path = "/400", .status = 400});
    const char *const hrefs[] = {"/html", "/typed", "/empty", "/large",
                                 "/fits", "/204",   "/400",   "/gone"};
    get(8, hrefs);
    assert_failed(0, ERR_INPUT, "HTML");
    assert_failed(1, ERR_INPUT, "HTML");
    assert_failed(2, ERR_INPUT, "empty");
    assert_failed(3, ERR_INPUT, "larger than the limit of 1000 bytes");
    assert_null(deliveries[4].error);
    assert_failed(5, ERR_INPUT, "204");
    assert_failed(6, ERR_INPUT, "400");
    assert_failed(7, ERR_INPUT, "404");
    assert_int_equal(server.requests, 8); /* none was tried again */
}

static void oversized_without_a_length(void **state) {
    (void)state;
    static char body[2100] = "800\r\n";
    memset(body + 5, 'x', 2048);
    memcpy(body + 5 + 2048, "\r\n0\r\n\r\n", 8);
    open_source(url_of(""), (struct source_options){0});
    reply("/a", 200, "Transfer-Encoding: chunked\r\n", str_from(body));
    get_one("/a");
    assert_failed(0, ERR_INPUT, "larger than the limit");
}

static void truncated_bodies_are_retried(void **state) {
    (void)state;
    open_source(url_of(""), (struct source_options){0});
    script((struct answer){.path = "/a", .body = STR("ha"), .missing = 2});
    file("/a", "half");
    get_one("/a");
    assert_got(0, "half");
    assert_int_equal(server.requests, 2);
    script((struct answer){.path = FOLDER, .body = PAGE("1"), .missing = 5});
    reply(FOLDER, 200, NULL, PAGE("2"));
    assert_null(list());
    assert_int_equal(entries[0].size, 2);
}

static void unchanged_by_etag_and_date(void **state) {
    (void)state;
    open_source(url_of(""), (struct source_options){0});
    reply(FOLDER, 200, "ETag: \"bad\"\r\n", STR("<html>An error</html>"));
    reply(FOLDER, 200, "ETag: \"v1\"\r\nLast-Modified: Sat, 18 Apr 2026 04:41:00 GMT\r\n",
          PAGE("1"));
    script((struct answer){.path = FOLDER, .status = 304});
    reply(FOLDER, 200, "ETag: \"v2\"\r\n", PAGE("2"));
    reply(FOLDER, 200, "ETag: \"v3\"\r\n", PAGE("2"));
    assert_kind(list(), ERR_INPUT);
    assert_null(list());
    assert_true(!unchanged && count == 1);
    assert_string_equal(str_dup(&memory, entries[0].name), "A%23B.zip");
    assert_null(strstr(server.heads[1], "If-")); /* an unreadable page isn't remembered */
    assert_non_null(strstr(server.heads[1], "Accept-Encoding: "));
    assert_null(list());
    assert_true(unchanged && count == 0);
    assert_non_null(strstr(server.heads[2], "If-None-Match: \"v1\"\r\n"));
    assert_non_null(strstr(server.heads[2], "If-Modified-Since: Sat, 18 Apr 2026 04:41:00 GMT\r"));
    assert_null(list());
    assert_true(!unchanged && count == 1);
    assert_null(list());
    assert_true(unchanged && count == 0); /* the same bytes under a new ETag */
    assert_non_null(strstr(server.heads[4], "If-None-Match: \"v2\"\r\n"));
    file("/a", "x");
    get_one("/a");
    assert_null(strstr(server.heads[5], "If-")); /* files are asked for without conditions */
}

static void unchanged_by_content(void **state) {
    (void)state;
    open_source(url_of(""), (struct source_options){0});
    reply(FOLDER, 200, NULL, PAGE("1"));
    reply(FOLDER, 200, NULL, PAGE("1"));
    reply(FOLDER, 200, NULL, STR("<html>An error</html>"));
    reply(FOLDER, 200, NULL, PAGE("2"));
    assert_null(list());
    assert_false(unchanged);
    assert_null(list());
    assert_true(unchanged && count == 0);
    assert_kind(list(), ERR_INPUT);
    assert_null(list());
    assert_true(!unchanged && entries[0].size == 2);
}

static void redirects(void **state) {
    (void)state;
    open_source(url_of(""), (struct source_options){0});
    reply("/a", 302, "Location: /b\r\nETag: no\r\n", STR("<html>moved</html>"));
    file("/b", "here");
    script((struct answer){.path = "/round", .status = 302, .headers = "Location: /round\r\n"});
    reply("/file", 302, "Location: file:///etc/passwd\r\n", STR("x"));
    const char *const hrefs[] = {"/a", "/round", "/file"};
    get(3, hrefs);
    assert_got(0, "here");
    assert_failed(1, ERR_INPUT, "redirect");
    assert_failed(2, ERR_INPUT, "redirect");
    assert_int_equal(server.requests, 2 + 4 + 1);
}

static void retry_after_is_honoured(void **state) {
    (void)state;
    open_source(url_of(""), (struct source_options){0});
    script((struct answer){.path = "/a", .status = 429, .headers = "Retry-After: 1\r\n"});
    file("/a", "data");
    int64_t start = now_ms();
    get_one("/a");
    assert_got(0, "data");
    assert_in_range(now_ms() - start, 950, SOON_MS);
}

static void *stop_soon(void *context) {
    usleep(100000);
    stop_request(context);
    return NULL;
}

/* Both a transfer that hangs and a pause of minutes end at once. */
static void stop_ends_it(void **state) {
    (void)state;
    static const struct answer waits[] = {
        {.path = "/a", .hang = true},
        {.path = "/a", .status = 429, .headers = "Retry-After: 250\r\n"},
    };
    for (size_t i = 0; i < 2; i++) {
        pthread_t thread;
        struct stop now;
        err *e = stop_init(&now);
        assert_null(e);
        open_source(url_of(""), (struct source_options){.stop = &now, .connections = 2});
        script(waits[i]);
        pthread_create(&thread, NULL, stop_soon, &now);
        struct source_request r[3];
        for (int k = 0; k < 3; k++)
            r[k] = (struct source_request){"", STR("a"), STR("/a"), 10, &deliveries[0], NULL};
        int64_t start = now_ms();
        assert_kind(source_get(source, r, 3, deliver), ERR_STOPPED);
        assert_in_range(now_ms() - start, 90, SOON_MS);
        assert_int_equal(deliveries[0].times, 0);
        assert_kind(list(), ERR_STOPPED);
        pthread_join(thread, NULL);
        source_close(source);
        source = NULL;
        stop_close(&now);
    }
}

static void time_outs_and_closed_ports(void **state) {
    (void)state;
    open_source(url_of(""), (struct source_options){.timeout_s = 1, .tries = 1});
    script((struct answer){.path = "/a", .hang = true});
    get_one("/a");
    assert_failed(0, ERR_NETWORK, "try 1 of 1");
    source_close(source);
    open_source("http://127.0.0.1:1", (struct source_options){.tries = 2});
    assert_kind(list(), ERR_NETWORK);
}

static void deliver_can_end_it(void **state) {
    (void)state;
    open_source(url_of(""), (struct source_options){.connections = 2});
    file("/a", "x");
    const char *const hrefs[] = {"/a", "/a", "/a", "/a", "/a", "/a"};
    stop_after = 2;
    get(6, hrefs);
    assert_int_equal(delivered, 2);
    forget_deliveries();
    get_one("/a"); /* nothing of what was dropped lingers */
    assert_got(0, "x");
}

static void locations(void **state) {
    (void)state;
    static const char *const wrong[] = {"/nowhere/at/all", "ftp://h/",    "http://",
                                        "http://u:p@h/",   "http://h/?q", "https://h/#x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_kind(source_open(wrong[i], NULL, &source), ERR_USAGE);
    open_source("HTTPS://nemweb.example:443/", (struct source_options){0});
    assert_string_equal(source_name(source), "https://nemweb.example");
}

static void folder(void **state) {
    (void)state;
    char root[] = "/tmp/nemd-source-XXXXXX";
    assert_non_null(mkdtemp(root));
    err *e = file_make_folders(arena_printf(&memory, "%s/Reports/CURRENT/X/DUPLICATE", root));
    assert_null(e);
    static const char *const files[][2] = {
        {"A%23B.zip", "data"}, {"empty", ""}, {"html", "<html>"}, {".tmp", "x"}};
    char *path = arena_printf(&memory, "%s/Reports/CURRENT/X/", root);
    for (size_t i = 0; i < 4; i++)
        assert_null(file_write_atomic(arena_printf(&memory, "%s%s", path, files[i][0]),
                                      str_from(files[i][1])));
    mkfifo(arena_printf(&memory, "%spipe", path), 0600);
    open_source(root, (struct source_options){.stop = &stop});
    assert_null(list());
    assert_int_equal(count, 5);
    assert_true(str_eq(entries[0].name, STR("A%23B.zip")) && entries[0].size == 4);
    assert_true(entries[1].is_folder && entries[1].size == -1);
    struct source_request r[] = {
        {"Reports/CURRENT/X", STR("A%23B.zip"), {0}, 4, &deliveries[0], NULL},
        {"Reports/CURRENT/X", STR("A%23B.zip"), {0}, 3, &deliveries[1], NULL},
        {"Reports/CURRENT/X", STR("empty"), {0}, 9, &deliveries[2], NULL},
        {"Reports/CURRENT/X/", STR("html"), {0}, 9, &deliveries[3], NULL},
        {"Reports/CURRENT/X", STR("gone"), {0}, 9, &deliveries[4], NULL},
        {"Reports/CURRENT/X", STR("pipe"), {0}, 9, &deliveries[5], NULL},
        {"Reports/CURRENT/X/DUPLICATE", STR("../html"), {0}, 9, &deliveries[6], NULL},
        {"../../etc", STR("passwd"), {0}, 9999, &deliveries[7], NULL},
    };
    assert_null(source_get(source, r, 8, deliver));
    assert_got(0, "data");
    static const char *const words[] = {"",          "limit",      "empty",          "HTML",
                                        "not there", "not a file", "name of a file", "below"};
    for (size_t i = 1; i < 8; i++)
        assert_failed(i, ERR_INPUT, words[i]);
    assert_kind(source_list(source, &memory, "Reports/NO", &entries, &count, &unchanged),
                ERR_INPUT);
    assert_kind(source_list(source, &memory, "Reports/../..", &entries, &count, &unchanged),
                ERR_INPUT);
    stop_request(&stop);
    assert_kind(source_get(source, r, 8, deliver), ERR_STOPPED);
    assert_int_equal(delivered, 8);
    int status = system(arena_printf(&memory, "rm -r '%s'", root));
    assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(files_and_urls),
        TEST(several_at_once),
        TEST(passing_refusals_are_retried),
        TEST(gives_up_in_the_end),
        TEST(what_is_no_file),
        TEST(oversized_without_a_length),
        TEST(truncated_bodies_are_retried),
        TEST(unchanged_by_etag_and_date),
        TEST(unchanged_by_content),
        TEST(redirects),
        TEST(retry_after_is_honoured),
        TEST(stop_ends_it),
        TEST(time_outs_and_closed_ports),
        TEST(deliver_can_end_it),
        TEST(locations),
        TEST(folder),
    };
    setenv("no_proxy", "127.0.0.1", 1);
    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
