/* Any bytes are a list of units or an error; what is said of a unit can be. */
#include "market/unit_import.h"

#include <stdlib.h>

#include "market/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct records said, units;
    size_t count;
    records_init(&said, UNIT_FACTS);
    records_init(&units, UNITS);
    err *e = unit_import((str){(const char *)data, size}, "fuzz", AEST_DAY, &said, &count);
    facts_settle(&said);
    for (size_t i = 0; i < said.count; i++) {
        struct fact f = fact_of(said.rows[i]);
        if (f.duid.len == 0 || f.name.len == 0 || f.source < FACT_WORKBOOK)
            abort();
    }
    if (!e)
        registry_build(&said, &units);
    err_free(e);
    records_free(&said);
    records_free(&units);
    return 0;
}
