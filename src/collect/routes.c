#include "collect/routes.h"

// clang-format off
const struct route routes[] = {
    {"DISPATCH", "UNIT_SCADA", SCADA5, .time = "SETTLEMENTDATE"},
    {"DISPATCH", "PRICE", PRICES5, .time = "SETTLEMENTDATE",
     .intervention = INTERVENTION_PRICING, .source = "DISPATCH"},
    {"DISPATCH", "PRICE", FCAS5, .time = "SETTLEMENTDATE",
     .intervention = INTERVENTION_PRICING, .source = "DISPATCH"},
    {"DISPATCH", "PRICE", PRICESTATUS5, .time = "SETTLEMENTDATE",
     .intervention = INTERVENTION_PRICING, .source = "DISPATCH"},
    /* The next day's copy of the prices. It has neither one-second services nor a price's status,
     * and is the newer row: of fcas5 and pricestatus5 it would take away what they have. */
    {"DREGION", "", PRICES5, .time = "SETTLEMENTDATE",
     .intervention = INTERVENTION_PRICING, .source = "DISPATCH"},
    {"TRADING", "PRICE", PRICES5, .time = "SETTLEMENTDATE",
     .settlement = SETTLEMENT_FIVE_MINUTES, .source = "TRADING"},
    {"TRADING", "PRICE", FCAS5, .time = "SETTLEMENTDATE",
     .settlement = SETTLEMENT_FIVE_MINUTES, .source = "TRADING"},
    {"TRADING", "PRICE", PRICESTATUS5, .time = "SETTLEMENTDATE",
     .settlement = SETTLEMENT_FIVE_MINUTES, .source = "TRADING"},
    {"TRADING", "PRICE", PRICES30, .time = "SETTLEMENTDATE", .settlement = SETTLEMENT_HALF_HOURS},
    {"DISPATCH", "UNIT_SOLUTION", DISPATCH5, .time = "SETTLEMENTDATE",
     .intervention = INTERVENTION_PHYSICAL},
    {"DISPATCH", "INTERCONNECTORRES", TRANSMISSION5, .time = "SETTLEMENTDATE",
     .intervention = INTERVENTION_PHYSICAL},
    {"DISPATCH", "REGIONSUM", REGIONS5, .time = "SETTLEMENTDATE",
     .intervention = INTERVENTION_PHYSICAL},
    /* Constraints explain the price, so they are those of the run that made it. */
    {"DISPATCH", "CONSTRAINT", CONSTRAINTS5, .time = "SETTLEMENTDATE",
     .intervention = INTERVENTION_PRICING, .nonzero = {"MARGINALVALUE", "VIOLATIONDEGREE"}},
    {"OPERATIONAL_DEMAND", "ACTUAL", DEMAND30, .time = "INTERVAL_DATETIME", .not_titled = "5MIN",
     .renamed = {{"demand", "OPERATIONAL_DEMAND"},
                 {"adjustment", "OPERATIONAL_DEMAND_ADJUSTMENT"}, {"wdr", "WDR_ESTIMATE"}}},
    /* No file of five minutes was at hand: the columns are those that its readers name, and whether
     * the subtable is the one of half hours is not known. So the file's own name decides. */
    {"OPERATIONAL_DEMAND", "ACTUAL", DEMAND5, .time = "INTERVAL_DATETIME", .titled = "5MIN",
     .renamed = {{"demand", "OPERATIONAL_DEMAND"},
                 {"adjustment", "OPERATIONAL_DEMAND_ADJUSTMENT"}, {"wdr", "WDR_ESTIMATE"}}},
    {"OPERATIONAL_DEMAND", "ACTUAL_5MIN", DEMAND5, .time = "INTERVAL_DATETIME",
     .renamed = {{"demand", "OPERATIONAL_DEMAND"},
                 {"adjustment", "OPERATIONAL_DEMAND_ADJUSTMENT"}, {"wdr", "WDR_ESTIMATE"}}},
    {"ROOFTOP", "ACTUAL", ROOFTOP30, .time = "INTERVAL_DATETIME", .regions_only = true,
     .renamed = {{"quality_indicator", "QI"}}},
    {"ROOFTOP", "FORECAST", ROOFTOP_FORECAST, .time = "INTERVAL_DATETIME",
     .run = "VERSION_DATETIME", .regions_only = true, .renamed = {{"power", "POWERMEAN"}}},
    {"P5MIN", "REGIONSOLUTION", P5MIN, .time = "INTERVAL_DATETIME", .run = "RUN_DATETIME",
     .intervention = INTERVENTION_PRICING, .fills = {"rrp"}},
    {"P5MIN", "REGIONSOLUTION", P5MIN, .time = "INTERVAL_DATETIME", .run = "RUN_DATETIME",
     .intervention = INTERVENTION_PHYSICAL,
     .fills = {"totaldemand", "solar", "wind", "netinterchange"},
     .renamed = {{"solar", "SS_SOLAR_CLEAREDMW"}, {"wind", "SS_WIND_CLEAREDMW"}}},
    {"PREDISPATCH", "REGION_PRICES", PREDISPATCH, .time = "DATETIME", .run = "PREDISPATCHSEQNO",
     .run_is_counted = true, .intervention = INTERVENTION_PRICING, .fills = {"rrp"}},
    {"PREDISPATCH", "REGION_SOLUTION", PREDISPATCH, .time = "DATETIME", .run = "PREDISPATCHSEQNO",
     .run_is_counted = true, .intervention = INTERVENTION_PHYSICAL,
     .fills = {"totaldemand", "solar", "wind", "netinterchange"},
     .renamed = {{"solar", "SS_SOLAR_CLEAREDMW"}, {"wind", "SS_WIND_CLEAREDMW"}}},
};
// clang-format on
const int route_count = sizeof routes / sizeof *routes;

interval five_minute_settlement_start(void) {
    aest_day day;
    aest_day_from_date(2021, 10, 1, &day);
    return interval_day_start(day);
}
