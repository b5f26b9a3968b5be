/* Bodies of POSTs, whatever bytes: what is taken is no longer than what came. */
#include "api/body.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena memory = {0};
    struct body_member members[BODY_MEMBERS];
    size_t count, bytes = 0;
    if (!body_read(&memory, (str){(const char *)data, size}, members, &count)) {
        if (count > BODY_MEMBERS)
            abort();
        for (size_t i = 0; i < count; i++)
            bytes += members[i].name.len + members[i].text.len;
        if (bytes > size)
            abort();
    }
    arena_free(&memory);
    return 0;
}
