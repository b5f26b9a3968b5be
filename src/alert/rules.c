#include <ctype.h>
#include <stdlib.h>

#include "alert/rule.h"

extern char **environ;

const struct rule *const rules[RULES] = {
    &rule_price,       &rule_price_low,  &rule_price_forecast, &rule_price_predispatch,
    &rule_predispatch, &rule_cumulative, &rule_administered,   &rule_charge,
    &rule_new_unit,    &rule_trip,       &rule_stale,          &rule_gap,
    &rule_disk,        &rule_collector,  &rule_backup,         &rule_backup_failed,
    &rule_notice,      &rule_record,     &rule_user,
};

bool rule_exists(const char *name) {
    if (strcmp(name, "*") == 0 || strncmp(name, "user:", 5) == 0)
        return true;
    for (int i = 0; i < RULES; i++)
        if (strcmp(name, rules[i]->name) == 0)
            return true;
    return false;
}

/* ALERT_RULES_OFF names rules that aren't wanted. */
static bool is_off(const char *const *off, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(off[i], name) == 0)
            return true;
    return false;
}

static err *check_off(const char *const *off, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!rule_exists(off[i]))
            return err_new(ERR_USAGE, "ALERT_RULES_OFF names '%s', which is no rule", off[i]);
    return NULL;
}

/* -- the user's ---------------------------------------------------------------------------------
 */

#define USER_PREFIX "ALERT_RULE_"

struct user_rule {
    str key;
    const char *text;
};

static void add_user(struct buf *found, str key, const char *text) {
    const struct user_rule *rows = (const void *)found->at;
    for (size_t i = 0; i < found->len / sizeof *rows; i++)
        if (str_eq(rows[i].key, key)) /* the environment comes first */
            return;
    if (str_starts(key, STR(USER_PREFIX)) && key.len > sizeof USER_PREFIX - 1) {
        struct user_rule r = {key, text};
        buf_add(found, &r, sizeof r);
    }
}

static err *read_user(const struct alert_settings *s, const struct user_rule *r,
                      struct rule_use *u) {
    char *name = str_dup(s->memory, r->key) + sizeof USER_PREFIX - 1;
    for (char *p = name; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    *u = (struct rule_use){.rule = &rule_user};
    return err_wrap(rule_user_read(u, s->memory, name, str_from(r->text)), "%.*s", STR_ARG(r->key));
}

static void find_user(const struct alert_settings *s, struct buf *found) {
    for (char **e = environ; *e; e++) {
        str rest = str_from(*e), key = str_cut(&rest, '=');
        add_user(found, key, rest.at);
    }
    for (size_t i = s->config->count; i-- > 0;) /* later lines win */
        add_user(found, s->config->entries[i].key, s->config->entries[i].value.at);
}

/* -- all of them --------------------------------------------------------------------------------
 */

static err *configure_built_in(const struct alert_settings *s, struct rule_use *out,
                               size_t *count) {
    size_t off_count;
    const char **off =
        setting_list(s->memory, config_get(s->config, "ALERT_RULES_OFF", NULL), &off_count);
    TRY(check_off(off, off_count));
    for (int i = 0; i < RULES; i++) {
        struct rule_use *u = &out[*count];
        bool on = true;
        *u = (struct rule_use){
            .rule = rules[i], .name = rules[i]->name, .dataset = rules[i]->dataset};
        if (!rules[i]->configure || is_off(off, off_count, u->name))
            continue;
        TRY(rules[i]->configure(u, s, &on));
        *count += on;
    }
    return NULL;
}

err *rules_configure(const struct alert_settings *s, struct rule_use **out, size_t *count) {
    struct buf found = {0};
    find_user(s, &found);
    const struct user_rule *users = (const void *)found.at;
    size_t user_count = found.len / sizeof *users;
    *out = ARENA_ARRAY(s->memory, struct rule_use, RULES + user_count);
    *count = 0;
    err *e = configure_built_in(s, *out, count);
    for (size_t i = 0; i < user_count && !e; i++)
        e = read_user(s, &users[i], &(*out)[(*count)++]);
    buf_free(&found);
    return e;
}
