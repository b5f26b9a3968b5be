#include "sim/program/truth.h"

#include <stdlib.h>

#include "sim/program/truth_rows.h"
#include "sim/tables/schema.h"

static const struct truth {
    const char *dataset, *columns;
    truth_writer *write;
    bool half_hourly;
} truths[] = {
    {"prices5", "settlementdate,regionid,rrp", truth_prices5, false},
    {"prices30", "settlementdate,regionid,rrp", truth_prices30, true},
    {"pricestatus5",
     "settlementdate,regionid,rop,pre_ap_energy_price,cumul_pre_ap_energy_price,apcflag,"
     "marketsuspendedflag,price_status,mii_status,ocd_status",
     truth_pricestatus5, false},
    {"fcas5",
     "settlementdate,regionid,raise1secrrp,raise6secrrp,raise60secrrp,raise5minrrp,raiseregrrp,"
     "lower1secrrp,lower6secrrp,lower60secrrp,lower5minrrp,lowerregrrp",
     truth_fcas5, false},
    {"scada5", "settlementdate,duid,scadavalue", truth_scada5, false},
    {"scada30", "settlementdate,duid,scadavalue", truth_scada30, true},
    {"dispatch5",
     "settlementdate,duid,initialmw,totalcleared,availability,uigf,semidispatchcap,energy_storage,"
     "raise1sec,raise6sec,raise60sec,raise5min,raisereg,lower1sec,lower6sec,lower60sec,lower5min,"
     "lowerreg",
     truth_dispatch5, false},
    {"transmission5",
     "settlementdate,interconnectorid,meteredmwflow,mwflow,mwlosses,exportlimit,importlimit,"
     "marginalvalue,exportgenconid,importgenconid",
     truth_transmission5, false},
    {"transmission30",
     "settlementdate,interconnectorid,meteredmwflow,mwflow,mwlosses,exportlimit,importlimit",
     truth_transmission30, true},
    {"regions5",
     "settlementdate,regionid,totaldemand,demand_and_nonschedgen,dispatchablegeneration,"
     "dispatchableload,totalintermittentgeneration,initialsupply,availablegeneration,"
     "netinterchange,uigf,semischedule_clearedmw,ss_solar_uigf,ss_wind_uigf,"
     "ss_solar_availability,ss_wind_availability,ss_solar_clearedmw,ss_wind_clearedmw,"
     "bdu_clearedmw_gen,bdu_clearedmw_load,bdu_initial_energy_storage,bdu_energy_storage,wdr_"
     "dispatched",
     truth_regions5, false},
    {"constraints5", "settlementdate,constraintid,rhs,lhs,marginalvalue,violationdegree",
     truth_constraints5, false},
    {"demand30", "settlementdate,regionid,demand,adjustment,wdr,demand_less_snsg", truth_demand30,
     true},
    {"rooftop30", "settlementdate,regionid,power,quality_indicator,type", truth_rooftop30, true},
    {"rooftop_forecast", "run_time,settlementdate,regionid,power", truth_rooftop_forecast, true},
    {"p5min", "run_time,settlementdate,regionid,rrp,totaldemand,solar,wind,netinterchange",
     truth_p5min, false},
    {"predispatch", "run_time,settlementdate,regionid,rrp,totaldemand,solar,wind,netinterchange",
     truth_predispatch, true},
};
enum { TRUTHS = sizeof truths / sizeof *truths };

/* -- a row ------------------------------------------------------------------------------------ */

static void print_time(FILE *out, aest_us time) {
    char text[AEST_TEXT];
    aest_format_iso(time, text);
    text[10] = ' ';
    fprintf(out, "%.19s", text);
}

void truth_begin(const struct truth_row *t, aest_us time) {
    print_time(t->out, time);
}

void truth_time(const struct truth_row *t, aest_us time) {
    fputc(',', t->out);
    print_time(t->out, time);
}

void truth_text(const struct truth_row *t, const char *text) {
    fprintf(t->out, ",%s", text);
}

void truth_number(const struct truth_row *t, double value) {
    if (isnan(value))
        fputc(',', t->out);
    else
        fprintf(t->out, ",%.17g", value + 0.0); /* files know no -0 */
}

void truth_end(const struct truth_row *t) {
    fputc('\n', t->out);
}

double truth_round(double value, int decimals) {
    double grid = pow(10, decimals);
    return isnan(value) ? value : (double)llround(value * grid) / grid;
}

static bool has_column(const struct sim_schema *s, const char *column) {
    str rest = s ? str_from(s->columns) : (str){0};
    while (rest.len)
        if (str_eq(str_cut(&rest, ','), str_from(column)))
            return true;
    return false;
}

double truth_if_published(const struct truth_source *s, const char *column, double value) {
    return has_column(sim_schema_at(s->report, s->subtable, SIM_REPORT, s->at), column)
               ? value
               : (double)NAN;
}

aest_us truth_dispatched(const struct truth_row *t) {
    return t->end - INTERVAL_MINUTES * AEST_MINUTE;
}

/* -- all rows --------------------------------------------------------------------------------- */

static int by_duid(const void *a, const void *b) {
    const struct truth_unit *x = a, *y = b;
    return strcmp(x->duid, y->duid);
}

static struct truth_unit *units_by_duid(const struct sim_day *day) {
    struct truth_unit *units = mem_zalloc((size_t)day->units, sizeof *units);
    for (int u = 0; u < day->units; u++)
        units[u] = (struct truth_unit){day->unit[u]->duid, u};
    qsort(units, (size_t)day->units, sizeof *units, by_duid);
    return units;
}

static void write_day(struct truth_row *row, const struct truth *t, aest_us from, aest_us to) {
    struct truth_unit *units = units_by_duid(row->day);
    row->by_duid = units;
    for (row->k = 0; row->k < INTERVALS_PER_DAY; row->k++) {
        row->end = truth_interval(row)->end;
        bool wanted = row->end > from && row->end <= to;
        if (wanted && (!t->half_hourly || row->end % SIM_HALF_HOUR == 0))
            t->write(row);
    }
    free(units);
}

static void write_all(struct sim_market *m, const struct truth *t, aest_us from, aest_us to,
                      FILE *out) {
    fprintf(out, "%s\n", t->columns);
    aest_day first = interval_trading_day(interval_at_or_before(from) + 1),
             last = interval_trading_day(interval_at_or_before(to));
    for (aest_day date = first; date <= last; date++) {
        const struct sim_day *day = sim_market_day(m, date);
        write_day(&(struct truth_row){.market = m, .out = out, .day = day}, t, from, to);
        sim_market_release(m, day);
    }
}

static err *no_such_dataset(str dataset) {
    struct buf names = {0};
    for (int i = 0; i < TRUTHS; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", truths[i].dataset);
    err *e =
        err_new(ERR_USAGE, "no dataset '%.*s'; there are %s", STR_ARG(dataset), buf_cstr(&names));
    buf_free(&names);
    return e;
}

err *sim_truth(struct sim_market *m, str dataset, aest_us from, aest_us to, FILE *out) {
    for (int i = 0; i < TRUTHS; i++)
        if (str_eq(dataset, str_from(truths[i].dataset))) {
            write_all(m, &truths[i], from, to, out);
            if (fflush(out) != 0 || ferror(out))
                return err_new(ERR_IO, "can't write the rows");
            return NULL;
        }
    return no_such_dataset(dataset);
}
