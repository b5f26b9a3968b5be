/* Thirty minutes from five: the one rule by which half hours come about, live, in backfill and in
 * repair.
 *
 * The value at T is the mean over (T - 30 min, T]. It is there when all six intervals are, or with
 * fewer once the half hour is 35 minutes past; never for none. A mean is taken over the values that
 * there are, and its lastchanged is the latest of theirs. Nothing else goes into it, so that it can
 * be made again from the day at any time.
 */
#ifndef STORE_DERIVE_H
#define STORE_DERIVE_H

#include "store/frame.h"

/* The dataset of half-hour means of [d] on [day], or NULL where there is none. */
const struct dataset *derive_dataset(const struct dataset *d, aest_day day);

/* Puts the half hours of the day [five], as they are at [now], into [thirty], which is empty. */
void derive_half_hours(const struct frame *five, aest_us now, struct frame *thirty);

#endif
