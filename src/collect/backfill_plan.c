#include "collect/backfill_plan.h"

#include <stdlib.h>

/* A folder of the source, listed once. */
struct folder {
    const char *path;
    bool there;
    struct listing_entry *entries;
    size_t count;
};

struct planner {
    const struct backfill *b;
    struct source *source;
    struct store *store;
    struct ledger *ledger;
    struct plan *plan;
    struct folder archives[16];
    size_t archive_count;
};

/* What is wanted of some days. */
static dataset_set wanted_of(const struct backfill *b, aest_day first, aest_day last) {
    dataset_set wanted = b->parts ? 0 : b->wanted;
    for (size_t i = 0; i < b->part_count; i++)
        if (b->parts[i].from <= last && b->parts[i].to >= first)
            wanted |= b->parts[i].datasets & b->wanted;
    return wanted;
}

static err *list(struct planner *p, const char *path, struct folder *out) {
    bool unchanged;
    *out = (struct folder){.path = path, .there = true};
    source_forget(p->source, path); /* a page asked for before comes whole again */
    err *e = source_list(p->source, &p->plan->memory, path, &out->entries, &out->count, &unchanged);
    if (e && err_kind(e) == ERR_INPUT) { /* it isn't there */
        err_free(e);
        out->there = false;
        return NULL;
    }
    return e ? e : store_require_kind(p->store, source_is_simulated(p->source));
}

err *plan_is_done(struct ledger *l, const char *feed, str name, const struct listing_entry *entry,
                  bool *done) {
    struct ledger_file known;
    TRY(ledger_find(l, feed, name, &known));
    *done = known.status == LEDGER_DONE &&
            (entry->size < 0 || known.size < 0 || entry->size == known.size);
    return NULL;
}

/* Of a month in one zip each table is recorded by itself: not all of them were always wanted. */
static err *is_done(struct planner *p, const struct unit *u, dataset_set wanted, bool *done) {
    *done = u->count > 0;
    for (size_t i = 0; u->kind != UNIT_WHOLE && i < u->count && *done; i++)
        TRY(plan_is_done(p->ledger, u->feed, u->files[i].name, &u->files[i], done));
    for (int i = 0; u->kind == UNIT_WHOLE && i < monthly_table_count && *done; i++) {
        str whole = u->files[0].name;
        const char *name = monthly_part_name(&p->plan->memory, whole, &monthly_tables[i]);
        if (monthly_tables[i].fills & wanted)
            TRY(plan_is_done(p->ledger, u->feed, str_from(name), &u->files[0], done));
    }
    return NULL;
}

/* Adds [u], which is wanted for [wanted], unless all of it is done. */
static err *add_unit(struct planner *p, struct unit u, dataset_set wanted) {
    bool all_done;
    TRY(is_done(p, &u, wanted, &all_done));
    if (all_done)
        return NULL;
    struct plan *plan = p->plan;
    if (plan->count == plan->capacity) {
        plan->capacity = plan->capacity ? plan->capacity * 2 : 64;
        plan->units = mem_resize(plan->units, plan->capacity * sizeof *plan->units);
    }
    plan->units[plan->count++] = u;
    return NULL;
}

/* -- MMSDM --------------------------------------------------------------------------------------
 */

/* The files of a table in a listing. */
static struct unit table_unit(struct planner *p, const struct monthly *m, const struct folder *f,
                              aest_day month) {
    struct unit u = {UNIT_TABLE, "mmsdm", f->path, NULL, 0, month, m->memory_mb, m};
    u.files = ARENA_ARRAY(&p->plan->memory, struct listing_entry, f->count);
    for (size_t i = 0; i < f->count; i++)
        if (!f->entries[i].is_folder && monthly_name_is(m, f->entries[i].name))
            u.files[u.count++] = f->entries[i];
    return u;
}

static err *plan_tables(struct planner *p, aest_day month, dataset_set *left) {
    struct folder folders[2];
    dataset_set found = 0;
    for (int all = 0; all < 2; all++)
        TRY(list(p, monthly_folder(&p->plan->memory, month, all), &folders[all]));
    for (int i = 0; i < monthly_table_count; i++) {
        const struct monthly *m = &monthly_tables[i];
        const struct folder *f = &folders[m->all_runs];
        if (!f->there || !(m->fills & *left))
            continue;
        struct unit u = table_unit(p, m, f, month);
        if (u.count) {
            found |= m->fills;
            TRY(add_unit(p, u, *left));
        }
    }
    *left &= ~found;
    return NULL;
}

static err *plan_whole(struct planner *p, aest_day month, dataset_set *left) {
    struct folder f;
    const char *name = monthly_whole_name(&p->plan->memory, month);
    TRY(list(p, monthly_whole_folder(&p->plan->memory, month), &f));
    for (size_t i = 0; f.there && i < f.count; i++)
        if (str_eq_nocase(f.entries[i].name, str_from(name))) {
            struct unit u = {UNIT_WHOLE, "mmsdm", f.path, &f.entries[i], 1, month, 250, NULL};
            err *e = add_unit(p, u, *left);
            *left = 0;
            return e;
        }
    return NULL;
}

/* -- ARCHIVE ------------------------------------------------------------------------------------
 */

static err *archive_folder(struct planner *p, const struct archived *a, struct folder **out) {
    const char *path = arena_printf(&p->plan->memory, "Reports/ARCHIVE/%s", a->folder);
    for (size_t i = 0; i < p->archive_count; i++)
        if (strcmp(p->archives[i].path, path) == 0) {
            *out = &p->archives[i];
            return NULL;
        }
    if (p->archive_count == sizeof p->archives / sizeof *p->archives)
        abort(); /* history.c has more archives than there is room for */
    *out = &p->archives[p->archive_count++];
    return list(p, path, *out);
}

static bool is_planned(const struct planner *p, const struct listing_entry *entry) {
    for (size_t i = 0; i < p->plan->count; i++)
        if (p->plan->units[i].files[0].name.at == entry->name.at)
            return true;
    return false;
}

/* The archives that may hold something of what is [left] in [first] to [last], the newest first. */
static err *plan_archive(struct planner *p, const struct archived *a, dataset_set left,
                         aest_day first, aest_day last) {
    struct folder *f;
    TRY(archive_folder(p, a, &f));
    for (size_t i = f->there ? f->count : 0; i-- > 0;) {
        aest_day begin, end;
        const struct listing_entry *entry = &f->entries[i];
        if (entry->is_folder || !archived_name_days(a, entry->name, &begin, &end) || begin > last ||
            end < first || !(a->fills & left & wanted_of(p->b, begin, end)) || is_planned(p, entry))
            continue;
        struct unit u = {.kind = UNIT_ARCHIVE,
                         .feed = a->feed,
                         .folder = f->path,
                         .files = &f->entries[i],
                         .count = 1,
                         .memory_mb = a->memory_mb};
        TRY(add_unit(p, u, left));
    }
    return NULL;
}

static err *plan_month(struct planner *p, aest_day month) {
    aest_day end = month + month_days(month) - 1;
    aest_day first = p->b->from > month ? p->b->from : month,
             last = p->b->to < end ? p->b->to : end;
    const dataset_set wanted = wanted_of(p->b, first, last);
    dataset_set left = wanted;
    if (!wanted)
        return NULL;
    TRY(plan_tables(p, month, &left));
    if (left == wanted)
        TRY(plan_whole(p, month, &left));
    for (int i = 0; i < archived_feed_count; i++)
        if (archived_feeds[i].fills & left)
            TRY(plan_archive(p, &archived_feeds[i], left, first, last));
    return NULL;
}

err *plan_make(const struct backfill *b, struct source *source, struct store *store,
               struct plan *out) {
    struct planner p = {.b = b, .source = source, .store = store, .plan = out};
    TRY(store_ledger(store, &p.ledger));
    for (aest_day month = month_first(b->to); month >= month_first(b->from);
         month = month_first(month - 1))
        TRY(plan_month(&p, month));
    return NULL;
}

void plan_free(struct plan *p) {
    free(p->units);
    arena_free(&p->memory);
}
