/* docs/configuration.md: all settings and all options, each with what it means. */
#include "cmd/command.h"
#include "cmd/settings.h"

/* Text in a cell: bars would end it, brackets would be taken for HTML. */
static void add_text(struct buf *out, const char *text) {
    for (bool code = false; *text; text++) {
        code ^= *text == '`';
        if (*text == '|')
            buf_add_str(out, STR("\\|"));
        else if (*text == '<' && !code)
            buf_add_str(out, STR("&lt;"));
        else
            buf_add_char(out, *text);
    }
}

static void add_code(struct buf *out, const char *text) {
    if (text) {
        buf_add_char(out, '`');
        for (; *text; text++) {
            if (*text == '|')
                buf_add_char(out, '\\');
            buf_add_char(out, *text);
        }
        buf_add_char(out, '`');
    }
}

static void add_also(struct buf *out, const char *also) {
    bool first = true;
    for (str rest = str_from(also); rest.len; first = false) {
        str name = str_trim(str_cut(&rest, ','));
        buf_printf(out, "%s`%.*s`", first ? ". Also read: " : ", ", STR_ARG(name));
    }
}

static void add_setting(struct buf *out, const struct setting *s) {
    buf_add_str(out, STR("| "));
    add_code(out, s->key);
    if (s->flag) {
        buf_add_str(out, STR("<br>"));
        add_code(out, s->flag);
    }
    buf_add_str(out, STR(" | "));
    add_code(out, s->fallback);
    buf_add_str(out, STR(" | "));
    add_text(out, s->meaning);
    buf_add_str(out, s->secret ? STR(" (a secret)") : STR(""));
    add_also(out, s->also);
    buf_add_str(out, STR(" | "));
    add_code(out, s->example);
    buf_add_str(out, STR(" |\n"));
}

static void add_options(void *context, const struct option_spec *specs) {
    struct buf *out = context;
    buf_add_str(out, STR("| option | |\n|---|---|\n"));
    for (const struct option_spec *o = specs; o->name; o++) {
        if (strcmp(o->name, "data") == 0) /* these and those behind them, all commands have */
            return;
        buf_printf(out, "| `--%s%s", o->name, o->argument ? " " : "");
        for (const char *p = o->argument; p && *p; p++) {
            if (*p == '|')
                buf_add_char(out, '\\');
            buf_add_char(out, *p);
        }
        buf_add_str(out, STR("` | "));
        add_text(out, o->help);
        buf_add_str(out, STR(" |\n"));
    }
}

static void count_options(void *count, const struct option_spec *specs) {
    while (specs[*(size_t *)count].name)
        (*(size_t *)count)++;
}

static void add_command(struct buf *out, const struct command *c) {
    size_t count = 0;
    buf_printf(out, "\n### nemd %s\n\n`nemd %s %s`: ", c->name, c->name, c->usage);
    add_text(out, c->summary);
    buf_add_str(out, STR(".\n"));
    command_options(c, count_options, &count);
    if (count <= 3) /* none of its own */
        return;
    buf_add_char(out, '\n');
    command_options(c, add_options, out);
}

void settings_markdown(struct buf *out) {
    buf_printf(out,
               "# Configuration\n\n<!-- made by `nemd man --markdown`; change the tables in "
               "src/cmd/ -->\n\n%s\n\n%s\n\n`man nemd.env` shows the same on a terminal.\n",
               settings_intro, settings_secrets);
    for (const struct setting_group *g = setting_groups; g->title; g++) {
        buf_printf(out, "\n## %s\n\n", g->title);
        if (g->intro) {
            add_text(out, g->intro);
            buf_add_str(out, STR("\n\n"));
        }
        buf_add_str(out, STR("| key, flag | default | meaning | example |\n|---|---|---|---|\n"));
        for (const struct setting *s = g->settings; s->key; s++)
            add_setting(out, s);
    }
    buf_add_str(out, STR("\n## Options\n\nEvery command has `--data DIR`, `--config FILE` and "
                         "`--help`, before its name or behind it. `nemd COMMAND --help` tells "
                         "more of each, `man nemd-COMMAND` all.\n"));
    for (int i = 0; command_at(i); i++)
        add_command(out, command_at(i));
}
