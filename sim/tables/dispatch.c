/* What a dispatch run finds of the whole market, its regions and its interconnectors. The real
 * files' order of rows: PRICE has the runs of a region together, the others have one run after the
 * other. */
#include <math.h>

#include "sim/model/noise.h"
#include "sim/model/streams.h"
#include "sim/tables/rows.h"
#include "sim/tables/times.h"

enum { STREAM = SIM_STREAMS_DISPATCH_TABLES };

struct case_row {
    aest_us settlementdate, lastchanged;
    int64_t intervention;
    double totalobjective;
    const char *switchrunbeststatus_int; /* set where there was an intervention */
};

static const struct sim_cell case_cells[] = {
    {"SETTLEMENTDATE", SIM_CELL_TIME, .offset = offsetof(struct case_row, settlementdate)},
    {"RUNNO", SIM_CELL_LITERAL, .literal = "1"},
    {"INTERVENTION", SIM_CELL_INTEGER, .offset = offsetof(struct case_row, intervention)},
    {"SOLUTIONSTATUS", SIM_CELL_LITERAL, .literal = "1"},
    {"NONPHYSICALLOSSES", SIM_CELL_LITERAL, .literal = "0"},
    {"TOTALOBJECTIVE", SIM_CELL_NUMBER, .offset = offsetof(struct case_row, totalobjective),
     .decimals = 4},
    {"TOTALAREAGENVIOLATION", SIM_CELL_LITERAL, .literal = "0"},
    {"TOTALINTERCONNECTORVIOLATION", SIM_CELL_LITERAL, .literal = "0"},
    {"TOTALGENERICVIOLATION", SIM_CELL_LITERAL, .literal = "0"},
    {"TOTALRAMPRATEVIOLATION", SIM_CELL_LITERAL, .literal = "0"},
    {"TOTALUNITMWCAPACITYVIOLATION", SIM_CELL_LITERAL, .literal = "0"},
    {"TOTALASPROFILEVIOLATION", SIM_CELL_LITERAL, .literal = "0"},
    {"TOTALFASTSTARTVIOLATION", SIM_CELL_LITERAL, .literal = "0"},
    {"TOTALENERGYOFFERVIOLATION", SIM_CELL_LITERAL, .literal = "0"},
    {"LASTCHANGED", SIM_CELL_TIME, .offset = offsetof(struct case_row, lastchanged)},
    {"SWITCHRUNINITIALSTATUS", SIM_CELL_LITERAL, .literal = "1"},
    {"SWITCHRUNBESTSTATUS", SIM_CELL_LITERAL, .literal = "1"},
    {"SWITCHRUNBESTSTATUS_INT", SIM_CELL_TEXT,
     .offset = offsetof(struct case_row, switchrunbeststatus_int)},
    {0},
};

static void case_day(struct sim_file *f, const struct sim_day *day, int first, int last) {
    for (int k = first; k < last; k++) {
        const struct sim_interval *now = &day->interval[k];
        struct noise n = {sim_market_seed(f->market), STREAM};
        bool intervened = now->runs > 1;
        struct case_row row = {now->end, sim_dispatch_time(f->market, now->end), intervened,
                               1e8 * (1 + 0.4 * noise_normal(n, now->end / AEST_MINUTE)),
                               intervened ? "1" : NULL};
        sim_file_row(f, &row);
    }
}

static void case_rows(struct sim_file *f, aest_us from, aest_us to) {
    sim_each_day(f, from, to, case_day);
}

const struct sim_table sim_dispatch_case_solution = {"DISPATCH", "CASE_SOLUTION", case_cells,
                                                     case_rows};

static void regionsum_day(struct sim_file *f, const struct sim_day *day, int first, int last) {
    struct sim_fcas fcas[SIM_REGIONS];
    for (int k = first; k < last; k++)
        for (int run = 0; run < day->interval[k].runs; run++) {
            sim_fcas_regions(f->market, day, k, run, fcas);
            for (int region = 0; region < SIM_REGIONS; region++) {
                struct sim_region_row row = sim_region_row(f, day, k, run, region);
                sim_region_sum(day, k, run, region, &fcas[region], &row);
                sim_file_row(f, &row);
            }
        }
}

static void regionsum_rows(struct sim_file *f, aest_us from, aest_us to) {
    sim_each_day(f, from, to, regionsum_day);
}

const struct sim_table sim_dispatch_regionsum = {"DISPATCH", "REGIONSUM", sim_region_cells,
                                                 regionsum_rows};

static void interconnectorres_day(struct sim_file *f, const struct sim_day *day, int first,
                                  int last) {
    for (int k = first; k < last; k++)
        for (int run = 0; run < day->interval[k].runs; run++)
            for (int link = 0; link < SIM_LINKS; link++) {
                struct sim_link_row row = sim_link_row(f, day, k, run, link);
                sim_file_row(f, &row);
            }
}

static void interconnectorres_rows(struct sim_file *f, aest_us from, aest_us to) {
    sim_each_day(f, from, to, interconnectorres_day);
}

const struct sim_table sim_dispatch_interconnectorres = {"DISPATCH", "INTERCONNECTORRES",
                                                         sim_link_cells, interconnectorres_rows};

/* All interconnectors between two regions. [main] is the one that gives the loss factor. */
static const struct border {
    enum sim_region from, to;
    enum sim_link main;
} borders[] = {
    {SIM_NSW1, SIM_QLD1, SIM_NSW1_QLD1},
    {SIM_VIC1, SIM_NSW1, SIM_VIC1_NSW1},
    {SIM_VIC1, SIM_SA1, SIM_V_SA},
};
enum { BORDERS = sizeof borders / sizeof *borders };

struct border_row {
    aest_us settlementdate, lastchanged;
    int64_t dispatchinterval, intervention;
    const char *from_regionid, *to_regionid;
    double irlf, mwflow, meteredmwflow, from_losses, to_losses;
};

static const struct sim_cell border_cells[] = {
    {"SETTLEMENTDATE", SIM_CELL_TIME, .offset = offsetof(struct border_row, settlementdate)},
    {"RUNNO", SIM_CELL_LITERAL, .literal = "1"},
    {"INTERVENTION", SIM_CELL_INTEGER, .offset = offsetof(struct border_row, intervention)},
    {"FROM_REGIONID", SIM_CELL_TEXT, .offset = offsetof(struct border_row, from_regionid)},
    {"TO_REGIONID", SIM_CELL_TEXT, .offset = offsetof(struct border_row, to_regionid)},
    {"DISPATCHINTERVAL", SIM_CELL_INTEGER, .offset = offsetof(struct border_row, dispatchinterval)},
    {"IRLF", SIM_CELL_NUMBER, .offset = offsetof(struct border_row, irlf), .decimals = 9},
    {"MWFLOW", SIM_CELL_NUMBER, .offset = offsetof(struct border_row, mwflow), .decimals = 6},
    {"METEREDMWFLOW", SIM_CELL_NUMBER, .offset = offsetof(struct border_row, meteredmwflow),
     .decimals = 6},
    {"FROM_REGION_MW_LOSSES", SIM_CELL_NUMBER, .offset = offsetof(struct border_row, from_losses),
     .decimals = 6},
    {"TO_REGION_MW_LOSSES", SIM_CELL_NUMBER, .offset = offsetof(struct border_row, to_losses),
     .decimals = 6},
    {"LASTCHANGED", SIM_CELL_TIME, .offset = offsetof(struct border_row, lastchanged)},
    {0},
};

static struct border_row border_row(const struct sim_file *f, const struct sim_day *day, int k,
                                    int run, const struct border *border) {
    const struct sim_interval *now = &day->interval[k];
    struct border_row row = {
        .settlementdate = now->end,
        .lastchanged = sim_dispatch_time(f->market, now->end),
        .dispatchinterval = sim_dispatch_interval(day, k),
        .intervention = run,
        .from_regionid = sim_region_name[border->from],
        .to_regionid = sim_region_name[border->to],
        .irlf = now->link_run[run][border->main].marginalloss,
    };
    for (int link = 0; link < SIM_LINKS; link++) {
        const struct sim_link_run *found = &now->link_run[run][link];
        if (sim_links[link].from != border->from || sim_links[link].to != border->to)
            continue;
        row.mwflow += found->mwflow;
        row.meteredmwflow += now->meteredmwflow[link];
        row.from_losses += sim_links[link].from_losses * found->mwlosses;
        row.to_losses += (1 - sim_links[link].from_losses) * found->mwlosses;
    }
    return row;
}

static void interconnection_day(struct sim_file *f, const struct sim_day *day, int first,
                                int last) {
    for (int k = first; k < last; k++)
        for (int run = 0; run < day->interval[k].runs; run++)
            for (int i = 0; i < BORDERS; i++) {
                struct border_row row = border_row(f, day, k, run, &borders[i]);
                sim_file_row(f, &row);
            }
}

static void interconnection_rows(struct sim_file *f, aest_us from, aest_us to) {
    sim_each_day(f, from, to, interconnection_day);
}

const struct sim_table sim_dispatch_interconnection = {"DISPATCH", "INTERCONNECTION", border_cells,
                                                       interconnection_rows};
