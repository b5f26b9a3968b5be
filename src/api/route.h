/* Routes: one entry each in a table, one function behind it.
 *
 * To add a route:
 *
 *   1  Write a function in src/api/routes_<subject>.c:
 *
 *          static err *rooftop(struct call *c) {
 *              struct range range;
 *              struct series s;
 *              TRY(range_of(c, ROOFTOP30, LONGEST_RANGE_DAYS, &range));
 *              TRY(series_read(c->api->store, c->memory, ROOFTOP30, "power", range.from, range.to,
 * &s)); answer_times(&c->answer, s.first, s.step, s.length); for (size_t k = 0; k < s.count; k++)
 *                  if (region_wanted(c, s.keys[k]))
 *                      answer_add(&c->answer, s.keys[k], "MW", s.values[k]);
 *              return NULL;
 *          }
 *
 *   2  Add an entry to the table at the end of that file (a new file's table goes into the list in
 *      route.c):
 *
 *          {"/v1/rooftop", "Output of rooftop systems, by region", "Generation", ANSWER_SERIES,
 * rooftop, .parameters = {RANGE_PARAMETERS, &parameter_region}},
 *
 *   3  Add a line to docs/api.md's table.
 *
 * A route that changes something says .is_change: it is POSTed to, its parameters stand in a JSON
 * object, and guard.h says from where. All else about it is the same.
 *
 * That is all: reading and refusing parameters, JSON, CSV and Parquet, ETags, the OpenAPI document
 * and the page at /v1/docs follow from the entry, and the tests walk its parameters. A series route
 * takes `smooth` and `format` by itself, a table route `format`, `limit` and `cursor`.
 *
 * A parameter's value is value_of(c, &parameter_x), which has been checked. What is wrong in a way
 * that the type can't know is refused by
 *
 *          return call_refuse(c, &parameter_from, "must not be after to");
 *
 * which is a 400 that names it. Any other err is a 500, and goes to the log; an ERR_BUSY is a 503.
 * Memory for an answer is c->memory; all of a call happens in one thread, with the api to itself.
 * A route that reads rows of Parquet (store_frame), or takes longer than some milliseconds, says
 * .on_worker: its calls happen in the worker's thread, and no other request waits for them. One
 * that does so for long ranges alone says from how many .worker_days on.
 */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include "api/answer.h"
#include "api/api.h"
#include "api/parameter.h"
#include "store/series.h"

enum answer_kind {
    ANSWER_SERIES, /* times and series, in c->answer */
    ANSWER_TABLE,  /* columns and rows, in c->answer */
    ANSWER_OBJECT, /* what json_… writes to answer_object(c), after meta is complete */
    ANSWER_STREAM, /* the route fills c->response itself */
};

struct call;
typedef err *route_function(struct call *c);

enum { ROUTE_PARAMETERS = 16 };

struct route {
    const char *path, *summary, *tag;
    enum answer_kind kind;
    route_function *answer;
    bool is_change; /* a POST, whose parameters are the members of a JSON object */
    const struct parameter *parameters[ROUTE_PARAMETERS]; /* up to the first NULL */
    bool of_grid;                                         /* see below */
    bool on_worker;           /* it needs DuckDB, or takes long: see api/deferred.h */
    int worker_days;          /* longer ranges than so many days do; 0: none */
    const char *details;      /* more for the documentation; may be NULL */
    const char *schema;       /* ANSWER_OBJECT: the JSON schema of data */
    const char *content_type; /* ANSWER_STREAM: of the answer */
};

/* An answer of_grid follows from its parameters, from what commits of rows and records left in the
 * store, and from the time to five minutes, and from nothing else (the ledger, alerts, what is
 * measured of the program). So its tag is made of these: who has it already is told so before
 * anything is read. The tags of other answers are hashes of them. */

/* What most routes take. */
#define RANGE_PARAMETERS &parameter_from, &parameter_to

/* A call of a route. */
struct call {
    struct api *api;
    const struct route *route;
    const struct http_request *request;
    struct http_response *response;
    struct arena *memory;
    struct answer answer;
    struct json json;                                         /* onto the response's body */
    const struct parameter *parameters[ROUTE_PARAMETERS + 4]; /* those that the route takes */
    struct value values[ROUTE_PARAMETERS + 4];                /* as they are here */
    int status;                                               /* of a refusal, else 0 */
    const char *code;                /* of a refusal, as in "bad_parameter" */
    const struct parameter *refused; /* the one at fault, or NULL */
};

/* The value of a parameter that the route takes; one without a count when it doesn't take it. */
const struct value *value_of(const struct call *c, const struct parameter *p);

/* Refuses the call: [p] "must be …". Never NULL. */
err *call_refuse(struct call *c, const struct parameter *p, const char *format, ...)
    __attribute__((format(printf, 3, 4), returns_nonnull)) ERR_NODISCARD;
/* The same for what isn't there: 404. */
err *call_not_found(struct call *c, const struct parameter *p, const char *format, ...)
    __attribute__((format(printf, 3, 4), returns_nonnull)) ERR_NODISCARD;

/* Whether `region` names the region, or nothing. */
bool region_wanted(const struct call *c, str regionid);

/* The range that from and to ask for, in whole intervals, or the 24 hours up to the newest of
 * [dataset]; it goes into the answer's meta with the dataset. More than [longest] days, or from
 * after to, is refused. */
struct range {
    interval from, to; /* (from, to] */
};
enum { LONGEST_RANGE_DAYS = 31 };
err *range_of(struct call *c, enum dataset_id dataset, int longest_days,
              struct range *out) ERR_NODISCARD;

/* Writes meta and returns the writer for data, which is one value of JSON. */
struct json *answer_object(struct call *c);

/* -- the table ----------------------------------------------------------------------------------
 */

/* The routes of each file in the order of the documentation, an entry without path at their end. */
extern const struct route routes_meta[], routes_prices[], routes_demand[], routes_generation[],
    routes_transmission[], routes_units[], routes_pivot[], routes_today[], routes_summary[],
    routes_batteries[], routes_evening[], routes_emissions[], routes_renewables[],
    routes_forecasts[], routes_market[], routes_alerts[], routes_export[], routes_status[];

/* All routes one by one: NULL, then each; NULL after the last. */
const struct route *route_next(const struct route *r);
const struct route *route_find(str path);
/* The route's place in the table, and the path of what has a place (a route, or for metrics what is
 * none). */
int route_number(const struct route *r);
const char *route_name(int number);
/* All parameters that a route takes, its own first; returns their count. */
size_t route_parameters(const struct route *r, const struct parameter *out[ROUTE_PARAMETERS + 4]);

/* Answers a request of [r]: GET or HEAD, or a POST where it is a change. */
void route_call(struct api *api, const struct route *r, const struct http_request *request,
                struct http_response *response);

/* An answer of {"error": …} in place of what [response] holds. [parameter] may be NULL. */
void answer_error(struct http_response *response, int status, const char *code, const char *message,
                  const char *parameter);

/* The OpenAPI document and the page made from the table (openapi.c, docs_page.c). */
void openapi_write(const char *version, struct buf *out);
void docs_page_write(struct buf *out);
extern const char docs_page_style[];

#endif
