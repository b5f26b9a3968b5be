#include "market/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* -- sorting ------------------------------------------------------------------------------------
 *
 * By digits, the last first: of the hundred thousands of prices of a year qsort takes ten times as
 * long as all else that is asked of them.
 */

enum { DIGIT_BITS = 8, DIGITS = 64 / DIGIT_BITS, DIGIT_VALUES = 1 << DIGIT_BITS };
#define SIGN (UINT64_C(1) << 63)

/* Bits whose order as whole numbers is that of the values; and the value again. */
static uint64_t key_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits & SIGN ? ~bits : bits | SIGN;
}

static double value_of_key(uint64_t key) {
    uint64_t bits = key & SIGN ? key & ~SIGN : ~key;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline size_t digit_of(uint64_t key, int digit) {
    return key >> digit * DIGIT_BITS & (DIGIT_VALUES - 1);
}

/* Where keys with each value of a digit begin, from how many there are. */
static void places_of(size_t counts[DIGIT_VALUES]) {
    size_t at = 0;
    for (int i = 0; i < DIGIT_VALUES; i++) {
        size_t count = counts[i];
        counts[i] = at;
        at += count;
    }
}

double *sorted_known(struct arena *a, const double *values, size_t length, size_t *count) {
    size_t counts[DIGITS][DIGIT_VALUES] = {{0}}, known = 0;
    double *sorted = ARENA_ARRAY(a, double, length);
    uint64_t *memory = mem_alloc((2 * length + 1) * sizeof *memory), *keys = memory,
             *next = memory + length;
    for (size_t i = 0; i < length; i++) {
        if (isnan(values[i]))
            continue;
        keys[known] = key_of(values[i]);
        for (int d = 0; d < DIGITS; d++)
            counts[d][digit_of(keys[known], d)]++;
        known++;
    }
    for (int d = 0; d < DIGITS && known; d++) {
        if (counts[d][digit_of(keys[0], d)] == known)
            continue; /* it tells nothing apart */
        places_of(counts[d]);
        for (size_t i = 0; i < known; i++)
            next[counts[d][digit_of(keys[i], d)]++] = keys[i];
        uint64_t *done = next;
        next = keys;
        keys = done;
    }
    for (size_t i = 0; i < known; i++)
        sorted[i] = value_of_key(keys[i]);
    free(memory);
    *count = known;
    return sorted;
}

/* -- statistics ---------------------------------------------------------------------------------
 */

double percentile_of_sorted(const double *sorted, size_t count, double share) {
    if (!count)
        return NAN;
    double place = share * (double)(count - 1);
    size_t below = (size_t)place;
    if (below + 1 >= count)
        return sorted[count - 1];
    return sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]);
}

static double sd_of(const double *values, size_t count, double mean) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return count > 1 ? sqrt(sum / (double)(count - 1)) : NAN;
}

struct statistics statistics_of(struct arena *a, const double *values, size_t length) {
    size_t count;
    const double *sorted = sorted_known(a, values, length, &count);
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += sorted[i];
    double mean = count ? sum / (double)count : NAN;
    return (struct statistics){
        .count = count,
        .mean = mean,
        .sd = sd_of(sorted, count, mean),
        .min = percentile_of_sorted(sorted, count, 0),
        .max = percentile_of_sorted(sorted, count, 1),
        .median = percentile_of_sorted(sorted, count, 0.5),
        .p05 = percentile_of_sorted(sorted, count, 0.05),
        .p10 = percentile_of_sorted(sorted, count, 0.10),
        .p25 = percentile_of_sorted(sorted, count, 0.25),
        .p75 = percentile_of_sorted(sorted, count, 0.75),
        .p90 = percentile_of_sorted(sorted, count, 0.90),
        .p95 = percentile_of_sorted(sorted, count, 0.95),
        .p99 = percentile_of_sorted(sorted, count, 0.99),
    };
}

double weighted_mean(const double *values, const double *weights, size_t length) {
    double sum = 0, weight = 0;
    for (size_t i = 0; i < length; i++) {
        if (isnan(values[i]) || !(weights[i] > 0))
            continue;
        sum += values[i] * weights[i];
        weight += weights[i];
    }
    return weight > 0 ? sum / weight : NAN;
}
