/* Constraints of dispatch.
 *
 * Some 800 constraints are in force at a time. What the market knows of them are the limits of the
 * interconnectors and the requirements of frequency control: those bind. All others are there for
 * size; their ids are made of the same parts as real ones, and they never bind.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/model/hash.h"
#include "sim/model/noise.h"
#include "sim/tables/rows.h"
#include "sim/tables/times.h"

/* Of its left to its right hand side. Snapshots keep a measurement, raised by 10,000, as their
 * right hand side, so that it lands in the archive. */
enum sense { AT_MOST, AT_LEAST, SNAPSHOT };

typedef const char *const *names; /* ends with NULL */
#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Ids are a prefix, one of [first] and, where there is a [second], one of it that differs. */
static const struct family {
    const char *prefix;
    enum sense sense;
    names first, second;
} families[] = {
    {"DATASNAP_DFS_", SNAPSHOT,
     NAMES("LS", "NCAN", "NCWEST", "NNTH", "NSYD", "QCEN", "QCIND", "QFNQ", "QNTH", "QROSS",
           "QSTHE", "QSTHW", "SADL", "SNTH", "SRIV", "SSE", "SWNSW", "TNTH", "TNWEST", "TWCST",
           "VIC_SG", "VMEL"),
     NULL},
    {"DSNAP_DFS_N_", SNAPSHOT,
     NAMES("ARTW", "AVMN", "BYCR", "BYSW", "CNYS", "DPTX", "LTMN", "MNKV", "SYWB", "TMWW"), NULL},
    {"DATASNAP_DFS_", SNAPSHOT, NAMES("Q", "T", "V"),
     NAMES("BCCP", "BCRG", "CLST", "CLWU", "LCCP", "RGLC", "TAMR", "SHGT", "PMHA", "BABE")},
    {"N>>NIL_", AT_MOST,
     NAMES("1", "3", "3L", "4", "5", "61", "6X", "7", "81", "82", "84", "86", "16", "18"),
     NAMES("1", "3", "3W", "4", "5", "61", "6Y", "7", "81", "82", "84", "86", "8", "18")},
    {"N>NIL_", AT_MOST,
     NAMES("94T", "967", "969", "96C", "977", "997/1", "999", "9R4", "9R5", "9R6"),
     NAMES("62", "6Y", "89", "87", "947", "976", "99A", "9R3", "9R5")},
    {"S>>NIL_", AT_MOST,
     NAMES("BRTW", "BRTX", "BWMP", "CNRB", "LKDV", "RBTU", "RBTX", "TBTU", "TUTB", "TWPA"),
     NAMES("BRTW", "MW4RB", "RBTU", "TBMO", "TPRS", "TWPA", "WEWT", "WTTP", "RBNW1")},
    {"V>>NIL_", AT_MOST,
     NAMES("ARWB", "BABE", "BEKG", "DDSM", "HYSE", "MSDD1", "RCWE", "SMTX", "WBBA", "WEKG"),
     NAMES("HOMRKM", "KGBE", "KMRC", "MSDD2", "RCWEKG", "SHBE", "BUBD", "HOBUCW", "BESH")},
    {"Q>>NIL_", AT_MOST, NAMES("BCCP", "BCRG", "CLWU", "CPWU", "LCCP", "WOSP"),
     NAMES("BCRG", "CLWU", "LCCP", "RGLC", "WOPW", "PWSP")},
    {"T>T_NIL_BL_", AT_MOST,
     NAMES("3A", "3B", "3C", "4A", "4B", "4C", "5A", "5B", "6A", "110", "220"),
     NAMES("2", "3", "4", "5")},
    {"V^^S_NIL_", AT_MOST, NAMES("MAXG", "TBSE"), NAMES("1", "2", "3")},
    {"Q^FNQ_8905_", AT_MOST, NAMES("-060", "-200", "-230"), NULL},
    {"N^^Q_NIL_", AT_MOST, NAMES("CPP_3", "CPP_4", "KPP_1", "MAXGEN", "MPP_1", "MPP_2", "TNPS1"),
     NULL},
    {"NRM_", AT_MOST, NAMES("NSW1_QLD1", "NSW1_VIC1", "QLD1_NSW1", "SA1_VIC1", "VIC1_NSW1"), NULL},
    {"F_I+", AT_LEAST, NAMES("GFT_TG", "TTS_TG", "NIL_MG", "BIP_ML", "NIL_APD_TL"),
     NAMES("R5", "R6", "R60", "L5", "L6", "L60")},
    {"F_MAIN+", AT_LEAST, NAMES("GFT_TG", "TTS_TG", "NIL_MG", "BIP_ML", "APD_TL"),
     NAMES("R5", "R6", "R60", "L5", "L6", "L60")},
    {"F_MAIN++", AT_LEAST, NAMES("GFT_TG", "TTS_TG", "NIL_MG", "BIP_ML", "APD_TL", "NIL_BL"),
     NAMES("R5", "R6", "R60", "L5", "L6", "L60")},
    {"F_T+", AT_LEAST,
     NAMES("NIL_BB_TG", "NIL_MG", "NIL_MG_RECL", "NIL_ML", "NIL_ML_RECL", "NIL_TL"),
     NAMES("R5", "R6", "R60", "L5", "L6", "L60")},
    {"F_T++", AT_LEAST,
     NAMES("NIL_BB_TG", "NIL_MG", "NIL_MG_RECL", "NIL_ML", "NIL_ML_RECL", "NIL_TL"),
     NAMES("R5", "R6", "R60", "L5", "L6", "L60")},
};
enum { FAMILIES = sizeof families / sizeof *families, CONSTRAINTS_MAX = 1024 };

/* What requires the services of the whole market; of a region alone, "F_T+" and so on. */
static const char *const requirement[SIM_SERVICES] = {
    [SIM_RAISE6SEC] = "NIL_MG_R6",     [SIM_RAISE60SEC] = "NIL_MG_R60",
    [SIM_RAISE5MIN] = "NIL_MG_R5",     [SIM_RAISEREG] = "RREG_0220",
    [SIM_LOWER6SEC] = "BIP_ML_L6",     [SIM_LOWER60SEC] = "NIL_APD_TL_L60",
    [SIM_LOWER5MIN] = "NIL_APD_TL_L5", [SIM_LOWERREG] = "LREG_0210",
    [SIM_RAISE1SEC] = "NIL_MG_R1",     [SIM_LOWER1SEC] = "BIP_ML_L1",
};

struct constraint {
    const char *id;
    enum sense sense;
    struct noise noise;
    double size; /* MW, of its right hand side */
    aest_us effectivedate;
    int64_t version;
};

/* Each constraint is formulated anew every few years. */
static struct constraint constraint(uint64_t seed, const char *id, enum sense sense,
                                    aest_day date) {
    struct constraint c = {id, sense, {seed, sim_hash(str_from(id))}, 0, 0, 0};
    int life = 400 + (int)(2000 * noise_uniform(c.noise, -1));
    aest_day age = (date + (int)(life * noise_uniform(c.noise, -2))) % life;
    c.size = 50 * exp(4 * noise_uniform(c.noise, -3));
    c.effectivedate = (date - age) * AEST_DAY;
    c.version = 1 + (noise_uniform(c.noise, date - age) > 0.9);
    return c;
}

/* Now and then a constraint is left out for three weeks. */
static bool in_force(const struct constraint *c, aest_day date) {
    enum { WEEKS = 3 };
    return noise_uniform(c->noise, -10 - (date + (aest_day)c->size) / (7 * WEEKS)) < 0.95;
}

struct list {
    struct arena arena;
    aest_day date;
    int count;
    struct constraint items[CONSTRAINTS_MAX];
};

static void add(struct list *l, uint64_t seed, const struct family *family, const char *first,
                const char *second) {
    const char *id = arena_printf(&l->arena, "%s%s%s%s", family->prefix, first, second ? "_" : "",
                                  second ? second : "");
    struct constraint c = constraint(seed, id, family->sense, l->date);
    if (l->count < CONSTRAINTS_MAX && in_force(&c, l->date))
        l->items[l->count++] = c;
}

static int by_id(const void *a, const void *b) {
    return strcmp(((const struct constraint *)a)->id, ((const struct constraint *)b)->id);
}

static void make_list(uint64_t seed, struct list *l) {
    for (int i = 0; i < FAMILIES; i++)
        for (names first = families[i].first; *first; first++) {
            if (!families[i].second)
                add(l, seed, &families[i], *first, NULL);
            for (names second = families[i].second; second && *second; second++)
                if (strcmp(*first, *second) != 0)
                    add(l, seed, &families[i], *first, *second);
        }
    qsort(l->items, (size_t)l->count, sizeof *l->items, by_id);
}

/* A constraint of which the market knows both sides. */
struct known {
    char id[40];
    double lhs, rhs, marginalvalue;
};
enum { KNOWN_MAX = 2 * SIM_LINKS + (SIM_REGIONS + 1) * SIM_SERVICES };

static int by_known_id(const void *a, const void *b) {
    return strcmp(((const struct known *)a)->id, ((const struct known *)b)->id);
}

static int add_known(struct known *k, int count, const char *prefix, const char *id, double lhs,
                     double rhs, double marginalvalue) {
    for (int i = 0; i < count; i++)
        if (strcmp(k[i].id, id) == 0)
            return count;
    k[count] = (struct known){.lhs = lhs, .rhs = rhs, .marginalvalue = marginalvalue};
    char *end = stpncpy(k[count].id, prefix, sizeof k->id - 1);
    stpncpy(end, id, sizeof k->id - 1 - strlen(prefix));
    return count + 1;
}

static int add_links(struct known *k, int count, const struct sim_link_run links[SIM_LINKS]) {
    for (int i = 0; i < SIM_LINKS; i++) {
        const struct sim_link_run *link = &links[i];
        enum sim_at_limit at = sim_link_at_limit(link);
        double value = -fabs(link->marginalvalue);
        count = add_known(k, count, "", link->exportgenconid, link->mwflow, link->exportlimit,
                          at == SIM_AT_EXPORT ? value : 0);
        count = add_known(k, count, "", link->importgenconid, -link->mwflow, -link->importlimit,
                          at == SIM_AT_IMPORT ? value : 0);
    }
    return count;
}

static int add_requirement(struct known *k, int count, const char *scope, int service, double mw,
                           double value) {
    return mw > 0 && value > 0 ? add_known(k, count, scope, requirement[service], mw, mw, value)
                               : count;
}

/* The requirement of the whole market sets the lowest price. The mainland's adds to it, and
 * Tasmania's; a region of the mainland that pays more has one of its own. */
static int add_fcas(struct known *k, int count, const struct sim_region_run regions[SIM_REGIONS],
                    const struct sim_fcas fcas[SIM_REGIONS]) {
    for (int s = 0; s < SIM_SERVICES; s++) {
        double all = 0, mainland = regions[SIM_NSW1].fcas_price[s];
        double tasmania = sim_mw_value(fcas[SIM_TAS1].enabled[s]);
        double lowest = fmin(mainland, regions[SIM_TAS1].fcas_price[s]);
        for (int r = 0; r < SIM_REGIONS; r++)
            all += sim_mw_value(fcas[r].enabled[s]);
        count = add_requirement(k, count, "F_I+", s, all, lowest);
        count = add_requirement(k, count, "F_MAIN+", s, all - tasmania, mainland - lowest);
        for (int r = 0; r < SIM_REGIONS; r++) {
            char scope[] = {'F', '_', sim_region_name[r][0], '+', 0};
            double others = r == SIM_TAS1 ? lowest : mainland;
            count = add_requirement(k, count, scope, s, sim_mw_value(fcas[r].enabled[s]),
                                    regions[r].fcas_price[s] - others);
        }
    }
    return count;
}

struct constraint_row {
    aest_us settlementdate, lastchanged, effectivedate;
    int64_t dispatchinterval, intervention, version;
    const char *constraintid;
    double rhs, marginalvalue, lhs;
};

#define IN(member) .offset = offsetof(struct constraint_row, member)
static const struct sim_cell constraint_cells[] = {
    {"SETTLEMENTDATE", SIM_CELL_TIME, IN(settlementdate)},
    {"RUNNO", SIM_CELL_LITERAL, .literal = "1"},
    {"CONSTRAINTID", SIM_CELL_TEXT, IN(constraintid)},
    {"DISPATCHINTERVAL", SIM_CELL_INTEGER, IN(dispatchinterval)},
    {"INTERVENTION", SIM_CELL_INTEGER, IN(intervention)},
    {"RHS", SIM_CELL_NUMBER, IN(rhs), .decimals = 5},
    {"MARGINALVALUE", SIM_CELL_NUMBER, IN(marginalvalue), .decimals = 5},
    {"VIOLATIONDEGREE", SIM_CELL_LITERAL, .literal = "0"},
    {"LASTCHANGED", SIM_CELL_TIME, IN(lastchanged)},
    {"GENCONID_EFFECTIVEDATE", SIM_CELL_TIME, IN(effectivedate)},
    {"GENCONID_VERSIONNO", SIM_CELL_INTEGER, IN(version)},
    {"LHS", SIM_CELL_NUMBER, IN(lhs), .decimals = 5},
    {0},
};

/* The sides of a constraint that doesn't bind, from one random number. */
static void set_sides(const struct constraint *c, double snapshot, struct constraint_row *row) {
    double u = noise_uniform(c->noise, row->settlementdate / AEST_MINUTE);
    double slack = c->size * (0.02 + u * 1024 - floor(u * 1024));
    row->rhs = c->size * (0.9 + 0.2 * u) + (c->sense == SNAPSHOT ? 10000 : 0);
    row->lhs = c->sense == SNAPSHOT  ? snapshot
               : c->sense == AT_MOST ? row->rhs - slack
                                     : row->rhs + slack;
}

static void name_row(const struct constraint *c, struct constraint_row *row) {
    row->constraintid = c->id;
    row->effectivedate = c->effectivedate;
    row->version = c->version;
}

static void write_known(struct sim_file *f, const struct known *k, aest_day date,
                        struct constraint_row *row) {
    struct constraint c = constraint(sim_market_seed(f->market), k->id, AT_MOST, date);
    name_row(&c, row);
    row->lhs = k->lhs;
    row->rhs = k->rhs;
    row->marginalvalue = k->marginalvalue;
    sim_file_row(f, row);
    row->marginalvalue = 0;
}

/* Both lists by id; a known constraint takes the place of one that is there for size. */
static void write_run(struct sim_file *f, const struct list *l, const struct known *known,
                      int count, double snapshot, struct constraint_row *row) {
    for (int i = 0, next = 0; i < l->count || next < count;) {
        int order = i == l->count ? 1 : next == count ? -1 : strcmp(l->items[i].id, known[next].id);
        if (order >= 0) {
            write_known(f, &known[next++], l->date, row);
            i += order == 0;
        } else {
            name_row(&l->items[i], row);
            set_sides(&l->items[i++], snapshot, row);
            sim_file_row(f, row);
        }
    }
}

static void constraint_interval(struct sim_file *f, const struct sim_day *day, int k, int run,
                                const struct list *l) {
    const struct sim_interval *now = &day->interval[k];
    struct sim_fcas fcas[SIM_REGIONS];
    struct known known[KNOWN_MAX];
    sim_fcas_regions(f->market, day, k, run, fcas);
    int count = add_links(known, 0, now->link_run[run]);
    count = add_fcas(known, count, now->region_run[run], fcas);
    qsort(known, (size_t)count, sizeof *known, by_known_id);
    struct constraint_row row = {.settlementdate = now->end,
                                 .lastchanged = sim_dispatch_time(f->market, now->end),
                                 .dispatchinterval = sim_dispatch_interval(day, k),
                                 .intervention = run};
    write_run(f, l, known, count, now->link_run[run][SIM_N_Q_MNSP1].mwflow, &row);
}

static void constraint_day(struct sim_file *f, const struct sim_day *day, int first, int last) {
    struct list *l = mem_zalloc(1, sizeof *l);
    l->date = day->date;
    make_list(sim_market_seed(f->market), l);
    for (int k = first; k < last; k++)
        for (int run = 0; run < day->interval[k].runs; run++)
            constraint_interval(f, day, k, run, l);
    arena_free(&l->arena);
    free(l);
}

static void constraint_rows(struct sim_file *f, aest_us from, aest_us to) {
    sim_each_day(f, from, to, constraint_day);
}

const struct sim_table sim_dispatch_constraint = {"DISPATCH", "CONSTRAINT", constraint_cells,
                                                  constraint_rows};
