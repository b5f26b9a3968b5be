/* What the tests of the simulated server's tree share: looking into folders and reading files. */
#ifndef TESTS_SIM_READING_H
#define TESTS_SIM_READING_H

#include <stdlib.h>

#include "mms/zip.h"
#include "sim/tree/current.h"
#include "support/check.h"

enum { FILE_LIMIT = 1 << 30 };

static inline aest_us at(const char *text) {
    aest_us t = 0;
    assert_true(aest_parse_iso(str_from(text), &t));
    return t;
}

static inline struct sim_tree tree(void) {
    return (struct sim_tree){.market = sim_market_new(1), .faults = {.seed = 1}};
}

struct entries {
    struct sim_entry *list;
    size_t count;
};

static inline void take(void *context, const struct sim_entry *e) {
    struct entries *all = context;
    all->list = mem_resize(all->list, (all->count + 1) * sizeof *all->list);
    all->list[all->count++] = *e;
}

static inline struct entries entries_of(const struct sim_tree *t, const char *folder, aest_us now) {
    struct entries all = {0};
    if (!sim_tree_list(t, str_from(folder), now, take, &all))
        fail_msg("there is no folder %s", folder);
    return all;
}

/* The bytes of a file that is in a list. */
static inline void read_entry(const struct sim_tree *t, const char *folder,
                              const struct sim_entry *e, aest_us now, struct buf *out) {
    struct arena a = {0};
    const char *path = arena_printf(&a, "%s%s", folder, e->name);
    out->len = 0;
    if (!sim_tree_read(t, str_from(path), now, out))
        fail_msg("%s is listed and can't be read", path);
    arena_free(&a);
}

static inline void unzip(str bytes, struct buf *csv) {
    struct arena a = {0};
    struct zip z;
    csv->len = 0;
    assert_ok(zip_open(&a, bytes, &z));
    assert_int_equal(z.count, 1);
    assert_ok(zip_read(&z, &z.members[0], FILE_LIMIT, csv));
    arena_free(&a);
}

static inline str line_at(str csv, size_t n) {
    str line = str_cut(&csv, '\n');
    while (n--)
        line = str_cut(&csv, '\n');
    return line;
}

#define MONTH(y, m)                                                                                \
    "/Data_Archive/Wholesale_Electricity/MMSDM/" y "/MMSDM_" y "_" m                               \
    "/MMSDM_Historical_Data_SQLLoader/DATA/"

static inline const struct sim_report *report_of(const char *prefix) {
    for (int i = 0; i < sim_report_count; i++)
        if (strcmp(sim_reports[i].prefix, prefix) == 0)
            return &sim_reports[i];
    fail_msg("no report has names in %s", prefix);
    return NULL;
}

#endif
