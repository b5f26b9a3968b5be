#include "market/keep.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "market/registry.h"
#include "market/sums.h"
#include "store/grid.h"
#include "support/check.h"
#include "support/times.h"

/* A store with some days of one wind farm, a keeper, and who reads beside it. */
enum { DAYS = 40 };
struct rig {
    char *folder;
    struct store *store, *reader;
    struct keep keep;
    aest_day first;
};

static void commit_day(struct rig *r, aest_day day) {
    struct frame f;
    struct frame_change change = {0};
    frame_init(&f, &datasets[SCADA5], day);
    for (int slot = 0; slot < f.slots; slot++) {
        cell columns[DATASET_COLUMNS] = {cell_from_double(slot)};
        frame_put(&f, frame_key(&f, STR("WIND1")), slot, 0, 1000, columns, &change);
    }
    assert_ok(store_commit(r->store, &f, &change));
    frame_free(&f);
}

/* That the farm is in [region]. */
static void say(struct rig *r, const char *region) {
    struct records said;
    bool changed;
    static aest_us version;
    const char *const facts[][2] = {
        {"region", region}, {"fuel", "Wind"}, {"dispatch_type", "GENERATOR"}};
    records_init(&said, UNIT_FACTS);
    version++;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        assert_ok(registry_say(&said, (struct fact){.duid = STR("WIND1"),
                                                    .name = str_from(facts[i][0]),
                                                    .source = FACT_USER,
                                                    .from = FACT_ALWAYS,
                                                    .to = FACT_OPEN,
                                                    .value = str_from(facts[i][1]),
                                                    .origin = STR("user"),
                                                    .lastchanged = version}));
    assert_ok(registry_update(r->store, &said, &changed));
    assert_true(changed);
    records_free(&said);
}

static void rig_begin(struct rig *r) {
    *r = (struct rig){.folder = temporary_folder()};
    store_set_follower(&sums_follower);
    assert_ok(store_open(r->folder, STORE_WRITE, NULL, &r->store));
    assert_true(aest_day_from_date(2030, 6, 1, &r->first));
    for (int d = 0; d < DAYS; d++)
        commit_day(r, r->first + d);
    assert_ok(store_open(r->folder, STORE_READ, NULL, &r->reader));
    assert_ok(keep_start(&r->keep, r->folder));
}

static void rig_end(struct rig *r) {
    keep_end(&r->keep);
    store_close(r->reader);
    store_close(r->store);
    store_set_follower(NULL);
    remove_folder(r->folder);
}

static void wait_a_little(void) {
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Whether all sums have the farm in [region]. */
static bool is_in(struct rig *r, const char *region) {
    static double mw[DAYS * INTERVALS_PER_DAY];
    interval start = interval_day_start(r->first), end = interval_day_start(r->first + DAYS);
    grid_read(store_grid(r->reader), &sums_mix5, str_from(region), mix_lane(FUEL_WIND, false),
              start, end, mw);
    for (int i = 0; i < DAYS * INTERVALS_PER_DAY; i++)
        if (isnan(mw[i]))
            return false;
    return true;
}

/* As soon as the grid says that it is complete, it is. */
static void wait_until_complete(struct rig *r, const char *region) {
    while (!grid_complete(store_grid(r->reader)))
        wait_a_little();
    assert_true(is_in(r, region));
}

static void the_grid_is_not_complete_until_sums_have_the_facts(void **state) {
    (void)state;
    static const char *const turns[] = {"TAS1", "VIC1", "QLD1"};
    struct rig r;
    rig_begin(&r);
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        say(&r, turns[i]);
        wait_until_complete(&r, turns[i]);
    }
    rig_end(&r);
}

static void facts_that_change_while_sums_are_made_are_not_passed_over(void **state) {
    (void)state;
    struct rig r;
    rig_begin(&r);
    say(&r, "SA1");
    while (grid_missing(store_grid(r.reader)) < 0) /* until the keeper has begun */
        wait_a_little();
    say(&r, "NSW1");
    wait_until_complete(&r, "NSW1");
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grid_is_not_complete_until_sums_have_the_facts),
        cmocka_unit_test(facts_that_change_while_sums_are_made_are_not_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
