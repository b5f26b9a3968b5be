#include "collect/feeds.h"

#include <ctype.h>

#include "base/aest.h"
#include "collect/notice.h"

#define MB (UINT64_C(1) << 20)
enum { MINUTE = 60, HOUR = 60 * MINUTE }; /* in seconds, as of after_s */
enum { DAY = 24 * 60 };                   /* in minutes, as of the others */

// clang-format off
const struct feed feeds[FEEDS] = {
    {"dispatchis", "DispatchIS_Reports", "PUBLIC_DISPATCHIS_",
     .cadence_minutes = 5, .after_s = 8, .lead_minutes = 5, .largest = 32 * MB},
    {"dispatchscada", "Dispatch_SCADA", "PUBLIC_DISPATCHSCADA_",
     .cadence_minutes = 5, .after_s = 8, .lead_minutes = 5, .largest = 32 * MB},
    {"tradingis", "TradingIS_Reports", "PUBLIC_TRADINGIS_",
     .cadence_minutes = 5, .after_s = 8, .lead_minutes = 5, .largest = 32 * MB},
    {"rooftop", "ROOFTOP_PV/ACTUAL", "PUBLIC_ROOFTOP_PV_ACTUAL_",
     .cadence_minutes = 30, .after_s = 8, .largest = 32 * MB},
    {"demand_hh", "Operational_Demand/ACTUAL_HH", "PUBLIC_ACTUAL_OPERATIONAL_DEMAND_HH_",
     .cadence_minutes = 30, .after_s = 5, .largest = 32 * MB, .optional = true},
    /* Each file is said to hold twelve months. */
    {"demand_5min", "Operational_Demand/ACTUAL_5MIN", "PUBLIC_ACTUAL_OPERATIONAL_DEMAND_5MIN_",
     .cadence_minutes = 30, .after_s = 5 * MINUTE + 30, .lead_minutes = -25, .largest = 128 * MB,
     .optional = true},
    {"p5min", "P5_Reports", "PUBLIC_P5MIN_",
     .cadence_minutes = 5, .after_s = 30, .lead_minutes = 5, .largest = 64 * MB, .optional = true},
    {"predispatchis", "PredispatchIS_Reports", "PUBLIC_PREDISPATCHIS_",
     .cadence_minutes = 30, .after_s = 2 * MINUTE, .lead_minutes = 30, .largest = 128 * MB,
     .optional = true},
    {"rooftop_forecast", "ROOFTOP_PV/FORECAST", "PUBLIC_ROOFTOP_PV_FORECAST_",
     .cadence_minutes = 30, .after_s = 5, .largest = 32 * MB, .optional = true},
    {"price_revisions", "DISPATCHIS_PRICE_REVISIONS", "PUBLIC_PRICE_REVISION_DISPATCHIS_",
     .cadence_minutes = 30, .irregular = true, .largest = 32 * MB, .optional = true},
    {"demand_update", "Operational_Demand/ACTUAL_UPDATE",
     "PUBLIC_ACTUAL_OPERATIONAL_DEMAND_UPDATE_",
     .cadence_minutes = 60, .irregular = true, .largest = 32 * MB, .optional = true},
    {"demand_daily", "Operational_Demand/ACTUAL_DAILY", "PUBLIC_ACTUAL_OPERATIONAL_DEMAND_DAILY_",
     .cadence_minutes = DAY, .after_s = 4 * HOUR + 40 * MINUTE, .lead_minutes = -DAY,
     .largest = 32 * MB, .optional = true},
    {"public_prices", "Public_Prices", "PUBLIC_PRICES_",
     .cadence_minutes = DAY, .after_s = 4 * HOUR + 5 * MINUTE, .lead_minutes = -DAY,
     .largest = 64 * MB, .optional = true},
    {"next_day_dispatch", "Next_Day_Dispatch", "PUBLIC_NEXT_DAY_DISPATCH_",
     .cadence_minutes = DAY, .after_s = 4 * HOUR + 10 * MINUTE, .lead_minutes = -DAY,
     .largest = 256 * MB, .optional = true},
    {"notices", "Market_Notice", "NEMITWEB1_MKTNOTICE_",
     .cadence_minutes = 2, .irregular = true, .largest = NOTICE_BYTES, .notices = true,
     .optional = true},
};
// clang-format on

/* "….R144689" */
static bool has_notice_number(str name) {
    size_t digits = 0;
    while (digits < name.len && isdigit((unsigned char)name.at[name.len - 1 - digits]))
        digits++;
    return digits > 0 && str_ends_nocase((str){name.at, name.len - digits}, STR(".R"));
}

bool feed_wants(const struct feed *f, str name) {
    if (!str_starts_nocase(name, str_from(f->prefix)))
        return false;
    return f->notices ? has_notice_number(name)
                      : str_ends_nocase(name, STR(".zip")) || str_ends_nocase(name, STR(".csv"));
}

bool feed_name_time(const struct feed *f, str name, int64_t *aest) {
    size_t at = strlen(f->prefix), end;
    while (at < name.len && !isdigit((unsigned char)name.at[at])) /* MEASUREMENT_, SATELLITE_ */
        at++;
    for (end = at; end < name.len && isdigit((unsigned char)name.at[end]);)
        end++;
    return aest_parse_digits((str){name.at + at, end - at}, aest);
}
