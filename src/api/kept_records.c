#include "api/kept_records.h"

#include <stdlib.h>

static err *read_records(struct kept_records *k, struct arena *memory, const char *path) {
    struct alerts alerts;
    struct market_records *own = ARENA_NEW(memory, struct market_records);
    TRY(alerts_open_to_read(&alerts, path));
    err *e = record_keep_load(&alerts, memory, own, &k->outside);
    if (!e)
        e = record_keep_since(&alerts, &k->any, &k->since);
    alerts_close(&alerts);
    k->best = *own;
    market_records_merge(&k->best, &k->outside);
    return e;
}

err *kept_records_look(struct api *api, const struct kept_records **out) {
    struct arena memory = {0};
    const char *path = alerts_path(&memory, api->store->path);
    const struct file_stamp now[2] = {file_stamp(path),
                                      file_stamp(arena_printf(&memory, "%s-wal", path))};
    err *e = NULL;
    if (!api->records)
        api->records = mem_zalloc(1, sizeof *api->records);
    struct kept_records *k = api->records;
    if (!k->read || !file_stamp_eq(now[0], k->stamps[0]) || !file_stamp_eq(now[1], k->stamps[1])) {
        e = read_records(k, &memory, path);
        k->read = !e;
        k->stamps[0] = now[0], k->stamps[1] = now[1];
    }
    *out = k;
    arena_free(&memory);
    return e;
}

void kept_records_free(struct api *api) {
    free(api->records);
    api->records = NULL;
}

bool kept_is_outside(const struct kept_records *k, int measure, int extreme, int area, int hour) {
    struct market_record best = k->best.best[measure][extreme][area][hour],
                         outside = k->outside.best[measure][extreme][area][hour];
    return !isnan(outside.value) && !(outside.value < best.value || outside.value > best.value) &&
           outside.at == best.at;
}

struct cell record_time_cell(struct market_record r) {
    return isnan(r.value) || r.at == RECORD_TIME_UNKNOWN ? cell_none() : cell_time(r.at);
}
