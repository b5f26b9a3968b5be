/* The store, and the API itself. */
#include "api/route.h"

static void write_dataset(struct json *j, const struct dataset *d, const struct store_index *x) {
    json_object(j);
    json_key(j, "name"), json_cstr(j, d->name);
    json_key(j, "step_minutes"), json_int(j, d->step * INTERVAL_MINUTES);
    json_key(j, "first"), x->has_bounds ? json_int(j, interval_to_unix(x->first)) : json_null(j);
    json_key(j, "latest"), x->has_bounds ? json_int(j, interval_to_unix(x->last)) : json_null(j);
    json_key(j, "stale_after"), json_int(j, d->stale_minutes * 60);
    json_key(j, "stale"), json_bool(j, store_index_is_stale(x, d, aest_now()));
    json_key(j, "bytes"), json_int(j, (int64_t)x->bytes);
    json_key(j, "damaged"), json_bool(j, x->damage != NULL);
    json_end(j);
}

static err *meta(struct call *c) {
    struct json *j = answer_object(c);
    json_object(j);
    json_key(j, "datasets"), json_array(j);
    for (int i = 0; i < DATASETS; i++) {
        const struct store_index *x;
        TRY(store_index(c->api->store, (enum dataset_id)i, &x));
        write_dataset(j, &datasets[i], x);
    }
    return NULL;
}

static err *health(struct call *c) {
    buf_add_str(&c->response->body, STR("{\"status\":\"ok\"}"));
    return NULL;
}

static err *openapi(struct call *c) {
    openapi_write(c->api->shared->version, &c->response->body);
    return NULL;
}

static err *docs(struct call *c) {
    c->response->content_type = "text/html; charset=utf-8";
    docs_page_write(&c->response->body);
    return NULL;
}

static err *docs_style(struct call *c) {
    c->response->content_type = "text/css; charset=utf-8";
    buf_add_str(&c->response->body, str_from(docs_page_style));
    return NULL;
}

/* What an object's members are, where they may all be missing, is said by "required". */
static const char meta_schema[] =
    "{\"type\":\"object\",\"required\":[\"datasets\"],\"properties\":{\"datasets\":{\"type\":"
    "\"array\",\"items\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":["
    "\"name\","
    "\"step_minutes\",\"first\",\"latest\",\"stale_after\",\"stale\",\"bytes\",\"damaged\"],"
    "\"properties\":{\"name\":{\"type\":\"string\"},\"step_minutes\":{\"type\":\"integer\"},"
    "\"first\":{\"type\":[\"integer\",\"null\"]},\"latest\":{\"type\":[\"integer\",\"null\"]},"
    "\"stale_after\":{\"type\":\"integer\"},\"stale\":{\"type\":\"boolean\"},\"bytes\":{\"type\":"
    "\"integer\"},\"damaged\":{\"type\":\"boolean\"}}}}}}";

const struct route routes_meta[] = {
    {"/v1/meta", "The datasets and how fresh they are", "Service", ANSWER_OBJECT, meta,
     .details = "Times in Unix seconds, null where a dataset is empty; stale_after in seconds of "
                "age; damaged when a file of it can't be read.",
     .schema = meta_schema},
    {"/health", "200 as long as the program answers", "Service", ANSWER_STREAM, health,
     .content_type = "application/json"},
    {"/v1/openapi.json", "This description", "Service", ANSWER_STREAM, openapi,
     .content_type = "application/json"},
    {"/v1/docs", "This description to read", "Service", ANSWER_STREAM, docs,
     .content_type = "text/html"},
    {"/v1/docs.css", "The style of that page", "Service", ANSWER_STREAM, docs_style,
     .content_type = "text/css"},
    {0},
};
