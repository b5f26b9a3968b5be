/* Any bytes are a pickle of data or an error, and what is made of it is bounded. */
#include "ops/earlier.h"
#include "ops/pickle_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at_table(struct arena *a, const struct py *root) {
    struct py_table t;
    err *e = py_table_read(a, root, &t);
    for (size_t c = 0; !e && c < t.count; c++)
        for (size_t row = 0; row < t.rows; row++) {
            const struct py *v = py_table_cell(&t.columns[c], a, row);
            aest_us time;
            double number;
            bool has_zone;
            str text;
            (void)(py_missing(v) || py_text(v, &text) || py_number(v, &number) ||
                   py_time(v, &time, &has_zone));
        }
    err_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    str bytes = {(const char *)data, size};
    struct earlier_alert alerts[EARLIER_ALERTS];
    struct earlier_units units;
    struct records said;
    size_t count;
    const struct py *root;
    err *e = pickle_read(&a, bytes, &root);
    if (!e)
        look_at_table(&a, root);
    err_free(e);
    err_free(earlier_alerts_read(&a, bytes, alerts, &count));
    records_init(&said, UNIT_FACTS);
    err_free(earlier_units_read(bytes, "fuzz", AEST_DAY, &said, &units));
    records_free(&said);
    arena_free(&a);
    return 0;
}
