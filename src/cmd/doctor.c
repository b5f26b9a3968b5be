#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "alert/engine.h"
#include "base/json.h"
#include "cmd/services.h"
#include "ops/doctor.h"

/* -- what alerts say of themselves --------------------------------------------------------------
 */

static bool goes_out(const struct sink *sinks, size_t count, const char *rule,
                     enum alert_severity severity) {
    for (size_t i = 0; i < count; i++)
        if (sinks[i].kind != &sink_log && sink_wants(&sinks[i], rule, severity))
            return true;
    return false;
}

static err *read_alerts(const struct alert_settings *settings, struct doctor_alerts *out) {
    struct rule_use *uses;
    struct sink *sinks;
    struct buf names = {0};
    size_t use_count, count;
    TRY(rules_configure(settings, &uses, &use_count));
    TRY(sinks_configure(settings, &sinks, &count));
    for (size_t i = 0; i < use_count; i++) {
        out->price_on = out->price_on || uses[i].rule == &rule_price;
        out->unit_on = out->unit_on || uses[i].rule == &rule_new_unit;
    }
    out->price_routed = goes_out(sinks, count, rule_price.name, ALERT_CRITICAL);
    out->unit_routed = goes_out(sinks, count, rule_new_unit.name, ALERT_INFO);
    for (size_t i = 0; i < count; i++)
        if (sinks[i].kind != &sink_log)
            buf_printf(&names, "%s%s", names.len ? ", " : "", sinks[i].kind->name);
    out->sinks = str_dup(settings->memory, buf_str(&names));
    buf_free(&names);
    return NULL;
}

/* -- out ----------------------------------------------------------------------------------------
 */

static void print_json(const char *data, const struct verdict verdicts[CHECKS]) {
    struct buf text = {0};
    struct json j = json_to(&text);
    json_object(&j);
    json_key(&j, "store"), json_cstr(&j, data);
    json_key(&j, "verdict"), json_cstr(&j, verdict_name[doctor_worst(verdicts)]);
    json_key(&j, "checks"), json_array(&j);
    for (int i = 0; i < CHECKS; i++) {
        const struct verdict *v = &verdicts[i];
        json_object(&j);
        json_key(&j, "name"), json_cstr(&j, v->name);
        json_key(&j, "question"), json_cstr(&j, v->question);
        json_key(&j, "verdict"), json_cstr(&j, verdict_name[v->kind]);
        json_key(&j, "text"), json_cstr(&j, v->text);
        json_key(&j, "advice");
        v->advice ? json_cstr(&j, v->advice) : json_null(&j);
        json_end(&j);
    }
    json_end(&j);
    json_end(&j);
    printf("%s\n", buf_cstr(&text));
    buf_free(&text);
}

static void print_text(const char *data, const struct verdict verdicts[CHECKS]) {
    static const char *const mark[VERDICT_KINDS] = {"ok", "WARNING", "FAILED"};
    static const char *const colour[VERDICT_KINDS] = {"\033[32m", "\033[33m", "\033[31m"};
    const bool coloured = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    int count[VERDICT_KINDS] = {0};
    printf("store %s\n\n", data);
    for (int i = 0; i < CHECKS; i++) {
        const struct verdict *v = &verdicts[i];
        count[v->kind]++;
        printf("%s%-8s%s %s\n         %s\n", coloured ? colour[v->kind] : "", mark[v->kind],
               coloured ? "\033[0m" : "", v->question, v->text);
        if (v->advice)
            printf("         -> %s\n", v->advice);
    }
    printf("\n%d ok, %d warnings, %d failed\n", count[VERDICT_OK], count[VERDICT_WARNING],
           count[VERDICT_FAILED]);
}

static int examine(const struct command *self, const struct doctor *d, struct arena *a, bool json) {
    struct verdict verdicts[CHECKS];
    err *e = doctor_run(d, a, verdicts);
    if (e)
        return command_fail(self, e);
    if (json)
        print_json(d->data, verdicts);
    else
        print_text(d->data, verdicts);
    return doctor_worst(verdicts) == VERDICT_OK ? EXIT_DONE : EXIT_FINDINGS;
}

/* Where no settings are named, those of the process that collects are meant. */
static err *find_settings(struct setup *setup, struct arena *a) {
    struct running *rows;
    size_t count;
    if (setup->config_file)
        return NULL;
    TRY(running_list(a, setup->data, &rows, &count));
    for (size_t i = 0; i < count && !setup->config_file; i++)
        if (rows[i].alerts)
            setup->config_file = rows[i].config;
    return setup->config_file ? setup_read_config(setup) : NULL;
}

static int doctor(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct arena a = {0};
    struct doctor d = {.home = getenv("HOME"), .alerts = {.sinks = ""}};
    bool json = false;
    int status;
    const struct option_spec options[] = {
        {"token", "TOKEN", "for the dashboard, where it asks for one", .value = &d.token},
        {"json", NULL, "for programs", .flag = &json},
        {0}};
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    err *e = argc ? err_new(ERR_USAGE, "what is '%s'?", argv[0]) : NULL;
    if (!e)
        e = find_settings(&setup, &a);
    if (!e) {
        const struct alert_settings settings = alert_settings(&setup, &a, NULL);
        err *wrong = read_alerts(&settings, &d.alerts);
        d.alerts.error = wrong ? str_dup(&a, str_from(err_text(wrong))) : NULL;
        err_free(wrong);
        d.data = setup.data;
        d.home = d.home ? d.home : "";
        d.backup_to = config_get(&setup.config, "NEMD_BACKUP", NULL);
        status = examine(self, &d, &a, json);
    } else {
        status = command_fail(self, e);
    }
    arena_free(&a);
    setup_free(&setup);
    return status;
}

const struct command command_doctor = {
    .name = "doctor",
    .summary = "the whole check-list, with a verdict for each",
    .usage = "[--json] [OPTION…]",
    .description =
        "Goes through all that should be true of an installation: the collector and its cycles,\n"
        "the dashboard, alerts, gaps, the backup, the service, the disk, errors, the store "
        "itself.\n"
        "Each gets a verdict, what was found and what to do about it. Exit status 3 unless all "
        "are\n"
        "ok.",
    .details = "Without --config it takes the settings of the process that runs on the store. The "
               "verdicts\n"
               "of the last time are in the dashboard's /metrics too, as nemd_check_verdict.",
    .examples = {{"nemd doctor", "the list, on the terminal"},
                 {"nemd doctor --json", "the same for programs"}},
    .run = doctor,
};
