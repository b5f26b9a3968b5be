/* What the footer says: the schema, and where each chunk is. */
#include "store/parquet_parts.h"
#include "store/thrift.h"

static void add_schema_column(struct thrift *t, const struct file_column *c) {
    static const enum converted converted[] = {[PHYSICAL_INT32] = CONVERTED_INT32,
                                               [PHYSICAL_INT64] = CONVERTED_MICROS,
                                               [PHYSICAL_BYTES] = CONVERTED_UTF8};
    thrift_begin(t, THRIFT_NO_FIELD);
    thrift_i32(t, 1, c->physical);
    thrift_i32(t, 3, OPTIONAL);
    thrift_bytes(t, 4, str_from(c->name));
    if (c->physical != PHYSICAL_DOUBLE)
        thrift_i32(t, 6, converted[c->physical]);
    if (c->physical == PHYSICAL_INT64) { /* a timestamp of no zone, in microseconds */
        thrift_begin(t, 10);
        thrift_begin(t, 8);
        thrift_bool(t, 1, false);
        thrift_begin(t, 2);
        thrift_begin(t, 2);
        for (int i = 0; i < 4; i++)
            thrift_end(t);
    }
    thrift_end(t);
}

static void add_schema(struct thrift *t, const struct layout *l) {
    thrift_structs(t, 2, (size_t)l->column_count + 1);
    thrift_begin(t, THRIFT_NO_FIELD);
    thrift_bytes(t, 4, STR("schema"));
    thrift_i32(t, 5, l->column_count);
    thrift_end(t);
    for (int i = 0; i < l->column_count; i++)
        add_schema_column(t, &l->columns[i]);
}

static void add_statistics(struct thrift *t, const struct chunk *chunk) {
    thrift_begin(t, 12);
    thrift_i64(t, 3, chunk->nulls);
    if (chunk->bounded) {
        thrift_bytes(t, 5, (str){chunk->high.bytes, chunk->high.count});
        thrift_bytes(t, 6, (str){chunk->low.bytes, chunk->low.count});
        thrift_bool(t, 7, true);
        thrift_bool(t, 8, true);
    }
    thrift_end(t);
}

static void add_chunk(struct thrift *t, const struct file_column *c, const struct group *g,
                      const struct chunk *chunk) {
    static const int32_t numbered[] = {ENCODING_PLAIN, ENCODING_RLE, ENCODING_DICTIONARY};
    str name = str_from(c->name);
    bool plain = chunk->dictionary_at == NO_PAGE;
    int64_t data_at = g->at + chunk->data_at;
    thrift_begin(t, THRIFT_NO_FIELD);
    thrift_i64(t, 2, 0);
    thrift_begin(t, 3);
    thrift_i32(t, 1, c->physical);
    thrift_i32s(t, 2, numbered, plain ? 2 : 3);
    thrift_names(t, 3, &name, 1);
    thrift_i32(t, 4, CODEC_ZSTD);
    thrift_i64(t, 5, (int64_t)g->rows);
    thrift_i64(t, 6, chunk->unpacked);
    thrift_i64(t, 7, chunk->packed);
    thrift_i64(t, 9, data_at);
    if (!plain)
        thrift_i64(t, 11, g->at + chunk->dictionary_at);
    add_statistics(t, chunk);
    thrift_end(t);
    thrift_end(t);
}

static void add_group_facts(struct thrift *t, const struct layout *l, const struct group *g,
                            size_t number) {
    int64_t packed = 0, unpacked = 0;
    thrift_begin(t, THRIFT_NO_FIELD);
    thrift_structs(t, 1, (size_t)l->column_count);
    for (int i = 0; i < l->column_count; i++) {
        add_chunk(t, &l->columns[i], g, &g->chunks[i]);
        packed += g->chunks[i].packed;
        unpacked += g->chunks[i].unpacked;
    }
    thrift_i64(t, 2, unpacked);
    thrift_i64(t, 3, (int64_t)g->rows);
    thrift_i64(t, 5, g->at);
    thrift_i64(t, 6, packed);
    thrift_i16(t, 7, (int)number);
    thrift_end(t);
}

void parquet_add_footer(struct buf *out, const struct layout *l) {
    struct thrift t = {.out = out};
    thrift_begin(&t, THRIFT_NO_FIELD);
    thrift_i32(&t, 1, 1); /* the format's version */
    add_schema(&t, l);
    thrift_i64(&t, 3, (int64_t)l->rows);
    thrift_structs(&t, 4, l->group_count);
    for (size_t i = 0; i < l->group_count; i++)
        add_group_facts(&t, l, &l->groups[i], i);
    thrift_bytes(&t, 6, STR("nemd"));
    thrift_structs(&t, 7, (size_t)l->column_count); /* bounds are by the order of the type */
    for (int i = 0; i < l->column_count; i++) {
        thrift_begin(&t, THRIFT_NO_FIELD);
        thrift_begin(&t, 1);
        thrift_end(&t);
        thrift_end(&t);
    }
    thrift_end(&t);
}
