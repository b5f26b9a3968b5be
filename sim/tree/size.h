/* How large files are, known before they are made.
 *
 * A page that lists six hundred files can't make them all to learn their sizes. So each report has
 * a size that its zips never exceed, by date, by how far a forecast looks ahead and by whether an
 * intervention doubles its rows; one or two per cent that differ from file to file are added, and a
 * zip is padded to that when it is made. The numbers were measured; a test holds them to it.
 */
#ifndef SIM_SIZE_H
#define SIM_SIZE_H

#include "sim/tree/publication.h"

enum { SIM_SIZE_MARKS = 13 };

struct sim_size {
    int fixed; /* bytes, besides those */
    /* of each item, or without items of the whole file: on a line between dates, level before and
     * after them */
    struct sim_size_mark {
        int date, bytes;
    } marks[SIM_SIZE_MARKS];
    int (*items)(const struct sim_market *m, aest_us time);
    const uint8_t *by_hour, *by_month; /* per cent of that; NULL: all of it */
    int intervention;                  /* per cent that intervals of an intervention add */
};

extern const struct sim_size sim_size_dispatchis, sim_size_dispatchscada, sim_size_tradingis,
    sim_size_rooftop_actual, sim_size_rooftop_forecast, sim_size_demand_actual,
    sim_size_demand_forecast, sim_size_p5min, sim_size_predispatchis, sim_size_next_day_dispatch,
    sim_size_price_revision, sim_size_public_prices;

uint64_t sim_file_size(const struct sim_tree *t, const struct sim_publication *p);
/* The most that the [count] files of a report with times in (from, to] take together. */
uint64_t sim_files_size(const struct sim_tree *t, const struct sim_report *r, aest_us from,
                        aest_us to, uint64_t count);

#endif
