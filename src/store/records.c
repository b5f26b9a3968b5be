#include "store/records.h"

#include <stdlib.h>

// clang-format off
const struct record_table record_tables[RECORD_TABLES] = {
    [UNIT_FACTS] = {"unit_facts", 4, {
        [FACT_DUID] = {"duid", RECORD_TEXT},
        [FACT_NAME] = {"fact", RECORD_TEXT},
        [FACT_SOURCE] = {"source", RECORD_INTEGER},
        [FACT_FROM] = {"valid_from", RECORD_DATE},
        [FACT_TO] = {"valid_to", RECORD_DATE},
        [FACT_VALUE] = {"value", RECORD_TEXT},
        [FACT_ORIGIN] = {"origin", RECORD_TEXT},
        [FACT_CHANGED] = {"lastchanged", RECORD_TIME},
    }},
    [UNITS] = {"units", 2, {
        [UNIT_DUID] = {"duid", RECORD_TEXT},
        [UNIT_FROM] = {"valid_from", RECORD_DATE},
        [UNIT_TO] = {"valid_to", RECORD_DATE},
        [UNIT_REGION] = {"region", RECORD_TEXT},
        [UNIT_STATION] = {"station", RECORD_TEXT},
        [UNIT_OWNER] = {"owner", RECORD_TEXT},
        [UNIT_DISPATCH_TYPE] = {"dispatch_type", RECORD_TEXT},
        [UNIT_SCHEDULE_TYPE] = {"schedule_type", RECORD_TEXT},
        [UNIT_FUEL] = {"fuel", RECORD_TEXT},
        [UNIT_TECHNOLOGY] = {"technology", RECORD_TEXT},
        [UNIT_CAPACITY] = {"capacity_mw", RECORD_NUMBER},
        [UNIT_REGISTERED] = {"registered_mw", RECORD_NUMBER},
        [UNIT_LOAD] = {"load_mw", RECORD_NUMBER},
        [UNIT_STORAGE] = {"storage_mwh", RECORD_NUMBER},
        [UNIT_MLF] = {"mlf", RECORD_NUMBER},
        [UNIT_DLF] = {"dlf", RECORD_NUMBER},
        [UNIT_CO2E] = {"co2e_factor", RECORD_NUMBER},
        [UNIT_PREDECESSOR] = {"predecessor", RECORD_TEXT},
        [UNIT_SOURCES] = {"sources", RECORD_TEXT},
        [UNIT_CHANGED] = {"lastchanged", RECORD_TIME},
    }},
    [THRESHOLDS] = {"thresholds", 1, {
        [THRESHOLD_FROM] = {"effectivedate", RECORD_DATE},
        [THRESHOLD_CAP] = {"market_price_cap", RECORD_NUMBER},
        [THRESHOLD_FLOOR] = {"market_price_floor", RECORD_NUMBER},
        [THRESHOLD_CUMULATIVE] = {"cumulative_price_threshold", RECORD_NUMBER},
        [THRESHOLD_ADMINISTERED] = {"administered_price_cap", RECORD_NUMBER},
        [THRESHOLD_SOURCE] = {"source", RECORD_TEXT},
        [THRESHOLD_CHANGED] = {"lastchanged", RECORD_TIME},
    }},
    [NOTICES] = {"notices", 1, {
        [NOTICE_ID] = {"noticeid", RECORD_INTEGER},
        [NOTICE_TYPE] = {"type", RECORD_TEXT},
        [NOTICE_DESCRIPTION] = {"type_description", RECORD_TEXT},
        [NOTICE_CREATED] = {"created", RECORD_TIME},
        [NOTICE_ISSUED] = {"issued", RECORD_TIME},
        [NOTICE_REFERENCE] = {"external_reference", RECORD_TEXT},
        [NOTICE_REASON] = {"reason", RECORD_TEXT},
        [NOTICE_TEXT] = {"text", RECORD_TEXT},
        [NOTICE_CHANGED] = {"lastchanged", RECORD_TIME},
    }},
};
// clang-format on

int record_column_count(const struct record_table *t) {
    int count = 0;
    while (count < RECORD_COLUMNS && t->columns[count].name)
        count++;
    return count;
}

int record_column(const struct record_table *t, str name) {
    for (int c = 0; c < record_column_count(t); c++)
        if (str_eq(name, str_from(t->columns[c].name)))
            return c;
    return -1;
}

void records_init(struct records *r, enum record_table_id table) {
    *r = (struct records){.table = &record_tables[table]};
}

void records_free(struct records *r) {
    arena_free(&r->memory);
    free(r->rows);
    r->rows = NULL;
    r->count = r->capacity = 0;
}

/* -- texts --------------------------------------------------------------------------------------
 */

/* What Windows-1252 has where ISO 8859-1 has control characters; 0xfffd where it has nothing. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};

static void add_character(struct buf *out, unsigned c) {
    if (c < 0x800) {
        buf_add_char(out, (char)(0xc0 | c >> 6));
    } else {
        buf_add_char(out, (char)(0xe0 | c >> 12));
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
    }
    buf_add_char(out, (char)(0x80 | (c & 0x3f)));
}

static bool is_utf8(str s) {
    for (size_t length; s.len; s = (str){s.at + length, s.len - length})
        if ((length = str_utf8_length(s)) == 0)
            return false;
    return true;
}

static str copy_text(struct arena *a, str text) {
    if (is_utf8(text))
        return (str){str_dup(a, text), text.len};
    struct buf utf8 = {0};
    for (size_t length; text.len; text = (str){text.at + length, text.len - length}) {
        unsigned c = (unsigned char)text.at[0];
        length = str_utf8_length(text);
        if (length)
            buf_add(&utf8, text.at, length);
        else
            add_character(&utf8, c < 0xa0 ? windows_1252[c - 0x80] : c);
        length += length == 0;
    }
    str copy = {str_dup(a, buf_str(&utf8)), utf8.len};
    buf_free(&utf8);
    return copy;
}

/* -- rows ---------------------------------------------------------------------------------------
 */

void records_put(struct records *r, const struct record_value *values) {
    size_t columns = (size_t)record_column_count(r->table);
    if (r->count == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 64;
        r->rows = mem_resize(r->rows, r->capacity * sizeof(struct record *));
    }
    struct record *row =
        arena_alloc(&r->memory, sizeof *row + columns * sizeof(struct record_value));
    row->table = r->table;
    for (size_t c = 0; c < columns; c++) {
        row->values[c] = values[c];
        if (values[c].there && r->table->columns[c].type == RECORD_TEXT)
            row->values[c].text = copy_text(&r->memory, values[c].text);
    }
    r->rows[r->count++] = row;
}

static int compare_values(enum record_type type, const struct record_value *a,
                          const struct record_value *b) {
    if (!a->there || !b->there)
        return a->there - b->there;
    if (type == RECORD_TEXT)
        return str_compare(a->text, b->text);
    if (type == RECORD_NUMBER)
        return (a->number > b->number) - (a->number < b->number);
    return (a->integer > b->integer) - (a->integer < b->integer);
}

int record_compare(const struct record *a, const struct record *b, int columns) {
    int order = 0;
    for (int c = 0; c < columns && !order; c++)
        order = compare_values(a->table->columns[c].type, &a->values[c], &b->values[c]);
    return order;
}

/* By key; of one key the row that stays comes first. */
static int by_key(const void *x, const void *y) {
    const struct record *a = *(struct record *const *)x, *b = *(struct record *const *)y;
    int order = record_compare(a, b, a->table->keys), last = record_column_count(a->table) - 1;
    if (!order)
        order = compare_values(RECORD_TIME, &b->values[last], &a->values[last]);
    return order ? order : record_compare(b, a, last);
}

void records_settle(struct records *r) {
    size_t kept = 0;
    if (r->count)
        qsort(r->rows, r->count, sizeof(struct record *), by_key);
    for (size_t i = 0; i < r->count; i++)
        if (!kept || record_compare(r->rows[kept - 1], r->rows[i], r->table->keys))
            r->rows[kept++] = r->rows[i];
    r->count = kept;
}

bool records_equal(const struct records *a, const struct records *b) {
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (record_compare(a->rows[i], b->rows[i], record_column_count(a->table)))
            return false;
    return true;
}
