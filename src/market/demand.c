#include "market/demand.h"

double demand_operational(interval at, double measured, double totaldemand,
                          double totalintermittentgeneration, bool *is_proxy) {
    *is_proxy = isnan(measured) && at <= DEMAND_PROXY_UNTIL;
    return *is_proxy ? totaldemand + totalintermittentgeneration : measured;
}

struct lowest_highest lowest_highest_of(const struct span *s) {
    struct lowest_highest found = {.min = NAN, .max = NAN};
    for (size_t i = 0; i < s->length; i++) {
        double value = s->values[i];
        if (isnan(value))
            continue;
        if (!(value >= found.min)) {
            found.min = value;
            found.min_at = span_time(s, i);
        }
        if (!(value <= found.max)) {
            found.max = value;
            found.max_at = span_time(s, i);
        }
    }
    return found;
}
