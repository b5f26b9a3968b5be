#include "collect/facts.h"

enum { SAYING_COLUMNS = FACT_SOURCE + 1 }; /* what tells one saying of a source from others */

int fact_belief(enum fact_source source) {
    static const int belief[FACT_SOURCES] = {
        [FACT_EARLIER] = 0,  [FACT_BUILT_IN] = 1, [FACT_MMSDM] = 2,
        [FACT_WORKBOOK] = 3, [FACT_IMPORT] = 4,   [FACT_USER] = 5};
    return belief[source];
}

void fact_put(struct records *r, const struct fact *f) {
    records_put(r, (const struct record_value[]){
                       [FACT_DUID] = record_text(f->duid),
                       [FACT_NAME] = record_text(f->name),
                       [FACT_SOURCE] = record_integer(f->source),
                       [FACT_FROM] = record_integer(f->from),
                       [FACT_TO] = {.there = f->to != FACT_OPEN, .integer = f->to},
                       [FACT_VALUE] = record_text(f->value),
                       [FACT_ORIGIN] = record_text(f->origin),
                       [FACT_CHANGED] = record_integer(f->lastchanged),
                   });
}

struct fact fact_of(const struct record *row) {
    const struct record_value *v = row->values;
    int64_t source = v[FACT_SOURCE].integer;
    return (struct fact){
        .duid = v[FACT_DUID].text,
        .name = v[FACT_NAME].text,
        .source = source < 0 || source >= FACT_SOURCES ? FACT_BUILT_IN : (enum fact_source)source,
        .from = (aest_day)v[FACT_FROM].integer,
        .to = v[FACT_TO].there ? (aest_day)v[FACT_TO].integer : FACT_OPEN,
        .value = v[FACT_VALUE].there ? v[FACT_VALUE].text : STR(""),
        .origin = v[FACT_ORIGIN].there ? v[FACT_ORIGIN].text : STR(""),
        .lastchanged = v[FACT_CHANGED].integer,
    };
}

void facts_settle(struct records *r) {
    size_t kept = 0;
    records_settle(r);
    for (size_t i = 0, end; i < r->count; i = end) {
        int64_t newest = 0;
        for (end = i; end < r->count && !record_compare(r->rows[i], r->rows[end], SAYING_COLUMNS);
             end++)
            if (r->rows[end]->values[FACT_CHANGED].integer > newest)
                newest = r->rows[end]->values[FACT_CHANGED].integer;
        bool adds_up = r->rows[i]->values[FACT_SOURCE].integer == FACT_USER;
        for (size_t k = i; k < end; k++)
            if (adds_up || r->rows[k]->values[FACT_CHANGED].integer == newest)
                r->rows[kept++] = r->rows[k];
    }
    r->count = kept;
}
