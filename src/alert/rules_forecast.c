/* Rules on what is to come: forecast prices, and how they move between runs. */
#include <math.h>
#include <stdlib.h>

#include "alert/rule.h"

/* -- a high price ahead -------------------------------------------------------------------------
 */

static err *configure_forecast(struct rule_use *u, const struct alert_settings *s, bool *on) {
    double high;
    TRY(setting_double(s, "FORECAST_PRICE_THRESHOLD", (double)NAN, &high));
    *on = !isnan(high);
    u->ladder = (struct ladder){.count = 1,
                                .steps = {{high, ALERT_WARNING, "High price forecast"}},
                                .clear = high * 0.5,
                                .over = "High price no longer forecast",
                                .before = "$",
                                .behind = "/MWh",
                                .decimals = 2};
    return NULL;
}

struct peak {
    str region;
    double price;
    int horizon;
};

/* The highest price ahead of each region in a run. */
static struct peak *peaks_of(struct arena *a, const struct frame *f, int slot, size_t *count) {
    struct peak *out = ARENA_ARRAY(a, struct peak, f->keys.count);
    *count = 0;
    for (uint32_t k = 0; k < f->keys.count; k++) {
        str region;
        int horizon;
        double price = cell_to_double(frame_cell(f, k, 0, slot));
        forecast_key_split(f->keys.texts[k], &region, &horizon);
        if (isnan(price))
            continue;
        size_t i = 0;
        while (i < *count && !str_eq(out[i].region, region))
            i++;
        if (i == *count)
            out[(*count)++] = (struct peak){region, price, horizon};
        else if (price > out[i].price)
            out[i].price = price, out[i].horizon = horizon;
    }
    return out;
}

static err *forecast_values(struct judging *j, struct reading **out, size_t *count) {
    const struct frame *f;
    int slot;
    *count = 0;
    TRY(judge_frame(j, P5MIN, j->at, &f, &slot));
    if (!f)
        return NULL;
    struct peak *peaks = peaks_of(j->memory, f, slot, count);
    *out = ARENA_ARRAY(j->memory, struct reading, *count);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] =
            (struct reading){str_dup(j->memory, peaks[i].region), peaks[i].price,
                             arena_printf(j->memory, " at %s",
                                          time_text(j->memory, j->time + peaks[i].horizon * 300))};
    return NULL;
}

const struct rule rule_price_forecast = {
    .name = "price_forecast",
    .summary = "P5MIN sees a price over FORECAST_PRICE_THRESHOLD in the next hour",
    .dataset = P5MIN,
    .most_a_day = 3,
    .then_s = 3600,
    .configure = configure_forecast,
    .values = forecast_values,
};

/* -- pre-dispatch moves -------------------------------------------------------------------------
 */

static err *configure_moves(struct rule_use *u, const struct alert_settings *s, bool *on) {
    TRY(setting_double(s, "PREDISPATCH_MOVE_THRESHOLD", (double)NAN, &u->amount));
    *on = !isnan(u->amount);
    return NULL;
}

struct price_ahead {
    str region;
    interval at;
    double price;
};

static struct price_ahead *prices_ahead(struct arena *a, const struct frame *f, int slot,
                                        interval run, size_t *count) {
    struct price_ahead *out = ARENA_ARRAY(a, struct price_ahead, f->keys.count);
    *count = 0;
    for (uint32_t k = 0; k < f->keys.count; k++) {
        struct price_ahead p = {.price = cell_to_double(frame_cell(f, k, 0, slot))};
        int horizon;
        forecast_key_split(f->keys.texts[k], &p.region, &horizon);
        p.at = run + horizon * datasets[PREDISPATCH].horizon_step;
        p.region = (str){str_dup(a, p.region), p.region.len};
        if (!isnan(p.price))
            out[(*count)++] = p;
    }
    return out;
}

/* The largest move of each region between two runs, in the next [AHEAD] intervals. */
static err *judge_moves(struct judging *j) {
    enum { AHEAD = 12 * 12, MOST_REGIONS = 16 };
    const struct frame *f;
    int slot;
    size_t before_count = 0, count = 0, moved = 0;
    struct price_ahead *before = NULL, *now = NULL;
    struct {
        const struct price_ahead *from, *to;
    } largest[MOST_REGIONS];
    interval last = j->at - datasets[PREDISPATCH].step;
    TRY(judge_frame(j, PREDISPATCH, last, &f, &slot));
    if (f)
        before = prices_ahead(j->memory, f, slot, last, &before_count);
    TRY(judge_frame(j, PREDISPATCH, j->at, &f, &slot));
    if (f)
        now = prices_ahead(j->memory, f, slot, j->at, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t b = 0; b < before_count; b++) {
            if (now[i].at != before[b].at || now[i].at > j->at + AHEAD ||
                !str_eq(now[i].region, before[b].region) ||
                fabs(now[i].price - before[b].price) < j->use->amount)
                continue;
            size_t r = 0;
            while (r < moved && !str_eq(largest[r].to->region, now[i].region))
                r++;
            bool larger = r < moved && fabs(now[i].price - before[b].price) >
                                           fabs(largest[r].to->price - largest[r].from->price);
            if (r == moved && moved < MOST_REGIONS)
                moved++, larger = true;
            if (larger)
                largest[r].from = &before[b], largest[r].to = &now[i];
        }
    for (size_t r = 0; r < moved; r++) {
        const char *key = str_dup(j->memory, largest[r].to->region);
        const char *brief = arena_printf(j->memory, "%s $%s to $%s/MWh at %s", key,
                                         number_text(j->memory, largest[r].from->price, 2),
                                         number_text(j->memory, largest[r].to->price, 2),
                                         time_text(j->memory, interval_to_unix(largest[r].to->at)));
        struct finding found = {.key = key,
                                .kind = "alert",
                                .severity = ALERT_WARNING,
                                .value = largest[r].to->price - largest[r].from->price,
                                .head = "Pre-dispatch price moved",
                                .brief = brief,
                                .text =
                                    arena_printf(j->memory, "Pre-dispatch price moved: %s", brief)};
        judge_tells(j, key, &found.unsent);
        judge_find(j, &found);
    }
    return NULL;
}

const struct rule rule_predispatch = {
    .name = "predispatch",
    .summary = "a price of pre-dispatch moves by over PREDISPATCH_MOVE_THRESHOLD between runs",
    .dataset = PREDISPATCH,
    .configure = configure_moves,
    .judge = judge_moves,
};
