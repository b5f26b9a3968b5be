#include "api/route.h"

#include "market/network.h"

/* -- parameters ---------------------------------------------------------------------------------
 */

typedef const char *read_parameter(struct parameters *p, str value); /* NULL, or what is wrong */

/* A '+' that isn't escaped is a blank in a query: "18:10 10:00" was "18:10+10:00". */
static bool read_instant(str value, aest_us *out) {
    char text[AEST_TEXT];
    size_t zone = strlen("+10:00");
    if (aest_parse_iso(value, out))
        return true;
    if (value.len <= zone || value.len > sizeof text || value.at[value.len - zone] != ' ')
        return false;
    memcpy(text, value.at, value.len);
    text[value.len - zone] = '+';
    return aest_parse_iso((str){text, value.len}, out);
}

static const char *read_from(struct parameters *p, str value) {
    p->has_from = read_instant(value, &p->from);
    return p->has_from ? NULL : "not an ISO 8601 date or date-time";
}

static const char *read_to(struct parameters *p, str value) {
    p->has_to = read_instant(value, &p->to);
    return p->has_to ? NULL : "not an ISO 8601 date or date-time";
}

static const char *read_resolution(struct parameters *p, str value) {
    (void)p;
    return str_eq(value, STR("5m")) || str_eq(value, STR("auto")) ? NULL : "must be 5m or auto";
}

static const char *read_list(str value, str *list, size_t *count) {
    while (value.len) {
        if (*count == LONGEST_LIST)
            return "a list of more than 16";
        list[(*count)++] = str_cut(&value, ',');
    }
    return *count ? NULL : "an empty list";
}

static const char *read_region(struct parameters *p, str value) {
    const char *wrong = read_list(value, p->regions, &p->region_count);
    for (size_t i = 0; i < p->region_count && !wrong; i++)
        wrong = region_exists(p->regions[i]) ? NULL : "must be of NSW1, QLD1, SA1, TAS1, VIC1";
    return wrong;
}

static const char *read_measure(struct parameters *p, str value) {
    return read_list(value, p->measures, &p->measure_count);
}

static const char *read_by(struct parameters *p, str value) {
    p->by = value;
    return NULL;
}

static const struct {
    const char *name;
    unsigned bit;
    read_parameter *read;
} known_parameters[] = {
    {"from", PARAMETER_FROM, read_from},
    {"to", PARAMETER_TO, read_to},
    {"region", PARAMETER_REGION, read_region},
    {"resolution", PARAMETER_RESOLUTION, read_resolution},
    {"measure", PARAMETER_MEASURE, read_measure},
    {"by", PARAMETER_BY, read_by},
};

bool parameters_read(struct arena *a, str query, unsigned known, struct parameters *out,
                     struct route_error *error) {
    str name, value;
    unsigned seen = 0;
    *out = (struct parameters){0};
    while (http_query_next(a, &query, &name, &value)) {
        const char *wrong = "this route has no such parameter";
        for (size_t i = 0; i < sizeof known_parameters / sizeof *known_parameters; i++) {
            if (!str_eq(name, str_from(known_parameters[i].name)) ||
                !(known_parameters[i].bit & known))
                continue;
            wrong = seen & known_parameters[i].bit ? "given twice"
                                                   : known_parameters[i].read(out, value);
            seen |= known_parameters[i].bit;
        }
        if (wrong) {
            *error = (struct route_error){400, "bad_parameter", wrong, str_dup(a, name)};
            return false;
        }
    }
    return true;
}

err *range_of(struct call *c, enum dataset_id dataset, struct range *out,
              struct route_error *error) {
    const struct parameters *p = &c->parameters;
    const struct store_index *x;
    const int64_t longest = LONGEST_RANGE_DAYS * INTERVALS_PER_DAY;
    TRY(store_index(c->api->store, dataset, &x));
    if (x->damage)
        return err_new(ERR_INPUT, "%s", x->damage);
    *out = (struct range){.has_latest = x->has_bounds, .latest = x->last};
    /* (from, to] in whole intervals: one that ends at or before [from] is out, one at [to] is in */
    interval last = x->has_bounds ? x->last : interval_at_or_after(aest_now());
    out->to = p->has_to ? interval_at_or_before(p->to) : last;
    out->from = p->has_from ? interval_at_or_before(p->from) : out->to - INTERVALS_PER_DAY;
    if (!p->has_to && out->from > out->to) /* nothing has come since: an empty answer, no error */
        out->to = out->from;
    if (out->from > out->to)
        *error = (struct route_error){400, "bad_parameter", "from is after to", "from"};
    else if ((int64_t)out->to - out->from > longest)
        *error = (struct route_error){400, "bad_parameter", "a range of more than 31 days", "from"};
    return NULL;
}

/* -- answers ------------------------------------------------------------------------------------
 */

void answer_meta(struct call *c) {
    struct json *j = &c->json;
    json_key(j, "version"), json_cstr(j, c->api->version);
    json_key(j, "attribution"), json_cstr(j, "Data: AEMO");
    json_key(j, "simulated"), json_bool(j, store_is_simulated(c->api->store));
}

void answer_begin(struct call *c, const struct dataset *d, const struct range *range,
                  interval first, size_t length) {
    struct json *j = &c->json;
    json_object(j);
    json_key(j, "meta"), json_object(j);
    answer_meta(c);
    json_key(j, "dataset"), json_cstr(j, d->name);
    json_key(j, "resolution"), json_cstr(j, d->step == 1 ? "5m" : "30m");
    json_key(j, "from"), json_int(j, interval_to_unix(range->from));
    json_key(j, "to"), json_int(j, interval_to_unix(range->to));
    json_key(j, "latest");
    if (range->has_latest)
        json_int(j, interval_to_unix(range->latest));
    else
        json_null(j);
    json_end(j);
    json_key(j, "data"), json_object(j);
    json_key(j, "time"), json_array(j);
    for (size_t i = 0; i < length; i++)
        json_int(j, interval_to_unix(first + (interval)i * d->step));
    json_end(j);
    json_key(j, "series"), json_array(j);
}

void answer_series(struct call *c, str id, const char *unit) {
    json_object(&c->json);
    json_key(&c->json, "id"), json_str(&c->json, id);
    json_key(&c->json, "unit"), json_cstr(&c->json, unit);
}

void answer_values(struct call *c, const double *values, size_t length) {
    json_key(&c->json, "values"), json_array(&c->json);
    for (size_t i = 0; i < length; i++)
        json_double(&c->json, values[i]);
    json_end(&c->json);
    json_end(&c->json);
}

void answer_end(struct call *c) {
    while (c->json.depth)
        json_end(&c->json);
}
