#include <stdio.h>

#include "cmd/command.h"

/* Commands are in the script; options are asked for when they are wanted (`nemd COMMAND
 * --list-options`), from the same tables as --help. */

static void print_bash(void) {
    printf("_nemd() {\n"
           "    local word=${COMP_WORDS[COMP_CWORD]}\n"
           "    COMPREPLY=()\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
           "        COMPREPLY=($(compgen -W '");
    for (int i = 0; command_at(i); i++)
        printf("%s%s", i ? " " : "", command_at(i)->name);
    printf("' -- \"$word\"))\n"
           "    elif [[ $word == -* ]]; then\n"
           "        COMPREPLY=($(compgen -W \"$(\"${COMP_WORDS[0]}\" \"${COMP_WORDS[1]}\" "
           "--list-options 2>/dev/null | cut -f1)\" -- \"$word\"))\n"
           "    fi\n"
           "}\n"
           "complete -o default -F _nemd nemd\n");
}

/* In single quotes of zsh and fish. */
static void print_quoted(const char *text) {
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\'", stdout);
        putchar(*text);
    }
}

static void print_zsh(void) {
    printf("#compdef nemd\n"
           "local -a commands options\n"
           "commands=(\n");
    for (int i = 0; command_at(i); i++) {
        printf("    '%s:", command_at(i)->name);
        print_quoted(command_at(i)->summary);
        printf("'\n");
    }
    printf(")\n"
           "if (( CURRENT == 2 )); then\n"
           "    _describe command commands\n"
           "elif [[ $words[CURRENT] == -* ]]; then\n"
           "    options=(${(f)\"$(nemd $words[2] --list-options 2>/dev/null | cut -f1)\"})\n"
           "    compadd -- $options\n"
           "else\n"
           "    _files\n"
           "fi\n");
}

static void print_fish(void) {
    for (int i = 0; command_at(i); i++) {
        printf("complete -c nemd -f -n __fish_use_subcommand -a %s -d '", command_at(i)->name);
        print_quoted(command_at(i)->summary);
        printf("'\n");
    }
    printf("complete -c nemd -n 'not __fish_use_subcommand' -a "
           "'(nemd (commandline -opc)[2] --list-options 2>/dev/null | cut -f1,3)'\n");
}

static const struct {
    const char *shell;
    void (*print)(void);
} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

static int completion(const struct command *self, int argc, char **argv) {
    struct setup setup;
    int status;
    const struct option_spec options[] = {{0}};
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    setup_free(&setup);
    for (size_t i = 0; argc == 1 && i < sizeof shells / sizeof *shells; i++)
        if (strcmp(argv[0], shells[i].shell) == 0) {
            shells[i].print();
            return EXIT_DONE;
        }
    return command_fail(self, err_new(ERR_USAGE, "bash, zsh or fish is expected"));
}

const struct command command_completion = {
    .name = "completion",
    .summary = "words that the shell completes",
    .usage = "bash|zsh|fish",
    .description = "Prints a script for the shell: `source <(nemd completion bash)`.",
    .examples = {{"source <(nemd completion bash)", "completion in this shell"},
                 {"nemd completion fish > ~/.config/fish/completions/nemd.fish",
                  "in every fish to come"}},
    .run = completion,
};
