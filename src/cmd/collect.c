#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "cmd/services.h"

static void pid_file_close(int *fd) {
    close(*fd);
    *fd = -1;
}

/* Writes the process's number to [path] and keeps it locked, so that a second collector with the
 * same file is refused. */
static err *pid_file_open(const char *path, int *fd) {
    char text[32];
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (*fd < 0)
        return err_errno(errno, "can't open the pid file %s", path);
    if (flock(*fd, LOCK_EX | LOCK_NB)) {
        pid_file_close(fd);
        return err_new(ERR_BUSY, "the pid file %s belongs to a collector that is running", path);
    }
    int length = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(*fd, 0) || pwrite(*fd, text, (size_t)length, 0) != length) {
        err *e = err_errno(errno, "can't write the pid file %s", path);
        pid_file_close(fd);
        return e;
    }
    return NULL;
}

static void print_reports(const struct collect_report reports[FEEDS], bool test) {
    char first[AEST_TEXT], last[AEST_TEXT];
    for (int i = 0; i < FEEDS; i++) {
        const struct collect_report *r = &reports[i];
        if (r->absent) {
            printf("%-17s not offered\n", feeds[i].name);
            continue;
        }
        printf("%-17s %5zu files listed, %zu %s, %zu failed, %zu rows\n", feeds[i].name, r->listed,
               r->done, test ? "read" : "stored", r->refused + r->unfetched + r->unstored, r->rows);
        for (int d = 0; d < DATASETS; d++)
            if (r->contents[d].rows)
                printf("  %-16s %7lld rows, %s to %s\n", datasets[d].name,
                       (long long)r->contents[d].rows,
                       aest_format_mms(interval_to_aest(r->contents[d].first), first),
                       aest_format_mms(interval_to_aest(r->contents[d].last), last));
    }
    if (test)
        printf("Nothing was written: this was a test.\n");
}

/* One line on a terminal, drawn anew a few times a second. The cursor goes back to its start, so
 * that a line of the log takes its place. */
static void draw_progress(const struct feed *feed, size_t done, size_t wanted) {
    static struct timespec drawn;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long ms = (now.tv_sec - drawn.tv_sec) * 1000 + (now.tv_nsec - drawn.tv_nsec) / 1000000;
    if (ms < 100 && done < wanted)
        return;
    drawn = now;
    fprintf(stderr, "\r\033[K%s: %zu of %zu files\r", feed->name, done, wanted);
    if (done == wanted)
        fputs("\033[K", stderr);
    fflush(stderr);
}

/* Files that are refused or couldn't be had or stored, now or since long ago. */
static err *count_failures(struct collector *c, const struct collect_report reports[FEEDS],
                           size_t *out) {
    struct arena a = {0};
    err *e = NULL;
    for (int i = 0; i < FEEDS && !e; i++) {
        struct ledger *ledger;
        struct ledger_feed feed = {0};
        if (c->store && !(e = store_ledger(c->store, &ledger)))
            e = ledger_feed(ledger, &a, feeds[i].name, &feed);
        *out +=
            (size_t)feed.failed + reports[i].refused + reports[i].unfetched + reports[i].unstored;
    }
    arena_free(&a);
    return e;
}

static int collect_one_cycle(const struct command *self, struct collector *c, bool test) {
    struct collect_report reports[FEEDS];
    size_t failed, offered = 0, refused = 0;
    memset(reports, 0, sizeof reports);
    c->ignore_next_try = true;
    if (isatty(STDERR_FILENO))
        c->progress = draw_progress;
    err *e = collect_once(c, reports, &failed);
    if (e)
        return command_fail(self, e);
    for (int i = 0; i < FEEDS; i++)
        offered += !reports[i].absent;
    if (failed < offered)
        print_reports(reports, test);
    e = count_failures(c, reports, &refused);
    if (e)
        return command_fail(self, e);
    return failed == offered ? EXIT_FAILED : failed || refused ? EXIT_FINDINGS : EXIT_DONE;
}

static err *collect_with_alerts(struct collector *c, const struct setup *setup,
                                const struct collect_settings *settings, struct stop *stop) {
    struct alerting alerting = {.service = NULL};
    struct following following = {.follower = NULL};
    struct backing_up backing_up = {.keeper = NULL};
    struct running_entry entry;
    const struct running self = {.command = "collect", .collects = true, .alerts = true};
    work_begin(setup, &self, &entry);
    err *e = backing_up_start(&backing_up, setup, stop);
    if (!e)
        e = alerting_start(&alerting, setup, stop);
    if (!e)
        e = following_start(&following, setup, settings->follow, c, stop);
    if (!e)
        collect_forever(c);
    stop_request(stop);
    backing_up_end(&backing_up);
    following_end(&following);
    alerting_end(&alerting);
    work_end(&entry);
    return e;
}

static int collect(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct stop stop;
    struct collector collector;
    struct collect_settings settings = {0};
    const char *log_file = NULL, *pid_file = NULL;
    bool once = false;
    int status, pid_fd = -1;
    const struct option_spec options[] = {
        {"source", "URL|DIR", "where files come from (NEMD_SOURCE; default NEMWEB)",
         .value = &settings.source},
        {"once", NULL, "one look at every feed, then end", .flag = &once},
        {"test-mode", NULL, "one look that fetches and parses, and writes nothing",
         .flag = &settings.test},
        {"interval", "SECONDS", "look at every feed this often, not by AEMO's timetable",
         .number = &settings.period_s},
        FOLLOW_OPTION(settings.follow),
        {"log-file", "F", "log there instead of to standard error (LOG_FILE)", .value = &log_file},
        {"pid-file", "F", "write the process's number there while running", .value = &pid_file},
        {0},
    };
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    err *e = service_begin(&setup, argc, argv, log_file, &stop);
    if (!e && pid_file)
        e = pid_file_open(pid_file, &pid_fd);
    if (!e && !(e = collector_open(&collector, &setup, &settings, &stop))) {
        if (once || settings.test)
            status = collect_one_cycle(self, &collector, settings.test);
        else
            e = collect_with_alerts(&collector, &setup, &settings, &stop);
        collector_close(&collector);
    }
    if (pid_fd >= 0)
        unlink(pid_file);
    if (e)
        status = command_fail(self, e);
    setup_free(&setup);
    return status;
}

const struct command command_collect = {
    .name = "collect",
    .summary = "the collector, and alerts, without the dashboard",
    .usage = "[OPTION…]",
    .description = "Reads NEMWEB's CURRENT folders and stores what is new, until it is stopped "
                   "(SIGTERM, SIGINT).\nA file that can't be read is refused with one line in the "
                   "log, and stops nothing.\nSIGHUP opens the log file anew.",
    .details = "What it reads is committed file by file and day by day; it can be killed at any "
               "time. A file that comes late, in another order or twice makes no difference. With "
               "`--interval` it looks at every feed that often, else when AEMO's timetable says "
               "that files can be there.\n\nExit status of `--once` and `--test-mode`: 3 when "
               "files were refused or a feed failed.",
    .examples = {{"nemd collect --once", "one look at every feed, from cron"},
                 {"nemd collect --test-mode",
                  "whether the source can be reached and read; writes nothing"},
                 {"nemd collect --log-file /var/log/nemd.log --pid-file /run/nemd.pid",
                  "in the background of an init script"}},
    .run = collect,
};
