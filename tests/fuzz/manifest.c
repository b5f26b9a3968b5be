/* Any bytes are a backup's manifest or an error, and no path in one leads out of the store. */
#include "ops/backup_files.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct manifest m = {0};
    err *e = manifest_parse(&a, "fuzz", (str){(const char *)data, size}, &m);
    for (size_t i = 0; !e && i < m.count; i++) {
        const char *path = m.files[i].path;
        if (!*path || *path == '/' || *path == '.' || strstr(path, "/.") ||
            strlen(m.files[i].sum) != SHA256_TEXT - 1 || m.files[i].size < 0)
            abort();
    }
    err_free(e);
    arena_free(&a);
    return 0;
}
