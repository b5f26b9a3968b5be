#include <stdio.h>

#include "sim/program/serve.h"
#include "sim/program/truth.h"
#include "sim/tree/tree.h"
#include "sim/tree/write.h"

/* What write and truth have in common. */
struct span {
    aest_us from, to;
    uint64_t seed;
};

static err *check_span(const struct span *span) {
    if (!span->from || !span->to)
        return err_new(ERR_USAGE, "--from and --to are needed");
    if (span->from >= span->to)
        return err_new(ERR_USAGE, "--from is not before --to");
    return NULL;
}

static void print_path(void *context, const char *path) {
    (void)context;
    printf("%s\n", path);
    fflush(stdout);
}

static void print_nothing(void *context, const char *path) {
    (void)context, (void)path;
}

static int write_files(const struct sim_command *self, int argc, char **argv) {
    struct span span = {.seed = 1};
    struct sim_tree tree = {.start = SIM_FIRST_PUBLICATION};
    const char *feeds = NULL;
    bool verbose = false;
    int status;
    const struct sim_option options[] = {
        {"from", "TIME", "after this time, as in 2025-08-20T18:05 (AEST)", sim_option_time,
         &span.from},
        {"to", "TIME", "up to this time", sim_option_time, &span.to},
        {"seed", "S", "the market: another number, another market (default 1)", sim_option_seed,
         &span.seed},
        {"feeds", "LIST", "folders below Reports/CURRENT, with commas (default: all, and MMSDM)",
         NULL, &feeds},
        {"faults", "LIST", "what goes wrong with files, by its rate (default: nothing)",
         sim_option_faults, &tree.faults},
        {"verbose", NULL, "name every file once it is written", NULL, &verbose},
        {0},
    };
    if (!sim_options_read(self, options, 1, argc, argv, &status))
        return status;
    err *e = check_span(&span);
    if (!e) {
        tree.market = sim_market_new(span.seed);
        tree.faults.seed = span.seed;
        e = sim_write_telling(&tree, argv[0], span.from, span.to, feeds,
                              verbose ? print_path : print_nothing, NULL);
        sim_market_free(tree.market);
    }
    return e ? sim_command_fail(self, e) : SIM_DONE;
}

static const struct sim_command command_write = {
    .name = "write",
    .summary = "the files of a span of time, into a folder",
    .usage = "DIR --from TIME --to TIME [OPTION…]",
    .description = "Writes what gets published in the span into DIR, in NEMWEB's own folders.",
    .run = write_files,
};

static int truth(const struct sim_command *self, int argc, char **argv) {
    struct span span = {.seed = 1};
    int status;
    const struct sim_option options[] = {
        {"from", "TIME", "after this time, as in 2025-08-20T18:05 (AEST)", sim_option_time,
         &span.from},
        {"to", "TIME", "up to this time", sim_option_time, &span.to},
        {"seed", "S", "the market: another number, another market (default 1)", sim_option_seed,
         &span.seed},
        {0},
    };
    if (!sim_options_read(self, options, 1, argc, argv, &status))
        return status;
    err *e = check_span(&span);
    if (!e) {
        struct sim_market *market = sim_market_new(span.seed);
        e = sim_truth(market, str_from(argv[0]), span.from, span.to, stdout);
        sim_market_free(market);
    }
    return e ? sim_command_fail(self, e) : SIM_DONE;
}

static const struct sim_command command_truth = {
    .name = "truth",
    .summary = "what a dataset should hold, as CSV",
    .usage = "DATASET --from TIME --to TIME [--seed S]",
    .description = "Prints the rows that whoever reads all files right ends with, whatever went "
                   "wrong on the way.\nAll datasets of nemd but demand5, which is in no report.",
    .run = truth,
};

static const struct sim_command *const commands[] = {
    &sim_command_serve,
    &command_write,
    &command_truth,
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_usage(FILE *out) {
    fprintf(out, "nemsim plays AEMO's NEMWEB over a simulated electricity market.\n\n"
                 "nemsim COMMAND [OPTION…]\n\n");
    for (int i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out, "\n`nemsim COMMAND --help` tells more.\n"
                 "Exit status: 0 done, 1 failed, 2 wrong usage.\n");
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_usage(stderr);
        return SIM_WRONG_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return SIM_DONE;
    }
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return commands[i]->run(commands[i], argc - 1, argv + 1);
    fprintf(stderr, "nemsim: there is no command %s; see `nemsim --help`\n", argv[1]);
    return SIM_WRONG_USAGE;
}
