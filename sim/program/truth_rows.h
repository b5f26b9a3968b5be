/* Between truth.c and the datasets: what a row is written with, and who writes which. */
#ifndef SIM_TRUTH_ROWS_H
#define SIM_TRUTH_ROWS_H

#include <math.h>
#include <stdio.h>

#include "sim/tables/halfhour.h"

struct truth_unit {
    const char *duid;
    int index; /* in the day */
};

/* The interval whose rows are written; of a half-hourly dataset the last of its half hour. */
struct truth_row {
    struct sim_market *market;
    FILE *out;
    const struct sim_day *day;
    const struct truth_unit *by_duid; /* the day's units, sorted */
    int k;
    aest_us end;
};

static inline const struct sim_interval *truth_interval(const struct truth_row *t) {
    return &t->day->interval[t->k];
}

/* A row is times, a key and values, each behind a comma but the first. */
void truth_begin(const struct truth_row *t, aest_us time);
void truth_time(const struct truth_row *t, aest_us time);
void truth_text(const struct truth_row *t, const char *text);
/* NaN is nothing. */
void truth_number(const struct truth_row *t, double value);
void truth_end(const struct truth_row *t);

/* Where values are published, and when. */
struct truth_source {
    const char *report, *subtable;
    aest_us at;
};
/* A value of a column, or NaN where the table has no such column then. */
double truth_if_published(const struct truth_source *s, const char *column, double value);
/* When dispatch publishes the interval. */
aest_us truth_dispatched(const struct truth_row *t);

/* To the decimals of a file: sums of rounded numbers stand on the same grid again. */
double truth_round(double value, int decimals);

typedef void truth_writer(const struct truth_row *t);
truth_writer truth_prices5, truth_pricestatus5, truth_fcas5, truth_scada5, truth_dispatch5,
    truth_transmission5, truth_regions5, truth_constraints5;
truth_writer truth_prices30, truth_scada30, truth_transmission30, truth_demand30, truth_rooftop30;
truth_writer truth_rooftop_forecast, truth_p5min, truth_predispatch;

#endif
