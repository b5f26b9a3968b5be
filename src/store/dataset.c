#include "store/dataset.h"

#include <stdio.h>

#define REQUIRED(column)                                                                           \
    { column, COLUMN_DOUBLE, true }
#define NUMBER(column)                                                                             \
    { column, COLUMN_DOUBLE, false }
#define INTEGER(column)                                                                            \
    { column, COLUMN_INTEGER, false }
#define TEXT(column)                                                                               \
    { column, COLUMN_TEXT, false }

/* A price of the trading table is the dispatch price to two decimals: it counts where dispatch has
 * none. */
#define PRICE_RANKS .rank_column = "source", .ranks = {"TRADING", "DISPATCH"}

// clang-format off
const struct dataset datasets[DATASETS] = {
    [PRICES5] = {
        "prices5", "regionid", 1, {REQUIRED("rrp"), TEXT("source")},
        PRICE_RANKS, .stale_minutes = 15},
    [PRICES30] = {
        "prices30", "regionid", 6, {REQUIRED("rrp")}, .mean_of = "prices5",
        .mean_since = 20211001 /* five-minute settlement; half hours were traded before */, .stale_minutes = 50},
    [PRICESTATUS5] = {
        "pricestatus5", "regionid", 1,
        {NUMBER("rop"), NUMBER("pre_ap_energy_price"), NUMBER("cumul_pre_ap_energy_price"),
         INTEGER("apcflag"), INTEGER("marketsuspendedflag"), TEXT("price_status"),
         TEXT("mii_status"), TEXT("ocd_status"), TEXT("source")},
        PRICE_RANKS, .stale_minutes = 15},
    [FCAS5] = {
        "fcas5", "regionid", 1,
        {NUMBER("raise1secrrp"), REQUIRED("raise6secrrp"), REQUIRED("raise60secrrp"),
         REQUIRED("raise5minrrp"), REQUIRED("raiseregrrp"), NUMBER("lower1secrrp"),
         REQUIRED("lower6secrrp"), REQUIRED("lower60secrrp"), REQUIRED("lower5minrrp"),
         REQUIRED("lowerregrrp"), TEXT("source")},
        PRICE_RANKS, .stale_minutes = 15},
    [SCADA5] = {
        "scada5", "duid", 1, {REQUIRED("scadavalue")}, .stale_minutes = 15},
    [SCADA30] = {
        "scada30", "duid", 6, {REQUIRED("scadavalue")}, .mean_of = "scada5", .stale_minutes = 50},
    [DISPATCH5] = {
        "dispatch5", "duid", 1,
        {REQUIRED("initialmw"), REQUIRED("totalcleared"), REQUIRED("availability"), NUMBER("uigf"),
         NUMBER("semidispatchcap"), NUMBER("energy_storage"), NUMBER("raise1sec"),
         NUMBER("raise6sec"), NUMBER("raise60sec"), NUMBER("raise5min"), NUMBER("raisereg"),
         NUMBER("lower1sec"), NUMBER("lower6sec"), NUMBER("lower60sec"), NUMBER("lower5min"),
         NUMBER("lowerreg")},
        .stale_minutes = 36 * 60},
    [TRANSMISSION5] = {
        "transmission5", "interconnectorid", 1,
        {REQUIRED("meteredmwflow"), REQUIRED("mwflow"), REQUIRED("mwlosses"),
         REQUIRED("exportlimit"), REQUIRED("importlimit"), REQUIRED("marginalvalue"),
         TEXT("exportgenconid"), TEXT("importgenconid")},
        .stale_minutes = 15},
    [TRANSMISSION30] = {
        "transmission30", "interconnectorid", 6,
        {REQUIRED("meteredmwflow"), REQUIRED("mwflow"), REQUIRED("mwlosses"),
         REQUIRED("exportlimit"), REQUIRED("importlimit")},
        .mean_of = "transmission5", .stale_minutes = 50},
    [REGIONS5] = {
        "regions5", "regionid", 1,
        {REQUIRED("totaldemand"), NUMBER("demand_and_nonschedgen"),
         REQUIRED("dispatchablegeneration"), REQUIRED("dispatchableload"),
         NUMBER("totalintermittentgeneration"), NUMBER("initialsupply"),
         REQUIRED("availablegeneration"), REQUIRED("netinterchange"), NUMBER("uigf"),
         NUMBER("semischedule_clearedmw"), NUMBER("ss_solar_uigf"), NUMBER("ss_wind_uigf"),
         NUMBER("ss_solar_availability"), NUMBER("ss_wind_availability"),
         NUMBER("ss_solar_clearedmw"), NUMBER("ss_wind_clearedmw"), NUMBER("bdu_clearedmw_gen"),
         NUMBER("bdu_clearedmw_load"), NUMBER("bdu_initial_energy_storage"),
         NUMBER("bdu_energy_storage"), NUMBER("wdr_dispatched")},
        .stale_minutes = 15},
    [CONSTRAINTS5] = {
        "constraints5", "constraintid", 1,
        {REQUIRED("rhs"), NUMBER("lhs"), REQUIRED("marginalvalue"), REQUIRED("violationdegree")},
        .stale_minutes = 15},
    [DEMAND5] = {
        "demand5", "regionid", 1,
        {REQUIRED("demand"), NUMBER("adjustment"), NUMBER("wdr"), NUMBER("demand_less_snsg")},
        .stale_minutes = 30},
    [DEMAND30] = {
        "demand30", "regionid", 6,
        {REQUIRED("demand"), NUMBER("adjustment"), NUMBER("wdr"), NUMBER("demand_less_snsg")},
        .stale_minutes = 90},
    [ROOFTOP30] = {
        "rooftop30", "regionid", 6, {REQUIRED("power"), NUMBER("quality_indicator"), TEXT("type")},
        .rank_column = "type", .ranks = {"SATELLITE", "MEASUREMENT", "DAILY"},
        .stale_minutes = 90},
    [ROOFTOP_FORECAST] = {
        "rooftop_forecast", "regionid", 6, {REQUIRED("power")},
        .horizon_step = 6, .stale_minutes = 90},
    [P5MIN] = {
        "p5min", "regionid", 1,
        {REQUIRED("rrp"), REQUIRED("totaldemand"), NUMBER("solar"), NUMBER("wind"),
         NUMBER("netinterchange")},
        .horizon_step = 1, .stale_minutes = 15},
    [PREDISPATCH] = {
        "predispatch", "regionid", 6,
        {NUMBER("rrp"), NUMBER("totaldemand"), NUMBER("solar"), NUMBER("wind"),
         NUMBER("netinterchange")},
        .horizon_step = 6, .stale_minutes = 90},
};
// clang-format on

int dataset_column_count(const struct dataset *d) {
    int count = 0;
    while (count < DATASET_COLUMNS && d->columns[count].name)
        count++;
    return count;
}

int dataset_column(const struct dataset *d, str name) {
    for (int i = 0; i < DATASET_COLUMNS && d->columns[i].name; i++)
        if (str_eq(name, str_from(d->columns[i].name)))
            return i;
    return -1;
}

const struct dataset *dataset_by_name(str name) {
    for (int i = 0; i < DATASETS; i++)
        if (str_eq(name, str_from(datasets[i].name)))
            return &datasets[i];
    return NULL;
}

str forecast_key(char room[64], str key, int horizon) {
    int len = snprintf(room, 64, "%.*s+%03d", STR_ARG(key), horizon);
    return (str){room, (size_t)len};
}

void forecast_key_split(str text, str *key, int *horizon) {
    *horizon = 0;
    *key = (str){text.at, text.len - 4};
    for (size_t i = text.len - 3; i < text.len; i++)
        *horizon = *horizon * 10 + (text.at[i] - '0');
}
