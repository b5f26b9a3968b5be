/* The HTTP API and the dashboard's files: docs/api.md is the contract, route.h tells how a route is
 * added. An api belongs to one thread.
 */
#ifndef API_API_H
#define API_API_H

#include "api/assets.h"
#include "api/http.h"
#include "market/units.h"
#include "store/store.h"

struct api {
    struct store *store;
    const char *version; /* of nemd */
    const struct asset *assets;
    struct units units; /* as of the last route that took signs from them */
};

/* An http_handler; the context is the api. */
void api_handle(void *context, const struct http_request *request, struct http_response *response);

#endif
