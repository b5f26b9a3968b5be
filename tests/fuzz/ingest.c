/* Any bytes are rows or an error; rows are of their day, have a version, and keys that can be
 * shown. */
#include "collect/ingest.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_frame(const struct frame *f) {
    size_t rows = 0;
    for (uint32_t k = 0; k < f->keys.count; k++) {
        str key = f->keys.texts[k];
        if (key.len == 0 || key.len > 32)
            abort();
        for (int slot = 0; slot < f->slots; slot++)
            rows += frame_has(f, k, slot);
    }
    if (rows != f->rows)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct batch batch = {0};
    err *e = ingest_file((str){(const char *)data, size}, 1 << 20, &batch);
    for (size_t i = 0; i < batch.count; i++)
        check_frame(batch.frames[i]);
    batch_free(&batch);
    err_free(e);
    return 0;
}
