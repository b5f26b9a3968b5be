#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/command.h"
#include "ops/backup_far.h"
#include "ops/supervise.h"

/* A path from the root, of one that may not be there yet. */
static const char *absolute(struct arena *a, const char *path) {
    char here[PATH_MAX];
    if (!path || path[0] == '/' || !getcwd(here, sizeof here))
        return path;
    return arena_printf(a, "%s/%s", here, path);
}

/* Where this program stands; NULL when the system doesn't tell. */
static const char *own_path(struct arena *a) {
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length > 0)
        return arena_printf(a, "%.*s", (int)length, path);
    return file_exists("/usr/local/bin/nemd") ? "/usr/local/bin/nemd" : NULL;
}

static err *act(const struct supervised *s, struct arena *a, const char *action) {
    struct buf text = {0};
    if (strcmp(action, "print") == 0) {
        err *e = supervise_text(s, &text);
        if (!e)
            fwrite(text.at, 1, text.len, stdout);
        buf_free(&text);
        return e;
    }
    if (strcmp(action, "install") == 0) {
        TRY(supervise_install(s, a));
        printf("installed %s%s\n", supervise_path(s, a), s->root ? "" : ", and started");
        if (!s->root && s->kind == SUPERVISOR_SYSTEMD && !s->system)
            printf("`loginctl enable-linger` has it run while you aren't logged in\n");
        return NULL;
    }
    if (strcmp(action, "uninstall") == 0) {
        TRY(supervise_uninstall(s, a));
        printf("removed %s; the store stays\n", supervise_path(s, a));
        return NULL;
    }
    return err_new(ERR_USAGE, "install, uninstall or print is expected, not %s", action);
}

/* A path of the file of settings; the environment isn't the service's. */
static const char *path_setting(const struct setup *setup, struct arena *a, const char *key) {
    const char *path =
        config_file_of(&setup->config, key) ? config_get(&setup->config, key, NULL) : NULL;
    return path && *path && !far_is(path) ? absolute(a, path) : NULL;
}

static err *read_kind(const char *text, enum supervisor *out) {
    *out = supervisor_here();
    if (text && strcmp(text, "systemd") == 0)
        *out = SUPERVISOR_SYSTEMD;
    else if (text && strcmp(text, "launchd") == 0)
        *out = SUPERVISOR_LAUNCHD;
    else if (text)
        return err_new(ERR_USAGE, "--for is '%s', neither systemd nor launchd", text);
    return NULL;
}

static int service(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct arena a = {0};
    struct supervised s = {.home = getenv("HOME")};
    const char *kind = NULL, *program = NULL;
    int status;
    const struct option_spec options[] = {
        {"system", NULL, "of the whole system, not of the user", .flag = &s.system},
        {"user", "NAME", "with --system: whom it runs as (default root)", .value = &s.user},
        {"program", "FILE", "what is run (default: this program)", .value = &program},
        {"for", "systemd|launchd", "default: what this machine has", .value = &kind},
        {"root", "DIR", "write below this folder, and start nothing", .value = &s.root},
        {0},
    };
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    err *e = argc == 1 ? read_kind(kind, &s.kind)
                       : err_new(ERR_USAGE, "install, uninstall or print is expected");
    s.home = s.home ? s.home : "";
    s.program = program ? absolute(&a, program) : own_path(&a);
    s.data = absolute(&a, setup.data);
    s.config = absolute(&a, setup.config_file);
    s.log = path_setting(&setup, &a, "LOG_FILE");
    s.backup = path_setting(&setup, &a, "NEMD_BACKUP");
    if (!e && !s.program)
        e = err_new(ERR_USAGE, "--program is needed: where nemd stands");
    if (!e)
        e = act(&s, &a, argv[0]);
    status = e ? command_fail(self, e) : EXIT_DONE;
    arena_free(&a);
    setup_free(&setup);
    return status;
}

const struct command command_service = {
    .name = "service",
    .summary = "run at boot, under systemd or launchd",
    .usage = "install|uninstall|print [OPTION…]",
    .description =
        "install    writes a unit (or agent) that runs `nemd run` with --data and --config, starts "
        "it now and at boot\nuninstall  stops it and removes the file; the store stays\nprint      "
        "prints the text alone",
    .examples = {{"nemd service install --data ~/nemd --config ~/.config/nemd/nemd.env",
                  "the user's own service"},
                 {"sudo nemd service install --system --user nemd --data /var/lib/nemd",
                  "one of the whole machine"},
                 {"nemd service print --for launchd", "what would be written"}},
    .run = service,
};
