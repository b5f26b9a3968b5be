#include "store/thrift.h"

#include <assert.h>

enum type {
    TYPE_TRUE = 1,
    TYPE_FALSE = 2,
    TYPE_I8 = 3,
    TYPE_I16 = 4,
    TYPE_I32 = 5,
    TYPE_I64 = 6,
    TYPE_BINARY = 8,
    TYPE_LIST = 9,
    TYPE_STRUCT = 12,
};

static void add_byte(struct buf *out, unsigned value) {
    buf_add_char(out, (char)value);
}

void thrift_varint(struct buf *out, uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        add_byte(out, (unsigned)(value & 0x7f) | 0x80);
    add_byte(out, (unsigned)value);
}

static void add_zigzag(struct buf *out, int64_t value) {
    thrift_varint(out, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

static void add_field(struct thrift *t, int field, enum type type) {
    int *last = &t->last[t->depth], distance = field - *last;
    assert(distance >= 1 && distance <= 15);
    add_byte(t->out, (unsigned)distance << 4 | type);
    *last = field;
}

void thrift_begin(struct thrift *t, int field) {
    if (field != THRIFT_NO_FIELD)
        add_field(t, field, TYPE_STRUCT);
    t->depth++;
    assert(t->depth < THRIFT_DEPTH);
    t->last[t->depth] = 0;
}

void thrift_end(struct thrift *t) {
    add_byte(t->out, 0);
    t->depth--;
}

void thrift_i8(struct thrift *t, int field, int value) {
    add_field(t, field, TYPE_I8);
    add_byte(t->out, (unsigned)value & 0xff);
}

void thrift_i16(struct thrift *t, int field, int value) {
    add_field(t, field, TYPE_I16);
    add_zigzag(t->out, value);
}

void thrift_i32(struct thrift *t, int field, int32_t value) {
    add_field(t, field, TYPE_I32);
    add_zigzag(t->out, value);
}

void thrift_i64(struct thrift *t, int field, int64_t value) {
    add_field(t, field, TYPE_I64);
    add_zigzag(t->out, value);
}

void thrift_bool(struct thrift *t, int field, bool value) {
    add_field(t, field, value ? TYPE_TRUE : TYPE_FALSE);
}

static void add_bytes(struct buf *out, str bytes) {
    thrift_varint(out, bytes.len);
    buf_add_str(out, bytes);
}

void thrift_bytes(struct thrift *t, int field, str bytes) {
    add_field(t, field, TYPE_BINARY);
    add_bytes(t->out, bytes);
}

static void add_list(struct thrift *t, int field, enum type type, size_t count) {
    add_field(t, field, TYPE_LIST);
    add_byte(t->out, (unsigned)(count < 15 ? count : 15) << 4 | type);
    if (count >= 15)
        thrift_varint(t->out, count);
}

void thrift_structs(struct thrift *t, int field, size_t count) {
    add_list(t, field, TYPE_STRUCT, count);
}

void thrift_i32s(struct thrift *t, int field, const int32_t *values, size_t count) {
    add_list(t, field, TYPE_I32, count);
    for (size_t i = 0; i < count; i++)
        add_zigzag(t->out, values[i]);
}

void thrift_names(struct thrift *t, int field, const str *names, size_t count) {
    add_list(t, field, TYPE_BINARY, count);
    for (size_t i = 0; i < count; i++)
        add_bytes(t->out, names[i]);
}
