#include <stdio.h>
#include <unistd.h>

#include "cmd/ranges.h"
#include "ops/export.h"

static void show(void *context, const char *name) {
    (void)context;
    fprintf(stderr, "\r\033[K%s…", name);
    fflush(stderr);
}

static void print(const struct exported *files, size_t count) {
    for (size_t i = 0; i < count; i++)
        printf("%-14s %12lld rows  %s\n", files[i].name, (long long)files[i].rows, files[i].path);
}

static int run_export(const struct command *self, struct export *x, bool earlier) {
    struct arena a = {0};
    struct exported files[EXPORTS];
    size_t count;
    bool terminal = isatty(STDERR_FILENO);
    x->progress = terminal ? show : NULL;
    err *e = earlier ? export_earlier(x, &a, files, &count) : export_plain(x, &a, files, &count);
    if (terminal)
        fprintf(stderr, "\r\033[K");
    print(files, count);
    int status = e ? command_fail(self, e) : EXIT_DONE;
    arena_free(&a);
    return status;
}

/* "from" and "to" are dates, but for the earlier layout, of which all goes to the folder [to]. */
static err *read_request(struct export *x, const char *layout, struct range_settings *days,
                         const char *into, int argc, char **argv, bool *earlier) {
    struct range range = {0};
    *earlier = layout && strcmp(layout, "earlier") == 0;
    if (layout && !*earlier)
        return err_new(ERR_USAGE, "--layout is '%s', not earlier", layout);
    if (*earlier) {
        x->folder = into ? into : days->to;
        if (argc || days->from)
            return err_new(ERR_USAGE, "the earlier layout is all of seven tables, without dates");
        return x->folder ? NULL : err_new(ERR_USAGE, "--to DIR is needed: where the files go");
    }
    if (!argc || !into)
        return err_new(ERR_USAGE, "datasets, and --into DIR, are needed: nemd export prices30 "
                                  "units --into ~/out");
    argv[argc] = NULL;
    x->names = (const char *const *)argv;
    x->folder = into;
    TRY(range_read(days, &range));
    x->first = range.first;
    x->last = range.last;
    return NULL;
}

static int export_command(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct export x = {.format = "parquet"};
    struct range_settings days = {0};
    const char *layout = NULL, *into = NULL;
    bool earlier;
    int status;
    const struct option_spec options[] = {
        {"into", "DIR", "where the files go", .value = &into},
        {"format", "F", "parquet (default) or csv", .value = &x.format},
        {"from", "DATE", "the first day (default: the store's)", .value = &days.from},
        {"to", "DATE", "the last day (default: the store's)", .value = &days.to},
        {"layout", "earlier", "the earlier system's files, to the folder of --to",
         .value = &layout},
        {0},
    };
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    x.data = setup.data;
    err *e = read_request(&x, layout, &days, into, argc, argv, &earlier);
    status = e ? command_fail(self, e) : run_export(self, &x, earlier);
    setup_free(&setup);
    return status;
}

const struct command command_export = {
    .name = "export",
    .summary = "datasets as files",
    .usage = "DATASET… --into DIR [OPTION…] | --layout earlier --to DIR",
    .description =
        "Writes a file for each dataset (or units, unit_facts, thresholds, notices), Parquet or "
        "CSV, of all\ndays or some. A file that is there is never written over.",
    .details =
        "`--layout earlier` writes the earlier system's seven files, as `nemd rollback` does.",
    .examples =
        {{"nemd export prices5 scada5 --into ~/csv --format csv --from 2025-01-01 --to 2025-01-31",
          "a month as CSV"}},
    .run = export_command,
};

static int rollback(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct export x = {0};
    int status;
    const struct option_spec options[] = {
        {"to", "DIR", "where the files go: an empty or new folder", .value = &x.folder}, {0}};
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    x.data = setup.data;
    if (argc || !x.folder)
        status = command_fail(self, err_new(ERR_USAGE, "--to DIR is needed, and nothing else"));
    else
        status = run_export(self, &x, true);
    if (status == EXIT_DONE)
        printf("To go back: stop nemd, point the *_FILE settings of the earlier system to %s, make "
               "gen_info.pkl with\n  python3 -c \"import pandas as pd; "
               "pd.read_parquet('gen_info.parquet').to_pickle('gen_info.pkl')\"\nand start it. The "
               "store stays as it is.\n",
               x.folder);
    setup_free(&setup);
    return status;
}

const struct command command_rollback = {
    .name = "rollback",
    .summary = "go back to the earlier system",
    .usage = "--to DIR",
    .description =
        "Writes the earlier system's seven files, and the units, with its names, "
        "columns and order of rows, so\nthat it can go on where nemd is. The store isn't "
        "changed.",
    .examples = {{"nemd rollback --to ~/aemo-again", "for the earlier system to go on from there"}},
    .run = rollback,
};
