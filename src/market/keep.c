#include "market/keep.h"

#include "base/log.h"
#include "market/record_keep.h"
#include "market/sums.h"
#include "store/grid_refresh.h"
#include "store/records_copy.h"

enum { LOOK_MS = 1000, LOOK_ANYWAY = 60 };

/* What a look goes by: another one means that there may be work. */
struct seen {
    uint64_t sequence;
    struct file_stamp units;
};

static struct seen see(struct store *s) {
    struct arena a = {0};
    struct seen now = {grid_sequence(store_grid(s)), file_stamp(records_path(s, &a, UNITS))};
    arena_free(&a);
    return now;
}

static bool differs(struct seen a, struct seen b) {
    return a.sequence != b.sequence || !file_stamp_eq(a.units, b.units);
}

/* The same of records. Where they can't be written, as in a folder of somebody else's, they stay
 * what they are: that is said once. */
static void look_at_records(struct keep *k, struct store *s) {
    struct arena a = {0};
    struct alerts alerts;
    bool whole = false;
    err *e = alerts_open(&alerts, alerts_path(&a, k->data), &k->stop);
    if (!e) {
        while (!e && !whole && !stop_requested(&k->stop) && grid_complete(store_grid(s)))
            e = record_keep(s, &alerts, &k->stop, &whole);
        alerts_close(&alerts);
    }
    if (e && err_kind(e) != ERR_STOPPED && !k->failing)
        log_warn("records can't be kept", log_err(e));
    k->failing = e != NULL;
    err_free(e);
    arena_free(&a);
}

/* Makes all that lacks. An error is one for the log: the next look tries again. */
static void look(struct store *s, struct units *units, const struct stop *stop) {
    int days = 0, sums = 0;
    store_is_simulated(s); /* a new store's kind is settled by who collects: it is taken as it is */
    err *e = grid_refresh(s, stop, &days);
    if (!e)
        e = sums_refresh(s, units, stop, &sums);
    if (!e)
        e = records_copy_refresh(s);
    if (days || sums)
        log_info("grid refreshed", log_int("days", days), log_int("sums", sums));
    if (e && err_kind(e) != ERR_STOPPED)
        log_warn("the grid can't be refreshed", log_err(e));
    err_free(e);
    duck_close(&s->duck); /* it keeps memory, and won't be wanted for long */
}

static void *keep(void *context) {
    struct keep *k = context;
    struct units units = {0};
    struct store *s;
    err *e = store_open(k->data, STORE_READ, &k->stop, &s);
    if (e) {
        log_error("the grid can't be kept", log_err(e));
        err_free(e);
        return NULL;
    }
    for (bool first = true; first || !stop_requested(&k->stop); first = false) {
        struct seen before = see(s);
        look(s, &units, &k->stop);
        look_at_records(k, s);
        before.sequence = grid_sequence(store_grid(s)); /* what it did itself is no news */
        int waited = 0;
        while (waited++ < LOOK_ANYWAY && !stop_wait(&k->stop, LOOK_MS))
            if (differs(before, see(s)))
                break;
        if (waited > LOOK_ANYWAY) /* files may have gone without a word */
            grid_look_anew(store_grid(s));
    }
    units_free(&units);
    store_close(s);
    return NULL;
}

err *keep_start(struct keep *k, const char *data) {
    k->data = data;
    TRY(stop_init(&k->stop));
    int failed = pthread_create(&k->thread, NULL, keep, k);
    if (!failed)
        return NULL;
    stop_close(&k->stop);
    return err_errno(failed, "can't start the thread that keeps the grid");
}

void keep_end(struct keep *k) {
    stop_request(&k->stop);
    pthread_join(k->thread, NULL);
    stop_close(&k->stop);
}
