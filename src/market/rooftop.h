/* Rooftop solar at five minutes.
 *
 * AEMO estimates it for the ends of half hours, and half an hour late. Between two points it is a
 * straight line. Past the last point it is an estimate: the forecast (ROOFTOP_PV/FORECAST), drawn
 * in the same way, times what the last point was of its own forecast. An estimate is provisional
 * and in no record.
 *
 *      MW       o           actual, half-hourly
 *           ---´ `.         a line between
 *          o       `o. . .  estimate = forecast x (last actual / its forecast)
 *
 * A point that is missing in between leaves a gap of an hour around it: rooftop is never 0 because
 * it isn't known. Where there is no forecast either, it isn't known.
 */
#ifndef MARKET_ROOFTOP_H
#define MARKET_ROOFTOP_H

#include <stdbool.h>

#include "market/span.h"

/* The factor is between 0 and this, and 1 while the forecast at the last point is below 1 MW: at
 * dawn a megawatt more or less would multiply a whole day. */
enum { ROOFTOP_LARGEST_FACTOR = 2 };

/* Fills [out], of step 1, from points of step 6; [provisional] has out->length flags and may be
 * NULL. [forecast] covers the last point of [actual] and what comes after; it may be empty. */
void rooftop_at_five_minutes(const struct span *actual, const struct span *forecast,
                             struct span *out, bool *provisional);

#endif
