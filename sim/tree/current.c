#include "sim/tree/current.h"

#include <stdio.h>

#include "sim/tables/notice.h"

#define NOTICES_KEEP (60 * AEST_DAY)

/* Before the time in its name, and after what follows that time on a healthy day. */
#define EARLIEST (31 * AEST_MINUTE)
static aest_us latest(const struct sim_report *r) {
    return (r->begin > 0 ? r->begin : 0) + SIM_LATEST;
}

void sim_report_published(const struct sim_tree *t, const struct sim_report *r, aest_us from,
                          aest_us to, sim_publication_visit *visit, void *context) {
    struct sim_publication p[SIM_PUBLICATIONS];
    aest_us time = sim_report_next(t->market, r, from - latest(r));
    for (; time <= to + EARLIEST; time = sim_report_next(t->market, r, time)) {
        int count = sim_publications(t, r, time, p);
        for (int i = 0; i < count; i++)
            if (p[i].modified > from && p[i].modified <= to)
                visit(context, &p[i]);
    }
}

/* -- what can be read at a moment ------------------------------------------------------------- */

struct view {
    const struct sim_tree *t;
    bool duplicate;
    aest_us now;
    void (*entry)(void *context, const struct sim_entry *e);
    void *context;
};

static bool is_there(const struct view *v, const struct sim_publication *p) {
    return p->modified <= v->now && p->modified >= v->t->start &&
           v->now - p->modified < p->report->keep;
}

/* The one of a time's [count] files that a reader finds as the [i]th, as it is then; false when it
 * isn't there. */
static bool view_file(const struct view *v, const struct sim_publication *p, int count, int i,
                      struct sim_publication *out) {
    const struct sim_publication *next = i + 1 < count ? &p[i + 1] : NULL;
    *out = p[i];
    if (v->duplicate && (!next || !next->repeats))
        return false;
    if (v->duplicate)
        out->modified = next->modified;
    return is_there(v, out) && (!next || !next->replaces || next->modified > v->now);
}

static void list_time(const struct view *v, const struct sim_report *r, aest_us time) {
    struct sim_publication p[SIM_PUBLICATIONS], seen;
    int count = sim_publications(v->t, r, time, p);
    for (int i = 0; i < count; i++) {
        if (!view_file(v, p, count, i, &seen))
            continue;
        struct sim_entry e = {.size = seen.size, .modified = seen.modified};
        sim_publication_name(&seen, e.name);
        v->entry(v->context, &e);
    }
}

static void list_report(const struct view *v, const struct sim_report *r, aest_us since) {
    aest_us time = sim_report_next(v->t->market, r, since - latest(r));
    for (; time <= v->now + EARLIEST; time = sim_report_next(v->t->market, r, time))
        list_time(v, r, time);
}

static bool read_file(const struct view *v, const struct sim_report *r, str name, aest_us time,
                      struct buf *out) {
    struct sim_publication p[SIM_PUBLICATIONS], seen;
    char own[SIM_FILE_NAME];
    if (sim_report_next(v->t->market, r, time - 1) != time)
        return false;
    int count = sim_publications(v->t, r, time, p);
    for (int i = 0; i < count; i++) {
        sim_publication_name(&p[i], own);
        if (str_eq_nocase(name, str_from(own)) && view_file(v, p, count, i, &seen)) {
            sim_publication_write(v->t, &seen, out);
            return true;
        }
    }
    return false;
}

static bool read_report(const struct view *v, const struct sim_report *r, str name,
                        struct buf *out) {
    str prefix = str_from(r->prefix);
    aest_us time;
    return str_starts_nocase(name, prefix) && name.len > prefix.len + (size_t)r->digits &&
           aest_parse_digits((str){name.at + prefix.len, (size_t)r->digits}, &time) &&
           read_file(v, r, name, time, out);
}

/* -- market notices, which are text --------------------------------------------------------------
 */

static const struct sim_notice *notices(const struct view *v, aest_us from, struct arena *a,
                                        int *count) {
    const struct sim_notice *list;
    sim_notices(v->t->market, from > v->t->start ? from : v->t->start, v->now, a, &list, count);
    return list;
}

static void list_notices(const struct view *v, aest_us since) {
    struct arena a = {0};
    struct buf text = {0};
    char name[SIM_NOTICE_NAME];
    int count;
    const struct sim_notice *list = notices(v, since, &a, &count);
    for (int i = 0; i < count; i++) {
        text.len = 0;
        sim_notice_print(&list[i], &text);
        struct sim_entry e = {.size = text.len, .modified = list[i].created};
        snprintf(e.name, sizeof e.name, "%s", sim_notice_name(&list[i], name));
        v->entry(v->context, &e);
    }
    buf_free(&text);
    arena_free(&a);
}

static bool read_notice(const struct view *v, str name, struct buf *out) {
    struct arena a = {0};
    char own[SIM_NOTICE_NAME];
    int count;
    bool found = false;
    const struct sim_notice *list = notices(v, v->now - NOTICES_KEEP, &a, &count);
    for (int i = 0; i < count && !found; i++) {
        found = str_eq_nocase(name, str_from(sim_notice_name(&list[i], own)));
        if (found)
            sim_notice_print(&list[i], out);
    }
    arena_free(&a);
    return found;
}

/* -- folders ---------------------------------------------------------------------------------- */

static bool is_of(const struct sim_report *r, const char *folder) {
    return strcmp(r->folder, folder) == 0;
}

void sim_current_list(const struct sim_tree *t, const char *folder, bool duplicate, aest_us now,
                      void (*entry)(void *context, const struct sim_entry *e), void *context) {
    struct view v = {t, duplicate, now, entry, context};
    if (strcmp(folder, SIM_NOTICES) == 0)
        list_notices(&v, now - NOTICES_KEEP);
    for (const struct sim_report *r = sim_reports; r < sim_reports + sim_report_count; r++)
        if (is_of(r, folder))
            list_report(&v, r, now - r->keep);
}

bool sim_current_read(const struct sim_tree *t, const char *folder, bool duplicate, str name,
                      aest_us now, struct buf *out) {
    struct view v = {t, duplicate, now, NULL, NULL};
    if (strcmp(folder, SIM_NOTICES) == 0)
        return read_notice(&v, name, out);
    for (const struct sim_report *r = sim_reports; r < sim_reports + sim_report_count; r++)
        if (is_of(r, folder) && read_report(&v, r, name, out))
            return true;
    return false;
}

static void take_newest(void *context, const struct sim_entry *e) {
    aest_us *newest = context;
    if (e->modified > *newest)
        *newest = e->modified;
}

aest_us sim_current_modified(const struct sim_tree *t, const char *folder, bool duplicate,
                             aest_us now) {
    aest_us newest = t->start;
    struct view v = {t, duplicate, now, take_newest, &newest};
    if (strcmp(folder, SIM_NOTICES) == 0)
        list_notices(&v, now - AEST_DAY);
    for (const struct sim_report *r = sim_reports; r < sim_reports + sim_report_count; r++)
        if (is_of(r, folder))
            list_report(&v, r, now - (r->cadence ? 2 * r->cadence : r->keep));
    return newest;
}
