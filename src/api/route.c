#include "api/route.h"

#include <assert.h>
#include <stdarg.h>

#include "api/body.h"
#include "api/deferred.h"
#include "api/export.h"
#include "base/log.h"
#include "market/network.h"
#include "market/smooth.h"
#include "store/grid.h"

/* -- the table ----------------------------------------------------------------------------------
 */

static const struct route *const tables[] = {
    routes_meta,       routes_today,   routes_summary,      routes_prices,    routes_generation,
    routes_pivot,      routes_demand,  routes_transmission, routes_units,     routes_batteries,
    routes_renewables, routes_evening, routes_emissions,    routes_forecasts, routes_market,
    routes_alerts,     routes_export,  routes_status,
};
enum { TABLES = sizeof tables / sizeof *tables };

const struct route *route_next(const struct route *r) {
    if (!r)
        return tables[0];
    if ((++r)->path)
        return r;
    for (size_t i = 0; i + 1 < TABLES; i++) {
        const struct route *end = tables[i];
        while (end->path)
            end++;
        if (end == r)
            return tables[i + 1];
    }
    return NULL;
}

const struct route *route_find(str path) {
    for (size_t i = 0; i < TABLES; i++)
        for (const struct route *r = tables[i]; r->path; r++)
            if (str_eq(path, str_from(r->path)))
                return r;
    return NULL;
}

int route_number(const struct route *r) {
    int number = 0;
    for (const struct route *other = route_next(NULL); other != r; other = route_next(other))
        number++;
    assert(number < METRIC_ASSET);
    return number;
}

const char *route_name(int number) {
    const struct route *r = route_next(NULL);
    if (number == METRIC_ASSET)
        return "page";
    while (r && number--)
        r = route_next(r);
    return r ? r->path : "none";
}

size_t route_parameters(const struct route *r, const struct parameter *out[ROUTE_PARAMETERS + 4]) {
    static const struct parameter *const implied[][4] = {
        [ANSWER_SERIES] = {&parameter_smooth, &parameter_format},
        [ANSWER_TABLE] = {&parameter_limit, &parameter_cursor, &parameter_format},
        [ANSWER_OBJECT] = {NULL},
        [ANSWER_STREAM] = {NULL},
    };
    size_t count = 0;
    for (size_t i = 0; i < ROUTE_PARAMETERS && r->parameters[i]; i++)
        out[count++] = r->parameters[i];
    for (size_t i = 0; i < 4 && implied[r->kind][i]; i++)
        out[count++] = implied[r->kind][i];
    return count;
}

/* -- what routes ask ----------------------------------------------------------------------------
 */

const struct value *value_of(const struct call *c, const struct parameter *p) {
    static const struct value none = {0};
    for (size_t i = 0; i < ROUTE_PARAMETERS + 4 && c->parameters[i]; i++)
        if (c->parameters[i] == p)
            return &c->values[i];
    return &none;
}

static err *refuse(struct call *c, int status, const char *code, const struct parameter *p,
                   const char *message) {
    c->status = status;
    c->code = code;
    c->refused = p;
    return err_new(ERR_USAGE, "%s", message);
}

err *call_refuse(struct call *c, const struct parameter *p, const char *format, ...) {
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    err *e = refuse(c, 400, "bad_parameter", p, buf_cstr(&text));
    buf_free(&text);
    return e;
}

err *call_not_found(struct call *c, const struct parameter *p, const char *format, ...) {
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    err *e = refuse(c, 404, "not_found", p, buf_cstr(&text));
    buf_free(&text);
    return e;
}

bool region_wanted(const struct call *c, str regionid) {
    const struct value *v = value_of(c, &parameter_region);
    for (size_t i = 0; i < v->count; i++)
        if (str_eq(regionid, str_from(regions[v->chosen[i]])))
            return true;
    return v->count == 0;
}

err *range_of(struct call *c, enum dataset_id dataset, int longest_days, struct range *out) {
    const struct value *from = value_of(c, &parameter_from), *to = value_of(c, &parameter_to);
    const struct store_index *x;
    TRY(store_index(c->api->store, dataset, &x));
    if (x->damage)
        return err_new(ERR_INPUT, "%s", x->damage);
    /* (from, to] in whole intervals: one that ends at or before [from] is out, one at [to] is in */
    interval last = x->has_bounds ? x->last : interval_at_or_after(aest_now());
    out->to = to->count ? interval_at_or_before(to->instant) : last;
    out->from = from->count ? interval_at_or_before(from->instant) : out->to - INTERVALS_PER_DAY;
    if (!to->count && out->from > out->to) /* nothing has come since: an empty answer, no error */
        out->to = out->from;
    if (out->from > out->to)
        return call_refuse(c, &parameter_from, "must not be after to");
    if ((int64_t)out->to - out->from > (int64_t)longest_days * INTERVALS_PER_DAY)
        return call_refuse(c, &parameter_from, "must be %d days before to at most", longest_days);
    struct answer *a = &c->answer;
    a->dataset = datasets[dataset].name;
    a->resolution = datasets[dataset].step == 1 ? "5m" : "30m";
    a->has_range = true, a->from = out->from, a->to = out->to;
    a->has_latest = x->has_bounds, a->latest = x->last;
    a->incomplete |= !store_grid_has(c->api->store, dataset, out->from, out->to);
    return NULL;
}

/* -- a call -------------------------------------------------------------------------------------
 */

static err *read_one(struct call *c, size_t count, str name, str text, bool *seen) {
    for (size_t i = 0; i < count; i++) {
        const struct parameter *p = c->parameters[i];
        if (!str_eq(name, str_from(p->name)))
            continue;
        if (seen[i])
            return call_refuse(c, p, "must be given once");
        seen[i] = true;
        const char *wrong = parameter_read(c->memory, p, text, &c->values[i]);
        c->values[i].given = true;
        return wrong ? call_refuse(c, p, "%s", wrong) : NULL;
    }
    struct parameter *unknown = ARENA_NEW(c->memory, struct parameter);
    unknown->name = str_dup(c->memory, name);
    return call_refuse(c, unknown, "this route has no such parameter; it takes %s",
                       count ? "those of /v1/docs" : "none");
}

static bool is_number(const struct parameter *p) {
    return p->type == PARAMETER_WHOLE || p->type == PARAMETER_NUMBER;
}

/* The members of a POST's body. */
static err *read_body(struct call *c, size_t count, bool *seen) {
    struct body_member members[BODY_MEMBERS];
    size_t member_count;
    const char *wrong = body_read(c->memory, c->request->body, members, &member_count);
    if (wrong)
        return refuse(c, 400, "bad_body", NULL, wrong);
    for (size_t m = 0; m < member_count; m++) {
        TRY(read_one(c, count, members[m].name, members[m].text, seen));
        for (size_t i = 0; i < count; i++)
            if (str_eq(members[m].name, str_from(c->parameters[i]->name)) &&
                members[m].is_number != is_number(c->parameters[i]))
                return call_refuse(c, c->parameters[i], "must be %s",
                                   is_number(c->parameters[i]) ? "a number" : "a text");
    }
    return NULL;
}

static err *read_parameters(struct call *c) {
    size_t count = route_parameters(c->route, c->parameters);
    bool seen[ROUTE_PARAMETERS + 4] = {false};
    str query = c->request->query, name, text;
    while (http_query_next(c->memory, &query, &name, &text))
        TRY(read_one(c, c->route->is_change ? 0 : count, name, text, seen));
    if (c->route->is_change)
        TRY(read_body(c, count, seen));
    for (size_t i = 0; i < count; i++) {
        const struct parameter *p = c->parameters[i];
        if (seen[i])
            continue;
        if (p->required)
            return call_refuse(c, p, "must be given: %s", parameter_allowed(c->memory, p));
        if (p->fallback) {
            const char *wrong = parameter_read(c->memory, p, str_from(p->fallback), &c->values[i]);
            assert(!wrong);
            (void)wrong;
        }
    }
    return NULL;
}

static void write_time(struct json *j, const char *key, bool known, interval at) {
    json_key(j, key);
    if (known)
        json_int(j, interval_to_unix(at));
    else
        json_null(j);
}

/* [next]: NULL but for tables, whose meta has a cursor or null. */
static void write_meta(struct call *c, const struct page *page) {
    const struct answer *a = &c->answer;
    struct json *j = &c->json;
    json_key(j, "meta"), json_object(j);
    json_key(j, "version"), json_cstr(j, c->api->shared->version);
    json_key(j, "attribution"), json_cstr(j, "Data: AEMO");
    json_key(j, "simulated"), json_bool(j, store_is_simulated(c->api->store));
    json_key(j, "complete"),
        json_bool(j, !a->incomplete && grid_complete(store_grid(c->api->store)));
    if (a->dataset)
        json_key(j, "dataset"), json_cstr(j, a->dataset);
    if (a->resolution)
        json_key(j, "resolution"), json_cstr(j, a->resolution);
    if (a->has_range) {
        write_time(j, "from", true, a->from);
        write_time(j, "to", true, a->to);
    }
    if (a->has_range || a->has_latest)
        write_time(j, "latest", a->has_latest, a->latest);
    for (size_t i = 0; i < a->note_count; i++)
        json_key(j, a->notes[i].name), cell_write(&a->notes[i].value, j);
    if (page) {
        json_key(j, "next");
        if (page->next)
            json_cstr(j, page->next);
        else
            json_null(j);
    }
    json_end(j);
}

struct json *answer_object(struct call *c) {
    json_object(&c->json);
    write_meta(c, NULL);
    json_key(&c->json, "data");
    return &c->json;
}

static void send_csv(struct call *c, const struct page *page) {
    const char *name = strrchr(c->route->path, '/') + 1;
    c->response->content_type = "text/csv; charset=utf-8; header=present";
    c->response->extra[0] = (struct http_header){
        STR("Content-Disposition"),
        str_from(arena_printf(c->memory, "inline; filename=\"nemd-%s.csv\"", name))};
    if (page)
        answer_csv_table(&c->answer, page, &c->response->body);
    else
        answer_csv_series(&c->answer, &c->response->body);
}

static err *smooth_series(struct call *c) {
    const struct value *way = value_of(c, &parameter_smooth);
    struct answer *a = &c->answer;
    struct answer_series *series = (struct answer_series *)(void *)a->series.at;
    if (!way->given)
        return NULL;
    if (a->length > SMOOTH_POINTS)
        return call_refuse(c, &parameter_smooth,
                           "must be left out of an answer of more than %d values a series: ask for "
                           "a coarser resolution or a shorter range",
                           SMOOTH_POINTS);
    for (size_t k = 0; k < a->series.len / sizeof *series; k++) {
        double *smoothed = ARENA_ARRAY(c->memory, double, a->length);
        smooth((enum smoothing)way->choice, a->times, series[k].values, a->length,
               (int)way->number / INTERVAL_MINUTES, smoothed);
        series[k].values = smoothed;
    }
    return NULL;
}

/* Writes what the route has collected, in the format asked for. */
static err *write_answer(struct call *c) {
    const struct value *cursor = value_of(c, &parameter_cursor);
    bool is_table = c->route->kind == ANSWER_TABLE;
    struct page page;
    if (!is_table)
        TRY(smooth_series(c));
    if (is_table && !answer_page(&c->answer, cursor->name,
                                 (size_t)value_of(c, &parameter_limit)->number, &page))
        return call_refuse(c, &parameter_cursor,
                           "must be of a row that is still there: begin again without it");
    int format = value_of(c, &parameter_format)->choice;
    if (format == FORMAT_PARQUET)
        return export_answer(c, is_table ? &page : NULL);
    if (format == FORMAT_CSV) {
        send_csv(c, is_table ? &page : NULL);
        return NULL;
    }
    json_object(&c->json);
    write_meta(c, is_table ? &page : NULL);
    json_key(&c->json, "data");
    if (is_table)
        answer_write_table(&c->answer, &page, &c->json);
    else
        answer_write_series(&c->answer, &c->json);
    return NULL;
}

static uint64_t mix_in(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t mix_in_text(uint64_t hash, str text) {
    hash = mix_in(hash, text.len);
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.at[i]) * UINT64_C(0x100000001b3);
    return mix_in(hash, 0);
}

/* What was asked, however it was written. */
static uint64_t mix_in_value(uint64_t hash, const struct parameter *p, const struct value *v) {
    uint64_t number;
    memcpy(&number, &v->number, sizeof number);
    bool given = v->given && p->type == PARAMETER_SMOOTH; /* else what it falls back to says all */
    hash = mix_in(mix_in(mix_in(hash, given), v->count), (uint64_t)v->instant);
    hash = mix_in_text(mix_in(mix_in(hash, (uint64_t)v->choice), number), v->name);
    for (size_t i = 0; i < v->count && p->type == PARAMETER_CHOICES; i++)
        hash = mix_in(hash, (uint64_t)v->chosen[i]);
    for (size_t i = 0; i < v->count && p->type == PARAMETER_NAMES; i++)
        hash = mix_in_text(hash, v->names[i]);
    return hash;
}

/* The tag of an answer of_grid, by what the grid is now; NULL where there is none to tell. To be
 * called before anything is read: what is committed meanwhile makes another tag. */
static const char *grid_tag(struct call *c) {
    uint64_t sequence = grid_sequence(store_grid(c->api->store));
    uint64_t hash = mix_in(c->api->shared->started, (uint64_t)route_number(c->route));
    if (!c->route->of_grid || sequence == 0)
        return NULL;
    hash = mix_in(hash, (uint64_t)interval_at_or_after(aest_now()));
    hash = mix_in(hash, store_is_simulated(c->api->store));
    for (size_t i = 0; i < ROUTE_PARAMETERS + 4 && c->parameters[i]; i++)
        hash = mix_in_value(hash, c->parameters[i], &c->values[i]);
    return arena_printf(c->memory, "W/\"%016llx-%llx\"", (unsigned long long)hash,
                        (unsigned long long)sequence);
}

/* A hash of the body, for what else an answer depends on. Four lanes, since a multiplication waits
 * for the one before. */
static const char *body_tag(struct arena *a, str body) {
    const uint64_t prime = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t lane[4] = {1, 2, 3, 4}, tail = body.len;
    size_t i = 0;
    for (; i + 32 <= body.len; i += 32) {
        for (int k = 0; k < 4; k++) {
            uint64_t word;
            memcpy(&word, body.at + i + (size_t)k * 8, 8);
            lane[k] = (lane[k] ^ word) * prime;
            lane[k] ^= lane[k] >> 29;
        }
    }
    for (; i < body.len; i++)
        tail = (tail ^ (unsigned char)body.at[i]) * UINT64_C(0x100000001b3);
    for (int k = 0; k < 4; k++) {
        tail = (tail ^ lane[k]) * prime;
        tail ^= tail >> 32;
    }
    return arena_printf(a, "W/\"%016llx-%zx\"", (unsigned long long)tail, body.len);
}

void answer_error(struct http_response *response, int status, const char *code, const char *message,
                  const char *parameter) {
    struct json j = json_to(&response->body);
    response->status = status;
    response->etag = NULL;
    response->content_type = NULL;
    response->extra[0] = (struct http_header){0};
    response->body.len = 0;
    json_object(&j);
    json_key(&j, "error"), json_object(&j);
    json_key(&j, "code"), json_cstr(&j, code);
    json_key(&j, "message"), json_cstr(&j, message);
    if (parameter)
        json_key(&j, "parameter"), json_cstr(&j, parameter);
    json_end(&j);
    json_end(&j);
}

/* Frees [e]. */
static void answer_failure(struct call *c, err *e) {
    if (c->status) {
        answer_error(c->response, c->status, c->code, err_text(e),
                     c->refused ? c->refused->name : NULL);
    } else if (err_kind(e) == ERR_BUSY) {
        answer_error(c->response, 503, "busy", err_text(e), NULL);
        c->response->extra[0] = (struct http_header){STR("Retry-After"), STR("10")};
    } else {
        log_error("request failed", log_str("path", c->request->path), log_err(e));
        answer_error(c->response, 500, "internal", "the store can't be read; the log says why",
                     NULL);
    }
    err_free(e);
}

/* Whether no loop should wait for the answer. */
static bool takes_long(const struct call *c) {
    const struct value *from = value_of(c, &parameter_from), *to = value_of(c, &parameter_to);
    aest_us end = to->count ? to->instant : aest_now();
    int days = c->route->worker_days;
    return c->route->on_worker ||
           (days && from->count && end - from->instant > (aest_us)days * AEST_DAY);
}

void route_call(struct api *api, const struct route *r, const struct http_request *request,
                struct http_response *response) {
    struct call c = {.api = api,
                     .route = r,
                     .request = request,
                     .response = response,
                     .memory = request->memory,
                     .answer = {.memory = request->memory},
                     .json = json_to(&response->body)};
    err *e = read_parameters(&c);
    const char *tag = e ? NULL : grid_tag(&c);
    if (tag && http_etag_named(request, tag)) {
        response->status = 304;
        response->etag = tag;
        return;
    }
    bool later = !e && api != api->shared->worker_api && takes_long(&c);
    if (!e)
        e = later ? deferred_submit(&c) : r->answer(&c);
    if (!e && !later && (r->kind == ANSWER_SERIES || r->kind == ANSWER_TABLE))
        e = write_answer(&c);
    while (!e && c.json.depth)
        json_end(&c.json);
    if (e)
        answer_failure(&c, e);
    else if (tag && !later)
        response->etag = tag;
    else if (response->body.len && !response->etag)
        response->etag = body_tag(request->memory, buf_str(&response->body));
    answer_free(&c.answer);
}
