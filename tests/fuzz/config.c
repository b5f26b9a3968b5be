/* Any text is settings or an error that names a line. */
#include "base/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct config c = {0};
    err_free(config_parse(&c, "fuzz", (str){(const char *)data, size}));
    for (size_t i = 0; i < c.count; i++)
        if (strlen(c.entries[i].value.at) > size)
            __builtin_trap();
    config_free(&c);
    return 0;
}
