#include "sim/model/market.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "sim/model/day.h"
#include "sim/model/noise.h"
#include "sim/model/price.h"

/* The days last asked for; one that is being solved is waited for, not solved twice. */
enum { DAYS = 34 }; /* a month and what it borders on */

struct slot {
    struct sim_solved_day *day;
    aest_day date;
    int users;
    bool taken, ready;
    uint64_t last_used;
};

struct sim_market {
    uint64_t seed;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct slot slots[DAYS];
    uint64_t clock;
    struct sim_price_memory *prices;
};

struct sim_market *sim_market_new(uint64_t seed) {
    struct sim_market *m = mem_zalloc(1, sizeof *m);
    m->seed = seed;
    pthread_mutex_init(&m->mutex, NULL);
    pthread_cond_init(&m->changed, NULL);
    m->prices = sim_price_memory_new();
    return m;
}

void sim_market_free(struct sim_market *m) {
    if (!m)
        return;
    for (int i = 0; i < DAYS; i++)
        if (m->slots[i].day)
            sim_day_free(m->slots[i].day);
    sim_price_memory_free(m->prices);
    pthread_mutex_destroy(&m->mutex);
    pthread_cond_destroy(&m->changed);
    free(m);
}

uint64_t sim_market_seed(const struct sim_market *m) {
    return m->seed;
}

struct sim_price_memory *sim_market_prices(struct sim_market *m) {
    return m->prices;
}

static struct slot *find_slot(struct sim_market *m, aest_day date) {
    for (int i = 0; i < DAYS; i++)
        if (m->slots[i].taken && m->slots[i].date == date)
            return &m->slots[i];
    return NULL;
}

/* The slot longest unused, or NULL while all are in use. */
static struct slot *free_slot(struct sim_market *m) {
    struct slot *oldest = NULL;
    for (int i = 0; i < DAYS; i++) {
        struct slot *s = &m->slots[i];
        if (!s->taken)
            return s;
        if (s->users == 0 && (!oldest || s->last_used < oldest->last_used))
            oldest = s;
    }
    return oldest;
}

static struct sim_solved_day *acquire(struct sim_market *m, aest_day date) {
    pthread_mutex_lock(&m->mutex);
    struct slot *s;
    while (!(s = find_slot(m, date)) && !(s = free_slot(m)))
        pthread_cond_wait(&m->changed, &m->mutex);
    bool here = s->taken && s->date == date;
    struct sim_solved_day *old = here ? NULL : s->day;
    if (!here)
        *s = (struct slot){.date = date, .taken = true};
    s->users++;
    s->last_used = ++m->clock;
    if (here) {
        while (!s->ready)
            pthread_cond_wait(&m->changed, &m->mutex);
        pthread_mutex_unlock(&m->mutex);
        return s->day;
    }
    pthread_mutex_unlock(&m->mutex);
    if (old)
        sim_day_free(old);
    struct sim_solved_day *day = sim_day_solve(m->seed, date);
    pthread_mutex_lock(&m->mutex);
    s->day = day;
    s->ready = true;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->mutex);
    return day;
}

static void release(struct sim_market *m, aest_day date) {
    pthread_mutex_lock(&m->mutex);
    struct slot *s = find_slot(m, date);
    if (--s->users == 0)
        pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->mutex);
}

const struct sim_day *sim_market_day(struct sim_market *m, aest_day date) {
    return sim_day_public(acquire(m, date));
}

void sim_market_release(struct sim_market *m, const struct sim_day *day) {
    release(m, day->date);
}

void sim_market_forecast(struct sim_market *m, aest_us run, aest_us end, struct sim_interval *out) {
    interval k = interval_at_or_after(end), from = interval_at_or_after(run);
    aest_day date = interval_trading_day(k);
    struct sim_solved_day *day = acquire(m, date);
    sim_day_forecast(day, m->seed, run, (k - 1) - (interval_day_start(date) + 48), out);
    release(m, date);
    /* what was measured when the run was made */
    if (from == k)
        return;
    aest_day now = interval_trading_day(from);
    struct sim_solved_day *today = acquire(m, now);
    const struct sim_interval *start =
        &sim_day_public(today)->interval[(from - 1) - (interval_day_start(now) + 48)];
    memcpy(out->meteredmwflow, start->meteredmwflow, sizeof out->meteredmwflow);
    for (int r = 0; r < SIM_REGIONS; r++)
        out->region[r].initialsupply = start->region[r].initialsupply;
    release(m, now);
}
