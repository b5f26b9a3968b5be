/* The request reader on whatever bytes: it stays inside them, and what it accepts keeps the
 * promises of http.h. What is behind the door gets the same bytes: hosts, origins and tokens, and
 * every parameter of every route. */
#include "api/guard.h"
#include "api/route.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

static double no_time(void) {
    return 0;
}

static void at_the_door(const struct http_request *request) {
    static struct tokens tokens;
    static const char *const hosts[] = {"nem.example", NULL};
    if (!tokens.count)
        err_free(tokens_parse(&tokens, "t", STR("a 0123456789abcdef\n"), 60));
    const struct guard g = {.hosts = hosts, .tokens = &tokens, .now = no_time};
    struct http_response response = {.status = 200};
    bool admitted = guard_admits(&g, request, &response);
    require(admitted == (response.status == 200));
    const str *host = http_header(request, "Host");
    require(!admitted || !host || str_find_nocase(*host, STR("evil")) < 0);
    buf_free(&response.body);
    response = (struct http_response){.status = 200};
    guard_admits_body(request, &response);
    buf_free(&response.body);
}

/* A value that is taken has the form that is documented of it. */
static void as_parameters(struct arena *memory, str query) {
    str name, text;
    while (http_query_next(memory, &query, &name, &text)) {
        for (const struct route *r = route_next(NULL); r; r = route_next(r)) {
            const struct parameter *all[ROUTE_PARAMETERS + 4];
            size_t count = route_parameters(r, all);
            for (size_t i = 0; i < count; i++) {
                struct value v;
                if (!str_eq(name, str_from(all[i]->name)))
                    continue;
                if (parameter_read(memory, all[i], text, &v))
                    continue;
                require(v.count <= (size_t)parameter_longest(all[i]) || !parameter_is_list(all[i]));
                require(all[i]->type != PARAMETER_WHOLE ||
                        (v.number >= all[i]->low && v.number <= all[i]->high));
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct http_limits limits = {.head_bytes = 512, .headers = 8, .body_bytes = 64};
    struct arena memory = {0};
    struct http_request request;
    bool keep_alive;
    str bytes = {(const char *)data, size}, name, value;
    int length = http_parse(&memory, bytes, &limits, &request, &keep_alive);
    require(length <= (int)size);
    if (length > 0) {
        require(request.path.len > 0 && request.path.at[0] == '/');
        require(str_find(request.path, STR("..")) < 0);
        require(memchr(request.path.at, 0, request.path.len) == NULL);
        require(request.header_count <= (size_t)limits.headers);
        require(request.body.len <= limits.body_bytes);
        require(request.minor == 0 || request.minor == 1);
        str query = request.query;
        while (http_query_next(&memory, &query, &name, &value))
            require(name.len + value.len <= request.query.len);
        http_query(&memory, request.query, "from", &value);
        http_accepts_gzip(&request);
        http_etag_known(&request, "W/\"1\"");
        at_the_door(&request);
        as_parameters(&memory, request.query);

        /* One byte less is not yet a request. */
        bytes.len = (size_t)length - 1;
        require(http_parse(&memory, bytes, &limits, &request, &keep_alive) == 0);
    }
    str query = {(const char *)data, size};
    while (http_query_next(&memory, &query, &name, &value))
        require(name.len + value.len <= size);
    as_parameters(&memory, (str){(const char *)data, size});
    arena_free(&memory);
    return 0;
}
