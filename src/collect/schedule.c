#include "collect/schedule.h"

enum {
    SILENT_MINUTES = 15,
    SILENT_STEP_S = 60,
    FIRST_PAUSE_S = 5,
    LONGEST_PAUSE_S = 300,
    ABSENT_S = 900,
};

/* How often to look, by the time since the file could have been there. */
static const struct {
    int waited_s, step_s;
} steps[] = {{60, 3}, {180, 10}, {1800, 30}, {INT32_MAX, 300}};

static aest_us after_failures(const struct schedule *s) {
    int64_t pause = FIRST_PAUSE_S;
    for (int i = 1; i < s->failures && pause < LONGEST_PAUSE_S; i++)
        pause *= 2;
    return s->asked + (pause < LONGEST_PAUSE_S ? pause : LONGEST_PAUSE_S) * AEST_SECOND;
}

aest_us schedule_next(const struct schedule *s, const struct feed *feed, aest_us now) {
    const aest_us cadence = feed->cadence_minutes * AEST_MINUTE;
    const aest_us boundary = now / cadence * cadence;
    const aest_us due = boundary + feed->after_s * AEST_SECOND;
    const aest_us awaited = boundary + feed->lead_minutes * AEST_MINUTE;
    if (s->asked == 0 || s->asked > now) /* the clock was set back */
        return now;
    if (s->failures)
        return after_failures(s);
    if (s->absent)
        return s->asked + ABSENT_S * AEST_SECOND;
    if (feed->irregular)
        return s->asked + cadence;
    if (s->newest >= awaited)
        return due + cadence;
    if (s->asked < due && now < due)
        return due;
    if (s->newest && awaited - s->newest > cadence + SILENT_MINUTES * AEST_MINUTE)
        return s->asked + SILENT_STEP_S * AEST_SECOND;
    int i = 0;
    while (now - due >= steps[i].waited_s * AEST_SECOND)
        i++;
    return s->asked + steps[i].step_s * AEST_SECOND;
}
