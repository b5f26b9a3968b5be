#include "collect/collector.h"

#include <time.h>

#include "base/log.h"
#include "collect/gaps_repair.h"
#include "collect/upkeep.h"

static bool any_failing(const struct collector *c) {
    for (int i = 0; i < FEEDS; i++)
        if (c->states[i].failing)
            return true;
    return false;
}

/* Says once that the source can't be reached, for whichever feed notices first, and once that it
 * can again. Other failures are said each time: they are this machine's. */
static void log_outcome(struct collector *c, struct feed_state *state, const err *e) {
    bool unreachable = e && err_kind(e) == ERR_NETWORK, was_failing = any_failing(c);
    if (unreachable && !was_failing)
        log_warn("source can't be reached; what the store has stays available, trying again",
                 log_cstr("source", source_name(c->source)), log_err(e));
    else if (e && !unreachable)
        log_error("look failed", log_err(e));
    state->failing = unreachable;
    if (!e && was_failing && !any_failing(c))
        log_info("source answers again", log_cstr("source", source_name(c->source)));
}

/* One look, with its consequences for the feed's schedule. True when told to stop. */
static bool look_at(struct collector *c, int feed, struct collect_report *report, bool *failed) {
    struct feed_state *state = &c->states[feed];
    state->schedule.asked = aest_now();
    err *e = collect_feed(c, &feeds[feed], report);
    bool stopped = e && err_kind(e) == ERR_STOPPED;
    if (!stopped)
        log_outcome(c, state, e);
    *failed = e && !stopped;
    state->schedule.absent = report->absent;
    if (report->unfinished)
        state->schedule.asked = 0;
    state->schedule.failures = *failed ? state->schedule.failures + 1 : 0;
    err_free(e);
    return stopped;
}

/* The time of the newest file that the source has and the store holds. */
static aest_us newest_held(const struct collector *c) {
    aest_us newest = 0;
    for (int i = 0; i < FEEDS; i++)
        newest = c->states[i].schedule.newest > newest ? c->states[i].schedule.newest : newest;
    return newest;
}

/* Where nothing else runs a single look is all the upkeep there is. A source of the past, as a
 * mirror is one, has no months that are over: more of them may come with the next look. */
static void keep_up_once(struct collector *c) {
    aest_us now = aest_now();
    if (c->store && newest_held(c) > now - STORE_OPEN_DAYS * AEST_DAY)
        upkeep(c->store, now);
}

err *collect_once(struct collector *c, struct collect_report reports[FEEDS], size_t *failed) {
    enum { GIVE_UP_AFTER = 2 }; /* feeds that can't be reached in a row: nor can the others */
    int unreachable = 0;
    *failed = 0;
    for (int i = 0; i < FEEDS; i++) {
        bool look_failed;
        if (unreachable == GIVE_UP_AFTER) {
            *failed += (size_t)(FEEDS - i);
            break;
        }
        if (look_at(c, i, &reports[i], &look_failed))
            return err_new(ERR_STOPPED, "told to stop");
        *failed += look_failed;
        unreachable = c->states[i].failing ? unreachable + 1 : 0;
    }
    keep_up_once(c);
    return NULL;
}

static aest_us next_look(const struct collector *c, int feed, aest_us now) {
    const struct schedule *s = &c->states[feed].schedule;
    if (c->period_s && s->asked && s->asked <= now && !s->failures)
        return s->asked + c->period_s * AEST_SECOND;
    return schedule_next(s, &feeds[feed], now);
}

/* The first look that one of the feeds before [feed] is due for. */
static aest_us earlier_feed_due(const struct collector *c, int feed, aest_us now) {
    aest_us due = INT64_MAX;
    for (int i = 0; i < feed; i++) {
        aest_us at = next_look(c, i, now);
        due = at < due ? at : due;
    }
    return due;
}

/* The feed that is due next, and when. */
static int next_feed(const struct collector *c, aest_us now, aest_us *next) {
    int feed = 0;
    *next = INT64_MAX;
    for (int i = 0; i < FEEDS; i++) {
        aest_us at = next_look(c, i, now);
        if (at < *next)
            *next = at, feed = i;
    }
    return feed;
}

/* Work that is no feed's: each is due [every_s] after it was done last. */
struct chore {
    void (*work)(struct collector *c);
    int every_s;
    aest_us done;
};

static void keep_up(struct collector *c) {
    upkeep(c->store, aest_now());
}

static void refresh(struct collector *c) {
    err *e = c->refresh ? c->refresh(c->store, c->source) : NULL;
    if (e && err_kind(e) != ERR_STOPPED)
        log_warn("what changes by the month can't be had, trying again tomorrow", log_err(e));
    err_free(e);
}

static void *repair_recent(void *context) {
    struct repairer *r = context;
    struct repair_result result = {0};
    struct arena a = {0};
    err *e = gaps_repair_recent(r->settings, aest_now(), &a, &result);
    if (e && err_kind(e) != ERR_STOPPED && err_kind(e) != ERR_NETWORK) /* the feeds say that */
        log_warn("gaps can't be repaired", log_err(e));
    else if (!e && result.count)
        log_info("gaps of the last two days", log_int("found", (int64_t)result.count),
                 log_int("filled", (int64_t)(result.count - result.left)));
    err_free(e);
    arena_free(&a);
    atomic_store(&r->running, false);
    return NULL;
}

static void wait_for_repairer(struct repairer *r) {
    if (r->begun)
        pthread_join(r->thread, NULL);
    r->begun = false;
}

static void repair(struct collector *c) {
    struct repairer *r = &c->repairer;
    if (!c->repair || atomic_load(&r->running))
        return;
    wait_for_repairer(r);
    r->settings = c->repair;
    atomic_store(&r->running, true);
    r->begun = pthread_create(&r->thread, NULL, repair_recent, r) == 0;
    if (!r->begun)
        atomic_store(&r->running, false);
}

/* Does a chore that is due, between files, so that none waits for it. False: there was none. */
static bool do_chore(struct collector *c, struct chore *chores, size_t count, aest_us now,
                     aest_us next_look) {
    enum { QUIET_S = 5 };
    bool quiet = next_look - now > QUIET_S * AEST_SECOND;
    for (size_t i = 0; i < count; i++) {
        int64_t since_s = (now - chores[i].done) / AEST_SECOND;
        if (since_s >= 0 && since_s < (quiet ? 1 : 2) * chores[i].every_s)
            continue;
        chores[i].work(c);
        chores[i].done = now;
        return true;
    }
    return false;
}

void collect_forever(struct collector *c) {
    enum { LONGEST_SLEEP_MS = 60000, HOUR_S = 3600, DAY_S = 86400 };
    struct collect_report report;
    aest_us begun = aest_now();
    struct chore chores[] = {
        {keep_up, UPKEEP_EVERY_S, begun - UPKEEP_EVERY_S * AEST_SECOND},
        {refresh, DAY_S, begun - DAY_S * AEST_SECOND},
        {repair, HOUR_S, begun - (HOUR_S - UPKEEP_EVERY_S) * AEST_SECOND},
    };
    for (;;) {
        aest_us now = aest_now(), next;
        int feed = next_feed(c, now, &next);
        if (do_chore(c, chores, sizeof chores / sizeof *chores, now, next))
            continue;
        int64_t wait_ms = next > now ? (next - now) / 1000 + 1 : 0;
        bool early = wait_ms > LONGEST_SLEEP_MS, failed;
        /* never for long: a clock that was set shows within a minute */
        if (stop_wait(c->stop, early ? LONGEST_SLEEP_MS : (int)wait_ms))
            break;
        c->until = earlier_feed_due(c, feed, now);
        if (!early && look_at(c, feed, &report, &failed))
            break;
    }
    wait_for_repairer(&c->repairer);
}
