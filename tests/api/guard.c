#include "api/guard.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena memory;
static double now;

static double test_clock(void) {
    return now;
}

static int forget(void **state) {
    (void)state;
    arena_free(&memory);
    return 0;
}

/* The status that a request with these header lines is refused with; 0 when it is let in. */
static int refusal(const struct guard *g, const char *method, const char *path, const char *headers,
                   struct http_response *response) {
    static const struct http_limits limits = {
        .head_bytes = 4096, .headers = 32, .body_bytes = 1024};
    struct http_response own = {.status = 200};
    struct http_request request;
    struct buf text = {0};
    bool keep_alive;
    buf_printf(&text, "%s %s HTTP/1.1\r\n%s\r\n", method, path, headers);
    str bytes = {str_dup(&memory, buf_str(&text)), text.len};
    buf_free(&text);
    if (http_parse(&memory, bytes, &limits, &request, &keep_alive) <= 0)
        return 400;
    bool admitted = guard_admits(g, &request, &own);
    if (response)
        *response = own;
    buf_free(&own.body);
    assert_int_equal(admitted, own.status == 200);
    return admitted ? 0 : own.status;
}

static int by_host(const struct guard *g, const char *host) {
    char line[300];
    snprintf(line, sizeof line, "Host: %s\r\n", host);
    return refusal(g, "GET", "/", line, NULL);
}

static void only_names_of_this_machine_are_answered(void **state) {
    (void)state;
    static const char *const allowed[] = {"nem.example", "10.0.0.7", "::2", NULL};
    const struct guard plain = {.now = test_clock}, named = {.hosts = allowed, .now = test_clock},
                       any = {.any_address = true, .now = test_clock};
    static const char *const own[] = {"localhost",        "LocalHost:80", "localhost.", "127.0.0.1",
                                      "127.255.0.3:5006", "[::1]",        "[::1]:5006"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        assert_int_equal(by_host(&plain, own[i]), 0);
    static const char *const foreign[] = {"",
                                          "evil.example",
                                          "evil.example:5006",
                                          "localhost.evil",
                                          "127.0.0.1.evil",
                                          "127.1",
                                          "0",
                                          "0x7f.0.0.1",
                                          "[::1",
                                          "[::1]evil",
                                          "::1",
                                          "[",
                                          "[]",
                                          "localhost..",
                                          ".localhost"};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (by_host(&plain, foreign[i]) != 421 || by_host(&any, foreign[i]) != 421)
            fail_msg("'%s' is answered", foreign[i]);
    }
    assert_int_equal(by_host(&plain, "10.0.0.7"), 421);
    assert_int_equal(by_host(&any, "10.0.0.7:5006"), 0);
    assert_int_equal(by_host(&any, "[2001:db8::1]:5006"), 0);
    assert_int_equal(by_host(&named, "10.0.0.7:1"), 0);
    assert_int_equal(by_host(&named, "NEM.example:5006"), 0);
    assert_int_equal(by_host(&named, "[::2]:5006"), 0);
    assert_int_equal(by_host(&named, "10.0.0.8"), 421);
    assert_int_equal(by_host(&named, "a.nem.example"), 421);
}

static void nobody_elses_page_may_post(void **state) {
    (void)state;
    const struct guard g = {.now = test_clock};
    static const struct {
        const char *headers;
        int status;
    } cases[] = {
        {"", 0},
        {"Origin: http://localhost:5006\r\n", 0},
        {"Origin: https://LOCALHOST:5006\r\n", 0},
        {"Sec-Fetch-Site: same-origin\r\n", 0},
        {"Sec-Fetch-Site: none\r\n", 0},
        {"Sec-Fetch-Site: cross-site\r\n", 403},
        {"Sec-Fetch-Site: same-site\r\nOrigin: http://localhost:5006\r\n", 403},
        {"Origin: http://localhost\r\n", 403},
        {"Origin: http://localhost:50060\r\n", 403},
        {"Origin: http://evil.example\r\n", 403},
        {"Origin: http://evil.example/localhost:5006\r\n", 403},
        {"Origin: localhost:5006\r\n", 403},
        {"Origin: null\r\n", 403},
        {"Origin: \r\n", 403},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char lines[300];
        snprintf(lines, sizeof lines, "Host: localhost:5006\r\n%s", cases[i].headers);
        if (refusal(&g, "POST", "/", lines, NULL) != cases[i].status)
            fail_msg("%s", cases[i].headers);
        assert_int_equal(refusal(&g, "GET", "/", lines, NULL), 0);
    }
}

static void what_is_posted_is_json(void **state) {
    (void)state;
    static const struct {
        const char *type;
        bool good;
    } cases[] = {{"application/json", true},
                 {"Application/JSON; charset=utf-8", true},
                 {"application/json ;x", true},
                 {"text/plain", false},
                 {"application/jsonp", false},
                 {"", false},
                 {"application/x-www-form-urlencoded", false}};
    for (size_t i = 0; i <= sizeof cases / sizeof *cases; i++) {
        bool none = i == sizeof cases / sizeof *cases;
        struct http_header header = {STR("Content-Type"),
                                     none ? (str){0} : str_from(cases[i].type)};
        struct http_request r = {.memory = &memory, .headers = &header, .header_count = !none};
        struct http_response out = {.status = 200};
        assert_int_equal(guard_admits_body(&r, &out), !none && cases[i].good);
        assert_int_equal(out.status, !none && cases[i].good ? 200 : 415);
        buf_free(&out.body);
    }
}

/* -- tokens ------------------------------------------------------------------------------------ */

static const char file[] = "# comment\n\n  alice   0123456789abcdef  \r\n"
                           "bob\tsha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20"
                           "015ad\n"; /* "abc", of FIPS 180-4's example */

static void tokens_are_told_by_header(void **state) {
    (void)state;
    struct tokens t;
    assert_null(tokens_parse(&t, "tokens", str_from(file), 6000));
    const struct guard g = {.tokens = &t, .now = test_clock};
    static const struct {
        const char *header;
        int status;
    } cases[] = {
        {"Authorization: Bearer 0123456789abcdef\r\n", 0},
        {"authorization: bearer  0123456789abcdef \r\n", 0},
        {"Authorization: Bearer abc\r\n", 0},
        {"Authorization: Basic YWxpY2U6MDEyMzQ1Njc4OWFiY2RlZg==\r\n", 0}, /* alice:0123… */
        {"Authorization: Basic OjAxMjM0NTY3ODlhYmNkZWY=\r\n", 0},         /* :0123… */
        {"Authorization: Basic MDEyMzQ1Njc4OWFiY2RlZg==\r\n", 401},       /* without colon */
        {"Authorization: Basic YWxpY2U6MDEyMzQ1Njc4OWFiY2Rl\r\n", 401},
        {"Authorization: Basic ####\r\n", 401},
        {"Authorization: Basic \r\n", 401},
        {"Authorization: Basic Y\r\n", 401},
        {"Authorization: Bearer 0123456789abcde\r\n", 401},
        {"Authorization: Bearer 0123456789abcdeff\r\n", 401},
        {"Authorization: Bearer\r\n", 401},
        {"Authorization: 0123456789abcdef\r\n", 401},
        {"Authorization: Digest 0123456789abcdef\r\n", 401},
        {"", 401},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char lines[300];
        snprintf(lines, sizeof lines, "Host: localhost\r\n%s", cases[i].header);
        if (refusal(&g, "GET", "/v1/prices", lines, NULL) != cases[i].status)
            fail_msg("%s", cases[i].header);
        assert_int_equal(refusal(&g, "GET", "/health", lines, NULL), 0);
    }
    tokens_free(&t);
}

static void each_token_has_its_own_rate(void **state) {
    (void)state;
    struct tokens t;
    int wait = 0;
    now = 1000;
    assert_null(
        tokens_parse(&t, "tokens", str_from(file), 30)); /* one in two seconds, ten at once */
    for (int i = 0; i < 10; i++)
        assert_int_equal(tokens_check(&t, STR("0123456789abcdef"), now, &wait), TOKEN_GOOD);
    assert_int_equal(tokens_check(&t, STR("0123456789abcdef"), now, &wait), TOKEN_TOO_FAST);
    assert_int_equal(wait, 2);
    assert_int_equal(tokens_check(&t, STR("abc"), now, &wait), TOKEN_GOOD);
    assert_int_equal(tokens_check(&t, STR("0123456789abcdef"), now + 1.5, &wait), TOKEN_TOO_FAST);
    assert_int_equal(wait, 1);
    assert_int_equal(tokens_check(&t, STR("0123456789abcdef"), now + 2, &wait), TOKEN_GOOD);
    assert_int_equal(tokens_check(&t, STR("0123456789abcdef"), now + 2, &wait), TOKEN_TOO_FAST);
    for (int i = 0; i < 10; i++) /* a long rest fills it, and no more than that */
        assert_int_equal(tokens_check(&t, STR("0123456789abcdef"), now + 9e6, &wait), TOKEN_GOOD);
    assert_int_equal(tokens_check(&t, STR("0123456789abcdef"), now + 9e6, &wait), TOKEN_TOO_FAST);

    const struct guard g = {.tokens = &t, .now = test_clock};
    struct http_response response;
    now += 9e6;
    assert_int_equal(refusal(&g, "GET", "/",
                             "Host: localhost\r\nAuthorization: Bearer 0123456789abcdef\r\n",
                             &response),
                     429);
    assert_true(str_eq(response.extra[0].name, STR("Retry-After")));
    assert_true(str_eq(response.extra[0].value, STR("2")));
    tokens_free(&t);
}

static void expect_wrong(str text, const char *says) {
    struct tokens t;
    err *e = tokens_parse(&t, "tokens", text, 60);
    assert_non_null(e);
    assert_int_equal(err_kind(e), ERR_USAGE);
    if (!strstr(err_text(e), says) || strstr(err_text(e), "secret"))
        fail_msg("\"%s\"", err_text(e));
    err_free(e);
}

static void a_line_that_is_none_is_refused_without_its_words(void **state) {
    (void)state;
    expect_wrong(STR(""), "has no token");
    expect_wrong(STR("# alice 0123456789abcdef\n"), "has no token");
    expect_wrong(STR("\nsecret-alone-in-its-line\n"), "line 2: a name, a blank and a token");
    expect_wrong(STR("alice secret-with a-blank\n"), "line 1: a name");
    expect_wrong(STR("bob secret-secret-secret\nbob secret\n"), "line 2: a token has 16");
    expect_wrong(STR("alice sha256:secret\n"), "64 hex digits");
    expect_wrong(STR("alice secret-with-\x01-in-it-0000\n"), "line 1");
    struct buf many = {0};
    for (int i = 0; i <= MOST_TOKENS; i++)
        buf_printf(&many, "a 0123456789abc%04d\n", i);
    expect_wrong(buf_str(&many), "more than 1000");
    buf_free(&many);
}

static void a_file_that_others_can_read_is_refused(void **state) {
    (void)state;
    char path[] = "/tmp/nemd-tokens-XXXXXX";
    int fd = mkstemp(path);
    struct tokens t;
    assert_true(fd >= 0 && write(fd, file, sizeof file - 1) == (ssize_t)sizeof file - 1);
    static const mode_t wrong[] = {0644, 0640, 0604, 0620, 0602, 0610};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(fchmod(fd, wrong[i]), 0);
        err *e = tokens_read(&t, path, 60);
        assert_non_null(e);
        assert_non_null(strstr(err_text(e), "chmod 600"));
        err_free(e);
    }
    static const mode_t right[] = {0600, 0400};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_int_equal(fchmod(fd, right[i]), 0);
        assert_null(tokens_read(&t, path, 60));
        assert_int_equal(t.count, 2);
        assert_string_equal(t.all[1].name, "bob");
        tokens_free(&t);
    }
    close(fd);
    unlink(path);
    err *e = tokens_read(&t, path, 60);
    assert_non_null(e);
    err_free(e);
    e = tokens_read(&t, "/tmp", 60);
    assert_non_null(e);
    err_free(e);
}

#define GUARDED(test) cmocka_unit_test_teardown(test, forget)

int main(void) {
    const struct CMUnitTest tests[] = {
        GUARDED(only_names_of_this_machine_are_answered),
        GUARDED(nobody_elses_page_may_post),
        GUARDED(what_is_posted_is_json),
        GUARDED(tokens_are_told_by_header),
        GUARDED(each_token_has_its_own_rate),
        GUARDED(a_line_that_is_none_is_refused_without_its_words),
        GUARDED(a_file_that_others_can_read_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
