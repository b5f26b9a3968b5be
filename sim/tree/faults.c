#include "sim/tree/faults.h"

#include "sim/model/hash.h"
#include "sim/model/noise.h"

const char *const sim_fault_name[SIM_FAULTS] = {
    [SIM_FORBIDDEN] = "forbidden", [SIM_THROTTLED] = "throttled",   [SIM_BROKEN] = "broken",
    [SIM_RESET] = "reset",         [SIM_STALL] = "stall",           [SIM_TRUNCATED] = "truncated",
    [SIM_FLIPPED] = "flipped",     [SIM_STALE_LIST] = "stale-list", [SIM_FOOTER] = "footer",
    [SIM_LATE] = "late",           [SIM_TWICE] = "twice",           [SIM_REVISED] = "revised",
    [SIM_NEVER] = "never",         [SIM_EMPTY] = "empty",           [SIM_NEW_COLUMN] = "new-column",
    [SIM_VERSION] = "version",     [SIM_NEW_DUID] = "new-duid",     [SIM_MIDNIGHT] = "midnight",
};

bool sim_fault_hits(const struct sim_faults *f, enum sim_fault fault, str what, uint64_t n) {
    struct noise noise = {f->seed, sim_hash(what) + (uint64_t)fault};
    return f->rate[fault] > 0 && noise_uniform(noise, (int64_t)n) < f->rate[fault];
}

static err *unknown(str name) {
    struct buf known = {0};
    for (int i = 0; i < SIM_FAULTS; i++)
        buf_printf(&known, ", %s", sim_fault_name[i]);
    err *e = err_new(ERR_USAGE, "there is no fault '%.*s'; there are all%s", STR_ARG(name),
                     buf_cstr(&known));
    buf_free(&known);
    return e;
}

static err *parse_one(str word, struct sim_faults *out) {
    double rate;
    str value = word, name = str_trim(str_cut(&value, '='));
    bool all = str_eq(name, STR("all"));
    int first = 0, last = SIM_FAULTS - 1;
    if (!all) {
        while (first < SIM_FAULTS && !str_eq(name, str_from(sim_fault_name[first])))
            first++;
        if (first == SIM_FAULTS)
            return unknown(name);
        last = first;
    }
    if (!str_to_double(str_trim(value), &rate) || rate < 0 || rate > 1)
        return err_new(ERR_USAGE, "the rate in '%.*s' is not a number from 0 to 1, as in %.*s=0.02",
                       STR_ARG(word), STR_ARG(name));
    for (int i = first; i <= last; i++)
        out->rate[i] = rate;
    return NULL;
}

err *sim_faults_parse(str text, struct sim_faults *out) {
    struct sim_faults parsed = {.seed = out->seed};
    while (text.len)
        TRY(parse_one(str_trim(str_cut(&text, ',')), &parsed));
    *out = parsed;
    return NULL;
}
