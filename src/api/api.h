/* The HTTP API and the dashboard's files: docs/api.md is the contract, route.h tells how a route is
 * added, service.h puts it all together.
 *
 * An api belongs to one thread, with all that it holds; what it points to in [shared] may be used
 * from any.
 */
#ifndef API_API_H
#define API_API_H

#include "api/assets.h"
#include "api/events.h"
#include "api/guard.h"
#include "api/http.h"
#include "api/metrics.h"
#include "api/worker.h"
#include "market/units.h"
#include "store/store.h"

/* What all threads of a service share. */
struct api_shared {
    const char *version; /* of nemd */
    uint64_t started; /* when, in a number: what is remembered of another process is not of this */
    const struct asset *assets;
    struct guard guard;
    struct tokens tokens;
    struct metrics metrics;
    struct worker worker;   /* of what reads Parquet or takes long */
    struct api *worker_api; /* the worker's own */
    struct worker exporter; /* of exports, which go on for as long as their clients read */
    struct events events;
};

struct route;
struct api {
    struct api_shared *shared;
    struct store *store;
    struct units units;            /* as of the last route that took signs from them */
    struct kept_records *records;  /* as of the last look, or NULL */
    struct loop *loop;             /* of the worker's: that of the call it is at */
    struct event_clients *clients; /* NULL in the worker's, as is the next */
    const struct http_server *server;
};

/* A call of a route, which is counted, and told how long it took. */
void api_call(struct api *api, const struct route *route, const struct http_request *request,
              struct http_response *response);
/* An http_handler; the context is the api. */
void api_handle(void *context, const struct http_request *request, struct http_response *response);

#endif
