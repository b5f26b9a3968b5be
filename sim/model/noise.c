#include "sim/model/noise.h"

#include <math.h>

/* The finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators"): every bit of the input moves every bit of the output. */
static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t bits(struct noise n, int64_t i, uint64_t which) {
    const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);
    return mix(mix(mix(n.seed + golden) + n.stream * golden) + ((uint64_t)i * 2 + which) * golden);
}

static double unit(uint64_t random) {
    return (double)(random >> 11) * 0x1p-53;
}

double noise_uniform(struct noise n, int64_t i) {
    return unit(bits(n, i, 0));
}

double noise_normal(struct noise n, int64_t i) { /* Box and Muller */
    double radius = sqrt(-2 * log(1 - unit(bits(n, i, 0))));
    return radius * cos(2 * 3.14159265358979323846 * unit(bits(n, i, 1)));
}

double noise_smooth_next(struct noise n, double t, double period, struct noise_memory *memory) {
    double position = t / period, base = floor(position), u = position - base;
    int64_t i = (int64_t)base;
    if (!memory->known || memory->point != i)
        *memory = (struct noise_memory){true, i, noise_normal(n, i), noise_normal(n, i + 1)};
    /* weights whose squares add up to one keep the variance the same between the points, and a flat
     * start and end keep the curve smooth through them */
    double right = (3 - 2 * u) * u * u, left = 1 - right;
    return (memory->left * left + memory->right * right) / sqrt(left * left + right * right);
}

double noise_smooth(struct noise n, double t, double period) {
    struct noise_memory memory = {0};
    return noise_smooth_next(n, t, period, &memory);
}
