#include "collect/gaps_failed.h"

#include "collect/feeds.h"
#include "collect/published.h"

enum { MOST_FAILED = 4096, DAY_MINUTES = 24 * 60, TRADING_DAY_ENDS = 48 /* 04:00 */ };

static void set_days(struct failed_file *f, aest_day first, aest_day last) {
    f->first = interval_day_start(first) + 1;
    f->last = interval_day_start(last + 1) + TRADING_DAY_ENDS;
}

static dataset_set fills_of(enum place place, const char *name) {
    dataset_set fills = 0;
    for (int i = 0; i < publication_count; i++)
        if (publications[i].place == place && strcmp(publications[i].name, name) == 0)
            fills |= publications[i].fills;
    return fills;
}

/* "…_202407010000.zip": the month that a monthly file is of. */
static bool month_in_name(str name, aest_day *month) {
    enum { DIGITS = 12 };
    aest_us t;
    for (size_t end = name.len; end >= DIGITS; end--)
        if (aest_parse_digits((str){name.at + end - DIGITS, DIGITS}, &t)) {
            *month = month_first((aest_day)(t / AEST_DAY));
            return true;
        }
    return false;
}

static void read_monthly(struct failed_file *f, str name) {
    aest_day month;
    const struct monthly *part = monthly_part_of(name, &month);
    if (part)
        f->fills = fills_of(IN_MMSDM, part->table);
    else if (!month_in_name(name, &month))
        return;
    set_days(f, month, month + month_days(month) - 1);
    for (int i = 0; i < monthly_table_count; i++)
        if (monthly_name_is(&monthly_tables[i], name))
            f->fills |= fills_of(IN_MMSDM, monthly_tables[i].table);
}

static void read_archived(struct failed_file *f, const char *feed, str name) {
    aest_day first, last;
    for (int i = 0; i < archived_feed_count; i++)
        if (strcmp(archived_feeds[i].feed, feed) == 0 &&
            archived_name_days(&archived_feeds[i], name, &first, &last)) {
            f->fills = fills_of(IN_ARCHIVE, feed);
            set_days(f, first, last);
        }
}

static void read_current(struct failed_file *f, const char *feed, str name) {
    aest_us time;
    for (int i = 0; i < FEEDS; i++) {
        if (strcmp(feeds[i].name, feed) != 0 || !feed_name_time(&feeds[i], name, &time))
            continue;
        f->fills = fills_of(IN_CURRENT, feed);
        f->first = f->last = interval_at_or_before(time);
        if (feeds[i].cadence_minutes >= DAY_MINUTES)
            set_days(f, (aest_day)(time / AEST_DAY), (aest_day)(time / AEST_DAY));
    }
}

err *failed_files(struct ledger *l, struct arena *a, struct failed_file **out, size_t *count) {
    struct ledger_failure *failures;
    size_t found;
    *count = 0;
    TRY(ledger_failures(l, a, MOST_FAILED, &failures, &found));
    *out = ARENA_ARRAY(a, struct failed_file, found);
    for (size_t i = 0; i < found; i++) {
        struct failed_file f = {.name = failures[i].name};
        str name = str_from(failures[i].name);
        if (strcmp(failures[i].feed, "mmsdm") == 0)
            read_monthly(&f, name);
        else
            read_archived(&f, failures[i].feed, name);
        if (!f.fills)
            read_current(&f, failures[i].feed, name);
        if (f.fills)
            (*out)[(*count)++] = f;
    }
    return NULL;
}
