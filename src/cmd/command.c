#include "cmd/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMMON_OPTIONS = 3, MOST_OPTIONS = 24 };

const char *const exit_meanings[] = {
    [EXIT_DONE] = "done",
    [EXIT_FAILED] = "failed",
    [EXIT_WRONG_USAGE] = "wrong usage",
    [EXIT_FINDINGS] = "done, but something is stale, missing or was refused",
};

static void print_help(const struct command *self, const struct option_spec *specs) {
    printf("nemd %s %s\n\n%s\n\nOptions:\n", self->name, self->usage, self->description);
    for (const struct option_spec *o = specs; o->name; o++) {
        char left[40];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->argument ? " " : "",
                 o->argument ? o->argument : "");
        printf("  %-24s %s\n", left, o->help);
    }
    for (const struct example *x = self->examples; x->line; x++)
        printf("%s  %s\n      %s\n", x == self->examples ? "\nExamples:\n" : "", x->line, x->does);
}

/* -- options, for others than the command itself ------------------------------------------------
 */

/* Options are known while their command reads them: their values are its own. So it is run, and
 * ends as soon as it has told them. */
static struct {
    void (*take)(void *context, const struct option_spec *specs);
    void *context;
} asked;

void command_options(const struct command *command,
                     void (*take)(void *context, const struct option_spec *specs), void *context) {
    char name[] = "nemd", *argv[] = {name, NULL};
    asked.take = take;
    asked.context = context;
    command->run(command, 1, argv);
    asked.take = NULL;
}

/* For shells that complete words: name, argument and help, parted by tabs. */
static void list_options(const struct option_spec *specs) {
    for (const struct option_spec *o = specs; o->name; o++)
        printf("--%s\t%s\t%s\n", o->name, o->argument ? o->argument : "", o->help);
}

static bool wrong(const struct command *self, const char *what, const char *which, int *status) {
    fprintf(stderr, "nemd %s: %s %s; see `nemd %s --help`\n", self->name, what, which, self->name);
    *status = EXIT_WRONG_USAGE;
    return false;
}

/* The option that [word] ("--name" or "--name=value") names. */
static const struct option_spec *find_option(const struct option_spec *specs, str word, str *value,
                                             bool *has_value) {
    str name = {word.at + 2, word.len - 2};
    const char *equals = memchr(name.at, '=', name.len);
    *has_value = equals != NULL;
    if (equals) {
        *value = (str){equals + 1, (size_t)(name.at + name.len - equals - 1)};
        name.len = (size_t)(equals - name.at);
    }
    for (; specs->name; specs++)
        if (str_eq(name, str_from(specs->name)))
            return specs;
    return NULL;
}

static bool read_number(const char *text, int *out) {
    uint64_t number;
    if (!str_to_u64(str_from(text), &number) || number > 1000000000)
        return false;
    *out = (int)number;
    return true;
}

static bool read_options(const struct command *self, const struct option_spec *specs, int *argc,
                         char **argv, int *status) {
    int plain = 0;
    bool options_ended = false;
    for (int i = 1; i < *argc; i++) {
        str word = str_from(argv[i]), value;
        bool has_value;
        if (!options_ended && str_eq(word, STR("-h")))
            word = STR("--help");
        if (options_ended || !str_starts(word, STR("--"))) {
            argv[plain++] = argv[i];
            continue;
        }
        if (word.len == 2) {
            options_ended = true;
            continue;
        }
        const struct option_spec *o = find_option(specs, word, &value, &has_value);
        if (!o)
            return wrong(self, "there is no option", argv[i], status);
        if (!o->argument) {
            if (has_value)
                return wrong(self, "no value goes with", argv[i], status);
            *o->flag = true;
            continue;
        }
        if (!has_value && i + 1 == *argc)
            return wrong(self, "a value is missing behind", argv[i], status);
        const char *text = has_value ? value.at : argv[++i]; /* both end with the word */
        if (o->value)
            *o->value = text;
        else if (!read_number(text, o->number))
            return wrong(self, "not a whole number:", text, status);
    }
    *argc = plain;
    return true;
}

static const char *default_data(struct config *c) {
    const char *home = getenv("HOME"), *share = getenv("XDG_DATA_HOME");
    if (share && share[0] == '/')
        return arena_printf(&c->memory, "%s/nemd", share);
    return arena_printf(&c->memory, "%s/.local/share/nemd", home ? home : "");
}

/* Secrets stand in a file of their own, which nobody else may read: NEMD_SECRETS names it. */
static err *read_secrets(struct config *c) {
    struct stat st;
    const char *path = config_get(c, "NEMD_SECRETS", NULL);
    if (!path || !*path)
        return NULL;
    if (stat(path, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)))
        return err_new(ERR_USAGE, "%s holds secrets and can be read by others: chmod 600 it", path);
    return config_read(c, path);
}

err *setup_read_config(struct setup *s) {
    if (s->config_file)
        TRY(config_read(&s->config, s->config_file));
    return read_secrets(&s->config);
}

bool setup_read(struct setup *s, const struct command *self, const struct option_spec *specs,
                int *argc, char **argv, int *status) {
    struct option_spec all[MOST_OPTIONS + COMMON_OPTIONS + 1] = {{0}};
    size_t count = 0;
    *s = (struct setup){0};
    *status = EXIT_DONE;
    while (count < MOST_OPTIONS && specs[count].name) {
        all[count] = specs[count];
        count++;
    }
    all[count++] = (struct option_spec){
        "data", "DIR", "the store (NEMD_DATA; default ~/.local/share/nemd)", .value = &s->data};
    all[count++] =
        (struct option_spec){"config", "FILE", "settings in .env syntax", .value = &s->config_file};
    all[count++] = (struct option_spec){"help", NULL, "this text", .flag = &s->help};
    if (asked.take) {
        asked.take(asked.context, all);
        return false;
    }
    if (*argc == 2 && strcmp(argv[1], "--list-options") == 0) {
        list_options(all);
        return false;
    }
    if (!read_options(self, all, argc, argv, status))
        return false;
    if (s->help) {
        print_help(self, all);
        return false;
    }
    err *e = setup_read_config(s);
    if (e) {
        *status = command_fail(self, e);
        setup_free(s);
        return false;
    }
    if (!s->data)
        s->data = config_get(&s->config, "NEMD_DATA", NULL); /* an empty name is refused later */
    if (!s->data)
        s->data = default_data(&s->config);
    return true;
}

void setup_free(struct setup *s) {
    config_free(&s->config);
}

int command_fail(const struct command *self, err *e) {
    int status = err_kind(e) == ERR_USAGE ? EXIT_WRONG_USAGE : EXIT_FAILED;
    fprintf(stderr, "nemd %s: %s\n", self->name, err_text(e));
    err_free(e);
    return status;
}

err *setting_number(const struct config *c, const char *key, int fallback, int low, int high,
                    int *out) {
    const char *text = config_get(c, key, NULL);
    *out = fallback;
    if (text && (!read_number(text, out) || *out < low || *out > high))
        return err_new(ERR_USAGE, "%s is '%s', not a whole number from %d to %d", key, text, low,
                       high);
    return NULL;
}
