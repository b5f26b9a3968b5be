#include "sim/model/offer.h"

#include <math.h>
#include <stdlib.h>

#include "sim/model/noise.h"
#include "sim/model/streams.h"

/* Prices between the floor and the cap, by stretch: fine where most intervals clear. */
static const struct stretch {
    double from, step;
} stretches[] = {
    {-800, 200}, {-200, 50}, {-100, 10}, {-60, 4},    {-20, 2.5},   {0, 2.5},     {100, 5},
    {160, 10},   {300, 50},  {600, 200}, {1000, 500}, {2000, 1000}, {6000, 1000}, {21000, 0},
};

void sim_ladder_init(struct sim_ladder *l, const struct sim_threshold *threshold) {
    int rung = 0;
    l->price[rung++] = threshold->floor;
    for (const struct stretch *s = stretches; s->step > 0; s++) {
        int steps = (int)ceil((s[1].from - s->from) / s->step - 1e-9);
        for (int k = 0; k < steps && rung < SIM_RUNGS; k++)
            l->price[rung++] = fmin(s->from + k * s->step, threshold->cap);
    }
    while (rung < SIM_RUNGS)
        l->price[rung++] = threshold->cap;
}

double sim_ladder_price(const struct sim_ladder *l, double x) {
    if (x <= 1)
        return l->price[0];
    if (x >= SIM_RUNGS - 1)
        return l->price[SIM_RUNGS - 1];
    int rung = (int)x;
    return l->price[rung - 1] + (l->price[rung] - l->price[rung - 1]) * (x - rung);
}

/* The rung whose price is nearest to [price]; the highest one that is still below the cap for a
 * price that would be above it. */
static uint8_t rung_of(const struct sim_ladder *l, double price) {
    int low = 0, high = SIM_RUNGS - 1;
    if (price >= l->price[high])
        return SIM_RUNGS - 1;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (l->price[middle] <= price)
            low = middle;
        else
            high = middle;
    }
    return (uint8_t)(price - l->price[low] < l->price[high] - price ? low : high);
}

enum { FLOOR = -100000, CAP = 100000 };

/* $/MWh in the money and fuel costs of 2019, after the habits seen in public offers. The first band
 * of coal is the minimum load that it stays on with at any price. */
static const struct habit {
    double fuel_part; /* how much of the price follows fuel costs */
    struct {
        double price, share;
    } band[SIM_BANDS];
} habits[SIM_FUELS] = {
    [SIM_BLACK_COAL] = {1, {{FLOOR, .36}, {34, .18}, {56, .21}, {88, .14}, {180, .07}, {CAP, .04}}},
    [SIM_BROWN_COAL] = {.4, {{FLOOR, .48}, {9, .22}, {32, .16}, {78, .10}, {CAP, .04}}},
    [SIM_CCGT] = {1, {{36, .24}, {72, .30}, {106, .25}, {200, .15}, {CAP, .06}}},
    [SIM_OCGT] = {1, {{92, .26}, {145, .30}, {290, .24}, {1500, .11}, {CAP, .09}}},
    [SIM_GAS_STEAM] = {1, {{50, .18}, {90, .32}, {165, .30}, {450, .13}, {CAP, .07}}},
    [SIM_DISTILLATE] = {.5, {{360, .5}, {800, .3}, {CAP, .2}}},
    [SIM_HYDRO] = {.8, {{-30, .05}, {44, .18}, {80, .26}, {122, .25}, {260, .16}, {CAP, .10}}},
    [SIM_WIND] = {0, {{-900, .04}, {-50, .20}, {-34, .26}, {-14, .25}, {2, .25}}},
    [SIM_SOLAR] = {0, {{-900, .04}, {-42, .20}, {-28, .26}, {-8, .25}, {4, .25}}},
    [SIM_BIOMASS] = {0, {{FLOOR, .5}, {10, .5}}},
};

/* Coal, gas and water in the costs of 2019, at the start of each year; between, straight lines. */
static const struct {
    double year, cost;
} costs[] = {
    {2009, .45}, {2012.5, .50}, {2012.6, .75}, {2014.5, .75}, {2014.6, .50},  {2016, .70},
    {2017, 1.1}, {2019.5, 1.0}, {2020.3, .60}, {2021, .55},   {2021.8, .85},  {2022.4, 2.6},
    {2022.7, 2}, {2023, 1.4},   {2023.6, 1.2}, {2024.5, 1.5}, {2025.5, 1.45}, {2040, 1.45},
};

static double fuel_cost(aest_day date) {
    double year = 1970 + date / 365.2425;
    size_t i = 0, last = sizeof costs / sizeof *costs - 1;
    while (i + 1 < last && year > costs[i + 1].year)
        i++;
    double part = (year - costs[i].year) / (costs[i + 1].year - costs[i].year);
    return costs[i].cost + fmin(1, fmax(0, part)) * (costs[i + 1].cost - costs[i].cost);
}

enum { STREAM = SIM_STREAMS_OFFER };

/* Two things that no price shows. South Australia's gas units are told to stay on at their minimum
 * load, for the strength of a system without coal; Tasmania has water enough, one owner of it, and
 * a price that is watched over, so that its offers follow those on the other side of the cable. */
static double regional_price(const struct sim_unit *u, int band, double price) {
    if (u->region == SIM_SA1 && u->fuel == SIM_CCGT && band == 0)
        return FLOOR;
    if (u->region == SIM_TAS1 && u->fuel == SIM_HYDRO && price > 0 && price < CAP)
        return band == 1 ? -12 : price * 0.65; /* the second band runs with the rivers */
    return price;
}

void sim_offer_make(uint64_t seed, const struct sim_unit *u, aest_day date,
                    const struct sim_ladder *l, double withheld, struct sim_offer *out) {
    const struct habit *h = &habits[u->fuel];
    struct noise n = {seed, (uint64_t)STREAM << 40 | (uint64_t)(u - sim_fleet)};
    double cost = 1 + h->fuel_part * (fuel_cost(date) - 1);
    double own = exp(0.10 * noise_normal(n, 0) + 0.05 * noise_normal(n, date));
    double moved = 0, away = 0.45 * withheld + 0.40 * pow(withheld, 4);
    out->bands = 0;
    for (int b = 0; b < SIM_BANDS && h->band[b].share > 0; b++) {
        double price = regional_price(u, b, h->band[b].price), share = h->band[b].share;
        bool fixed = price == FLOOR || price == CAP;
        if (price == CAP) { /* not all at the cap: owners leave each other some room */
            share += moved;
            price = l->price[SIM_RUNGS - 1] * (0.70 + 0.50 * noise_uniform(n, date + 1000000));
        } else if (price > 5) {
            moved += share * away;
            share *= 1 - away;
            price *= exp(2.6 * withheld);
        }
        out->rung[out->bands] = rung_of(l, fixed ? price : price * cost * own);
        out->share[out->bands++] = (float)share;
    }
}
