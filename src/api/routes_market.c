/* What the operator does and says: ancillary services, administered prices, constraints, notices;
 * and where a value came from. */
#include <stdlib.h>

#include "api/chart.h"
#include "market/administered.h"
#include "market/readings.h"
#include "store/grid.h"

/* -- fcas ---------------------------------------------------------------------------------------
 */

static const struct parameter service = {
    "service",
    PARAMETER_CHOICES,
    .choices = CHOICES("raise1sec", "raise6sec", "raise60sec", "raise5min", "raisereg", "lower1sec",
                       "lower6sec", "lower60sec", "lower5min", "lowerreg"),
    .fallback = "raisereg,lowerreg",
    .summary = "ancillary services",
};

static err *fcas(struct call *c) {
    const struct value *services = value_of(c, &service);
    struct range range;
    struct chart chart;
    TRY(range_of(c, FCAS5, LONGEST_CHART_DAYS, &range));
    TRY(chart_begin(c, &range, 1, &chart));
    for (size_t k = 0; k < services->count; k++) {
        const char *name = service.choices[services->chosen[k]];
        struct span spans[REGIONS];
        TRY(regions_read(c->api->store, c->memory, FCAS5, arena_printf(c->memory, "%srrp", name),
                         chart.range, spans));
        for (int r = 0; r < REGIONS; r++)
            if (region_index_wanted(c, r))
                series_label(chart_add(c, &chart, str_from(regions[r]), "$/MW/h", &spans[r]),
                             "measure", str_from(name));
    }
    return NULL;
}

/* -- administered prices ------------------------------------------------------------------------
 */

static err *cumulative(struct call *c) {
    struct range range;
    struct chart chart;
    struct span spans[REGIONS];
    struct thresholds limits = {0};
    TRY(range_of(c, PRICESTATUS5, LONGEST_CHART_DAYS, &range));
    TRY(chart_begin(c, &range, 1, &chart));
    TRY(regions_read(c->api->store, c->memory, PRICESTATUS5, "cumul_pre_ap_energy_price",
                     chart.range, spans));
    TRY(thresholds_load(c->api->store, &limits));
    struct threshold now = *thresholds_at(&limits, range.to);
    thresholds_free(&limits);
    answer_note(&c->answer, "threshold", cell_number(now.cumulative));
    answer_note(&c->answer, "administered_price_cap", cell_number(now.administered_cap));
    answer_note(&c->answer, "market_price_cap", cell_number(now.cap));
    answer_note(&c->answer, "market_price_floor", cell_number(now.floor));
    for (int r = 0; r < REGIONS; r++)
        if (region_index_wanted(c, r))
            chart_add(c, &chart, str_from(regions[r]), "$/MWh", &spans[r]);
    return NULL;
}

static const struct answer_column status_columns[] = {
    {"region", CELL_TEXT, NULL},          {"time", CELL_TIME, NULL},
    {"rrp", CELL_NUMBER, "$/MWh"},        {"price_status", CELL_TEXT, NULL},
    {"apcflag", CELL_WHOLE, NULL},        {"administered", CELL_FLAG, NULL},
    {"at_limit", CELL_FLAG, NULL},        {"suspended", CELL_FLAG, NULL},
    {"cumulative", CELL_NUMBER, "$/MWh"}, {"summed", CELL_NUMBER, "$/MWh"},
    {"agrees", CELL_FLAG, NULL},          {"threshold", CELL_NUMBER, "$/MWh"},
    {"share", CELL_NUMBER, NULL},
};

/* What is read of prices' status, over the seven days up to its newest interval. */
struct status {
    struct span rrp[REGIONS], before_cap[REGIONS], published[REGIONS], word[REGIONS], flag[REGIONS],
        suspended[REGIONS];
};

static err *status_read(struct call *c, struct period p, struct status *out) {
    struct store *s = c->api->store;
    TRY(regions_read(s, c->memory, PRICES5, "rrp", p, out->rrp));
    TRY(regions_read(s, c->memory, PRICESTATUS5, "pre_ap_energy_price", p, out->before_cap));
    TRY(regions_read(s, c->memory, PRICESTATUS5, "cumul_pre_ap_energy_price", p, out->published));
    TRY(regions_read(s, c->memory, PRICESTATUS5, "price_status", p, out->word));
    TRY(regions_read(s, c->memory, PRICESTATUS5, "apcflag", p, out->flag));
    return regions_read(s, c->memory, PRICESTATUS5, "marketsuspendedflag", p, out->suspended);
}

static void status_row(struct call *c, const struct status *s, int r, interval at,
                       const struct thresholds *limits) {
    size_t length = s->before_cap[r].length;
    double *sums = ARENA_ARRAY(c->memory, double, length);
    cumulative_prices(&s->before_cap[r], sums);
    double published = span_at(&s->published[r], at), summed = length ? sums[length - 1] : NAN;
    double flag = span_at(&s->flag[r], at), suspended = span_at(&s->suspended[r], at);
    const char *word = grid_word(PRICESTATUS5, "price_status", span_at(&s->word[r], at));
    text_cell(c, regions[r]);
    answer_cell(&c->answer, cell_time(at));
    number_cell(c, span_at(&s->rrp[r], at));
    str_cell(c, str_from(word));
    answer_cell(&c->answer, isnan(flag) ? cell_none() : cell_whole((int64_t)flag));
    answer_cell(&c->answer,
                isnan(flag) ? cell_none() : cell_flag(price_is_administered((int)flag)));
    answer_cell(&c->answer, isnan(flag) ? cell_none() : cell_flag(price_is_at_limit((int)flag)));
    answer_cell(&c->answer, isnan(suspended) ? cell_none() : cell_flag(suspended > 0));
    number_cell(c, published);
    number_cell(c, summed);
    answer_cell(&c->answer, isnan(published) || isnan(summed)
                                ? cell_none()
                                : cell_flag(cumulative_price_agrees(summed, published)));
    number_cell(c, thresholds_at(limits, at)->cumulative);
    number_cell(c, cumulative_price_share(limits, at, published));
}

static err *status(struct call *c) {
    const struct store_index *x;
    struct status s;
    struct thresholds limits = {0};
    TRY(store_index(c->api->store, PRICESTATUS5, &x));
    ANSWER_COLUMNS(c, status_columns);
    if (!x->has_bounds)
        return NULL;
    struct period p = {x->last - CUMULATIVE_DAYS * INTERVALS_PER_DAY, x->last};
    TRY(status_read(c, p, &s));
    TRY(thresholds_load(c->api->store, &limits));
    for (int r = 0; r < REGIONS; r++)
        if (region_index_wanted(c, r))
            status_row(c, &s, r, p.to, &limits);
    thresholds_free(&limits);
    return NULL;
}

/* -- constraints --------------------------------------------------------------------------------
 */

static const struct parameter at = {
    "at",
    PARAMETER_INSTANT,
    .absent = "the newest",
    .summary = "the interval, by its end",
};

static const struct answer_column constraint_columns[] = {
    {"constraintid", CELL_TEXT, NULL},
    {"rhs", CELL_NUMBER, NULL},
    {"lhs", CELL_NUMBER, NULL},
    {"marginalvalue", CELL_NUMBER, NULL},
    {"violationdegree", CELL_NUMBER, NULL},
};

/* The interval that `at` names, or the dataset's newest; false where there is none. */
static err *interval_asked(struct call *c, enum dataset_id dataset, interval *out, bool *is_there) {
    const struct value *asked = value_of(c, &at);
    const struct store_index *x;
    TRY(store_index(c->api->store, dataset, &x));
    *is_there = x->has_bounds || asked->count;
    *out = asked->count ? interval_at_or_before(asked->instant) : x->last;
    c->answer.dataset = datasets[dataset].name;
    c->answer.has_latest = x->has_bounds;
    c->answer.latest = x->last;
    return NULL;
}

static err *constraints(struct call *c) {
    const struct frame *f = NULL;
    interval when;
    bool is_there;
    TRY(interval_asked(c, CONSTRAINTS5, &when, &is_there));
    ANSWER_COLUMNS(c, constraint_columns);
    if (is_there)
        TRY(store_frame(c->api->store, CONSTRAINTS5, interval_day(when), &f));
    answer_note(&c->answer, "time", is_there ? cell_time(when) : cell_none());
    int slot = f ? frame_slot(f, when) : -1;
    for (uint32_t k = 0; slot >= 0 && k < f->keys.count; k++) {
        if (!frame_has(f, k, slot))
            continue;
        str id = f->keys.texts[k];
        str_cell(c, (str){str_dup(c->memory, id), id.len});
        for (int i = 0; i < 4; i++) {
            int column = dataset_column(f->dataset, str_from(constraint_columns[i + 1].name));
            number_cell(c, cell_to_double(frame_cell(f, k, column, slot)));
        }
    }
    return NULL;
}

/* -- notices ------------------------------------------------------------------------------------
 */

static const struct parameter type = {
    "type",
    PARAMETER_NAME,
    .absent = "all",
    .summary = "the notice's type",
    .example = "RESERVE NOTICE",
};

static const struct answer_column notice_columns[] = {
    {"noticeid", CELL_WHOLE, NULL},   {"type", CELL_TEXT, NULL},
    {"description", CELL_TEXT, NULL}, {"created", CELL_TIME, NULL},
    {"issued", CELL_TIME, NULL},      {"external_reference", CELL_TEXT, NULL},
    {"reason", CELL_TEXT, NULL},
};

static int newest_first(const void *a, const void *b) {
    const struct record *x = *(struct record *const *)a, *y = *(struct record *const *)b;
    int64_t s = x->values[NOTICE_CREATED].integer, t = y->values[NOTICE_CREATED].integer;
    if (s != t)
        return s < t ? 1 : -1;
    return -record_compare(x, y, 1);
}

static struct cell time_of(const struct record_value *v) {
    return v->there ? cell_instant(v->integer) : cell_none();
}

static struct cell text_of(struct call *c, const struct record_value *v) {
    return v->there ? cell_text((str){str_dup(c->memory, v->text), v->text.len}) : cell_none();
}

static void notice_rows(struct call *c, const struct records *r) {
    const struct value *from = value_of(c, &parameter_from), *to = value_of(c, &parameter_to);
    const struct value *kind = value_of(c, &type);
    for (size_t i = 0; i < r->count; i++) {
        const struct record_value *v = r->rows[i]->values;
        int64_t created = v[NOTICE_CREATED].integer;
        if ((from->count && created <= from->instant) || (to->count && created > to->instant) ||
            (kind->count && !str_eq_nocase(kind->name, v[NOTICE_TYPE].text)))
            continue;
        answer_cell(&c->answer, cell_whole(v[NOTICE_ID].integer));
        answer_cell(&c->answer, text_of(c, &v[NOTICE_TYPE]));
        answer_cell(&c->answer, text_of(c, &v[NOTICE_DESCRIPTION]));
        answer_cell(&c->answer, time_of(&v[NOTICE_CREATED]));
        answer_cell(&c->answer, time_of(&v[NOTICE_ISSUED]));
        answer_cell(&c->answer, text_of(c, &v[NOTICE_REFERENCE]));
        answer_cell(&c->answer, text_of(c, &v[NOTICE_REASON]));
    }
}

static err *notices(struct call *c) {
    struct records r;
    err *e = records_read(c->api->store, NOTICES, &r);
    ANSWER_COLUMNS(c, notice_columns);
    if (!e && r.count) {
        qsort(r.rows, r.count, sizeof(struct record *), newest_first);
        notice_rows(c, &r);
    }
    records_free(&r);
    return e;
}

/* -- provenance ---------------------------------------------------------------------------------
 */

static const struct parameter dataset = {
    "dataset",
    PARAMETER_CHOICE,
    .choices = CHOICES("prices5", "prices30", "pricestatus5", "fcas5", "scada5", "scada30",
                       "dispatch5", "transmission5", "transmission30", "regions5", "constraints5",
                       "demand5", "demand30", "rooftop30", "rooftop_forecast", "p5min",
                       "predispatch"), /* in the order of enum dataset_id */
    .fallback = "prices5",
    .summary = "the dataset of the value",
};
static const struct parameter key = {
    "key",
    PARAMETER_NAME,
    .absent = "any",
    .summary = "the region, DUID, … of the value",
    .example = "NSW1",
};

static const struct answer_column provenance_columns[] = {
    {"feed", CELL_TEXT, NULL},
    {"file", CELL_TEXT, NULL},
    {"first", CELL_TIME, NULL},
    {"last", CELL_TIME, NULL},
};

/* Notes the version of the row that is stored. */
static err *note_version(struct call *c, enum dataset_id id, interval when) {
    const struct value *name = value_of(c, &key);
    const struct frame *f;
    TRY(store_frame(c->api->store, id, interval_day(when), &f));
    int slot = f ? frame_slot(f, when) : -1;
    aest_us newest = 0;
    for (uint32_t k = 0; slot >= 0 && k < f->keys.count; k++)
        if (frame_has(f, k, slot) && (!name->count || str_eq(name->name, f->keys.texts[k])) &&
            frame_lastchanged(f, k, slot) > newest)
            newest = frame_lastchanged(f, k, slot);
    answer_note(&c->answer, "lastchanged", newest ? cell_instant(newest) : cell_none());
    return NULL;
}

static err *provenance(struct call *c) {
    enum dataset_id id = (enum dataset_id)value_of(c, &dataset)->choice;
    struct ledger_holding *held = NULL;
    struct ledger *ledger;
    size_t count = 0;
    interval when;
    bool is_there;
    TRY(interval_asked(c, id, &when, &is_there));
    ANSWER_COLUMNS(c, provenance_columns);
    if (!is_there)
        return NULL;
    answer_note(&c->answer, "time", cell_time(when));
    TRY(note_version(c, id, when));
    TRY(store_ledger(c->api->store, &ledger));
    TRY(ledger_holdings(ledger, c->memory, datasets[id].name, when, when, &held, &count));
    for (size_t i = 0; i < count; i++) {
        text_cell(c, held[i].feed);
        text_cell(c, held[i].name);
        answer_cell(&c->answer, cell_time(held[i].first));
        answer_cell(&c->answer, cell_time(held[i].last));
    }
    return NULL;
}

const struct route routes_market[] = {
    {"/v1/fcas", "Prices of ancillary services", "Market", ANSWER_SERIES, fcas, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_resolution, &parameter_day, &parameter_region,
                    &service}},
    {"/v1/administered", "The cumulative price, and what it is held against", "Market",
     ANSWER_SERIES, cumulative, .of_grid = true,
     .parameters = {RANGE_PARAMETERS, &parameter_resolution, &parameter_day, &parameter_region},
     .details = "CUMUL_PRE_AP_ENERGY_PRICE; meta has the limits in force at the end of the range."},
    {"/v1/administered/status", "What kind of price the newest one is", "Market", ANSWER_TABLE,
     status, .of_grid = true, .parameters = {&parameter_region},
     .details = "summed is our own sum of seven days' prices before any cap, where all are stored; "
                "agrees says whether it is AEMO's. share is of the threshold."},
    {"/v1/constraints", "Binding constraints of an interval", "Market", ANSWER_TABLE, constraints,
     .of_grid = true, .on_worker = true, .parameters = {&at},
     .details = "Of the pricing run: those with a marginal value, or violated. meta.time is the "
                "interval."},
    {"/v1/notices", "Market notices, the newest first", "Market", ANSWER_TABLE, notices,
     .of_grid = true, .parameters = {RANGE_PARAMETERS, &type},
     .details = "from and to are of their creation; ids aren't in the order of time."},
    {"/v1/provenance", "The files that held a value", "Service", ANSWER_TABLE, provenance,
     .on_worker = true, .parameters = {&dataset, &at, &key},
     .details = "Every file that was read and has rows of the dataset around that interval; "
                "meta.lastchanged is the version of the row that stays."},
    {0},
};
