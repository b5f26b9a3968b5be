/* What is counted of requests, for /metrics. Counters are atomic: all loops count in one place. */
#ifndef API_METRICS_H
#define API_METRICS_H

#include <stdatomic.h>

#include "base/str.h"

/* Upper bounds of the histogram's buckets, in microseconds; the last one has none. */
enum { LATENCY_BUCKETS = 12, METRIC_STATUSES = 14, METRIC_ROUTES = 128 };

/* Routes by their place in the table; these two are behind the last. */
enum { METRIC_ASSET = METRIC_ROUTES - 2, METRIC_OTHER = METRIC_ROUTES - 1 };

struct metrics {
    struct {
        atomic_ullong requests[METRIC_STATUSES];
        atomic_ullong buckets[LATENCY_BUCKETS];
        atomic_ullong microseconds;
    } routes[METRIC_ROUTES];
};

void metrics_count(struct metrics *m, int route, int status, uint64_t nanoseconds);

/* Prometheus' text format. [name] gives a route's path, NULL behind the last. */
void metrics_write(struct metrics *m, const char *(*name)(int route), struct buf *out);
/* A line of it: name{label="value"} number; without [label] it has none. */
void metrics_line(struct buf *out, const char *name, const char *label, str value, double number);
void metrics_head(struct buf *out, const char *name, const char *type, const char *help);

/* Bytes of memory that the process has in use; 0 where the system doesn't tell. */
uint64_t metrics_memory(void);

#endif
