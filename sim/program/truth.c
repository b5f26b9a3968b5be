#include "sim/program/truth.h"

#include <math.h>

#include "sim/tables/halfhour.h"
#include "sim/tables/schema.h"

struct writer {
    struct sim_market *market;
    FILE *out;
    aest_us end; /* of the row at hand */
};

static void begin_row(const struct writer *w, const char *key) {
    char time[AEST_TEXT];
    aest_format_iso(w->end, time);
    time[10] = ' ';
    fprintf(w->out, "%.19s,%s", time, key);
}

static void add_number(const struct writer *w, double value) {
    if (isnan(value))
        fputc(',', w->out);
    else
        fprintf(w->out, ",%.17g", value);
}

static void add_text(const struct writer *w, const char *text) {
    fprintf(w->out, ",%s", text);
}

static void end_row(const struct writer *w) {
    fputc('\n', w->out);
}

/* Sums of rounded numbers stand on the same grid of 0.00001 again. */
static double round5(double value) {
    return (double)llround(value * 1e5) / 1e5;
}

/* Whether the reports of the row's time have a column. */
static bool published(const struct writer *w, const char *subtable, const char *column) {
    const struct sim_schema *s =
        sim_schema_at("DISPATCH", subtable, SIM_REPORT, w->end - INTERVAL_MINUTES * AEST_MINUTE);
    str rest = str_from(s->columns);
    while (rest.len)
        if (str_eq(str_cut(&rest, ','), str_from(column)))
            return true;
    return false;
}

static void write_prices(const struct writer *w, const struct sim_day *day, int k) {
    (void)day, (void)k;
    for (int r = 0; r < SIM_REGIONS; r++) {
        struct sim_price price;
        sim_market_price(w->market, w->end, (enum sim_region)r, &price);
        begin_row(w, sim_region_name[r]);
        add_number(w, price.rrp);
        end_row(w);
    }
}

static void write_fcas(const struct writer *w, const struct sim_day *day, int k) {
    bool one_second = published(w, "PRICE", "RAISE1SECRRP");
    for (int r = 0; r < SIM_REGIONS; r++) {
        begin_row(w, sim_region_name[r]);
        for (int s = 0; s < SIM_SERVICES; s++) {
            bool there = one_second || (s != SIM_RAISE1SEC && s != SIM_LOWER1SEC);
            add_number(w, there ? day->interval[k].region_run[0][r].fcas_price[s] : NAN);
        }
        end_row(w);
    }
}

static void write_scada(const struct writer *w, const struct sim_day *day, int k) {
    for (int u = 0; u < day->units; u++) {
        begin_row(w, day->unit[u]->duid);
        add_number(w, sim_mw_value(day->scada[k * day->units + u]));
        end_row(w);
    }
}

static void write_transmission(const struct writer *w, const struct sim_day *day, int k) {
    const struct sim_interval *now = &day->interval[k];
    for (int l = 0; l < SIM_LINKS; l++) {
        const struct sim_link_run *run = &now->link_run[now->runs - 1][l];
        begin_row(w, sim_links[l].id);
        add_number(w, now->meteredmwflow[l]);
        add_number(w, run->mwflow);
        add_number(w, run->mwlosses);
        add_number(w, run->exportlimit);
        add_number(w, run->importlimit);
        add_number(w, run->marginalvalue);
        add_text(w, run->exportgenconid);
        add_text(w, run->importgenconid);
        end_row(w);
    }
}

static bool has_bdu(const struct sim_day *day, int region) {
    for (int u = 0; u < day->units; u++)
        if (day->unit[u]->kind == SIM_BIDIRECTIONAL && (int)day->unit[u]->region == region)
            return true;
    return false;
}

static void write_regions(const struct writer *w, const struct sim_day *day, int k) {
    const struct sim_interval *now = &day->interval[k];
    bool by_fuel = published(w, "REGIONSUM", "SS_SOLAR_UIGF"),
         offered = published(w, "REGIONSUM", "SS_SOLAR_AVAILABILITY"),
         cleared = published(w, "REGIONSUM", "BDU_CLEAREDMW_GEN"),
         charge = published(w, "REGIONSUM", "BDU_ENERGY_STORAGE"),
         first_charge = published(w, "REGIONSUM", "BDU_INITIAL_ENERGY_STORAGE");
    for (int r = 0; r < SIM_REGIONS; r++) {
        const struct sim_region_run *run = &now->region_run[now->runs - 1][r];
        const struct sim_region_state *state = &now->region[r];
        bool bdu = has_bdu(day, r);
        begin_row(w, sim_region_name[r]);
        const double numbers[] = {
            run->totaldemand,
            round5(run->clearedsupply + state->nonscheduled),
            run->generation,
            run->load,
            state->nonscheduled,
            state->initialsupply,
            state->availablegeneration,
            run->netinterchange,
            round5(state->solar_uigf + state->wind_uigf),
            round5(run->solar + run->wind),
            by_fuel ? state->solar_uigf : NAN,
            by_fuel ? state->wind_uigf : NAN,
            offered ? state->solar_availability : NAN,
            offered ? state->wind_availability : NAN,
            by_fuel ? run->solar : NAN,
            by_fuel ? run->wind : NAN,
            cleared && bdu ? run->bdu_generation : NAN,
            cleared && bdu ? run->bdu_load : NAN,
            first_charge && bdu ? state->bdu_initial_storage : NAN,
            charge && bdu ? state->bdu_storage : NAN,
        };
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
            add_number(w, numbers[i]);
        end_row(w);
    }
}

/* The best of what is published of each half hour: the daily value, the measured one, what
 * satellites saw. */
static void write_rooftop(const struct writer *w, const struct sim_day *day, int k) {
    static const char *const types[SIM_ROOFTOP_SOURCES] = {"DAILY", "MEASUREMENT", "SATELLITE"};
    (void)day, (void)k;
    if (w->end % SIM_HALF_HOUR != 0)
        return;
    for (int area = 0; area < SIM_ROOFTOP_AREAS; area++)
        for (int source = 0; source < SIM_ROOFTOP_SOURCES && sim_rooftop_areas[area].part == 0;
             source++) {
            struct sim_rooftop_record record;
            if (!sim_rooftop_record(w->market, w->end, (enum sim_rooftop_source)source, area,
                                    &record) ||
                isnan(record.power))
                continue;
            begin_row(w, sim_rooftop_areas[area].id);
            add_number(w, record.power);
            add_number(w, record.qi);
            add_text(w, types[source]);
            end_row(w);
            break;
        }
}

static const struct truth {
    const char *dataset, *columns;
    void (*write)(const struct writer *w, const struct sim_day *day, int k);
} truths[] = {
    {"prices5", "regionid,rrp", write_prices},
    {"fcas5",
     "regionid,raise6secrrp,raise60secrrp,raise5minrrp,raiseregrrp,lower6secrrp,lower60secrrp,"
     "lower5minrrp,lowerregrrp,raise1secrrp,lower1secrrp",
     write_fcas},
    {"scada5", "duid,scadavalue", write_scada},
    {"transmission5",
     "interconnectorid,meteredmwflow,mwflow,mwlosses,exportlimit,importlimit,marginalvalue,"
     "exportgenconid,importgenconid",
     write_transmission},
    {"regions5",
     "regionid,totaldemand,demand_and_nonschedgen,dispatchablegeneration,dispatchableload,"
     "totalintermittentgeneration,initialsupply,availablegeneration,netinterchange,uigf,"
     "semischedule_clearedmw,ss_solar_uigf,ss_wind_uigf,ss_solar_availability,"
     "ss_wind_availability,ss_solar_clearedmw,ss_wind_clearedmw,bdu_clearedmw_gen,"
     "bdu_clearedmw_load,bdu_initial_energy_storage,bdu_energy_storage",
     write_regions},
    {"rooftop30", "regionid,power,quality_indicator,type", write_rooftop},
};
enum { TRUTHS = sizeof truths / sizeof *truths };

static err *no_such_dataset(str dataset) {
    char names[200] = "";
    for (int i = 0; i < TRUTHS; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? ", " : "",
                 truths[i].dataset);
    return err_new(ERR_USAGE, "no dataset '%.*s'; there are %s", STR_ARG(dataset), names);
}

static void write_all(struct writer *w, const struct truth *t, aest_us from, aest_us to) {
    fprintf(w->out, "settlementdate,%s\n", t->columns);
    aest_day first = interval_trading_day(interval_at_or_before(from) + 1),
             last = interval_trading_day(interval_at_or_before(to));
    for (aest_day date = first; date <= last; date++) {
        const struct sim_day *day = sim_market_day(w->market, date);
        for (int k = 0; k < INTERVALS_PER_DAY; k++) {
            w->end = day->interval[k].end;
            if (w->end > from && w->end <= to)
                t->write(w, day, k);
        }
        sim_market_release(w->market, day);
    }
}

err *sim_truth(struct sim_market *m, str dataset, aest_us from, aest_us to, FILE *out) {
    for (int i = 0; i < TRUTHS; i++)
        if (str_eq(dataset, str_from(truths[i].dataset))) {
            struct writer w = {.market = m, .out = out};
            write_all(&w, &truths[i], from, to);
            if (fflush(out) != 0 || ferror(out))
                return err_new(ERR_IO, "can't write the rows");
            return NULL;
        }
    return no_such_dataset(dataset);
}
