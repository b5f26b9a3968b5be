#include "market/statistics.h"

#include <math.h>
#include <stdlib.h>

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

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
    double *sorted = ARENA_ARRAY(a, double, length), sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        if (isnan(values[i]))
            continue;
        sorted[count++] = values[i];
        sum += values[i];
    }
    if (count)
        qsort(sorted, count, sizeof *sorted, by_size);
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
