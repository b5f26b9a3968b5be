/* Any bytes are a copy of a table of records or none; what is one can be written and read again. */
#include "store/records_copy.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { STAMP_AT = 16 };
    struct file_stamp stamp = {0};
    struct records r, again;
    struct buf bytes = {0};
    if (size < 1 + STAMP_AT + sizeof stamp)
        return 0;
    enum record_table_id table = (enum record_table_id)(data[0] % RECORD_TABLES);
    memcpy(&stamp, data + 1 + STAMP_AT, sizeof stamp);
    records_init(&r, table);
    records_init(&again, table);
    if (records_copy_parse((str){(const char *)data + 1, size - 1}, stamp, &r)) {
        records_copy_write(&r, stamp, &bytes);
        if (!records_copy_parse(buf_str(&bytes), stamp, &again) || !records_equal(&r, &again))
            abort();
    }
    buf_free(&bytes);
    records_free(&r);
    records_free(&again);
    return 0;
}
