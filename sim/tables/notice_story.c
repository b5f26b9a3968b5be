#include "sim/tables/notice_story.h"

#include <math.h>
#include <stdio.h>

#include "sim/model/noise.h"
#include "sim/model/streams.h"
#include "sim/tables/notice_teller.h"
#include "sim/tables/registry.h"

enum { STREAM = SIM_STREAMS_NOTICE_STORY, STORY_KEYS = 256 };

static void (*const stories[])(struct teller *t) = {
    tell_non_conformance,    tell_reclassification, tell_transfer_limit, tell_residue,
    tell_power_system_event, tell_market_systems,   tell_general,        tell_forecast_reserve,
    tell_actual_reserve,     tell_minimum_load,     tell_price_review,   tell_intervention,
    tell_administered_price, tell_suspension,
};
enum { STORIES = sizeof stories / sizeof *stories };

struct sim_draft *sim_stories(struct sim_market *m, aest_day day, struct arena *a) {
    struct teller t = {.market = m, .day = day, .memory = a};
    for (t.story = 0; t.story < STORIES; t.story++) {
        t.told = t.asked = 0;
        stories[t.story](&t);
    }
    return t.drafts;
}

double teller_chance(struct teller *t) {
    struct noise n = {sim_market_seed(t->market),
                      (uint64_t)STREAM << 40 | (uint64_t)t->story << 16 | (uint64_t)t->asked++};
    return noise_uniform(n, t->day);
}

aest_us teller_time(struct teller *t, double hour, double until) {
    double seconds = (hour + (until - hour) * teller_chance(t)) * 3600;
    return t->day * AEST_DAY + (aest_us)seconds * AEST_SECOND;
}

int teller_count(struct teller *t, double mean) { /* Knuth, after Poisson */
    int n = 0;
    for (double left = teller_chance(t), limit = exp(-mean); left > limit; n++)
        left *= teller_chance(t);
    return n;
}

struct sim_draft *teller_tell(struct teller *t, const char *type, aest_us created,
                              const struct sim_draft *earlier) {
    struct sim_draft *d = ARENA_NEW(t->memory, struct sim_draft);
    *d = (struct sim_draft){
        .next = t->drafts,
        .type = type,
        .created = created,
        .key = ((uint64_t)t->day * STORIES + (uint64_t)t->story) * STORY_KEYS + (uint64_t)t->told++,
        .earlier = earlier,
    };
    if (created < (t->day + SIM_STORY_DAYS) * AEST_DAY)
        t->drafts = d;
    return d;
}

struct spelled teller_spell(aest_us t) {
    static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    int date = sim_date_of(t), year = date / 10000 % 10000, day = date % 100;
    int minute = (int)(t % AEST_DAY / AEST_MINUTE), hour = minute / 60;
    unsigned month = (unsigned)(date / 100 % 100 - 1) % 12;
    const char *weekday = days[(t / AEST_DAY + 4) % 7];
    minute %= 60;
    struct spelled s;
    snprintf(s.date, sizeof s.date, "%02d/%02d/%04d", day, (int)month + 1, year);
    snprintf(s.hhmm, sizeof s.hhmm, "%02d%02d", hour % 24, minute);
    snprintf(s.clock, sizeof s.clock, "%02d:%02d", hour % 24, minute);
    snprintf(s.full, sizeof s.full, "%s, %d %s %04d", weekday, day, months[month], year);
    snprintf(s.plain, sizeof s.plain, "%d %s %04d", day, months[month], year);
    snprintf(s.dashes, sizeof s.dashes, "%02d-%.3s-%04d", day, months[month], year);
    return s;
}

const char *teller_region(enum sim_region region) {
    static const char *const name[SIM_REGIONS] = {"NSW", "QLD", "SA", "TAS", "VIC"};
    return name[region];
}
