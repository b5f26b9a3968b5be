#include "sim/model/price.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "sim/model/demand.h"
#include "sim/model/event.h"
#include "sim/model/noise.h"
#include "sim/model/streams.h"

/* The prices of one trading day, before administered pricing, and their running sums. */
struct price_day {
    aest_day date;
    double price[SIM_REGIONS][INTERVALS_PER_DAY];
    double sum[SIM_REGIONS][INTERVALS_PER_DAY + 1]; /* of the first k prices */
};

struct sim_price_memory {
    pthread_mutex_t mutex;
    struct price_day **days; /* by date, open addressing; capacity is a power of two */
    size_t count, capacity;
};

struct sim_price_memory *sim_price_memory_new(void) {
    struct sim_price_memory *p = mem_zalloc(1, sizeof *p);
    pthread_mutex_init(&p->mutex, NULL);
    p->capacity = 1024;
    p->days = mem_zalloc(p->capacity, sizeof *p->days);
    return p;
}

void sim_price_memory_free(struct sim_price_memory *p) {
    for (size_t i = 0; i < p->capacity; i++)
        free(p->days[i]);
    free(p->days);
    pthread_mutex_destroy(&p->mutex);
    free(p);
}

static struct price_day **place_of(struct price_day **days, size_t capacity, aest_day date) {
    size_t at = (size_t)date * 2654435761U & (capacity - 1);
    while (days[at] && days[at]->date != date)
        at = (at + 1) & (capacity - 1);
    return &days[at];
}

static void grow(struct sim_price_memory *p) {
    size_t capacity = p->capacity * 2;
    struct price_day **days = mem_zalloc(capacity, sizeof *days);
    for (size_t i = 0; i < p->capacity; i++)
        if (p->days[i])
            *place_of(days, capacity, p->days[i]->date) = p->days[i];
    free(p->days);
    p->days = days;
    p->capacity = capacity;
}

static struct price_day *read_day(struct sim_market *m, aest_day date) {
    const struct sim_day *day = sim_market_day(m, date);
    struct price_day *out = mem_zalloc(1, sizeof *out);
    out->date = date;
    for (int r = 0; r < SIM_REGIONS; r++)
        for (int k = 0; k < INTERVALS_PER_DAY; k++) {
            out->price[r][k] = day->interval[k].region_run[0][r].price;
            out->sum[r][k + 1] = out->sum[r][k] + out->price[r][k];
        }
    sim_market_release(m, day);
    return out;
}

static const struct price_day *price_day(struct sim_market *m, aest_day date) {
    struct sim_price_memory *p = sim_market_prices(m);
    pthread_mutex_lock(&p->mutex);
    struct price_day *known = *place_of(p->days, p->capacity, date);
    pthread_mutex_unlock(&p->mutex);
    if (known)
        return known;
    struct price_day *made = read_day(m, date);
    pthread_mutex_lock(&p->mutex);
    if (p->count * 2 >= p->capacity)
        grow(p);
    struct price_day **place = place_of(p->days, p->capacity, date);
    if (*place) { /* somebody else was faster */
        free(made);
    } else {
        *place = made;
        p->count++;
    }
    known = *place;
    pthread_mutex_unlock(&p->mutex);
    return known;
}

/* The interval's number in its trading day. */
static int number_of(aest_us end, aest_day *date) {
    interval k = interval_at_or_after(end);
    *date = interval_trading_day(k);
    return (k - 1) - (interval_day_start(*date) + 48);
}

/* The sum over the seven days that end with interval [k] of [date]. */
static double seven_days(struct sim_market *m, aest_day date, int k, enum sim_region region) {
    double sum = price_day(m, date)->sum[region][k + 1];
    for (int back = 1; back < 7; back++)
        sum += price_day(m, date - back)->sum[region][INTERVALS_PER_DAY];
    const struct price_day *oldest = price_day(m, date - 7);
    return sum + oldest->sum[region][INTERVALS_PER_DAY] - oldest->sum[region][k + 1];
}

static double round5(double value) {
    return (double)llround(value * 1e5) / 1e5;
}

/* The first trading interval of five minutes ended on 2021-10-01 00:05. */
static bool five_minute_settlement(aest_us end) {
    aest_day start;
    aest_day_from_date(2021, 10, 1, &start);
    return end > start * AEST_DAY;
}

void sim_market_price(struct sim_market *m, aest_us end, enum sim_region region,
                      struct sim_price *out) {
    aest_day date;
    int k = number_of(end, &date);
    const struct sim_threshold *threshold = sim_threshold_at(end);
    double parts = five_minute_settlement(end) ? 1 : 6;
    double pre_ap = price_day(m, date)->price[region][k];
    double cumulative = seven_days(m, date, k, region);
    bool administered = (cumulative - pre_ap) / parts > threshold->cumulative;
    double limit = administered ? threshold->administered : threshold->cap;
    *out = (struct sim_price){
        .pre_ap = pre_ap,
        .cumulative = cumulative / parts,
        .apcflag = administered,
        .rop = round5(fmin(limit, fmax(administered ? -limit : threshold->floor, pre_ap))),
    };
    out->rrp = out->rop;
    struct sim_review review = sim_review_on(sim_market_seed(m), date);
    if (review.any && k >= review.from && k < review.to) {
        out->resolved = review.resolved;
        out->rejected = review.rejected;
        if (review.rejected)
            out->rrp = round5(out->rop * review.replaced);
    }
}

enum { SATELLITE_ERROR = SIM_STREAMS_PRICE, AREA_CLOUD };

/* Shares of the roofs by part of a region. */
static const double area_share[SIM_REGIONS][3] = {
    [SIM_QLD1] = {0.17, 0.20, 0.63}, /* QLDC, QLDN, QLDS */
    [SIM_TAS1] = {0.40, 0.60},       /* TASN, TASS */
};

double sim_market_rooftop(struct sim_market *m, aest_us end, enum sim_region region, int area,
                          enum sim_rooftop_type type) {
    enum { POINTS = 6 };
    uint64_t seed = sim_market_seed(m);
    double power = 0;
    for (int i = 0; i < POINTS; i++)
        power += sim_rooftop_mw(seed, region, end - i * INTERVAL_MINUTES * AEST_MINUTE) / POINTS;
    double hours = (double)end / (60.0 * (double)AEST_MINUTE);
    if (type == SIM_SATELLITE) {
        struct noise n = {seed, (uint64_t)SATELLITE_ERROR << 40 | (uint64_t)region};
        power *= 1 + 0.09 * noise_smooth(n, hours, 3);
    }
    if (area > 0) {
        /* the first part moves with its own clouds, and the others take the rest */
        struct noise n = {seed, (uint64_t)AREA_CLOUD << 40 | (uint64_t)region};
        double first = area_share[region][0] * (1 + 0.15 * noise_smooth(n, hours, 4));
        double share =
            area == 1 ? first
                      : area_share[region][area - 1] * (1 - first) / (1 - area_share[region][0]);
        power *= share;
    }
    return (double)llround(power * 1e3) / 1e3;
}
