/* The registry: regions, units, stations. */
#include <stdlib.h>

#include "api/chart.h"
#include "market/units.h"

static const struct parameter on = {
    "on",
    PARAMETER_INSTANT,
    .absent = "today",
    .summary = "the day whose facts are told",
};

static aest_day day_asked(const struct call *c) {
    const struct value *v = value_of(c, &on);
    return interval_day(interval_at_or_before(v->count ? v->instant : aest_now()) + 1);
}

/* The row of a unit that holds on [day]; one for each unit that is there on it. */
static bool holds(const struct unit *u, aest_day day) {
    return u->from <= day && day < u->to;
}

/* -- regions ------------------------------------------------------------------------------------
 */

static const struct answer_column region_columns[] = {
    {"region", CELL_TEXT, NULL},          {"name", CELL_TEXT, NULL},
    {"units", CELL_WHOLE, NULL},          {"capacity", CELL_NUMBER, "MW"},
    {"interconnectors", CELL_TEXT, NULL},
};

static str links_of(struct call *c, str region) {
    struct buf text = {0};
    for (int i = 0; i < INTERCONNECTORS; i++)
        if (str_eq(region, str_from(interconnectors[i].from)) ||
            str_eq(region, str_from(interconnectors[i].to)))
            buf_printf(&text, "%s%s", text.len ? " " : "", interconnectors[i].id);
    str copy = {str_dup(c->memory, buf_str(&text)), text.len};
    buf_free(&text);
    return copy;
}

static err *region_list(struct call *c) {
    static const char *const names[REGIONS] = {"New South Wales", "Queensland", "South Australia",
                                               "Tasmania", "Victoria"};
    const struct units *units = &c->api->units;
    aest_day day = day_asked(c);
    TRY(units_load(c->api->store, &c->api->units));
    ANSWER_COLUMNS(c, region_columns);
    for (int r = 0; r < REGIONS; r++) {
        size_t count = 0;
        double capacity = 0;
        for (size_t i = 0; i < units->count; i++) {
            const struct unit *u = &units->rows[i];
            if (!holds(u, day) || region_index(u->region) != r || unit_is_dummy(u->duid))
                continue;
            count++;
            if (!str_eq(u->dispatch_type, STR("LOAD")) && u->capacity_mw > 0)
                capacity += u->capacity_mw;
        }
        text_cell(c, regions[r]);
        text_cell(c, names[r]);
        whole_cell(c, count);
        number_cell(c, capacity);
        str_cell(c, links_of(c, str_from(regions[r])));
    }
    return NULL;
}

/* -- units --------------------------------------------------------------------------------------
 */

static const struct parameter history = {
    "history",
    PARAMETER_CHOICE,
    .choices = CHOICES("no", "yes"),
    .fallback = "no",
    .summary = "yes: all rows of a unit, each for the days on which it holds",
};

static const struct answer_column unit_columns[] = {
    {"duid", CELL_TEXT, NULL},
    {"valid_from", CELL_TIME, NULL},
    {"valid_to", CELL_TIME, NULL},
    {"station", CELL_TEXT, NULL},
    {"region", CELL_TEXT, NULL},
    {"owner", CELL_TEXT, NULL},
    {"dispatch_type", CELL_TEXT, NULL},
    {"schedule_type", CELL_TEXT, NULL},
    {"fuel", CELL_TEXT, NULL},
    {"technology", CELL_TEXT, NULL},
    {"capacity_mw", CELL_NUMBER, "MW"},
    {"registered_mw", CELL_NUMBER, "MW"},
    {"load_mw", CELL_NUMBER, "MW"},
    {"storage_mwh", CELL_NUMBER, "MWh"},
    {"mlf", CELL_NUMBER, NULL},
    {"dlf", CELL_NUMBER, NULL},
    {"co2e_factor", CELL_NUMBER, "t/MWh"},
    {"predecessor", CELL_TEXT, NULL},
    {"sources", CELL_TEXT, NULL},
};

static void unit_row(struct call *c, const struct unit *u) {
    const double numbers[] = {u->capacity_mw, u->registered_mw, u->load_mw,    u->storage_mwh,
                              u->mlf,         u->dlf,           u->co2e_factor};
    str_cell(c, u->duid);
    answer_cell(&c->answer, cell_time(interval_day_start(u->from)));
    answer_cell(&c->answer,
                u->to == INT32_MAX ? cell_none() : cell_time(interval_day_start(u->to)));
    str_cell(c, u->station);
    str_cell(c, u->region);
    str_cell(c, u->owner);
    str_cell(c, u->dispatch_type);
    str_cell(c, u->schedule_type);
    text_cell(c, fuel_names[u->fuel]);
    str_cell(c, u->technology);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        number_cell(c, numbers[i]);
    str_cell(c, u->predecessor);
    str_cell(c, u->sources);
}

static err *unit_list(struct call *c) {
    const struct units *units = &c->api->units;
    bool all = value_of(c, &history)->choice == 1;
    aest_day day = day_asked(c);
    TRY(units_load(c->api->store, &c->api->units));
    ANSWER_COLUMNS(c, unit_columns);
    for (size_t i = 0; i < units->count; i++)
        if ((all || holds(&units->rows[i], day)) && unit_wanted(c, &units->rows[i]))
            unit_row(c, &units->rows[i]);
    return NULL;
}

/* -- stations -----------------------------------------------------------------------------------
 */

static const struct answer_column station_columns[] = {
    {"station", CELL_TEXT, NULL},       {"region", CELL_TEXT, NULL},
    {"owner", CELL_TEXT, NULL},         {"fuel", CELL_TEXT, NULL},
    {"units", CELL_WHOLE, NULL},        {"duids", CELL_TEXT, NULL},
    {"capacity_mw", CELL_NUMBER, "MW"}, {"storage_mwh", CELL_NUMBER, "MWh"},
};

static int by_station(const void *a, const void *b) {
    const struct unit *x = *(const struct unit *const *)a, *y = *(const struct unit *const *)b;
    int order = str_compare(x->station, y->station);
    return order ? order : str_compare(x->duid, y->duid);
}

static double plus_known(double sum, double more) {
    return isnan(more) ? sum : isnan(sum) ? more : sum + more;
}

/* The units of one station are next to each other; its facts are those of its largest unit. */
static size_t station_row(struct call *c, struct unit **units, size_t count) {
    const struct unit *largest = units[0];
    double capacity = NAN, storage = NAN;
    struct buf duids = {0};
    size_t n = 0;
    for (; n < count && str_eq(units[n]->station, units[0]->station); n++) {
        const struct unit *u = units[n];
        buf_printf(&duids, "%s%.*s", n ? " " : "", STR_ARG(u->duid));
        if (!str_eq(u->dispatch_type, STR("LOAD")))
            capacity = plus_known(capacity, u->capacity_mw);
        storage = plus_known(storage, u->storage_mwh);
        if (u->capacity_mw > largest->capacity_mw)
            largest = u;
    }
    str_cell(c, largest->station);
    str_cell(c, largest->region);
    str_cell(c, largest->owner);
    text_cell(c, fuel_names[largest->fuel]);
    whole_cell(c, n);
    answer_cell(&c->answer, cell_text((str){str_dup(c->memory, buf_str(&duids)), duids.len}));
    number_cell(c, capacity);
    number_cell(c, storage);
    buf_free(&duids);
    return n;
}

static err *station_list(struct call *c) {
    const struct units *units = &c->api->units;
    aest_day day = day_asked(c);
    size_t count = 0;
    TRY(units_load(c->api->store, &c->api->units));
    struct unit **found = ARENA_ARRAY(c->memory, struct unit *, units->count);
    for (size_t i = 0; i < units->count; i++)
        if (holds(&units->rows[i], day) && units->rows[i].station.len &&
            unit_wanted(c, &units->rows[i]))
            found[count++] = &units->rows[i];
    if (count)
        qsort(found, count, sizeof *found, by_station);
    ANSWER_COLUMNS(c, station_columns);
    for (size_t i = 0; i < count;)
        i += station_row(c, found + i, count - i);
    return NULL;
}

const struct route routes_units[] = {
    {"/v1/regions", "The five regions", "Registry", ANSWER_TABLE, region_list, .of_grid = true,
     .parameters = {&on},
     .details =
         "Capacity is that of all registered units that generate, whether they report or not."},
    {"/v1/units", "The registry of units", "Registry", ANSWER_TABLE, unit_list, .of_grid = true,
     .parameters = {&parameter_region, &parameter_duid, &parameter_station, &on, &history},
     .details = "A row holds from valid_from and before valid_to, which is null while nothing else "
                "is known. sources is JSON: where each fact comes from."},
    {"/v1/stations", "Stations and their units", "Registry", ANSWER_TABLE, station_list,
     .of_grid = true, .parameters = {&parameter_region, &parameter_duid, &parameter_station, &on},
     .details = "Region, owner and fuel are those of the station's largest unit."},
    {0},
};
