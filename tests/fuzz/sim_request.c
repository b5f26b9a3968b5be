/* The simulated server's request reader on whatever bytes: it stays inside them, and what it
 * accepts keeps the promises of request.h. */
#include "sim/program/request.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena memory = {0};
    struct sim_request request;
    str bytes = {(const char *)data, size};
    int length = sim_request_read(&memory, bytes, &request);
    require(length <= (int)size && length > -600);
    if (length > 0) {
        require(request.path.len > 0 && request.path.at[0] == '/');
        require(str_find(request.path, STR("/../")) < 0);
        require(request.body.len <= SIM_BODY_BYTES);
        for (size_t i = 0; i < request.path.len; i++)
            require((unsigned char)request.path.at[i] >= ' ');
        for (size_t i = 0; i < request.target.len; i++)
            require(request.target.at[i] > ' ' && request.target.at[i] <= '~');

        /* One byte less is not yet a request. */
        bytes.len = (size_t)length - 1;
        require(sim_request_read(&memory, bytes, &request) == 0);
    }
    arena_free(&memory);
    return 0;
}
