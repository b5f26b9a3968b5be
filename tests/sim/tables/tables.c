/* The tables of dispatch and trading, written for a real market and read back: what holds in AEMO's
 * files holds in these. */
#include <math.h>
#include <stdlib.h>

#include "sim/model/event.h"
#include "sim/model/noise.h"
#include "sim/tables/table.h"
#include "sim/tables/times.h"
#include "sim/tables/trading.h"
#include "support/check.h"

enum { SEED = 20 };
#define FIVE_MINUTES (5 * AEST_MINUTE)

static struct sim_market *market;

static aest_us at(const char *text) {
    aest_us t;
    assert_true(aest_parse_mms(str_from(text), &t));
    return t;
}

/* One table of a file: its cells by row and column, without quotes. No cell holds a comma. */
struct sheet {
    struct arena arena;
    struct buf text;
    str columns[SIM_COLUMNS_MAX];
    int width, count;
    str *cells;
};

static int cut_line(str line, str *cells) {
    int count = 0;
    for (bool more = true; more; count++) {
        more = memchr(line.at, ',', line.len) != NULL;
        str cell = str_cut(&line, ',');
        if (cell.len >= 2 && cell.at[0] == '"')
            cell = (str){cell.at + 1, cell.len - 2};
        cells[count] = cell;
    }
    return count;
}

static void read_sheet(struct sheet *s, const struct sim_table *t, enum sim_edition edition,
                       aest_us published, aest_us from, aest_us to) {
    enum { FIRST = 4 }; /* "D", report, subtable, version */
    struct sim_file f = {
        .market = market, .edition = edition, .published = published, .out = &s->text};
    sim_file_table(&f, t, from, to);
    str rest = buf_str(&s->text), line = str_trim(str_cut(&rest, '\n')),
        cells[SIM_COLUMNS_MAX + FIRST];
    assert_true(line.len > 0);
    s->width = cut_line(line, cells) - FIRST;
    memcpy(s->columns, cells + FIRST, (size_t)s->width * sizeof *cells);
    s->cells = ARENA_ARRAY(&s->arena, str, (size_t)(f.lines * s->width));
    for (; rest.len; s->count++) {
        assert_int_equal(cut_line(str_trim(str_cut(&rest, '\n')), cells) - FIRST, s->width);
        memcpy(s->cells + s->count * s->width, cells + FIRST, (size_t)s->width * sizeof *cells);
    }
    assert_int_equal(s->count, f.lines - 1);
}

static void free_sheet(struct sheet *s) {
    arena_free(&s->arena);
    buf_free(&s->text);
    *s = (struct sheet){0};
}

static str text_of(const struct sheet *s, int row, const char *column) {
    for (int i = 0; i < s->width; i++)
        if (str_eq(s->columns[i], str_from(column)))
            return s->cells[row * s->width + i];
    fail_msg("no column %s", column);
    return (str){0};
}

static double number_of(const struct sheet *s, int row, const char *column) {
    double value = NAN;
    str text = text_of(s, row, column);
    if (!str_to_double(text, &value))
        fail_msg("%s of row %d is \"%.*s\"", column, row, STR_ARG(text));
    return value;
}

static aest_us time_of(const struct sheet *s, int row, const char *column) {
    aest_us t = 0;
    assert_true(aest_parse_mms(text_of(s, row, column), &t));
    return t;
}

static bool is(const struct sheet *s, int row, const char *column, const char *text) {
    return str_eq(text_of(s, row, column), str_from(text));
}

static void check_near(double a, double b, double tolerance, const char *what) {
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%s: %f and %f", what, a, b);
}

static const char *const hours[] = {"2012/07/10 18:00:00", "2019/04/30 04:00:00",
                                    "2022/06/15 17:30:00", "2024/08/05 12:00:00",
                                    "2025/10/08 23:30:00"};
enum { HOURS = sizeof hours / sizeof *hours };

/* A sheet for the hour that begins at [start], as the five-minute reports have it. */
static void read_hour(struct sheet *s, const struct sim_table *t, aest_us start) {
    read_sheet(s, t, SIM_REPORT, start + 2 * AEST_DAY, start, start + 60 * AEST_MINUTE);
}

static int compare_str(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

static void check_key(const struct sim_table *t, const char *const *key) {
    for (int h = 0; h < HOURS; h++) {
        struct sheet s = {0};
        read_hour(&s, t, at(hours[h]));
        str *keys = ARENA_ARRAY(&s.arena, str, (size_t)s.count);
        for (int row = 0; row < s.count; row++) {
            struct buf joined = {0};
            for (const char *const *column = key; *column; column++) {
                assert_true(text_of(&s, row, *column).len > 0);
                buf_add_str(&joined, text_of(&s, row, *column));
                buf_add_char(&joined, '|');
            }
            keys[row] = str_from(str_dup(&s.arena, buf_str(&joined)));
            buf_free(&joined);
        }
        qsort(keys, (size_t)s.count, sizeof *keys, compare_str);
        for (int row = 1; row < s.count; row++)
            if (str_eq(keys[row - 1], keys[row]))
                fail_msg("%s of %s: %.*s stands twice", t->subtable, hours[h], STR_ARG(keys[row]));
        free_sheet(&s);
    }
}

#define KEY(...) ((const char *const[]){__VA_ARGS__, NULL})

static void keys_are_complete_and_unique(void **state) {
    (void)state;
    check_key(&sim_dispatch_case_solution, KEY("SETTLEMENTDATE", "RUNNO", "LASTCHANGED"));
    check_key(&sim_dispatch_price, KEY("SETTLEMENTDATE", "RUNNO", "REGIONID", "DISPATCHINTERVAL",
                                       "INTERVENTION", "LASTCHANGED", "RRP", "PRICE_STATUS"));
    check_key(&sim_dispatch_regionsum, KEY("SETTLEMENTDATE", "RUNNO", "REGIONID",
                                           "DISPATCHINTERVAL", "INTERVENTION", "LASTCHANGED"));
    check_key(&sim_dispatch_interconnectorres,
              KEY("SETTLEMENTDATE", "RUNNO", "INTERCONNECTORID", "DISPATCHINTERVAL", "INTERVENTION",
                  "LASTCHANGED", "EXPORTGENCONID", "IMPORTGENCONID"));
    check_key(&sim_dispatch_interconnection,
              KEY("SETTLEMENTDATE", "RUNNO", "INTERVENTION", "FROM_REGIONID", "TO_REGIONID"));
    check_key(&sim_dispatch_constraint,
              KEY("SETTLEMENTDATE", "RUNNO", "CONSTRAINTID", "DISPATCHINTERVAL", "INTERVENTION"));
    check_key(&sim_dispatch_unit_scada, KEY("SETTLEMENTDATE", "DUID", "SCADAVALUE"));
    check_key(&sim_dispatch_unit_solution,
              KEY("SETTLEMENTDATE", "RUNNO", "DUID", "INTERVENTION", "CONNECTIONPOINTID"));
    check_key(&sim_trading_price, KEY("SETTLEMENTDATE", "RUNNO", "REGIONID", "PERIODID"));
    check_key(&sim_trading_interconnectorres,
              KEY("SETTLEMENTDATE", "RUNNO", "INTERCONNECTORID", "PERIODID"));
    check_key(&sim_tregion, KEY("SETTLEMENTDATE", "RUNNO", "REGIONID", "PERIODID"));
    check_key(&sim_dregion, KEY("SETTLEMENTDATE", "RUNNO", "REGIONID", "INTERVENTION"));
}

static void dispatch_is_known_seconds_after_the_start(void **state) {
    (void)state;
    struct sheet s = {0};
    read_hour(&s, &sim_dispatch_regionsum, at(hours[4]));
    for (int row = 0; row < s.count; row++) {
        aest_us end = time_of(&s, row, "SETTLEMENTDATE");
        aest_us after = time_of(&s, row, "LASTCHANGED") - (end - FIVE_MINUTES);
        assert_in_range(after, 3 * AEST_SECOND, 9 * AEST_SECOND);
        assert_true(sim_scada_time(market, end) > time_of(&s, row, "LASTCHANGED"));
    }
    assert_true(is(&s, 0, "SETTLEMENTDATE", "2025/10/08 23:35:00"));
    assert_true(is(&s, 0, "DISPATCHINTERVAL", "20251008235"));
    assert_true(is(&s, s.count - 1, "SETTLEMENTDATE", "2025/10/09 00:30:00"));
    assert_true(is(&s, s.count - 1, "DISPATCHINTERVAL", "20251008246"));
    free_sheet(&s);
}

static bool has_column(const struct sheet *s, const char *column) {
    for (int i = 0; i < s->width; i++)
        if (str_eq(s->columns[i], str_from(column)))
            return true;
    return false;
}

static void sums_of_regions_balance(void **state) {
    (void)state;
    for (int h = 0; h < HOURS; h++) {
        struct sheet s = {0};
        read_hour(&s, &sim_dispatch_regionsum, at(hours[h]));
        for (int row = 0; row < s.count; row++) {
            check_near(number_of(&s, row, "TOTALDEMAND"),
                       number_of(&s, row, "DISPATCHABLEGENERATION") -
                           number_of(&s, row, "DISPATCHABLELOAD") -
                           number_of(&s, row, "NETINTERCHANGE"),
                       0.01001, "TOTALDEMAND");
            check_near(number_of(&s, row, "DEMAND_AND_NONSCHEDGEN"),
                       number_of(&s, row, "CLEAREDSUPPLY") +
                           number_of(&s, row, "TOTALINTERMITTENTGENERATION"),
                       1e-6, "DEMAND_AND_NONSCHEDGEN");
            if (!has_column(&s, "SS_SOLAR_UIGF"))
                continue;
            check_near(number_of(&s, row, "UIGF"),
                       number_of(&s, row, "SS_SOLAR_UIGF") + number_of(&s, row, "SS_WIND_UIGF"),
                       2e-5, "UIGF");
            check_near(number_of(&s, row, "SEMISCHEDULE_CLEAREDMW"),
                       number_of(&s, row, "SS_SOLAR_CLEAREDMW") +
                           number_of(&s, row, "SS_WIND_CLEAREDMW"),
                       2e-5, "SEMISCHEDULE_CLEAREDMW");
        }
        free_sheet(&s);
    }
}

static int region_number(str id) {
    for (int r = 0; r < SIM_REGIONS; r++)
        if (str_eq(id, str_from(sim_region_name[r])))
            return r;
    fail_msg("no region %.*s", STR_ARG(id));
    return 0;
}

/* A region's net interchange is what its interconnectors take, with its part of their losses. */
static void flows_make_the_net_interchange(void **state) {
    (void)state;
    for (int h = 0; h < HOURS; h++) {
        struct sheet sums = {0}, flows = {0};
        read_hour(&sums, &sim_dispatch_regionsum, at(hours[h]));
        read_hour(&flows, &sim_dispatch_interconnectorres, at(hours[h]));
        for (int block = 0; block < sums.count / SIM_REGIONS; block++) {
            double net[SIM_REGIONS] = {0};
            for (int i = 0; i < SIM_LINKS; i++) {
                int row = block * SIM_LINKS + i;
                const struct sim_link_fact *link = &sim_links[i];
                double flow = number_of(&flows, row, "MWFLOW");
                double losses = number_of(&flows, row, "MWLOSSES");
                assert_true(is(&flows, row, "INTERCONNECTORID", link->id));
                net[link->from] += flow + link->from_losses * losses;
                net[link->to] += (1 - link->from_losses) * losses - flow;
                assert_true(flow <= number_of(&flows, row, "EXPORTLIMIT") + 1e-5);
                assert_true(flow >= number_of(&flows, row, "IMPORTLIMIT") - 1e-5);
            }
            for (int i = 0; i < SIM_REGIONS; i++) {
                int row = block * SIM_REGIONS + i;
                check_near(number_of(&sums, row, "NETINTERCHANGE"),
                           net[region_number(text_of(&sums, row, "REGIONID"))], 0.011,
                           "NETINTERCHANGE");
            }
        }
        free_sheet(&sums);
        free_sheet(&flows);
    }
}

static void what_binds_is_met_exactly(void **state) {
    (void)state;
    for (int h = 0; h < HOURS; h++) {
        struct sheet s = {0};
        aest_us start = at(hours[h]);
        read_hour(&s, &sim_dispatch_constraint, start);
        int binding = 0, intervals = 60 / INTERVAL_MINUTES;
        assert_in_range(s.count / intervals, 650, 1700); /* twice as many with two runs */
        for (int row = 0; row < s.count; row++) {
            aest_us effective = time_of(&s, row, "GENCONID_EFFECTIVEDATE");
            assert_true(effective <= start && effective > start - 10 * 366 * AEST_DAY);
            if (number_of(&s, row, "MARGINALVALUE") == 0)
                continue;
            binding++;
            check_near(number_of(&s, row, "LHS"), number_of(&s, row, "RHS"), 1e-5, "LHS");
        }
        assert_true(binding >= intervals);
        free_sheet(&s);
    }
}

/* The requirement of a service for the whole market is the sum of what regions are enabled for. */
static void frequency_control_adds_up(void **state) {
    (void)state;
    struct sheet sums = {0}, constraints = {0}, units = {0};
    aest_us end = at("2025/10/08 19:00:00");
    double all = 0, by_unit = 0, wanted = NAN;
    read_sheet(&sums, &sim_dispatch_regionsum, SIM_REPORT, end, end - FIVE_MINUTES, end);
    read_sheet(&constraints, &sim_dispatch_constraint, SIM_REPORT, end, end - FIVE_MINUTES, end);
    read_sheet(&units, &sim_dispatch_unit_solution, SIM_REPORT, end, end - FIVE_MINUTES, end);
    for (int row = 0; row < SIM_REGIONS; row++)
        all += number_of(&sums, row, "RAISE6SECLOCALDISPATCH");
    for (int row = 0; row < units.count; row++)
        if (is(&units, row, "INTERVENTION", "0"))
            by_unit += number_of(&units, row, "RAISE6SEC");
    for (int row = constraints.count - 1; row >= 0; row--)
        if (is(&constraints, row, "CONSTRAINTID", "F_I+NIL_MG_R6"))
            wanted = number_of(&constraints, row, "RHS");
    check_near(all, wanted, 1e-4, "F_I+NIL_MG_R6");
    check_near(all, by_unit, 1e-4, "RAISE6SEC of units");
    assert_true(all > 100);
    free_sheet(&sums);
    free_sheet(&constraints);
    free_sheet(&units);
}

static void what_is_metered_is_the_initial_output(void **state) {
    (void)state;
    for (int h = 0; h < HOURS; h++) {
        struct sheet scada = {0}, units = {0};
        aest_us end = at(hours[h]) + FIVE_MINUTES;
        read_sheet(&scada, &sim_dispatch_unit_scada, SIM_REPORT, end, end - FIVE_MINUTES, end);
        read_sheet(&units, &sim_dispatch_unit_solution, SIM_REPORT, end + AEST_DAY,
                   end - FIVE_MINUTES, end);
        assert_true(units.count > 100);
        for (int row = 0; row < units.count; row++) {
            int place = 0;
            while (place < scada.count &&
                   !str_eq(text_of(&scada, place, "DUID"), text_of(&units, row, "DUID")))
                place++;
            assert_true(place < scada.count);
            assert_true(
                str_eq(text_of(&scada, place, "SCADAVALUE"), text_of(&units, row, "INITIALMW")));
        }
        free_sheet(&scada);
        free_sheet(&units);
    }
}

static void trading_follows_from_dispatch(void **state) {
    (void)state;
    for (int h = 0; h < HOURS; h++) {
        struct sheet trading = {0}, dispatch = {0};
        aest_us start = at(hours[h]);
        bool half_hours = !sim_settled_by_5_minutes(start);
        aest_us length = half_hours ? 6 * FIVE_MINUTES : FIVE_MINUTES;
        read_hour(&trading, &sim_trading_price, start);
        read_hour(&dispatch, &sim_dispatch_price, start);
        assert_int_equal(trading.count, 60 * AEST_MINUTE / length * SIM_REGIONS);
        for (int row = 0; row < trading.count; row++) {
            aest_us end = time_of(&trading, row, "SETTLEMENTDATE");
            str region = text_of(&trading, row, "REGIONID");
            double sum = 0, rrp = number_of(&trading, row, "RRP");
            int count = 0;
            for (int k = 0; k < dispatch.count; k++) {
                aest_us t = time_of(&dispatch, k, "SETTLEMENTDATE");
                if (t <= end && t > end - length && is(&dispatch, k, "INTERVENTION", "0") &&
                    str_eq(region, text_of(&dispatch, k, "REGIONID")))
                    sum += number_of(&dispatch, k, "RRP"), count++;
            }
            assert_int_equal(count, half_hours ? 6 : 1);
            check_near(rrp, sum / count, 0.00501, "RRP");
            check_near(rrp, sim_trading_rrp(market, end, (enum sim_region)region_number(region)),
                       1e-9, "sim_trading_rrp");
            aest_us of_day = (end - 1) % AEST_DAY + 1;
            check_near(number_of(&trading, row, "PERIODID"), (double)(of_day / length), 0,
                       "PERIODID");
        }
        free_sheet(&trading);
        free_sheet(&dispatch);
    }
    assert_true(isnan(sim_trading_rrp(market, at("2021/10/01 00:00:00") - FIVE_MINUTES, SIM_NSW1)));
    assert_true(!isnan(sim_trading_rrp(market, at("2021/10/01 00:05:00"), SIM_NSW1)));
}

static void settlement_changes_with_the_first_of_october_2021(void **state) {
    (void)state;
    struct sheet s = {0};
    aest_us midnight = at("2021/10/01 00:00:00");
    read_sheet(&s, &sim_trading_price, SIM_MMSDM, midnight + 40 * AEST_DAY,
               midnight - 60 * AEST_MINUTE, midnight + 10 * AEST_MINUTE);
    static const char *const ends[] = {"2021/09/30 23:30:00", "2021/10/01 00:00:00",
                                       "2021/10/01 00:05:00", "2021/10/01 00:10:00"};
    static const char *const periods[] = {"47", "48", "1", "2"};
    assert_int_equal(s.count, 4 * SIM_REGIONS);
    for (int row = 0; row < s.count; row++) {
        assert_true(is(&s, row, "SETTLEMENTDATE", ends[row / SIM_REGIONS]));
        assert_true(is(&s, row, "PERIODID", periods[row / SIM_REGIONS]));
    }
    free_sheet(&s);
}

/* The first intervened interval from [date] on. */
static aest_us intervened(const char *date) {
    enum { DAYS = 200 };
    for (aest_day d = (aest_day)(at(date) / AEST_DAY), end = d + DAYS; d < end; d++) {
        if (!sim_intervention_on(SEED, d).any)
            continue;
        const struct sim_day *day = sim_market_day(market, d);
        aest_us found = 0;
        for (int k = 0; k < INTERVALS_PER_DAY && !found; k++)
            if (day->interval[k].runs > 1)
                found = day->interval[k].end;
        sim_market_release(market, day);
        if (found)
            return found;
    }
    fail_msg("no intervention");
    return 0;
}

/* [together]: the two runs of a region stand one after the other, in [order]; else all of one run
 * before all of the other. */
static void check_runs(const struct sim_table *t, enum sim_edition edition, aest_us end,
                       bool together, const char *order) {
    struct sheet s = {0};
    read_sheet(&s, t, edition, end + 40 * AEST_DAY, end - FIVE_MINUTES, end);
    assert_int_equal(s.count % 2, 0);
    for (int row = 0; row < s.count; row++)
        assert_int_equal(text_of(&s, row, "INTERVENTION").at[0],
                         order[together ? row % 2 : row / (s.count / 2)]);
    free_sheet(&s);
}

static void runs_of_an_intervention_stand_as_in_real_files(void **state) {
    (void)state;
    aest_us end = intervened("2019/02/01");
    check_runs(&sim_dispatch_price, SIM_REPORT, end, true, "10");
    check_runs(&sim_dispatch_price, SIM_MMSDM, end, true, "01");
    check_runs(&sim_dispatch_regionsum, SIM_REPORT, end, false, "01");
    check_runs(&sim_dispatch_interconnectorres, SIM_REPORT, end, false, "01");
    check_runs(&sim_dispatch_unit_solution, SIM_MMSDM, end, false, "01");
    struct sheet s = {0};
    read_sheet(&s, &sim_dispatch_case_solution, SIM_REPORT, end, end - FIVE_MINUTES, end);
    assert_int_equal(s.count, 1);
    assert_true(is(&s, 0, "INTERVENTION", "1"));
    assert_true(is(&s, 0, "SWITCHRUNBESTSTATUS_INT", "1"));
    free_sheet(&s);
}

static void check_review(aest_day date, const struct sim_review *review) {
    struct sheet before = {0}, after = {0}, revision = {0};
    const struct sim_day *day = sim_market_day(market, date);
    aest_us from = day->interval[review->from].end - FIVE_MINUTES;
    aest_us to = day->interval[review->to - 1].end;
    sim_market_release(market, day);
    read_sheet(&before, &sim_dispatch_price, SIM_REPORT, review->resolved - 1, from, to);
    read_sheet(&after, &sim_dispatch_price, SIM_REPORT, review->resolved, from, to);
    read_sheet(&revision, &sim_dispatch_price_revision, SIM_REPORT, review->resolved,
               review->resolved - 1, review->resolved);
    assert_true(str_eq(buf_str(&after.text), buf_str(&revision.text)));
    for (int row = 0; row < before.count; row++) {
        assert_true(is(&before, row, "PRICE_STATUS", "NOT FIRM"));
        assert_true(is(&before, row, "MII_STATUS", "MII_SUBJECT_TO_REVIEW"));
        assert_true(str_eq(text_of(&before, row, "RRP"), text_of(&before, row, "ROP")));
        assert_true(is(&after, row, "PRICE_STATUS", "FIRM"));
        assert_true(is(&after, row, "MII_STATUS",
                       review->rejected ? "MII_PRICE_REJECTED" : "MII_PRICE_ACCEPTED"));
        assert_true(str_eq(text_of(&before, row, "ROP"), text_of(&after, row, "ROP")));
        assert_true(time_of(&after, row, "LASTCHANGED") == review->resolved);
        bool same = str_eq(text_of(&after, row, "RRP"), text_of(&after, row, "ROP"));
        assert_true(same || review->rejected);
    }
    free_sheet(&before);
    free_sheet(&after);
    free_sheet(&revision);
}

static void a_review_holds_prices_and_revises_them(void **state) {
    (void)state;
    bool accepted = false, rejected = false;
    for (aest_day date = (aest_day)(at("2025/01/01") / AEST_DAY); !accepted || !rejected; date++) {
        struct sim_review review = sim_review_on(SEED, date);
        bool *done = review.rejected ? &rejected : &accepted;
        if (!review.any || *done)
            continue;
        check_review(date, &review);
        *done = true;
    }
}

static int make_market(void **state) {
    (void)state;
    market = sim_market_new(SEED);
    return 0;
}

static int free_market(void **state) {
    (void)state;
    sim_market_free(market);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_complete_and_unique),
        cmocka_unit_test(dispatch_is_known_seconds_after_the_start),
        cmocka_unit_test(sums_of_regions_balance),
        cmocka_unit_test(flows_make_the_net_interchange),
        cmocka_unit_test(what_binds_is_met_exactly),
        cmocka_unit_test(frequency_control_adds_up),
        cmocka_unit_test(what_is_metered_is_the_initial_output),
        cmocka_unit_test(trading_follows_from_dispatch),
        cmocka_unit_test(settlement_changes_with_the_first_of_october_2021),
        cmocka_unit_test(runs_of_an_intervention_stand_as_in_real_files),
        cmocka_unit_test(a_review_holds_prices_and_revises_them),
    };
    return cmocka_run_group_tests(tests, make_market, free_market);
}
