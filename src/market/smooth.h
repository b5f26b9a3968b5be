/* Smoothing of a line, after it was brought down to what a chart shows.
 *
 * Windows are lengths of TIME. Points may lie unevenly (months, gaps), and a window of so many
 * points would reach further where values are missing. A gap stays a gap: where a value isn't
 * known, none is made up, and the values around it are smoothed from what is known.
 *
 *   moving mean   of the points within half a window on either side
 *   exponential   s = s + (1 - exp(-dt / window)) x (value - s); dt is the time since the last
 *                 known point, so what lies before a gap counts for less
 *   LOESS         a straight line by least squares through the points within half a window, with
 *                 weights (1 - |d|^3)^3, d the distance over the half window (Cleveland 1979)
 */
#ifndef MARKET_SMOOTH_H
#define MARKET_SMOOTH_H

#include <stdbool.h>

#include "market/span.h"

enum { SMOOTH_POINTS = 5000 }; /* at most; LOESS looks at window x points */

enum smoothing { SMOOTH_NONE, SMOOTH_MEAN, SMOOTH_EXPONENTIAL, SMOOTH_LOESS, SMOOTHINGS };
/* "none", "mean", "exponential", "loess" */
extern const char *const smoothing_names[SMOOTHINGS];
bool smoothing_from_name(str name, enum smoothing *out);

/* Smooths [count] values at [times], which rise. [window] is in intervals, and at least 1; false,
 * with nothing done, for more than SMOOTH_POINTS points. [out] is not [values]. */
bool smooth(enum smoothing way, const interval *times, const double *values, size_t count,
            int window, double *out);

#endif
