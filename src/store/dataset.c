#include "store/dataset.h"

#define REQUIRED(column)                                                                           \
    { column, COLUMN_DOUBLE, true }
#define NUMBER(column)                                                                             \
    { column, COLUMN_DOUBLE, false }
#define TEXT(column)                                                                               \
    { column, COLUMN_TEXT, false }

/* A price of the trading table is the dispatch price to two decimals: it counts where dispatch has
 * none. */
#define PRICE_RANKS .rank_column = "source", .ranks = {"TRADING", "DISPATCH"}

const struct dataset datasets[DATASETS] = {
    [PRICES5] = {"prices5",
                 "regionid",
                 1,
                 {REQUIRED("rrp"), TEXT("source")},
                 PRICE_RANKS,
                 .stale_minutes = 15},
    [FCAS5] = {"fcas5",
               "regionid",
               1,
               {NUMBER("raise1secrrp"), REQUIRED("raise6secrrp"), REQUIRED("raise60secrrp"),
                REQUIRED("raise5minrrp"), REQUIRED("raiseregrrp"), NUMBER("lower1secrrp"),
                REQUIRED("lower6secrrp"), REQUIRED("lower60secrrp"), REQUIRED("lower5minrrp"),
                REQUIRED("lowerregrrp"), TEXT("source")},
               PRICE_RANKS,
               .stale_minutes = 15},
    [SCADA5] = {"scada5", "duid", 1, {REQUIRED("scadavalue")}, .stale_minutes = 15},
    [TRANSMISSION5] = {"transmission5",
                       "interconnectorid",
                       1,
                       {REQUIRED("meteredmwflow"), REQUIRED("mwflow"), REQUIRED("mwlosses"),
                        REQUIRED("exportlimit"), REQUIRED("importlimit"), REQUIRED("marginalvalue"),
                        TEXT("exportgenconid"), TEXT("importgenconid")},
                       .stale_minutes = 15},
    [REGIONS5] = {"regions5",
                  "regionid",
                  1,
                  {REQUIRED("totaldemand"),
                   NUMBER("demand_and_nonschedgen"),
                   REQUIRED("dispatchablegeneration"),
                   REQUIRED("dispatchableload"),
                   NUMBER("totalintermittentgeneration"),
                   NUMBER("initialsupply"),
                   REQUIRED("availablegeneration"),
                   REQUIRED("netinterchange"),
                   NUMBER("uigf"),
                   NUMBER("semischedule_clearedmw"),
                   NUMBER("ss_solar_uigf"),
                   NUMBER("ss_wind_uigf"),
                   NUMBER("ss_solar_availability"),
                   NUMBER("ss_wind_availability"),
                   NUMBER("ss_solar_clearedmw"),
                   NUMBER("ss_wind_clearedmw"),
                   NUMBER("bdu_clearedmw_gen"),
                   NUMBER("bdu_clearedmw_load"),
                   NUMBER("bdu_initial_energy_storage"),
                   NUMBER("bdu_energy_storage")},
                  .stale_minutes = 15},
    [ROOFTOP30] = {"rooftop30",
                   "regionid",
                   6,
                   {REQUIRED("power"), NUMBER("quality_indicator"), TEXT("type")},
                   .rank_column = "type",
                   .ranks = {"SATELLITE", "MEASUREMENT", "DAILY"},
                   .stale_minutes = 90},
};

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
