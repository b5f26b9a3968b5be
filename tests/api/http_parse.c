#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/http.h"

#include <cmocka.h>

/* Parses a copy of exactly the bytes' length, so that the sanitizer sees a read beyond them. The
 * request is valid until the next call. */
static int parse(str bytes, const struct http_limits *limits, struct http_request *request,
                 bool *keep_alive) {
    static struct arena memory;
    static char *copy;
    free(copy);
    arena_free(&memory);
    copy = NULL;
    if (!bytes.at)
        return 0;
    copy = memcpy(mem_alloc(bytes.len + 1), bytes.at, bytes.len);
    copy = mem_resize(copy, bytes.len ? bytes.len : 1);
    return http_parse(&memory, (str){copy, bytes.len}, limits, request, keep_alive);
}

static int free_parser(void **state) {
    (void)state;
    return parse((str){0}, NULL, NULL, NULL);
}

#define H "Host: a\r\n"
#define GET(target) "GET " target " HTTP/1.1\r\n" H "\r\n"
#define WITH(headers) "GET / HTTP/1.1\r\n" H headers "\r\n"

static void test_good_requests(void **state) {
    static const struct {
        const char *bytes, *path, *query, *body;
        bool keep_alive;
    } cases[] = {
        {GET("/"), "/", "", "", true},
        {GET("/v1/prices?from=1&to=2"), "/v1/prices", "from=1&to=2", "", true},
        {GET("/?"), "/", "", "", true},
        {GET("/a%20b%41?x=%41?"), "/a bA", "x=%41?", "", true},
        {GET("/caf%C3%A9"), "/caf\xc3\xa9", "", "", true},
        {GET("/."), "/.", "", "", true},
        {GET("/?q=.."), "/", "q=..", "", true},
        {"GET / HTTP/1.0\r\n\r\n", "/", "", "", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "/", "", "", false},
        {WITH("Connection: close\r\n"), "/", "", "", false},
        {WITH("Connection: x, Close ,y\r\n"), "/", "", "", false},
        {WITH("Connection: closed\r\n"), "/", "", "", true},
        {WITH("X-Empty:\r\nX-Tab: \ta\tb \r\nX-Latin: \xe9\r\n"), "/", "", "", true},
        {"HEAD / HTTP/1.1\r\nhOST: a:80\r\n\r\n", "/", "", "", true},
        {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "/", "", "", true},
        {"POST /p HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello", "/p", "", "hello", true},
        {"POST /p HTTP/1.1\r\n" H "\r\n", "/p", "", "", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_request r;
        bool keep_alive;
        str bytes = str_from(cases[i].bytes);
        for (size_t length = 0; length < bytes.len; length++)
            assert_int_equal(parse((str){bytes.at, length}, &http_default_limits, &r, &keep_alive),
                             0);
        assert_int_equal(parse(bytes, &http_default_limits, &r, &keep_alive), bytes.len);
        assert_true(str_eq(r.path, str_from(cases[i].path)));
        assert_true(str_eq(r.query, str_from(cases[i].query)));
        assert_true(str_eq(r.body, str_from(cases[i].body)));
        assert_int_equal(keep_alive, cases[i].keep_alive);
    }
}

static void test_bad_requests(void **state) {
    static const struct {
        const char *bytes;
        int status;
    } cases[] = {
        {"\r\n" GET("/"), 400},
        {"GET / HTTP/1.1\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" H H "\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {"GET /\r\n" H "\r\n", 400},
        {"GET  / HTTP/1.1\r\n" H "\r\n", 400},
        {"GET /  HTTP/1.1\r\n" H "\r\n", 400},
        {"GET / HTTP/1.1 \r\n" H "\r\n", 400},
        {"GET\t/\tHTTP/1.1\r\n" H "\r\n", 400},
        {"G(T / HTTP/1.1\r\n" H "\r\n", 400},
        {" / HTTP/1.1\r\n" H "\r\n", 400},
        {"GET / HTTQ/1.1\r\n" H "\r\n", 400},
        {"GET / HTTP/1.x\r\n" H "\r\n", 400},
        {"GET / HTTP/1.11\r\n" H "\r\n", 400},
        {"GET / HTTP/1.2\r\n" H "\r\n", 505},
        {"GET / HTTP/0.9\r\n" H "\r\n", 505},
        {"PRI * HTTP/2.0\r\n\r\n", 505},
        {"\x16\x03\x01", 400},
        {"get / HTTP/1.1\r\n" H "\r\n", 501},
        {"BREW / HTTP/1.1\r\n" H "\r\n", 501},
        {"PUT / HTTP/1.1\r\n" H "\r\n", 405},
        {"OPTIONS * HTTP/1.1\r\n" H "\r\n", 405},
        {WITH("Content-Length: 18446744073709551615\r\n"), 413},
        {WITH("Content-Length: 65537\r\n"), 413},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_request r;
        bool keep_alive;
        int status = -parse(str_from(cases[i].bytes), &http_default_limits, &r, &keep_alive);
        if (status != cases[i].status)
            fail_msg("%d instead of %d for: %s", status, cases[i].status, cases[i].bytes);
    }
    struct http_request r;
    bool keep_alive;
    assert_int_equal(parse(STR("GET /\0 HTTP/1.1\r\n"), &http_default_limits, &r, &keep_alive),
                     -400);
}

/* Each of [parts], put into a request that is otherwise good, makes it a 400. */
static void expect_bad(const char *const *parts, size_t count, const char *format) {
    for (size_t i = 0; i < count; i++) {
        struct buf b = {0};
        struct http_request r;
        bool keep_alive;
        const char *at = strstr(format, "@");
        buf_add(&b, format, (size_t)(at - format));
        buf_add_str(&b, str_from(parts[i]));
        buf_add_str(&b, str_from(at + 1));
        int status = parse(buf_str(&b), &http_default_limits, &r, &keep_alive);
        buf_free(&b);
        if (status != -400)
            fail_msg("%d instead of -400 for: %s", status, parts[i]);
    }
}

static void test_bad_targets_and_headers(void **state) {
    static const char *const targets[] = {
        "*",    "a",    "http://a/", "/#a", "/\x80",     "/%",      "/%4",   "/%4g",    "/%-1",
        "/%00", "/%0a", "/%7F",      "/..", "/%2e%2e/x", "/.%2E/x", "/?a=%", "/?a=%zz", "/?a=%00"};
    static const char *const headers[] = {"X\r\n",
                                          ": x\r\n",
                                          "X : x\r\n",
                                          "X: a\r\n b\r\n",
                                          "X: a\r\n\tb: c\r\n",
                                          "X: \x01\r\n",
                                          "X: \x7f\r\n",
                                          "X\xe9: a\r\n",
                                          "Transfer-Encoding: chunked\r\n",
                                          "transfer-encoding:\r\n",
                                          "Content-Length: 0\r\nContent-Length: 0\r\n",
                                          "Content-Length: 0, 0\r\n",
                                          "Content-Length: -1\r\n",
                                          "Content-Length: +1\r\n",
                                          "Content-Length: 0x1\r\n",
                                          "Content-Length: 1 1\r\n",
                                          "Content-Length:\r\n",
                                          "Content-Length: 99999999999999999999\r\n"};
    (void)state;
    expect_bad(targets, sizeof targets / sizeof *targets, "GET @ HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_bad(headers, sizeof headers / sizeof *headers, "GET / HTTP/1.1\r\nHost: a\r\n@\r\n");
}

static void test_limits(void **state) {
    struct http_limits limits = {.head_bytes = 40, .headers = 2, .body_bytes = 4};
    struct http_request r;
    bool keep_alive;
    (void)state;
    str three = STR("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\n");
    assert_int_equal(parse(three, &limits, &r, &keep_alive), -431);
    limits.headers = 3;
    str exact = STR("GET / HTTP/1.1\r\nHost: a\r\nX: 12345678\r\n\r\n");
    limits.head_bytes = exact.len;
    assert_int_equal(parse(exact, &limits, &r, &keep_alive), exact.len);
    limits.head_bytes--;
    assert_int_equal(parse(exact, &limits, &r, &keep_alive), -431);
    assert_int_equal(parse((str){exact.at, limits.head_bytes}, &limits, &r, &keep_alive), 0);
    str line = STR("GET /0123456789012345678901234567890123456789");
    assert_int_equal(parse(line, &limits, &r, &keep_alive), -414);
    limits.head_bytes = 100;
    str body = STR("POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\n1234");
    assert_int_equal(parse(body, &limits, &r, &keep_alive), body.len);
    limits.body_bytes = 3;
    assert_int_equal(parse(body, &limits, &r, &keep_alive), -413);
}

static void test_pipelined_bytes_are_left(void **state) {
    struct http_request r;
    bool keep_alive;
    (void)state;
    str first = STR("POST / HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nab");
    str both = STR("POST / HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nabGET / HTTP/1.1\r\n");
    assert_int_equal(parse(both, &http_default_limits, &r, &keep_alive), first.len);
}

/* Whatever one byte becomes, the reader answers within its contract. */
static void test_flipped_bytes(void **state) {
    static const char good[] =
        "POST /a%20b?c=%41&d HTTP/1.1\r\n" H "Accept-Encoding: gzip;q=0.5\r\n"
        "If-None-Match: W/\"a\", \"b\"\r\nContent-Length: 3\r\n\r\nabc";
    char bytes[sizeof good];
    (void)state;
    for (size_t at = 0; at < sizeof good - 1; at++) {
        for (int value = 0; value < 256; value++) {
            struct http_request r;
            bool keep_alive;
            memcpy(bytes, good, sizeof good);
            bytes[at] = (char)value;
            str s = {bytes, sizeof good - 1};
            int length = parse(s, &http_default_limits, &r, &keep_alive);
            assert_true(length <= (int)s.len && length > -600);
            if (length > 0) {
                http_accepts_gzip(&r);
                http_etag_known(&r, "\"b\"");
            }
        }
    }
}

static void test_query(void **state) {
    static const struct {
        const char *query, *name, *value; /* NULL: not there */
    } cases[] = {
        {"", "a", NULL},
        {"a", "a", ""},
        {"a=", "a", ""},
        {"a=1", "a", "1"},
        {"b=1&a=2", "a", "2"},
        {"a=1&a=2", "a", "1"},
        {"&&a=1&", "a", "1"},
        {"a=b=c", "a", "b=c"},
        {"%61=1", "a", "1"},
        {"a=x+y", "a", "x y"},
        {"a=x%2By", "a", "x+y"},
        {"a=%e2%82%AC", "a", "\xe2\x82\xac"},
        {"a=%", "a", "%"},
        {"a=%0g+", "a", "%0g+"},
        {"ab=1", "a", NULL},
        {"A=1", "a", NULL},
        {"=1", "", "1"},
        {"a=1%26b=2", "b", NULL},
        {"b=1%26b=2", "b", "1&b=2"},
    };
    struct arena memory = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        str value;
        bool found = http_query(&memory, str_from(cases[i].query), cases[i].name, &value);
        assert_int_equal(found, cases[i].value != NULL);
        if (found)
            assert_true(str_eq(value, str_from(cases[i].value)));
    }
    arena_free(&memory);
}

static void test_accept_encoding(void **state) {
    static const char *const accepting[] = {
        "gzip", "GZip",        "x-gzip", "br, deflate , gzip", "gzip; q=0.001", "gzip ;Q=1",
        "*",    "*;q=0, gzip", ",,gzip,"};
    static const char *const declining[] = {
        "",         "br",       "gzipped", "gzip;q=0",    "gzip;q=0.000", "gzip;q=",
        "gzip;q=x", "gzip;q=2", "*;q=0",   "gzip;q=0, *", "identity"};
    struct http_header h = {.name = STR("accept-encoding")};
    struct http_request r = {.headers = &h, .header_count = 1};
    (void)state;
    for (size_t i = 0; i < sizeof accepting / sizeof *accepting; i++) {
        h.value = str_from(accepting[i]);
        assert_true(http_accepts_gzip(&r));
    }
    for (size_t i = 0; i < sizeof declining / sizeof *declining; i++) {
        h.value = str_from(declining[i]);
        assert_false(http_accepts_gzip(&r));
    }
    r.header_count = 0;
    assert_false(http_accepts_gzip(&r));
}

static void test_if_none_match(void **state) {
    static const char *const knowing[] = {"*", "\"a,b\"", "W/\"a,b\"", "\"x\" ,\t\"a,b\"",
                                          "\"x\",W/\"a,b\",\"y\""};
    static const char *const others[] = {"",    "w/\"a,b\"", "\"a\", \"b\"", "\"x\" \"a,b\"",
                                         "a,b", "\"a,b",     "W/",           "\"A,b\""};
    struct http_header h = {.name = STR("If-None-Match")};
    struct http_request r = {.headers = &h, .header_count = 1};
    (void)state;
    for (size_t i = 0; i < sizeof knowing / sizeof *knowing; i++) {
        h.value = str_from(knowing[i]);
        assert_true(http_etag_known(&r, "\"a,b\"") && http_etag_known(&r, "W/\"a,b\""));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        h.value = str_from(others[i]);
        assert_false(http_etag_known(&r, "\"a,b\"") || http_etag_known(&r, "W/\"a,b\""));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_requests),
        cmocka_unit_test(test_bad_requests),
        cmocka_unit_test(test_bad_targets_and_headers),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_pipelined_bytes_are_left),
        cmocka_unit_test(test_flipped_bytes),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_accept_encoding),
        cmocka_unit_test(test_if_none_match),
    };
    return cmocka_run_group_tests(tests, NULL, free_parser);
}
