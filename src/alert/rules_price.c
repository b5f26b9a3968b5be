/* Rules on dispatch prices: high, low, cumulative, administered. */
#include <math.h>

#include "alert/rule.h"
#include "store/grid.h"

/* -- high and extreme ---------------------------------------------------------------------------
 */

static err *configure_price(struct rule_use *u, const struct alert_settings *s, bool *on) {
    double high, extreme, normal;
    (void)on;
    TRY(setting_double(s, "HIGH_PRICE_THRESHOLD", 1000, &high));
    TRY(setting_double(s, "EXTREME_PRICE_THRESHOLD", 10000, &extreme));
    TRY(setting_double(s, "NORMAL_PRICE_THRESHOLD", 300, &normal));
    if (!(normal < high && high <= extreme))
        return err_new(ERR_USAGE,
                       "NORMAL_PRICE_THRESHOLD (%g) < HIGH_PRICE_THRESHOLD (%g) <= "
                       "EXTREME_PRICE_THRESHOLD (%g) doesn't hold",
                       normal, high, extreme);
    u->ladder = (struct ladder){
        .count = 2,
        .steps = {{high, ALERT_WARNING, "High price"}, {extreme, ALERT_CRITICAL, "Extreme price"}},
        .clear = normal,
        .over = "Price back to normal",
        .before = "$",
        .behind = "/MWh",
        .decimals = 2};
    return NULL;
}

/* Prices of the interval, with a note on those that may still be revised. */
static err *price_values(struct judging *j, struct reading **out, size_t *count) {
    struct reading *status;
    size_t known;
    TRY(judge_readings(j, PRICES5, "rrp", out, count));
    TRY(judge_readings(j, PRICESTATUS5, "price_status", &status, &known));
    for (size_t i = 0; i < *count; i++)
        for (size_t k = 0; k < known; k++) {
            const char *word = grid_word(PRICESTATUS5, "price_status", status[k].value);
            if (word && strcmp(word, "NOT FIRM") == 0 && strcmp(status[k].key, (*out)[i].key) == 0)
                (*out)[i].note = " (not firm)";
        }
    return NULL;
}

const struct rule rule_price = {
    .name = "price",
    .summary = "a region's dispatch price is high, extreme, back to normal",
    .dataset = PRICES5,
    .needs_status = true,
    .remembers = true,
    .most_a_day = 3,
    .then_s = 3600,
    .configure = configure_price,
    .values = price_values,
};

/* -- low ----------------------------------------------------------------------------------------
 */

static err *configure_low(struct rule_use *u, const struct alert_settings *s, bool *on) {
    double low, clear;
    TRY(setting_double(s, "LOW_PRICE_THRESHOLD", (double)NAN, &low));
    TRY(setting_double(s, "LOW_PRICE_NORMAL", low < 0 ? 0 : low + 10, &clear));
    *on = !isnan(low);
    if (*on && clear <= low)
        return err_new(ERR_USAGE, "LOW_PRICE_NORMAL (%g) isn't above LOW_PRICE_THRESHOLD (%g)",
                       clear, low);
    u->ladder = (struct ladder){.below = true,
                                .count = 1,
                                .steps = {{low, ALERT_WARNING, "Low price"}},
                                .clear = clear,
                                .over = "Price no longer low",
                                .before = "$",
                                .behind = "/MWh",
                                .decimals = 2};
    return NULL;
}

const struct rule rule_price_low = {
    .name = "price_low",
    .summary = "a region's dispatch price is at or below LOW_PRICE_THRESHOLD",
    .dataset = PRICES5,
    .needs_status = true,
    .remembers = true,
    .most_a_day = 3,
    .then_s = 3600,
    .configure = configure_low,
    .values = price_values,
};

/* -- cumulative price ---------------------------------------------------------------------------
 */

static err *configure_cumulative(struct rule_use *u, const struct alert_settings *s, bool *on) {
    (void)s, (void)on;
    u->ladder = (struct ladder){.count = 3,
                                .steps = {{50, ALERT_INFO, "Cumulative price over 50 %"},
                                          {75, ALERT_WARNING, "Cumulative price over 75 %"},
                                          {100, ALERT_CRITICAL, "Cumulative price threshold"}},
                                .clear = 45,
                                .over = "Cumulative price back below 45 %",
                                .before = "",
                                .behind = " % of the threshold",
                                .decimals = 1};
    return NULL;
}

static err *cumulative_values(struct judging *j, struct reading **out, size_t *count) {
    double threshold = thresholds_at(j->thresholds, j->at)->cumulative;
    TRY(judge_readings(j, PRICESTATUS5, "cumul_pre_ap_energy_price", out, count));
    if (!(threshold > 0))
        *count = 0;
    for (size_t i = 0; i < *count; i++)
        (*out)[i].value = (*out)[i].value / threshold * 100;
    return NULL;
}

const struct rule rule_cumulative = {
    .name = "cumulative",
    .summary = "a region's cumulative price is over 50, 75, 100 % of its threshold",
    .dataset = PRICESTATUS5,
    .configure = configure_cumulative,
    .values = cumulative_values,
};

/* -- administered or suspended ------------------------------------------------------------------
 */

static err *configure_administered(struct rule_use *u, const struct alert_settings *s, bool *on) {
    (void)s, (void)on;
    u->ladder = (struct ladder){.count = 2,
                                .steps = {{1, ALERT_WARNING, "Administered price"},
                                          {2, ALERT_CRITICAL, "Market suspended"}},
                                .clear = 0,
                                .over = "Prices are the market's again",
                                .before = "kind ",
                                .behind = ""};
    return NULL;
}

/* The greater of two kinds that a region has. */
static void put_kind(struct reading *out, size_t *count, const char *region, double kind) {
    size_t i = 0;
    while (i < *count && strcmp(out[i].key, region) != 0)
        i++;
    if (i == *count)
        out[(*count)++] = (struct reading){region, kind, NULL};
    else if (kind > out[i].value)
        out[i].value = kind;
}

/* 0, 1: administered (APCFLAG's first bit), 2: the market is suspended. */
static err *administered_values(struct judging *j, struct reading **out, size_t *count) {
    struct reading *flags, *suspended;
    size_t flag_count, suspended_count;
    TRY(judge_readings(j, PRICESTATUS5, "apcflag", &flags, &flag_count));
    TRY(judge_readings(j, PRICESTATUS5, "marketsuspendedflag", &suspended, &suspended_count));
    *out = ARENA_ARRAY(j->memory, struct reading, flag_count + suspended_count);
    *count = 0;
    for (size_t i = 0; i < flag_count; i++) {
        double apc = flags[i].value;
        put_kind(*out, count, flags[i].key, apc > 0 && (int64_t)apc & 1);
    }
    for (size_t i = 0; i < suspended_count; i++)
        put_kind(*out, count, suspended[i].key, suspended[i].value > 0 ? 2 : 0);
    return NULL;
}

const struct rule rule_administered = {
    .name = "administered",
    .summary = "a region's price is administered, or the market suspended",
    .dataset = PRICESTATUS5,
    .configure = configure_administered,
    .values = administered_values,
};
