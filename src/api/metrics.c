#include "api/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/process.h"

static const int statuses[METRIC_STATUSES] = {200, 304, 400, 401, 403, 404, 405,
                                              415, 421, 429, 500, 503, 413, 0};
static const uint64_t bounds_us[LATENCY_BUCKETS - 1] = {100,   250,   500,   1000,   2500,   5000,
                                                        10000, 25000, 50000, 100000, 1000000};

void metrics_count(struct metrics *m, int route, int status, uint64_t nanoseconds) {
    int s = 0, b = 0;
    uint64_t us = nanoseconds / 1000;
    while (s + 1 < METRIC_STATUSES && statuses[s] != status)
        s++;
    while (b + 1 < LATENCY_BUCKETS && us > bounds_us[b])
        b++;
    atomic_fetch_add_explicit(&m->routes[route].requests[s], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->routes[route].buckets[b], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->routes[route].microseconds, us, memory_order_relaxed);
}

void metrics_head(struct buf *out, const char *name, const char *type, const char *help) {
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void number_line(struct buf *out, double number) {
    struct json j = json_to(out);
    buf_add_char(out, ' ');
    json_double(&j, number);
    buf_add_char(out, '\n');
}

void metrics_line(struct buf *out, const char *name, const char *label, str value, double number) {
    buf_add_str(out, str_from(name));
    if (label) {
        buf_printf(out, "{%s=\"", label);
        buf_add_str(out, value);
        buf_add_str(out, STR("\"}"));
    }
    number_line(out, number);
}

static void write_requests(struct metrics *m, const char *(*name)(int), struct buf *out) {
    metrics_head(out, "nemd_http_requests_total", "counter", "Requests by route and status.");
    for (int r = 0; r < METRIC_ROUTES; r++) {
        for (int s = 0; s < METRIC_STATUSES; s++) {
            unsigned long long count = atomic_load(&m->routes[r].requests[s]);
            char status[8] = "other";
            if (statuses[s])
                snprintf(status, sizeof status, "%d", statuses[s]);
            if (!count)
                continue;
            buf_printf(out, "nemd_http_requests_total{route=\"%s\",status=\"%s\"}", name(r),
                       status);
            number_line(out, (double)count);
        }
    }
}

static void write_histogram(struct metrics *m, const char *route, int r, struct buf *out) {
    unsigned long long sum = 0;
    for (int b = 0; b < LATENCY_BUCKETS; b++) {
        sum += atomic_load(&m->routes[r].buckets[b]);
        buf_printf(out, "nemd_http_request_seconds_bucket{route=\"%s\",le=\"", route);
        if (b + 1 < LATENCY_BUCKETS)
            buf_printf(out, "%g\"}", (double)bounds_us[b] * 1e-6);
        else
            buf_add_str(out, STR("+Inf\"}"));
        number_line(out, (double)sum);
    }
    double seconds = (double)atomic_load(&m->routes[r].microseconds) * 1e-6;
    metrics_line(out, "nemd_http_request_seconds_sum", "route", str_from(route), seconds);
    metrics_line(out, "nemd_http_request_seconds_count", "route", str_from(route), (double)sum);
}

static bool was_asked(struct metrics *m, int r) {
    for (int b = 0; b < LATENCY_BUCKETS; b++)
        if (atomic_load(&m->routes[r].buckets[b]))
            return true;
    return false;
}

void metrics_write(struct metrics *m, const char *(*name)(int route), struct buf *out) {
    write_requests(m, name, out);
    metrics_head(out, "nemd_http_request_seconds", "histogram",
                 "Time to make an answer, before it is encoded and sent.");
    for (int r = 0; r < METRIC_ROUTES; r++)
        if (was_asked(m, r))
            write_histogram(m, name(r), r, out);
}

uint64_t metrics_memory(void) {
    struct process_usage own;
    return process_usage(getpid(), &own) ? own.memory : 0;
}
