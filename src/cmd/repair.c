#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/ranges.h"
#include "cmd/services.h"
#include "collect/gaps_repair.h"

static void print_gap(struct arena *a, const struct repaired *r, bool only_list) {
    const struct gap *g = &r->gap, *now = r->now ? r->now : g;
    const char *why = gap_cause_text[now->cause];
    if (only_list) {
        printf("%s: %s%s%s\n", gap_text(a, g), why, now->file ? ", " : "",
               now->file ? now->file : "");
        return;
    }
    if (repaired_is_filled(r)) {
        printf("%s: filled\n", gap_text(a, g));
        return;
    }
    if (now->cause == GAP_NOT_FETCHED) /* it was asked for */
        why = "no file of the source has it";
    printf("%s: %s, %s%s%s\n", gap_text(a, g),
           r->missing == g->count ? "still missing" : "partly filled", why, now->file ? ", " : "",
           now->file ? now->file : "");
}

static void print_result(struct arena *a, const struct repair_result *result, bool only_list) {
    for (size_t i = 0; i < result->count; i++)
        print_gap(a, &result->gaps[i], only_list);
    if (!result->count)
        printf("No gaps.\n");
    else if (only_list)
        printf("%zu gaps.\n", result->count);
    else
        printf("%zu gaps, %zu filled, %zu remain.\n", result->count, result->count - result->left,
               result->left);
}

static void show(void *context, const struct backfill_progress *p) {
    const bool *terminal = context;
    if (!*terminal)
        return;
    fprintf(stderr, "\r\033[K%zu of %zu files of history", p->done, p->units);
    if (p->done == p->units)
        fputs("\r\033[K", stderr);
    fflush(stderr);
}

static err *run_repair(struct repair *r, struct arena *a, struct repair_result *result) {
    err *e = gaps_repair(r, a, result);
    print_result(a, result, r->only_list || e);
    return e;
}

static int repair(const struct command *self, int argc, char **argv) {
    struct setup setup;
    struct stop stop;
    struct arena a = {0};
    struct repair r = {0};
    struct repair_result result = {0};
    struct range_settings range = {0};
    const char *source = NULL, *log_file = NULL;
    bool terminal = isatty(STDERR_FILENO);
    int status;
    const struct option_spec options[] = {
        {"dry-run", NULL, "list the gaps, and fetch nothing", .flag = &r.only_list},
        RANGE_OPTIONS(range),
        {"source", "URL|DIR", "where files come from (NEMD_SOURCE; default NEMWEB)",
         .value = &source},
        {"jobs", "N", "files in work at once (default: one for each core)",
         .number = &r.backfill.workers},
        {"log-file", "F", "log there instead of to standard error (LOG_FILE)", .value = &log_file},
        {0},
    };
    if (!setup_read(&setup, self, options, &argc, argv, &status))
        return status;
    err *e = service_begin(&setup, argc, argv, log_file, &stop);
    struct range days;
    if (!e)
        e = range_read(&range, &days);
    if (!e) {
        r.search = (struct gap_search){days.wanted, days.first, days.last, .now = aest_now()};
        r.backfill.data = setup.data;
        r.backfill.location = source_setting(&setup, source);
        r.backfill.source = source_settings(&setup, &stop);
        r.backfill.stop = &stop;
        r.backfill.progress = show;
        r.backfill.context = &terminal;
        e = run_repair(&r, &a, &result);
    }
    status = e ? command_fail(self, e) : result.left ? EXIT_FINDINGS : EXIT_DONE;
    arena_free(&a);
    setup_free(&setup);
    return status;
}

const struct command command_repair = {
    .name = "repair",
    .summary = "finds gaps, and fills what a source still has",
    .usage = "[--dry-run] [OPTION…]",
    .description =
        "Lists intervals, regions, links and units that should have rows and have none, then reads "
        "what\nCURRENT, ARCHIVE and the monthly archive still have of them, and says what became "
        "of each.\nWithout --from and --to it looks at all that lies between a dataset's first "
        "and last row. Exit\nstatus 3 when gaps remain.",
    .details = "`nemd run` and `nemd collect` repair the last days by themselves, once an hour.",
    .examples = {{"nemd repair --dry-run", "what is missing, and why"},
                 {"nemd repair --from 2025-06-01 --dataset scada5",
                  "fill one dataset's gaps since then"}},
    .run = repair,
};
