/* Thirty minutes from five: the one rule by which half hours come about, live, in backfill and in
 * repair.
 *
 * The value at T is the mean over (T - 30 min, T]. It is there when all six intervals are, or with
 * fewer once the half hour is 35 minutes past; never for none. A mean is taken over the values that
 * there are, and its lastchanged is the latest of theirs. Nothing else goes into it, so that it can
 * be made again from the day at any time.
 *
 * History that was taken over from elsewhere has half hours whose five minutes nobody has. Such a
 * row has the version ROW_IMPORTED_MEAN, and stays where the five minutes give none, or one that
 * isn't whole:
 *
 *      five minutes        ||||||  ||| ||          all six, five, none
 *      half hour           mean    imported  imported
 */
#ifndef STORE_DERIVE_H
#define STORE_DERIVE_H

#include "store/frame.h"

/* The dataset of half-hour means of [d] on [day], or NULL where there is none. */
const struct dataset *derive_dataset(const struct dataset *d, aest_day day);

/* Versions of rows that came without one: older than anything that AEMO published, whose rows
 * therefore win. */
#define ROW_IMPORTED_MEAN AEST_SECOND /* a half hour that could be made of five minutes */
#define ROW_IMPORTED (2 * AEST_SECOND)

/* Puts the half hours of the day [five], as they are at [now], into [thirty], which is empty.
 * [standing] has the half hours that there are, of which imported ones can stay; may be NULL. */
void derive_half_hours(const struct frame *five, aest_us now, const struct frame *standing,
                       struct frame *thirty);
/* The five-minute dataset that half hours of [d] on [day] are made of, or NULL where they aren't.
 */
const struct dataset *derive_source(const struct dataset *d, aest_day day);
/* Whether any row is an imported half hour; and puts all that are into [into]. */
bool derive_has_imported(const struct frame *thirty);
void derive_take_imported(const struct frame *thirty, struct frame *into);

#endif
