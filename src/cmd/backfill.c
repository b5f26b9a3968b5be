#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/ranges.h"
#include "cmd/services.h"
#include "collect/backfill.h"

static err *read_day(const char *option, const char *text, aest_day *out) {
    aest_us t;
    if (!text)
        return err_new(ERR_USAGE, "%s is needed: a date, as in 2024-07-01", option);
    if (!aest_parse_iso(str_from(text), &t))
        return err_new(ERR_USAGE, "%s is '%s', not a date as 2024-07-01", option, text);
    *out = (aest_day)(t / AEST_DAY);
    return NULL;
}

static err *read_range(const char *from, const char *to, struct backfill *b) {
    aest_day first;
    aest_day_from_date(1998, 12, 1, &first);
    b->to = (aest_day)(aest_now() / AEST_DAY);
    TRY(read_day("--from", from, &b->from));
    if (to)
        TRY(read_day("--to", to, &b->to));
    if (b->from > b->to)
        return err_new(ERR_USAGE, "--from is after --to");
    return b->from < first
               ? err_new(ERR_USAGE, "--from is before the market, which began in December 1998")
               : NULL;
}

/* -- progress -----------------------------------------------------------------------------------
 */

struct meter {
    bool terminal;
    struct timespec begun;
};

static double seconds_since(const struct timespec *t) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t->tv_sec) + (double)(now.tv_nsec - t->tv_nsec) * 1e-9;
}

/* "2 h 5 min" of what is left, when it goes on as it went. */
static void print_left(double seconds, char out[32]) {
    long minutes = (long)(seconds / 60 + 0.5);
    if (minutes < 1)
        snprintf(out, 32, "%.0f s", seconds);
    else if (minutes < 60)
        snprintf(out, 32, "%ld min", minutes);
    else
        snprintf(out, 32, "%ld h %ld min", minutes / 60, minutes % 60);
}

static void show(void *context, const struct backfill_progress *p) {
    const struct meter *m = context;
    double seconds = seconds_since(&m->begun);
    char left[32] = "";
    if (p->done)
        print_left(seconds / (double)p->done * (double)(p->units - p->done), left);
    if (!m->terminal) {
        log_info("backfill", log_int("done", (int64_t)p->done), log_int("of", (int64_t)p->units),
                 log_int("rows", p->rows), log_cstr("file", p->now ? p->now : "-"));
        return;
    }
    fprintf(stderr, "\r\033[K%zu of %zu files, %.1f million rows, %.1f MB/s", p->done, p->units,
            (double)p->rows / 1e6, (double)p->bytes / 1e6 / (seconds > 0.1 ? seconds : 0.1));
    if (p->done)
        fprintf(stderr, ", %s left", left);
    if (p->done == p->units)
        fputs("\r\033[K", stderr);
    fflush(stderr);
}

static int finish(const struct command *self, err *e, const struct backfill_progress *p,
                  double seconds) {
    if (p->units || !e)
        printf("%zu of %zu files stored, %zu failed, %lld rows, %.1f MB in %.1f s\n",
               p->done - p->failed, p->units, p->failed, (long long)p->rows, (double)p->bytes / 1e6,
               seconds);
    if (e && err_kind(e) == ERR_STOPPED) {
        err_free(e);
        printf("Stopped. The same command goes on from here.\n");
        return EXIT_FINDINGS;
    }
    if (e)
        return command_fail(self, e);
    return p->failed ? EXIT_FINDINGS : EXIT_DONE;
}

static int backfill(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct stop stop;
    struct backfill b = {0};
    struct backfill_progress result = {0};
    struct meter meter = {.terminal = isatty(STDERR_FILENO)};
    const char *source = NULL, *from = NULL, *to = NULL, *only = NULL, *log_file = NULL;
    int status;
    const struct option_spec options[] = {
        {"from", "DATE", "the first day", .value = &from},
        {"to", "DATE", "the last day (default: today)", .value = &to},
        {"dataset", "NAME,…", "these alone (default: all)", .value = &only},
        {"source", "URL|DIR", "where files come from (NEMD_SOURCE; default NEMWEB)",
         .value = &source},
        {"jobs", "N", "files in work at once (default: one for each core)", .number = &b.workers},
        {"log-file", "F", "log there instead of to standard error (LOG_FILE)", .value = &log_file},
        {0},
    };
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    clock_gettime(CLOCK_MONOTONIC, &meter.begun);
    err *e = service_begin(&setup, argc, argv, log_file, &stop);
    if (!e)
        e = datasets_read(only, EVERY_DATASET | HISTORY_NOTICES, &b.wanted);
    if (!e)
        e = read_range(from, to, &b);
    if (!e) {
        b.data = setup.data;
        b.location = source_setting(&setup, source);
        b.source = source_settings(&setup, &stop);
        b.stop = &stop;
        b.progress = show;
        b.context = &meter;
        e = backfill_run(&b, &result);
    }
    status = finish(self, e, &result, seconds_since(&meter.begun));
    setup_free(&setup);
    return status;
}

const struct command command_backfill = {
    .name = "backfill",
    .summary = "history, from AEMO's archives",
    .usage = "--from DATE [--to DATE] [OPTION…]",
    .description = "Brings the days of a range into the store, newest first: from the monthly "
                   "archive (2009-07 on),\nelse from the archives of the last 13 months. What is "
                   "there already is not read again. It can\nbe stopped at any time; the same "
                   "command goes on. Exit status 3 when files failed.",
    .details = "`--from` and `--to` are dates, both included. `--dataset` names those that are "
               "wanted, parted by commas; market notices (`notices`) are among them, until "
               "2024-07. `--jobs` says how many files are in work at once. A dataset that was "
               "never published for a month is no gap there and no error.",
    .examples = {{"nemd backfill --from 2024-07-01", "all datasets since then"},
                 {"nemd backfill --from 2009-07-01 --to 2019-12-31 --dataset prices5,prices30",
                  "prices of ten years"}},
    .run = backfill,
};
