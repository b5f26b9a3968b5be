#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "cmd/services.h"
#include "ops/backup_schedule.h"

static void show(void *context, const char *file, size_t done, size_t of) {
    (void)context;
    fprintf(stderr, "\r\033[K");
    if (done < of)
        fprintf(stderr, "%zu of %zu  %s", done, of, file);
    fflush(stderr);
}

/* -- backup -------------------------------------------------------------------------------------
 */

static void print_backup(const struct backup_done *done, bool json) {
    if (!json) {
        printf("%s: %zu files, %.1f MB, of which %zu new, %.1f MB; %zu generations, %zu removed\n",
               done->name, done->files, (double)done->bytes / 1e6, done->copied,
               (double)done->copied_bytes / 1e6, done->generations, done->removed);
        return;
    }
    struct buf text = {0};
    struct json j = json_to(&text);
    json_object(&j);
    json_key(&j, "generation"), json_cstr(&j, done->name);
    json_key(&j, "files"), json_int(&j, (int64_t)done->files);
    json_key(&j, "bytes"), json_int(&j, done->bytes);
    json_key(&j, "copied"), json_int(&j, (int64_t)done->copied);
    json_key(&j, "copied_bytes"), json_int(&j, done->copied_bytes);
    json_key(&j, "generations"), json_int(&j, (int64_t)done->generations);
    json_key(&j, "removed"), json_int(&j, (int64_t)done->removed);
    json_end(&j);
    printf("%s\n", buf_cstr(&text));
    buf_free(&text);
}

static err *back_up(const struct setup *setup, struct backup_schedule *s, bool json) {
    struct backup_done done;
    struct running_entry entry;
    if (s->minute < 0) {
        TRY(backup_run(&s->backup, &done));
        print_backup(&done, json);
        return NULL;
    }
    s->backup.by_itself = true;
    work_begin(setup, &(struct running){.command = "backup"}, &entry);
    backup_each_day(s);
    work_end(&entry);
    return NULL;
}

static int backup(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct stop stop;
    struct backup_schedule s = {.minute = -1};
    const char *every = NULL, *to = NULL;
    bool json = false, secrets = false;
    int status, keep = -1;
    const struct option_spec options[] = {
        {"to", "DIR|HOST:PATH", "where backups are (NEMD_BACKUP)", .value = &to},
        {"every", "HH:MM", "go on, and make one each day at that time (AEST)", .value = &every},
        {"keep", "N", "generations to keep (NEMD_BACKUP_KEEP; default 14; 0: all)",
         .number = &keep},
        {"secrets", NULL, "take the file of secrets along too", .flag = &secrets},
        {"json", NULL, "for programs", .flag = &json},
        {0},
    };
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    err *e = service_begin(&setup, argc, argv, NULL, &stop);
    if (!e)
        e = backup_settings(&setup, to, &stop, &s.backup);
    if (!e && every)
        e = backup_schedule_read("--every", every, &s.minute);
    s.backup.keep = keep < 0 ? s.backup.keep : keep;
    s.backup.secrets = secrets ? config_get(&setup.config, "NEMD_SECRETS", NULL) : NULL;
    s.backup.progress = isatty(STDERR_FILENO) && !every ? show : NULL;
    if (!e)
        e = back_up(&setup, &s, json);
    status = e ? command_fail(self, e) : EXIT_DONE;
    setup_free(&setup);
    return status;
}

const struct command command_backup = {
    .name = "backup",
    .summary = "save the store, incrementally and verified",
    .usage = "--to DIR|HOST:PATH [--every HH:MM] [OPTION…]",
    .description =
        "Saves the store, its alerts and the file of --config as a new generation: copies what is "
        "new, checks\neach copy by its bytes, and removes generations beyond --keep. It can run "
        "while nemd collects, and\nbe killed at any time. Secrets are left out unless --secrets "
        "is given.",
    .details =
        "--to is a folder, or a place on another machine that rsync reaches: `user@host:path` by "
        "ssh, or `rsync://host/module/path`; what was sent is then compared by checksums of both "
        "sides. Such a target belongs to one store. RSYNC_RSH says by which shell, ssh has to get "
        "in without being asked for a password. `nemd restore` takes the same, and fetches a "
        "generation to a folder beside --data first.\n\n`nemd run` and `nemd collect` make "
        "one each day by themselves, at `NEMD_BACKUP_AT`; `--every` is for a machine where "
        "neither runs.\n\nWhat is the same in several generations is "
        "kept once. Nothing is a generation before all "
        "of it is durable and was read back; what a killed backup left, the next one takes up.",
    .examples = {{"nemd backup --to /mnt/backup/nemd", "a generation now"},
                 {"nemd backup --to desk@nas.example:nemd", "the same on another machine"},
                 {"nemd backup --to /mnt/backup/nemd --every 02:30",
                  "stay, and make one each night"}},
    .run = backup,
};

/* -- restore ------------------------------------------------------------------------------------
 */

/* Where a generation that is far comes first: the store's folder has to be empty. */
static const char *beside(struct arena *a, const char *data) {
    size_t length = strlen(data);
    while (length > 1 && data[length - 1] == '/')
        length--;
    return arena_printf(a, "%.*s.fetched", (int)length, data);
}

static int restore(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct stop stop;
    struct restore r = {0};
    struct restore_done done = {.files = 0};
    bool verify_only = false;
    int status;
    const struct option_spec options[] = {
        {"from", "DIR|HOST:PATH", "where backups are (NEMD_BACKUP)", .value = &r.from},
        {"at", "TIME", "the newest generation whose name begins so: 2025-07-20", .value = &r.at},
        {"verify-only", NULL, "check every file of it, write nothing", .flag = &verify_only},
        {0},
    };
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    err *e = service_begin(&setup, argc, argv, NULL, &stop);
    r.from = r.from ? r.from : config_get(&setup.config, "NEMD_BACKUP", NULL);
    r.data = verify_only ? NULL : setup.data;
    r.stage = beside(&setup.config.memory, setup.data);
    r.stop = &stop;
    r.progress = isatty(STDERR_FILENO) ? show : NULL;
    if (!e && (!r.from || !*r.from))
        e = err_new(ERR_USAGE, "--from DIR is needed, or NEMD_BACKUP");
    if (!e)
        e = restore_run(&r, &done);
    if (!e && done.bad)
        e = err_new(ERR_INPUT, "%s: %zu of %zu files are bad, as %s", done.name, done.bad,
                    done.files, done.first_bad);
    if (!e)
        printf("%s: %zu files, %.1f MB %s\n", done.name, done.files, (double)done.bytes / 1e6,
               verify_only ? "are whole" : "restored");
    status = e ? command_fail(self, e) : EXIT_DONE;
    setup_free(&setup);
    return status;
}

const struct command command_restore = {
    .name = "restore",
    .summary = "a store from a backup",
    .usage = "--from DIR|HOST:PATH [--at TIME] [--verify-only]",
    .description =
        "Checks every file of a generation by its bytes, and then puts it into --data, which has "
        "to be empty or\nnew. Settings come to <data>/settings. With --verify-only nothing is "
        "written.",
    .examples = {{"nemd restore --from /mnt/backup/nemd --verify-only",
                  "read every byte of the newest generation"},
                 {"nemd restore --from /mnt/backup/nemd --at 2025-07-20 --data ~/nemd-july",
                  "the store as it was that day"}},
    .run = restore,
};
