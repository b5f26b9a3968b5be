#include "market/unit_import.h"

#include <stdlib.h>

#include "base/intern.h"
#include "collect/workbook.h"
#include "market/registry.h"
#include "mms/zip.h"

enum { NO_COLUMN = -1 };

/* AEMO's words, as MMSDM has them. */
static str plain_dispatch_type(struct arena *a, str text) {
    (void)a;
    static const struct {
        const char *start, *plain;
    } types[] = {{"Gen", "GENERATOR"}, {"Load", "LOAD"}, {"Bidirectional", "BIDIRECTIONAL"}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_starts_nocase(text, str_from(types[i].start)))
            return str_from(types[i].plain);
    return text;
}

/* "Non-Scheduled*" is NON-SCHEDULED with a footnote. */
static str plain_schedule_type(struct arena *a, str text) {
    while (text.len && text.at[text.len - 1] == '*')
        text.len--;
    text = str_trim(text);
    char *upper = str_dup(a, text);
    for (size_t i = 0; i < text.len; i++)
        if (upper[i] >= 'a' && upper[i] <= 'z')
            upper[i] = (char)(upper[i] - 'a' + 'A');
    return (str){upper, text.len};
}

/* The list's columns, by the names that they had over the years. A heading is one of them when it
 * begins so. */
static const struct {
    const char *heading, *fact;
    str (*plain)(struct arena *a, str text);
    bool always; /* it never changes */
} headings[] = {
    {"DUID", "duid", NULL, false},
    {"Participant", "owner", NULL, false},
    {"Station", "station", NULL, false},
    {"Region", "region", NULL, false},
    {"Dispatch Type", "dispatch_type", plain_dispatch_type, false},
    {"Classification", "schedule_type", plain_schedule_type, false},
    {"Fuel Source - Primary", "fuel source", NULL, false},
    {"Fuel Source - Descriptor", "energy_source", NULL, true},
    {"Technology Type - Descriptor", "technology", NULL, true},
    {"Reg Cap generation", "registered_mw", NULL, false},
    {"Reg Cap (MW)", "registered_mw", NULL, false},
    {"Max Cap generation", "capacity_mw", NULL, false},
    {"Max Cap (MW)", "capacity_mw", NULL, false},
    {"Max Cap consumption", "load_mw", NULL, false},
    {"Maximum storage", "storage_mwh", NULL, false},
};

/* -- the header ---------------------------------------------------------------------------------
 */

/* What a column says. */
struct meaning {
    const char *fact; /* NULL: nothing that is wanted */
    str (*plain)(struct arena *a, str text);
    bool always;
};

struct layout {
    struct meaning columns[SHEET_COLUMNS];
    size_t count;
    bool is_list; /* AEMO's */
    int duid, from, to, primary;
};

static void read_list_header(const struct sheet_row *row, struct layout *l) {
    for (size_t c = 0; c < row->count; c++)
        for (size_t h = 0; h < sizeof headings / sizeof *headings && !l->columns[c].fact; h++)
            if (str_starts_nocase(row->cells[c], str_from(headings[h].heading)))
                l->columns[c] =
                    (struct meaning){headings[h].fact, headings[h].plain, headings[h].always};
}

static void read_own_header(struct arena *a, const struct sheet_row *row, struct layout *l) {
    for (size_t c = 0; c < row->count; c++)
        if (row->cells[c].len)
            l->columns[c].fact = str_dup(a, row->cells[c]);
}

static int find(const struct layout *l, const char *fact) {
    for (size_t c = 0; c < l->count; c++)
        if (l->columns[c].fact && strcmp(l->columns[c].fact, fact) == 0)
            return (int)c;
    return NO_COLUMN;
}

/* Whether [row] is a header of units. */
static bool read_header(struct arena *a, const struct sheet_row *row, struct layout *l) {
    *l = (struct layout){.count = row->count};
    read_list_header(row, l);
    l->is_list = find(l, "duid") != NO_COLUMN && find(l, "dispatch_type") != NO_COLUMN &&
                 find(l, "energy_source") != NO_COLUMN;
    if (!l->is_list) {
        memset(l->columns, 0, sizeof l->columns);
        read_own_header(a, row, l);
    }
    l->duid = find(l, "duid");
    l->from = find(l, "valid_from");
    l->to = find(l, "valid_to");
    l->primary = find(l, "fuel source");
    return l->duid != NO_COLUMN;
}

/* -- rows ---------------------------------------------------------------------------------------
 */

struct import {
    struct arena memory;
    struct layout layout;
    struct intern duids, said_once; /* of the list: "DUID fact" */
    struct fact fact;               /* what all have in common */
    aest_day as_of;                 /* of the list */
    struct records *said;
};

static str cell_text(const struct sheet_row *row, int column) {
    if (column == NO_COLUMN || (size_t)column >= row->count || str_eq(row->cells[column], STR("-")))
        return STR("");
    return row->cells[column];
}

static err *read_day(str text, aest_day *out) {
    aest_us t;
    if (text.len == 0)
        return NULL;
    if ((!aest_parse_iso(text, &t) && !aest_parse_mms(text, &t)) || t < 0)
        return err_new(ERR_INPUT, "'%.*s' is no date", STR_ARG(text));
    *out = (aest_day)(t / AEST_DAY);
    return NULL;
}

/* What a battery stores comes from the grid, or from a wind farm: its fuel is neither. */
static str value_of(struct import *in, const struct sheet_row *row, size_t column) {
    const struct meaning *m = &in->layout.columns[column];
    str text = cell_text(row, (int)column), primary = cell_text(row, in->layout.primary);
    if (strcmp(m->fact, "energy_source") == 0 && str_find_nocase(primary, STR("battery")) >= 0)
        return primary;
    return m->plain && text.len ? m->plain(&in->memory, text) : text;
}

static bool is_new(struct import *in, str duid, const char *fact) {
    uint32_t before = in->said_once.count;
    intern_add(&in->said_once, str_from(arena_printf(&in->memory, "%.*s %s", STR_ARG(duid), fact)));
    return in->said_once.count > before;
}

static err *take_row(struct import *in, const struct sheet_row *row) {
    const struct layout *l = &in->layout;
    struct fact f = in->fact;
    f.duid = cell_text(row, l->duid);
    if (f.duid.len == 0)
        return NULL;
    TRY(read_day(cell_text(row, l->from), &f.from));
    TRY(read_day(cell_text(row, l->to), &f.to));
    intern_add(&in->duids, f.duid);
    for (size_t c = 0; c < l->count; c++) {
        bool is_fact = l->columns[c].fact && (int)c != l->duid && (int)c != l->from &&
                       (int)c != l->to && (int)c != l->primary;
        if (!is_fact || cell_text(row, (int)c).len == 0)
            continue;
        if (l->is_list && !is_new(in, f.duid, l->columns[c].fact))
            continue;
        if (l->is_list)
            f.from = l->columns[c].always ? FACT_ALWAYS : in->as_of;
        f.name = str_from(l->columns[c].fact);
        f.value = value_of(in, row, c);
        TRY(registry_say(in->said, f));
    }
    return NULL;
}

static err *take_sheet(struct import *in, const struct sheet *s, bool *wanted) {
    *wanted = s->count > 0 && read_header(&in->memory, &s->rows[0], &in->layout);
    in->fact.source = in->layout.is_list ? FACT_WORKBOOK : FACT_IMPORT;
    for (size_t i = 1; *wanted && i < s->count; i++) {
        err *e = take_row(in, &s->rows[i]);
        if (e)
            return err_wrap(e, "row %zu", i + 1);
    }
    return NULL;
}

static err *take_all(struct import *in, const struct sheet *sheets, size_t count) {
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        bool wanted;
        TRY(take_sheet(in, &sheets[i], &wanted));
        any = any || wanted;
    }
    return any ? NULL : err_new(ERR_INPUT, "no sheet has a column duid in its first row");
}

/* A workbook has other lists of DUIDs (of ancillary services); only the registration list counts.
 */
static void keep_registration_lists(struct arena *a, struct workbook *w) {
    struct layout *l = ARENA_NEW(a, struct layout);
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++)
        if (w->sheets[i].count && read_header(a, &w->sheets[i].rows[0], l) && l->is_list)
            w->sheets[kept++] = w->sheets[i];
    w->count = kept;
}

static err *read_file(struct import *in, str bytes, struct workbook *w) {
    if (!zip_is(bytes)) {
        w->sheets = ARENA_NEW(&in->memory, struct sheet);
        w->count = 1;
        return csv_sheet_read(&in->memory, bytes, w->sheets);
    }
    TRY(workbook_read(&in->memory, bytes, w));
    keep_registration_lists(&in->memory, w);
    if (w->modified && w->modified < in->fact.lastchanged)
        in->fact.lastchanged = w->modified;
    return NULL;
}

err *unit_import(str bytes, const char *name, aest_us now, struct records *said, size_t *units) {
    struct import *in = mem_zalloc(1, sizeof *in);
    struct workbook w = {0};
    in->said = said;
    in->fact =
        (struct fact){.from = FACT_ALWAYS,
                      .to = FACT_OPEN,
                      .origin = str_from(arena_printf(&in->memory, "%s %s",
                                                      zip_is(bytes) ? "workbook" : "import", name)),
                      .lastchanged = now};
    err *e = read_file(in, bytes, &w);
    in->as_of = (aest_day)(in->fact.lastchanged / AEST_DAY);
    if (!e)
        e = take_all(in, w.sheets, w.count);
    *units = in->duids.count;
    intern_free(&in->duids);
    intern_free(&in->said_once);
    arena_free(&in->memory);
    free(in);
    return e;
}
