/* Rows against those of other files. */
#include <stdio.h>

#include "ops/checks.h"
#include "ops/days.h"
#include "store/coverage.h"
#include "store/derive.h"
#include "store/parquet.h"

/* -- readings that stand still ------------------------------------------------------------------
 */

enum {
    FROZEN_INTERVALS = 36, /* three hours */
    VARYING = 20,          /* values on a usual day, of a unit that varies */
};

/* A unit's highest value, or one that it comes back to, is a limit or a setting, not a reading that
 * got stuck; and less than a megawatt of consumption is what solar farms draw all night. s are runs
 * of one value, "long" those that are long enough, "near" the runs of their units. */
err *check_frozen(struct checking *c, aest_day month) {
    const struct checked_file none = {.dataset = SCADA5};
    struct buf files = {0}, sql = {0};
    const struct store_index *x;
    bool any, sorted = false;
    err *e = store_index(c->store, SCADA5, &x);
    for (size_t i = 0; !e && i < x->count; i++)
        sorted = sorted || (x->files[i].first == month && x->files[i].days > 1);
    if (!e)
        e = check_add_files(c, &files, SCADA5, month, month_days(month), &any);
    if (!e && any) {
        buf_printf(
            &sql,
            "WITH r AS (SELECT duid AS k, settlementdate AS t, round(scadavalue, 5) AS v FROM %s%s)"
            ", p AS (SELECT *, row_number() OVER () AS n, lag(k) OVER () AS pk,"
            "   lag(t) OVER () AS pt, lag(v) OVER () AS pv FROM r)"
            ", s AS MATERIALIZED (SELECT k, t, v, n, coalesce(lead(n) OVER (),"
            "   1 + (SELECT count(*) FROM %s)) - n AS length FROM p WHERE k IS DISTINCT FROM pk"
            "   OR v IS DISTINCT FROM pv OR t <> pt + INTERVAL %d MINUTE)"
            ", long AS MATERIALIZED (SELECT * FROM s WHERE length >= %d AND (v > 0 OR v < -1))"
            ", near AS MATERIALIZED (SELECT * FROM s WHERE k IN (SELECT k FROM long))"
            ", varying AS (SELECT k FROM (SELECT k, count(DISTINCT v) AS n FROM near"
            "   GROUP BY k, (t - INTERVAL 1 MINUTE)::DATE) GROUP BY k HAVING median(n) > %d)"
            " SELECT t, k, v || ' MW for ' || length || ' intervals' FROM long"
            " WHERE k IN (FROM varying) AND v < (SELECT max(v) FROM near WHERE near.k = long.k)"
            "   AND (SELECT count(*) FROM near WHERE near.k = long.k AND near.v = long.v) = 1",
            buf_cstr(&files), sorted ? "" : " ORDER BY k, t", buf_cstr(&files), INTERVAL_MINUTES,
            FROZEN_INTERVALS, VARYING);
        e = check_query(c, &none, FINDING_FROZEN, buf_cstr(&sql));
    }
    buf_free(&files);
    buf_free(&sql);
    return e;
}

/* -- two tables, one reading --------------------------------------------------------------------
 */

/* For the units from one name to before another, so that memory doesn't grow with their number. */
static err *check_initial_of(struct checking *c, const struct checked_file *f, const char *dispatch,
                             str from, str before) {
    struct buf units = {0}, sql = {0};
    buf_add_str(&units, STR("duid >= "));
    duck_quote(&units, from);
    if (before.len) {
        buf_add_str(&units, STR(" AND duid < "));
        duck_quote(&units, before);
    }
    buf_add_str(&sql, STR("SELECT settlementdate, duid, 'scadavalue is ' || scadavalue ||"
                          " ', initialmw of dispatch5 ' || initialmw FROM"
                          " (SELECT settlementdate, duid, scadavalue FROM read_parquet("));
    duck_quote(&sql, str_from(f->path));
    buf_printf(&sql,
               ") WHERE %s) JOIN (SELECT settlementdate, duid, initialmw FROM %s WHERE %s)"
               " USING (settlementdate, duid) WHERE abs(scadavalue - initialmw) > 0.0101",
               buf_cstr(&units), dispatch, buf_cstr(&units));
    err *e = check_query(c, f, FINDING_IDENTITY, buf_cstr(&sql));
    buf_free(&units);
    buf_free(&sql);
    return e;
}

err *check_initial(struct checking *c, const struct checked_file *f) {
    enum { UNITS_AT_ONCE = 128 };
    struct arena a = {0};
    struct buf files = {0};
    struct coverage units = {0};
    bool any = false;
    aest_day last = f->file.first + f->file.days - 1;
    err *e = NULL;
    if (f->dataset == SCADA5)
        e = check_add_files(c, &files, DISPATCH5, f->file.first, f->file.days, &any);
    if (!e && any)
        e = coverage_read(c->store, &a, DISPATCH5, f->file.first, last, &units);
    for (size_t i = 0; !e && i < units.key_count; i += UNITS_AT_ONCE) {
        bool more = i + UNITS_AT_ONCE < units.key_count;
        e = check_initial_of(c, f, buf_cstr(&files), units.keys[i].key,
                             more ? units.keys[i + UNITS_AT_ONCE].key : (str){0});
    }
    if (e && any && !file_stamp(f->path).inode) { /* damage is for the check of that file to say */
        err_free(e);
        e = NULL;
    }
    buf_free(&files);
    arena_free(&a);
    return e;
}

/* -- half hours ---------------------------------------------------------------------------------
 */

/* Until five-minute settlement the half hour's price was the mean of its six. */
static err *check_traded(struct checking *c, const struct checked_file *f) {
    struct buf five = {0}, sql = {0};
    bool any;
    err *e = check_add_files(c, &five, PRICES5, f->file.first, f->file.days, &any);
    if (!e && any) {
        buf_add_str(&sql, STR("SELECT settlementdate, regionid, 'rrp is ' || rrp ||"
                              " ', the mean of six ' || round(mean, 5) FROM read_parquet("));
        duck_quote(&sql, str_from(f->path));
        buf_printf(&sql,
                   ") JOIN (SELECT regionid, avg(rrp) AS mean, INTERVAL 30 MINUTE +"
                   " time_bucket(INTERVAL 30 MINUTE, settlementdate - INTERVAL 5 MINUTE)"
                   " AS settlementdate FROM %s GROUP BY ALL HAVING count(*) = 6)"
                   " USING (settlementdate, regionid) WHERE abs(rrp - mean) > 0.0101",
                   buf_cstr(&five));
        e = check_query(c, f, FINDING_IDENTITY, buf_cstr(&sql));
    }
    buf_free(&five);
    buf_free(&sql);
    return e;
}

static void add_difference(struct checking *c, const struct checked_file *f,
                           const struct frame *half, str key, int slot, const char *text) {
    struct arena a = {0};
    finding_add(c, &(struct finding){.kind = FINDING_DERIVED,
                                     .dataset = half->dataset->name,
                                     .file = f->name,
                                     .at = frame_interval(half, slot),
                                     .key = str_dup(&a, key),
                                     .text = text});
    arena_free(&a);
}

static bool same_row(const struct frame *a, uint32_t ka, const struct frame *b, uint32_t kb,
                     int slot) {
    bool same = frame_lastchanged(a, ka, slot) == frame_lastchanged(b, kb, slot);
    for (int column = 0; same && column < a->columns; column++)
        same = frame_cell(a, ka, column, slot) == frame_cell(b, kb, column, slot);
    return same;
}

/* A half hour of which not all six are there is made 35 minutes later, with the next commit of the
 * day: it may not be there yet. */
static bool is_whole(const struct frame *five, uint32_t key, int half) {
    enum { PARTS = 6 };
    int rows = 0;
    for (int slot = half * PARTS; slot < (half + 1) * PARTS; slot++)
        rows += frame_has(five, key, slot);
    return rows == PARTS;
}

/* [made] from [five], and [stored], a day of each. */
static void compare_halves(struct checking *c, const struct checked_file *f,
                           const struct frame *five, const struct frame *made,
                           const struct frame *stored) {
    for (uint32_t k = 0; k < made->keys.count; k++) {
        str key = made->keys.texts[k];
        int64_t there = intern_find(&stored->keys, key), source = intern_find(&five->keys, key);
        for (int slot = 0; slot < made->slots; slot++) {
            bool has = there >= 0 && frame_has(stored, (uint32_t)there, slot);
            if (!frame_has(made, k, slot))
                continue;
            if (!has && is_whole(five, (uint32_t)source, slot))
                add_difference(c, f, made, key, slot, "is not there");
            else if (has && !same_row(made, k, stored, (uint32_t)there, slot))
                add_difference(c, f, made, key, slot, "is not the mean of its five minutes");
        }
    }
    for (uint32_t k = 0; k < stored->keys.count; k++) {
        int64_t source = intern_find(&made->keys, stored->keys.texts[k]);
        for (int slot = 0; slot < stored->slots; slot++)
            if (frame_has(stored, k, slot) &&
                (source < 0 || !frame_has(made, (uint32_t)source, slot)))
                add_difference(c, f, stored, stored->keys.texts[k], slot,
                               "stands for five minutes that have no row");
    }
}

err *check_half_hours(struct checking *c, const struct checked_file *f) {
    const struct dataset *half = derive_dataset(&datasets[f->dataset], f->file.first);
    struct frames five, thirty;
    if (f->dataset == PRICES30 && !derive_dataset(&datasets[PRICES5], f->file.first))
        return check_traded(c, f);
    if (!half)
        return NULL;
    frames_init(&five, &datasets[f->dataset], f->file.first, f->file.days);
    frames_init(&thirty, half, f->file.first, f->file.days);
    err *e = days_read(c->store, &five);
    if (!e)
        e = days_read(c->store, &thirty);
    for (int i = 0; !e && i < five.count; i++) {
        struct frame made;
        frame_init(&made, half, five.day[i].day);
        derive_half_hours(&five.day[i], aest_now(), &thirty.day[i], &made);
        if (!frame_equal(&made, &thirty.day[i]))
            compare_halves(c, f, &five.day[i], &made, &thirty.day[i]);
        frame_free(&made);
    }
    frames_free(&five);
    frames_free(&thirty);
    return e;
}
