#include "collect/feeds.h"

#include <ctype.h>

#include "base/aest.h"

#define MB (UINT64_C(1) << 20)

const struct feed feeds[FEEDS] = {
    {"dispatchis", "DispatchIS_Reports", "PUBLIC_DISPATCHIS_", 5, 5, 32 * MB},
    {"dispatchscada", "Dispatch_SCADA", "PUBLIC_DISPATCHSCADA_", 5, 5, 32 * MB},
    {"tradingis", "TradingIS_Reports", "PUBLIC_TRADINGIS_", 5, 5, 32 * MB},
    {"rooftop", "ROOFTOP_PV/ACTUAL", "PUBLIC_ROOFTOP_PV_ACTUAL_", 30, 0, 32 * MB},
};

bool feed_wants(const struct feed *f, str name) {
    return str_starts_nocase(name, str_from(f->prefix)) &&
           (str_ends_nocase(name, STR(".zip")) || str_ends_nocase(name, STR(".csv")));
}

bool feed_name_time(const struct feed *f, str name, int64_t *aest) {
    size_t at = strlen(f->prefix), end;
    while (at < name.len && !isdigit((unsigned char)name.at[at])) /* MEASUREMENT_, SATELLITE_ */
        at++;
    for (end = at; end < name.len && isdigit((unsigned char)name.at[end]);)
        end++;
    return aest_parse_digits((str){name.at + at, end - at}, aest);
}
