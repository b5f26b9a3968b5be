#include "cmd/ranges.h"

err *datasets_read(const char *text, dataset_set all, dataset_set *out) {
    str rest = str_from(text);
    *out = text ? 0 : all;
    while (rest.len) {
        str name = str_trim(str_cut(&rest, ','));
        const struct dataset *d = dataset_by_name(name);
        if ((all & HISTORY_NOTICES) && str_eq(name, STR("notices"))) {
            *out |= HISTORY_NOTICES;
            continue;
        }
        if (!d)
            return err_new(ERR_USAGE, "--dataset: there is no dataset '%.*s'", STR_ARG(name));
        *out |= DATASET_BIT(dataset_id(d));
    }
    return *out ? NULL : err_new(ERR_USAGE, "--dataset names none");
}

static err *read_day(const char *option, const char *text, aest_day *out) {
    aest_us t;
    if (!aest_parse_iso(str_from(text), &t) || t <= 0)
        return err_new(ERR_USAGE, "%s is '%s', not a date as 2024-07-01", option, text);
    *out = (aest_day)(t / AEST_DAY);
    return NULL;
}

err *range_read(const struct range_settings *settings, struct range *out) {
    aest_day from = 0, to = 0;
    *out = (struct range){0};
    TRY(datasets_read(settings->only, EVERY_DATASET, &out->wanted));
    if (settings->from)
        TRY(read_day("--from", settings->from, &from));
    if (settings->to)
        TRY(read_day("--to", settings->to, &to));
    if (settings->from && settings->to && from > to)
        return err_new(ERR_USAGE, "--from is after --to");
    out->first = settings->from ? interval_day_start(from) + 1 : 0;
    out->last = settings->to ? interval_day_start(to + 1) : 0;
    return NULL;
}
