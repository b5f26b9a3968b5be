#include "sim/program/clock.h"

#include <time.h>

/* CLOCK_MONOTONIC stands still on Linux while the machine sleeps, and market time does not. */
#ifdef CLOCK_BOOTTIME
#define STEADY_CLOCK CLOCK_BOOTTIME
#else
#define STEADY_CLOCK CLOCK_MONOTONIC
#endif

static int64_t steady_us(void) {
    struct timespec t;
    clock_gettime(STEADY_CLOCK, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void sim_clock_init(struct sim_clock *c, aest_us now, double speed) {
    pthread_mutex_init(&c->mutex, NULL);
    c->start = now;
    c->begun = steady_us();
    c->speed = speed;
}

static aest_us now_locked(const struct sim_clock *c) {
    return c->start + (aest_us)((double)(steady_us() - c->begun) * c->speed);
}

aest_us sim_clock_now(struct sim_clock *c) {
    pthread_mutex_lock(&c->mutex);
    aest_us now = now_locked(c);
    pthread_mutex_unlock(&c->mutex);
    return now;
}

void sim_clock_print(struct sim_clock *c, struct buf *out) {
    char text[AEST_TEXT];
    pthread_mutex_lock(&c->mutex);
    aest_us now = now_locked(c);
    double speed = c->speed;
    pthread_mutex_unlock(&c->mutex);
    buf_printf(out, "now=%.19s&speed=%g", aest_format_iso(now, text), speed);
}

err *sim_clock_set(struct sim_clock *c, str text) {
    aest_us now = 0;
    double speed = 0;
    bool has_now = false, has_speed = false;
    text = str_trim(text);
    while (text.len) {
        str value = str_cut(&text, '&'), name = str_cut(&value, '=');
        if (str_eq(name, STR("now"))) {
            TRY(sim_read_time(value, &now));
            has_now = true;
        } else if (str_eq(name, STR("speed"))) {
            TRY(sim_read_speed(value, &speed));
            has_speed = true;
        } else {
            return err_new(ERR_USAGE, "the clock has now and speed, and no '%.*s'", STR_ARG(name));
        }
    }
    pthread_mutex_lock(&c->mutex);
    c->start = has_now ? now : now_locked(c);
    c->begun = steady_us();
    c->speed = has_speed ? speed : c->speed;
    pthread_mutex_unlock(&c->mutex);
    return NULL;
}

err *sim_read_time(str text, aest_us *out) {
    if (aest_parse_iso(text, out))
        return NULL;
    return err_new(ERR_USAGE, "'%.*s' is not a time, as in 2025-08-20T18:05 (AEST)", STR_ARG(text));
}

err *sim_read_speed(str text, double *out) {
    if (str_to_double(text, out) && *out >= 0 && *out <= SIM_FASTEST)
        return NULL;
    return err_new(ERR_USAGE, "'%.*s' is not a speed from 0 to %d", STR_ARG(text), SIM_FASTEST);
}
