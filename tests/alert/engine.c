/* The engine over stores that are made by hand, with a clock of the test's. */
#include "alert/fixture.h"
#include "alert/notice_story.h"
#include "store/alert_records.h"
#include "store/grid_refresh.h"

/* -- price --------------------------------------------------------------------------------------
 */

static void a_price_rises_escalates_and_recovers(void **state) {
    struct fixture *f = *state;
    size_t count;
    use(f, "", "price");
    judge_price(f, 100, 50, 60);
    judge_price(f, 101, 1000, 999.99); /* the threshold itself counts */
    judge_price(f, 102, 700, 60);
    judge_price(f, 103, 15000, 60);
    judge_price(f, 104, 300.01, 60);
    judge_price(f, 105, 300, 60);
    judge_price(f, 106, 50, 60);
    assert_string_equal(decisions(f), "alert NSW1; escalation NSW1; recovery NSW1");
    struct parcel *m = messages(f, &count);
    assert_int_equal(count, 3);
    assert_string_equal(m[0].message.title, "High price: NSW1 $1,000.00/MWh, 08/20 08:30");
    assert_int_equal(m[1].message.severity, ALERT_CRITICAL);
    assert_non_null(strstr(m[2].message.text, "NSW1 $300.00/MWh; peak $15,000.00/MWh at 2025/08/20 "
                                              "08:40, lasted 20 min"));
    assert_int_equal(m[2].message.severity, ALERT_CRITICAL); /* it goes where the alert went */
}

static void one_message_covers_all_regions_and_says_what_is_not_firm(void **state) {
    struct fixture *f = *state;
    const struct row status[] = {{"NSW1", 0}};
    size_t count;
    use(f, "", "price");
    judge_price(f, 100, 50, 60);
    price(f, 101, 1500, 12000);
    pass(f, 101, 0);
    assert_messages(f, 0); /* the status is awaited for a moment */
    put(f, PRICESTATUS5, 101, status, 1);
    pass(f, 101, 1);
    struct parcel *m = messages(f, &count);
    assert_int_equal(count, 1);
    assert_string_equal(m[0].message.title, "Extreme price: VIC1 $12,000.00/MWh; High price: NSW1 "
                                            "$1,500.00/MWh (not firm), 08/20 08:30");
    assert_non_null(strstr(m[0].message.data, "\"key\":\"NSW1\""));
    assert_string_equal(decisions(f), "alert VIC1; alert NSW1");
}

static void a_first_look_tells_no_old_news(void **state) {
    struct fixture *f = *state;
    use(f, "", "price");
    for (int slot = 100; slot < 110; slot++)
        price(f, slot, 5000, 60);
    pass(f, 109, 0);
    pass(f, 109, 10);
    assert_string_equal(decisions(f), "alert NSW1");
}

static void judging_again_changes_nothing(void **state) {
    struct fixture *f = *state;
    use(f, "", "price");
    judge_price(f, 100, 50, 60);
    judge_price(f, 101, 2000, 60);
    for (int i = 0; i < 5; i++)
        pass(f, 101, 20 + i);
    f->engine.uses[0].seen = 0;
    pass(f, 101, 30);
    assert_string_equal(decisions(f), "alert NSW1");
    assert_messages(f, 1);
}

static void lose_grid(struct fixture *f) {
    remove_folder(mem_strdup(arena_printf(&f->memory, "%s/grid", f->folder)));
}

/* Neither missed nor judged without its values. */
static void what_the_grid_lacks_is_judged_once_it_is_there(void **state) {
    struct fixture *f = *state;
    int made;
    use(f, "", "price");
    judge_price(f, 100, 50, 60);
    price(f, 101, 2000, 60);
    lose_grid(f);
    pass(f, 101, 0);
    pass(f, 101, 10);
    assert_string_equal(decisions(f), "");
    assert_ok(grid_refresh(f->engine.store, NULL, &made));
    pass(f, 101, 20);
    assert_string_equal(decisions(f), "alert NSW1");
}

static void a_replay_makes_the_grid_that_it_lacks(void **state) {
    struct fixture *f = *state;
    interval start = interval_day_start(f->day);
    use(f, "", "price");
    price(f, 100, 50, 60);
    price(f, 101, 2000, 60);
    price(f, 102, 50, 60);
    lose_grid(f);
    assert_ok(engine_replay(&f->engine, start, start + 288));
    assert_string_equal(decisions(f), "alert NSW1; recovery NSW1");
}

static void what_is_old_is_recorded_and_told_once_it_is_news_again(void **state) {
    struct fixture *f = *state;
    size_t count;
    use(f, "", "price");
    judge_price(f, 100, 50, 60);
    for (int slot = 101; slot < 120; slot++) /* an outage: all of them come at once */
        price(f, slot, slot < 105 ? 50 : 2000 + slot, slot == 106 ? 5000 : 60);
    pass(f, 119, 0);
    pass(f, 119, 10);
    assert_string_equal(decisions(f), "alert NSW1 (old); alert VIC1 (old); "
                                      "recovery VIC1 (nobody was told of it);"
                                      " still NSW1");
    struct parcel *m = messages(f, &count);
    assert_int_equal(count, 1);
    assert_non_null(strstr(m[0].message.text, "since 2025/08/20 08:50"));
}

static void a_recovery_that_was_missed_is_told_later(void **state) {
    struct fixture *f = *state;
    use(f, "", "price");
    judge_price(f, 100, 50, 60);
    judge_price(f, 101, 2000, 60);
    price(f, 102, 100, 60);
    price(f, 120, 90, 60);
    pass(f, 120, 0);
    pass(f, 120, 10);
    assert_string_equal(decisions(f), "alert NSW1; recovery NSW1 (old); recovery NSW1");
}

static void a_late_interval_is_recorded_and_moves_nothing(void **state) {
    struct fixture *f = *state;
    use(f, "", "price");
    judge_price(f, 100, 50, 60);
    judge_price(f, 102, 50, 60);
    judge_price(f, 101, 9000, 60); /* behind the watermark */
    pass(f, 102, 60);
    assert_string_equal(decisions(f), "late NSW1 (late)");
    judge_price(f, 103, 1200, 60);
    assert_string_equal(decisions(f), "late NSW1 (late); alert NSW1");
    assert_messages(f, 1);
}

static void a_revision_that_undoes_an_alert_sends_a_correction(void **state) {
    struct fixture *f = *state;
    struct alert_state s;
    size_t count;
    use(f, "", "price");
    judge_price(f, 100, 50, 60);
    judge_price(f, 101, 15000, 60);
    judge_price(f, 102, 400, 60);
    price(f, 101, 310, 60); /* two hours later */
    pass(f, 102, 7200);
    pass(f, 102, 7210);
    assert_string_equal(decisions(f), "alert NSW1; correction NSW1");
    struct parcel *m = messages(f, &count);
    assert_int_equal(count, 2);
    assert_non_null(strstr(m[1].message.text,
                           "NSW1 at 2025/08/20 08:30 was $15,000.00/MWh, and was "
                           "revised to $310.00/MWh"));
    assert_ok(alerts_state(&f->alerts, &f->memory, "price", "NSW1", &s));
    assert_int_equal(s.level, 0);
    price(f, 102, 5000, 60); /* upwards, afterwards: recorded */
    pass(f, 102, 7220);
    pass(f, 102, 7230);
    assert_string_equal(decisions(f),
                        "alert NSW1; correction NSW1; revised NSW1 (revised afterwards)");
    pass(f, 102, 7240);
    assert_messages(f, 2);
}

static void a_saw_around_the_threshold_is_one_alert(void **state) {
    struct fixture *f = *state;
    use(f, "", "price");
    for (int slot = 50; slot < 150; slot++)
        judge_price(f, slot, slot % 2 ? 1010 : 990, 60);
    assert_string_equal(decisions(f), "alert NSW1");
}

/* Decisions of a kind, told or not. */
static int64_t count_of(struct fixture *f, const char *where) {
    int64_t count;
    assert_ok(sql_number(&f->alerts.sql, &count,
                         arena_printf(&f->memory, "SELECT count(*) FROM decisions WHERE %s", where),
                         ""));
    return count;
}

/* A price that is over each line, and below both, in turn. */
static void saw(struct fixture *f, int intervals, double high) {
    judge_price(f, 0, 50, 60);
    for (int slot = 1; slot <= intervals; slot++)
        judge_price(f, slot, slot % 2 ? high : 50, 60);
}

/* Then it is quiet. */
static void saw_and_rest(struct fixture *f, int intervals, double high) {
    saw(f, intervals, high);
    for (int slot = intervals + 1; slot <= intervals + 22; slot++)
        judge_price(f, slot, 50, 60);
}

static void a_price_that_saws_across_both_lines_is_summed_up(void **state) {
    struct fixture *f = *state;
    struct alert_state s;
    size_t count;
    use(f, "", "price");
    saw_and_rest(f, 288, 1500); /* a day */
    struct parcel *m = messages(f, &count);
    assert_in_range(count, 3 * 2 + 20, 3 * 2 + 24);
    /* nothing is hidden: each rise and each end is recorded, and what was told last is how it is */
    assert_int_equal(count_of(f, "kind = 'alert'"), 144);
    assert_int_equal(count_of(f, "kind = 'recovery'"), 144);
    assert_int_equal(count_of(f, "kind = 'update'"), 1); /* the last, once it is quiet */
    assert_int_equal(count_of(f, "message IS NULL AND unsent IS NULL"), 0);
    assert_ok(alerts_state(&f->alerts, &f->memory, "price", "NSW1", &s));
    assert_int_equal(s.level + s.told, 0);
    assert_null(s.text);
    assert_string_equal(m[count - 1].message.kind, "update");
    /* the third says that no more come by themselves, the next ones what came meanwhile */
    assert_null(strstr(m[2].message.text, "comes and goes"));
    assert_non_null(strstr(m[4].message.text, "comes and goes: more is recorded, and summed up"));
    assert_non_null(strstr(m[5].message.text, "lasted 5 min\n"));
    assert_non_null(strstr(m[6].message.text, "it came 6 more times since 2025/08/20 00:35"));
    int64_t told = 0;
    for (size_t i = 0; i < count; i++) {
        const char *more = strstr(m[i].message.text, "it came ");
        told += more ? strtol(more + strlen("it came "), NULL, 10) : 0;
    }
    /* those that were told by themselves, and those that were summed up: all of them */
    assert_int_equal(told + count_of(f, "kind = 'alert' AND message IS NOT NULL"), 144);
}

static void an_extreme_one_that_saws_is_too(void **state) {
    struct fixture *f = *state;
    size_t count;
    use(f, "", "price");
    saw_and_rest(f, 60, 15000);
    struct parcel *m = messages(f, &count);
    assert_in_range(count, 3 * 2 + 4, 3 * 2 + 6);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(m[i].message.severity, ALERT_CRITICAL);
    assert_int_equal(count_of(f, "kind = 'alert'"), 30);
}

static void what_saws_tells_at_once_that_it_is_worse_or_comes_after_a_pause(void **state) {
    struct fixture *f = *state;
    size_t count;
    use(f, "", "price");
    saw(f, 8, 1500);
    messages(f, &count);
    assert_int_equal(count, 6);
    judge_price(f, 9, 20000, 60); /* another thing than before */
    struct parcel *m = messages(f, &count);
    assert_int_equal(count, 7);
    assert_non_null(strstr(m[6].message.title, "Extreme price: NSW1 $20,000.00/MWh"));
    judge_price(f, 10, 50, 60);
    messages(f, &count);
    assert_int_equal(count, 8);
    for (int slot = 11; slot <= 40; slot++)
        judge_price(f, slot, 50, 60);
    messages(f, &count);
    assert_int_equal(count, 8);   /* it ended by what was told */
    judge_price(f, 41, 1200, 60); /* the sixth of the day, in the afternoon */
    m = messages(f, &count);
    assert_int_equal(count, 9);
    assert_non_null(strstr(m[8].message.title, "High price: NSW1 $1,200.00/MWh"));
    for (int slot = 42; slot <= 60; slot++)
        judge_price(f, slot, slot < 44 ? 1200 : 50, 60);
    m = messages(f, &count);
    assert_int_equal(count, 10); /* its end, an hour after its begin at the latest */
    assert_int_equal(m[9].message.at, time_of(f, 41 + 12));
    assert_non_null(strstr(m[9].message.text, "Price back to normal: NSW1 $50.00/MWh; peak "
                                              "$1,200.00/MWh"));
}

/* It stays high after it had sawed: that is told within the hour. */
static void what_saws_and_then_stays_is_told(void **state) {
    struct fixture *f = *state;
    size_t count;
    use(f, "", "price");
    saw(f, 8, 1500);
    for (int slot = 9; slot <= 40; slot++)
        judge_price(f, slot, slot == 12 ? 2500 : 1400, 60);
    struct parcel *m = messages(f, &count);
    assert_int_equal(count, 7);
    assert_string_equal(m[6].message.kind, "update");
    assert_int_equal(m[6].message.at, time_of(f, 6 + 12));
    assert_non_null(strstr(m[6].message.text, "since 2025/08/20 00:40, peak $2,500.00/MWh"));
    assert_non_null(strstr(m[6].message.text, "it came 2 more times since 2025/08/20 00:35"));
    judge_price(f, 41, 100, 60);
    messages(f, &count);
    assert_int_equal(count, 8); /* over an hour later: told at once */
}

/* An end that is held, and a price that then lies between normal and high, keep no later rise from
 * being told. */
static void a_rise_behind_an_end_that_was_held_is_told(void **state) {
    struct fixture *f = *state;
    size_t before, after;
    use(f, "", "price");
    for (int i = 0; i < 6; i++)
        judge_price(f, 100 + i, i % 2 ? 50 : 1000, 60);
    judge_price(f, 118, 1000, 60); /* over an hour later: told */
    judge_price(f, 120, 290, 60);  /* its end: held */
    messages(f, &before);
    assert_int_equal(before, 7);
    for (int slot = 121; slot < 160; slot++)
        judge_price(f, slot, 400, 60);
    judge_price(f, 160, 5000, 60);
    struct parcel *m = messages(f, &after);
    assert_int_equal(after, 8);
    assert_string_equal(m[7].message.title, "High price: NSW1 $5,000.00/MWh, 08/20 13:25");
}

static void what_is_muted_is_recorded(void **state) {
    struct fixture *f = *state;
    use(f, "", "price");
    judge_price(f, 100, 50, 60);
    assert_ok(alerts_put_mute(&f->alerts, &(struct alert_mute){"price", "NSW1", time_of(f, 102)}));
    judge_price(f, 101, 2000, 2000);
    assert_string_equal(decisions(f), "alert NSW1 (muted); alert VIC1");
    judge_price(f, 103, 2000, 2000); /* it still stands when the mute is over */
    assert_string_equal(decisions(f), "alert NSW1 (muted); alert VIC1; still NSW1");
}

static void thresholds_that_contradict_are_refused(void **state) {
    struct fixture *f = *state;
    struct rule_use *uses;
    size_t count;
    assert_ok(config_parse(&f->config, "test", STR("HIGH_PRICE_THRESHOLD=200")));
    assert_err(rules_configure(&f->settings, &uses, &count), ERR_USAGE, "doesn't hold");
    assert_ok(config_parse(&f->config, "test", STR("HIGH_PRICE_THRESHOLD=high")));
    assert_err(rules_configure(&f->settings, &uses, &count), ERR_USAGE, "not a number");
    assert_ok(
        config_parse(&f->config, "test", STR("HIGH_PRICE_THRESHOLD=1000\nALERT_RULES_OFF=pric")));
    assert_err(rules_configure(&f->settings, &uses, &count), ERR_USAGE, "no rule");
}

static void a_low_price_is_told_where_it_is_wanted(void **state) {
    struct fixture *f = *state;
    use(f, "LOW_PRICE_THRESHOLD=-100", "price_low");
    judge_price(f, 100, 50, 60);
    judge_price(f, 101, -100, -99);
    judge_price(f, 102, -1000, -1);
    judge_price(f, 103, 0, 0);
    assert_string_equal(decisions(f), "alert NSW1; recovery NSW1");
}

/* -- units --------------------------------------------------------------------------------------
 */

static void new_units_are_one_message_and_once_a_day(void **state) {
    enum { NEW = 560 };
    struct fixture *f = *state;
    static char names[NEW][16];
    struct row rows[NEW + 2] = {{"BW01", 100}, {"DG_NSW1", 0}};
    size_t count;
    register_units(f);
    use(f, "", "new_unit");
    put(f, SCADA5, 50, rows, 2);
    pass(f, 50, 0);
    assert_messages(f, 0);
    for (size_t i = 0; i < NEW; i++) {
        snprintf(names[i], sizeof names[i], "NEW%03zuWF1", i);
        rows[i + 2] = (struct row){names[i], 20};
    }
    for (int slot = 51; slot < 51 + 288; slot++) {
        if (slot > 60 && slot < 51 + 286) /* the day between */
            continue;
        put(f, SCADA5, slot, rows, NEW + 2);
        pass(f, slot, 0);
    }
    struct parcel *m = messages(f, &count);
    assert_int_equal(count, 1);
    assert_in_range(strlen(m[0].message.title), 30, 260);
    assert_non_null(strstr(m[0].message.title, "NEW000WF1 (Wind?)"));
    assert_non_null(strstr(m[0].message.text, "and 530 more"));
    int64_t recorded;
    assert_ok(sql_number(&f->alerts.sql, &recorded, "SELECT count(*) FROM decisions", ""));
    assert_int_equal(recorded, NEW); /* nothing is hidden */
    put(f, SCADA5, 51 + 288, rows, NEW + 2);
    pass(f, 51 + 288, 0);
    assert_messages(f, 2);
}

static void coal_that_drops_to_nothing_has_tripped(void **state) {
    struct fixture *f = *state;
    static const double coal[] = {400, 390, 0, 0, 300, 250, 120, 60, 0, 400, 30, 0};
    register_units(f);
    use(f, "", "trip");
    for (int i = 0; i < 12; i++) {
        const struct row rows[] = {{"BW01", coal[i]}, {"GT1", coal[i]}, {"BATT1", coal[i]}};
        put(f, SCADA5, 285 + i, rows, 3); /* over midnight */
        pass(f, 285 + i, 0);
    }
    /* 390 to 0; 120, 60, 0 within two intervals; 400, 30, 0 */
    assert_string_equal(decisions(f), "alert BW01; alert BW01; alert BW01");
}

static void other_units_trip_only_where_that_is_wanted_and_unplanned(void **state) {
    struct fixture *f = *state;
    register_units(f);
    use(f, "ALERT_TRIP_ALL=1", "trip");
    const struct row high[] = {{"GT1", 200}}, low[] = {{"GT1", 0}};
    for (int i = 0; i < 6; i++) {
        price(f, 100 + i, i < 3 ? -50 : 80, 60);
        put(f, SCADA5, 100 + i, i == 1 || i == 2 || i == 5 ? low : high, 1);
        pass(f, 100 + i, 0);
    }
    assert_string_equal(decisions(f), "alert GT1");
}

/* -- this machine's part ------------------------------------------------------------------------
 */

static void an_outage_of_a_week_is_a_handful_of_messages(void **state) {
    struct fixture *f = *state;
    const struct row rows[] = {{"BW01", 100}};
    size_t count;
    use(f, "", "stale");
    put(f, SCADA5, 10, rows, 1);
    for (int minute = 0; minute < 7 * 1440; minute++)
        pass(f, 10, minute * 60);
    struct parcel *m = messages(f, &count);
    assert_int_equal(count, 3);
    assert_non_null(strstr(m[0].message.title, "Data missing: scada5"));
    f->day += 7;
    for (int i = 0; i < 12; i++) {
        put(f, SCADA5, 10 + i, rows, 1);
        for (int minute = 0; minute < 5; minute++)
            pass(f, 10 + i, minute * 60);
    }
    messages(f, &count);
    assert_int_equal(count, 4);
    assert_non_null(strstr(decisions(f), "recovery scada5"));
}

/* Off for a day; what came meanwhile is there within minutes. */
static void a_start_after_a_pause_is_no_outage(void **state) {
    struct fixture *f = *state;
    const struct row rows[] = {{"BW01", 100}};
    use(f, "", "stale");
    put(f, SCADA5, 10, rows, 1);
    for (int minute = 1440; minute < 1444; minute++)
        pass(f, 10, minute * 60);
    put(f, SCADA5, 10 + 288, rows, 1);
    for (int minute = 4; minute < 14; minute++)
        pass(f, 10 + 288, minute * 60);
    assert_string_equal(decisions(f), "");
}

static void a_feed_that_flaps_is_one_alert(void **state) {
    struct fixture *f = *state;
    const struct row rows[] = {{"BW01", 100}};
    use(f, "", "stale");
    for (int slot = 0; slot < 280; slot += 5) { /* every 25 minutes, stale after 15 */
        put(f, SCADA5, slot, rows, 1);
        for (int minute = 0; minute < 25; minute++)
            pass(f, slot, minute * 60);
    }
    assert_string_equal(decisions(f), "alert scada5");
}

/* Forty minutes of data, forty without, for a week: each time long enough to be an outage and its
 * end. */
static void a_feed_that_comes_and_goes_is_told_some_times_a_day(void **state) {
    struct fixture *f = *state;
    const struct row rows[] = {{"BW01", 100}};
    size_t count;
    int64_t recorded;
    use(f, "", "stale");
    for (int slot = 0; slot < 7 * 288; slot++) {
        if (slot / 8 % 2 == 0)
            put(f, SCADA5, slot, rows, 1);
        for (int minute = 0; minute < 5; minute++)
            pass(f, slot, minute * 60);
    }
    messages(f, &count);
    assert_in_range(count, 7 * 4, 7 * 6 + 6); /* an alert and its end, three times a day */
    assert_ok(sql_number(&f->alerts.sql, &recorded,
                         "SELECT count(*) FROM decisions WHERE kind = 'alert'", ""));
    assert_in_range(recorded, 7 * 17, 7 * 18); /* nothing is hidden */
}

static void what_comes_and_goes_and_then_stays_away_is_told(void **state) {
    struct fixture *f = *state;
    const struct row rows[] = {{"BW01", 100}};
    size_t count;
    use(f, "", "stale");
    for (int slot = 0; slot < 6 * 16; slot++) {
        if (slot / 8 % 2 == 0)
            put(f, SCADA5, slot, rows, 1);
        for (int minute = 0; minute < 5; minute++)
            pass(f, slot, minute * 60);
    }
    messages(f, &count);
    assert_int_equal(count, 6);
    for (int minute = 0; minute < 180; minute++)
        pass(f, 6 * 16, minute * 60);
    struct parcel *m = messages(f, &count);
    assert_int_equal(count, 7);
    assert_non_null(strstr(m[6].message.title, "Data still missing: scada5"));
}

/* -- the user's rules ---------------------------------------------------------------------------
 */

static void a_rule_of_the_users_follows_any_series(void **state) {
    struct fixture *f = *state;
    use(f,
        "ALERT_RULE_LOW_COAL=\"scada5.scadavalue BW01 < 50 clear 100 for 10m "
        "severity info "
        "to log\"",
        "user:low_coal");
    static const double mw[] = {200, 49, 200, 49, 48, 47, 60, 99, 100};
    for (int i = 0; i < 9; i++) {
        const struct row rows[] = {{"BW01", mw[i]}, {"GT1", 0}};
        put(f, SCADA5, 100 + i, rows, 2);
        pass(f, 100 + i, 0);
    }
    assert_string_equal(decisions(f), "alert BW01; recovery BW01");
    assert_messages(f, 2);
}

static void a_rule_that_is_wrong_says_where(void **state) {
    struct fixture *f = *state;
    struct rule_use u = {.rule = NULL};
    static const struct {
        const char *text, *said;
    } wrong[] = {
        {"", "no dataset ''"},
        {"prices6.rrp NSW1 > 1", "no dataset 'prices6'"},
        {"prices5.price NSW1 > 1", "no column of numbers 'price'"},
        {"prices5.source NSW1 > 1", "no column of numbers 'source'"},
        {"p5min.rrp NSW1 > 1", "no column of numbers"},
        {"prices5.rrp", "a key is expected"},
        {"prices5.rrp NSW1 = 1", "no comparison"},
        {"prices5.rrp NSW1 > lots", "no number"},
        {"prices5.rrp NSW1 > 5 for ever", "no duration"},
        {"prices5.rrp NSW1 > 5 to nobody", "no sink 'nobody'"},
        {"prices5.rrp NSW1 > 5 severity loud", "no severity"},
        {"prices5.rrp NSW1 > 5 clear 7", "beyond"},
        {"prices5.rrp NSW1 > 5 and more", "what is 'and'?"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_err(rule_user_read(&u, &f->memory, "x", str_from(wrong[i].text)), ERR_USAGE,
                   wrong[i].said);
    assert_ok(rule_user_read(&u, &f->memory, "x", STR("prices5.rrp * >= 5")));
    assert_int_equal(ladder_level(&u.ladder, 5), 1);
    assert_int_equal(ladder_level(&u.ladder, 4.9999), 0);
    assert_ok(rule_user_read(&u, &f->memory, "x", STR("prices5.rrp * > 5")));
    assert_int_equal(ladder_level(&u.ladder, 5), 0);
}

/* -- notices ------------------------------------------------------------------------------------
 */

static void notices_of_one_story_share_a_key(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *type, *reference, *story;
        int level;
    } notices[] = {
        {"RESERVE NOTICE",
         "PDPASA - Suspect Lack Of Reserve Level 3 (LOR3) in the SA Region on "
         "01/10/2026",
         "lack of reserve SA 01/10/2026", 5},
        {"RESERVE NOTICE",
         "PDPASA - Cancellation of the Forecast Lack Of Reserve Level 3 (LOR3) "
         "in the SA Region on "
         "01/10/2026",
         "lack of reserve SA 01/10/2026", 0},
        {"RESERVE NOTICE", "Actual Lack Of Reserve Level 2 (LOR2) in the NSW Region - 01/10/2026",
         "lack of reserve NSW 01/10/2026", 4},
        {"MINIMUM SYSTEM LOAD",
         "Forecast Minimum System Load (MSL1) condition in the SA region on "
         "05/10/2026",
         "minimum system load SA 05/10/2026", 1},
        {"PRICES SUBJECT TO REVIEW",
         "[EventId:202608031615_review] Prices for interval 03-Aug-2026 16:15 "
         "are subject to "
         "review",
         "prices subject to review 202608031615", 2},
        {"PRICES UNCHANGED",
         "[EventId:202608031615_confirmed] Prices for interval 03-Aug-2026 16:15 "
         "are now confirmed",
         "prices subject to review 202608031615", 0},
        {"RESERVE NOTICE", "RESERVE NOTICE MT PASA 4 August 2026", NULL, 0},
        {"RECLASSIFY CONTINGENCY", "Cancellation of a Non-Credible Contingency Event", NULL, 0},
        {"MARKET SYSTEMS", "Completed - CHG0112185", NULL, 0},
    };
    for (size_t i = 0; i < sizeof notices / sizeof *notices; i++) {
        struct notice_story s = notice_story(&f->memory, str_from(notices[i].type), STR(""),
                                             str_from(notices[i].reference), STR(""));
        if (!notices[i].story) {
            assert_null(s.kind);
            continue;
        }
        assert_string_equal(s.story, notices[i].story);
        assert_int_equal(s.level, notices[i].level);
    }
}

static void put_notice(struct fixture *f, int64_t id, int64_t created, const char *reference) {
    struct records r;
    struct record_value v[RECORD_COLUMNS] = {{0}};
    bool changed;
    records_init(&r, NOTICES);
    v[NOTICE_ID] = record_integer(id);
    v[NOTICE_TYPE] = record_text(STR("RESERVE NOTICE"));
    v[NOTICE_CREATED] = record_integer(aest_from_unix(created));
    v[NOTICE_REFERENCE] = record_text(str_from(reference));
    v[NOTICE_CHANGED] = record_integer(aest_from_unix(created));
    records_put(&r, v);
    records_settle(&r);
    assert_ok(records_commit(f->engine.store, &r, &changed));
    records_free(&r);
}

static void a_change_of_level_is_a_message_and_ids_have_no_order(void **state) {
    struct fixture *f = *state;
    use(f, "", "notice");
    put_notice(f, 500, time_of(f, 90), "Forecast Lack Of Reserve Level 1 (LOR1) in the VIC Region");
    pass(f, 100, 0); /* what is there at first is known */
    put_notice(f, 510, time_of(f, 101), "Forecast Lack Of Reserve Level 1 (LOR1) in the SA Region");
    pass(f, 101, 60);
    put_notice(f, 400, time_of(f, 102), "Update of the Forecast LOR1 in the SA Region");
    pass(f, 102, 60);
    put_notice(f, 401, time_of(f, 103), "Actual Lack Of Reserve Level 2 (LOR2) in the SA Region");
    pass(f, 103, 60);
    put_notice(f, 402, time_of(f, 104), "Cancellation of the Actual LOR2 in the SA Region");
    pass(f, 104, 60);
    put_notice(f, 403, time_of(f, 50), "Actual LOR3 in the QLD Region"); /* came late */
    pass(f, 104, 120);
    assert_string_equal(decisions(f),
                        "alert lack of reserve VIC  (old); alert lack of reserve SA ; escalation "
                        "lack of reserve SA ; recovery lack of reserve SA ; alert lack of "
                        "reserve "
                        "QLD  (old)");
    assert_messages(f, 3);
}

/* -- records ------------------------------------------------------------------------------------
 */

static void half_hour(struct fixture *f, int number) {
    const struct row rooftop[] = {{"NSW1", 100}};
    bool told;
    put(f, ROOFTOP30, number, rooftop, 1);
    assert_ok(engine_pass(&f->engine, time_of(f, number * 6 + 5) + 1810, &told));
}

static void records_of_prices(struct fixture *f) {
    static const struct {
        int slot;
        double price;
    } prices[] = {{3, 400}, {8, 450}, {14, 480}, {15, 470}, {20, 600}, {44, 479}};
    size_t next = 0;
    for (int number = 0; number < 10; number++) {
        for (; next < sizeof prices / sizeof *prices && prices[next].slot / 6 == number; next++) {
            const struct row rows[] = {{"NSW1", prices[next].price}};
            put(f, PRICES5, prices[next].slot, rows, 1);
            if (prices[next].slot == 20) /* not firm */
                put(f, PRICESTATUS5, prices[next].slot, rows, 1);
        }
        half_hour(f, number);
    }
}

static void a_record_is_told_once_its_episode_is_over(void **state) {
    struct fixture *f = *state;
    size_t count;
    use(f, "ALERT_RECORD_DAYS=0", "record");
    records_of_prices(f);
    assert_string_equal(decisions(f), "record price max NSW1");
    struct parcel *m = messages(f, &count);
    assert_int_equal(count, 1);
    assert_non_null(strstr(m[0].message.text,
                           "Record: price NSW1 480.00 $/MWh at 2025/08/20 01:15, "
                           "before 400.00 $/MWh at 2025/08/20 00:20"));
    half_hour(f, 10);
    assert_messages(f, 1);
}

/* What is kept for all is what the rule goes by: no price that isn't firm among
 * it. */
static void records_are_kept(void **state) {
    struct fixture *f = *state;
    struct alert_record *rows;
    size_t count, found = 0;
    use(f, "", "price"); /* whatever rules there are */
    records_of_prices(f);
    assert_ok(alerts_records(&f->alerts, &f->memory, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].measure, "price") == 0 && strcmp(rows[i].extreme, "max") == 0 &&
            rows[i].hour == ALERT_RECORD_ALL_HOURS) {
            assert_string_equal(rows[i].region, "NSW1");
            assert_true(rows[i].value > 479.9 && rows[i].value < 480.1);
            assert_int_equal(rows[i].at, time_of(f, 14));
            found++;
        }
    assert_int_equal(found, 1);
}

static void a_record_that_a_revision_takes_back_is_not_told(void **state) {
    struct fixture *f = *state;
    const struct row first[] = {{"NSW1", 400}}, higher[] = {{"NSW1", 450}},
                     revised[] = {{"NSW1", 400}};
    use(f, "ALERT_RECORD_DAYS=0", "record");
    put(f, PRICES5, 3, first, 1);
    half_hour(f, 0);
    put(f, PRICES5, 8, higher, 1);
    half_hour(f, 1);
    half_hour(f, 2);
    put(f, PRICES5, 8, revised, 1);
    for (int number = 3; number < 12; number++)
        half_hour(f, number);
    assert_string_equal(decisions(f), "");
    put(f, PRICES5, 75, higher, 1); /* it is one later */
    for (int number = 12; number < 20; number++)
        half_hour(f, number);
    assert_string_equal(decisions(f), "record price max NSW1");
}

static void a_record_from_elsewhere_is_to_be_beaten_first(void **state) {
    struct fixture *f = *state;
    const struct alert_record earlier = {.measure = "price",
                                         .extreme = "max",
                                         .region = "NSW1",
                                         .origin = "earlier",
                                         .hour = ALERT_RECORD_ALL_HOURS,
                                         .value = 470};
    use(f, "ALERT_RECORD_DAYS=0", "record");
    assert_ok(alerts_put_record(&f->alerts, &earlier));
    records_of_prices(f);
    size_t count;
    struct parcel *m = messages(f, &count);
    assert_int_equal(count, 1);
    assert_non_null(strstr(m[0].message.text, "480.00 $/MWh at 2025/08/20 01:15, before 470.00 "
                                              "$/MWh"));
}

static void with_little_history_a_record_is_noted_and_not_told(void **state) {
    struct fixture *f = *state;
    use(f, "", "record");
    records_of_prices(f);
    assert_string_equal(decisions(f), "record price max NSW1 (too little history)");
    assert_messages(f, 0);
}

/* History that comes later is what records are measured against from then on.
 */
static void history_that_is_put_before_counts(void **state) {
    struct fixture *f = *state;
    struct alert_state s;
    const struct row older[] = {{"NSW1", 9000}};
    use(f, "ALERT_RECORD_DAYS=0", "record");
    f->day++;
    records_of_prices(f);
    f->day--;
    put(f, PRICES5, 100, older, 1);
    put(f, ROOFTOP30, 16, older, 1);
    f->day++;
    for (int i = 0; i < 3; i++)
        half_hour(f, 10);
    assert_ok(alerts_state(&f->alerts, &f->memory, "record", "price max NSW1", &s));
    assert_true(s.peak == 9000 && s.level == 0);
    assert_messages(f, 1); /* the one of before */
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_price_rises_escalates_and_recovers),
        TEST(one_message_covers_all_regions_and_says_what_is_not_firm),
        TEST(a_first_look_tells_no_old_news),
        TEST(judging_again_changes_nothing),
        TEST(what_the_grid_lacks_is_judged_once_it_is_there),
        TEST(a_replay_makes_the_grid_that_it_lacks),
        TEST(what_is_old_is_recorded_and_told_once_it_is_news_again),
        TEST(a_recovery_that_was_missed_is_told_later),
        TEST(a_late_interval_is_recorded_and_moves_nothing),
        TEST(a_revision_that_undoes_an_alert_sends_a_correction),
        TEST(a_saw_around_the_threshold_is_one_alert),
        TEST(a_price_that_saws_across_both_lines_is_summed_up),
        TEST(an_extreme_one_that_saws_is_too),
        TEST(what_saws_tells_at_once_that_it_is_worse_or_comes_after_a_pause),
        TEST(what_saws_and_then_stays_is_told),
        TEST(a_rise_behind_an_end_that_was_held_is_told),
        TEST(what_is_muted_is_recorded),
        TEST(thresholds_that_contradict_are_refused),
        TEST(a_low_price_is_told_where_it_is_wanted),
        TEST(new_units_are_one_message_and_once_a_day),
        TEST(coal_that_drops_to_nothing_has_tripped),
        TEST(other_units_trip_only_where_that_is_wanted_and_unplanned),
        TEST(an_outage_of_a_week_is_a_handful_of_messages),
        TEST(a_start_after_a_pause_is_no_outage),
        TEST(a_feed_that_flaps_is_one_alert),
        TEST(a_feed_that_comes_and_goes_is_told_some_times_a_day),
        TEST(what_comes_and_goes_and_then_stays_away_is_told),
        TEST(a_rule_of_the_users_follows_any_series),
        TEST(a_rule_that_is_wrong_says_where),
        TEST(notices_of_one_story_share_a_key),
        TEST(a_change_of_level_is_a_message_and_ids_have_no_order),
        TEST(a_record_is_told_once_its_episode_is_over),
        TEST(records_are_kept),
        TEST(a_record_that_a_revision_takes_back_is_not_told),
        TEST(a_record_from_elsewhere_is_to_be_beaten_first),
        TEST(with_little_history_a_record_is_noted_and_not_told),
        TEST(history_that_is_put_before_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
