#include "sim/tree/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "sim/tree/archive.h"
#include "sim/tree/current.h"
#include "sim/tree/mmsdm.h"

/* A folder that holds files. Those above it follow from its path. */
struct folder {
    char path[128]; /* without a slash at its ends */
    const struct folder_kind *kind;
    const char *reports; /* under CURRENT and ARCHIVE */
    bool duplicate;
    int month; /* of MMSDM */
    enum sim_mmsdm_folder data;
    const struct sim_flow *flow; /* where what is read of it can go early; NULL: nowhere */
};

typedef void add_entry(void *context, const struct sim_entry *e);

struct folder_kind {
    void (*list)(const struct sim_tree *t, const struct folder *f, aest_us now, add_entry *entry,
                 void *context);
    bool (*read)(const struct sim_tree *t, const struct folder *f, str name, aest_us now,
                 struct buf *out);
    aest_us (*modified)(const struct sim_tree *t, const struct folder *f, aest_us now);
};

/* -- kinds ------------------------------------------------------------------------------------ */

static void list_current(const struct sim_tree *t, const struct folder *f, aest_us now,
                         add_entry *entry, void *context) {
    sim_current_list(t, f->reports, f->duplicate, now, entry, context);
}

static bool read_current(const struct sim_tree *t, const struct folder *f, str name, aest_us now,
                         struct buf *out) {
    return sim_current_read(t, f->reports, f->duplicate, name, now, out);
}

static aest_us current_modified(const struct sim_tree *t, const struct folder *f, aest_us now) {
    return sim_current_modified(t, f->reports, f->duplicate, now);
}

static void list_archive(const struct sim_tree *t, const struct folder *f, aest_us now,
                         add_entry *entry, void *context) {
    for (int i = 0; i < sim_report_count; i++)
        if (strcmp(sim_reports[i].folder, f->reports) == 0)
            sim_archive_list(t, &sim_reports[i], now, entry, context);
}

static bool read_archive(const struct sim_tree *t, const struct folder *f, str name, aest_us now,
                         struct buf *out) {
    for (int i = 0; i < sim_report_count; i++)
        if (strcmp(sim_reports[i].folder, f->reports) == 0 &&
            sim_archive_read(t, &sim_reports[i], name, now, out))
            return true;
    return false;
}

static aest_us archive_modified(const struct sim_tree *t, const struct folder *f, aest_us now) {
    aest_us newest = t->start;
    for (int i = 0; i < sim_report_count; i++) {
        aest_us at = strcmp(sim_reports[i].folder, f->reports)
                         ? t->start
                         : sim_archive_modified(t, &sim_reports[i], now);
        newest = at > newest ? at : newest;
    }
    return newest;
}

static void list_month(const struct sim_tree *t, const struct folder *f, aest_us now,
                       add_entry *entry, void *context) {
    sim_mmsdm_list(t, f->month, f->data, now, entry, context);
}

static bool read_month(const struct sim_tree *t, const struct folder *f, str name, aest_us now,
                       struct buf *out) {
    return sim_mmsdm_read(t, f->month, f->data, name, now, out);
}

static aest_us month_modified(const struct sim_tree *t, const struct folder *f, aest_us now) {
    aest_us at = sim_mmsdm_published(t, f->month);
    return at < now ? at : now;
}

/* One of the year's files; each month stands for its own. */
static void list_whole(const struct sim_tree *t, const struct folder *f, aest_us now,
                       add_entry *entry, void *context) {
    (void)now;
    struct sim_entry e;
    sim_mmsdm_whole_entry(t, f->month, &e);
    entry(context, &e);
}

static bool read_whole(const struct sim_tree *t, const struct folder *f, str name, aest_us now,
                       struct buf *out) {
    (void)now;
    struct sim_entry e;
    sim_mmsdm_whole_entry(t, f->month, &e);
    if (!str_eq_nocase(name, str_from(e.name)))
        return false;
    sim_mmsdm_whole_write(t, f->month, f->flow, out);
    return true;
}

static void list_nothing(const struct sim_tree *t, const struct folder *f, aest_us now,
                         add_entry *entry, void *context) {
    (void)t, (void)f, (void)now, (void)entry, (void)context;
}

static bool read_nothing(const struct sim_tree *t, const struct folder *f, str name, aest_us now,
                         struct buf *out) {
    (void)t, (void)f, (void)name, (void)now, (void)out;
    return false;
}

static aest_us modified_at_start(const struct sim_tree *t, const struct folder *f, aest_us now) {
    (void)f, (void)now;
    return t->start;
}

static const struct folder_kind current = {list_current, read_current, current_modified},
                                archive = {list_archive, read_archive, archive_modified},
                                month_folder = {list_month, read_month, month_modified},
                                whole_months = {list_whole, read_whole, month_modified},
                                empty = {list_nothing, read_nothing, modified_at_start};

/* -- all folders at a moment -------------------------------------------------------------------
 */

typedef void visit_folder(void *context, const struct folder *f);

static void visit_current(const char *reports, visit_folder *visit, void *context) {
    struct folder f = {.kind = &current, .reports = reports};
    snprintf(f.path, sizeof f.path, "Reports/CURRENT/%s", reports);
    visit(context, &f);
}

static void visit_reports(const struct sim_tree *t, const char *reports, bool archived,
                          visit_folder *visit, void *context) {
    struct folder f = {.kind = &current, .reports = reports};
    visit_current(reports, visit, context);
    if (t->faults.rate[SIM_TWICE] > 0) {
        f.duplicate = true;
        snprintf(f.path, sizeof f.path, "Reports/CURRENT/%s/DUPLICATE", reports);
        visit(context, &f);
    }
    if (archived) {
        f = (struct folder){.kind = &archive, .reports = reports};
        snprintf(f.path, sizeof f.path, "Reports/ARCHIVE/%s", reports);
        visit(context, &f);
    }
}

static void visit_month(int month, aest_us now, visit_folder *visit, void *context) {
    struct folder f = {.kind = &month_folder, .month = month};
    int year = month / 12, m = month % 12 + 1, data = 0;
    if (sim_mmsdm_whole(month, now)) {
        f.kind = &whole_months;
        snprintf(f.path, sizeof f.path, SIM_MMSDM_PATH "/%04d", year);
        visit(context, &f);
        return;
    }
    for (; data < SIM_MMSDM_FOLDERS; data++) {
        f.data = (enum sim_mmsdm_folder)data;
        snprintf(f.path, sizeof f.path,
                 SIM_MMSDM_PATH "/%04d/MMSDM_%04d_%02d/" SIM_MMSDM_BELOW "/%s", year, year, m,
                 sim_mmsdm_folder_name[data]);
        visit(context, &f);
    }
}

static void each_folder(const struct sim_tree *t, aest_us now, visit_folder *visit, void *context) {
    const struct sim_report *r = sim_reports;
    for (int i = 0; i < sim_report_count; i++)
        if (i == 0 || strcmp(r[i].folder, r[i - 1].folder) != 0)
            visit_reports(t, r[i].folder, r[i].archive.period, visit, context);
    visit_current(SIM_NOTICES, visit, context);
    struct folder above = {.path = SIM_MMSDM_PATH, .kind = &empty};
    visit(context, &above);
    int last = sim_mmsdm_last(t, now);
    for (int month = sim_mmsdm_first(t); month <= last; month++)
        visit_month(month, now, visit, context);
}

/* -- what is in a folder -----------------------------------------------------------------------
 */

struct contents {
    const struct sim_tree *t;
    str path;
    aest_us now;
    bool exists;
    struct sim_entry *entries;
    size_t count, capacity;
};

static void add(void *context, const struct sim_entry *e) {
    struct contents *c = context;
    if (c->count == c->capacity) {
        c->capacity = c->capacity ? 2 * c->capacity : 64;
        c->entries = mem_resize(c->entries, c->capacity * sizeof *c->entries);
    }
    c->entries[c->count++] = *e;
}

/* A folder that leads to another, which may have been met already; it is as new as the newest. */
static void add_folder(struct contents *c, str name, aest_us modified) {
    struct sim_entry e = {.folder = true, .modified = modified};
    for (size_t i = 0; i < c->count; i++)
        if (c->entries[i].folder && str_eq_nocase(name, str_from(c->entries[i].name))) {
            if (modified > c->entries[i].modified)
                c->entries[i].modified = modified;
            return;
        }
    memcpy(e.name, name.at, name.len);
    add(c, &e);
}

static void look_into(void *context, const struct folder *f) {
    struct contents *c = context;
    str path = str_from(f->path);
    if (!str_starts_nocase(path, c->path))
        return;
    str below = {path.at + c->path.len, path.len - c->path.len};
    if (below.len && c->path.len && below.at[0] != '/')
        return;
    c->exists = true;
    if (!below.len) {
        f->kind->list(c->t, f, c->now, add, c);
        return;
    }
    if (c->path.len)
        str_cut(&below, '/');
    add_folder(c, str_cut(&below, '/'), f->kind->modified(c->t, f, c->now));
}

/* As the server's file system sorts: '_' before letters, in either case. */
static int by_name(const void *a, const void *b) {
    const struct sim_entry *x = a, *y = b;
    return strcasecmp(x->name, y->name);
}

static str without_slashes(str path) {
    while (path.len && path.at[path.len - 1] == '/')
        path.len--;
    while (path.len && path.at[0] == '/')
        path.at++, path.len--;
    return path;
}

bool sim_tree_list(const struct sim_tree *t, str path, aest_us now,
                   void (*entry)(void *context, const struct sim_entry *e), void *context) {
    struct contents c = {.t = t, .path = without_slashes(path), .now = now};
    each_folder(t, now, look_into, &c);
    if (c.count)
        qsort(c.entries, c.count, sizeof *c.entries, by_name);
    for (size_t i = 0; i < c.count; i++)
        entry(context, &c.entries[i]);
    free(c.entries);
    return c.exists;
}

struct reading {
    const struct sim_tree *t;
    str folder, name;
    aest_us now;
    const struct sim_flow *flow;
    struct buf *out;
    bool found;
};

static void read_from(void *context, const struct folder *f) {
    struct reading *r = context;
    struct folder flowing = *f;
    flowing.flow = r->flow;
    if (!r->found && str_eq_nocase(r->folder, str_from(f->path)))
        r->found = f->kind->read(r->t, &flowing, r->name, r->now, r->out);
}

bool sim_tree_read(const struct sim_tree *t, str path, aest_us now, struct buf *out) {
    return sim_tree_flow(t, path, now, NULL, out);
}

bool sim_tree_flow(const struct sim_tree *t, str path, aest_us now, const struct sim_flow *flow,
                   struct buf *out) {
    size_t slash = path.len;
    while (slash && path.at[slash - 1] != '/')
        slash--;
    struct reading r = {
        .t = t,
        .folder = without_slashes((str){path.at, slash}),
        .name = {path.at + slash, path.len - slash},
        .now = now,
        .flow = flow,
        .out = out,
    };
    each_folder(t, now, read_from, &r);
    return r.found;
}
