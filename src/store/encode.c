#include "store/encode.h"

#include <stdlib.h>

#include "store/thrift.h"

enum { FIRST_BITS = 10, GROUP = 8 };

void dictionary_clear(struct dictionary *d) {
    if (d->count)
        memset(d->slots, 0, sizeof *d->slots << d->slot_bits);
    d->count = d->last = 0;
}

void dictionary_free(struct dictionary *d) {
    free(d->values);
    free(d->slots);
    *d = (struct dictionary){0};
}

/* The slot that holds [value], or the free one where it would go. */
static uint32_t slot_of(const struct dictionary *d, uint64_t value) {
    uint32_t mask = (UINT32_C(1) << d->slot_bits) - 1;
    uint32_t i = (uint32_t)((value * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - d->slot_bits));
    while (d->slots[i] && d->values[d->slots[i] - 1] != value)
        i = (i + 1) & mask;
    return i;
}

/* Twice as many slots, and never more than half of them taken. */
static void grow(struct dictionary *d) {
    d->slot_bits = d->slot_bits ? d->slot_bits + 1 : FIRST_BITS;
    d->capacity = UINT32_C(1) << (d->slot_bits - 1);
    d->values = mem_resize(d->values, d->capacity * sizeof *d->values);
    free(d->slots);
    d->slots = mem_zalloc((size_t)1 << d->slot_bits, sizeof *d->slots);
    for (uint32_t i = 0; i < d->count; i++)
        d->slots[slot_of(d, d->values[i])] = i + 1;
}

uint32_t dictionary_search(struct dictionary *d, uint64_t value) {
    if (d->count == d->capacity)
        grow(d);
    uint32_t *slot = &d->slots[slot_of(d, value)];
    if (*slot == 0) {
        d->values[d->count++] = value;
        *slot = d->count;
    }
    return *slot - 1;
}

int encode_width(uint32_t count) {
    return count <= 1 ? 0 : 32 - __builtin_clz(count - 1);
}

/* Adds the [bytes] low bytes of [bits], the lowest first. */
static char *store(char *at, uint64_t bits, int bytes) {
    for (int i = 0; i < bytes; i++)
        *at++ = (char)(bits >> (8 * i));
    return at;
}

/* Numbers one after the other, the lowest bit first; the last group of eight is filled with 0. */
static void add_packed(struct buf *out, const uint32_t *numbers, size_t count, int width) {
    size_t groups = (count + GROUP - 1) / GROUP;
    uint64_t bits = 0;
    int filled = 0;
    if (count == 0)
        return;
    thrift_varint(out, groups << 1 | 1);
    buf_reserve(out, groups * (size_t)width + sizeof bits);
    char *at = out->at + out->len, *end = at + groups * (size_t)width;
    for (size_t i = 0; i < count; i++) {
        bits |= (uint64_t)numbers[i] << filled;
        filled += width;
        if (filled >= 32) {
            at = store(at, bits, 4);
            bits >>= 32;
            filled -= 32;
        }
    }
    at = store(at, bits, (filled + 7) / 8);
    memset(at, 0, (size_t)(end - at));
    out->len = (size_t)(end - out->at);
}

static void add_run(struct buf *out, uint32_t number, size_t count, int width) {
    thrift_varint(out, count << 1);
    buf_reserve(out, sizeof number);
    out->len = (size_t)(store(out->at + out->len, number, (width + 7) / 8) - out->at);
}

void encode_hybrid(struct buf *out, const uint32_t *numbers, size_t count, int width) {
    size_t packed = 0; /* where the numbers begin that are still to be packed */
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && numbers[end] == numbers[i];)
            end++;
        /* packed numbers come in groups of eight: the run fills up the last of them */
        size_t begin = i + (GROUP - (i - packed) % GROUP) % GROUP;
        if (end < begin + GROUP)
            continue;
        add_packed(out, numbers + packed, begin - packed, width);
        add_run(out, numbers[i], end - begin, width);
        packed = end;
    }
    add_packed(out, numbers + packed, count - packed, width);
}
