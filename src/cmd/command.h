/* The commands: one file and one entry in main.c's table each. What a command says of itself there
 * is all there is: --help, completion (completion.c) and the manual (man.c) are made of it.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "base/config.h"
#include "store/store.h"

/* What a command ends with. */
enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_WRONG_USAGE = 2,
    EXIT_FINDINGS = 3, /* done, but something is stale, missing or was refused */
};

/* A flag of a command. One of [value], [number] and [flag] is set; the pointer is where it goes. */
struct option_spec {
    const char *name;     /* without "--"; NULL ends a list */
    const char *argument; /* what stands for the value in the help text; NULL for a bare flag */
    const char *help;
    const char **value;
    int *number;
    bool *flag;
};

struct example {
    const char *line, *does;
};

enum { MOST_EXAMPLES = 5 };

/* Texts have paragraphs, parted by empty lines. A line "word  text", with two blanks or more, is
 * an entry of a list, which lines behind it that begin with as many blanks go on with; a line that
 * begins with two blanks is shown as it is. */
struct command {
    const char *name, *summary;
    const char *usage;       /* behind the name: "SQL [OPTION…]" */
    const char *description; /* the help text's body, in lines of at most 100 letters */
    const char *details;     /* what the manual says beyond that; may be NULL */
    struct example examples[MOST_EXAMPLES + 1];
    int (*run)(const struct command *self, int argc, char **argv);
};

extern const struct command command_backfill, command_collect, command_run, command_serve,
    command_query, command_repair, command_status, command_verify, command_units, command_alerts,
    command_migrate, command_rollback, command_export, command_import, command_backup,
    command_restore, command_service, command_doctor, command_monitor, command_completion,
    command_man;

/* The [i]th of main.c's table, or NULL behind the last. */
const struct command *command_at(int i);

/* Hands the options of [command] to [take], those that all have among them. */
void command_options(const struct command *command,
                     void (*take)(void *context, const struct option_spec *specs), void *context);

/* Exit statuses and what they mean, in order. */
extern const char *const exit_meanings[EXIT_FINDINGS + 1];

/* What all commands share, from flags over environment over --config over defaults. */
struct setup {
    struct config config;
    const char *data; /* the store's folder */
    const char *config_file;
    bool help;
};

/* Reads the flags in argv[1…]: those of [specs], and --data, --config and --help. What is no flag
 * is moved to the front, *argc its count. False when the command is to end at once, with *status:
 * help was asked for, or something is wrong and was said. */
bool setup_read(struct setup *s, const struct command *self, const struct option_spec *specs,
                int *argc, char **argv, int *status);
/* Reads the settings of [config_file] and the secrets that it names. */
err *setup_read_config(struct setup *s) ERR_NODISCARD;
void setup_free(struct setup *s);

/* Prints "nemd <command>: <text>" and frees the error; the exit status that goes with its kind. */
int command_fail(const struct command *self, err *e);

/* A setting that must be a whole number from [low] to [high]. */
err *setting_number(const struct config *c, const char *key, int fallback, int low, int high,
                    int *out) ERR_NODISCARD;

#endif
