#include "sim/tree/write.h"

#include "base/file.h"
#include "sim/tables/notice.h"
#include "sim/tree/current.h"
#include "sim/tree/mmsdm.h"

#define MMSDM "MMSDM"

struct writing {
    const struct sim_tree *t;
    const char *dir;
    aest_us from, to;
    void (*wrote)(void *context, const char *path);
    void *context;
    struct arena memory; /* of one feed */
    int month;           /* of MMSDM */
    enum sim_mmsdm_folder folder;
    err *failed; /* the first thing that went wrong; nothing is written after it */
};

static void write_bytes(struct writing *w, const char *folder, const char *name, str bytes) {
    const char *path = arena_printf(&w->memory, "%s/%s", w->dir, folder);
    const char *file = arena_printf(&w->memory, "%s/%s", path, name);
    if (w->failed)
        return;
    w->failed = file_make_folders(path);
    if (!w->failed)
        w->failed = file_write_atomic(file, bytes);
    if (!w->failed)
        w->wrote(w->context, file);
}

/* -- CURRENT ---------------------------------------------------------------------------------- */

static void write_zip(struct writing *w, const char *below, const struct sim_publication *p) {
    struct buf zip = {0};
    char name[SIM_FILE_NAME];
    sim_publication_name(p, name);
    sim_publication_write(w->t, p, &zip);
    write_bytes(w, arena_printf(&w->memory, "Reports/CURRENT/%s%s", p->report->folder, below), name,
                buf_str(&zip));
    buf_free(&zip);
}

static void write_publication(void *context, const struct sim_publication *p) {
    struct writing *w = context;
    struct sim_publication all[SIM_PUBLICATIONS];
    if (w->failed)
        return;
    write_zip(w, "", p);
    if (p->repeats) {
        sim_publications(w->t, p->report, p->time, all);
        write_zip(w, "/DUPLICATE", &all[0]);
    }
}

static void write_reports(struct writing *w, str folder) {
    for (int i = 0; i < sim_report_count; i++)
        if (str_eq_nocase(folder, str_from(sim_reports[i].folder)))
            sim_report_published(w->t, &sim_reports[i], w->from, w->to, write_publication, w);
}

static void write_notices(struct writing *w) {
    const struct sim_notice *list;
    struct buf text = {0};
    char name[SIM_NOTICE_NAME];
    int count;
    sim_notices(w->t->market, w->from, w->to, &w->memory, &list, &count);
    for (int i = 0; i < count; i++) {
        text.len = 0;
        sim_notice_print(&list[i], &text);
        write_bytes(w, "Reports/CURRENT/" SIM_NOTICES, sim_notice_name(&list[i], name),
                    buf_str(&text));
    }
    buf_free(&text);
}

/* -- MMSDM ------------------------------------------------------------------------------------ */

static void write_month_file(void *context, const struct sim_entry *e) {
    struct writing *w = context;
    struct buf zip = {0};
    int year = w->month / 12, month = w->month % 12 + 1;
    if (e->modified <= w->from || w->failed)
        return;
    sim_mmsdm_read(w->t, w->month, w->folder, str_from(e->name), w->to, &zip);
    write_bytes(w,
                arena_printf(&w->memory,
                             SIM_MMSDM_PATH "/%04d/MMSDM_%04d_%02d/" SIM_MMSDM_BELOW "/%s", year,
                             year, month, sim_mmsdm_folder_name[w->folder]),
                e->name, buf_str(&zip));
    buf_free(&zip);
}

static void write_months(struct writing *w) {
    int last = sim_mmsdm_last(w->t, w->to);
    w->month = sim_mmsdm_last(w->t, w->from);
    if (w->month < sim_mmsdm_first(w->t))
        w->month = sim_mmsdm_first(w->t);
    for (; w->month <= last; w->month++)
        for (int folder = 0; folder < SIM_MMSDM_FOLDERS; folder++) {
            w->folder = (enum sim_mmsdm_folder)folder;
            sim_mmsdm_list(w->t, w->month, w->folder, w->to, write_month_file, w);
        }
}

/* -- feeds ------------------------------------------------------------------------------------ */

static bool is_feed(str name) {
    bool found = str_eq_nocase(name, STR(SIM_NOTICES)) || str_eq_nocase(name, STR(MMSDM));
    for (int i = 0; i < sim_report_count; i++)
        found |= str_eq_nocase(name, str_from(sim_reports[i].folder));
    return found;
}

static err *unknown_feed(str name) {
    struct buf known = {0};
    for (int i = 0; i < sim_report_count; i++)
        if (i == 0 || strcmp(sim_reports[i].folder, sim_reports[i - 1].folder) != 0)
            buf_printf(&known, "%s, ", sim_reports[i].folder);
    err *e = err_new(ERR_USAGE, "there is no feed '%.*s'; there are %s" SIM_NOTICES " and " MMSDM,
                     STR_ARG(name), buf_cstr(&known));
    buf_free(&known);
    return e;
}

static err *write_feed(struct writing *w, str name) {
    if (!is_feed(name))
        return unknown_feed(name);
    if (str_eq_nocase(name, STR(MMSDM)))
        write_months(w);
    else if (str_eq_nocase(name, STR(SIM_NOTICES)))
        write_notices(w);
    else
        write_reports(w, name);
    arena_reset(&w->memory);
    return w->failed;
}

static err *write_all(struct writing *w) {
    for (int i = 0; i < sim_report_count; i++)
        if (i == 0 || strcmp(sim_reports[i].folder, sim_reports[i - 1].folder) != 0)
            TRY(write_feed(w, str_from(sim_reports[i].folder)));
    TRY(write_feed(w, STR(SIM_NOTICES)));
    return write_feed(w, STR(MMSDM));
}

static err *write_some(struct writing *w, str feeds) {
    while (feeds.len)
        TRY(write_feed(w, str_trim(str_cut(&feeds, ','))));
    return NULL;
}

/* So that nobody takes the folder for the real thing. */
static err *write_marker(struct writing *w) {
    TRY(file_make_folders(w->dir));
    return file_write_atomic(arena_printf(&w->memory, "%s/SIMULATED", w->dir),
                             STR("Made by nemsim: nothing here is real.\n"));
}

err *sim_write_telling(const struct sim_tree *t, const char *dir, aest_us from, aest_us to,
                       const char *feeds, void (*wrote)(void *context, const char *path),
                       void *context) {
    struct writing w = {
        .t = t, .dir = dir, .from = from, .to = to, .wrote = wrote, .context = context};
    err *e = write_marker(&w);
    if (!e)
        e = feeds ? write_some(&w, str_from(feeds)) : write_all(&w);
    arena_free(&w.memory);
    return e;
}

static void tell_nobody(void *context, const char *path) {
    (void)context, (void)path;
}

err *sim_write(const struct sim_tree *t, const char *dir, aest_us from, aest_us to,
               const char *feeds) {
    return sim_write_telling(t, dir, from, to, feeds, tell_nobody, NULL);
}
