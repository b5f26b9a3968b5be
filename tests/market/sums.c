#include "market/sums.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "market/mix.h"
#include "market/readings.h"
#include "market/regions_resample.h"
#include "market/unit_mix.h"
#include "market/unit_totals.h"
#include "store/duck.h"
#include "store/grid_refresh.h"
#include "support/check.h"
#include "support/times.h"

/* A market of seven units, one of each kind that sums treat in a way of their own. */
static const struct {
    const char *duid, *region, *dispatch_type, *fuel;
} fleet[] = {
    {"COAL1", "NSW1", "GENERATOR", "Black coal"}, {"COAL2", "QLD1", "GENERATOR", "Black coal"},
    {"PUMP1", "QLD1", "LOAD", "Water"},           {"BESS1", "SA1", "BIDIRECTIONAL", "Battery"},
    {"BESS2", "SA1", "BIDIRECTIONAL", "Battery"}, {"WIND1", "VIC1", "GENERATOR", "Wind"},
    {"DG_TAS1", "TAS1", "GENERATOR", "Other"},
};
enum { FLEET = sizeof fleet / sizeof *fleet };

static aest_day date_of(int year, int month, int date) {
    aest_day day;
    assert_true(aest_day_from_date(year, month, date, &day));
    return day;
}

struct rig {
    char *folder;
    struct store *store;
    struct units units;
    struct random random;
};

/* A row more of WIND1: from [day] on with another loss factor and capacity. */
static void put_later_wind(struct records *rows, aest_day day, aest_us version) {
    struct record_value v[RECORD_COLUMNS] = {{0}};
    v[UNIT_DUID] = record_text(STR("WIND1"));
    v[UNIT_FROM] = record_integer(day);
    v[UNIT_REGION] = record_text(STR("VIC1"));
    v[UNIT_DISPATCH_TYPE] = record_text(STR("GENERATOR"));
    v[UNIT_FUEL] = record_text(STR("Wind"));
    v[UNIT_CAPACITY] = record_number(300);
    v[UNIT_MLF] = record_number(0.5);
    v[UNIT_CHANGED] = record_integer(version);
    records_put(rows, v);
}

static void register_units_until(struct rig *r, const char *wind_region, aest_us version,
                                 aest_day wind_changes) {
    struct records rows;
    bool changed;
    records_init(&rows, UNITS);
    for (size_t i = 0; i < FLEET; i++) {
        struct record_value v[RECORD_COLUMNS] = {{0}};
        bool is_wind = strcmp(fleet[i].duid, "WIND1") == 0;
        v[UNIT_DUID] = record_text(str_from(fleet[i].duid));
        v[UNIT_FROM] = record_integer(0);
        v[UNIT_REGION] = record_text(str_from(is_wind ? wind_region : fleet[i].region));
        v[UNIT_DISPATCH_TYPE] = record_text(str_from(fleet[i].dispatch_type));
        v[UNIT_FUEL] = record_text(str_from(fleet[i].fuel));
        v[UNIT_CAPACITY] = record_number(400);
        v[UNIT_MLF] = record_number(0.9);
        v[UNIT_CHANGED] = record_integer(version);
        if (is_wind && wind_changes)
            v[UNIT_TO] = record_integer(wind_changes);
        records_put(&rows, v);
    }
    if (wind_changes)
        put_later_wind(&rows, wind_changes, version);
    records_settle(&rows);
    assert_ok(records_commit(r->store, &rows, &changed));
    records_free(&rows);
    assert_ok(units_load(r->store, &r->units));
}

static void register_units(struct rig *r, const char *wind_region, aest_us version) {
    register_units_until(r, wind_region, version, 0);
}

static void rig_begin(struct rig *r) {
    *r = (struct rig){.folder = temporary_folder(), .random = {88172645463325252}};
    store_set_follower(&sums_follower);
    assert_ok(store_open(r->folder, STORE_WRITE, NULL, &r->store));
    register_units(r, "VIC1", 1000);
}

static void rig_end(struct rig *r) {
    units_free(&r->units);
    store_close(r->store);
    store_set_follower(NULL);
    remove_folder(r->folder);
}

static double random_number(struct rig *r, double low, double high) {
    return low + (high - low) * (double)(random_next(&r->random) >> 40) / (1 << 24);
}

static void put_number(struct frame *f, const char *key, int slot, double value, aest_us version) {
    struct frame_change change = {0};
    cell columns[DATASET_COLUMNS] = {CELL_MISSING};
    for (int c = 0; c < f->columns; c++)
        if (f->dataset->columns[c].type != COLUMN_TEXT)
            columns[c] = cell_from_double(c ? 0 : value);
    frame_put(f, frame_key(f, str_from(key)), slot, 0, version, columns, &change);
}

static void commit(struct rig *r, struct frame *f) {
    struct frame_change change = {0};
    assert_ok(store_commit(r->store, f, &change));
    frame_free(f);
}

/* Readings of a day from [slot] on, one in nine missing; batteries go either way. */
static void commit_scada(struct rig *r, aest_day day, int slot, int end, aest_us version) {
    struct frame f;
    frame_init(&f, &datasets[SCADA5], day);
    for (; slot < end; slot++)
        for (size_t u = 0; u < FLEET; u++) {
            bool battery = strcmp(fleet[u].fuel, "Battery") == 0;
            if (random_next(&r->random) % 9)
                put_number(&f, fleet[u].duid, slot, random_number(r, battery ? -200 : -1, 200),
                           version);
        }
    commit(r, &f);
}

static void commit_by_region(struct rig *r, enum dataset_id dataset, aest_day day, double low,
                             double high) {
    struct frame f;
    frame_init(&f, &datasets[dataset], day);
    for (int slot = 0; slot < f.slots; slot++)
        for (int region = 0; region < REGIONS; region++)
            if (random_next(&r->random) % 20)
                put_number(&f, regions[region], slot, random_number(r, low, high), 1000);
    commit(r, &f);
}

static void commit_flows(struct rig *r, aest_day day) {
    struct frame f;
    frame_init(&f, &datasets[TRANSMISSION5], day);
    for (int slot = 0; slot < f.slots; slot++)
        for (int l = 0; l < INTERCONNECTORS; l++)
            put_number(&f, interconnectors[l].id, slot, random_number(r, -500, 500), 1000);
    commit(r, &f);
}

static void commit_day(struct rig *r, aest_day day) {
    commit_scada(r, day, 0, INTERVALS_PER_DAY, 1000);
    commit_by_region(r, PRICES5, day, -100, 300);
    commit_by_region(r, REGIONS5, day, -50, 8000);
    commit_flows(r, day);
}

/* -- SQL ----------------------------------------------------------------------------------------
 */

static err *read_double(void *context, duckdb_data_chunk chunk) {
    duckdb_vector v = duckdb_data_chunk_get_vector(chunk, 0);
    bool there = duckdb_data_chunk_get_size(chunk) && duck_valid(duckdb_vector_get_validity(v), 0);
    if (duckdb_data_chunk_get_size(chunk))
        *(double *)context = there ? ((double *)duckdb_vector_get_data(v))[0] : (double)NAN;
    return NULL;
}

/* One number of plain SQL over the store's files. */
static double ask(struct rig *r, const char *sql) {
    struct duck d = {0};
    double out = NAN;
    assert_ok(store_make_views(r->store, &d));
    assert_ok(duck_each(&d, sql, read_double, &out));
    duck_close(&d);
    return out;
}

static double lane(struct rig *r, const struct tiles_shape *shape, const char *key, int which,
                   interval from, interval to) {
    double out;
    grid_read(store_grid(r->store), shape, str_from(key), which, from, to, &out);
    return out;
}

static const char *time_text(interval at, char out[AEST_TEXT]) {
    aest_format_iso(interval_to_aest(at), out);
    out[10] = ' ';
    out[19] = 0;
    return out;
}

static void the_mix_is_what_sql_makes_of_the_readings(void **state) {
    (void)state;
    struct rig r;
    struct arena a = {0};
    rig_begin(&r);
    aest_day day = date_of(2030, 12, 31);
    commit_day(&r, day);
    interval start = interval_day_start(day);
    for (int i = 0; i < 288; i += 41) {
        char t[AEST_TEXT];
        interval at = start + i + 1;
        time_text(at, t);
        double discharge =
                   ask(&r, arena_printf(&a,
                                        "SELECT sum(greatest(0, scadavalue)) FROM scada5 WHERE "
                                        "duid LIKE 'BESS%%' AND settlementdate = TIMESTAMP '%s'",
                                        t)),
               charge =
                   ask(&r, arena_printf(&a,
                                        "SELECT sum(greatest(0, -scadavalue)) FROM scada5 WHERE "
                                        "duid LIKE 'BESS%%' AND settlementdate = TIMESTAMP '%s'",
                                        t)),
               coal = ask(&r, arena_printf(&a,
                                           "SELECT sum(greatest(0, scadavalue)) FROM scada5 WHERE "
                                           "duid LIKE 'COAL%%' AND settlementdate = TIMESTAMP '%s'",
                                           t)),
               pumped =
                   ask(&r, arena_printf(&a,
                                        "SELECT sum(greatest(0, scadavalue)) FROM scada5 WHERE "
                                        "duid = 'PUMP1' AND settlementdate = TIMESTAMP '%s'",
                                        t)),
               imports = ask(
                   &r,
                   arena_printf(&a,
                                "SELECT sum(CASE interconnectorid WHEN 'V-SA' THEN greatest(0, "
                                "meteredmwflow) WHEN 'V-S-MNSP1' THEN greatest(0, meteredmwflow) "
                                "END) FROM transmission5 WHERE settlementdate = TIMESTAMP '%s'",
                                t)),
               exports = ask(
                   &r,
                   arena_printf(&a,
                                "SELECT sum(CASE interconnectorid WHEN 'V-SA' THEN greatest(0, "
                                "-meteredmwflow) WHEN 'V-S-MNSP1' THEN greatest(0, -meteredmwflow) "
                                "END) FROM transmission5 WHERE settlementdate = TIMESTAMP '%s'",
                                t));
        const struct tiles_shape *mix = &sums_mix5;
        assert_number(lane(&r, mix, "SA1", mix_lane(FUEL_BATTERY, false), at - 1, at), discharge,
                      1e-9);
        assert_number(lane(&r, mix, "SA1", mix_lane(FUEL_BATTERY, true), at - 1, at), charge, 1e-9);
        assert_number(lane(&r, mix, "NEM", mix_lane(FUEL_BLACK_COAL, false), at - 1, at), coal,
                      1e-9);
        assert_number(lane(&r, mix, "QLD1", mix_lane(FUEL_WATER, true), at - 1, at), pumped, 1e-9);
        assert_number(lane(&r, mix, "SA1", MIX_LANE_IMPORTS, at - 1, at), imports, 1e-9);
        assert_number(lane(&r, mix, "SA1", MIX_LANE_EXPORTS, at - 1, at), exports, 1e-9);
        assert_true(isnan(lane(&r, mix, "TAS1", mix_lane(FUEL_OTHER, false), at - 1, at)));
    }
    for (int half = 1; half <= 48; half += 5) {
        char from[AEST_TEXT], to[AEST_TEXT];
        interval at = start + half * 6;
        time_text(at - 6, from), time_text(at, to);
        double charge = ask(
            &r, arena_printf(&a,
                             "SELECT avg(mw) FROM (SELECT sum(greatest(0, -scadavalue)) mw FROM "
                             "scada5 WHERE duid LIKE 'BESS%%' AND settlementdate > TIMESTAMP '%s' "
                             "AND settlementdate <= TIMESTAMP '%s' GROUP BY settlementdate)",
                             from, to));
        assert_number(lane(&r, &sums_mix30, "SA1", mix_lane(FUEL_BATTERY, true), at - 6, at),
                      charge, 1e-9);
    }
    arena_free(&a);
    rig_end(&r);
}

static const char revenue_sql[] =
    "WITH s AS (SELECT settlementdate t, greatest(0, %d * scadavalue) mw FROM scada5 WHERE duid = "
    "'%s'),"
    " e AS (SELECT a.t, coalesce((a.mw + b.mw) / 2, a.mw) / 12 mwh FROM s a LEFT JOIN s b"
    " ON b.t = a.t + INTERVAL 5 MINUTE WHERE a.t > TIMESTAMP '%s' AND a.t <= TIMESTAMP '%s'),"
    " p AS (SELECT settlementdate t, rrp FROM %s WHERE regionid = '%s')"
    " SELECT %s FROM e LEFT JOIN p ON p.t = %s";

static double ask_revenue(struct rig *r, struct arena *a, const char *duid, const char *region,
                          int sign, aest_day day, bool half_hours, const char *what) {
    char from[AEST_TEXT], to[AEST_TEXT];
    time_text(interval_day_start(day), from), time_text(interval_day_start(day + 1), to);
    const char *time =
        half_hours ? "time_bucket(INTERVAL 30 MINUTE, e.t - INTERVAL 1 SECOND) + INTERVAL 30 MINUTE"
                   : "e.t";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    const char *sql = arena_printf(a, revenue_sql, sign, duid, from, to,
                                   half_hours ? "prices30" : "prices5", region, what, time);
#pragma GCC diagnostic pop
    return ask(r, sql);
}

static void check_unit_days(struct rig *r, aest_day day, bool half_hours) {
    struct arena a = {0};
    interval start = interval_day_start(day);
    for (size_t u = 0; u < FLEET; u++) {
        const char *duid = fleet[u].duid, *region = fleet[u].region;
        bool is_load = strcmp(fleet[u].dispatch_type, "LOAD") == 0;
        int out = is_load ? -1 : 1;
        double got[UNIT_DAY_LANES];
        for (int l = 0; l < UNIT_DAY_LANES; l++)
            got[l] = lane(r, &sums_unit_days, duid, l, start, start + 288);
        if (unit_is_dummy(str_from(duid))) {
            assert_true(isnan(got[UNIT_DAY_INTERVALS]));
            continue;
        }
        assert_number(got[UNIT_DAY_GENERATION],
                      ask_revenue(r, &a, duid, region, out, day, half_hours, "sum(mwh)"), 1e-6);
        assert_number(
            got[UNIT_DAY_REVENUE],
            ask_revenue(r, &a, duid, region, out, day, half_hours, "coalesce(sum(mwh * rrp), 0)"),
            1e-6);
        assert_number(got[UNIT_DAY_LOAD],
                      ask_revenue(r, &a, duid, region, -out, day, half_hours, "sum(mwh)"), 1e-6);
        assert_number(
            got[UNIT_DAY_COST],
            ask_revenue(r, &a, duid, region, -out, day, half_hours, "coalesce(sum(mwh * rrp), 0)"),
            1e-6);
        assert_number(got[UNIT_DAY_UNPRICED],
                      ask_revenue(r, &a, duid, region, out, day, half_hours,
                                  "coalesce(sum(mwh) FILTER (rrp IS NULL), 0)"),
                      1e-6);
        assert_number(got[UNIT_DAY_INTERVALS],
                      ask_revenue(r, &a, duid, region, out, day, half_hours, "count(mwh)::DOUBLE"),
                      0);
    }
    arena_free(&a);
}

static void energy_and_revenue_are_what_sql_makes_of_readings_and_prices(void **state) {
    (void)state;
    struct rig r;
    rig_begin(&r);
    aest_day day = date_of(2030, 12, 31); /* the reading behind the last is of another year */
    commit_day(&r, day);
    check_unit_days(&r, day, false);
    commit_day(&r, day + 1); /* and its first reading completes the day before */
    check_unit_days(&r, day, false);
    check_unit_days(&r, day + 1, false);
    rig_end(&r);
}

static void until_october_2021_half_hours_are_settled(void **state) {
    (void)state;
    struct rig r;
    rig_begin(&r);
    aest_day day = date_of(2021, 9, 30);
    commit_day(&r, day);
    commit_day(&r, day + 1);
    commit_by_region(&r, PRICES30, day, -100, 300);
    check_unit_days(&r, day, true);
    check_unit_days(&r, day + 1, false);
    rig_end(&r);
}

static void prices_of_days_and_quarters_are_what_sql_makes_of_them(void **state) {
    (void)state;
    struct rig r;
    struct arena a = {0};
    rig_begin(&r);
    aest_day day = date_of(2030, 6, 15);
    commit_day(&r, day);
    interval start = interval_day_start(day);
    static const char *const what[PRICE_LANES] = {
        "count(*)::DOUBLE",
        "sum(rrp)",
        "min(rrp)",
        "max(rrp)",
        "sum(rrp * greatest(0, totaldemand))",
        "sum(greatest(0, totaldemand)) FILTER (rrp IS NOT NULL)"};
    for (int part = 0; part <= 4; part++) { /* the day, and its quarters */
        const struct tiles_shape *shape = part == 0 ? &sums_price_days : &sums_price360;
        interval from = part == 0 ? start : start + (part - 1) * 72;
        interval to = part == 0 ? start + INTERVALS_PER_DAY : from + 72;
        for (int region = 0; region < REGIONS; region++)
            for (int l = 0; l < PRICE_LANES; l++) {
                char after[AEST_TEXT], until[AEST_TEXT];
                const char *sql = arena_printf(
                    &a,
                    "SELECT %s FROM prices5 LEFT JOIN regions5 USING (settlementdate, regionid) "
                    "WHERE regionid = '%s' AND settlementdate > '%s' AND settlementdate <= '%s'",
                    what[l], regions[region], time_text(from, after), time_text(to, until));
                assert_number(lane(&r, shape, regions[region], l, from, to), ask(&r, sql), 1e-4);
            }
    }
    assert_number(lane(&r, &sums_price_days, "NEM", PRICE_WEIGHTED, start, start + 288),
                  ask(&r, "SELECT sum(w) FROM (SELECT sum(rrp * greatest(0, totaldemand)) w, "
                          "count(*) n FROM prices5 JOIN regions5 USING (settlementdate, regionid) "
                          "GROUP BY settlementdate HAVING n = 5)"),
                  1e-3);
    arena_free(&a);
    rig_end(&r);
}

static void facts_that_change_make_all_sums_anew(void **state) {
    (void)state;
    struct rig r;
    int made;
    rig_begin(&r);
    aest_day first = date_of(2030, 6, 15);
    for (int d = 0; d < 3; d++)
        commit_day(&r, first + d);
    assert_ok(sums_refresh(r.store, &r.units, NULL, &made));
    assert_int_equal(made, 0);
    interval at = interval_day_start(first + 1) + 6;
    int wind = mix_lane(FUEL_WIND, false);
    double before = lane(&r, &sums_mix30, "VIC1", wind, at - 6, at);
    assert_true(before > 0);
    assert_true(isnan(lane(&r, &sums_mix30, "TAS1", wind, at - 6, at)));
    double revenue = lane(&r, &sums_unit_days, "WIND1", UNIT_DAY_REVENUE, interval_day_start(first),
                          interval_day_start(first + 1));
    register_units(&r, "TAS1", 2000);
    assert_ok(sums_refresh(r.store, &r.units, NULL, &made));
    assert_int_equal(made, 12); /* three days of three mixes and of units */
    assert_true(lane(&r, &sums_mix30, "TAS1", wind, at - 6, at) == before);
    assert_true(isnan(lane(&r, &sums_mix30, "VIC1", wind, at - 6, at)));
    assert_true(lane(&r, &sums_unit_days, "WIND1", UNIT_DAY_REVENUE, interval_day_start(first),
                     interval_day_start(first + 1)) != revenue);
    assert_ok(sums_refresh(r.store, &r.units, NULL, &made));
    assert_int_equal(made, 0);
    assert_true(grid_complete(store_grid(r.store)) || grid_missing(store_grid(r.store)) < 0);
    rig_end(&r);
}

static void buckets_of_half_hours_and_of_intervals_agree(void **state) {
    (void)state;
    struct rig r;
    struct arena a = {0};
    struct mix by_halves, nem, odd;
    rig_begin(&r);
    aest_day day = date_of(2030, 6, 15);
    for (int d = 0; d < 2; d++)
        commit_day(&r, day + d);
    struct period p = {interval_day_start(day), interval_day_start(day + 2)};
    struct buckets b = buckets_of(&a, RESOLUTION_1D, DAY_CALENDAR, p);
    assert_ok(mix_read(r.store, &a, p, &b, &by_halves));
    assert_ok(mix_read_nem(r.store, &a, p, &b, &nem));
    interval edges[] = {p.after, p.after + 100, p.to};
    struct buckets uneven = {2, edges};
    assert_ok(mix_read(r.store, &a, p, &uneven, &odd));
    for (int f = 0; f < FUELS; f++)
        for (int load = 0; load < 2; load++) {
            const double *x = mix_sum(&a, &by_halves, load, MIX_ALL_AREAS, (enum fuel)f),
                         *y = mix_sum(&a, &nem, load, MIX_ALL_AREAS, (enum fuel)f),
                         *z = mix_sum(&a, &odd, load, MIX_ALL_AREAS, (enum fuel)f);
            assert_int_equal(x == NULL, y == NULL);
            assert_int_equal(x == NULL, z == NULL);
            for (size_t i = 0; x && i < 2; i++)
                assert_true(!isnan(y[i]) && !isnan(z[i]));
        }
    /* a battery's mean over a day, by SQL */
    double want =
        ask(&r, "SELECT avg(mw) FROM (SELECT sum(greatest(0, scadavalue)) mw FROM scada5 WHERE "
                "duid LIKE 'BESS%' AND settlementdate > TIMESTAMP '2030-06-15 00:00:00' AND "
                "settlementdate <= TIMESTAMP '2030-06-16 00:00:00' GROUP BY settlementdate)");
    const double *battery = mix_sum(&a, &by_halves, false, MIX_ALL_AREAS, FUEL_BATTERY);
    assert_number(battery[0], want, 1e-9);
    arena_free(&a);
    rig_end(&r);
}

/* Sums that are kept at half hours and at six say what their intervals say, and so do the units
 * that a fuel is made of, read by themselves. */
static void coarse_buckets_are_means_of_their_intervals(void **state) {
    (void)state;
    static const int steps[] = {6, 36, 72, 288};
    struct rig r;
    struct arena a = {0};
    str *keys;
    rig_begin(&r);
    aest_day day = date_of(2030, 6, 15);
    for (int d = 0; d < 3; d++)
        commit_day(&r, day + d);
    struct period p = {interval_day_start(day) + 31, interval_day_start(day + 3) - 40};
    struct mix fine, coarse;
    struct buckets single = buckets_of_step(&a, 1, p);
    assert_ok(mix_read_nem(r.store, &a, p, &single, &fine));
    size_t count = unit_mix_keys(r.store, &a, p, &keys), batteries = 0;
    struct unit_member *members = ARENA_ARRAY(&a, struct unit_member, count);
    for (size_t k = 0; k < count; k++)
        if (str_starts(keys[k], STR("BESS")))
            members[batteries++] = (struct unit_member){keys[k], 1, INT32_MIN, 0};
    assert_true(batteries > 1);
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        struct buckets b = buckets_of_step(&a, steps[k], p);
        assert_ok(mix_read_nem(r.store, &a, p, &b, &coarse));
        for (int i = 0; i < 2 * FUELS; i++) {
            double *values = fine.nem[i % 2][i / 2], *got = coarse.nem[i % 2][i / 2];
            assert_int_equal(values == NULL, got == NULL);
            if (!values)
                continue;
            struct span s = {p.after + 1, 1, single.count, values};
            struct resampled wanted = resample(&a, &s, &b);
            for (size_t n = 0; n < b.count; n++)
                assert_number(got[n], wanted.mean[n], 1e-9);
        }
        struct unit_group parted, net;
        unit_mix_read(r.store, &a, p, &b, members, batteries, true, &parted, 1);
        unit_mix_read(r.store, &a, p, &b, members, batteries, false, &net, 1);
        for (size_t n = 0; n < b.count; n++) {
            assert_number(parted.generation[n], coarse.nem[0][FUEL_BATTERY][n], 1e-9);
            assert_number(parted.load[n], coarse.nem[1][FUEL_BATTERY][n], 1e-9);
            assert_number(net.net[n], parted.generation[n] - parted.load[n], 1e-9);
        }
    }
    arena_free(&a);
    rig_end(&r);
}

static void totals_of_whole_days_and_of_parts_add_up(void **state) {
    (void)state;
    struct rig r;
    struct arena a = {0};
    struct unit_totals whole, first, rest;
    rig_begin(&r);
    aest_day day = date_of(2030, 6, 15);
    for (int d = 0; d < 3; d++)
        commit_day(&r, day + d);
    interval start = interval_day_start(day);
    struct period all = {start, start + 2 * 288};
    assert_ok(unit_totals_read(r.store, &r.units, &a, all, &whole));
    assert_ok(unit_totals_read(r.store, &r.units, &a, (struct period){start, start + 77}, &first));
    assert_ok(unit_totals_read(r.store, &r.units, &a, (struct period){start + 77, all.to}, &rest));
    assert_int_equal(whole.count, FLEET - 1);
    assert_int_equal(first.count, whole.count);
    for (size_t i = 0; i < whole.count; i++) {
        const struct unit_total *w = &whole.rows[i], *f = &first.rows[i], *t = &rest.rows[i];
        assert_number(w->generation.energy, f->generation.energy + t->generation.energy, 1e-6);
        assert_number(w->generation.revenue, f->generation.revenue + t->generation.revenue, 1e-6);
        assert_number(w->load.revenue, f->load.revenue + t->load.revenue, 1e-6);
        assert_number(w->generation_settled, w->generation.revenue * 0.9, 1e-6);
        assert_int_equal(w->intervals, f->intervals + t->intervals);
    }
    arena_free(&a);
    rig_end(&r);
}

/* -- months -------------------------------------------------------------------------------------
 */

enum { JUNE = 30 };

/* The totals of June, and those of its days up to [cut] and behind it, which no month can give. */
static void check_june(struct rig *r, aest_day june, int cut) {
    struct arena a = {0};
    struct unit_totals whole, first, rest;
    interval start = interval_day_start(june), end = interval_day_start(june + JUNE),
             middle = interval_day_start(june + cut);
    assert_ok(unit_totals_read(r->store, &r->units, &a, (struct period){start, end}, &whole));
    assert_ok(unit_totals_read(r->store, &r->units, &a, (struct period){start, middle}, &first));
    assert_ok(unit_totals_read(r->store, &r->units, &a, (struct period){middle, end}, &rest));
    assert_int_equal(whole.count, FLEET - 1);
    assert_int_equal(first.count, whole.count);
    assert_int_equal(rest.count, whole.count);
    for (size_t i = 0; i < whole.count; i++) {
        struct unit_total sum = first.rows[i];
        const struct unit_total *w = &whole.rows[i], *last = &rest.rows[i];
        unit_total_add(&sum, last);
        assert_number(w->generation.energy, sum.generation.energy, 1e-6);
        assert_number(w->generation.revenue, sum.generation.revenue, 1e-6);
        assert_number(w->load.energy, sum.load.energy, 1e-6);
        assert_number(w->load.revenue, sum.load.revenue, 1e-6);
        assert_number(w->generation_settled, sum.generation_settled, 1e-6);
        assert_number(w->capacity_mwh, sum.capacity_mwh, 1e-6);
        assert_int_equal(w->intervals, sum.intervals);
        assert_int_equal(w->is_provisional, last->is_provisional);
        assert_number(w->largest, fmax(first.rows[i].largest, last->largest), 0);
        assert_number(w->unit.capacity_mw, last->unit.capacity_mw, 0);
    }
    arena_free(&a);
}

static void a_month_says_what_its_days_say(void **state) {
    (void)state;
    struct rig r;
    int made;
    rig_begin(&r);
    aest_day june = date_of(2030, 6, 1);
    register_units_until(&r, "VIC1", 2000, june + 17);
    for (int d = 0; d < JUNE; d++)
        commit_day(&r, june + d);
    assert_null(month_tiles(&months_of_units, store_grid(r.store), june)); /* it isn't over */
    commit_day(&r, june + JUNE);
    assert_non_null(month_tiles(&months_of_units, store_grid(r.store), june));
    check_june(&r, june, 9);
    check_june(&r, june, 17);

    /* a revision of one day, with the commit itself */
    double before = lane(&r, &sums_unit_months, "COAL1", UNIT_DAY_GENERATION,
                         interval_day_start(june), interval_day_start(june + 1));
    commit_scada(&r, june + 9, 100, 200, 5000);
    double after = lane(&r, &sums_unit_months, "COAL1", UNIT_DAY_GENERATION,
                        interval_day_start(june), interval_day_start(june + 1));
    assert_true(before > 0 && after > 0 && fabs(before - after) > 1e-6);
    assert_non_null(month_tiles(&months_of_units, store_grid(r.store), june));
    check_june(&r, june, 9);

    /* other facts make the days anew, and the month with them */
    register_units_until(&r, "TAS1", 3000, june + 21);
    assert_ok(sums_refresh(r.store, &r.units, NULL, &made));
    assert_non_null(month_tiles(&months_of_units, store_grid(r.store), june));
    check_june(&r, june, 21);
    assert_ok(sums_refresh(r.store, &r.units, NULL, &made));
    assert_int_equal(made, 0);
    rig_end(&r);
}

static void a_month_that_is_lost_or_of_other_days_is_made_again(void **state) {
    (void)state;
    struct rig r;
    struct arena a = {0};
    int made;
    rig_begin(&r);
    aest_day june = date_of(2030, 6, 1);
    for (int d = 0; d <= JUNE; d++)
        commit_day(&r, june + d);
    const char *path = arena_printf(&a, "%s/grid/unit_months-2030.tiles", r.folder);
    assert_int_equal(unlink(path), 0);
    grid_look_anew(store_grid(r.store));
    assert_null(month_tiles(&months_of_units, store_grid(r.store), june));
    check_june(&r, june, 9); /* from the days */
    assert_ok(sums_refresh(r.store, &r.units, NULL, &made));
    assert_int_equal(made, 1);
    assert_non_null(month_tiles(&months_of_units, store_grid(r.store), june));
    check_june(&r, june, 9);

    /* a writer that wrote a day and was killed before the month */
    store_set_follower(NULL);
    commit_scada(&r, june + 3, 0, INTERVALS_PER_DAY, 7000);
    store_set_follower(&sums_follower);
    assert_ok(sums_refresh(r.store, &r.units, NULL, &made));
    assert_true(made > 0);
    assert_non_null(month_tiles(&months_of_units, store_grid(r.store), june));
    check_june(&r, june, 9);

    /* cut short */
    assert_int_equal(truncate(path, 100000), 0);
    grid_look_anew(store_grid(r.store));
    check_june(&r, june, 9);
    assert_ok(sums_refresh(r.store, &r.units, NULL, &made));
    assert_non_null(month_tiles(&months_of_units, store_grid(r.store), june));
    check_june(&r, june, 9);
    arena_free(&a);
    rig_end(&r);
}

/* -- units over days ----------------------------------------------------------------------------
 */

/* Means over a day of [members], which are of one group, and the mean of their intervals. */
static void check_days(struct rig *r, struct unit_member *members, size_t count, struct period p) {
    struct arena a = {0};
    struct buckets days = buckets_of_step(&a, INTERVALS_PER_DAY, p),
                   fives = buckets_of_step(&a, 1, p);
    for (int parted = 0; parted < 2; parted++) {
        struct unit_group got, fine;
        unit_mix_read(r->store, &a, p, &days, members, count, parted, &got, 1);
        unit_mix_read(r->store, &a, p, &fives, members, count, parted, &fine, 1);
        assert_int_equal(got.known, fine.known);
        double *const sides[][2] = {
            {got.generation, fine.generation}, {got.load, fine.load}, {got.net, fine.net}};
        for (int side = 0; side < 3; side++) {
            assert_int_equal(sides[side][0] == NULL, sides[side][1] == NULL);
            if (!sides[side][0])
                continue;
            struct span s = {p.after + 1, 1, fives.count, sides[side][1]};
            struct resampled wanted = resample(&a, &s, &days);
            for (size_t i = 0; i < days.count; i++)
                assert_number(sides[side][0][i], wanted.mean[i], 1e-9);
        }
    }
    arena_free(&a);
}

static void units_over_days_are_means_of_their_intervals(void **state) {
    (void)state;
    struct rig r;
    rig_begin(&r);
    aest_day day = date_of(2030, 12, 29);
    for (int d = 0; d < 5; d++)
        commit_scada(&r, day + d, 0, INTERVALS_PER_DAY, 1000); /* one in nine is missing */
    struct frame f; /* the second day of one battery is whole */
    frame_init(&f, &datasets[SCADA5], day + 1);
    for (int slot = 0; slot < INTERVALS_PER_DAY; slot++)
        put_number(&f, "BESS1", slot, slot % 7 - 3, 9000);
    commit(&r, &f);
    struct period p = {interval_day_start(day), interval_day_start(day + 5)};
    struct unit_member one[] = {{STR("BESS1"), 1, INT32_MIN, 0}},
                       two[] = {{STR("BESS1"), 1, INT32_MIN, 0}, {STR("BESS2"), 1, INT32_MIN, 0}},
                       pump[] = {{STR("PUMP1"), -1, INT32_MIN, 0}},
                       turned[] = {{STR("PUMP1"), 1, day + 5, 0}}, /* its sums have the sign -1 */
        nobody[] = {{STR("NOBODY"), 1, INT32_MIN, 0}};
    check_days(&r, one, 1, p);
    check_days(&r, two, 2, p);
    check_days(&r, pump, 1, p);
    check_days(&r, turned, 1, p);
    check_days(&r, nobody, 1, p);
    rig_end(&r);
}

static void prices_over_days_are_those_of_their_intervals(void **state) {
    (void)state;
    static const int steps[] = {36, 72, 144, 288, 2 * 288};
    struct rig r;
    struct arena a = {0};
    rig_begin(&r);
    aest_day day = date_of(2030, 12, 30);
    for (int d = 0; d < 4; d++)
        if (d != 2) /* of which nothing is known */
            commit_by_region(&r, PRICES5, day + d, -100, 300);
    struct period p = {interval_day_start(day) + 7, interval_day_start(day + 4)};
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        struct buckets b = buckets_of_step(&a, steps[k], p);
        struct resampled got[REGIONS];
        struct span read[REGIONS];
        regions_resample(r.store, &a, PRICES5, "rrp", p, &b, got);
        assert_ok(regions_read(r.store, &a, PRICES5, "rrp", p, read));
        for (int region = 0; region < REGIONS; region++) {
            struct resampled wanted = resample(&a, &read[region], &b);
            for (size_t i = 0; i < b.count; i++) {
                assert_number(got[region].mean[i], wanted.mean[i], 1e-9);
                assert_number(got[region].min[i], wanted.min[i], 0);
                assert_number(got[region].max[i], wanted.max[i], 0);
                assert_int_equal(got[region].known[i], wanted.known[i]);
            }
        }
    }
    arena_free(&a);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mix_is_what_sql_makes_of_the_readings),
        cmocka_unit_test(energy_and_revenue_are_what_sql_makes_of_readings_and_prices),
        cmocka_unit_test(until_october_2021_half_hours_are_settled),
        cmocka_unit_test(prices_of_days_and_quarters_are_what_sql_makes_of_them),
        cmocka_unit_test(facts_that_change_make_all_sums_anew),
        cmocka_unit_test(buckets_of_half_hours_and_of_intervals_agree),
        cmocka_unit_test(coarse_buckets_are_means_of_their_intervals),
        cmocka_unit_test(totals_of_whole_days_and_of_parts_add_up),
        cmocka_unit_test(a_month_says_what_its_days_say),
        cmocka_unit_test(a_month_that_is_lost_or_of_other_days_is_made_again),
        cmocka_unit_test(units_over_days_are_means_of_their_intervals),
        cmocka_unit_test(prices_over_days_are_those_of_their_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
