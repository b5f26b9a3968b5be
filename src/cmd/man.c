/* The manual, from the table of commands and that of settings: nemd(1), a page for each command,
 * nemd.env(5), and docs/configuration.md. */
#include <stdio.h>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/roff.h"
#include "cmd/settings.h"

static const char *page_name(struct arena *a, const struct command *c) {
    return arena_printf(a, "nemd-%s", c->name);
}

/* -- a command ----------------------------------------------------------------------------------
 */

static void add_options(void *out, const struct option_spec *specs) {
    for (const struct option_spec *o = specs; o->name; o++) {
        char head[40];
        snprintf(head, sizeof head, "--%s", o->name);
        roff_entry(out, head, o->argument, o->help);
    }
}

static void add_exit(struct buf *out) {
    roff_section(out, "EXIT STATUS");
    for (int i = 0; i <= EXIT_FINDINGS; i++) {
        char head[12];
        snprintf(head, sizeof head, "%d", i);
        roff_entry(out, head, NULL, exit_meanings[i]);
    }
}

static void add_examples(struct buf *out, const struct example *examples) {
    if (!examples->line)
        return;
    roff_section(out, "EXAMPLES");
    for (; examples->line; examples++)
        roff_example(out, examples->line, examples->does);
}

static void add_name(struct buf *out, const char *name, int section, const char *summary) {
    roff_title(out, name, section, NEMD_VERSION);
    roff_section(out, "NAME");
    roff_text(out, name);
    out->len--; /* name and summary are of one line */
    buf_add_str(out, STR(" \\- "));
    roff_text(out, summary);
}

static void add_command(struct buf *out, const struct command *c) {
    struct arena a = {0};
    add_name(out, page_name(&a, c), 1, c->summary);
    roff_section(out, "SYNOPSIS");
    roff_usage(out, arena_printf(&a, "nemd %s", c->name), c->usage);
    roff_section(out, "DESCRIPTION");
    roff_text(out, c->description);
    if (c->details) {
        buf_add_str(out, STR(".PP\n"));
        roff_text(out, c->details);
    }
    roff_section(out, "OPTIONS");
    command_options(c, add_options, out);
    add_exit(out);
    add_examples(out, c->examples);
    roff_section(out, "SEE ALSO");
    roff_text(out, "`nemd`(1), `nemd.env`(5)");
    arena_free(&a);
}

/* -- nemd(1) ------------------------------------------------------------------------------------
 */

static const char about[] =
    "nemd collects what AEMO, the market operator, publishes about Australia's National "
    "Electricity Market every five minutes, keeps all of it as Parquet files, and serves a live "
    "dashboard and an HTTP API. Each command has a page of its own: `man nemd-collect`.";

static const char signals[] =
    "SIGTERM, SIGINT  ends what runs, after what is under way is safe\n"
    "SIGHUP           opens the log file anew; without one it ends nemd, as closing its terminal "
    "does";

static const char files[] =
    "Of the store, the folder that --data names:\n\n"
    "<dataset>/<year>/<date>.parquet   a day of a dataset: settlementdates from 00:05 to 00:00 of "
    "the next date, AEST (UTC+10, no daylight saving), each the end of its interval\n"
    "<dataset>/<year>/<month>.parquet  a month that is over; it takes the place of its days\n"
    "units.parquet, unit_facts.parquet  the registry of units, and what each source says of them\n"
    "thresholds.parquet, notices.parquet  price limits by date, market notices\n"
    "grid/      what dashboard and API read; made of the Parquet files, and made again when lost\n"
    "state.db   which of AEMO's files are in (SQLite); losing it costs time, not data\n"
    "alerts.db  what alerts remember, and their outbox (SQLite)\n"
    "STORE      says that the folder is a store, and whether its market is real or simulated";

static const struct example first_steps[] = {
    {"nemd run", "collect, alert, and serve http://127.0.0.1:5006"},
    {"nemd backfill --from 2024-07-01", "bring the history since then"},
    {"nemd query --format csv \"select * from prices5 where regionid = 'SA1'\" > sa1.csv",
     "ask in SQL"},
    {0}};

/* Of the options, those that every command has. */
static void add_common_options(void *out, const struct option_spec *specs) {
    for (const struct option_spec *o = specs; o->name; o++)
        if (strcmp(o->name, "data") == 0)
            add_options(out, o);
}

static void add_main(struct buf *out) {
    struct arena a = {0};
    add_name(out, "nemd", 1, "Australia's National Electricity Market on your own machine");
    roff_section(out, "SYNOPSIS");
    roff_usage(out, "nemd", "COMMAND [OPTION…]");
    roff_section(out, "DESCRIPTION");
    roff_text(out, about);
    roff_section(out, "COMMANDS");
    for (int i = 0; command_at(i); i++)
        roff_entry(out, arena_printf(&a, "%s(1)", page_name(&a, command_at(i))), NULL,
                   command_at(i)->summary);
    roff_section(out, "OPTIONS");
    roff_text(out, "Every command has these, before its name or behind it:");
    command_options(&command_man, add_common_options, out);
    roff_entry(out, "--version", NULL, "without a command: the version");
    roff_section(out, "SIGNALS");
    roff_text(out, signals);
    add_exit(out);
    roff_section(out, "FILES");
    roff_text(out, files);
    add_examples(out, first_steps);
    roff_section(out, "SEE ALSO");
    roff_text(out, "`nemd.env`(5) has all settings.");
    arena_free(&a);
}

/* -- nemd.env(5) --------------------------------------------------------------------------------
 */

static void add_setting(struct buf *out, struct arena *a, const struct setting *s) {
    struct buf text = {0};
    buf_printf(&text, "%s%s.", s->meaning, s->secret ? " (a secret)" : "");
    if (s->fallback)
        buf_printf(&text, " Default: `%s`.", s->fallback);
    if (s->flag)
        buf_printf(&text, " Flag: %s.", s->flag);
    if (s->also)
        buf_printf(&text, " Also read: %s.", s->also);
    roff_entry(out, s->key, s->example ? arena_printf(a, "= %s", s->example) : NULL,
               buf_cstr(&text));
    buf_free(&text);
}

static void add_settings(struct buf *out) {
    struct arena a = {0};
    add_name(out, "nemd.env", 5, "nemd's settings");
    roff_section(out, "DESCRIPTION");
    roff_text(out, settings_intro);
    roff_section(out, "SECRETS");
    roff_text(out, settings_secrets);
    roff_section(out, "SETTINGS");
    roff_text(out, "Each with an example.");
    for (const struct setting_group *g = setting_groups; g->title; g++) {
        buf_printf(out, ".SS %s\n", g->title);
        roff_text(out, g->intro ? g->intro : "");
        for (const struct setting *s = g->settings; s->key; s++)
            add_setting(out, &a, s);
    }
    roff_section(out, "SEE ALSO");
    roff_text(out, "`nemd`(1)");
    arena_free(&a);
}

/* -- the command --------------------------------------------------------------------------------
 */

/* The page of that name, "nemd", "collect" or "nemd.env"; false when there is none. */
static bool add_page(struct buf *out, const char *name) {
    if (strcmp(name, "nemd") == 0)
        add_main(out);
    else if (strcmp(name, "nemd.env") == 0)
        add_settings(out);
    for (int i = 0; command_at(i); i++)
        if (strcmp(name, command_at(i)->name) == 0)
            add_command(out, command_at(i));
    return out->len > 0;
}

static err *write_page(struct arena *a, const char *folder, const char *name, const char *file) {
    struct buf page = {0};
    const char *path = arena_printf(a, "%s/%s", folder, file);
    add_page(&page, name);
    err *e = file_write_atomic(path, buf_str(&page));
    buf_free(&page);
    return e;
}

static err *write_all(struct arena *a, const char *folder) {
    const char *commands = arena_printf(a, "%s/man1", folder),
               *formats = arena_printf(a, "%s/man5", folder);
    TRY(file_make_folders(commands));
    TRY(file_make_folders(formats));
    TRY(write_page(a, commands, "nemd", "nemd.1"));
    TRY(write_page(a, formats, "nemd.env", "nemd.env.5"));
    for (int i = 0; command_at(i); i++)
        TRY(write_page(a, commands, command_at(i)->name,
                       arena_printf(a, "%s.1", page_name(a, command_at(i)))));
    return NULL;
}

static err *print(int argc, char **argv, bool markdown) {
    struct buf page = {0};
    const char *name = argc ? argv[0] : "nemd";
    if (markdown)
        settings_markdown(&page);
    else
        add_page(&page, name);
    err *e = page.len && argc < 2 ? NULL : err_new(ERR_USAGE, "there is no page %s", name);
    if (!e)
        fwrite(page.at, 1, page.len, stdout);
    buf_free(&page);
    return e;
}

static int man(const struct command *self, int argc, char **argv) {
    struct setup setup;
    const char *into = NULL;
    bool markdown = false;
    int status;
    const struct option_spec options[] = {
        {"into", "DIR", "write all pages there, in folders man1 and man5", .value = &into},
        {"markdown", NULL, "all settings and options, as docs/configuration.md", .flag = &markdown},
        {0},
    };
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    err *e = into ? write_all(&setup.config.memory, into) : print(argc, argv, markdown);
    status = e ? command_fail(self, e) : EXIT_DONE;
    setup_free(&setup);
    return status;
}

const struct command command_man = {
    .name = "man",
    .summary = "the manual's pages",
    .usage = "[COMMAND|nemd.env] [--into DIR]",
    .description = "Prints a page of the manual, for man to show: nemd's own, that of a command, "
                   "or that of all\nsettings.",
    .examples = {{"nemd man collect | man -l -", "read a page that isn't installed"}},
    .run = man,
};
