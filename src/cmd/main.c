#include <stdio.h>

#include "cmd/command.h"
#include "market/sums.h"

static const struct command *const commands[] = {
    &command_run,    &command_collect, &command_backfill, &command_serve,    &command_query,
    &command_status, &command_doctor,  &command_monitor,  &command_units,    &command_repair,
    &command_verify, &command_alerts,  &command_migrate,  &command_rollback, &command_export,
    &command_import, &command_backup,  &command_restore,  &command_service,  &command_completion,
    &command_man,
};
enum { COMMANDS = sizeof commands / sizeof *commands };

const struct command *command_at(int i) {
    return i >= 0 && i < COMMANDS ? commands[i] : NULL;
}

static void print_usage(FILE *out) {
    fprintf(out, "nemd keeps Australia's National Electricity Market on your own machine.\n\n"
                 "nemd COMMAND [OPTION…]\n\n");
    for (int i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out, "\n`nemd COMMAND --help` tells more, `man nemd-COMMAND` all; `nemd --version` the "
                 "version.\nExit status: ");
    for (int i = 0; i <= EXIT_FINDINGS; i++)
        fprintf(out, "%d %s%s", i, exit_meanings[i], i < EXIT_FINDINGS ? "; " : ".\n");
}

/* Where the command stands: flags may come before it, as in `nemd --data DIR collect`. */
static int find_command(int argc, char **argv) {
    int i = 1;
    while (i < argc && argv[i][0] == '-')
        i += strcmp(argv[i], "--data") == 0 || strcmp(argv[i], "--config") == 0 ? 2 : 1;
    return i;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_WRONG_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("nemd %s\n", NEMD_VERSION);
        return EXIT_DONE;
    }
    int at = find_command(argc, argv);
    store_set_follower(&sums_follower); /* of every store that this process writes */
    for (int i = 0; at < argc && i < COMMANDS; i++) {
        if (strcmp(argv[at], commands[i]->name) != 0)
            continue;
        memmove(argv + 1, argv, (size_t)at * sizeof *argv); /* over the command; argv[1] is free */
        return commands[i]->run(commands[i], argc - 1, argv + 1);
    }
    fprintf(stderr, "nemd: there is no command %s; see `nemd --help`\n",
            at < argc ? argv[at] : "in that line");
    return EXIT_WRONG_USAGE;
}
