/* How fast the simulated NEMWEB makes what it serves, on one core; times are of the processor.
 *
 *   bench_sim [MONTH]       a month as 2025-06 (default)
 *
 * A month of UNIT_SCADA as CSV, the market of its days solved first and not; a listing of two days
 * of a five-minute feed, the first time that it is asked for and again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/tables/table.h"
#include "sim/tree/tree.h"

enum { SEED = 1 };

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void bench_scada(struct sim_market *market, aest_us from, aest_us to, const char *what) {
    struct buf csv = {0};
    struct sim_file f = {
        .market = market, .edition = SIM_MMSDM, .published = to + 7 * AEST_DAY, .out = &csv};
    double begun = now_s();
    sim_file_begin(&f, "SETP.WORLD", "DISPATCH", "UNIT_SCADA", 1, 1);
    sim_file_table(&f, &sim_dispatch_unit_scada, from, to);
    sim_file_end(&f);
    double seconds = now_s() - begun;
    printf("UNIT_SCADA, %-28s %9lld rows %6.1f MB %7.2f s %6.1f million rows/s\n", what,
           (long long)f.lines - 3, (double)csv.len / 1e6, seconds,
           (double)(f.lines - 3) / seconds / 1e6);
    buf_free(&csv);
}

static void bench_listing(const struct sim_tree *tree, aest_us now, const char *what) {
    struct buf html = {0};
    double begun = now_s();
    sim_listing(tree, STR("/Reports/CURRENT/DispatchIS_Reports/"), now, &html);
    double seconds = now_s() - begun;
    int files = 0;
    str rest = buf_str(&html);
    for (ptrdiff_t at; (at = str_find(rest, STR("<br>"))) >= 0; files++) {
        rest.at += at + 4;
        rest.len -= (size_t)at + 4;
    }
    printf("listing, %-31s %9d files %27.2f ms\n", what, files - 2, seconds * 1e3);
    buf_free(&html);
}

int main(int argc, char **argv) {
    char text[16] = "2025-06-01";
    aest_us from, to;
    if (argc > 1)
        snprintf(text, sizeof text, "%.7s-01", argv[1]);
    if (!aest_parse_iso(str_from(text), &from)) {
        fprintf(stderr, "bench_sim: '%s' is no month as 2025-06\n", argv[1]);
        return 2;
    }
    to = from + 28 * AEST_DAY;
    struct sim_market *market = sim_market_new(SEED);
    struct sim_tree tree = {.market = market, .start = from - 400 * AEST_DAY};
    bench_scada(market, from, to, "28 days, with their market");
    bench_scada(market, from, to, "the same, market known");
    bench_listing(&tree, to, "the first time");
    bench_listing(&tree, to, "again");
    sim_market_free(market);
    return 0;
}
