/* The two services, collector and dashboard, that `collect`, `serve` and `run` are made of. */
#ifndef CMD_SERVICES_H
#define CMD_SERVICES_H

#include "base/stop.h"
#include "cmd/command.h"
#include "collect/collector.h"

/* Where to log: --log-file or LOG_FILE, else standard error; how much: LOG_LEVEL. */
err *services_log(const struct config *c, const char *log_file) ERR_NODISCARD;

struct collect_settings {
    const char *source; /* NULL: NEMD_SOURCE, else NEMWEB */
    int period_s;       /* 0: by the schedule */
    bool test;          /* fetch and parse, write nothing */
};

/* A collector with its store and its source open. */
struct collect_service {
    struct collector collector;
};
err *collect_service_open(struct collect_service *s, const struct setup *setup,
                          const struct collect_settings *settings,
                          const struct stop *stop) ERR_NODISCARD;
void collect_service_close(struct collect_service *s);

struct serve_settings {
    const char *host; /* NULL: DASHBOARD_HOST, else 127.0.0.1 */
    int port;         /* -1: DASHBOARD_PORT, else 5006 */
};
/* Serves until told to stop. [create] makes a store where there is none. */
err *serve_until(const struct setup *setup, const struct serve_settings *settings, bool create,
                 const struct stop *stop) ERR_NODISCARD;

#endif
