/* How a column's values become bytes: Parquet's dictionaries, and its hybrid of runs and packed
 * bits.
 *
 * Nearly all that AEMO publishes repeats: times and versions from key to key, a unit's output from
 * interval to interval. So a column is written as a dictionary of its different values and, for
 * each row, a number in it, of as many bits as it takes:
 *
 *      values   12.5  0  0  0  0 … 0  13.0  12.5
 *      numbers    0   1  1  1  1 … 1    2     0        dictionary: 12.5, 0, 13.0
 *      bytes    packed: 0 1 1 1 1 1 1 1 | run: 1 × 40 | packed: 2 0 - - - - - -
 */
#ifndef STORE_ENCODE_H
#define STORE_ENCODE_H

#include "base/str.h"

/* Numbers 64-bit values in the order in which they first come. A zeroed struct is an empty one. */
struct dictionary {
    uint64_t *values; /* by number */
    uint32_t count, capacity;
    uint32_t last;   /* the number that was found last */
    uint32_t *slots; /* open addressing: number + 1, 0 for free */
    int slot_bits;
};

/* Forgets the values, and keeps the memory. */
void dictionary_clear(struct dictionary *d);
void dictionary_free(struct dictionary *d);

/* The number of a value that isn't the last one or the one after it. */
uint32_t dictionary_search(struct dictionary *d, uint64_t value);
/* The number of a value, which is added when it is new. A column mostly repeats what it had last or
 * goes on as it did before, so two guesses save the search. */
static inline uint32_t dictionary_number(struct dictionary *d, uint64_t value) {
    if (d->last < d->count && d->values[d->last] == value)
        return d->last;
    if (d->last + 1 < d->count && d->values[d->last + 1] == value)
        return ++d->last;
    return d->last = dictionary_search(d, value);
}

/* The bits that numbers below [count] take. */
int encode_width(uint32_t count);
/* Adds [count] numbers of [width] bits, 0 to 32. */
void encode_hybrid(struct buf *out, const uint32_t *numbers, size_t count, int width);

/* Puts the low [bytes] bytes of a value, the lowest first; returns what is behind them. */
static inline char *encode_le(char *at, uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        *at++ = (char)(value >> (8 * i));
    return at;
}

#endif
