/* What stands on nemsim's command line: a table of options for each command. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include <stdbool.h>

#include "base/aest.h"
#include "base/err.h"

/* 2009-07-01, with which the monthly archive begins. */
#define SIM_FIRST_PUBLICATION (14426 * AEST_DAY)

enum sim_exit { SIM_DONE = 0, SIM_FAILED = 1, SIM_WRONG_USAGE = 2 };

struct sim_option {
    const char *name;     /* without "--"; NULL ends a list */
    const char *argument; /* what stands for the value in the help text; NULL for a bare flag */
    const char *help;
    /* Turns the value into what [to] points at; without it [to] is a const char * that takes the
     * text, or of a bare flag a bool. */
    err *(*read)(str text, void *to);
    void *to;
};

struct sim_command {
    const char *name, *summary;
    const char *usage;       /* behind the name */
    const char *description; /* the help text's body */
    int (*run)(const struct sim_command *self, int argc, char **argv);
};

/* Reads argv[1…] into what the options point at, and the words that are no options, of which the
 * command wants [words], into argv[0…]. False when the command is to end at once, with *status:
 * help was asked for, or something is wrong and was said. */
bool sim_options_read(const struct sim_command *self, const struct sim_option *options, int words,
                      int argc, char **argv, int *status);

/* Prints "nemsim <command>: <text>" and frees the error; the exit status that goes with its kind.
 */
int sim_command_fail(const struct sim_command *self, err *e);

/* Readers for options: what they fill is named last. */
err *sim_option_time(str text, void *aest_us_out) ERR_NODISCARD;
err *sim_option_speed(str text, void *double_out) ERR_NODISCARD;
err *sim_option_years(str text, void *double_out) ERR_NODISCARD;
err *sim_option_seed(str text, void *uint64_out) ERR_NODISCARD;
err *sim_option_port(str text, void *int_out) ERR_NODISCARD;
err *sim_option_faults(str text, void *sim_faults_out) ERR_NODISCARD;

#endif
