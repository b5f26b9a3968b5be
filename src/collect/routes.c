#include "collect/routes.h"

const struct route routes[] = {
    {"DISPATCH", "UNIT_SCADA", SCADA5, .time = "SETTLEMENTDATE"},
    {"DISPATCH", "PRICE", PRICES5, .time = "SETTLEMENTDATE", .intervention = INTERVENTION_PRICING,
     .source = "DISPATCH"},
    {"DISPATCH", "PRICE", FCAS5, .time = "SETTLEMENTDATE", .intervention = INTERVENTION_PRICING,
     .source = "DISPATCH"},
    {"TRADING", "PRICE", PRICES5, .time = "SETTLEMENTDATE", .five_minute_settlement_only = true,
     .source = "TRADING"},
    {"TRADING", "PRICE", FCAS5, .time = "SETTLEMENTDATE", .five_minute_settlement_only = true,
     .source = "TRADING"},
    {"DISPATCH", "INTERCONNECTORRES", TRANSMISSION5, .time = "SETTLEMENTDATE",
     .intervention = INTERVENTION_PHYSICAL},
    {"DISPATCH", "REGIONSUM", REGIONS5, .time = "SETTLEMENTDATE",
     .intervention = INTERVENTION_PHYSICAL},
    {"ROOFTOP", "ACTUAL", ROOFTOP30, .time = "INTERVAL_DATETIME", .regions_only = true,
     .renamed = {{"quality_indicator", "QI"}}},
};
const int route_count = sizeof routes / sizeof *routes;

interval five_minute_settlement_start(void) {
    aest_day day;
    aest_day_from_date(2021, 10, 1, &day);
    return interval_day_start(day);
}
