/* Answers that the worker makes: of routes that need DuckDB, or that take longer than others should
 * wait for a loop.
 *
 *    the connection's loop                    worker's thread
 *    parameters, tag: 400 or 304 at once
 *    a copy of the request         ------->   the route, on an api and a store of the worker's own
 *    sent as any other's answer    <-------   the response
 *
 * The route itself knows nothing of it: .on_worker or .worker_days in its entry says so. When too
 * many wait, the answer is 503 with Retry-After.
 */
#ifndef API_DEFERRED_H
#define API_DEFERRED_H

#include "api/route.h"

/* Leaves the call to the worker: the response says that it comes later. ERR_BUSY when too many wait
 * there. */
err *deferred_submit(struct call *c) ERR_NODISCARD;

#endif
