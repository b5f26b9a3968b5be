#include "collect/gaps.h"

#include "collect/feeds.h"
#include "collect/gaps_failed.h"
#include "collect/published.h"
#include "support/rows.h"

static const char *const five[] = {"NSW1", "QLD1", "SA1", "TAS1", "VIC1", NULL};
static const char *const units[] = {"BW01", "YWPS4", NULL};
static const char *const links[] = {"V-SA", "VIC1-NSW1", NULL};

/* A store in 2025-07, and what is missing in it. */
struct room {
    char *folder;
    struct arena memory;
    struct store *store;
    struct gap *gaps;
    size_t count;
    aest_day day;
    interval start;
};

static struct room open_room(void) {
    struct room r = {.folder = temporary_folder(), .day = day_of(2025, 7, 20)};
    r.start = interval_day_start(r.day);
    assert_ok(store_open(r.folder, STORE_WRITE, NULL, &r.store));
    return r;
}

static void close_room(struct room *r) {
    store_close(r->store);
    arena_free(&r->memory);
    remove_folder(r->folder);
}

static void search(struct room *r, dataset_set wanted, aest_day from, aest_day to) {
    struct gap_search s = {.wanted = wanted, .now = (r->day + 5) * AEST_DAY};
    s.first = from ? interval_day_start(from) + 1 : 0;
    s.last = to ? interval_day_start(to + 1) : 0;
    assert_ok(gaps_find(r->store, &r->memory, &s, &r->gaps, &r->count));
}

static void assert_gap(const struct room *r, size_t i, enum dataset_id dataset, const char *key,
                       interval first, interval last, int count) {
    assert_true(i < r->count);
    const struct gap *g = &r->gaps[i];
    assert_int_equal(g->dataset, dataset);
    assert_true(str_eq(g->key, str_from(key)));
    assert_int_equal(g->first - r->start, first);
    assert_int_equal(g->last - r->start, last);
    assert_int_equal(g->count, count);
}

static bool not_hundred_to_102(const char *key, aest_day day, int slot) {
    (void)key, (void)day;
    return slot < 100 || slot > 102;
}

static void what_is_whole_has_no_gap(void **state) {
    (void)state;
    struct room r = open_room();
    search(&r, EVERY_DATASET, 0, 0);
    assert_int_equal(r.count, 0);
    for (int i = 0; i < 3; i++) {
        commit_rows(r.store, PRICES5, r.day + i, five, NULL);
        commit_rows(r.store, SCADA5, r.day + i, units, NULL);
    }
    search(&r, EVERY_DATASET, 0, 0);
    assert_int_equal(r.count, 0);
    close_room(&r);
}

static void intervals_without_a_row_that_follow_one_another_are_one_gap(void **state) {
    (void)state;
    struct room r = open_room();
    commit_rows(r.store, PRICES5, r.day, five, not_hundred_to_102);
    commit_rows(r.store, PRICES5, r.day + 3, five, NULL); /* two days are missing, 00:00 included */
    search(&r, EVERY_DATASET, 0, 0);
    assert_int_equal(r.count, 2);
    assert_gap(&r, 0, PRICES5, "", 101, 103, 3);
    assert_gap(&r, 1, PRICES5, "", 289, 3 * 288, 2 * 288);
    assert_string_equal(gap_text(&r.memory, &r.gaps[0]),
                        "prices5, 2025/07/20 08:25 to 2025/07/20 08:35 (3 intervals)");
    close_room(&r);
}

static bool no_midnight(const char *key, aest_day day, int slot) {
    (void)key, (void)day;
    return slot != 287;
}

static void midnight_belongs_to_the_day_before(void **state) {
    (void)state;
    struct room r = open_room();
    commit_rows(r.store, PRICES5, r.day, five, no_midnight);
    commit_rows(r.store, PRICES5, r.day + 1, five, NULL);
    search(&r, EVERY_DATASET, r.day, r.day);
    assert_int_equal(r.count, 1);
    assert_gap(&r, 0, PRICES5, "", 288, 288, 1);
    search(&r, EVERY_DATASET, r.day + 1, r.day + 1);
    assert_int_equal(r.count, 0);
    close_room(&r);
}

static bool without_sa1_at_7(const char *key, aest_day day, int slot) {
    (void)day;
    return slot != 7 || strcmp(key, "SA1") != 0;
}

static void each_of_the_five_regions_is_expected(void **state) {
    (void)state;
    struct room r = open_room();
    commit_rows(r.store, PRICES5, r.day, five, without_sa1_at_7);
    commit_rows(r.store, DEMAND30, r.day, five + 1, NULL);
    search(&r, EVERY_DATASET, 0, 0);
    assert_int_equal(r.count, 2);
    assert_gap(&r, 0, PRICES5, "SA1", 8, 8, 1);
    assert_gap(&r, 1, DEMAND30, "NSW1", 6, 288, 48);
    close_room(&r);
}

/* YWPS4 is away for an hour of the first day, from the second evening to the third morning, and
 * from the fourth day to the eighth; BW01 ends on the fourth day. */
static bool as_units_are(const char *key, aest_day day, int slot) {
    int at = (day - day_of(2025, 7, 20)) * 288 + slot;
    if (strcmp(key, "BW01") == 0)
        return at < 3 * 288 + 10;
    return !(at >= 20 && at < 32) && !(at >= 288 + 200 && at < 2 * 288 + 50) &&
           !(at >= 3 * 288 + 100 && at < 7 * 288);
}

static void a_unit_is_expected_where_it_is_there_before_and_behind(void **state) {
    (void)state;
    static const char *const other[] = {"BW01", "YWPS4", "TUMUT3", NULL};
    struct room r = open_room();
    for (int i = 0; i < 8; i++) {
        commit_rows(r.store, SCADA5, r.day + i, other + 2, NULL);
        commit_rows(r.store, SCADA5, r.day + i, units, as_units_are);
    }
    search(&r, EVERY_DATASET, 0, 0);
    assert_int_equal(r.count, 2);
    assert_gap(&r, 0, SCADA5, "YWPS4", 21, 32, 12);
    assert_gap(&r, 1, SCADA5, "YWPS4", 288 + 201, 2 * 288 + 50, 88 + 50);
    close_room(&r);
}

static bool without_a_link(const char *key, aest_day day, int slot) {
    (void)slot;
    return strcmp(key, "V-SA") != 0 || day != day_of(2025, 7, 21);
}

static void a_link_is_missing_for_a_day(void **state) {
    (void)state;
    struct room r = open_room();
    for (int i = 0; i < 3; i++)
        commit_rows(r.store, TRANSMISSION5, r.day + i, links, without_a_link);
    search(&r, EVERY_DATASET, 0, 0);
    assert_int_equal(r.count, 1);
    assert_gap(&r, 0, TRANSMISSION5, "V-SA", 289, 2 * 288, 288);
    close_room(&r);
}

static bool not_the_fifth_run(const char *key, aest_day day, int slot) {
    (void)key, (void)day;
    return slot != 4;
}

static void a_run_of_a_forecast_is_missing(void **state) {
    (void)state;
    static const char *const keys[] = {"NSW1+000", "QLD1+000", "SA1+000", "TAS1+000",
                                       "VIC1+000", "NSW1+001", NULL};
    struct room r = open_room();
    commit_rows(r.store, PREDISPATCH, r.day, keys, not_the_fifth_run);
    search(&r, EVERY_DATASET, 0, 0);
    assert_int_equal(r.count, 1);
    assert_gap(&r, 0, PREDISPATCH, "", 30, 30, 1);
    close_room(&r);
}

static void half_hours_that_are_means_have_no_gaps_of_their_own(void **state) {
    (void)state;
    struct room r = open_room();
    aest_day before = day_of(2021, 9, 29);
    commit_rows(r.store, PRICES5, r.day, five, not_hundred_to_102);
    commit_rows(r.store, SCADA5, r.day, units, not_hundred_to_102);
    search(&r, DATASET_BIT(PRICES30) | DATASET_BIT(SCADA30), 0, 0);
    assert_int_equal(r.count, 0);
    commit_rows(r.store, PRICES30, before, five, NULL); /* traded half hours have */
    search(&r, DATASET_BIT(PRICES30), 0, 0);
    assert_int_equal(r.count, 1); /* the last day before five-minute settlement */
    assert_int_equal(r.gaps[0].count, 48);
    close_room(&r);
}

static void a_range_asks_for_more_than_the_store_has(void **state) {
    (void)state;
    struct room r = open_room();
    commit_rows(r.store, PRICES5, r.day, five, NULL);
    search(&r, EVERY_DATASET, r.day - 1, r.day + 9); /* now is at the start of the fifth day */
    assert_int_equal(r.count, 2);
    assert_gap(&r, 0, PRICES5, "", -287, 0, 288);
    assert_gap(&r, 1, PRICES5, "", 289, 5 * 288, 4 * 288);
    search(&r, DATASET_BIT(DEMAND30), r.day, r.day); /* by its name, though there is no row */
    assert_int_equal(r.count, 1);
    assert_gap(&r, 0, DEMAND30, "", 6, 288, 48);
    search(&r, DATASET_BIT(DEMAND30), day_of(2024, 7, 31), day_of(2024, 7, 31));
    assert_int_equal(r.count, 0); /* never published */
    close_room(&r);
}

static void a_cause_is_what_is_known(void **state) {
    (void)state;
    struct room r = open_room();
    struct ledger *ledger;
    aest_us now = (r.day + 5) * AEST_DAY;
    assert_int_equal(published_at(SCADA5, r.start + 5 * 288, now), OFFERED);
    assert_int_equal(published_at(DISPATCH5, r.start + 5 * 288, now), NOT_YET_PUBLISHED);
    assert_int_equal(published_at(SCADA5, interval_day_start(day_of(2009, 6, 1)), now),
                     NEVER_PUBLISHED);
    assert_int_equal(published_at(DEMAND5, interval_day_start(day_of(2024, 9, 1)),
                                  day_of(2026, 1, 1) * AEST_DAY),
                     GONE_BY_NOW);
    commit_rows(r.store, SCADA5, r.day, units, not_hundred_to_102);
    assert_ok(store_ledger(r.store, &ledger));
    assert_ok(ledger_failed(ledger, "dispatchscada",
                            STR("PUBLIC_DISPATCHSCADA_202507200830_01.zip"), 1, "footer", true, 0));
    search(&r, EVERY_DATASET, 0, 0);
    assert_int_equal(r.count, 3); /* 08:25, 08:30, 08:35 */
    assert_int_equal(r.gaps[0].cause, GAP_NOT_FETCHED);
    assert_int_equal(r.gaps[1].cause, GAP_FAILED);
    assert_string_equal(r.gaps[1].file, "PUBLIC_DISPATCHSCADA_202507200830_01.zip");
    assert_int_equal(r.gaps[2].cause, GAP_NOT_FETCHED);
    close_room(&r);
}

static void a_failed_file_tells_its_days_by_its_name(void **state) {
    (void)state;
    static const struct {
        const char *feed, *name;
        enum dataset_id dataset;
        int first[3], last[3]; /* days */
    } cases[] = {
        {"mmsdm",
         "PUBLIC_ARCHIVE%23DISPATCHPRICE%23FILE01%23202507010000.zip",
         PRICES5,
         {2025, 7, 1},
         {2025, 8, 1}},
        {"dispatchis", "PUBLIC_DISPATCHIS_20250720.zip", REGIONS5, {2025, 7, 20}, {2025, 7, 21}},
        {"next_day_dispatch",
         "PUBLIC_NEXT_DAY_DISPATCH_20250720_0001.zip",
         DISPATCH5,
         {2025, 7, 20},
         {2025, 7, 21}},
        {"dispatchis",
         "PUBLIC_DISPATCHIS_202507201810_0001.zip",
         CONSTRAINTS5,
         {2025, 7, 20},
         {2025, 7, 20}},
    };
    struct room r = open_room();
    struct ledger *ledger;
    struct failed_file *files;
    size_t count;
    assert_ok(store_ledger(r.store, &ledger));
    assert_ok(ledger_failed(ledger, "dispatchis", STR("who knows.zip"), 1, "?", true, 0));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_ok(ledger_failed(ledger, cases[i].feed, str_from(cases[i].name), 1, "?", true, 0));
    assert_ok(failed_files(ledger, &r.memory, &files, &count));
    assert_int_equal(count, sizeof cases / sizeof *cases);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++) {
            if (strcmp(files[i].name, cases[k].name) != 0)
                continue;
            assert_true(files[i].fills & DATASET_BIT(cases[k].dataset));
            assert_int_equal(interval_day(files[i].first),
                             day_of(cases[k].first[0], cases[k].first[1], cases[k].first[2]));
            assert_int_equal(interval_day(files[i].last),
                             day_of(cases[k].last[0], cases[k].last[1], cases[k].last[2]));
        }
    close_room(&r);
}

/* The table of publications names feeds, archives and tables that there are, and what they fill. */
static void publications_are_those_of_the_other_tables(void **state) {
    (void)state;
    for (int i = 0; i < publication_count; i++) {
        const struct published *p = &publications[i];
        dataset_set fills = 0;
        bool found = false;
        for (int k = 0; p->place == IN_CURRENT && k < FEEDS; k++)
            found = found || strcmp(feeds[k].name, p->name) == 0;
        for (int k = 0; p->place == IN_ARCHIVE && k < archived_feed_count; k++)
            if (strcmp(archived_feeds[k].feed, p->name) == 0)
                found = true, fills |= archived_feeds[k].fills;
        for (int k = 0; p->place == IN_MMSDM && k < monthly_table_count; k++)
            if (strcmp(monthly_tables[k].table, p->name) == 0)
                found = true, fills |= monthly_tables[k].fills;
        if (!found || (p->place != IN_CURRENT && (p->fills & ~fills)))
            fail_msg("%s", p->name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_whole_has_no_gap),
        cmocka_unit_test(intervals_without_a_row_that_follow_one_another_are_one_gap),
        cmocka_unit_test(midnight_belongs_to_the_day_before),
        cmocka_unit_test(each_of_the_five_regions_is_expected),
        cmocka_unit_test(a_unit_is_expected_where_it_is_there_before_and_behind),
        cmocka_unit_test(a_link_is_missing_for_a_day),
        cmocka_unit_test(a_run_of_a_forecast_is_missing),
        cmocka_unit_test(half_hours_that_are_means_have_no_gaps_of_their_own),
        cmocka_unit_test(a_range_asks_for_more_than_the_store_has),
        cmocka_unit_test(a_cause_is_what_is_known),
        cmocka_unit_test(a_failed_file_tells_its_days_by_its_name),
        cmocka_unit_test(publications_are_those_of_the_other_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
