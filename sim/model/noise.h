/* Random numbers with random access: the value at an instant is a function of (seed, stream,
 * instant), so that any day of any year can be asked for without the days before it.
 *
 * A stream is one quantity (the wind at a farm, the cloud over a region); its number keeps it
 * independent of all others.
 */
#ifndef SIM_NOISE_H
#define SIM_NOISE_H

#include <stdbool.h>
#include <stdint.h>

struct noise {
    uint64_t seed, stream;
};

/* Uniform in [0, 1), and independent for each [i]. */
double noise_uniform(struct noise n, int64_t i);
/* Standard normal, and independent for each [i]. */
double noise_normal(struct noise n, int64_t i);

/* A smooth curve through independent standard normals [period] apart: standard normal at every [t],
 * correlated over about a period, independent over two. [t] and [period] are in the same unit. */
double noise_smooth(struct noise n, double t, double period);

/* The two points that a smooth curve was last between, for whoever asks for one instant after
 * another: the same values at a fraction of the cost. Zeroed at first, and used with one stream and
 * one period. */
struct noise_memory {
    bool known;
    int64_t point;
    double left, right;
};
double noise_smooth_next(struct noise n, double t, double period, struct noise_memory *memory);

#endif
