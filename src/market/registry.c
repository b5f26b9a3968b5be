#include "market/registry.h"

#include <stdlib.h>

#include "base/intern.h"
#include "base/json.h"
#include "market/fuels.h"
#include "market/units.h"
#include "store/grid.h"
#include "store/lock.h"

/* Facts are the columns from UNIT_REGION to UNIT_PREDECESSOR, and one that a fuel follows from. */
enum { ENERGY_SOURCE = RECORD_COLUMNS, NO_FACT = -1 };

static int fact_column(str name) {
    int c = record_column(&record_tables[UNITS], name);
    if (str_eq(name, STR("energy_source")))
        return ENERGY_SOURCE;
    return c >= UNIT_REGION && c <= UNIT_PREDECESSOR ? c : NO_FACT;
}

/* -- one unit -----------------------------------------------------------------------------------
 */

/* A fact that is a column's. */
struct said {
    struct fact fact;
    int column;
};

/* All that is said of one unit. */
struct dossier {
    struct arena memory;
    str duid;
    struct buf list;  /* of struct said */
    struct buf edges; /* of aest_day: where anything begins or ends */
};

static const struct said *first_of(const struct dossier *d, size_t *count) {
    *count = d->list.len / sizeof(struct said);
    return (const struct said *)(const void *)d->list.at;
}

static void add_fact(struct dossier *d, const struct fact *f) {
    struct said s = {*f, fact_column(f->name)};
    if (s.column == NO_FACT || f->to <= f->from)
        return;
    buf_add(&d->list, &s, sizeof s);
    buf_add(&d->edges, &f->from, sizeof f->from);
    buf_add(&d->edges, &f->to, sizeof f->to);
}

static void add_public_facts(struct dossier *d) {
    const struct public_fact *known = public_fact_of(d->duid);
    const struct {
        const char *name, *value;
    } facts[] = {{"fuel", known ? fuel_names[known->fuel] : NULL},
                 {"technology", known ? known->technology : NULL},
                 {"dispatch_type", known ? known->dispatch_type : NULL},
                 {"predecessor", public_predecessor_of(d->duid)}};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (facts[i].value)
            add_fact(d, &(struct fact){.duid = d->duid,
                                       .name = str_from(facts[i].name),
                                       .source = FACT_BUILT_IN,
                                       .from = FACT_ALWAYS,
                                       .to = FACT_OPEN,
                                       .value = str_from(facts[i].value),
                                       .origin = STR("built-in"),
                                       .lastchanged = 1});
}

/* Whether [f] says more on [day] than [best], a word of the same source or NULL. Before AEMO's
 * first word that word counts: a unit had its capacity before the list was printed. */
static bool counts(const struct fact *f, const struct fact *best, aest_day day) {
    bool is_aemo = f->source == FACT_MMSDM || f->source == FACT_WORKBOOK;
    if (f->from <= day)
        return day < f->to && (!best || best->from > day || f->from >= best->from);
    return is_aemo && (!best || (best->from > day && f->from < best->from));
}

/* The word that counts on [day], or NULL. One that has begun beats one that is yet to. */
static const struct fact *pick(const struct dossier *d, int column, aest_day day) {
    const struct fact *latest[FACT_SOURCES] = {NULL}, *early = NULL;
    size_t count;
    const struct said *list = first_of(d, &count);
    for (size_t i = 0; i < count; i++) {
        const struct fact *f = &list[i].fact, **best = &latest[fact_belief(f->source)];
        if (list[i].column == column && counts(f, *best, day))
            *best = f;
    }
    for (int belief = FACT_SOURCES - 1; belief >= 0; belief--) {
        const struct fact *f = latest[belief];
        if (!f || f->value.len == 0)
            continue;
        if (f->from <= day)
            return f;
        early = early ? early : f;
    }
    return early;
}

static int by_day(const void *x, const void *y) {
    aest_day a = *(const aest_day *)x, b = *(const aest_day *)y;
    return (a > b) - (a < b);
}

/* Days on which MMSDM has the unit registered; where it says none, a unit is there from the first
 * day that MMSDM names, or always. */
static bool is_registered(const struct dossier *d, aest_day day) {
    bool any = false;
    aest_day first = FACT_OPEN;
    size_t count;
    const struct said *list = first_of(d, &count);
    for (size_t i = 0; i < count; i++) {
        const struct fact *f = &list[i].fact;
        if (f->source != FACT_MMSDM || f->from == FACT_ALWAYS)
            continue;
        if (list[i].column == UNIT_DISPATCH_TYPE) {
            any = true;
            if (f->from <= day && day < f->to)
                return true;
        }
        first = f->from < first ? f->from : first;
    }
    return !any && (first == FACT_OPEN || day >= first);
}

/* -- one row ------------------------------------------------------------------------------------
 */

/* A row in the making. */
struct draft {
    struct record_value values[RECORD_COLUMNS];
    struct json json;
};

static void note_source(struct draft *row, const char *name, str origin) {
    json_key(&row->json, name);
    json_str(&row->json, origin);
}

static void note_time(struct draft *row, const struct fact *f) {
    struct record_value *version = &row->values[UNIT_CHANGED];
    if (f->lastchanged > version->integer)
        *version = record_integer(f->lastchanged);
}

/* An outright word on the fuel counts unless a better source names the energy source. */
static void set_fuel(struct dossier *d, aest_day day, struct draft *row) {
    const struct fact *outright = pick(d, UNIT_FUEL, day), *energy = pick(d, ENERGY_SOURCE, day),
                      *technology = pick(d, UNIT_TECHNOLOGY, day),
                      *type = pick(d, UNIT_DISPATCH_TYPE, day);
    enum fuel fuel = FUEL_UNKNOWN;
    if (outright && (!energy || fact_belief(outright->source) >= fact_belief(energy->source))) {
        fuel_from_name(outright->value, &fuel);
        note_source(row, "fuel", outright->origin);
        note_time(row, outright);
    } else if (energy) {
        bool both = technology && fuel_needs_technology(energy->value);
        fuel = fuel_from_source(energy->value, technology ? technology->value : STR(""));
        str origin = both && !str_eq(technology->origin, energy->origin)
                         ? str_from(arena_printf(&d->memory, "%.*s, %.*s", STR_ARG(energy->origin),
                                                 STR_ARG(technology->origin)))
                         : energy->origin;
        note_source(row, "fuel", origin);
        note_time(row, energy);
    } else if (unit_is_dummy(d->duid) || (type && str_eq(type->value, STR("DEMAND RESPONSE")))) {
        fuel = FUEL_OTHER;
    }
    row->values[UNIT_FUEL] = record_text(str_from(fuel_names[fuel]));
}

static void set_fact(struct draft *row, int c, const struct fact *f) {
    const struct record_column *col = &record_tables[UNITS].columns[c];
    double number;
    if (col->type == RECORD_TEXT)
        row->values[c] = record_text(f->value);
    else if (str_to_double(f->value, &number))
        row->values[c] = record_number(number);
    note_source(row, col->name, f->origin);
    note_time(row, f);
}

/* All of a unit on one day, but for its DUID and days. [sources] is the draft's text. */
static void fill(struct dossier *d, aest_day day, struct buf *sources, struct draft *row) {
    *row = (struct draft){.json = json_to(sources)};
    row->values[UNIT_CHANGED] = record_integer(1);
    sources->len = 0;
    json_object(&row->json);
    for (int c = UNIT_REGION; c <= UNIT_PREDECESSOR; c++) {
        const struct fact *f = c == UNIT_FUEL ? NULL : pick(d, c, day);
        if (c == UNIT_FUEL)
            set_fuel(d, day, row);
        else if (f)
            set_fact(row, c, f);
    }
    json_end(&row->json);
    row->values[UNIT_SOURCES] = record_text(buf_str(sources));
}

/* -- all units ----------------------------------------------------------------------------------
 */

/* The row before goes on when it is the same. */
static bool goes_on(struct records *units, const struct draft *row) {
    struct record *last = units->count ? units->rows[units->count - 1] : NULL;
    if (!last || !str_eq(last->values[UNIT_DUID].text, row->values[UNIT_DUID].text) ||
        last->values[UNIT_TO].integer != row->values[UNIT_FROM].integer)
        return false;
    for (int c = UNIT_REGION; c < record_column_count(units->table); c++) {
        const struct record_value *a = &last->values[c], *b = &row->values[c];
        bool is_text = units->table->columns[c].type == RECORD_TEXT;
        if (a->there != b->there ||
            (a->there && (is_text ? !str_eq(a->text, b->text) : a->integer != b->integer)))
            return false;
    }
    last->values[UNIT_TO] = row->values[UNIT_TO];
    return true;
}

static void put_rows(struct dossier *d, struct records *units) {
    aest_day *edges = (aest_day *)(void *)d->edges.at;
    size_t count = d->edges.len / sizeof *edges;
    struct buf sources = {0};
    qsort(edges, count, sizeof *edges, by_day);
    for (size_t i = 0; i + 1 < count; i++) {
        struct draft row;
        if (edges[i] == edges[i + 1] || !is_registered(d, edges[i]))
            continue;
        fill(d, edges[i], &sources, &row);
        row.values[UNIT_DUID] = record_text(d->duid);
        row.values[UNIT_FROM] = record_integer(edges[i]);
        row.values[UNIT_TO] =
            (struct record_value){.there = edges[i + 1] != FACT_OPEN, .integer = edges[i + 1]};
        if (!goes_on(units, &row))
            records_put(units, row.values);
    }
    buf_free(&sources);
}

/* A bidirectional unit's halves had a G and an L more in their names: HPR1 was HPRG1 and HPRL1. */
static str predecessors(struct arena *a, const struct intern *duids, str duid) {
    struct buf found = {0};
    for (const char *letter = "GL"; *letter; letter++)
        for (size_t at = 0; at <= duid.len; at++) {
            const char *name = arena_printf(a, "%.*s%c%.*s", (int)at, duid.at, *letter,
                                            (int)(duid.len - at), duid.at + at);
            if ((at && duid.at[at - 1] == *letter) ||
                intern_find(duids, str_from(name)) == INTERN_NONE)
                continue;
            buf_printf(&found, "%s%s", found.len ? " " : "", name);
        }
    str text = {found.len ? str_dup(a, buf_str(&found)) : NULL, found.len};
    buf_free(&found);
    return text;
}

static void add_predecessor(struct dossier *d, const struct intern *duids) {
    const struct fact *type = pick(d, UNIT_DISPATCH_TYPE, FACT_OPEN - 1);
    if (!type || !str_eq(type->value, STR("BIDIRECTIONAL")) ||
        pick(d, UNIT_PREDECESSOR, FACT_OPEN - 1))
        return;
    str value = predecessors(&d->memory, duids, d->duid);
    if (value.len)
        add_fact(d, &(struct fact){.duid = d->duid,
                                   .name = STR("predecessor"),
                                   .source = FACT_BUILT_IN,
                                   .from = FACT_ALWAYS,
                                   .to = FACT_OPEN,
                                   .value = value,
                                   .origin = STR("by name"),
                                   .lastchanged = 1});
}

void registry_build(const struct records *facts, struct records *units) {
    struct intern duids = {0};
    for (size_t i = 0; i < facts->count; i++)
        intern_add(&duids, facts->rows[i]->values[FACT_DUID].text);
    for (size_t i = 0, end; i < facts->count; i = end) {
        struct dossier d = {.duid = facts->rows[i]->values[FACT_DUID].text};
        for (end = i;
             end < facts->count && record_compare(facts->rows[i], facts->rows[end], 1) == 0;
             end++) {
            struct fact f = fact_of(facts->rows[end]);
            add_fact(&d, &f);
        }
        add_public_facts(&d);
        add_predecessor(&d, &duids);
        put_rows(&d, units);
        buf_free(&d.list);
        buf_free(&d.edges);
        arena_free(&d.memory);
    }
    intern_free(&duids);
    records_settle(units);
}

/* -- the store ----------------------------------------------------------------------------------
 */

static err *write_if_other(struct store *s, enum record_table_id table, const struct records *now,
                           bool *changed) {
    struct records before;
    err *e = records_read(s, table, &before);
    *changed = !e && !records_equal(&before, now);
    if (*changed && table == UNITS) /* the sums don't have the new facts yet */
        e = grid_set_missing(store_grid(s), -1);
    if (*changed && !e)
        e = records_write(s, now);
    records_free(&before);
    return e;
}

/* The facts go first: a crash between the two leaves the registry as it was, and the next call, or
 * the same one again, makes it from all of them. */
static err *update(struct store *s, const struct records *said, bool *changed) {
    struct records facts, units;
    bool new_facts;
    err *e = records_read(s, UNIT_FACTS, &facts);
    records_init(&units, UNITS);
    for (size_t i = 0; !e && i < said->count; i++)
        records_put(&facts, said->rows[i]->values);
    if (!e) {
        facts_settle(&facts);
        e = write_if_other(s, UNIT_FACTS, &facts, &new_facts);
    }
    if (!e) {
        registry_build(&facts, &units);
        e = write_if_other(s, UNITS, &units, changed);
    }
    records_free(&facts);
    records_free(&units);
    return e;
}

err *registry_update(struct store *s, const struct records *said, bool *changed) {
    int lock;
    *changed = false;
    TRY(store_lock(s, &lock));
    err *e = update(s, said, changed);
    lock_release(lock);
    return e;
}

/* Which words a fact can be, where not any. SNOWY1 was a region until 2008. */
static const char *const region_words[] = {"NSW1", "QLD1", "SA1", "TAS1", "VIC1", "SNOWY1", NULL},
                         *const dispatch_words[] = {"GENERATOR", "LOAD", "BIDIRECTIONAL",
                                                    "DEMAND RESPONSE", NULL},
                         *const schedule_words[] = {"SCHEDULED", "SEMI-SCHEDULED", "NON-SCHEDULED",
                                                    NULL};
static const struct {
    int column;
    const char *const *words;
} choices[] = {
    {UNIT_REGION, region_words},
    {UNIT_DISPATCH_TYPE, dispatch_words},
    {UNIT_SCHEDULE_TYPE, schedule_words},
    {UNIT_FUEL, fuel_names},
};

static err *check_word(const struct fact *f, const char *const *words) {
    struct buf list = {0};
    for (; *words; words++) {
        if (str_eq(f->value, str_from(*words))) {
            buf_free(&list);
            return NULL;
        }
        buf_printf(&list, "%s%s", list.len ? ", " : "", *words);
    }
    err *e = err_new(ERR_INPUT, "%.*s is '%.*s', not one of %s", STR_ARG(f->name),
                     STR_ARG(f->value), buf_cstr(&list));
    buf_free(&list);
    return e;
}

static err *check_value(const struct fact *f, int column) {
    double number;
    if (column == ENERGY_SOURCE || f->value.len == 0)
        return NULL;
    if (record_tables[UNITS].columns[column].type == RECORD_NUMBER)
        return str_to_double(f->value, &number) && number >= 0
                   ? NULL
                   : err_new(ERR_INPUT, "%.*s is '%.*s', not a number from 0 on", STR_ARG(f->name),
                             STR_ARG(f->value));
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (choices[i].column == column)
            return check_word(f, choices[i].words);
    return NULL;
}

static bool is_duid(str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] > '~' || s.at[i] == '"')
            return false;
    return s.len > 0 && s.len <= 32;
}

err *registry_say(struct records *said, struct fact f) {
    int column = fact_column(f.name);
    enum fuel fuel;
    if (!is_duid(f.duid))
        return err_new(ERR_INPUT, "'%.*s' is no DUID", (int)(f.duid.len < 40 ? f.duid.len : 40),
                       f.duid.at);
    if (column == NO_FACT)
        return err_new(ERR_INPUT, "units have no fact '%.*s'", STR_ARG(f.name));
    if (column == UNIT_FUEL && fuel_from_name(f.value, &fuel)) /* in any case */
        f.value = str_from(fuel_names[fuel]);
    TRY(check_value(&f, column));
    fact_put(said, &f);
    return NULL;
}
