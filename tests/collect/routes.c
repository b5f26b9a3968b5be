/* Each route, by what it makes of a few rows. */
#include "collect/routes.h"

#include <stdio.h>
#include <stdlib.h>

#include "collect/reading.h"

/* -- rows as text: "prices5 2030/06/15 12:05:00 NSW1 55.5 DISPATCH", sorted ---------------------
 */

enum { ROWS = 64, ROW = 200 };
struct rows {
    char text[ROWS][ROW];
    int count;
};

static void print_row(const struct frame *f, uint32_t key, int slot, char out[ROW]) {
    char time[AEST_TEXT];
    str name = f->keys.texts[key];
    int n =
        snprintf(out, ROW, "%s %s %.*s", f->dataset->name,
                 aest_format_mms(interval_to_aest(frame_interval(f, slot)), time), STR_ARG(name));
    for (int c = 0; c < f->columns; c++) {
        cell value = frame_cell(f, key, c, slot);
        if (value == CELL_MISSING)
            n += snprintf(out + n, ROW - (size_t)n, " -");
        else if (f->dataset->columns[c].type == COLUMN_TEXT)
            n += snprintf(out + n, ROW - (size_t)n, " %.*s", STR_ARG(frame_cell_text(f, value)));
        else
            n += snprintf(out + n, ROW - (size_t)n, " %g", cell_to_double(value));
    }
}

static int by_text(const void *a, const void *b) {
    return strcmp(a, b);
}

static struct rows rows_of(const struct batch *b) {
    struct rows r = {.count = 0};
    for (size_t i = 0; i < b->count; i++)
        for (uint32_t k = 0; k < b->frames[i]->block_count; k++)
            for (int slot = 0; slot < b->frames[i]->slots; slot++)
                if (frame_has(b->frames[i], k, slot)) {
                    assert_true(r.count < ROWS);
                    print_row(b->frames[i], k, slot, r.text[r.count++]);
                }
    qsort(r.text, (size_t)r.count, ROW, by_text);
    return r;
}

static void assert_rows(const struct batch *b, const char *const *expected) {
    struct rows r = rows_of(b);
    for (int i = 0; i < r.count && expected[i]; i++)
        assert_string_equal(r.text[i], expected[i]);
    if (expected[r.count])
        fail_msg("no row %s", expected[r.count]);
    for (int i = 0; i < r.count; i++)
        assert_non_null(expected[i]);
}

/* A file of the report [title] with [lines], which end with a NULL. */
static err *read_report(const char *title, const char *const *lines, struct batch *out) {
    struct text t = begin(title);
    for (; *lines; lines++)
        line(&t, "%s", *lines);
    err *e = ingest_file(end(&t), LIMIT, out);
    buf_free(&t.buf);
    return e;
}

static err *read_lines(const char *const *lines, struct batch *out) {
    return read_report("REPORT", lines, out);
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define ROWS_OF(...) ((const char *const[]){__VA_ARGS__, NULL})

static void expect(const char *const *lines, const char *const *rows) {
    struct batch b = {0};
    assert_ok(read_lines(lines, &b));
    assert_rows(&b, rows);
    batch_free(&b);
}

static void refuse(const char *const *lines, const char *says) {
    struct batch b = {0};
    assert_err(read_lines(lines, &b), ERR_INPUT, says);
    batch_free(&b);
}

/* The [n]th order of [count] rows behind their header. */
static void shuffle(const char *const *lines, int count, int n, const char **out) {
    int left[8];
    for (int i = 0; i < count; i++)
        left[i] = i;
    *out++ = lines[0];
    for (int i = count; i > 0; n /= i, i--) {
        int pick = n % i;
        *out++ = lines[1 + left[pick]];
        memmove(left + pick, left + pick + 1, (size_t)(i - pick - 1) * sizeof *left);
    }
    *out = NULL;
}

static int factorial(int n) {
    return n < 2 ? 1 : n * factorial(n - 1);
}

static void expect_in_any_order(const char *const *lines, const char *const *rows) {
    const char *shuffled[10];
    int count = 0;
    while (lines[count + 1])
        count++;
    for (int n = 0; n < factorial(count); n++) {
        shuffle(lines, count, n, shuffled);
        expect(shuffled, rows);
    }
}

/* -- prices ------------------------------------------------------------------------------------ */

#define FCAS                                                                                       \
    "RAISE6SECRRP,RAISE60SECRRP,RAISE5MINRRP,RAISEREGRRP,LOWER6SECRRP,LOWER60SECRRP,LOWER5MINRRP," \
    "LOWERREGRRP"
#define PRICE_HEADER                                                                               \
    "I,DISPATCH,PRICE,5,SETTLEMENTDATE,REGIONID,INTERVENTION,RRP,ROP,APCFLAG,"                     \
    "MARKETSUSPENDEDFLAG,LASTCHANGED," FCAS                                                        \
    ",PRICE_STATUS,PRE_AP_ENERGY_PRICE,CUMUL_PRE_AP_ENERGY_PRICE,OCD_STATUS,MII_STATUS"
#define PRICE_ROW(intervention, rrp, apcflag, status)                                              \
    "D,DISPATCH,PRICE,5,\"2030/06/15 12:05:00\",NSW1," #intervention "," #rrp ",50," #apcflag      \
    ",0,\"2030/06/15 12:00:05\",1,2,3,4,5,6,7,8," status ",60,7000,NOT_OCD,NOT_MII"

static void a_price_comes_from_the_pricing_run_with_its_status(void **state) {
    (void)state;
    expect_in_any_order(
        LINES(PRICE_HEADER, PRICE_ROW(1, 99, 0, "FIRM"), PRICE_ROW(0, 55.5, 3, "NOT FIRM")),
        ROWS_OF("fcas5 2030/06/15 12:05:00 NSW1 - 1 2 3 4 - 5 6 7 8 DISPATCH",
                "prices5 2030/06/15 12:05:00 NSW1 55.5 DISPATCH",
                "pricestatus5 2030/06/15 12:05:00 NSW1 50 60 7000 3 0 NOT FIRM NOT_MII NOT_OCD "
                "DISPATCH"));
}

static void a_flag_is_an_integer(void **state) {
    (void)state;
    refuse(LINES(PRICE_HEADER, PRICE_ROW(0, 1, 1.5, "FIRM")), "APCFLAG is '1.5', not an integer");
    refuse(LINES(PRICE_HEADER, PRICE_ROW(0, 1, 2147483648, "FIRM")), "not an integer");
    refuse(LINES(PRICE_HEADER, PRICE_ROW(0, 1, -1e300, "FIRM")), "not an integer");
}

/* It is the newer row, and has no status and no one-second services to give. */
static void the_next_days_copy_gives_prices_alone(void **state) {
    (void)state;
    expect(LINES(PRICE_HEADER, PRICE_ROW(0, 55.5, 0, "FIRM"),
                 "I,DREGION,,3,SETTLEMENTDATE,RUNNO,REGIONID,INTERVENTION,RRP,ROP," FCAS,
                 "D,DREGION,,3,\"2030/06/15 12:05:00\",1,NSW1,1,7,7,9,9,9,9,9,9,9,9",
                 "D,DREGION,,3,\"2030/06/15 12:05:00\",1,NSW1,0,56.5,7,9,9,9,9,9,9,9,9"),
           ROWS_OF("fcas5 2030/06/15 12:05:00 NSW1 - 1 2 3 4 - 5 6 7 8 DISPATCH",
                   "prices5 2030/06/15 12:05:00 NSW1 56.5 DISPATCH",
                   "pricestatus5 2030/06/15 12:05:00 NSW1 50 60 7000 0 0 FIRM NOT_MII NOT_OCD "
                   "DISPATCH"));
}

#define TRADING_HEADER                                                                             \
    "I,TRADING,PRICE,3,SETTLEMENTDATE,REGIONID,RRP,LASTCHANGED,ROP," FCAS ",PRICE_STATUS"
#define TRADING_ROW(time)                                                                          \
    "D,TRADING,PRICE,3,\"" time "\",NSW1,55.5,\"2021/09/30 23:55:05\",50,1,2,3,4,5,6,7,8,FIRM"

static void trading_prices_are_of_half_hours_until_five_minute_settlement(void **state) {
    (void)state;
    expect(LINES(TRADING_HEADER, TRADING_ROW("2021/09/30 23:30:00"),
                 TRADING_ROW("2021/10/01 00:00:00")),
           ROWS_OF("prices30 2021/09/30 23:30:00 NSW1 55.5",
                   "prices30 2021/10/01 00:00:00 NSW1 55.5"));
    expect(LINES(TRADING_HEADER, TRADING_ROW("2021/10/01 00:05:00")),
           ROWS_OF("fcas5 2021/10/01 00:05:00 NSW1 - 1 2 3 4 - 5 6 7 8 TRADING",
                   "prices5 2021/10/01 00:05:00 NSW1 55.5 TRADING",
                   "pricestatus5 2021/10/01 00:05:00 NSW1 50 - - - - FIRM - - TRADING"));
    refuse(LINES(TRADING_HEADER, TRADING_ROW("2021/09/30 23:55:00")), "the end of a half hour");
}

/* -- units, constraints, demand ---------------------------------------------------------------- */

static void units_are_as_the_physical_run_had_them(void **state) {
    (void)state;
    expect_in_any_order(
        LINES("I,DISPATCH,UNIT_SOLUTION,5,SETTLEMENTDATE,DUID,INTERVENTION,INITIALMW,TOTALCLEARED,"
              "LASTCHANGED,AVAILABILITY,SEMIDISPATCHCAP,LOWER5MIN,UIGF,ENERGY_STORAGE,RAISE1SEC",
              "D,DISPATCH,UNIT_SOLUTION,5,\"2030/06/15 12:05:00\",W/HOE#2,0,1,2,"
              "\"2030/06/15 12:00:09\",3,0,4,5,6,7",
              "D,DISPATCH,UNIT_SOLUTION,5,\"2030/06/15 12:05:00\",W/HOE#2,1,-11,12,"
              "\"2030/06/15 12:00:05\",13,1,14,,16,17"),
        ROWS_OF("dispatch5 2030/06/15 12:05:00 W/HOE#2 -11 12 13 - 1 16 17 - - - - - - - 14 -"));
}

#define CONSTRAINT_ROW(id, intervention, values)                                                   \
    "D,DISPATCH,CONSTRAINT,5,\"2030/06/15 12:05:00\"," id "," #intervention "," values             \
    ",\"2030/06/15 12:00:05\",90"

static void constraints_that_bind_in_the_pricing_run_are_kept(void **state) {
    (void)state;
    expect(LINES("I,DISPATCH,CONSTRAINT,5,SETTLEMENTDATE,CONSTRAINTID,INTERVENTION,RHS,"
                 "MARGINALVALUE,VIOLATIONDEGREE,LASTCHANGED,LHS",
                 CONSTRAINT_ROW("#R1_001", 0, "100,0,0"), CONSTRAINT_ROW("F_I+BIP", 0, "100,,"),
                 CONSTRAINT_ROW("N>>N-NIL", 0, "100,-7.5,0"),
                 CONSTRAINT_ROW("V^^V", 0, "100,0,0.25"), CONSTRAINT_ROW("S:X", 1, "100,9,9")),
           ROWS_OF("constraints5 2030/06/15 12:05:00 N>>N-NIL 100 90 -7.5 0",
                   "constraints5 2030/06/15 12:05:00 V^^V 100 90 0 0.25"));
}

#define DEMAND(subtable, time)                                                                     \
    LINES("I,OPERATIONAL_DEMAND," subtable ",3,REGIONID,INTERVAL_DATETIME,OPERATIONAL_DEMAND,"     \
          "OPERATIONAL_DEMAND_ADJUSTMENT,WDR_ESTIMATE,LASTCHANGED",                                \
          "D,OPERATIONAL_DEMAND," subtable ",3,SA1,\"" time "\",-263,1,2,\"2030/06/15 12:00:01\"")

static void operational_demand_is_of_half_hours_or_of_five_minutes(void **state) {
    (void)state;
    expect(DEMAND("ACTUAL", "2030/06/15 12:00:00"),
           ROWS_OF("demand30 2030/06/15 12:00:00 SA1 -263 1 2 -"));
    expect(DEMAND("ACTUAL_5MIN", "2030/06/15 12:00:00"),
           ROWS_OF("demand5 2030/06/15 12:00:00 SA1 -263 1 2 -"));
    refuse(DEMAND("ACTUAL", "2030/06/15 12:05:00"), "the end of a half hour");
    /* the file says what it is, whatever its table is called */
    struct batch b = {0};
    assert_ok(
        read_report("ACTUAL_OPERATIONAL_DEMAND_5MIN", DEMAND("ACTUAL", "2030/06/15 12:05:00"), &b));
    assert_rows(&b, ROWS_OF("demand5 2030/06/15 12:05:00 SA1 -263 1 2 -"));
    batch_free(&b);
    expect(LINES("I,OPERATIONAL_DEMAND,ACTUAL,1,REGIONID,INTERVAL_DATETIME,OPERATIONAL_DEMAND,"
                 "LASTCHANGED",
                 "D,OPERATIONAL_DEMAND,ACTUAL,1,SA1,\"2016/09/19 11:00:00\",8117,"
                 "\"2016/09/19 11:00:33\""),
           ROWS_OF("demand30 2016/09/19 11:00:00 SA1 8117 - - -"));
}

/* -- forecasts --------------------------------------------------------------------------------- */

#define ROOFTOP_ROW(run, region, time)                                                             \
    "D,ROOFTOP,FORECAST,1,\"" run "\"," region ",\"" time "\",12.5,13,9,15,"                       \
    "\"2030/06/15 11:51:59\""
#define ROOFTOP_HEADER                                                                             \
    "I,ROOFTOP,FORECAST,1,VERSION_DATETIME,REGIONID,INTERVAL_DATETIME,POWERMEAN,POWERPOE50,"       \
    "POWERPOELOW,POWERPOEHIGH,LASTCHANGED"

static void rooftop_forecasts_are_known_by_their_run(void **state) {
    (void)state;
    expect(LINES(ROOFTOP_HEADER, ROOFTOP_ROW("2030/06/15 12:00:00", "NSW1", "2030/06/15 12:30:00"),
                 ROOFTOP_ROW("2030/06/15 12:00:00", "NSW1", "2030/06/24 00:00:00"),
                 ROOFTOP_ROW("2030/06/15 12:00:00", "QLDN", "2030/06/15 12:30:00"),
                 ROOFTOP_ROW("2030/06/15 00:00:00", "NSW1", "2030/06/15 12:30:00")),
           ROWS_OF("rooftop_forecast 2030/06/15 00:00:00 NSW1+025 12.5",
                   "rooftop_forecast 2030/06/15 12:00:00 NSW1+001 12.5",
                   "rooftop_forecast 2030/06/15 12:00:00 NSW1+408 12.5"));
}

static void a_forecast_looks_ahead_and_not_far(void **state) {
    (void)state;
    static const struct {
        const char *row, *says;
    } cases[] = {
        {ROOFTOP_ROW("2030/06/15 12:00:00", "NSW1", "2030/06/15 11:30:00"), "look ahead"},
        {ROOFTOP_ROW("2030/06/15 12:00:00", "NSW1", "2030/06/15 12:05:00"), "look ahead"},
        {ROOFTOP_ROW("2030/06/15 12:05:00", "NSW1", "2030/06/15 12:35:00"),
         "VERSION_DATETIME is '2030/06/15 12:05:00', not the end of a half hour"},
        {ROOFTOP_ROW("2030/05/25 12:00:00", "NSW1", "2030/06/15 12:00:00"), "look ahead"},
        {ROOFTOP_ROW("2030/06/15 12:00:00", "NSW1", "2030/06/29 12:30:00"), "within reach"},
        {ROOFTOP_ROW("2030/06/30 12:00:00", "NSW1", "2030/06/29 12:00:00"), "within reach"},
        {ROOFTOP_ROW("", "NSW1", "2030/06/15 12:30:00"), "VERSION_DATETIME is ''"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuse(LINES(ROOFTOP_HEADER, cases[i].row), cases[i].says);
    refuse(LINES("I,ROOFTOP,FORECAST,1,REGIONID,INTERVAL_DATETIME,POWERMEAN"),
           "no column VERSION_DATETIME");
}

#define P5_HEADER                                                                                  \
    "I,P5MIN,REGIONSOLUTION,9,RUN_DATETIME,INTERVENTION,INTERVAL_DATETIME,REGIONID,RRP,"           \
    "TOTALDEMAND,NETINTERCHANGE,LASTCHANGED,SS_SOLAR_CLEAREDMW,SS_WIND_CLEAREDMW"
#define P5_ROW(intervention, time, values)                                                         \
    "D,P5MIN,REGIONSOLUTION,9,\"2030/06/15 12:00:00\"," #intervention ",\"" time "\",SA1," values

static void a_forecasts_price_and_mw_are_of_different_runs_of_the_engine(void **state) {
    (void)state;
    expect_in_any_order(
        LINES(P5_HEADER,
              P5_ROW(0, "2030/06/15 12:00:00", "50,1000,-5,\"2030/06/15 11:55:30\",10,20"),
              P5_ROW(1, "2030/06/15 12:00:00", "90,1100,-6,\"2030/06/15 11:55:30\",11,21"),
              P5_ROW(0, "2030/06/15 12:05:00", "51,1001,-7,\"2030/06/15 11:55:30\",,"),
              P5_ROW(1, "2030/06/15 12:05:00", "91,1101,-8,\"2030/06/15 11:55:30\",,22")),
        ROWS_OF("p5min 2030/06/15 12:00:00 SA1+000 50 1100 11 21 -6",
                "p5min 2030/06/15 12:00:00 SA1+001 51 1101 - 22 -8"));
}

#define PD_PRICES                                                                                  \
    "I,PREDISPATCH,REGION_PRICES,1,PREDISPATCHSEQNO,RUNNO,REGIONID,PERIODID,INTERVENTION,RRP,"     \
    "LASTCHANGED,DATETIME"
#define PD_PRICE(seqno, intervention, time, rrp)                                                   \
    "D,PREDISPATCH,REGION_PRICES,1," seqno ",1,SA1,01," #intervention "," #rrp                     \
    ",\"2030/06/15 11:31:16\",\"" time "\""
#define PD_SOLUTION                                                                                \
    "I,PREDISPATCH,REGION_SOLUTION,4,PREDISPATCHSEQNO,RUNNO,REGIONID,PERIODID,INTERVENTION,"       \
    "TOTALDEMAND,NETINTERCHANGE,LASTCHANGED,DATETIME,SS_WIND_CLEAREDMW"
#define PD_MW(seqno, intervention, time, mw)                                                       \
    "D,PREDISPATCH,REGION_SOLUTION,4," seqno ",1,SA1,01," #intervention "," #mw                    \
    ",-5,\"2030/06/15 11:31:16\",\"" time "\",7"

static void a_predispatch_is_joined_from_two_tables(void **state) {
    (void)state;
    const char *const prices[] = {PD_PRICES, PD_PRICE("2030061516", 1, "2030/06/15 12:00:00", 9),
                                  PD_PRICE("2030061516", 0, "2030/06/15 12:00:00", 50), NULL};
    const char *const mw[] = {PD_SOLUTION, PD_MW("2030061516", 0, "2030/06/15 12:00:00", 1000),
                              PD_MW("2030061516", 1, "2030/06/15 12:00:00", 1100), NULL};
    const char *const *parts[] = {prices, mw};
    const char *const *rows = ROWS_OF("predispatch 2030/06/15 12:00:00 SA1+000 50 1100 - 7 -5");
    for (int first = 0; first < 2; first++) {
        const char *lines[7];
        for (int i = 0; i < 3; i++) {
            lines[i] = parts[first][i];
            lines[3 + i] = parts[1 - first][i];
        }
        lines[6] = NULL;
        expect(lines, rows); /* of one file, */

        struct batch both = {0}, more = {0}; /* and of two */
        assert_ok(read_lines(parts[first], &both));
        assert_ok(read_lines(parts[1 - first], &more));
        batch_merge(&both, &more);
        assert_rows(&both, rows);
        assert_int_equal(both.noted.ties, 0);
        assert_ok(read_lines(parts[first], &more)); /* once more, in vain */
        batch_merge(&both, &more);
        assert_rows(&both, rows);
        assert_int_equal(both.noted.ties, 0);
        batch_free(&more);
        batch_free(&both);
    }
}

static void the_half_hours_of_a_trading_day_count_on_over_midnight(void **state) {
    (void)state;
    expect(LINES(PD_PRICES, PD_PRICE("2030061501", 0, "2030/06/15 04:30:00", 1),
                 PD_PRICE("2030061440", 0, "2030/06/15 00:30:00", 2),
                 PD_PRICE("2030061441", 0, "2030/06/15 00:30:00", 3),
                 PD_PRICE("2030061448", 0, "2030/06/16 04:00:00", 4),
                 PD_PRICE("\"2030053148\"", 0, "2030/06/01 04:00:00", 5)),
           ROWS_OF("predispatch 2030/06/01 04:00:00 SA1+000 5 - - - -",
                   "predispatch 2030/06/15 00:00:00 SA1+001 2 - - - -",
                   "predispatch 2030/06/15 00:30:00 SA1+000 3 - - - -",
                   "predispatch 2030/06/15 04:00:00 SA1+048 4 - - - -",
                   "predispatch 2030/06/15 04:30:00 SA1+000 1 - - - -"));
    const char *const bad[] = {"2030061500",  "2030061549", "2030063101", "203006151",
                               "20300615010", "2030061x01", "",           "2030/06/15 12:00:00"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char row[200];
        snprintf(row, sizeof row, PD_PRICE("%s", 0, "2030/06/15 12:00:00", 1), bad[i]);
        refuse(LINES(PD_PRICES, row), "not a date and a half hour of its trading day");
    }
}

/* Parts of one version end as the same row, whatever comes first; they disagree only where two
 * have a value. */
static void parts_of_a_forecast_join_in_any_order(void **state) {
    (void)state;
    static const struct {
        double values[3][5]; /* 0: none */
        double joined[5];
        size_t ties;
    } cases[] = {
        {{{5}, {0, 7, 0, 3}, {0, 0, 0, 3, 9}}, {5, 7, 0, 3, 9}, 0},
        {{{5}, {4, 9}, {0, 7}}, {5, 9}, 2},
        {{{5, 7}, {5, 7}, {0}}, {5, 7}, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int order = 0; order < 6; order++) {
            static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                             {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
            struct frame f;
            struct frame_change change = {0};
            frame_init(&f, &datasets[PREDISPATCH], 22000);
            for (int n = 0; n < 3; n++) {
                cell columns[DATASET_COLUMNS] = {CELL_MISSING};
                for (int c = 0; c < 5; c++)
                    if (cases[i].values[orders[order][n]][c] != 0)
                        columns[c] = cell_from_double(cases[i].values[orders[order][n]][c]);
                frame_put(&f, frame_key(&f, STR("SA1+000")), 7, 0, AEST_DAY, columns, &change);
            }
            for (int c = 0; c < 5; c++) {
                double value = cell_to_double(frame_cell(&f, 0, c, 7)), wanted = cases[i].joined[c];
                assert_true(wanted != 0 ? value == wanted : value != value);
            }
            assert_true((change.ties > 0) == (cases[i].ties > 0));
            assert_true(change.ties <= cases[i].ties);
            assert_int_equal(f.rows, 1);
            frame_free(&f);
        }
}

/* A newer run of the engine replaces what it has a value for. */
static void a_newer_part_stays_and_takes_what_it_lacks(void **state) {
    (void)state;
    for (int newer_first = 0; newer_first < 2; newer_first++) {
        struct frame f;
        struct frame_change change = {0};
        frame_init(&f, &datasets[PREDISPATCH], 22000);
        uint32_t key = frame_key(&f, STR("SA1+000"));
        for (int n = 0; n < 2; n++) {
            bool newer = n != newer_first;
            cell columns[DATASET_COLUMNS] = {cell_from_double(newer ? 1 : 2),
                                             newer ? CELL_MISSING : cell_from_double(3)};
            frame_put(&f, key, 7, 0, newer ? 2 * AEST_DAY : AEST_DAY, columns, &change);
        }
        assert_true(cell_to_double(frame_cell(&f, key, 0, 7)) == 1);
        assert_true(cell_to_double(frame_cell(&f, key, 1, 7)) == 3);
        assert_int_equal(frame_lastchanged(&f, key, 7), 2 * AEST_DAY);
        assert_int_equal(change.ties, 0);
        frame_free(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_price_comes_from_the_pricing_run_with_its_status),
        cmocka_unit_test(a_flag_is_an_integer),
        cmocka_unit_test(the_next_days_copy_gives_prices_alone),
        cmocka_unit_test(trading_prices_are_of_half_hours_until_five_minute_settlement),
        cmocka_unit_test(units_are_as_the_physical_run_had_them),
        cmocka_unit_test(constraints_that_bind_in_the_pricing_run_are_kept),
        cmocka_unit_test(operational_demand_is_of_half_hours_or_of_five_minutes),
        cmocka_unit_test(rooftop_forecasts_are_known_by_their_run),
        cmocka_unit_test(a_forecast_looks_ahead_and_not_far),
        cmocka_unit_test(a_forecasts_price_and_mw_are_of_different_runs_of_the_engine),
        cmocka_unit_test(a_predispatch_is_joined_from_two_tables),
        cmocka_unit_test(the_half_hours_of_a_trading_day_count_on_over_midnight),
        cmocka_unit_test(parts_of_a_forecast_join_in_any_order),
        cmocka_unit_test(a_newer_part_stays_and_takes_what_it_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
