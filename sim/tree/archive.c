#include "sim/tree/archive.h"

#include <stdio.h>

#include "mms/zip_write.h"
#include "sim/model/noise.h"
#include "sim/model/streams.h"
#include "sim/tree/publication.h"
#include "sim/tree/size.h"

enum { ARCHIVE_STREAM = SIM_STREAMS_ARCHIVE, ARCHIVE_KEEP_DAYS = 375 };
/* 1970-01-01 was a Thursday. */
enum { WEEKDAY_OF_DAY_0 = 4 };

/* Periods are numbered; each is named by its first date. */
static aest_day first_of_month(int number) {
    aest_day day = 0;
    aest_day_from_date(number / 12, number % 12 + 1, 1, &day);
    return day;
}

static aest_day first_of_week(const struct sim_archiving *a, int number) {
    return number * 7 + (a->weekday + 7 - WEEKDAY_OF_DAY_0) % 7;
}

static aest_day first_day(const struct sim_archiving *a, int number) {
    if (a->period == SIM_MONTHLY)
        return first_of_month(number);
    return a->period == SIM_WEEKLY ? first_of_week(a, number) : number;
}

static int period_of(const struct sim_archiving *a, aest_day day) {
    int year, month, date;
    aest_date(day, &year, &month, &date);
    int number =
        a->period == SIM_MONTHLY ? year * 12 + month - 1 : day / (a->period == SIM_WEEKLY ? 7 : 1);
    return first_day(a, number) > day ? number - 1 : number;
}

static aest_us begin(const struct sim_report *r, int number) {
    return first_day(&r->archive, number) * AEST_DAY;
}

static aest_us modified(const struct sim_tree *t, const struct sim_report *r, int number) {
    struct noise n = {sim_market_seed(t->market),
                      (uint64_t)ARCHIVE_STREAM << 40 | (uint64_t)(r - sim_reports)};
    aest_us seconds = (aest_us)(noise_uniform(n, number) * 70);
    return begin(r, number + 2) + 61 * AEST_MINUTE + seconds * AEST_SECOND;
}

static void archive_name(const struct sim_report *r, int number, char name[SIM_FILE_NAME]) {
    char from[SIM_DIGITS], to[SIM_DIGITS];
    sim_format_digits(begin(r, number), 8, from);
    sim_format_digits(begin(r, number + 1) - AEST_DAY, 8, to);
    snprintf(name, SIM_FILE_NAME, r->archive.two_dates ? "%s%s_%s.zip" : "%s%s.zip", r->prefix,
             from, to);
}

static uint64_t files_in(const struct sim_tree *t, const struct sim_report *r, aest_us from,
                         aest_us to) {
    uint64_t count = 0;
    for (aest_us at = from; (at = sim_report_next(t->market, r, at)) <= to;)
        count++;
    return count;
}

/* As if the largest files were there, and none missing. */
static uint64_t archive_size(const struct sim_tree *t, const struct sim_report *r, int number) {
    char name[SIM_FILE_NAME];
    aest_us first = begin(r, number);
    aest_us from = first + r->archive.after, to = begin(r, number + 1) + r->archive.after;
    sim_publication_name(&(struct sim_publication){.report = r, .time = first, .created = first},
                         name);
    uint64_t count = files_in(t, r, from, to), files = sim_files_size(t, r, from, to, count);
    if (count == 0) /* a period before the report's first file */
        return ZIP_END_BYTES + ZIP_PAD_LEAST;
    uint64_t member = zip_blocks_overhead(strlen(name), files / count) - ZIP_END_BYTES;
    return files + count * member + ZIP_END_BYTES + ZIP_PAD_LEAST;
}

static bool is_there(const struct sim_tree *t, const struct sim_report *r, int number,
                     aest_us now) {
    aest_us at = modified(t, r, number);
    return begin(r, number) >= t->start && at <= now && now - at < ARCHIVE_KEEP_DAYS * AEST_DAY &&
           sim_report_next(t->market, r, begin(r, number)) <= begin(r, number + 1);
}

void sim_archive_list(const struct sim_tree *t, const struct sim_report *r, aest_us now,
                      void (*entry)(void *context, const struct sim_entry *e), void *context) {
    aest_day today = (aest_day)(now / AEST_DAY), before = today - ARCHIVE_KEEP_DAYS - 62;
    if (!r->archive.period)
        return;
    for (int n = period_of(&r->archive, before); n < period_of(&r->archive, today); n++) {
        if (!is_there(t, r, n, now))
            continue;
        struct sim_entry e = {.size = archive_size(t, r, n), .modified = modified(t, r, n)};
        archive_name(r, n, e.name);
        entry(context, &e);
    }
}

aest_us sim_archive_modified(const struct sim_tree *t, const struct sim_report *r, aest_us now) {
    if (r->archive.period)
        for (int last = period_of(&r->archive, (aest_day)(now / AEST_DAY)), n = last; n > last - 3;
             n--)
            if (is_there(t, r, n, now))
                return modified(t, r, n);
    return t->start;
}

/* A member waits for the next one, because the last is written in another way. */
struct members {
    struct zip_writer *writer;
    uint64_t size;
    bool any;
    char name[SIM_FILE_NAME];
    aest_us modified;
    struct buf bytes;
};

static void add_waiting(struct members *m, bool last) {
    if (m->any && last)
        zip_writer_add_last(m->writer, str_from(m->name), buf_str(&m->bytes), m->modified, m->size);
    else if (m->any)
        zip_writer_add(m->writer, str_from(m->name), buf_str(&m->bytes), m->modified);
    m->bytes.len = 0;
}

static void write_archive(const struct sim_tree *t, const struct sim_report *r, int number,
                          struct buf *out) {
    struct zip_writer *w = zip_writer_begin(out, &(struct zip_write_options){.level = ZIP_BLOCKS});
    struct members m = {.writer = w, .size = archive_size(t, r, number)};
    struct sim_publication p;
    aest_us to = begin(r, number + 1) + r->archive.after;
    aest_us time = sim_report_next(t->market, r, begin(r, number) + r->archive.after);
    for (; time <= to; time = sim_report_next(t->market, r, time)) {
        if (!sim_publication_archived(t, r, time, &p))
            continue;
        add_waiting(&m, false);
        m.any = true;
        m.modified = p.modified;
        sim_publication_name(&p, m.name);
        sim_publication_write(t, &p, &m.bytes);
    }
    add_waiting(&m, true);
    buf_free(&m.bytes);
    zip_writer_end(w);
}

bool sim_archive_read(const struct sim_tree *t, const struct sim_report *r, str name, aest_us now,
                      struct buf *out) {
    char right[SIM_FILE_NAME];
    size_t at = strlen(r->prefix);
    aest_us time;
    if (!r->archive.period || name.len < at + 8 ||
        !aest_parse_digits((str){name.at + at, 8}, &time))
        return false;
    int number = period_of(&r->archive, (aest_day)(time / AEST_DAY));
    archive_name(r, number, right);
    if (!str_eq_nocase(name, str_from(right)) || !is_there(t, r, number, now))
        return false;
    write_archive(t, r, number, out);
    return true;
}
