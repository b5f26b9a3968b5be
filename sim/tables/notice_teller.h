/* What stories of notices are told with. */
#ifndef SIM_NOTICE_TELLER_H
#define SIM_NOTICE_TELLER_H

#include "sim/tables/notice_story.h"

struct teller {
    struct sim_market *market;
    aest_day day;    /* on which the stories begin */
    int story;       /* which of the table's kinds */
    int told, asked; /* drafts and random numbers so far */
    struct arena *memory;
    struct sim_draft *drafts;
};

/* The next random number of this kind of story and day, 0 to 1. */
double teller_chance(struct teller *t);
static inline bool teller_happens(struct teller *t, double probability) {
    return teller_chance(t) < probability;
}
/* A whole number from 0 up to but not [count]. */
static inline int teller_choose(struct teller *t, int count) {
    return (int)(teller_chance(t) * count);
}
/* Some second of the day from [hour] up to [until]. */
aest_us teller_time(struct teller *t, double hour, double until);
/* How many of something that is there [mean] times a day. */
int teller_count(struct teller *t, double mean);

/* A new notice; reference and reason are the caller's to set. One that is created later than
 * stories may last is not told. */
struct sim_draft *teller_tell(struct teller *t, const char *type, aest_us created,
                              const struct sim_draft *earlier);

/* A time in the forms that notices use. */
struct spelled {
    char date[16];   /* "03/08/2026" */
    char hhmm[8];    /* "1605" */
    char clock[8];   /* "16:05" */
    char full[48];   /* "Monday, 3 August 2026" */
    char plain[32];  /* "3 August 2026" */
    char dashes[16]; /* "03-Aug-2026" */
};
struct spelled teller_spell(aest_us t);
/* "NSW" of NSW1 */
const char *teller_region(enum sim_region region);

void tell_non_conformance(struct teller *t);
void tell_reclassification(struct teller *t);
void tell_transfer_limit(struct teller *t);
void tell_residue(struct teller *t);
void tell_power_system_event(struct teller *t);
void tell_market_systems(struct teller *t);
void tell_general(struct teller *t);

void tell_forecast_reserve(struct teller *t);
void tell_actual_reserve(struct teller *t);
void tell_minimum_load(struct teller *t);
void tell_price_review(struct teller *t);
void tell_intervention(struct teller *t);
void tell_administered_price(struct teller *t);
void tell_suspension(struct teller *t);

#endif
