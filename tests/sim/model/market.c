/* Properties of the simulated market, over random days of its years. */
#include "sim/model/market.h"

#include <math.h>
#include <stdlib.h>

#include "sim/model/noise.h"
#include "support/check.h"

enum { SEED = 7, SAMPLES = 24 };

static struct sim_market *market;

static int begin(void **state) {
    (void)state;
    market = sim_market_new(SEED);
    return 0;
}
static int end(void **state) {
    (void)state;
    sim_market_free(market);
    return 0;
}

/* A day from 2009-07 to 2026. */
static aest_day sample(int n) {
    aest_day from, to;
    assert_true(aest_day_from_date(2009, 7, 1, &from) && aest_day_from_date(2026, 12, 31, &to));
    double u = noise_uniform((struct noise){99, 1}, n);
    return from + (aest_day)(u * (to - from));
}

static void for_each_day(void (*check)(const struct sim_day *day)) {
    for (int n = 0; n < SAMPLES; n++) {
        const struct sim_day *day = sim_market_day(market, sample(n));
        check(day);
        sim_market_release(market, day);
    }
}

static bool near(double a, double b, double within) {
    return fabs(a - b) <= within + 1e-9;
}

/* totaldemand = generation - load - netinterchange, and netinterchange is flows and losses. */
static void check_dispatch_identity(const struct sim_day *day) {
    for (int k = 0; k < INTERVALS_PER_DAY; k++) {
        const struct sim_interval *v = &day->interval[k];
        for (int n = 0; n < v->runs; n++) {
            double flows[SIM_REGIONS] = {0};
            for (int l = 0; l < SIM_LINKS; l++) {
                const struct sim_link_run *run = &v->link_run[n][l];
                const struct sim_link_fact *fact = &sim_links[l];
                flows[fact->from] += run->mwflow + run->mwlosses * fact->from_losses;
                flows[fact->to] -= run->mwflow - run->mwlosses * (1 - fact->from_losses);
            }
            for (int r = 0; r < SIM_REGIONS; r++) {
                const struct sim_region_run *run = &v->region_run[n][r];
                assert_true(near(run->totaldemand,
                                 run->generation - run->load - run->netinterchange, 0.0001));
                assert_true(near(run->netinterchange, flows[r], 0.0051));
                assert_true(run->bdu_generation >= 0 && run->bdu_load >= 0);
                assert_true(run->bdu_generation <= run->generation && run->bdu_load <= run->load);
            }
        }
    }
}

static void test_dispatch_identity(void **state) {
    (void)state;
    for_each_day(check_dispatch_identity);
}

/* Targets of units add up to what the region's summary says, in both runs. */
static void check_targets(const struct sim_day *day) {
    for (int k = 0; k < INTERVALS_PER_DAY; k++) {
        const struct sim_interval *v = &day->interval[k];
        for (int n = 0; n < v->runs; n++) {
            int64_t generation[SIM_REGIONS] = {0}, load[SIM_REGIONS] = {0};
            for (int u = 0; u < day->units; u++) {
                const struct sim_unit *unit = day->unit[u];
                sim_mw mw = day->target[v->runs == 2 ? n : 0][k * day->units + u];
                bool takes = unit->kind == SIM_LOAD || mw < 0;
                *(takes ? &load[unit->region] : &generation[unit->region]) += abs(mw);
                assert_true(unit->kind == SIM_BIDIRECTIONAL || mw >= 0);
            }
            for (int r = 0; r < SIM_REGIONS; r++) {
                assert_true(
                    near((double)generation[r] / SIM_MW, v->region_run[n][r].generation, 1e-6));
                assert_true(near((double)load[r] / SIM_MW, v->region_run[n][r].load, 1e-6));
            }
        }
    }
}

static void test_targets(void **state) {
    (void)state;
    for_each_day(check_targets);
}

/* What was measured balances too: supply of a region = its units - what flows out. */
static void check_measured_balance(const struct sim_day *day) {
    for (int k = 0; k < INTERVALS_PER_DAY; k++) {
        const struct sim_interval *v = &day->interval[k];
        double supply[SIM_REGIONS] = {0};
        for (int u = 0; u < day->units; u++) {
            double mw = sim_mw_value(day->scada[k * day->units + u]);
            bool takes = day->unit[u]->kind == SIM_LOAD ||
                         (day->unit[u]->kind == SIM_BIDIRECTIONAL && mw < 0);
            if (!takes && !day->unit[u]->non_scheduled)
                supply[day->unit[u]->region] += mw;
        }
        for (int l = 0; l < SIM_LINKS; l++) {
            supply[sim_links[l].from] -= v->meteredmwflow[l];
            supply[sim_links[l].to] += v->meteredmwflow[l];
        }
        for (int r = 0; r < SIM_REGIONS; r++)
            assert_true(near(supply[r], v->region[r].initialsupply, 0.0001));
    }
}

static void test_measured_balance(void **state) {
    (void)state;
    for_each_day(check_measured_balance);
}

static void check_prices(const struct sim_day *day) {
    for (int k = 0; k < INTERVALS_PER_DAY; k++) {
        const struct sim_interval *v = &day->interval[k];
        const struct sim_threshold *threshold = sim_threshold_at(day->interval[0].end);
        for (int n = 0; n < v->runs; n++)
            for (int r = 0; r < SIM_REGIONS; r++) {
                assert_in_range(v->region_run[n][r].price + 1000, threshold->floor + 1000,
                                threshold->cap + 1000);
                for (int s = 0; s < SIM_SERVICES; s++)
                    assert_true(v->region_run[n][r].fcas_price[s] >= 0 &&
                                v->region_run[n][r].fcas_price[s] <= threshold->cap);
            }
    }
}

static void test_prices_are_within_floor_and_cap(void **state) {
    (void)state;
    for_each_day(check_prices);
}

static void check_limits(const struct sim_day *day) {
    for (int k = 0; k < INTERVALS_PER_DAY; k++)
        for (int n = 0; n < day->interval[k].runs; n++)
            for (int l = 0; l < SIM_LINKS; l++) {
                const struct sim_link_run *run = &day->interval[k].link_run[n][l];
                assert_true(run->importlimit <= run->exportlimit);
                assert_true(run->mwflow >= run->importlimit - 0.001);
                assert_true(run->mwflow <= run->exportlimit + 0.001);
                assert_true(run->mwlosses >= 0 && run->mwlosses <= 0.2 * fabs(run->mwflow) + 1);
                bool inside =
                    run->mwflow > run->importlimit + 1 && run->mwflow < run->exportlimit - 1;
                assert_true(!inside || run->marginalvalue == 0);
            }
}

static void test_flows_are_within_limits(void **state) {
    (void)state;
    for_each_day(check_limits);
}

/* What a battery's charge loses or gains over an interval is what it gave or took, with 92 % each
 * way, and at 04:00 it stands where it stood the day before. */
static void check_storage(const struct sim_day *day) {
    for (int u = 0; u < day->units; u++) {
        const struct sim_unit *unit = day->unit[u];
        bool half = unit->kind == SIM_GENERATOR && !unit->pair; /* its loads don't report */
        if (unit->fuel != SIM_BATTERY || unit->kind == SIM_LOAD || half)
            continue;
        int load = u;
        for (int v = 0; unit->pair && v < day->units; v++)
            if (strcmp(day->unit[v]->duid, unit->pair) == 0)
                load = v;
        for (int k = 0; k < INTERVALS_PER_DAY; k++) {
            double mw[2];
            for (int i = 0; i < 2; i++) {
                mw[i] = sim_mw_value(day->scada[(k + i) * day->units + u]);
                if (load != u)
                    mw[i] -= sim_mw_value(day->scada[(k + i) * day->units + load]);
            }
            double given = (mw[0] + mw[1]) / 2 / 12;
            double drain = given > 0 ? given / 0.92 : given * 0.92;
            double before = day->storage[k * day->units + u] / 1e3,
                   after = day->storage[(k + 1) * day->units + u] / 1e3;
            bool last_day = k == INTERVALS_PER_DAY - 1 && after == 0; /* becomes another unit */
            assert_true(last_day || near(before - after, drain, 0.0021));
            assert_true(before >= 0 && before <= (double)unit->storage_mwh);
        }
        assert_int_equal(day->scada[u], 0);
        assert_true(near(day->storage[u] / 1e3, 0.30 * (double)unit->storage_mwh, 0.001));
    }
}

static void test_charge_adds_up(void **state) {
    (void)state;
    for_each_day(check_storage);
}

static void check_units(const struct sim_day *day) {
    for (int u = 0; u < day->units; u++) {
        const struct sim_unit *unit = day->unit[u];
        for (int k = 0; k < INTERVALS_PER_DAY; k++) {
            double mw = sim_mw_value(day->scada[k * day->units + u]);
            double most = (double)unit->capacity_mw;
            double least = unit->kind == SIM_BIDIRECTIONAL ? -(double)unit->load_mw
                           : unit->kind == SIM_LOAD        ? 0
                                                           : -4;
            assert_true(mw >= least - 0.2 && mw <= most + 0.2);
            assert_true(unit->fuel != SIM_DUMMY || mw == 0);
            sim_mw uigf = day->uigf[k * day->units + u];
            assert_true(uigf == 0 || unit->semi_scheduled);
            assert_true(!unit->semi_scheduled || day->availability[k * day->units + u] <= uigf);
        }
    }
}

static void test_units_stay_within_their_machines(void **state) {
    (void)state;
    for_each_day(check_units);
}

/* A day ends in the instant in which the next begins, to the last digit. */
static void test_days_join_at_four(void **state) {
    (void)state;
    for (int n = 0; n < SAMPLES; n++) {
        const struct sim_day *a = sim_market_day(market, sample(n)),
                             *b = sim_market_day(market, sample(n) + 1);
        for (int u = 0, v = 0; u < a->units; u++) {
            while (v < b->units && b->unit[v] < a->unit[u])
                v++;
            sim_mw last = a->scada[INTERVALS_PER_DAY * a->units + u];
            assert_int_equal(last, v < b->units && b->unit[v] == a->unit[u] ? b->scada[v] : 0);
        }
        const struct sim_interval *last = &a->interval[INTERVALS_PER_DAY - 1], *first = b->interval;
        for (int l = 0; l < SIM_LINKS; l++) /* measured at 04:00, near what was meant for it */
            assert_true(
                near(first->meteredmwflow[l], last->link_run[last->runs - 1][l].mwflow, 30));
        sim_market_release(market, a);
        sim_market_release(market, b);
    }
}

/* Another market with the same seed, asked in another order, gives the same. */
static void test_same_seed_same_market(void **state) {
    (void)state;
    struct sim_market *other = sim_market_new(SEED), *third = sim_market_new(SEED + 1);
    for (int n = 3; n >= 0; n--) {
        const struct sim_day *a = sim_market_day(market, sample(n)),
                             *b = sim_market_day(other, sample(n)),
                             *c = sim_market_day(third, sample(n));
        size_t scada = (size_t)a->units * (INTERVALS_PER_DAY + 1) * sizeof *a->scada;
        assert_memory_equal(a->scada, b->scada, scada);
        assert_memory_equal(a->target[1], b->target[1],
                            scada - (size_t)a->units * sizeof *a->scada);
        assert_memory_not_equal(a->scada, c->scada, scada);
        for (int k = 0; k < INTERVALS_PER_DAY; k++)
            assert_true(a->interval[k].region_run[0][0].price ==
                        b->interval[k].region_run[0][0].price);
        sim_market_release(market, a);
        sim_market_release(other, b);
        sim_market_release(third, c);
    }
    sim_market_free(other);
    sim_market_free(third);
}

/* What an analyst expects of a year: the shape of days and the spread of prices. */
static void test_year_looks_like_the_market(void **state) {
    (void)state;
    aest_day first;
    assert_true(aest_day_from_date(2025, 1, 1, &first));
    int intervals = 0, usual = 0, negative_noon = 0, noons = 0, spikes = 0, same_sign = 0, runs = 0;
    double noon = 0, evening = 0, highest = 0, lowest = 0, battery_noon = 0, battery_evening = 0;
    for (int d = 0; d < 365; d += 4) {
        const struct sim_day *day = sim_market_day(market, first + d);
        for (int k = 0; k < INTERVALS_PER_DAY; k++) {
            const struct sim_interval *v = &day->interval[k];
            const struct sim_region_run *nsw = &v->region_run[0][SIM_NSW1];
            double hour = (double)(v->end % AEST_DAY) / (60.0 * (double)AEST_MINUTE);
            intervals++;
            runs += v->runs == 2;
            usual += nsw->price >= 20 && nsw->price <= 150;
            for (int r = 0; r < SIM_REGIONS; r++) {
                spikes += v->region_run[0][r].price > 300;
                highest = fmax(highest, v->region_run[0][r].price);
                lowest = fmin(lowest, v->region_run[0][r].price);
            }
            for (int l = 0; l < SIM_LINKS; l++)
                same_sign += v->link_run[0][l].importlimit * v->link_run[0][l].exportlimit > 0;
            if (hour >= 11 && hour < 13) {
                noons++;
                negative_noon += nsw->price < 0;
                noon += nsw->totaldemand;
                battery_noon += nsw->bdu_generation - nsw->bdu_load;
            }
            if (hour >= 18 && hour < 20) {
                evening += nsw->totaldemand;
                battery_evening += nsw->bdu_generation - nsw->bdu_load;
            }
        }
        sim_market_release(market, day);
    }
    assert_in_range(usual, intervals / 2, intervals * 9 / 10);
    assert_in_range(negative_noon, noons / 5, noons * 4 / 5);
    assert_in_range(spikes, intervals * 5 / 500, intervals * 5 * 3 / 100);
    assert_true(highest > 15000 && lowest == -1000);
    assert_true(evening > 1.4 * noon);
    assert_true(battery_noon < -200.0 * noons && battery_evening > 200.0 * noons);
    assert_true(same_sign > 0 && runs > 0);
}

/* A forecast of the next interval is dispatch itself; one of later intervals errs by its distance,
 * and obeys the same identity. */
static void test_forecasts_converge(void **state) {
    (void)state;
    double error[2] = {0};
    for (int n = 0; n < SAMPLES; n++) {
        aest_us at = (aest_us)sample(n) * AEST_DAY + 18 * 60 * AEST_MINUTE;
        struct sim_interval now, hour, two_days;
        sim_market_forecast(market, at, at, &now);
        sim_market_forecast(market, at - 60 * AEST_MINUTE, at, &hour);
        sim_market_forecast(market, at - 28 * 60 * AEST_MINUTE, at, &two_days);
        const struct sim_day *day = sim_market_day(market, (aest_day)(at / AEST_DAY));
        const struct sim_interval *truth = &day->interval[14 * 12 - 1];
        assert_true(truth->end == at);
        for (int r = 0; r < SIM_REGIONS; r++) {
            assert_true(now.region_run[0][r].price == truth->region_run[0][r].price);
            const struct sim_region_run *run = &hour.region_run[0][r];
            assert_true(
                near(run->totaldemand, run->generation - run->load - run->netinterchange, 0.0001));
            error[0] += fabs(run->totaldemand - truth->region_run[0][r].totaldemand);
            error[1] +=
                fabs(two_days.region_run[0][r].totaldemand - truth->region_run[0][r].totaldemand);
        }
        sim_market_release(market, day);
    }
    assert_true(error[0] > 0 && error[0] < error[1]);
}

/* The cumulative price is the sum of seven days; over its threshold the price is administered. */
static void test_cumulative_and_administered_prices(void **state) {
    (void)state;
    aest_day day;
    assert_true(aest_day_from_date(2024, 6, 20, &day));
    aest_us at = day * AEST_DAY + 9 * 60 * AEST_MINUTE;
    struct sim_price last, price;
    sim_market_price(market, at, SIM_NSW1, &last);
    double sum = 0;
    for (int k = 0; k < 7 * INTERVALS_PER_DAY; k++) {
        sim_market_price(market, at - k * INTERVAL_MINUTES * AEST_MINUTE, SIM_NSW1, &price);
        sum += price.pre_ap;
        assert_true(price.apcflag || price.rop == price.pre_ap);
        assert_true(price.resolved == 0 ||
                    price.resolved > at - k * INTERVAL_MINUTES * AEST_MINUTE);
        assert_true(price.rrp == price.rop || price.rejected);
    }
    assert_true(near(last.cumulative, sum, 0.001));
}

static void test_rooftop_areas_add_up(void **state) {
    (void)state;
    aest_day day;
    assert_true(aest_day_from_date(2022, 11, 5, &day));
    for (int half = 1; half <= 48; half++) {
        aest_us at = day * AEST_DAY + half * 30 * AEST_MINUTE;
        double all = sim_market_rooftop(market, at, SIM_QLD1, 0, SIM_MEASUREMENT), sum = 0;
        for (int area = 1; area <= 3; area++)
            sum += sim_market_rooftop(market, at, SIM_QLD1, area, SIM_MEASUREMENT);
        assert_true(near(all, sum, 0.002));
        assert_true(half > 8 || all == 0);
        assert_true(half != 24 || all > 1500);
        double seen = sim_market_rooftop(market, at, SIM_QLD1, 0, SIM_SATELLITE);
        assert_true(near(seen, all, 0.5 * all));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dispatch_identity),
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_measured_balance),
        cmocka_unit_test(test_prices_are_within_floor_and_cap),
        cmocka_unit_test(test_flows_are_within_limits),
        cmocka_unit_test(test_charge_adds_up),
        cmocka_unit_test(test_units_stay_within_their_machines),
        cmocka_unit_test(test_days_join_at_four),
        cmocka_unit_test(test_same_seed_same_market),
        cmocka_unit_test(test_year_looks_like_the_market),
        cmocka_unit_test(test_forecasts_converge),
        cmocka_unit_test(test_cumulative_and_administered_prices),
        cmocka_unit_test(test_rooftop_areas_add_up),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
