#include "api/api.h"

#include <stdio.h>

#include "api/route.h"
#include "base/log.h"

static const struct {
    const char *path;
    unsigned parameters;
    route_function *answer;
} routes[] = {
    {"/v1/meta", 0, route_meta},
    {"/v1/prices", PARAMETER_RANGE | PARAMETER_REGION, route_prices},
    {"/v1/demand", PARAMETER_RANGE | PARAMETER_REGION, route_demand},
    {"/v1/generation", PARAMETER_RANGE | PARAMETER_BY, route_generation},
    {"/v1/transmission", PARAMETER_RANGE | PARAMETER_MEASURE, route_transmission},
};

static void fail(struct http_response *response, const struct route_error *error) {
    struct json j = json_to(&response->body);
    response->status = error->status;
    response->etag = NULL;
    response->body.len = 0;
    json_object(&j);
    json_key(&j, "error"), json_object(&j);
    json_key(&j, "code"), json_cstr(&j, error->code);
    json_key(&j, "message"), json_cstr(&j, error->message);
    if (error->parameter)
        json_key(&j, "parameter"), json_cstr(&j, error->parameter);
    json_end(&j);
    json_end(&j);
}

static bool get_only(const struct http_request *request, struct http_response *response) {
    if (request->method != HTTP_POST)
        return true;
    fail(response, &(struct route_error){405, "method_not_allowed", "GET and HEAD only", NULL});
    response->extra[0] = (struct http_header){STR("Allow"), STR("GET, HEAD")};
    return false;
}

static bool serve_asset(const struct api *api, const struct http_request *request,
                        struct http_response *response) {
    str path = str_eq(request->path, STR("/")) ? STR("/index.html") : request->path;
    for (const struct asset *a = api->assets; a->path; a++) {
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

/* FNV-1a of the body: answers are made in under a millisecond, so that the surest tag is theirs. */
static const char *body_tag(struct arena *a, str body) {
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < body.len; i++)
        hash = (hash ^ (unsigned char)body.at[i]) * UINT64_C(0x100000001b3);
    return arena_printf(a, "W/\"%016llx-%zx\"", (unsigned long long)hash, body.len);
}

static void answer(struct api *api, size_t route, const struct http_request *request,
                   struct http_response *response) {
    struct route_error error = {0};
    struct call call = {.api = api,
                        .memory = request->memory,
                        .json = json_to(&response->body),
                        .response = response};
    if (!parameters_read(request->memory, request->query, routes[route].parameters,
                         &call.parameters, &error)) {
        fail(response, &error);
        return;
    }
    err *e = routes[route].answer(&call, &error);
    if (e) {
        log_error("request failed", log_str("path", request->path), log_err(e));
        err_free(e);
        error = (struct route_error){500, "internal", "the store can't be read; the log says why",
                                     NULL};
    }
    if (error.status)
        fail(response, &error);
    else
        response->etag = body_tag(request->memory, buf_str(&response->body));
}

void api_handle(void *context, const struct http_request *request, struct http_response *response) {
    struct api *api = context;
    if (!get_only(request, response))
        return;
    if (str_eq(request->path, STR("/health"))) {
        buf_add_str(&response->body, STR("{\"status\":\"ok\"}"));
        return;
    }
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (str_eq(request->path, str_from(routes[i].path))) {
            answer(api, i, request, response);
            return;
        }
    }
    if (!serve_asset(api, request, response))
        fail(response, &(struct route_error){404, "not_found",
                                             "no such page; docs/api.md lists the routes", NULL});
}
