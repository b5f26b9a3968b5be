/* A range cut into what a chart can show, and its series brought down to that.
 *
 * `resolution` and `day` decide: values as they are stored, means (sums, extremes) over buckets of
 * the calendar, or, by `auto`, over as many equal buckets as a chart has room for. A line that auto
 * makes coarser comes with its lowest and highest values, so that no spike is lost.
 */
#ifndef API_CHART_H
#define API_CHART_H

#include "api/route.h"
#include "market/network.h"
#include "market/resample.h"

/* Longer ones would need more memory for a request than the rest of the program for all. */
enum { LONGEST_CHART_DAYS = 5 * 366 };

enum { CHART_POINTS = 2016 /* a week of five minutes */, CHART_MOST_POINTS = 110000 };

struct chart {
    struct period range;
    struct buckets buckets; /* each of a single value where nothing is to be brought down */
    int step;               /* of the values that come in, in intervals */
    bool is_raw;
    bool is_auto;
};

enum chart_way { CHART_MEAN, CHART_SUM, CHART_MIN, CHART_MAX };

/* Sets up the answer's times and resolution for values of [step] over the range. Refuses a
 * resolution finer than the values, and one that makes too many. */
err *chart_begin(struct call *c, const struct range *range, int step,
                 struct chart *out) ERR_NODISCARD;

/* [s] as a series of the answer. Memory from the call's arena. */
const double *chart_values(struct call *c, const struct chart *chart, const struct span *s,
                           enum chart_way way);
struct answer_series *chart_add(struct call *c, const struct chart *chart, str id, const char *unit,
                                const struct span *s);
/* A column of each region that is wanted as a line: its values, or where it is brought down by auto
 * their means, and their extremes as series with the label measure = min and max. */
err *chart_add_lines(struct call *c, const struct chart *chart, enum dataset_id dataset,
                     const char *column, const char *unit) ERR_NODISCARD;

/* The kind of day that was asked for. */
enum day_kind chart_day(const struct call *c);
/* "04:05": the end of a slot of market/calendar.h's profiles. */
const char *chart_time_of_day(struct call *c, enum day_kind kind, size_t slot, int step);

/* Which units are wanted, by name; with the region's, unit_wanted tells. */
extern const struct parameter parameter_duid, parameter_station;
bool unit_wanted(const struct call *c, const struct unit *u);

/* Cells of a table, as they are mostly needed. */
static inline void text_cell(struct call *c, const char *text) {
    answer_cell(&c->answer, cell_text(str_from(text)));
}
static inline void str_cell(struct call *c, str text) {
    answer_cell(&c->answer, text.len ? cell_text(text) : cell_none());
}
static inline void number_cell(struct call *c, double number) {
    answer_cell(&c->answer, cell_number(number));
}
static inline void whole_cell(struct call *c, size_t whole) {
    answer_cell(&c->answer, cell_whole((int64_t)whole));
}
/* Columns from an array of them. */
#define ANSWER_COLUMNS(call, columns)                                                              \
    answer_columns(&(call)->answer, (columns), sizeof(columns) / sizeof *(columns))
static inline bool region_index_wanted(const struct call *c, int region) {
    return region_wanted(c, str_from(regions[region]));
}

/* The regions, and the NEM, which is wanted where no region is named. */
enum { NEM = REGIONS, AREAS };
static inline bool area_wanted(const struct call *c, int area) {
    return area == NEM ? value_of(c, &parameter_region)->count == 0 : region_index_wanted(c, area);
}
static inline str area_name(int area) {
    return area == NEM ? STR("NEM") : str_from(regions[area]);
}

#endif
