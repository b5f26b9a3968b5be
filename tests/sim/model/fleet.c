/* The table of units holds what the simulator takes for granted, and resembles the real market. */
#include "sim/model/fleet.h"

#include <string.h>

#include "support/check.h"

static bool in_service(const struct sim_unit *u, int date) {
    return u->first <= date && (!u->last || date <= u->last);
}

static bool valid_date(int date) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int y = date / 10000, m = date / 100 % 100, d = date % 100;
    if (y < 1998 || y > 2030 || m < 1 || m > 12)
        return false;
    return d >= 1 && d <= days[m - 1] + (m == 2 && y % 4 == 0);
}

static const struct sim_unit *find(const char *duid, int date) {
    for (int i = 0; i < sim_fleet_size; i++)
        if (!strcmp(sim_fleet[i].duid, duid) && in_service(&sim_fleet[i], date))
            return &sim_fleet[i];
    return NULL;
}

/* MW of generators of [fuel] in [region] on [date]. */
static double installed(int region, int fuel, int date) {
    double mw = 0;
    for (int i = 0; i < sim_fleet_size; i++) {
        const struct sim_unit *u = &sim_fleet[i];
        if (u->region == region && u->fuel == fuel && u->kind != SIM_LOAD && in_service(u, date))
            mw += (double)u->capacity_mw;
    }
    return mw;
}

static void a_duid_stands_once_on_any_day(void **state) {
    (void)state;
    for (int i = 0; i < sim_fleet_size; i++)
        for (int j = i + 1; j < sim_fleet_size; j++) {
            const struct sim_unit *a = &sim_fleet[i], *b = &sim_fleet[j];
            if (strcmp(a->duid, b->duid) != 0)
                continue;
            bool disjoint = (a->last && a->last < b->first) || (b->last && b->last < a->first);
            if (!disjoint)
                fail_msg("%s stands twice on one day", a->duid);
        }
}

static void every_field_is_sane(void **state) {
    (void)state;
    for (int i = 0; i < sim_fleet_size; i++) {
        const struct sim_unit *u = &sim_fleet[i];
        if (!u->duid[0] || strlen(u->duid) > 10 || !u->station[0] || !u->owner[0])
            fail_msg("%s: a name is empty or too long", u->duid);
        if (u->region >= SIM_REGIONS || u->fuel >= SIM_FUELS || u->kind > SIM_BIDIRECTIONAL)
            fail_msg("%s: region, fuel or kind", u->duid);
        if (!valid_date(u->first) || (u->last && (!valid_date(u->last) || u->last < u->first)))
            fail_msg("%s: dates %d to %d", u->duid, u->first, u->last);
        if (u->semi_scheduled && u->non_scheduled)
            fail_msg("%s is both semi-scheduled and non-scheduled", u->duid);
        if (u->fuel == SIM_DUMMY ? u->capacity_mw != 0
                                 : u->capacity_mw <= 0 || u->capacity_mw > 2000)
            fail_msg("%s: capacity of %g MW", u->duid, (double)u->capacity_mw);
        if ((u->kind == SIM_BIDIRECTIONAL) != (u->load_mw > 0))
            fail_msg("%s: load of %g MW", u->duid, (double)u->load_mw);
        if ((u->fuel == SIM_BATTERY) != (u->storage_mwh > 0))
            fail_msg("%s: storage of %g MWh", u->duid, (double)u->storage_mwh);
        if (u->fuel == SIM_PUMP && u->kind != SIM_LOAD)
            fail_msg("%s: a pump is a load", u->duid);
        if (u->kind == SIM_BIDIRECTIONAL && (u->fuel != SIM_BATTERY || u->first < 20240603))
            fail_msg("%s: bidirectional since %d", u->duid, u->first);
    }
}

static void pairs_point_at_each_other(void **state) {
    (void)state;
    int pairs = 0;
    for (int i = 0; i < sim_fleet_size; i++) {
        const struct sim_unit *u = &sim_fleet[i];
        if (!u->pair)
            continue;
        const struct sim_unit *other = find(u->pair, u->first);
        if (!other || !other->pair || strcmp(other->pair, u->duid) != 0)
            fail_msg("%s: %s does not point back", u->duid, u->pair);
        else if (other->region != u->region || other->last != u->last)
            fail_msg("%s and %s differ in region or last day", u->duid, u->pair);
        else if ((u->kind == SIM_LOAD) == (other->kind == SIM_LOAD))
            fail_msg("%s and %s: one of a pair is a load", u->duid, u->pair);
        pairs++;
    }
    assert_true(pairs >= 40);
}

static void a_split_battery_has_a_bidirectional_successor(void **state) {
    (void)state;
    for (int i = 0; i < sim_fleet_size; i++) {
        const struct sim_unit *u = &sim_fleet[i];
        if (u->fuel != SIM_BATTERY || u->kind != SIM_LOAD)
            continue;
        bool found = false;
        for (int j = 0; j < sim_fleet_size; j++) {
            const struct sim_unit *b = &sim_fleet[j];
            found |= b->kind == SIM_BIDIRECTIONAL && !strcmp(b->station, u->station) && u->last &&
                     b->first > u->last && b->first - u->last < 100;
        }
        if (!found)
            fail_msg("nothing takes over from %s", u->duid);
    }
}

static void sorted_by_region_fuel_and_duid(void **state) {
    (void)state;
    for (int i = 1; i < sim_fleet_size; i++) {
        const struct sim_unit *a = &sim_fleet[i - 1], *b = &sim_fleet[i];
        int order = a->region - b->region;
        if (!order)
            order = a->fuel - b->fuel;
        if (!order)
            order = strcmp(a->duid, b->duid);
        if (!order)
            order = a->first - b->first;
        if (order >= 0)
            fail_msg("%s stands before %s", a->duid, b->duid);
    }
}

static void capacity_resembles_the_real_market(void **state) {
    (void)state;
    static const struct {
        int region, fuel, date;
        double low, high;
    } expected[] = {
        {SIM_VIC1, SIM_BROWN_COAL, 20120101, 6400, 7300},
        {SIM_VIC1, SIM_BROWN_COAL, 20190101, 4600, 5200},
        {SIM_VIC1, SIM_BROWN_COAL, 20250101, 4600, 5200},
        {SIM_NSW1, SIM_BLACK_COAL, 20120101, 11500, 12600},
        {SIM_NSW1, SIM_BLACK_COAL, 20190101, 10000, 10800},
        {SIM_NSW1, SIM_BLACK_COAL, 20250101, 8000, 8600},
        {SIM_QLD1, SIM_BLACK_COAL, 20120101, 8000, 9300},
        {SIM_QLD1, SIM_BLACK_COAL, 20190101, 8000, 8800},
        {SIM_SA1, SIM_BROWN_COAL, 20120101, 700, 850},
        {SIM_SA1, SIM_BROWN_COAL, 20160601, 0, 0},
        {SIM_SA1, SIM_BLACK_COAL, 20120101, 0, 0},
        {SIM_SA1, SIM_WIND, 20120101, 1000, 1300},
        {SIM_SA1, SIM_WIND, 20190101, 1700, 2200},
        {SIM_VIC1, SIM_WIND, 20250101, 4000, 6000},
        {SIM_TAS1, SIM_HYDRO, 20120101, 2000, 2700},
        {SIM_TAS1, SIM_HYDRO, 20250101, 2000, 2700},
        {SIM_NSW1, SIM_SOLAR, 20120101, 0, 0},
        {SIM_NSW1, SIM_SOLAR, 20250101, 3500, 5500},
        {SIM_QLD1, SIM_SOLAR, 20250101, 2500, 4500},
        {SIM_SA1, SIM_BATTERY, 20190101, 100, 250},
        {SIM_VIC1, SIM_BATTERY, 20250101, 700, 1300},
        {SIM_SA1, SIM_GAS_STEAM, 20120101, 1200, 1350},
        {SIM_SA1, SIM_GAS_STEAM, 20250101, 750, 900},
        {SIM_TAS1, SIM_WIND, 20250101, 500, 650},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        double mw = installed(expected[i].region, expected[i].fuel, expected[i].date);
        if (mw < expected[i].low || mw > expected[i].high)
            fail_msg("%s, fuel %d, %d: %.0f MW", sim_region_name[expected[i].region],
                     expected[i].fuel, expected[i].date, mw);
    }
}

/* The real files of those days have 324, 390 and 493 DUIDs. */
static void as_many_units_report_as_in_the_real_files(void **state) {
    (void)state;
    static const int days[][2] = {{20190429, 324}, {20210902, 390}, {20251227, 493}};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        int units = 0;
        for (int j = 0; j < sim_fleet_size; j++)
            units += in_service(&sim_fleet[j], days[i][0]);
        assert_in_range(units, days[i][1] - 5, days[i][1] + 5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duid_stands_once_on_any_day),
        cmocka_unit_test(every_field_is_sane),
        cmocka_unit_test(pairs_point_at_each_other),
        cmocka_unit_test(a_split_battery_has_a_bidirectional_successor),
        cmocka_unit_test(sorted_by_region_fuel_and_duid),
        cmocka_unit_test(capacity_resembles_the_real_market),
        cmocka_unit_test(as_many_units_report_as_in_the_real_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
