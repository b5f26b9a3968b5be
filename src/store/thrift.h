/* Thrift's compact protocol, as far as a Parquet file's headers and footer need it.
 *
 * A struct is its fields in the order of their numbers and a stop; a field is a byte with its type
 * and its distance from the field before it, then its value. Integers are zigzag and of variable
 * length. Fields that a reader doesn't know it passes over, so only what says something is written.
 */
#ifndef STORE_THRIFT_H
#define STORE_THRIFT_H

#include "base/str.h"

enum { THRIFT_DEPTH = 8 };

struct thrift {
    struct buf *out;
    int last[THRIFT_DEPTH]; /* number of the last field, by depth of the struct */
    int depth;
};

/* A struct's fields come between begin and end. The outermost one has no field number: -1, as an
 * element of a list of structs. */
enum { THRIFT_NO_FIELD = -1 };
void thrift_begin(struct thrift *t, int field);
void thrift_end(struct thrift *t);

void thrift_i8(struct thrift *t, int field, int value);
void thrift_i16(struct thrift *t, int field, int value);
void thrift_i32(struct thrift *t, int field, int32_t value);
void thrift_i64(struct thrift *t, int field, int64_t value);
void thrift_bool(struct thrift *t, int field, bool value);
void thrift_bytes(struct thrift *t, int field, str bytes);

/* The head of a list; [count] elements of its type follow. */
void thrift_structs(struct thrift *t, int field, size_t count);
void thrift_i32s(struct thrift *t, int field, const int32_t *values, size_t count);
void thrift_names(struct thrift *t, int field, const str *names, size_t count);

/* An unsigned integer of variable length, seven bits a byte. */
void thrift_varint(struct buf *out, uint64_t value);

#endif
