/* Any bytes are a notice or an error; what it says stands in them. */
#include "collect/notice.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_part(str whole, str part) {
    if (part.len && (part.at < whole.at || part.at + part.len > whole.at + whole.len))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str bytes = {(const char *)data, size};
    struct notice n;
    struct records r;
    err *e = notice_parse(bytes, &n);
    if (e) {
        err_free(e);
        return 0;
    }
    if (n.id == 0 || n.created <= 0 || n.type.len == 0)
        abort();
    check_part(bytes, n.type);
    check_part(bytes, n.type_description);
    check_part(bytes, n.external_reference);
    check_part(bytes, n.reason);
    records_init(&r, NOTICES);
    notice_put(&r, &n);
    records_settle(&r);
    for (str text = r.rows[0]->values[NOTICE_TEXT].text; text.len;) {
        size_t length = str_utf8_length(text);
        if (length == 0)
            abort();
        text = (str){text.at + length, text.len - length};
    }
    records_free(&r);
    return 0;
}
