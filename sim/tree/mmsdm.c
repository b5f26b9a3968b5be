#include "sim/tree/mmsdm.h"

#include <stdio.h>

#include "mms/zip_write.h"
#include "sim/model/noise.h"
#include "sim/model/streams.h"
#include "sim/tables/predispatch.h"
#include "sim/tables/table.h"
#include "sim/tree/fileid.h"

enum { MMSDM_STREAM = SIM_STREAMS_MMSDM };
enum { JULY_2009 = 12 * 2009 + 6, AUGUST_2024 = 12 * 2024 + 7, LAST_WHOLE = 12 * 2014 + 11 };

struct mmsdm_table {
    const char *name;
    const struct sim_table *table;
    bool last_run;     /* of each time forecast, what the last run before it says; */
    bool all_runs_too; /* what every run says is in the other folder */
    bool trading_days; /* the month begins at 04:00 */
    int first, last;   /* months; 0: as long as the table has a header */
    int dvd_parts;     /* files that it takes, until July 2024, */
    int parts;         /* and since [parts_from], or else September; 0: one */
    int parts_from;
    const char *dvd_end; /* of the name until July 2024, */
    const char *group;   /* and in its first line */
    uint64_t bytes;      /* of the zips of a month, about */
};

#define MONTH(year, month) (12 * (year) + (month)-1)
static const struct mmsdm_table tables[] = {
    {"DEMANDOPERATIONALACTUAL", &sim_operational_demand_actual, .bytes = 48611},
    {"DEMANDOPERATIONALFORECAST", &sim_operational_demand_forecast, .last_run = true,
     .bytes = 120193},
    {"DISPATCH_INTERCONNECTION", &sim_dispatch_interconnection, .bytes = 871671},
    {"DISPATCH_LOCAL_PRICE", &sim_dispatch_local_price, .bytes = 1620440},
    {"DISPATCH_UNIT_SCADA", &sim_dispatch_unit_scada, .parts = 2, .bytes = 24000000},
    {"DISPATCHCASESOLUTION", &sim_dispatch_case_solution, .bytes = 154032},
    {"DISPATCHCONSTRAINT", &sim_dispatch_constraint, .parts = 3, .bytes = 160478208},
    {"DISPATCHINTERCONNECTORRES", &sim_dispatch_interconnectorres, .bytes = 1870611},
    {"DISPATCHLOAD", &sim_dispatch_unit_solution, .parts = 4, .trading_days = true,
     .bytes = 107657403},
    {"DISPATCHPRICE", &sim_dispatch_price, .bytes = 2297410},
    {"DISPATCHREGIONSUM", &sim_dispatch_regionsum, .bytes = 5845889},
    {"DUALLOC", &sim_dualloc, .first = MONTH(2020, 10), .bytes = 24687},
    {"DUDETAIL", &sim_dudetail, .bytes = 71753},
    {"DUDETAILSUMMARY", &sim_dudetailsummary, .bytes = 206500},
    {"GENUNITS", &sim_genunits, .bytes = 14266},
    {"INTERCONNECTOR", &sim_interconnector, .bytes = 621},
    {"MARKET_PRICE_THRESHOLDS", &sim_market_price_thresholds, .bytes = 870},
    {"MARKETNOTICEDATA", &sim_marketnoticedata, .last = MONTH(2024, 7), .bytes = 44888},
    {"MARKETNOTICETYPE", &sim_marketnoticetype, .bytes = 1635},
    {"P5MIN_CASESOLUTION", &sim_p5min_casesolution, .bytes = 193463},
    {"P5MIN_CONSTRAINTSOLUTION", &sim_p5min_constraintsolution, .dvd_parts = 4, .parts = 3,
     .parts_from = AUGUST_2024, .bytes = 1065211020},
    {"P5MIN_INTERCONNECTORSOLN", &sim_p5min_interconnectorsoln, .bytes = 15080659},
    {"P5MIN_LOCAL_PRICE", &sim_p5min_local_price, .bytes = 22133286},
    {"P5MIN_REGIONSOLUTION", &sim_p5min_regionsolution, .bytes = 49890182},
    {"PARTICIPANT", &sim_participant, .bytes = 25367},
    {"PREDISPATCH_LOCAL_PRICE", &sim_predispatch_local_price, .last_run = true,
     .all_runs_too = true, .bytes = 390801},
    {"PREDISPATCHCASESOLUTION", &sim_predispatch_case_solution, .last_run = true,
     .all_runs_too = true, .bytes = 33500},
    {"PREDISPATCHCONSTRAINT", &sim_predispatch_constraint_solution, .last_run = true,
     .all_runs_too = true, .dvd_end = "_D", .bytes = 24030318},
    {"PREDISPATCHINTERCONNECTORRES", &sim_predispatch_interconnector_soln, .last_run = true,
     .all_runs_too = true, .dvd_end = "_D", .bytes = 325448},
    {"PREDISPATCHPRICE", &sim_predispatch_region_prices, .last_run = true, .all_runs_too = true,
     .dvd_end = "_D", .bytes = 108553},
    {"PREDISPATCHREGIONSUM", &sim_predispatch_region_solution, .last_run = true,
     .all_runs_too = true, .dvd_end = "_D", .bytes = 928685},
    {"ROOFTOP_PV_ACTUAL", &sim_rooftop_actual_all, .first = MONTH(2016, 8), .group = "DEMAND",
     .bytes = 190372},
    {"ROOFTOP_PV_FORECAST", &sim_rooftop_forecast, .first = MONTH(2016, 8), .group = "DEMAND",
     .bytes = 33083687},
    {"STATION", &sim_station, .bytes = 20878},
    {"STATIONOWNER", &sim_stationowner, .bytes = 28660},
    {"TRADINGINTERCONNECT", &sim_trading_interconnectorres, .bytes = 762990},
    {"TRADINGPRICE", &sim_trading_price, .bytes = 789941},
    {"TRADINGREGIONSUM", &sim_trading_regionsum, .bytes = 900000},
};
enum { TABLES = sizeof tables / sizeof *tables };
/* Tables whose zips take more are packed in haste: most of the time to make one goes there. */
enum { LARGE = 20000000 };

const char *const sim_mmsdm_folder_name[SIM_MMSDM_FOLDERS] = {"DATA", "PREDISP_ALL_DATA"};

/* A file of a month. */
struct month_file {
    const struct mmsdm_table *table;
    enum sim_mmsdm_folder folder;
    int month, part, parts; /* parts are counted from 0 */
    aest_us created;
};

aest_us sim_month_begin(int month) {
    aest_day day = 0;
    aest_day_from_date(month / 12, month % 12 + 1, 1, &day);
    return day * AEST_DAY;
}

static double draw(const struct sim_tree *t, int month) {
    struct noise n = {sim_market_seed(t->market), (uint64_t)MMSDM_STREAM << 40};
    return noise_uniform(n, month);
}

/* The first file's time, on the 6th to the 9th of the next month. */
static aest_us month_made(const struct sim_tree *t, int month) {
    double chance = draw(t, month);
    aest_us day = 5 + (aest_us)(chance * 4);
    return sim_month_begin(month + 1) + day * AEST_DAY +
           (aest_us)(chance * 1000) % 20 * 30 * AEST_MINUTE;
}

static aest_us created(const struct sim_tree *t, int month, int number) {
    return month_made(t, month) + number * 4 * AEST_MINUTE + number * 7 % 13 * AEST_SECOND;
}

aest_us sim_mmsdm_published(const struct sim_tree *t, int month) {
    return created(t, month, TABLES);
}

int sim_mmsdm_first(const struct sim_tree *t) {
    int month = JULY_2009;
    while (month_made(t, month) < t->start)
        month++;
    return month;
}

int sim_mmsdm_last(const struct sim_tree *t, aest_us now) {
    int year, m, date;
    aest_date((aest_day)(now / AEST_DAY), &year, &m, &date);
    int month = sim_month(year, m) - 1;
    return month_made(t, month) <= now ? month : month - 1;
}

/* -- a month's files -------------------------------------------------------------------------- */

typedef void visit_file(void *context, const struct month_file *f);

static int parts_of(const struct mmsdm_table *table, int month) {
    int since = table->parts_from ? table->parts_from : AUGUST_2024 + 1;
    int parts = month < AUGUST_2024 ? table->dvd_parts : month >= since ? table->parts : 0;
    return parts ? parts : 1;
}

static bool has_month(const struct mmsdm_table *table, int month, aest_us made) {
    return month >= table->first && (!table->last || month <= table->last) &&
           sim_schema_at(table->table->report, table->table->subtable, SIM_MMSDM, made);
}

static void each_file(const struct sim_tree *t, int month, enum sim_mmsdm_folder folder,
                      visit_file *visit, void *context) {
    for (int i = 0; i < TABLES; i++) {
        struct month_file f = {.table = &tables[i], .folder = folder, .month = month};
        f.created = created(t, month, i);
        f.parts = parts_of(f.table, month);
        if ((folder == SIM_MMSDM_ALL_RUNS && !f.table->all_runs_too) ||
            !has_month(f.table, month, f.created))
            continue;
        for (; f.part < f.parts; f.part++)
            visit(context, &f);
    }
}

/* Of the zip, or of its member. A '#' is written as [hash]. */
static void file_name(const struct month_file *f, const char *hash, const char *extension,
                      char name[SIM_ENTRY_NAME]) {
    int year = f->month / 12, month = f->month % 12 + 1;
    bool all = f->folder == SIM_MMSDM_ALL_RUNS;
    char part[12] = "";
    if (f->month < AUGUST_2024) {
        if (f->parts > 1)
            snprintf(part, sizeof part, "%d", f->part + 1);
        snprintf(name, SIM_ENTRY_NAME, "PUBLIC_DVD_%s%s%s_%04d%02d010000%s", f->table->name, part,
                 f->table->dvd_end && !all ? f->table->dvd_end : "", year, month, extension);
        return;
    }
    snprintf(name, SIM_ENTRY_NAME, "PUBLIC_ARCHIVE%s%s%s%s%sFILE%02d%s%04d%02d010000%s", hash,
             f->table->name, hash, all ? "ALL" : "", all ? hash : "", f->part + 1, hash, year,
             month, extension);
}

/* Since May 2026 the server's own names hold what the '#' is encoded to in addresses. */
static const char *hash_at(aest_us now) {
    return now < sim_month_begin(MONTH(2026, 5)) ? "#" : "%23";
}

/* -- their bytes ------------------------------------------------------------------------------ */

static aest_us part_begin(const struct month_file *f, int part) {
    aest_us begin = sim_month_begin(f->month), end = sim_month_begin(f->month + 1);
    aest_us days = (end - begin) / AEST_DAY * part / f->parts;
    return begin + days * AEST_DAY + (f->table->trading_days ? 4 * 60 * AEST_MINUTE : 0);
}

static bool is_header(str line) {
    return str_starts(line, STR("I,"));
}

static int column_named(str header, str name) {
    int n = 0;
    for (; header.len; n++)
        if (str_eq(str_cut(&header, ','), name))
            return n;
    return -1;
}

static str field(str line, int n) {
    while (n--)
        str_cut(&line, ',');
    return str_cut(&line, ',');
}

/* Adds of a run's rows those of its first interval, which ends at [run]. Their first columns are
 * keys, none of which holds a comma. */
static void add_first_interval(struct sim_file *f, str rows, aest_us run, bool *header_written) {
    char text[AEST_TEXT];
    int column = -1;
    str first = str_from(aest_format_mms(run, text));
    while (rows.len) {
        str line = str_cut(&rows, '\n');
        if (is_header(line)) {
            column = column_named(line, STR("DATETIME"));
            column = column < 0 ? column_named(line, STR("INTERVAL_DATETIME")) : column;
            if (*header_written)
                continue;
            *header_written = true;
        } else if (column >= 0 && str_find(field(line, column), first) < 0) {
            continue;
        }
        buf_add_str(f->out, line);
        buf_add_char(f->out, '\n');
        f->lines++;
    }
}

static void add_last_runs(struct sim_file *f, const struct sim_table *table, aest_us from,
                          aest_us to) {
    const aest_us step = 30 * AEST_MINUTE;
    struct buf rows = {0};
    struct sim_file one = *f;
    bool header_written = false;
    one.out = &rows;
    for (aest_us run = (from / step + 1) * step; run <= to; run += step) {
        rows.len = 0;
        sim_file_table(&one, table, run - step, run);
        add_first_interval(f, buf_str(&rows), run, &header_written);
    }
    buf_free(&rows);
}

/* Since August 2024 ids are Unix times in milliseconds, and the first line's end lacks its CR. */
static void begin_archive(struct sim_file *f, const char *title) {
    char at[AEST_TEXT];
    int64_t milliseconds = aest_to_unix(f->published) * 1000 + f->published / 7 % 1000;
    unsigned long long id = (unsigned long long)milliseconds;
    aest_format_mms(f->published, at);
    at[10] = ',';
    buf_printf(f->out, "C,SETP.WORLD,%s,AEMO,PUBLIC,%s,%015llu,MONTHLY_ARCHIVE,%015llu\n", title,
               at, id, id);
    f->lines++;
}

static void write_csv(const struct sim_tree *t, const struct month_file *m, struct buf *csv) {
    char title[80];
    bool archive = m->month >= AUGUST_2024;
    struct sim_file f = {
        .market = t->market, .edition = SIM_MMSDM, .published = m->created, .out = csv};
    aest_us from = part_begin(m, m->part), to = part_begin(m, m->part + 1);
    uint64_t group = sim_file_id(sim_market_seed(t->market), month_made(t, m->month));
    snprintf(title, sizeof title, "DVD_%s%s", m->table->name,
             m->table->dvd_end && !archive ? m->table->dvd_end : "");
    if (archive)
        begin_archive(&f, title);
    else
        sim_file_begin(&f, "SETP.WORLD", title, m->table->group ? m->table->group : "",
                       group + 9 + 2 * (uint64_t)(m->table - tables), group);
    if (m->table->last_run && m->folder == SIM_MMSDM_DATA)
        add_last_runs(&f, m->table->table, from, to);
    else
        sim_file_table(&f, m->table->table, from, to);
    sim_file_end(&f);
    if (archive)
        csv->len -= 2; /* nor has the footer a line end */
}

static void write_zip(const struct sim_tree *t, const struct month_file *m, struct buf *out) {
    char name[SIM_ENTRY_NAME];
    struct buf csv = {0};
    struct zip_write_options options = {.descriptors = m->month >= AUGUST_2024,
                                        .level = m->table->bytes < LARGE ? 6 : 1};
    file_name(m, "#", ".CSV", name);
    write_csv(t, m, &csv);
    struct zip_writer *w = zip_writer_begin(out, &options);
    zip_writer_add(w, str_from(name), buf_str(&csv), m->created);
    zip_writer_end(w);
    buf_free(&csv);
}

static uint64_t file_bytes(const struct month_file *m) {
    aest_us days = (sim_month_begin(m->month + 1) - sim_month_begin(m->month)) / AEST_DAY;
    uint64_t all = m->folder == SIM_MMSDM_ALL_RUNS ? 30 : 1;
    return m->table->bytes * all * (uint64_t)days / (31 * (uint64_t)m->parts);
}

/* -- folders ---------------------------------------------------------------------------------- */

struct listing {
    aest_us now;
    void (*entry)(void *context, const struct sim_entry *e);
    void *context;
};

static void list_file(void *context, const struct month_file *m) {
    struct listing *l = context;
    struct sim_entry e = {.size = file_bytes(m), .modified = m->created};
    if (m->created > l->now)
        return;
    file_name(m, hash_at(l->now), ".zip", e.name);
    l->entry(l->context, &e);
}

void sim_mmsdm_list(const struct sim_tree *t, int month, enum sim_mmsdm_folder folder, aest_us now,
                    void (*entry)(void *context, const struct sim_entry *e), void *context) {
    each_file(t, month, folder, list_file, &(struct listing){now, entry, context});
}

struct search {
    aest_us now;
    str name;
    struct month_file found;
};

/* As long as names held a '#', requests could encode it once more. */
static void look_for_file(void *context, const struct month_file *m) {
    struct search *s = context;
    char name[SIM_ENTRY_NAME], encoded[SIM_ENTRY_NAME];
    file_name(m, hash_at(s->now), ".zip", name);
    file_name(m, "%23", ".zip", encoded);
    if (m->created <= s->now &&
        (str_eq_nocase(s->name, str_from(name)) || str_eq_nocase(s->name, str_from(encoded))))
        s->found = *m;
}

bool sim_mmsdm_read(const struct sim_tree *t, int month, enum sim_mmsdm_folder folder, str name,
                    aest_us now, struct buf *out) {
    struct search s = {.now = now, .name = name};
    each_file(t, month, folder, look_for_file, &s);
    if (s.found.table)
        write_zip(t, &s.found, out);
    return s.found.table;
}

/* -- whole months ----------------------------------------------------------------------------- */

bool sim_mmsdm_whole(int month, aest_us now) {
    aest_day since = 0;
    aest_day_from_date(2025, 8, 23, &since);
    return month <= LAST_WHOLE && now >= since * AEST_DAY;
}

static void add_size(void *context, const struct month_file *m) {
    *(uint64_t *)context += file_bytes(m);
}

void sim_mmsdm_whole_entry(const struct sim_tree *t, int month, struct sim_entry *e) {
    *e = (struct sim_entry){.modified = sim_mmsdm_published(t, month)};
    snprintf(e->name, sizeof e->name, "MMSDM_%04d_%02d.zip", month / 12, month % 12 + 1);
    each_file(t, month, SIM_MMSDM_DATA, add_size, &e->size);
}

struct whole {
    const struct sim_tree *t;
    struct zip_writer *writer;
    const struct sim_flow *flow;
    struct buf *out;
};

static void add_to_whole(void *context, const struct month_file *m) {
    struct whole *w = context;
    char file[SIM_ENTRY_NAME], path[2 * SIM_ENTRY_NAME];
    struct buf bytes = {0};
    file_name(m, "#", ".zip", file);
    snprintf(path, sizeof path, "MMSDM_%04d_%02d/MMSDM_Historical_Data_SQLLoader/DATA/%s",
             m->month / 12, m->month % 12 + 1, file);
    write_zip(w->t, m, &bytes);
    zip_writer_add(w->writer, str_from(path), buf_str(&bytes), m->created);
    buf_free(&bytes);
    if (w->flow) {
        size_t moved = w->out->len;
        w->flow->take(w->flow->context, w->out);
        zip_writer_moved(w->writer, moved);
    }
}

void sim_mmsdm_whole_write(const struct sim_tree *t, int month, const struct sim_flow *flow,
                           struct buf *out) {
    struct zip_write_options options = {.level = ZIP_BLOCKS};
    struct whole w = {t, zip_writer_begin(out, &options), flow, out};
    each_file(t, month, SIM_MMSDM_DATA, add_to_whole, &w);
    zip_writer_end(w.writer);
}
