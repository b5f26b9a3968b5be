#include "api/api.h"

#include <time.h>

#include "api/route.h"

/* Routes that change something are POSTed to, all else is asked for. */
static bool has_method(const struct guard *g, const struct route *route,
                       const struct http_request *request, struct http_response *response) {
    bool changes = route && route->is_change, posts = request->method == HTTP_POST;
    if (changes && posts)
        return guard_admits_change(g, response) && guard_admits_body(request, response);
    if (changes == posts)
        return true;
    answer_error(response, 405, "method_not_allowed", changes ? "POST only" : "GET and HEAD only",
                 NULL);
    response->extra[0] =
        (struct http_header){STR("Allow"), changes ? STR("POST") : STR("GET, HEAD")};
    return false;
}

static bool serve_asset(const struct asset *assets, const struct http_request *request,
                        struct http_response *response) {
    str path = str_eq(request->path, STR("/")) ? STR("/index.html") : request->path;
    for (const struct asset *a = assets; a->path; a++) {
        if (!str_eq(path, str_from(a->path)))
            continue;
        response->content_type = a->content_type;
        response->content_encoding = a->content_encoding;
        response->cache_control = a->cache_control;
        response->etag = a->etag;
        response->fixed_body = (str){(const char *)a->bytes, a->size};
        return true;
    }
    return false;
}

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* What it took to make the answer, before it is encoded and sent, on the clock and of the
 * processor: browsers show it, and so can anybody tell a slow line, a busy machine and a slow
 * server apart. */
static void tell_time(const struct http_request *request, struct http_response *response,
                      uint64_t ns, uint64_t processor_ns) {
    size_t i = 0, most = sizeof response->extra / sizeof *response->extra;
    if (response->fixed_body.at || response->stream.open)
        return;
    while (i < most && response->extra[i].name.len)
        i++;
    if (i < most)
        response->extra[i] = (struct http_header){
            STR("Server-Timing"),
            str_from(arena_printf(request->memory, "answer;dur=%.3f, cpu;dur=%.3f",
                                  (double)ns / 1e6, (double)processor_ns / 1e6))};
}

struct timing {
    uint64_t begun, computed; /* on the clock, and of the thread's processor time */
};

static struct timing begin_timing(void) {
    return (struct timing){nanoseconds(CLOCK_MONOTONIC), nanoseconds(CLOCK_THREAD_CPUTIME_ID)};
}

/* An answer that comes later is counted by who makes it. */
static void end_timing(struct timing t, struct api *api, int route,
                       const struct http_request *request, struct http_response *response) {
    uint64_t took = nanoseconds(CLOCK_MONOTONIC) - t.begun;
    uint64_t computed = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - t.computed;
    if (response->stream.later)
        return;
    metrics_count(&api->shared->metrics, route, response->status, took);
    tell_time(request, response, took, computed);
}

void api_call(struct api *api, const struct route *route, const struct http_request *request,
              struct http_response *response) {
    struct timing t = begin_timing();
    route_call(api, route, request, response);
    end_timing(t, api, route_number(route), request, response);
}

static int answer(struct api *api, const struct http_request *request,
                  struct http_response *response) {
    const struct guard *guard = &api->shared->guard;
    const struct route *route = route_find(request->path);
    if (!guard_admits(guard, request, response) || !has_method(guard, route, request, response))
        return METRIC_OTHER;
    if (route) {
        route_call(api, route, request, response);
        return route_number(route);
    }
    if (serve_asset(api->shared->assets, request, response))
        return METRIC_ASSET;
    answer_error(response, 404, "not_found", "no such page; /v1/docs lists the routes", NULL);
    return METRIC_OTHER;
}

void api_handle(void *context, const struct http_request *request, struct http_response *response) {
    struct api *api = context;
    struct timing t = begin_timing();
    int route = answer(api, request, response);
    end_timing(t, api, route, request, response);
}
