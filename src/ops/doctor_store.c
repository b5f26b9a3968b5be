/* The checks of the store, and of what fills it. */
#include "ops/doctor.h"
#include "ops/follow.h"
#include "ops/verify.h"
#include "store/note.h"

enum { HOUR_S = 3600, DAY_S = 86400 };

/* -- the collector ------------------------------------------------------------------------------
 */

static const struct process_fact *find_collector(const struct examination *x) {
    for (size_t i = 0; i < x->process_count; i++)
        if (x->processes[i].running.collects)
            return &x->processes[i];
    return NULL;
}

err *check_collector(struct examination *x, struct verdict *v) {
    enum { SILENT_S = 15 * 60 };
    char ago[FACT_TEXT];
    const struct process_fact *p = find_collector(x);
    int64_t looked = facts_last_look(&x->facts), since = x->now - looked;
    age_text(since, ago);
    if (p && (looked == 0 || since > SILENT_S) && p->uptime_s > SILENT_S)
        verdict_set(x, v, VERDICT_FAILED, "see its log, and restart it",
                    "process %ld runs (%s), and %s%s", p->running.pid, p->running.command,
                    looked ? "hasn't looked for " : "never looked", looked ? ago : "");
    else if (p)
        verdict_set(x, v, VERDICT_OK, NULL, "process %ld (%s), last look %s%s", p->running.pid,
                    p->running.command, looked ? ago : "still to come", looked ? " ago" : "");
    else if (looked && since <= SILENT_S)
        verdict_set(x, v, VERDICT_WARNING, "have one run always: `nemd service install`",
                    "somebody looked %s ago, but no collector runs now", ago);
    else
        verdict_set(x, v, VERDICT_FAILED, "`nemd service install`, or `nemd run`",
                    "no collector works on this store%s%s%s", looked ? ", the last look was " : "",
                    looked ? ago : "", looked ? " ago" : "");
    return NULL;
}

/* -- fresh --------------------------------------------------------------------------------------
 */

/* Those that every source offers. */
static bool is_needed(int id) {
    return id == PRICES5 || id == SCADA5 || id == REGIONS5 || id == TRANSMISSION5 ||
           id == ROOFTOP30;
}

/* Constraints come and go by themselves. */
err *check_fresh(struct examination *x, struct verdict *v) {
    struct buf old = {0}, lacking = {0};
    char ago[FACT_TEXT];
    int fresh = 0;
    for (int i = 0; i < DATASETS; i++) {
        const struct dataset_fact *d = &x->facts.datasets[i];
        if (!d->has_bounds && is_needed(i))
            buf_printf(&lacking, "%s%s", lacking.len ? ", " : "", datasets[i].name);
        if (!d->has_bounds || i == CONSTRAINTS5)
            continue;
        if (d->stale)
            buf_printf(&old, "%s%s %s old", old.len ? ", " : "", datasets[i].name,
                       age_text(d->age_s, ago));
        fresh += !d->stale;
    }
    if (old.len)
        verdict_set(x, v, VERDICT_FAILED, "`nemd status` tells what its feed says", "%s",
                    buf_cstr(&old));
    else if (lacking.len)
        verdict_set(x, v, VERDICT_FAILED, "`nemd status` tells what its feed says",
                    "no row yet of %s", buf_cstr(&lacking));
    else
        verdict_set(x, v, VERDICT_OK, NULL, "%d datasets", fresh);
    buf_free(&old);
    buf_free(&lacking);
    return NULL;
}

/* -- each cycle ---------------------------------------------------------------------------------
 */

/* An interval is named by its end and published at its begin; within two cycles of that it has to
 * be here. */
enum { CYCLE_S = 300, LATEST_S = 2 * CYCLE_S, CYCLES = 12 };

static const struct {
    const char *feed;
    enum dataset_id dataset;
} cycles[] = {{"dispatchis", PRICES5}, {"dispatchis", TRANSMISSION5}, {"dispatchscada", SCADA5}};

/* From the last hour, or from when the collector began where that is later: what it made up for
 * then was late by right. */
static interval first_to_judge(const struct examination *x, const struct process_fact *p) {
    interval hour = interval_at_or_before(aest_from_unix(x->now)) - CYCLES + 1;
    interval begun = interval_at_or_after(aest_from_unix(x->now - p->uptime_s + CYCLE_S)) + 1;
    return begun > hour ? begun : hour;
}

err *check_cycle(struct examination *x, struct verdict *v) {
    const struct process_fact *p = find_collector(x);
    struct ledger *ledger;
    int64_t slowest = 0;
    int least = CYCLES;
    const char *lacking = NULL;
    if (!p) {
        verdict_set(x, v, VERDICT_FAILED, "`nemd service install`, or `nemd run`",
                    "no collector runs");
        return NULL;
    }
    interval first = first_to_judge(x, p);
    int expected = interval_at_or_before(aest_from_unix(x->now)) - first + 1;
    if (expected < 1) {
        verdict_set(x, v, VERDICT_WARNING, "ask again in ten minutes",
                    "the collector has just begun: too early to tell");
        return NULL;
    }
    TRY(store_ledger(x->store, &ledger));
    for (size_t i = 0; i < sizeof cycles / sizeof *cycles; i++) {
        int64_t slow;
        int came;
        TRY(ledger_arrivals(ledger, cycles[i].feed, datasets[cycles[i].dataset].name, first, &came,
                            &slow));
        slowest = slow > slowest ? slow : slowest;
        if (came < least)
            least = came, lacking = datasets[cycles[i].dataset].name;
    }
    if (least < expected)
        verdict_set(x, v, VERDICT_FAILED, "`nemd status` tells what the feeds say",
                    "%d of %d intervals of %s aren't there", expected - least, expected, lacking);
    else if (slowest > LATEST_S)
        verdict_set(x, v, VERDICT_WARNING, "see the log for a source that answers slowly",
                    "all %d are there, the slowest %lld s after its interval began", expected,
                    (long long)slowest);
    else
        verdict_set(x, v, VERDICT_OK, NULL, "%d intervals, each within %lld s of its begin",
                    expected, (long long)slowest);
    return NULL;
}

/* -- gaps ---------------------------------------------------------------------------------------
 */

static void judge_gaps(struct examination *x, struct verdict *v, const struct gap *gaps,
                       size_t count, const char *none) {
    int64_t intervals = 0;
    size_t gone = 0;
    for (size_t i = 0; i < count; i++) {
        intervals += gaps[i].count;
        gone += gaps[i].cause == GAP_SOURCE_GONE;
    }
    if (!count)
        verdict_set(x, v, VERDICT_OK, NULL, "%s", none);
    else
        verdict_set(x, v, VERDICT_FAILED,
                    gone == count ? "no source has these any more; another store's export may"
                                  : "`nemd repair`",
                    "%zu gaps of %lld intervals, the first %s: %s", count, (long long)intervals,
                    gap_text(x->memory, &gaps[0]), gap_cause_text[gaps[0].cause]);
}

err *check_recent_gaps(struct examination *x, struct verdict *v) {
    if (x->damage)
        return err_new(ERR_INPUT, "%s", x->damage);
    judge_gaps(x, v, x->facts.gaps, x->facts.gap_count, "none");
    return NULL;
}

err *check_takeover(struct examination *x, struct verdict *v) {
    struct note n;
    struct gap *gaps;
    size_t count;
    char day[AEST_TEXT];
    TRY(note_read(x->asked->data, "migration", &n));
    int64_t seam = note_number(&n, "seam", 0), at = note_number(&n, "at", 0);
    bool failed = note_number(&n, "failed", 0) != 0;
    note_free(&n);
    if (!at) {
        verdict_set(x, v, VERDICT_OK, NULL, "nothing was taken over");
        return NULL;
    }
    if (failed || !seam) {
        verdict_set(x, v, VERDICT_FAILED, "run `nemd migrate` again",
                    "the last `nemd migrate` left something behind");
        return NULL;
    }
    if (x->damage)
        return err_new(ERR_INPUT, "%s", x->damage);
    interval from = interval_at_or_before(aest_from_unix(seam)) - INTERVALS_PER_DAY;
    int reading;
    TRY(store_read_begin(x->store, &reading));
    err *e = facts_gaps_since(x->store, x->memory, from, &gaps, &count);
    store_read_end(reading);
    TRY(e);
    aest_format_mms(aest_from_unix(seam), day);
    judge_gaps(x, v, gaps, count,
               arena_printf(x->memory,
                            "none since %.16s, when the earlier system's first table ends", day));
    return NULL;
}

/* Of the comparison that was made last: the earlier system may be stopped since. */
err *check_parallel(struct examination *x, struct verdict *v) {
    struct followed f;
    char ago[FACT_TEXT];
    int64_t rows = 0, same = 0;
    TRY(follow_last(x->memory, x->asked->data, &f));
    if (!f.from) {
        verdict_set(x, v, VERDICT_OK, NULL, "nemd runs by itself");
        return NULL;
    }
    for (int i = 0; i < MIGRATED_TABLES; i++) {
        rows += f.tables[i].rows;
        same += f.tables[i].rows - f.tables[i].different;
    }
    age_text(x->now - f.at, ago);
    if (f.safe)
        verdict_set(x, v, VERDICT_OK, NULL, "%s ago all of %lld rows agreed; it can be stopped",
                    ago, (long long)rows);
    else
        verdict_set(x, v, VERDICT_WARNING, "have both run on; `nemd status` shows each table",
                    "%lld of %lld rows agreed %s ago; %s", (long long)same, (long long)rows, ago,
                    f.why ? f.why : "");
    return NULL;
}

/* -- files --------------------------------------------------------------------------------------
 */

err *check_refused(struct examination *x, struct verdict *v) {
    if (x->facts.failure_count == 0) {
        verdict_set(x, v, VERDICT_OK, NULL, "none is missing");
        return NULL;
    }
    const struct ledger_failure *f = &x->facts.failures[0];
    verdict_set(x, v, VERDICT_WARNING, "`nemd status --json` lists them, `nemd repair` tries again",
                "%zu%s, the newest %s: %s", x->facts.failure_count,
                x->facts.failure_count == FACTS_FAILURES ? " or more" : "", f->name, f->reason);
    return NULL;
}

err *check_readable(struct examination *x, struct verdict *v) {
    int64_t rows = 0;
    for (int i = 0; i < DATASETS; i++)
        rows += x->facts.datasets[i].rows;
    if (x->damage)
        verdict_set(x, v, VERDICT_FAILED,
                    "`nemd verify` names all that is damaged, `nemd restore` has a copy", "%s",
                    x->damage);
    else
        verdict_set(x, v, VERDICT_OK, NULL, "%lld rows", (long long)rows);
    return NULL;
}

/* Of what verify finds, some only wants a look: numbers of AEMO's own that are odd. */
static bool is_harm(int kind) {
    return kind != FINDING_BOUNDS && kind != FINDING_IDENTITY && kind != FINDING_FROZEN &&
           kind != FINDING_STRAY && kind != FINDING_GAP;
}

err *check_verified(struct examination *x, struct verdict *v) {
    enum { OLD_S = 35 * DAY_S };
    struct note n;
    char ago[FACT_TEXT];
    int64_t harm = 0, odd = 0;
    TRY(note_read(x->asked->data, "verify", &n));
    int64_t at = note_number(&n, "at", 0), rows = note_number(&n, "rows", 0);
    for (int i = 0; i < FINDING_KINDS; i++)
        *(is_harm(i) ? &harm : &odd) += note_number(&n, finding_name[i], 0);
    note_free(&n);
    age_text(x->now - at, ago);
    if (!at)
        verdict_set(x, v, VERDICT_WARNING, "`nemd verify`", "it never was");
    else if (harm)
        verdict_set(x, v, VERDICT_FAILED, "`nemd verify` lists what is wrong",
                    "%s ago, with %lld findings", ago, (long long)harm);
    else if (x->now - at > OLD_S)
        verdict_set(x, v, VERDICT_WARNING, "`nemd verify`", "the last time was %s ago", ago);
    else
        verdict_set(x, v, VERDICT_OK, NULL, "%s ago, %lld rows%s", ago, (long long)rows,
                    odd ? arena_printf(x->memory, ", %lld of them odd", (long long)odd) : "");
    return NULL;
}

/* -- what follows from rows ---------------------------------------------------------------------
 */

err *check_units(struct examination *x, struct verdict *v) {
    const struct store_facts *f = &x->facts;
    struct buf names = {0};
    if (x->damage)
        return err_new(ERR_INPUT, "%s", x->damage);
    for (size_t i = 0; i < f->unknown_count && i < FACTS_UNKNOWN; i++)
        buf_printf(&names, " %s", f->unknown[i]);
    if (f->unknown_count)
        verdict_set(x, v, VERDICT_WARNING,
                    "`nemd units refresh`, or say what they are: `nemd units set DUID …`",
                    "%zu aren't:%s%s", f->unknown_count, buf_cstr(&names),
                    f->unknown_count > FACTS_UNKNOWN ? " …" : "");
    else
        verdict_set(x, v, VERDICT_OK, NULL, "all of the last day's");
    buf_free(&names);
    return NULL;
}

err *check_grid(struct examination *x, struct verdict *v) {
    if (x->facts.grid_missing)
        verdict_set(x, v, VERDICT_WARNING, "`nemd run` or `nemd serve` makes them, newest first",
                    "%lld days of datasets are to be made again", (long long)x->facts.grid_missing);
    else
        verdict_set(x, v, VERDICT_OK, NULL, "all of it");
    return NULL;
}
