#include "collect/history.h"

#include <ctype.h>
#include <stdio.h>

#define D(id) DATASET_BIT(id)
#define PRICES (D(PRICES5) | D(FCAS5) | D(PRICESTATUS5))

const struct monthly monthly_tables[] = {
    {"DISPATCHPRICE", PRICES | D(PRICES30), .memory_mb = 40},
    {"DISPATCH_UNIT_SCADA", D(SCADA5) | D(SCADA30), .memory_mb = 80},
    {"DISPATCHREGIONSUM", D(REGIONS5), .memory_mb = 40},
    {"DISPATCHINTERCONNECTORRES", D(TRANSMISSION5) | D(TRANSMISSION30), .memory_mb = 40},
    {"TRADINGPRICE", D(PRICES5) | D(FCAS5) | D(PRICES30), .memory_mb = 40},
    {"ROOFTOP_PV_ACTUAL", D(ROOFTOP30), .memory_mb = 20},
    {"DEMANDOPERATIONALACTUAL", D(DEMAND30), .memory_mb = 20},
    {"DISPATCHLOAD", D(DISPATCH5), .memory_mb = 210},
    {"DISPATCHCONSTRAINT", D(CONSTRAINTS5), .memory_mb = 110},
    {"P5MIN_REGIONSOLUTION", D(P5MIN), .memory_mb = 60},
    {"ROOFTOP_PV_FORECAST", D(ROOFTOP_FORECAST), .memory_mb = 110},
    {"PREDISPATCHPRICE", D(PREDISPATCH), .all_runs = true, .memory_mb = 60},
    {"PREDISPATCHREGIONSUM", D(PREDISPATCH), .all_runs = true, .memory_mb = 60},
    {"MARKETNOTICEDATA", HISTORY_NOTICES, .notices = true, .memory_mb = 20},
};
const int monthly_table_count = sizeof monthly_tables / sizeof *monthly_tables;

const struct archived archived_feeds[] = {
    {"dispatchis", "DispatchIS_Reports", "PUBLIC_DISPATCHIS_",
     PRICES | D(PRICES30) | D(REGIONS5) | D(TRANSMISSION5) | D(TRANSMISSION30) | D(CONSTRAINTS5),
     .days = 1, .memory_mb = 30},
    {"dispatchscada", "Dispatch_SCADA", "PUBLIC_DISPATCHSCADA_", D(SCADA5) | D(SCADA30), .days = 1,
     .memory_mb = 30},
    {"tradingis", "TradingIS_Reports", "PUBLIC_TRADINGIS_", PRICES | D(PRICES30), .days = 7,
     .memory_mb = 30},
    {"rooftop", "ROOFTOP_PV/ACTUAL", "PUBLIC_ROOFTOP_PV_ACTUAL_", D(ROOFTOP30), .days = 8,
     .memory_mb = 30},
    {"demand30", "Operational_Demand/ACTUAL_HH", "PUBLIC_ACTUAL_OPERATIONAL_DEMAND_HH_",
     D(DEMAND30), .days = 8, .memory_mb = 30},
    {"dispatch5", "Next_Day_Dispatch", "PUBLIC_NEXT_DAY_DISPATCH_", D(DISPATCH5), .days = 32,
     .memory_mb = 210},
    {"rooftop_forecast", "ROOFTOP_PV/FORECAST", "PUBLIC_ROOFTOP_PV_FORECAST_", D(ROOFTOP_FORECAST),
     .days = 8, .memory_mb = 60},
    {"p5min", "P5_Reports", "PUBLIC_P5MIN_", D(P5MIN), .days = 1, .memory_mb = 60},
    {"predispatch", "PredispatchIS_Reports", "PUBLIC_PREDISPATCHIS_", D(PREDISPATCH), .days = 8,
     .memory_mb = 60},
};
const int archived_feed_count = sizeof archived_feeds / sizeof *archived_feeds;

#define ROOT "Data_Archive/Wholesale_Electricity/MMSDM"

const char *monthly_folder(struct arena *a, aest_day month, bool all_runs) {
    int year, m, day;
    aest_date(month, &year, &m, &day);
    return arena_printf(a, ROOT "/%04d/MMSDM_%04d_%02d/MMSDM_Historical_Data_SQLLoader/%s", year,
                        year, m, all_runs ? "PREDISP_ALL_DATA" : "DATA");
}

const char *monthly_whole_folder(struct arena *a, aest_day month) {
    int year, m, day;
    aest_date(month, &year, &m, &day);
    return arena_printf(a, ROOT "/%04d", year);
}

const char *monthly_whole_name(struct arena *a, aest_day month) {
    int year, m, day;
    aest_date(month, &year, &m, &day);
    return arena_printf(a, "MMSDM_%04d_%02d.zip", year, m);
}

const char *monthly_part_name(struct arena *a, str whole, const struct monthly *m) {
    return arena_printf(a, "%.*s/%s", STR_ARG(whole), m->table);
}

/* Takes [prefix] off the front of [s], in any case. */
static bool take(str *s, str prefix) {
    if (!str_starts_nocase(*s, prefix))
        return false;
    s->at += prefix.len;
    s->len -= prefix.len;
    return true;
}

const struct monthly *monthly_part_of(str name, aest_day *month) {
    uint64_t year, number;
    str rest = name;
    if (!take(&rest, STR("MMSDM_")) || !str_to_u64(str_cut(&rest, '_'), &year) ||
        !str_to_u64(str_cut(&rest, '.'), &number) || year > 2999 || number > 12 ||
        !aest_day_from_date((int)year, (int)number, 1, month) || !take(&rest, STR("zip/")))
        return NULL;
    for (int i = 0; i < monthly_table_count; i++)
        if (str_eq(rest, str_from(monthly_tables[i].table)))
            return &monthly_tables[i];
    return NULL;
}

static bool is_digits(str s, size_t from) {
    return s.len > from && isdigit((unsigned char)s.at[from]);
}

bool monthly_name_is(const struct monthly *m, str name) {
    str rest = name, table = str_from(m->table);
    if (!str_ends_nocase(name, STR(".zip")) && !str_ends_nocase(name, STR(".csv")))
        return false;
    if (take(&rest, STR("PUBLIC_DVD_")) && take(&rest, table)) {
        take(&rest, STR("_D")); /* all runs of pre-dispatch */
        for (int i = 0; i < 2 && rest.len && is_digits(rest, 0); i++)
            take(&rest, (str){rest.at, 1}); /* a part's number */
        return is_digits(rest, 1) && rest.at[0] == '_';
    }
    rest = name;
    if (!take(&rest, STR("PUBLIC_ARCHIVE#")) && !take(&rest, STR("PUBLIC_ARCHIVE%23")))
        return false;
    if (!take(&rest, table) || (!take(&rest, STR("#")) && !take(&rest, STR("%23"))))
        return false;
    return !m->all_runs || take(&rest, STR("ALL"));
}

bool archived_name_days(const struct archived *f, str name, aest_day *first, aest_day *last) {
    aest_us dates[2];
    int count = 0;
    if (!str_starts_nocase(name, str_from(f->prefix)))
        return false;
    for (size_t at = strlen(f->prefix); at < name.len && count < 2; at++) {
        size_t end = at;
        while (end < name.len && isdigit((unsigned char)name.at[end]))
            end++;
        if (end == at)
            continue;
        if (end - at == 8 && aest_parse_digits((str){name.at + at, 8}, &dates[count]))
            count++;
        at = end;
    }
    if (count == 0)
        return false;
    *first = (aest_day)(dates[0] / AEST_DAY);
    *last = count == 2 ? (aest_day)(dates[1] / AEST_DAY) : *first + f->days - 1;
    return true;
}
