#include "sim/program/options.h"

#include <stdio.h>

#include "sim/program/clock.h"
#include "sim/tree/faults.h"

static void print_help(const struct sim_command *self, const struct sim_option *options) {
    printf("nemsim %s %s\n\n%s\n\nOptions:\n", self->name, self->usage, self->description);
    for (const struct sim_option *o = options; o->name; o++) {
        char left[40];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->argument ? " " : "",
                 o->argument ? o->argument : "");
        printf("  %-20s %s\n", left, o->help);
    }
    printf("  %-20s %s\n", "--help", "this text");
}

static err *read_option(const struct sim_option *options, char **argv, int *at) {
    str value = str_from(argv[*at] + 2), name = str_cut(&value, '=');
    bool has_value = name.at[name.len] == '=';
    const struct sim_option *o = options;
    while (o->name && !str_eq(name, str_from(o->name)))
        o++;
    if (!o->name)
        return err_new(ERR_USAGE, "there is no option %s", argv[*at]);
    if (!o->argument) {
        if (has_value)
            return err_new(ERR_USAGE, "no value goes with %s", argv[*at]);
        *(bool *)o->to = true;
        return NULL;
    }
    if (!has_value) {
        if (!argv[*at + 1])
            return err_new(ERR_USAGE, "a value is missing behind %s", argv[*at]);
        value = str_from(argv[++*at]);
    }
    if (o->read)
        return err_wrap(o->read(value, o->to), "--%s", o->name);
    *(const char **)o->to = value.at; /* it ends with the word */
    return NULL;
}

static bool is_help(const char *word) {
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

bool sim_options_read(const struct sim_command *self, const struct sim_option *options, int words,
                      int argc, char **argv, int *status) {
    int plain = 0;
    err *e = NULL;
    *status = SIM_DONE;
    for (int i = 1; i < argc; i++) {
        if (is_help(argv[i])) {
            print_help(self, options);
            return false;
        }
    }
    for (int i = 1; i < argc && !e; i++) {
        if (strncmp(argv[i], "--", 2) == 0)
            e = read_option(options, argv, &i);
        else if (plain == words)
            e = err_new(ERR_USAGE, "what is '%s'?", argv[i]);
        else
            argv[plain++] = argv[i];
    }
    if (!e && plain < words)
        e = err_new(ERR_USAGE, "something is missing: nemsim %s %s", self->name, self->usage);
    if (e)
        *status = sim_command_fail(self, e);
    return !e;
}

int sim_command_fail(const struct sim_command *self, err *e) {
    bool usage = err_kind(e) == ERR_USAGE;
    fprintf(stderr, "nemsim %s: %s%s%s%s\n", self->name, err_text(e), usage ? "; see `nemsim " : "",
            usage ? self->name : "", usage ? " --help`" : "");
    err_free(e);
    return usage ? SIM_WRONG_USAGE : SIM_FAILED;
}

err *sim_option_time(str text, void *aest_us_out) {
    return sim_read_time(text, aest_us_out);
}

err *sim_option_speed(str text, void *double_out) {
    return sim_read_speed(text, double_out);
}

err *sim_option_years(str text, void *double_out) {
    double *years = double_out;
    if (str_to_double(text, years) && *years >= 0 && *years <= 100)
        return NULL;
    return err_new(ERR_USAGE, "'%.*s' is not a number of years from 0 to 100", STR_ARG(text));
}

err *sim_option_seed(str text, void *uint64_out) {
    if (str_to_u64(text, uint64_out))
        return NULL;
    return err_new(ERR_USAGE, "'%.*s' is not a whole number", STR_ARG(text));
}

err *sim_option_port(str text, void *int_out) {
    uint64_t port;
    if (!str_to_u64(text, &port) || port > 65535)
        return err_new(ERR_USAGE, "'%.*s' is not a port from 0 to 65535", STR_ARG(text));
    *(int *)int_out = (int)port;
    return NULL;
}

err *sim_option_faults(str text, void *sim_faults_out) {
    return sim_faults_parse(text, sim_faults_out);
}
