/* The request reader on whatever bytes: it stays inside them, and what it accepts keeps the
 * promises of http.h. */
#include "api/http.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
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
        str query = request.query;
        while (http_query_next(&memory, &query, &name, &value))
            require(name.len + value.len <= request.query.len);
        http_query(&memory, request.query, "from", &value);
        http_accepts_gzip(&request);
        http_etag_known(&request, "W/\"1\"");

        /* One byte less is not yet a request. */
        bytes.len = (size_t)length - 1;
        require(http_parse(&memory, bytes, &limits, &request, &keep_alive) == 0);
    }
    str query = {(const char *)data, size};
    while (http_query_next(&memory, &query, &name, &value))
        require(name.len + value.len <= size);
    arena_free(&memory);
    return 0;
}
