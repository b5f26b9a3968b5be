/* Stations, who owns them, participants, and the interconnectors. */
#include "sim/tables/registry.h"
#include "sim/tables/table.h"

struct party_row {
    const char *stationid, *stationname, *state, *participantid, *name;
    aest_us effective, lastchanged;
};

#define TEXT(column, member)                                                                       \
    { column, SIM_CELL_TEXT, offsetof(struct party_row, member), 0, NULL }

static const struct sim_cell party_cells[] = {
    TEXT("STATIONID", stationid),
    TEXT("STATIONNAME", stationname),
    TEXT("STATE", state),
    TEXT("PARTICIPANTID", participantid),
    {"PARTICIPANTCLASSID", SIM_CELL_LITERAL, 0, 0, "MARKET PARTICIPANT"},
    TEXT("NAME", name),
    {"EFFECTIVEDATE", SIM_CELL_TIME, offsetof(struct party_row, effective), 0, NULL},
    {"VERSIONNO", SIM_CELL_LITERAL, 0, 0, "1"},
    {"LASTCHANGED", SIM_CELL_TIME, offsetof(struct party_row, lastchanged), 0, NULL},
    {0},
};

static const char *const state[SIM_REGIONS] = {"NSW", "QLD", "SA", "TAS", "VIC"};

static aest_us entered(int first) {
    return sim_date_to_aest(first) - 20 * AEST_DAY + 11 * 60 * AEST_MINUTE;
}

static void station_rows(struct sim_file *f, aest_us from, aest_us to) {
    (void)from;
    struct arena memory = {0};
    struct sim_registry r;
    sim_registry_make(&memory, &r);
    for (int i = 0; i < r.stations; i++) {
        const struct sim_party *s = &r.station[i];
        struct party_row row = {.stationid = s->id,
                                .stationname = s->name,
                                .state = state[s->region],
                                .lastchanged = entered(s->first)};
        if (sim_date_to_aest(s->first) <= to)
            sim_file_row(f, &row);
    }
    arena_free(&memory);
}

static void participant_rows(struct sim_file *f, aest_us from, aest_us to) {
    (void)from;
    struct arena memory = {0};
    struct sim_registry r;
    sim_registry_make(&memory, &r);
    for (int i = 0; i < r.participants; i++) {
        const struct sim_party *p = &r.participant[i];
        struct party_row row = {
            .participantid = p->id, .name = p->name, .lastchanged = entered(p->first)};
        if (sim_date_to_aest(p->first) <= to)
            sim_file_row(f, &row);
    }
    arena_free(&memory);
}

/* Whether an earlier unit of the fleet, registered by the same date or before, says the same. */
static bool is_said(const struct sim_registry *r, int unit) {
    for (int u = 0; u < sim_fleet_size; u++)
        if (r->station_of[u] == r->station_of[unit] &&
            r->participant_of[u] == r->participant_of[unit] &&
            (sim_fleet[u].first < sim_fleet[unit].first ||
             (sim_fleet[u].first == sim_fleet[unit].first && u < unit)))
            return true;
    return false;
}

static void owner_rows(struct sim_file *f, aest_us from, aest_us to) {
    (void)from;
    struct arena memory = {0};
    struct sim_registry r;
    sim_registry_make(&memory, &r);
    for (int u = 0; u < sim_fleet_size; u++) {
        aest_us first = sim_date_to_aest(sim_fleet[u].first);
        if (first > to || is_said(&r, u))
            continue;
        struct party_row row = {.stationid = r.station[r.station_of[u]].id,
                                .participantid = r.participant[r.participant_of[u]].id,
                                .effective = first,
                                .lastchanged = entered(sim_fleet[u].first)};
        sim_file_row(f, &row);
    }
    arena_free(&memory);
}

struct link_row {
    const char *id, *from, *to, *description;
    aest_us lastchanged;
};

static const struct sim_cell link_cells[] = {
    {"INTERCONNECTORID", SIM_CELL_TEXT, offsetof(struct link_row, id), 0, NULL},
    {"REGIONFROM", SIM_CELL_TEXT, offsetof(struct link_row, from), 0, NULL},
    {"REGIONTO", SIM_CELL_TEXT, offsetof(struct link_row, to), 0, NULL},
    {"DESCRIPTION", SIM_CELL_TEXT, offsetof(struct link_row, description), 0, NULL},
    {"LASTCHANGED", SIM_CELL_TIME, offsetof(struct link_row, lastchanged), 0, NULL},
    {0},
};

static void link_rows(struct sim_file *f, aest_us from, aest_us to) {
    static const char *const description[SIM_LINKS] = {
        [SIM_N_Q_MNSP1] = "NSW to QLD, Terranora", [SIM_NSW1_QLD1] = "NSW to QLD, QNI",
        [SIM_T_V_MNSP1] = "TAS to VIC, Basslink",  [SIM_V_S_MNSP1] = "VIC to SA, Murraylink",
        [SIM_V_SA] = "VIC to SA, Heywood",         [SIM_VIC1_NSW1] = "VIC to NSW",
    };
    (void)from;
    (void)to;
    for (int l = 0; l < SIM_LINKS; l++) {
        struct link_row row = {sim_links[l].id, sim_region_name[sim_links[l].from],
                               sim_region_name[sim_links[l].to], description[l],
                               sim_date_to_aest(20080701) + 9 * 60 * AEST_MINUTE};
        sim_file_row(f, &row);
    }
}

const struct sim_table sim_station = {"PARTICIPANT_REGISTRATION", "STATION", party_cells,
                                      station_rows};
const struct sim_table sim_stationowner = {"PARTICIPANT_REGISTRATION", "STATIONOWNER", party_cells,
                                           owner_rows};
const struct sim_table sim_participant = {"PARTICIPANT_REGISTRATION", "PARTICIPANT", party_cells,
                                          participant_rows};
const struct sim_table sim_interconnector = {"MARKET_CONFIG", "INTERCONNECTOR", link_cells,
                                             link_rows};
