/* The service: loops, workers, watcher and keeper on one store, from start to orderly end.
 *
 *    thread of the caller   first loop: accepts, answers          api, store (read)
 *    a thread a core more   further loops: answer                 api, store (read)
 *    worker                 what takes long, one after another    api, store (read)
 *    exporter               exports, one after another            store (read)
 *    watcher                looks for changes, publishes events   store (read)
 *    keeper                 makes what the grid lacks             store (write)
 */
#ifndef API_SERVICE_H
#define API_SERVICE_H

#include "api/api.h"
#include "api/watch.h"
#include "market/keep.h"

struct service_settings {
    const char *store; /* the folder */
    const char *version;
    const struct asset *assets;
    const char *host;
    int port;
    int threads;              /* 0: one for each core, 8 at most */
    const char *const *hosts; /* names that it may be called by, beside loopback and [host] */
    const char *tokens;       /* a file of them, or NULL */
    int token_rate;           /* requests a minute and token */
    bool open;                /* may listen beyond loopback without tokens */
    int heartbeat_s;
    struct http_limits limits; /* connections 0: as many as descriptors allow */
};
/* With the defaults in it. */
struct service_settings service_defaults(void);

struct service;
/* ERR_USAGE for a store that isn't there, a bad address, tokens that others can read, or an
 * address beyond loopback that neither tokens guard nor [open] allows. */
err *service_open(const struct service_settings *s, struct service **out) ERR_NODISCARD;
int service_port(const struct service *s);
/* Serves until told to stop. */
err *service_run(struct service *s, const struct stop *stop) ERR_NODISCARD;
void service_close(struct service *s);

/* From any thread between open and close: something was committed. */
void service_changed(struct service *s);

#endif
