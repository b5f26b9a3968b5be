/* Rules of the user's, from settings ALERT_RULE_<NAME>:
 *
 *   ALERT_RULE_SA_WIND="regions5.ss_wind_clearedmw SA1 < 50 clear 100 for 15m severity info to
 * mail"
 *
 * dataset.column, key (or *), comparison (>=, >, <=, <) and number; then in any order: clear NUMBER
 * (back to normal there; the number itself where it isn't said), for N m|h|d, severity NAME, to
 * SINK,… */
#include <ctype.h>
#include <math.h>

#include "alert/rule.h"
#include "alert/sink.h"
#include "store/grid.h"

static str next_word(str *rest) {
    *rest = str_trim(*rest);
    size_t len = 0;
    while (len < rest->len && !isspace((unsigned char)rest->at[len]))
        len++;
    str word = {rest->at, len};
    *rest = (str){rest->at + len, rest->len - len};
    return word;
}

static err *read_series(struct rule_use *u, struct arena *a, str word) {
    str column = word, dataset = str_cut(&column, '.');
    const struct dataset *d = dataset_by_name(dataset);
    int c = d ? dataset_column(d, column) : -1;
    if (!d)
        return err_new(ERR_USAGE, "there is no dataset '%.*s'", STR_ARG(dataset));
    u->column = str_dup(a, column);
    if (c < 0 || d->columns[c].type != COLUMN_DOUBLE || d->horizon_step ||
        grid_lane(dataset_id(d), u->column, 0) < 0)
        return err_new(ERR_USAGE, "%s has no column of numbers '%.*s' to follow", d->name,
                       STR_ARG(column));
    u->dataset = dataset_id(d);
    return NULL;
}

static err *read_duration(str word, int *out) {
    static const struct {
        char unit;
        int seconds;
    } units[] = {{'m', 60}, {'h', 3600}, {'d', 86400}};
    uint64_t number;
    for (size_t i = 0; word.len > 1 && i < sizeof units / sizeof *units; i++)
        if (word.at[word.len - 1] == units[i].unit &&
            str_to_u64((str){word.at, word.len - 1}, &number) && number <= 1000) {
            *out = (int)number * units[i].seconds;
            return NULL;
        }
    return err_new(ERR_USAGE, "'%.*s' is no duration as in 15m, 2h, 1d", STR_ARG(word));
}

static err *read_sinks(struct rule_use *u, struct arena *a, str word) {
    size_t count;
    u->sinks = str_dup(a, word);
    const char **list = setting_list(a, u->sinks, &count);
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        for (int k = 0; k < SINKS; k++)
            known = known || strcmp(list[i], sink_kinds[k]->name) == 0;
        if (!known)
            return err_new(ERR_USAGE, "there is no sink '%s'", list[i]);
    }
    return NULL;
}

static err *read_option(struct rule_use *u, struct arena *a, str word, str value) {
    struct ladder *l = &u->ladder;
    if (str_eq(word, STR("for")))
        return read_duration(value, &l->hold_s);
    if (str_eq(word, STR("to")))
        return read_sinks(u, a, value);
    if (str_eq(word, STR("severity")))
        return alert_severity_from_name(value, &l->steps[0].severity)
                   ? NULL
                   : err_new(ERR_USAGE, "'%.*s' is no severity: info, warning or critical",
                             STR_ARG(value));
    if (!str_eq(word, STR("clear")))
        return err_new(ERR_USAGE, "what is '%.*s'? for, clear, severity or to is expected",
                       STR_ARG(word));
    return str_to_double(value, &l->clear)
               ? NULL
               : err_new(ERR_USAGE, "'%.*s' is no number", STR_ARG(value));
}

static err *read_comparison(struct rule_use *u, str *rest) {
    struct ladder *l = &u->ladder;
    str word = next_word(rest), number = next_word(rest);
    bool strict = word.len == 1;
    l->below = str_starts(word, STR("<"));
    if (!str_eq(word, STR(">")) && !str_eq(word, STR("<")) && !str_eq(word, STR(">=")) &&
        !str_eq(word, STR("<=")))
        return err_new(ERR_USAGE, "'%.*s' is no comparison: >=, >, <= or <", STR_ARG(word));
    double *from = &l->steps[0].from;
    if (!str_to_double(number, from))
        return err_new(ERR_USAGE, "'%.*s' is no number", STR_ARG(number));
    /* what is just not reached is normal */
    double inner = nextafter(*from, l->below ? INFINITY : -INFINITY);
    l->clear = strict ? *from : inner;
    if (strict)
        *from = nextafter(*from, l->below ? -INFINITY : INFINITY);
    return isfinite(*from) ? NULL
                           : err_new(ERR_USAGE, "no value is beyond '%.*s'", STR_ARG(number));
}

err *rule_user_read(struct rule_use *u, struct arena *a, const char *name, str text) {
    u->rule = &rule_user;
    u->name = arena_printf(a, "user:%s", name);
    u->ladder = (struct ladder){.count = 1, .before = "", .behind = "", .decimals = 2};
    u->ladder.steps[0] = (struct step){0, ALERT_WARNING, str_dup(a, str_from(name))};
    u->ladder.over = arena_printf(a, "%s is over", name);
    TRY(read_series(u, a, next_word(&text)));
    str key = next_word(&text);
    if (!key.len)
        return err_new(ERR_USAGE, "a key is expected behind the series, or *");
    u->key = str_dup(a, key);
    TRY(read_comparison(u, &text));
    for (;;) {
        str word = next_word(&text), value = next_word(&text);
        if (!word.len)
            break;
        TRY(read_option(u, a, word, value));
    }
    struct ladder *l = &u->ladder;
    if (l->below ? l->clear <= l->steps[0].from : l->clear >= l->steps[0].from)
        return err_new(ERR_USAGE, "clear lies beyond what raises the alert");
    return NULL;
}

static err *values(struct judging *j, struct reading **out, size_t *count) {
    const char *key = j->use->key;
    size_t all;
    TRY(judge_readings(j, j->use->dataset, j->use->column, out, &all));
    *count = 0;
    for (size_t i = 0; i < all; i++)
        if (strcmp(key, "*") == 0 || strcmp((*out)[i].key, key) == 0)
            (*out)[(*count)++] = (*out)[i];
    return NULL;
}

const struct rule rule_user = {
    .name = "user",
    .summary = "a rule of yours, ALERT_RULE_<NAME>",
    .most_a_day = 3,
    .then_s = 3600,
    .values = values,
};
