#include "collect/gaps.h"

#include <stdlib.h>

#include "collect/gaps_failed.h"
#include "collect/published.h"
#include "store/coverage.h"

const char *const gap_cause_text[] = {
    [GAP_NOT_FETCHED] = "not fetched",
    [GAP_FAILED] = "failed",
    [GAP_SOURCE_GONE] = "source gone",
    [GAP_NOT_YET] = "not yet published",
};

static const char *const regions[] = {"NSW1", "QLD1", "SA1", "TAS1", "VIC1"};
enum { REGIONS = sizeof regions / sizeof *regions };

struct search {
    struct arena *memory;
    const struct gap_search *wanted;
    struct failed_file *failed;
    size_t failed_count;
    struct buf gaps; /* of struct gap */

    /* of the dataset at hand */
    enum dataset_id id;
    const struct dataset *dataset;
    struct coverage covered;
    struct run range;
};

/* -- one interval -------------------------------------------------------------------------------
 */

static const char *failed_file_of(const struct search *s, interval at) {
    for (size_t i = 0; i < s->failed_count; i++) {
        const struct failed_file *f = &s->failed[i];
        if (f->fills & DATASET_BIT(s->id) && f->first <= at && at <= f->last)
            return f->name;
    }
    return NULL;
}

/* False where nothing was ever published, so that nothing is missing. */
static bool find_cause(const struct search *s, interval at, enum gap_cause *cause,
                       const char **file) {
    static const enum gap_cause causes[] = {
        [NOT_YET_PUBLISHED] = GAP_NOT_YET,
        [OFFERED] = GAP_NOT_FETCHED,
        [GONE_BY_NOW] = GAP_SOURCE_GONE,
    };
    enum availability availability = published_at(s->id, at, s->wanted->now);
    if (availability == NEVER_PUBLISHED)
        return false;
    *file = failed_file_of(s, at);
    *cause = *file ? GAP_FAILED : causes[availability];
    return true;
}

static struct gap *last_gap(struct search *s) {
    return s->gaps.len ? (void *)(s->gaps.at + s->gaps.len - sizeof(struct gap)) : NULL;
}

/* Adds the intervals of [hole], to the gap before them where they go on from it. */
static void add_hole(struct search *s, str key, struct run hole) {
    for (interval at = hole.first; at <= hole.last; at += s->dataset->step) {
        struct gap *last = last_gap(s), g = {.dataset = s->id, .key = key, .first = at, .last = at};
        if (!find_cause(s, at, &g.cause, &g.file))
            continue;
        g.count = 1;
        if (last && last->dataset == g.dataset && str_eq(last->key, key) &&
            last->cause == g.cause && last->last + s->dataset->step == at) {
            last->last = at;
            last->count++;
        } else {
            buf_add(&s->gaps, &g, sizeof g);
        }
    }
}

/* -- holes --------------------------------------------------------------------------------------
 */

typedef void visit_hole(struct search *s, const struct runs *r, struct run hole);

/* Calls [visit] with what lies between the runs, within [range]. */
static void each_hole(struct search *s, const struct runs *r, struct run range, visit_hole *visit) {
    const int step = s->dataset->step;
    interval at = range.first;
    for (size_t i = 0; i <= r->count && at <= range.last; i++) {
        interval end = i < r->count ? r->at[i].first - step : range.last;
        if (i < r->count && r->at[i].last < at)
            continue;
        end = end < range.last ? end : range.last;
        if (at <= end)
            visit(s, r, (struct run){at, end});
        at = i < r->count ? r->at[i].last + step : at;
    }
}

static void add_all(struct search *s, const struct runs *any, struct run hole) {
    (void)any;
    add_hole(s, (str){0}, hole);
}

/* Adds what of a key's hole lies in intervals that have rows. */
static void add_where_any(struct search *s, str key, struct run hole) {
    const struct runs *any = &s->covered.any;
    for (size_t i = 0; i < any->count; i++) {
        struct run part = {any->at[i].first > hole.first ? any->at[i].first : hole.first,
                           any->at[i].last < hole.last ? any->at[i].last : hole.last};
        if (part.first <= part.last)
            add_hole(s, key, part);
    }
}

static void add_regions_hole(struct search *s, const struct runs *r, struct run hole) {
    add_where_any(s, r->key, hole);
}

/* The nearest day before, and behind, [day] on which there is any row; [day] where there is none.
 */
static aest_day day_before(const struct runs *any, aest_day day) {
    const struct run *run = runs_before(any, interval_day_start(day));
    if (!run)
        return day;
    interval last = run->last < interval_day_start(day) ? run->last : interval_day_start(day);
    return interval_day(last);
}

static aest_day day_behind(const struct runs *any, aest_day day) {
    interval next = interval_day_start(day + 1) + 1;
    const struct run *run = runs_before(any, next), *end = any->at + any->count;
    if (run && run->last >= next)
        return day + 1;
    run = run ? run + 1 : any->at;
    return run < end ? interval_day(run->first) : day;
}

/* A unit or link is expected on the days of the hole on which it is there before, on that day or
 * the last one with rows, and behind in the same way. */
static void add_keys_hole(struct search *s, const struct runs *r, struct run hole) {
    const int step = s->dataset->step;
    aest_day gone = interval_day(hole.first - step), back = interval_day(hole.last + step);
    for (aest_day day = interval_day(hole.first); day <= interval_day(hole.last); day++) {
        struct run part = {interval_day_start(day) + step, interval_day_start(day + 1)};
        part.first = part.first > hole.first ? part.first : hole.first;
        part.last = part.last < hole.last ? part.last : hole.last;
        if (day_before(&s->covered.any, day) <= gone && day_behind(&s->covered.any, day) >= back)
            add_where_any(s, r->key, part);
    }
}

static void search_regions(struct search *s) {
    for (int i = 0; i < REGIONS; i++) {
        const struct runs *r = coverage_key(&s->covered, str_from(regions[i]));
        struct runs none = {.key = str_from(regions[i])};
        each_hole(s, r ? r : &none, s->range, add_regions_hole);
    }
}

/* Between a key's first row and its last. */
static void search_keys(struct search *s) {
    for (size_t i = 0; i < s->covered.key_count; i++) {
        const struct runs *r = &s->covered.keys[i];
        struct run range = {r->at[0].last, r->at[r->count - 1].first};
        range.first = range.first > s->range.first ? range.first : s->range.first;
        range.last = range.last < s->range.last ? range.last : s->range.last;
        each_hole(s, r, range, add_keys_hole);
    }
}

/* What is expected of a dataset's keys. Constraints come and go. */
static const struct {
    const char *key;
    void (*search)(struct search *s);
} expectations[] = {
    {"regionid", search_regions}, {"duid", search_keys}, {"interconnectorid", search_keys}};

/* -- a dataset ----------------------------------------------------------------------------------
 */

/* Before which day a dataset's rows come from files: those of half hours that are means don't. */
static interval last_from_files(const struct dataset *d) {
    aest_day day = INT32_MIN;
    int date = d->mean_since;
    if (!d->mean_of)
        return INT32_MAX;
    aest_day_from_date(date / 10000, date / 100 % 100, date % 100, &day);
    return day == INT32_MIN ? INT32_MIN : interval_day_start(day);
}

/* Where rows are expected; false where none are. */
static bool find_range(struct search *s, const struct store_index *x) {
    const struct gap_search *w = s->wanted;
    const interval now = interval_at_or_before(w->now), files = last_from_files(s->dataset);
    const int step = s->dataset->step;
    if (!x->has_bounds && (w->wanted == EVERY_DATASET || !w->first || !w->last))
        return false;
    struct run range = {w->first ? w->first : x->first, w->last ? w->last : x->last};
    if (w->only_stored)
        range = (struct run){range.first > x->first ? range.first : x->first,
                             range.last < x->last ? range.last : x->last};
    interval newest = x->has_bounds && x->last > now ? x->last : now;
    range.last = range.last < newest ? range.last : newest;
    range.last = range.last < files ? range.last : files;
    s->range = (struct run){(range.first + step - 1) / step * step, range.last / step * step};
    return s->range.first <= s->range.last;
}

static err *search_dataset(struct search *s, struct store *store) {
    const struct store_index *x;
    TRY(store_index(store, s->id, &x));
    if (x->damage)
        return err_new(ERR_INPUT, "%s is damaged: %s", s->dataset->name, x->damage);
    if (!find_range(s, x))
        return NULL;
    /* with the days around it, on which units may be */
    TRY(coverage_read(store, s->memory, s->id, interval_day(s->range.first) - 1,
                      interval_day(s->range.last) + 1, &s->covered));
    each_hole(s, &s->covered.any, s->range, add_all);
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++)
        if (strcmp(s->dataset->key, expectations[i].key) == 0 && s->covered.any.count)
            expectations[i].search(s);
    return NULL;
}

err *gaps_find(struct store *store, struct arena *a, const struct gap_search *search,
               struct gap **out, size_t *count) {
    struct search s = {.memory = a, .wanted = search};
    struct ledger *ledger;
    TRY(store_ledger(store, &ledger));
    TRY(failed_files(ledger, a, &s.failed, &s.failed_count));
    err *e = NULL;
    for (int i = 0; i < DATASETS && !e; i++) {
        s.id = (enum dataset_id)i;
        s.dataset = &datasets[i];
        if (search->wanted & DATASET_BIT(i))
            e = search_dataset(&s, store);
    }
    *count = s.gaps.len / sizeof **out;
    *out = ARENA_ARRAY(a, struct gap, *count);
    if (*count)
        memcpy(*out, s.gaps.at, s.gaps.len);
    buf_free(&s.gaps);
    return e;
}

const char *gap_text(struct arena *a, const struct gap *g) {
    char first[AEST_TEXT], last[AEST_TEXT];
    aest_format_mms(interval_to_aest(g->first), first);
    aest_format_mms(interval_to_aest(g->last), last);
    const char *key = g->key.len ? arena_printf(a, " %.*s", STR_ARG(g->key)) : "";
    if (g->count == 1)
        return arena_printf(a, "%s%s, %.16s", datasets[g->dataset].name, key, first);
    return arena_printf(a, "%s%s, %.16s to %.16s (%d intervals)", datasets[g->dataset].name, key,
                        first, last, g->count);
}
