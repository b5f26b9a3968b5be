/* What isn't an answer at once: exports, events, and the program's own numbers. */
#include <stdio.h>
#include <sys/statvfs.h>

#include "api/export.h"
#include "store/note.h"

static const struct parameter dataset = {
    "dataset", PARAMETER_CHOICE, .choices = export_names, .required = true, .summary = "which",
};
static const struct parameter from = {
    "from",
    PARAMETER_INSTANT,
    .absent = "the first row",
    .summary = "the range's begin, itself not in it; of a forecast by run_time",
    .example = "2025-08-20",
};
static const struct parameter to = {
    "to",
    PARAMETER_INSTANT,
    .absent = "the last row",
    .summary = "the range's end",
    .example = "2025-08-21T00:30",
};
static const struct parameter format = {
    "format",
    PARAMETER_CHOICE,
    .choices = CHOICES("csv", "parquet"),
    .fallback = "csv",
    .summary = "the form of the file",
};

static err *export(struct call *c) {
    const struct value *begin = value_of(c, &from), *end = value_of(c, &to);
    const struct export_request what = {
        .name = dataset.choices[value_of(c, &dataset)->choice],
        .has_from = begin->count > 0,
        .has_to = end->count > 0,
        .from = begin->instant,
        .to = end->instant,
        .format = value_of(c, &format)->choice == 0 ? FORMAT_CSV : FORMAT_PARQUET,
    };
    if (what.has_from && what.has_to && what.from > what.to)
        return call_refuse(c, &from, "must not be after to");
    return export_dataset(c, &what);
}

static err *events(struct call *c) {
    if (event_clients_add(c->api->clients, c->request, c->response))
        return NULL;
    return err_new(ERR_BUSY, "too many listen already; try again later");
}

/* -- metrics ------------------------------------------------------------------------------------
 */

struct gauge {
    const char *name, *help;
    double (*value)(const struct store_index *x, const struct dataset *d);
    bool of_rows; /* only where there are any */
};

static double latest_of(const struct store_index *x, const struct dataset *d) {
    (void)d;
    return (double)interval_to_unix(x->last);
}

static double age_of(const struct store_index *x, const struct dataset *d) {
    (void)d;
    return (double)(aest_now() - interval_to_aest(x->last)) / (double)AEST_SECOND;
}

static double bytes_of(const struct store_index *x, const struct dataset *d) {
    (void)d;
    return (double)x->bytes;
}

static double files_of(const struct store_index *x, const struct dataset *d) {
    (void)d;
    return (double)x->count;
}

static double is_stale(const struct store_index *x, const struct dataset *d) {
    return store_index_is_stale(x, d, aest_now());
}

static double is_damaged(const struct store_index *x, const struct dataset *d) {
    (void)d;
    return x->damage != NULL;
}

static const struct gauge gauges[] = {
    {"nemd_dataset_latest_timestamp_seconds", "End of the dataset's newest interval.", latest_of,
     true},
    {"nemd_dataset_age_seconds", "Age of the dataset's newest interval.", age_of, true},
    {"nemd_dataset_bytes", "Size of the dataset's files.", bytes_of, false},
    {"nemd_dataset_files", "Number of the dataset's files.", files_of, false},
    {"nemd_dataset_stale", "1 when the newest interval is older than it should be.", is_stale,
     false},
    {"nemd_dataset_damaged", "1 when a file of the dataset can't be read.", is_damaged, false},
};

static err *write_datasets(struct call *c, struct buf *out) {
    for (int i = 0; i < DATASETS; i++) {
        const struct store_index *x;
        TRY(store_index(c->api->store, (enum dataset_id)i, &x));
    }
    for (size_t g = 0; g < sizeof gauges / sizeof *gauges; g++) {
        metrics_head(out, gauges[g].name, "gauge", gauges[g].help);
        for (int i = 0; i < DATASETS; i++) {
            const struct store_index *x = &c->api->store->indexes[i];
            if (x->has_bounds || !gauges[g].of_rows)
                metrics_line(out, gauges[g].name, "dataset", str_from(datasets[i].name),
                             gauges[g].value(x, &datasets[i]));
        }
    }
    return NULL;
}

static void write_gauge(struct buf *out, const char *name, const char *help, double value) {
    metrics_head(out, name, "gauge", help);
    metrics_line(out, name, NULL, (str){0}, value);
}

/* The verdicts of the last `nemd doctor`, and when that was: see store/note.h. */
static void write_verdicts(const struct note *n, struct buf *out) {
    metrics_head(out, "nemd_check_verdict", "gauge",
                 "What nemd doctor found last: 0 ok, 1 a warning, 2 failed.");
    for (size_t i = 0; i < n->lines.count; i++) {
        const struct config_entry *line = &n->lines.entries[i];
        uint64_t verdict;
        if (str_eq(line->key, STR("at")) || str_ends_nocase(line->key, STR("_text")) ||
            !str_to_u64(line->value, &verdict) || verdict > 2)
            continue;
        metrics_line(out, "nemd_check_verdict", "check", line->key, (double)verdict);
    }
    write_gauge(out, "nemd_check_timestamp_seconds", "When nemd doctor ran last.",
                (double)note_number(n, "at", 0));
}

static err *write_notes(const char *data, struct buf *out) {
    struct note doctor, backup;
    err *e = note_read(data, "doctor", &doctor);
    if (!e && note_number(&doctor, "at", 0))
        write_verdicts(&doctor, out);
    note_free(&doctor);
    TRY(e);
    e = note_read(data, "backup", &backup);
    if (!e && note_number(&backup, "last", 0))
        write_gauge(out, "nemd_backup_timestamp_seconds", "When the newest backup was made.",
                    (double)note_number(&backup, "last", 0));
    note_free(&backup);
    return e;
}

static void write_disk(const char *data, struct buf *out) {
    struct statvfs disk;
    if (statvfs(data, &disk) == 0)
        write_gauge(out, "nemd_disk_free_bytes", "Room on the store's disk.",
                    (double)disk.f_bavail * (double)disk.f_frsize);
}

static err *metrics(struct call *c) {
    struct api_shared *shared = c->api->shared;
    struct buf *out = &c->response->body;
    c->response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    c->response->cache_control = "no-store";
    metrics_head(out, "nemd_build_info", "gauge", "1, with the version.");
    metrics_line(out, "nemd_build_info", "version", str_from(shared->version), 1);
    TRY(write_datasets(c, out));
    TRY(write_notes(c->api->store->path, out));
    write_disk(c->api->store->path, out);
    metrics_write(&shared->metrics, route_name, out);
    write_gauge(out, "nemd_http_connections", "Connections that are open.",
                http_server_all_connections(c->api->server));
    write_gauge(out, "nemd_events_clients", "Clients of /v1/events.",
                events_clients(&shared->events));
    write_gauge(out, "nemd_exports", "Exports that run or wait.", worker_load(&shared->exporter));
    write_gauge(out, "nemd_long_answers", "Answers that read Parquet or take long.",
                worker_load(&shared->worker));
    write_gauge(out, "process_resident_memory_bytes", "Memory in use.", (double)metrics_memory());
    return NULL;
}

const struct route routes_export[] = {
    {"/v1/export", "A dataset as a file", "Data", ANSWER_STREAM, export,
     .parameters = {&dataset, &from, &to, &format},
     .details = "Rows of (from, to] as they are stored, in the order of key and time within each "
                "file of the store; times are AEST. A few exports wait for one another; beyond "
                "that the answer is 503.",
     .content_type = "text/csv"},
    {"/v1/events", "Live events", "Data", ANSWER_STREAM, events,
     .details = "Server-sent events. interval {dataset, latest}: the dataset has changed; stale "
                "{dataset, latest, stale}: it got too old, or is fresh again; alert: what an alert "
                "says. A new client is told the state of every dataset first; one that comes back "
                "with Last-Event-ID is told what it missed. A comment every 15 seconds keeps the "
                "connection alive.",
     .content_type = "text/event-stream"},
    {"/metrics", "Numbers for Prometheus", "Metrics", ANSWER_STREAM, metrics,
     .content_type = "text/plain"},
    {0},
};
