#include "api/api.h"

#include "api/route.h"

static bool get_only(const struct http_request *request, struct http_response *response) {
    if (request->method != HTTP_POST)
        return true;
    answer_error(response, 405, "method_not_allowed", "GET and HEAD only", NULL);
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

void api_handle(void *context, const struct http_request *request, struct http_response *response) {
    struct api *api = context;
    if (!get_only(request, response))
        return;
    const struct route *route = route_find(request->path);
    if (route)
        route_call(api, route, request, response);
    else if (!serve_asset(api, request, response))
        answer_error(response, 404, "not_found", "no such page; /v1/docs lists the routes", NULL);
}
