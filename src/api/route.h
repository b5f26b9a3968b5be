/* What routes share: the parameters of a request, and the form of an answer. */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include "api/api.h"
#include "base/json.h"
#include "store/series.h"

/* The parameters that routes know; each says which it takes. */
enum parameter {
    PARAMETER_FROM = 1 << 0,
    PARAMETER_TO = 1 << 1,
    PARAMETER_RESOLUTION = 1 << 2,
    PARAMETER_REGION = 1 << 3,
    PARAMETER_MEASURE = 1 << 4,
    PARAMETER_BY = 1 << 5,
    PARAMETER_RANGE = PARAMETER_FROM | PARAMETER_TO | PARAMETER_RESOLUTION,
};

enum { LONGEST_RANGE_DAYS = 31, LONGEST_LIST = 16 };

struct parameters {
    bool has_from, has_to;
    aest_us from, to;
    str regions[LONGEST_LIST]; /* none: all */
    size_t region_count;
    str measures[LONGEST_LIST];
    size_t measure_count;
    str by;
};

/* A call of one route. */
struct call {
    struct api *api;
    struct arena *memory;
    struct parameters parameters;
    struct json json; /* onto the response's body */
    struct http_response *response;
};

struct route_error {
    int status;
    const char *code, *message, *parameter; /* parameter: NULL where none is at fault */
};

/* Reads the query string; false, with [error] filled, for what a route does not know or can't
 * read. */
bool parameters_read(struct arena *a, str query, unsigned known, struct parameters *out,
                     struct route_error *error);

/* The range asked for, in intervals of the dataset, or the 24 hours up to its newest. False, with
 * the answer being an error, when the range is none. */
struct range {
    interval from, to;
    bool has_latest;
    interval latest;
};
err *range_of(struct call *c, enum dataset_id dataset, struct range *out,
              struct route_error *error) ERR_NODISCARD;

/* The beginning of an answer: {"meta": {…}, "data": {"time": […], "series": [ */
void answer_begin(struct call *c, const struct dataset *d, const struct range *range,
                  interval first, size_t length);
/* One series of it: {"id", "unit"; the caller may add keys; then answer_values. */
void answer_series(struct call *c, str id, const char *unit);
void answer_values(struct call *c, const double *values, size_t length);
void answer_end(struct call *c);

/* Adds the part of meta that every answer has. */
void answer_meta(struct call *c);

/* The routes' functions. An err is the store's failure; a request that can't be answered fills
 * [error]. */
typedef err *route_function(struct call *c, struct route_error *error);
route_function route_meta, route_prices, route_demand, route_generation, route_transmission;

#endif
