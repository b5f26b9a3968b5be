#include "collect/registration.h"

#include <math.h>
#include <stdlib.h>

const char *const registration_tables[REGISTRATION_TABLES] = {
    "DUDETAILSUMMARY", "DUDETAIL", "DUALLOC", "GENUNITS", "STATION", "PARTICIPANT"};

enum { STRETCH_FACTS = 7, DISPATCH_TYPE = 3, NO_COLUMN = -1 };

/* A unit's row of a table: what holds of it for some days. */
struct stretch {
    str duid;
    aest_day from, to;
    uint64_t version; /* of rows that begin on one day the largest counts */
    str values[STRETCH_FACTS];
};

struct allocation {
    str duid, genset;
    aest_day from;
    uint64_t version;
};

struct genset {
    double capacity, factor;
    str energy_source;
};

/* Which columns say which facts; of names, the column has the id. */
struct stretch_table {
    const char *table;
    struct {
        const char *column, *fact;
        size_t names; /* offset of the registration_names, or 0 */
        bool is_number, is_negative;
    } facts[STRETCH_FACTS];
};

static const struct stretch_table summary_table = {
    "DUDETAILSUMMARY",
    {{.column = "REGIONID", .fact = "region"},
     {.column = "STATIONID", .fact = "station", .names = offsetof(struct registration, stations)},
     {.column = "PARTICIPANTID",
      .fact = "owner",
      .names = offsetof(struct registration, participants)},
     [DISPATCH_TYPE] = {.column = "DISPATCHTYPE", .fact = "dispatch_type"},
     {.column = "SCHEDULE_TYPE", .fact = "schedule_type"},
     {.column = "TRANSMISSIONLOSSFACTOR", .fact = "mlf", .is_number = true},
     {.column = "DISTRIBUTIONLOSSFACTOR", .fact = "dlf", .is_number = true}}};

static const struct stretch_table detail_table = {
    "DUDETAIL",
    {{.column = "MAXCAPACITY", .fact = "capacity_mw", .is_number = true},
     {.column = "REGISTEREDCAPACITY", .fact = "registered_mw", .is_number = true},
     {.column = "MINCAPACITY", .fact = "load_mw", .is_number = true, .is_negative = true},
     {.column = "MAXSTORAGECAPACITY", .fact = "storage_mwh", .is_number = true}}};

/* -- fields -------------------------------------------------------------------------------------
 */

static str field(const struct mms_row *row, const char *name) {
    int column = mms_column(row->table, str_from(name));
    return column == NO_COLUMN ? (str){0} : mms_field(row, column);
}

static err *wrong(const struct mms_row *row, const char *column, const char *expected) {
    str text = field(row, column);
    return err_new(ERR_INPUT, "line %llu: %s is '%.*s', not %s", (unsigned long long)row->line,
                   column, (int)(text.len < 60 ? text.len : 60), text.at, expected);
}

static err *read_id(struct arena *a, const struct mms_row *row, const char *column, str *out) {
    enum { LONGEST = 64 };
    str text = field(row, column);
    if (text.len == 0 || text.len > LONGEST)
        return wrong(row, column, "an id");
    *out = (str){str_dup(a, text), text.len};
    return NULL;
}

/* The day on which a date-time begins to hold; 2999 is none. */
static err *read_day(const struct mms_row *row, const char *column, aest_day *out) {
    aest_us t;
    aest_day never;
    aest_day_from_date(2900, 1, 1, &never);
    if (!aest_parse_mms(field(row, column), &t) || t < 0)
        return wrong(row, column, "a date");
    *out = t / AEST_DAY >= never ? (aest_day)FACT_OPEN : (aest_day)(t / AEST_DAY);
    return NULL;
}

static err *read_number(const struct mms_row *row, const char *column, double *out) {
    str text = field(row, column);
    *out = (double)NAN;
    return text.len == 0 || str_to_double(text, out) ? NULL : wrong(row, column, "a number");
}

static err *read_version(const struct mms_row *row, uint64_t *out) {
    return str_to_u64(field(row, "VERSIONNO"), out) ? NULL : wrong(row, "VERSIONNO", "a number");
}

/* -- rows ---------------------------------------------------------------------------------------
 */

static str number_text(struct arena *a, double number) {
    return str_from(arena_printf(a, "%.10g", number));
}

static err *read_values(struct registration *r, const struct mms_row *row,
                        const struct stretch_table *t, struct stretch *s) {
    for (int i = 0; i < STRETCH_FACTS && t->facts[i].column; i++) {
        const char *column = t->facts[i].column;
        str text = field(row, column);
        double number;
        if (!t->facts[i].is_number) {
            s->values[i] = mms_unquote(&r->memory, (str){str_dup(&r->memory, text), text.len});
            continue;
        }
        TRY(read_number(row, column, &number));
        /* a limit of consumption is a negative limit of output; 0 says that there is none */
        if (t->facts[i].is_negative)
            number = number != 0 ? fabs(number) : (double)NAN;
        if (!isnan(number))
            s->values[i] = number_text(&r->memory, number);
    }
    return NULL;
}

static err *take_summary(struct registration *r, const struct mms_row *row, aest_us published) {
    struct stretch s = {0};
    aest_us changed = 0;
    TRY(read_id(&r->memory, row, "DUID", &s.duid));
    TRY(read_day(row, "START_DATE", &s.from));
    TRY(read_day(row, "END_DATE", &s.to));
    TRY(read_values(r, row, &summary_table, &s));
    if (aest_parse_mms(field(row, "LASTCHANGED"), &changed) && changed > 0)
        s.version = (uint64_t)changed;
    /* dispatched not as a load but against one: in no sum */
    if (str_starts_nocase(field(row, "DISPATCHSUBTYPE"), STR("WDR")))
        s.values[DISPATCH_TYPE] = STR("DEMAND RESPONSE");
    r->summaries_at = published;
    buf_add(&r->summaries, &s, sizeof s);
    return NULL;
}

static err *take_detail(struct registration *r, const struct mms_row *row, aest_us published) {
    struct stretch s = {.to = FACT_OPEN};
    TRY(read_id(&r->memory, row, "DUID", &s.duid));
    TRY(read_day(row, "EFFECTIVEDATE", &s.from));
    TRY(read_version(row, &s.version));
    TRY(read_values(r, row, &detail_table, &s));
    r->details_at = published;
    buf_add(&r->details, &s, sizeof s);
    return NULL;
}

static err *take_allocation(struct registration *r, const struct mms_row *row, aest_us published) {
    struct allocation s = {0};
    (void)published;
    TRY(read_id(&r->memory, row, "DUID", &s.duid));
    TRY(read_id(&r->memory, row, "GENSETID", &s.genset));
    TRY(read_day(row, "EFFECTIVEDATE", &s.from));
    TRY(read_version(row, &s.version));
    buf_add(&r->allocations, &s, sizeof s);
    return NULL;
}

static err *take_genset(struct registration *r, const struct mms_row *row, aest_us published) {
    struct genset g = {0};
    double registered = 0;
    str id = {0}, source = field(row, "CO2E_ENERGY_SOURCE");
    TRY(read_id(&r->memory, row, "GENSETID", &id));
    TRY(read_number(row, "MAXCAPACITY", &g.capacity));
    TRY(read_number(row, "REGISTEREDCAPACITY", &registered));
    TRY(read_number(row, "CO2E_EMISSIONS_FACTOR", &g.factor));
    if (!(g.capacity > 0))
        g.capacity = registered > 0 ? registered : 0;
    g.energy_source = (str){str_dup(&r->memory, source), source.len};
    r->gensets_at = published;
    if (intern_find(&r->gensets, id) != INTERN_NONE)
        return NULL;
    intern_add(&r->gensets, id);
    buf_add(&r->genset_facts, &g, sizeof g);
    return NULL;
}

static err *take_name(struct registration *r, const struct mms_row *row, const char *id_column,
                      const char *name_column, struct registration_names *n) {
    str id = {0}, name = str_trim(mms_unquote(&r->memory, field(row, name_column)));
    TRY(read_id(&r->memory, row, id_column, &id));
    if (name.len == 0 || intern_find(&n->ids, id) != INTERN_NONE)
        return NULL;
    name.at = str_dup(&r->memory, name);
    intern_add(&n->ids, id);
    buf_add(&n->names, &name, sizeof name);
    return NULL;
}

static err *take_station(struct registration *r, const struct mms_row *row, aest_us published) {
    (void)published;
    return take_name(r, row, "STATIONID", "STATIONNAME", &r->stations);
}

static err *take_participant(struct registration *r, const struct mms_row *row, aest_us published) {
    (void)published;
    return take_name(r, row, "PARTICIPANTID", "NAME", &r->participants);
}

err *registration_row(void *registration, const struct mms_row *row, aest_us published) {
    static err *(*const take[REGISTRATION_TABLES])(struct registration *, const struct mms_row *,
                                                   aest_us) = {
        take_summary, take_detail, take_allocation, take_genset, take_station, take_participant};
    for (int i = 0; i < REGISTRATION_TABLES; i++)
        if (str_eq_nocase(row->table->subtable, str_from(registration_tables[i])))
            return take[i](registration, row, published);
    return NULL;
}

void registration_free(struct registration *r) {
    struct buf *const lists[] = {&r->stations.names, &r->participants.names, &r->summaries,
                                 &r->details,        &r->allocations,        &r->genset_facts};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        buf_free(lists[i]);
    intern_free(&r->stations.ids);
    intern_free(&r->participants.ids);
    intern_free(&r->gensets);
    arena_free(&r->memory);
}

/* -- facts --------------------------------------------------------------------------------------
 */

/* By unit and day; of one day the row that counts comes first. */
static int by_day(const void *x, const void *y) {
    const struct stretch *a = x, *b = y;
    int order = str_compare(a->duid, b->duid);
    if (!order)
        order = (a->from > b->from) - (a->from < b->from);
    return order ? order : (a->version < b->version) - (a->version > b->version);
}

/* Sorts the rows, leaves one of each unit and day, and ends each where the next begins. */
static size_t settle(struct buf *rows, struct stretch **out) {
    struct stretch *s = *out = (struct stretch *)(void *)rows->at;
    size_t count = rows->len / sizeof *s, kept = 0;
    if (count)
        qsort(s, count, sizeof *s, by_day);
    for (size_t i = 0; i < count; i++) {
        struct stretch *last = kept ? &s[kept - 1] : NULL;
        bool same = last && str_eq(last->duid, s[i].duid);
        if ((same && last->from == s[i].from) || s[i].to <= s[i].from)
            continue;
        if (same && last->to > s[i].from)
            last->to = s[i].from;
        s[kept++] = s[i];
    }
    rows->len = kept * sizeof *s;
    return kept;
}

static str name_of(const struct registration *r, size_t offset, str id) {
    const struct registration_names *n = (const void *)((const char *)r + offset);
    int64_t number = offset ? intern_find(&n->ids, id) : INTERN_NONE;
    return number == INTERN_NONE ? id : ((const str *)(const void *)n->names.at)[number];
}

/* The facts of one column; days in a row that agree are one fact. */
static void put_column(const struct registration *r, const struct stretch_table *t, int column,
                       const struct stretch *s, size_t count, struct fact f, struct records *out) {
    f.name = str_from(t->facts[column].fact);
    for (size_t i = 0; i < count; i++) {
        str value = name_of(r, t->facts[column].names, s[i].values[column]);
        if (f.duid.len && str_eq(f.duid, s[i].duid) && f.to == s[i].from &&
            str_eq(f.value, value)) {
            f.to = s[i].to;
            continue;
        }
        if (f.duid.len && f.value.len)
            fact_put(out, &f);
        f.duid = s[i].duid, f.value = value;
        f.from = s[i].from, f.to = s[i].to;
    }
    if (f.duid.len && f.value.len)
        fact_put(out, &f);
}

static void put_stretches(const struct registration *r, const struct stretch_table *t,
                          struct buf *rows, struct fact f, struct records *out) {
    struct stretch *s;
    size_t count = settle(rows, &s);
    for (int c = 0; c < STRETCH_FACTS && t->facts[c].column; c++)
        put_column(r, t, c, s, count, f, out);
}

/* By unit, its newest allocation first. */
static int newest_first(const void *x, const void *y) {
    const struct allocation *a = x, *b = y;
    int order = str_compare(a->duid, b->duid);
    if (!order)
        order = (a->from < b->from) - (a->from > b->from);
    return order ? order : (a->version < b->version) - (a->version > b->version);
}

/* What the sets of one unit come to. */
struct blend {
    double weight, emissions; /* of the sets that have a factor */
    double largest;
    str energy_source;
};

static void add_genset(const struct registration *r, str id, struct blend *b) {
    int64_t number = intern_find(&r->gensets, id);
    if (number == INTERN_NONE)
        return;
    const struct genset *g = (const struct genset *)(const void *)r->genset_facts.at + number;
    double weight = g->capacity > 0 ? g->capacity : 1e-6; /* one without counts only by itself */
    if (!isnan(g->factor)) {
        b->weight += weight;
        b->emissions += weight * g->factor;
    }
    if (g->energy_source.len && weight > b->largest) {
        b->largest = weight;
        b->energy_source = g->energy_source;
    }
}

static void put_blend(struct registration *r, const struct blend *b, struct fact f,
                      struct records *out) {
    if (b->energy_source.len) {
        f.name = STR("energy_source"), f.value = b->energy_source;
        fact_put(out, &f);
    }
    if (b->weight > 0) {
        f.name = STR("co2e_factor"), f.value = number_text(&r->memory, b->emissions / b->weight);
        fact_put(out, &f);
    }
}

/* The units that the rows of a table are of. */
static void add_units(const struct buf *rows, struct intern *units) {
    const struct stretch *s = (const struct stretch *)(const void *)rows->at;
    for (size_t i = 0; i < rows->len / sizeof *s; i++)
        intern_add(units, s[i].duid);
}

/* Units of which DUALLOC says nothing, as none of before October 2020 does, are taken for a set of
 * their own name. */
static void put_single_gensets(struct registration *r, const struct intern *units,
                               const struct intern *allocated, struct fact f, struct records *out) {
    for (uint32_t i = 0; i < units->count; i++) {
        struct blend blend = {0};
        f.duid = units->texts[i];
        if (intern_find(allocated, f.duid) != INTERN_NONE)
            continue;
        add_genset(r, f.duid, &blend);
        put_blend(r, &blend, f, out);
    }
}

static void put_gensets(struct registration *r, struct fact f, struct records *out) {
    struct allocation *s = (struct allocation *)(void *)r->allocations.at;
    size_t count = r->allocations.len / sizeof *s;
    struct intern units = {0}, allocated = {0};
    f.from = FACT_ALWAYS, f.to = FACT_OPEN;
    add_units(&r->summaries, &units);
    add_units(&r->details, &units);
    if (count)
        qsort(s, count, sizeof *s, newest_first);
    for (size_t i = 0, first; i < count;) {
        struct blend blend = {0};
        f.duid = s[i].duid;
        for (first = i; i < count && str_eq(s[i].duid, f.duid); i++)
            if (s[i].from == s[first].from && s[i].version == s[first].version)
                add_genset(r, s[i].genset, &blend);
        intern_add(&allocated, f.duid);
        if (intern_find(&units, f.duid) != INTERN_NONE)
            put_blend(r, &blend, f, out);
    }
    put_single_gensets(r, &units, &allocated, f, out);
    intern_free(&units);
    intern_free(&allocated);
}

void registration_facts(struct registration *r, const char *month, struct records *out) {
    struct fact f = {.source = FACT_MMSDM};
    f.lastchanged = r->summaries_at;
    f.origin = str_from(arena_printf(&r->memory, "MMSDM DUDETAILSUMMARY %s", month));
    put_stretches(r, &summary_table, &r->summaries, f, out);
    f.lastchanged = r->details_at;
    f.origin = str_from(arena_printf(&r->memory, "MMSDM DUDETAIL %s", month));
    put_stretches(r, &detail_table, &r->details, f, out);
    f.lastchanged = r->gensets_at;
    f.origin = str_from(arena_printf(&r->memory, "MMSDM GENUNITS %s", month));
    put_gensets(r, f, out);
}
