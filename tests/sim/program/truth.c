/* The truth: rows in order, values that follow from one another, and nothing that is published only
 * later. That it is what files say, the soak shows. */
#include "sim/program/truth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/tables/halfhour.h"
#include "support/check.h"

static struct sim_market *market;

enum { FIELDS = 24, STEPS = 36 };

/* A dataset as the truth has it, field by field. */
struct rows {
    char *text;
    int columns, count;
    str column[FIELDS];
    str *field; /* by row and column */
};

static aest_us at(const char *text) {
    aest_us t = 0;
    assert_true(aest_parse_iso(str_from(text), &t));
    return t;
}

static int split(str line, str out[FIELDS]) {
    int count = 0;
    for (bool more = true; more; count++) {
        more = memchr(line.at, ',', line.len) != NULL;
        assert_true(count < FIELDS);
        out[count] = str_cut(&line, ',');
    }
    return count;
}

static struct rows rows_of(const char *dataset, aest_us from, aest_us to) {
    struct rows r = {0};
    size_t length;
    FILE *out = open_memstream(&r.text, &length);
    assert_ok(sim_truth(market, str_from(dataset), from, to, out));
    fclose(out);
    str rest = {r.text, length};
    r.columns = split(str_cut(&rest, '\n'), r.column);
    while (rest.len) {
        r.field = mem_resize(r.field, (size_t)((r.count + 1) * r.columns) * sizeof *r.field);
        str fields[FIELDS];
        assert_int_equal(split(str_cut(&rest, '\n'), fields), r.columns);
        memcpy(&r.field[r.count++ * r.columns], fields, (size_t)r.columns * sizeof *fields);
    }
    return r;
}

static void rows_free(struct rows *r) {
    free(r->field);
    free(r->text);
}

static str field(const struct rows *r, int row, const char *column) {
    for (int c = 0; c < r->columns; c++)
        if (str_eq(r->column[c], str_from(column)))
            return r->field[row * r->columns + c];
    fail_msg("no column %s", column);
    return (str){0};
}

/* NaN where there is nothing. */
static double number(const struct rows *r, int row, const char *column) {
    str text = field(r, row, column);
    double value = (double)NAN;
    assert_true(text.len == 0 || str_to_double(text, &value));
    return value;
}

/* The row of a time and a key, which stand in the first two columns. */
static int find(const struct rows *r, str time, str key) {
    for (int i = 0; i < r->count; i++)
        if (str_eq(r->field[i * r->columns], time) && str_eq(r->field[i * r->columns + 1], key))
            return i;
    return -1;
}

static const char *const names[] = {
    "prices5",   "prices30",         "pricestatus5",   "fcas5",      "scada5",       "scada30",
    "dispatch5", "transmission5",    "transmission30", "regions5",   "constraints5", "demand30",
    "rooftop30", "rooftop_forecast", "p5min",          "predispatch"};

static void rows_stand_by_time_and_key(void **state) {
    (void)state;
    aest_us from = at("2025-08-21T03:00:00"), to = at("2025-08-21T05:00:00"); /* over a 04:00 */
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        struct rows r = rows_of(names[n], from, to);
        int keys = str_eq(r.column[0], STR("run_time")) ? 3 : 2;
        assert_true(r.count > 0);
        for (int i = 1; i < r.count; i++) {
            int order = 0;
            for (int c = 0; c < keys && !order; c++)
                order = str_compare(r.field[(i - 1) * r.columns + c], r.field[i * r.columns + c]);
            if (order >= 0)
                fail_msg("%s: row %d isn't after the one before it", names[n], i);
        }
        aest_us first, last;
        assert_true(aest_parse_iso(r.field[0], &first));
        assert_true(aest_parse_iso(r.field[(r.count - 1) * r.columns], &last));
        assert_true(first > from && last == to);
        rows_free(&r);
    }
}

static void an_unknown_dataset_is_told_of_all_others(void **state) {
    (void)state;
    err *e = sim_truth(market, STR("demand5"), 0, AEST_DAY, stdout);
    assert_int_equal(err_kind(e), ERR_USAGE);
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        assert_non_null(strstr(err_text(e), names[n]));
    err_free(e);
}

/* Every half hour of [thirty] against the six rows of [five]. */
static void check_means(const char *thirty, const char *five, const char *column) {
    aest_us from = at("2025-08-20T17:00:00"), to = from + STEPS * 5 * AEST_MINUTE;
    struct rows means = rows_of(thirty, from, to), parts = rows_of(five, from, to);
    assert_int_equal(means.count * 6, parts.count);
    int keys = parts.count / STEPS;
    for (int i = 0; i < means.count; i++) {
        double sum = 0;
        for (int part = 0; part < 6; part++)
            sum += number(&parts, (i / keys * 6 + part) * keys + i % keys, column);
        assert_true(number(&means, i, column) == sum / 6);
    }
    rows_free(&means);
    rows_free(&parts);
}

static void half_hours_are_means_of_six(void **state) {
    (void)state;
    check_means("prices30", "prices5", "rrp");
    check_means("scada30", "scada5", "scadavalue");
    check_means("transmission30", "transmission5", "mwflow");
}

static void half_hours_had_a_price_in_cents_before_five_minute_settlement(void **state) {
    (void)state;
    aest_us last = at("2021-10-01T00:00:00");
    struct rows r = rows_of("prices30", last - SIM_HALF_HOUR, last + SIM_HALF_HOUR);
    for (int i = 0; i < SIM_REGIONS; i++) {
        double cents = number(&r, i, "rrp") * 100;
        assert_true(fabs(cents - round(cents)) < 1e-9 * fmax(1, fabs(cents)));
    }
    double after = number(&r, SIM_REGIONS, "rrp") * 100;
    assert_true(fabs(after - round(after)) > 1e-6);
    rows_free(&r);
}

static int count_values(const char *dataset, const char *column, const char *end) {
    int count = 0;
    struct rows r = rows_of(dataset, at(end) - 5 * AEST_MINUTE, at(end));
    for (int i = 0; i < r.count; i++)
        count += field(&r, i, column).len > 0;
    rows_free(&r);
    return count;
}

static void what_was_not_published_yet_is_empty(void **state) {
    (void)state;
    assert_int_equal(count_values("regions5", "bdu_energy_storage", "2024-11-01T00:00:00"), 0);
    assert_true(count_values("regions5", "bdu_energy_storage", "2024-11-01T00:05:00") > 0);
    assert_int_equal(count_values("dispatch5", "energy_storage", "2024-11-01T00:00:00"), 0);
    assert_true(count_values("dispatch5", "energy_storage", "2024-11-01T00:05:00") > 0);
    assert_int_equal(count_values("fcas5", "raise1secrrp", "2023-06-01T12:00:00"), 0);
    assert_int_equal(count_values("fcas5", "raise1secrrp", "2025-06-01T12:00:00"), SIM_REGIONS);
    assert_int_equal(count_values("demand30", "wdr", "2021-06-01T12:00:00"), 0);
    assert_int_equal(count_values("demand30", "wdr", "2025-06-01T12:00:00"), SIM_REGIONS);
    assert_int_equal(count_values("predispatch", "solar", "2018-06-01T12:00:00"), 0);
    assert_int_equal(count_values("demand30", "demand_less_snsg", "2025-06-01T12:00:00"), 0);
}

static void dispatch_begins_with_what_is_measured(void **state) {
    (void)state;
    aest_us to = at("2025-08-20T18:10:00");
    struct rows units = rows_of("dispatch5", to - 5 * AEST_MINUTE, to),
                scada = rows_of("scada5", to - 5 * AEST_MINUTE, to);
    assert_true(units.count > 100 && units.count < scada.count);
    for (int i = 0; i < units.count; i++) {
        int same = find(&scada, field(&units, i, "settlementdate"), field(&units, i, "duid"));
        assert_true(same >= 0);
        assert_true(number(&units, i, "initialmw") == number(&scada, same, "scadavalue"));
    }
    rows_free(&units);
    rows_free(&scada);
}

static void constraints_bind(void **state) {
    (void)state;
    struct rows r = rows_of("constraints5", at("2025-08-20T18:00:00"), at("2025-08-20T19:00:00"));
    for (int i = 0; i < r.count; i++) {
        assert_true(number(&r, i, "marginalvalue") != 0);
        assert_true(fabs(number(&r, i, "lhs") - number(&r, i, "rhs")) < 0.001);
    }
    rows_free(&r);
}

/* The first interval in which the operator intervenes. */
static aest_us find_intervention(void) {
    for (aest_day date = (aest_day)(at("2025-06-01T00:00:00") / AEST_DAY);; date++) {
        const struct sim_day *day = sim_market_day(market, date);
        aest_us found = 0;
        for (int k = 0; k < INTERVALS_PER_DAY && !found; k++)
            if (day->interval[k].runs == 2)
                found = day->interval[k].end;
        sim_market_release(market, day);
        if (found)
            return found;
    }
}

/* Five-minute pre-dispatch is right about its first interval: the price is that of the pricing run,
 * the MW are those of the physical one. */
static void check_outlook(aest_us end) {
    aest_us from = end - 5 * AEST_MINUTE;
    struct rows outlook = rows_of("p5min", from, end), prices = rows_of("prices5", from, end),
                regions = rows_of("regions5", from, end);
    assert_int_equal(outlook.count, 12 * SIM_REGIONS);
    for (int i = 0; i < SIM_REGIONS; i++) {
        static const struct {
            const char *here, *there;
        } same[] = {{"totaldemand", "totaldemand"},
                    {"solar", "ss_solar_clearedmw"},
                    {"wind", "ss_wind_clearedmw"},
                    {"netinterchange", "netinterchange"}};
        assert_true(str_eq(field(&outlook, i, "run_time"), field(&outlook, i, "settlementdate")));
        assert_true(number(&outlook, i, "rrp") == number(&prices, i, "rrp"));
        for (size_t c = 0; c < sizeof same / sizeof *same; c++)
            assert_true(number(&outlook, i, same[c].here) == number(&regions, i, same[c].there));
    }
    rows_free(&outlook);
    rows_free(&prices);
    rows_free(&regions);
}

static void forecasts_begin_with_what_dispatch_does(void **state) {
    (void)state;
    check_outlook(at("2025-08-20T18:10:00"));
    check_outlook(find_intervention());
}

static int open_market(void **state) {
    (void)state;
    market = sim_market_new(1);
    return 0;
}

static int close_market(void **state) {
    (void)state;
    sim_market_free(market);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stand_by_time_and_key),
        cmocka_unit_test(an_unknown_dataset_is_told_of_all_others),
        cmocka_unit_test(half_hours_are_means_of_six),
        cmocka_unit_test(half_hours_had_a_price_in_cents_before_five_minute_settlement),
        cmocka_unit_test(what_was_not_published_yet_is_empty),
        cmocka_unit_test(dispatch_begins_with_what_is_measured),
        cmocka_unit_test(constraints_bind),
        cmocka_unit_test(forecasts_begin_with_what_dispatch_does),
    };
    return cmocka_run_group_tests(tests, open_market, close_market);
}
