/* Any bytes as a folder page: no crash, and every promise about the entries is kept. */
#include <stdlib.h>

#include "collect/listing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool kept) {
    if (!kept)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct listing_entry *entries;
    size_t count;
    err *e = listing_parse(&a, (str){(const char *)data, size}, &entries, &count);
    require(!e || err_kind(e) == ERR_INPUT);
    for (size_t i = 0; !e && i < count; i++) {
        str name = entries[i].name, href = entries[i].href;
        require(name.len > 0 && name.len <= 255 && href.len > 0 && entries[i].size >= -1);
        require(!str_eq(name, STR(".")) && !str_eq(name, STR("..")));
        for (size_t k = 0; k < name.len; k++)
            require((unsigned char)name.at[k] >= 0x20 && !strchr("/\\\x7f", name.at[k]));
        for (size_t k = 0; k < href.len; k++)
            require((unsigned char)href.at[k] >= 0x20);
    }
    err_free(e);
    arena_free(&a);
    return 0;
}
