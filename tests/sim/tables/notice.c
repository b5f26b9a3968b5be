#include "sim/tables/notice.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/tables/sheet.h"

static struct sim_market *market;

struct list {
    struct arena memory;
    const struct sim_notice *at;
    int count;
};

static struct list list_of(const char *from, const char *to) {
    struct list l = {0};
    sim_notices(market, at(from), at(to), &l.memory, &l.at, &l.count);
    return l;
}

static bool has(const char *text, const char *part) {
    return strstr(text, part) != NULL;
}

static void a_month_has_some_hundred(void **state) {
    (void)state;
    struct list l = list_of("2025/10/01", "2025/11/01");
    assert_true(l.count > 5 * 31 && l.count < 20 * 31);
    bool disordered = false;
    for (int i = 0; i < l.count; i++) {
        assert_true(l.at[i].created > at("2025/10/01") && l.at[i].created <= at("2025/11/01"));
        assert_true(l.at[i].id > 0 && l.at[i].description[0] && l.at[i].reference[0]);
        for (int j = 0; j < i; j++)
            assert_true(l.at[i].id != l.at[j].id);
        if (i) {
            assert_true(l.at[i].created >= l.at[i - 1].created);
            disordered |= l.at[i].id < l.at[i - 1].id;
        }
    }
    assert_true(disordered);
    arena_free(&l.memory);
}

/* The same notices, whichever span they are asked for in. */
static void any_span_gives_the_same(void **state) {
    (void)state;
    struct list all = list_of("2024/12/30", "2025/01/04");
    int seen = 0;
    for (aest_us t = at("2024/12/30"); t < at("2025/01/04"); t += AEST_DAY / 4) {
        struct list part = {0};
        sim_notices(market, t, t + AEST_DAY / 4, &part.memory, &part.at, &part.count);
        for (int i = 0; i < part.count; i++, seen++) {
            assert_true(part.at[i].id == all.at[seen].id);
            assert_string_equal(part.at[i].reason, all.at[seen].reason);
        }
        arena_free(&part.memory);
    }
    assert_int_equal(seen, all.count);
    arena_free(&all.memory);
}

/* A cancellation names a notice that was there before. */
static void follow_ups_name_earlier_notices(void **state) {
    (void)state;
    struct list l = list_of("2025/09/01", "2025/10/01");
    int followed = 0;
    for (int i = 0; i < l.count; i++) {
        const char *refer = strstr(l.at[i].reason, "Refer AEMO Electricity Market Notice ");
        if (!refer || l.at[i].created < at("2025/09/05"))
            continue;
        uint64_t id = strtoull(refer + strlen("Refer AEMO Electricity Market Notice "), NULL, 10);
        int j = 0;
        while (j < i && l.at[j].id != id)
            j++;
        assert_true(j < i);
        assert_string_equal(l.at[j].type,
                            !strcmp(l.at[i].type, "LOAD RESTORE") ? "LOAD SHED" : l.at[i].type);
        followed++;
    }
    assert_true(followed > 10);
    arena_free(&l.memory);
}

static void a_file_is_laid_out_as_aemo_does(void **state) {
    (void)state;
    struct list l = list_of("2026/08/01", "2026/08/20");
    const struct sim_notice *n = l.at;
    while (strcmp(n->type, "NON-CONFORMANCE") != 0)
        n++;
    struct buf text = {0};
    char name[SIM_NOTICE_NAME], expected[64];
    sim_notice_print(n, &text);
    const char *file = buf_cstr(&text);
    static const char head[] =
        "-------------------------------------------------------------------\r\n"
        "                           MARKET NOTICE\r\n"
        "-------------------------------------------------------------------\r\n\r\n"
        "From :              AEMO\r\nTo   :              NEMITWEB1\r\nCreation Date :     ";
    static const char tail[] =
        "\r\n-------------------------------------------------------------------\r\n"
        "END OF REPORT\r\n"
        "-------------------------------------------------------------------\r\n";
    assert_true(str_starts(buf_str(&text), str_from(head)));
    assert_true(str_ends_nocase(buf_str(&text), str_from(tail)));
    snprintf(expected, sizeof expected, "Notice ID               :         %llu\r\n",
             (unsigned long long)n->id);
    assert_true(has(file, expected));
    assert_true(
        has(file, "Notice Type Description :         Details of Non-conformance/Conformance"));
    for (size_t i = 0; i < text.len; i++)
        assert_true(text.at[i] != '\n' || (i > 0 && text.at[i - 1] == '\r'));
    snprintf(expected, sizeof expected, ".R%llu", (unsigned long long)n->id);
    assert_true(str_starts(str_from(sim_notice_name(n, name)), STR("NEMITWEB1_MKTNOTICE_202608")));
    assert_true(has(name, expected));
    buf_free(&text);
    arena_free(&l.memory);
}

static int count_type(const struct list *l, const char *type, aest_us from, aest_us to) {
    int n = 0;
    for (int i = 0; i < l->count; i++)
        n += !strcmp(l->at[i].type, type) && l->at[i].created > from && l->at[i].created <= to;
    return n;
}

/* Each reviewed interval has a notice when it begins, and one when the review is resolved. */
static void reviews_of_prices_are_announced_and_resolved(void **state) {
    (void)state;
    struct list l = list_of("2025/03/01", "2025/05/01");
    const aest_us step = INTERVAL_MINUTES * AEST_MINUTE;
    int reviewed = 0;
    for (aest_us end = at("2025/03/02"); end < at("2025/04/30"); end += step) {
        struct sim_price p;
        sim_market_price(market, end, SIM_QLD1, &p);
        if (!p.resolved)
            continue;
        reviewed++;
        assert_int_equal(count_type(&l, "PRICES SUBJECT TO REVIEW", end - step, end), 1);
        assert_true(count_type(&l, p.rejected ? "PRICE ADJUSTMENT" : "PRICES UNCHANGED", p.resolved,
                               p.resolved + 2 * AEST_MINUTE) > 0);
    }
    assert_true(reviewed > 0);
    arena_free(&l.memory);
}

static void interventions_are_announced(void **state) {
    (void)state;
    struct list l = list_of("2025/05/30", "2025/08/02");
    int found = 0;
    for (aest_us date = at("2025/06/01"); date < at("2025/08/01"); date += AEST_DAY) {
        const struct sim_day *d = sim_market_day(market, (aest_day)(date / AEST_DAY));
        for (int k = 1; k < INTERVALS_PER_DAY; k++) {
            if (d->interval[k].runs == 1 || d->interval[k - 1].runs == 2)
                continue;
            found++;
            aest_us begun = d->interval[k].end;
            assert_true(count_type(&l, "MARKET INTERVENTION", begun - 15 * AEST_MINUTE, begun) > 0);
        }
        sim_market_release(market, d);
    }
    assert_true(found > 0);
    arena_free(&l.memory);
}

static void the_archive_has_them_as_rows(void **state) {
    (void)state;
    aest_us from = at("2024/05/01"), to = at("2024/06/01");
    struct sheet s =
        sheet_of(market, &sim_marketnoticedata, SIM_MMSDM, "2024/06/08 10:00:00", from, to);
    struct list l = list_of("2024/05/01", "2024/06/01");
    assert_int_equal(s.rows, l.count);
    for (int i = 0; i < s.rows; i++) {
        assert_true(sheet_number(&s, i, "NOTICEID") == (double)l.at[i].id);
        assert_true(str_find(sheet_cell(&s, i, "REASON"), STR("\r\n")) >= 0);
    }
    sheet_free(&s);
    s = sheet_of(market, &sim_marketnoticetype, SIM_MMSDM, "2020/11/07", from, at("2020/11/01"));
    assert_int_equal(s.rows, 32); /* as in the real file */
    sheet_free(&s);
    arena_free(&l.memory);
}

static int make_market(void **state) {
    (void)state;
    market = sim_market_new(7);
    return 0;
}

static int free_market(void **state) {
    (void)state;
    sim_market_free(market);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_month_has_some_hundred),
        cmocka_unit_test(any_span_gives_the_same),
        cmocka_unit_test(follow_ups_name_earlier_notices),
        cmocka_unit_test(a_file_is_laid_out_as_aemo_does),
        cmocka_unit_test(reviews_of_prices_are_announced_and_resolved),
        cmocka_unit_test(interventions_are_announced),
        cmocka_unit_test(the_archive_has_them_as_rows),
    };
    return cmocka_run_group_tests(tests, make_market, free_market);
}
