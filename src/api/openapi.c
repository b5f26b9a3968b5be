/* The OpenAPI 3.1 document, from the table of routes. */
#include "api/route.h"

static void text(struct json *j, const char *key, const char *value) {
    json_key(j, key), json_cstr(j, value);
}

/* A value that stands in a query as [value]: a number, a text, or a list of texts. */
static void write_value(struct json *j, const struct parameter *p, const char *value) {
    double number;
    str rest = str_from(value);
    if (parameter_is_list(p)) {
        json_array(j);
        while (rest.len)
            json_str(j, str_cut(&rest, ','));
        json_end(j);
    } else if ((p->type == PARAMETER_WHOLE || p->type == PARAMETER_NUMBER) &&
               str_to_double(rest, &number)) {
        json_double(j, number);
    } else {
        json_cstr(j, value);
    }
}

/* What one value, or one entry of a list, may be. */
static void write_limits(struct json *j, const struct parameter *p) {
    const char *pattern = parameter_pattern(p);
    text(j, "type",
         p->type == PARAMETER_WHOLE    ? "integer"
         : p->type == PARAMETER_NUMBER ? "number"
                                       : "string");
    if (p->type == PARAMETER_CHOICE || p->type == PARAMETER_CHOICES) {
        json_key(j, "enum"), json_array(j);
        for (int i = 0; p->choices[i]; i++)
            json_cstr(j, p->choices[i]);
        json_end(j);
    }
    if (pattern)
        text(j, "pattern", pattern);
    if (p->type == PARAMETER_WHOLE || p->type == PARAMETER_NUMBER) {
        json_key(j, "minimum"), json_double(j, p->low);
        json_key(j, "maximum"), json_double(j, p->high);
    }
}

static void write_schema(struct json *j, const struct parameter *p) {
    json_key(j, "schema"), json_object(j);
    if (parameter_is_list(p)) {
        text(j, "type", "array");
        json_key(j, "minItems"), json_int(j, 1);
        json_key(j, "maxItems"), json_int(j, parameter_longest(p));
        json_key(j, "items"), json_object(j);
        write_limits(j, p);
        json_end(j);
    } else {
        write_limits(j, p);
    }
    if (p->fallback)
        json_key(j, "default"), write_value(j, p, p->fallback);
    json_end(j);
}

/* The members of the object that is POSTed. */
static void write_body(struct json *j, const struct parameter *const *parameters, size_t count) {
    json_key(j, "requestBody"), json_object(j);
    json_key(j, "required"), json_bool(j, true);
    json_key(j, "content"), json_object(j);
    json_key(j, "application/json"), json_object(j);
    json_key(j, "schema"), json_object(j);
    text(j, "type", "object");
    json_key(j, "additionalProperties"), json_bool(j, false);
    json_key(j, "required"), json_array(j);
    for (size_t i = 0; i < count; i++)
        if (parameters[i]->required)
            json_cstr(j, parameters[i]->name);
    json_end(j);
    json_key(j, "properties"), json_object(j);
    for (size_t i = 0; i < count; i++) {
        const struct parameter *p = parameters[i];
        json_key(j, p->name), json_object(j);
        text(j, "description", p->summary);
        write_limits(j, p);
        if (p->fallback)
            json_key(j, "default"), write_value(j, p, p->fallback);
        if (p->example) {
            json_key(j, "examples"), json_array(j);
            write_value(j, p, p->example);
            json_end(j);
        }
        json_end(j);
    }
    for (int i = 0; i < 5; i++) /* properties, schema, type, content, body */
        json_end(j);
}

static void write_parameter(struct json *j, const struct parameter *p) {
    json_object(j);
    text(j, "name", p->name);
    text(j, "in", "query");
    json_key(j, "description");
    if (p->absent) {
        struct buf b = {0};
        buf_printf(&b, "%s; without it: %s", p->summary, p->absent);
        json_str(j, buf_str(&b));
        buf_free(&b);
    } else {
        json_cstr(j, p->summary);
    }
    json_key(j, "required"), json_bool(j, p->required);
    if (parameter_is_list(p)) { /* a,b,c and not given again and again */
        text(j, "style", "form");
        json_key(j, "explode"), json_bool(j, false);
    }
    write_schema(j, p);
    const char *example =
        p->example || p->type != PARAMETER_INSTANT ? p->example : parameter_from.example;
    if (example)
        json_key(j, "example"), write_value(j, p, example);
    json_end(j);
}

static void write_content(struct json *j, const char *type, const char *reference) {
    json_key(j, type), json_object(j);
    if (reference) {
        json_key(j, "schema"), json_object(j);
        text(j, "$ref", reference);
        json_end(j);
    }
    json_end(j);
}

/* Text that is JSON already. */
static void write_raw(struct json *j, const char *value) {
    buf_add_str(j->out, str_from(value));
    j->comma = true;
}

static void write_object_content(struct json *j, const struct route *r) {
    json_key(j, "application/json"), json_object(j);
    json_key(j, "schema"), json_object(j);
    text(j, "type", "object");
    write_raw(j, ",\"required\":[\"meta\",\"data\"],\"properties\":{\"meta\":{\"$ref\":"
                 "\"#/components/schemas/Meta\"},\"data\":");
    write_raw(j, r->schema ? r->schema : "{}");
    write_raw(j, "}");
    json_end(j);
    json_end(j);
}

static void write_success(struct json *j, const struct route *r) {
    json_object(j);
    text(j, "description", r->summary);
    json_key(j, "content"), json_object(j);
    switch (r->kind) {
    case ANSWER_SERIES:
    case ANSWER_TABLE:
        write_content(j, "application/json",
                      r->kind == ANSWER_SERIES ? "#/components/schemas/SeriesAnswer"
                                               : "#/components/schemas/TableAnswer");
        write_content(j, "text/csv", NULL);
        write_content(j, "application/vnd.apache.parquet", NULL);
        break;
    case ANSWER_OBJECT:
        write_object_content(j, r);
        break;
    case ANSWER_STREAM:
        write_content(j, r->content_type, NULL);
        break;
    }
    json_end(j);
    json_end(j);
}

static void write_error(struct json *j, const char *status, const char *description) {
    json_key(j, status), json_object(j);
    text(j, "description", description);
    json_key(j, "content"), json_object(j);
    write_content(j, "application/json", "#/components/schemas/Error");
    json_end(j);
    json_end(j);
}

static void write_route(struct json *j, const struct route *r) {
    const struct parameter *parameters[ROUTE_PARAMETERS + 4];
    size_t count = route_parameters(r, parameters);
    json_key(j, r->path), json_object(j);
    json_key(j, r->is_change ? "post" : "get"), json_object(j);
    text(j, "summary", r->summary);
    if (r->details)
        text(j, "description", r->details);
    json_key(j, "tags"), json_array(j), json_cstr(j, r->tag), json_end(j);
    json_key(j, "parameters"), json_array(j);
    for (size_t i = 0; i < count && !r->is_change; i++)
        write_parameter(j, parameters[i]);
    json_end(j);
    if (r->is_change)
        write_body(j, parameters, count);
    json_key(j, "responses"), json_object(j);
    json_key(j, "200"), write_success(j, r);
    if (count)
        write_error(j, "400", "a parameter is wrong: which, and what is allowed");
    write_error(j, "default", "why there is no answer");
    json_end(j);
    json_end(j);
    json_end(j);
}

/* What answers have in common. */
static const char schemas[] =
    "{\"Meta\":{\"type\":\"object\",\"required\":[\"version\",\"attribution\",\"simulated\","
    "\"complete\"],\"properties\":{"
    "\"version\":{\"type\":\"string\"},\"attribution\":{\"type\":\"string\"},"
    "\"simulated\":{\"type\":\"boolean\"},"
    "\"complete\":{\"type\":\"boolean\",\"description\":\"false while what the answer is made from "
    "is being rebuilt\"},"
    "\"dataset\":{\"type\":\"string\"},\"resolution\":{\"type\":\"string\"},"
    "\"from\":{\"type\":\"integer\",\"description\":\"Unix seconds; not in the range\"},"
    "\"to\":{\"type\":\"integer\",\"description\":\"Unix seconds; in the range\"},"
    "\"latest\":{\"type\":[\"integer\",\"null\"]},"
    "\"next\":{\"type\":[\"string\",\"null\"],\"description\":\"cursor of the rows behind "
    "these\"}}},"

    "\"Series\":{\"type\":\"object\",\"required\":[\"id\",\"unit\",\"values\"],\"properties\":{"
    "\"id\":{\"type\":\"string\"},\"unit\":{\"type\":\"string\"},"
    "\"values\":{\"type\":\"array\",\"description\":\"one for each time; null: not known\","
    "\"items\":{\"type\":[\"number\",\"null\"]}}},\"additionalProperties\":{\"type\":\"string\"}},"

    "\"SeriesAnswer\":{\"type\":\"object\",\"required\":[\"meta\",\"data\"],"
    "\"additionalProperties\":false,\"properties\":{"
    "\"meta\":{\"$ref\":\"#/components/schemas/Meta\"},"
    "\"data\":{\"type\":\"object\",\"required\":[\"time\",\"series\"],"
    "\"additionalProperties\":false,\"properties\":{"
    "\"time\":{\"type\":\"array\",\"description\":\"Unix seconds of the ends of intervals\","
    "\"items\":{\"type\":\"integer\"}},"
    "\"series\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Series\"}}}}}},"

    "\"TableAnswer\":{\"type\":\"object\",\"required\":[\"meta\",\"data\"],"
    "\"additionalProperties\":false,\"properties\":{"
    "\"meta\":{\"$ref\":\"#/components/schemas/Meta\"},"
    "\"data\":{\"type\":\"object\",\"required\":[\"columns\",\"rows\"],"
    "\"additionalProperties\":false,\"properties\":{"
    "\"columns\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"name\","
    "\"type\"],"
    "\"additionalProperties\":false,\"properties\":{\"name\":{\"type\":\"string\"},"
    "\"type\":{\"type\":\"string\",\"enum\":[\"text\",\"number\",\"integer\",\"time\",\"boolean\"]}"
    ","
    "\"unit\":{\"type\":\"string\"}}}},"
    "\"rows\":{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":"
    "{\"type\":[\"string\",\"number\",\"boolean\",\"null\"]}}}}}}},"

    "\"Error\":{\"type\":\"object\",\"required\":[\"error\"],\"additionalProperties\":false,"
    "\"properties\":{\"error\":{\"type\":\"object\",\"required\":[\"code\",\"message\"],"
    "\"additionalProperties\":false,\"properties\":{\"code\":{\"type\":\"string\"},"
    "\"message\":{\"type\":\"string\"},\"parameter\":{\"type\":\"string\"}}}}}}";

void openapi_write(const char *version, struct buf *out) {
    struct json j = json_to(out);
    json_object(&j);
    text(&j, "openapi", "3.1.0");
    json_key(&j, "info"), json_object(&j);
    text(&j, "title", "nemd");
    text(&j, "version", version);
    text(&j, "description",
         "Australia's National Electricity Market on your own machine. Times are Unix seconds and "
         "name the end of an interval; ranges are (from, to]; null is what isn't known.");
    json_end(&j);
    json_key(&j, "paths"), json_object(&j);
    for (const struct route *r = route_next(NULL); r; r = route_next(r))
        write_route(&j, r);
    json_end(&j);
    json_key(&j, "components"), json_object(&j);
    json_key(&j, "schemas");
    write_raw(&j, schemas);
    json_end(&j);
    json_end(&j);
}
