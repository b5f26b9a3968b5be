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
#include "sim/tables/known_constraint.h"
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

static void write_known(struct sim_file *f, const struct sim_known_constraint *k, aest_day date,
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
static void write_run(struct sim_file *f, const struct list *l,
                      const struct sim_known_constraint *known, int count, double snapshot,
                      struct constraint_row *row) {
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
    struct sim_known_constraint known[SIM_KNOWN_CONSTRAINTS];
    int count = sim_known_constraints(f->market, day, k, run, known);
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
