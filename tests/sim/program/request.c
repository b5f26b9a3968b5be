#include "sim/program/request.h"

#include <stdlib.h>

#include "support/check.h"

/* Reads a copy of exactly the bytes' length, so that a sanitizer sees a read beyond it. */
static int read_copy(struct arena *a, str bytes, struct sim_request *out) {
    static char *copy;
    free(copy);
    copy = NULL;
    if (!bytes.at)
        return 0;
    copy = mem_alloc(bytes.len ? bytes.len : 1);
    memcpy(copy, bytes.at, bytes.len);
    return sim_request_read(a, (str){copy, bytes.len}, out);
}

#define H "Host: a\r\n"
#define GET(target) "GET " target " HTTP/1.1\r\n" H "\r\n"

static void good_requests_are_read(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        enum sim_method method;
        const char *target, *path, *body;
        bool keep_alive;
    } cases[] = {
        {GET("/"), SIM_GET, "/", "/", "", true},
        {GET("/Reports/CURRENT/"), SIM_GET, "/Reports/CURRENT/", "/Reports/CURRENT/", "", true},
        {GET("/a?b=%zz"), SIM_GET, "/a", "/a", "", true},
        {GET("/A%20b%2Fc"), SIM_GET, "/A%20b%2Fc", "/A b/c", "", true},
        {GET("/X%2523Y%2523.zip"), SIM_GET, "/X%2523Y%2523.zip", "/X%23Y%23.zip", "", true},
        {GET("/X%23Y.zip"), SIM_GET, "/X%23Y.zip", "/X#Y.zip", "", true},
        {GET("/..a/.b/c..d"), SIM_GET, "/..a/.b/c..d", "/..a/.b/c..d", "", true},
        {"HEAD /h HTTP/1.1\r\nhOST:a:80\r\nX: \t y\r\n\r\n", SIM_HEAD, "/h", "/h", "", true},
        {"GET /1 HTTP/1.0\r\n\r\n", SIM_GET, "/1", "/1", "", false},
        {"GET /c HTTP/1.1\r\n" H "Connection: Close\r\n\r\n", SIM_GET, "/c", "/c", "", false},
        {"POST /clock HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nspeed=0\r\n", SIM_POST, "/clock",
         "/clock", "speed=0", true},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sim_request r;
        str bytes = str_from(cases[i].bytes);
        assert_int_equal(read_copy(&a, bytes, &r), bytes.len);
        assert_int_equal(r.method, cases[i].method);
        assert_true(str_eq(r.target, str_from(cases[i].target)));
        assert_true(str_eq(r.path, str_from(cases[i].path)));
        assert_true(str_eq(r.body, str_from(cases[i].body)));
        assert_int_equal(r.keep_alive, cases[i].keep_alive);
        for (size_t n = 0; n < bytes.len; n++)
            assert_int_equal(read_copy(&a, (str){bytes.at, n}, &r), 0);
    }
    read_copy(NULL, (str){0}, NULL);
    arena_free(&a);
}

static void bad_requests_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        int status;
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\n" H "\r\n\r\n", 400},
        {"\n\r\n\r\n", 400},
        {"\r\n\r\n", 400},
        {"GET /\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\n" H "\r\n", 400},
        {"GET a HTTP/1.1\r\n" H "\r\n", 400},
        {"GET http://a/ HTTP/1.1\r\n" H "\r\n", 400},
        {GET("/%"), 400},
        {GET("/%2"), 400},
        {GET("/%zz"), 400},
        {GET("/%00"), 400},
        {GET("/%0d%0aX:"), 400},
        {GET("/\x80"), 400},
        {GET("/.."), 400},
        {GET("/a/../b"), 400},
        {GET("/a/%2e%2e/b"), 400},
        {GET("/a/..%2fb"), 400},
        {GET("/./a"), 400},
        {"get / HTTP/1.1\r\n" H "\r\n", 400},
        {"DELETE / HTTP/1.1\r\n" H "\r\n", 405},
        {"GET / HTTP/2.0\r\n" H "\r\n", 505},
        {"GET / HTTP/1.1\r\n" H H "\r\n", 400},
        {"GET / HTTP/1.1\r\n" H " folded\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" H "X : y\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" H ": y\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Content-Length: x\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 257\r\n\r\n", 413},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sim_request r;
        assert_int_equal(-cases[i].status, read_copy(&a, str_from(cases[i].bytes), &r));
    }
    read_copy(NULL, (str){0}, NULL);
    arena_free(&a);
}

static void a_head_has_a_bound(void **state) {
    (void)state;
    static char bytes[SIM_HEAD_BYTES + 4];
    struct arena a = {0};
    struct sim_request r;
    memset(bytes, 'a', sizeof bytes);
    memcpy(bytes, "GET /", 5);
    assert_int_equal(read_copy(&a, (str){bytes, SIM_HEAD_BYTES - 1}, &r), 0);
    assert_int_equal(read_copy(&a, (str){bytes, SIM_HEAD_BYTES}, &r), -414);
    memcpy(bytes, "GET / HTTP/1.1\r\nHost: a\r\nX:", 27);
    assert_int_equal(read_copy(&a, (str){bytes, SIM_HEAD_BYTES}, &r), -400);
    memcpy(bytes + SIM_HEAD_BYTES - 4, "\r\n\r\n", 4);
    assert_int_equal(read_copy(&a, (str){bytes, SIM_HEAD_BYTES}, &r), SIM_HEAD_BYTES);
    read_copy(NULL, (str){0}, NULL);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_requests_are_read),
        cmocka_unit_test(bad_requests_are_refused),
        cmocka_unit_test(a_head_has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
