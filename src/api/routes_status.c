/* How the collecting goes: feeds, what failed, what is missing. */
#include "api/chart.h"
#include "collect/feeds.h"
#include "collect/gaps.h"

static struct cell unix_cell(int64_t seconds) {
    return (struct cell){seconds > 0 ? CELL_TIME : CELL_NONE, {0}, 0, seconds};
}

/* -- feeds --------------------------------------------------------------------------------------
 */

static const struct answer_column feed_columns[] = {
    {"feed", CELL_TEXT, NULL},       {"folder", CELL_TEXT, NULL},
    {"cadence", CELL_WHOLE, "min"},  {"done", CELL_WHOLE, NULL},
    {"failed", CELL_WHOLE, NULL},    {"last_listed", CELL_TIME, NULL},
    {"last_fetch", CELL_TIME, NULL}, {"optional", CELL_FLAG, NULL},
    {"error", CELL_TEXT, NULL},
};

static err *feed_status(struct call *c) {
    struct ledger *ledger;
    TRY(store_ledger(c->api->store, &ledger));
    ANSWER_COLUMNS(c, feed_columns);
    for (int i = 0; i < FEEDS; i++) {
        struct ledger_feed f;
        TRY(ledger_feed(ledger, c->memory, feeds[i].name, &f));
        text_cell(c, feeds[i].name);
        text_cell(c, feeds[i].folder);
        whole_cell(c, (size_t)feeds[i].cadence_minutes);
        answer_cell(&c->answer, cell_whole(f.done));
        answer_cell(&c->answer, cell_whole(f.failed));
        answer_cell(&c->answer, unix_cell(f.last_listed));
        answer_cell(&c->answer, unix_cell(f.last_fetch));
        answer_cell(&c->answer, cell_flag(feeds[i].optional));
        str_cell(c, str_from(f.last_error));
    }
    return NULL;
}

/* -- failures -----------------------------------------------------------------------------------
 */

static const struct answer_column failure_columns[] = {
    {"feed", CELL_TEXT, NULL},   {"file", CELL_TEXT, NULL}, {"reason", CELL_TEXT, NULL},
    {"tries", CELL_WHOLE, NULL}, {"at", CELL_TIME, NULL},
};

enum { MOST_FAILURES = 1000 };

static err *failures(struct call *c) {
    struct ledger *ledger;
    struct ledger_failure *found = NULL;
    size_t count = 0;
    TRY(store_ledger(c->api->store, &ledger));
    TRY(ledger_failures(ledger, c->memory, MOST_FAILURES, &found, &count));
    ANSWER_COLUMNS(c, failure_columns);
    for (size_t i = 0; i < count; i++) {
        text_cell(c, found[i].feed);
        text_cell(c, found[i].name);
        str_cell(c, str_from(found[i].reason));
        whole_cell(c, (size_t)found[i].tries);
        answer_cell(&c->answer, unix_cell(found[i].at));
    }
    return NULL;
}

/* -- gaps ---------------------------------------------------------------------------------------
 */

static const struct answer_column gap_columns[] = {
    {"dataset", CELL_TEXT, NULL}, {"key", CELL_TEXT, NULL},        {"first", CELL_TIME, NULL},
    {"last", CELL_TIME, NULL},    {"intervals", CELL_WHOLE, NULL}, {"cause", CELL_TEXT, NULL},
    {"file", CELL_TEXT, NULL},
};

static const struct parameter days = {
    "days",     PARAMETER_WHOLE, .low = 1,
    .high = 31, .fallback = "7", .summary = "how many days up to the newest interval are looked at",
};

/* The newest interval of any dataset; 0 for a store without rows. */
static err *newest_of_all(struct store *s, interval *out) {
    *out = 0;
    for (int i = 0; i < DATASETS; i++) {
        const struct store_index *x;
        TRY(store_index(s, (enum dataset_id)i, &x));
        if (x->has_bounds && x->last > *out)
            *out = x->last;
    }
    return NULL;
}

static void gap_row(struct call *c, const struct gap *g) {
    text_cell(c, datasets[g->dataset].name);
    str_cell(c, g->key);
    answer_cell(&c->answer, cell_time(g->first));
    answer_cell(&c->answer, cell_time(g->last));
    whole_cell(c, (size_t)g->count);
    text_cell(c, gap_cause_text[g->cause]);
    str_cell(c, str_from(g->file));
}

static err *gaps(struct call *c) {
    struct store *s = c->api->store;
    struct gap *found = NULL;
    size_t count = 0;
    interval newest;
    int reading;
    TRY(newest_of_all(s, &newest));
    ANSWER_COLUMNS(c, gap_columns);
    if (!newest)
        return NULL;
    struct gap_search search = {
        EVERY_DATASET, .first = newest - (int)value_of(c, &days)->number * INTERVALS_PER_DAY,
        .only_stored = true, .now = aest_now()};
    TRY(store_read_begin(s, &reading));
    err *e = gaps_find(s, c->memory, &search, &found, &count);
    store_read_end(reading);
    for (size_t i = 0; !e && i < count; i++)
        if (found[i].cause != GAP_NOT_YET)
            gap_row(c, &found[i]);
    return e;
}

const struct route routes_status[] = {
    {"/v1/status/feeds", "The feeds, and when each was last looked at", "Service", ANSWER_TABLE,
     feed_status,
     .details = "done and failed count files; error is that of the last look, null when it went "
                "well. A feed is optional where a source may be without it."},
    {"/v1/status/failures", "Files that were refused or not fetched, the newest first", "Service",
     ANSWER_TABLE, failures, .details = "Of a thousand at most."},
    {"/v1/status/gaps", "Intervals that should have rows and have none", "Service", ANSWER_TABLE,
     gaps, .on_worker = true, .parameters = {&days},
     .details = "key is null where no key has a row. What is published later is no gap. cause is "
                "\"not fetched\", \"failed\" (then with its file) or \"source gone\"."},
    {0},
};
