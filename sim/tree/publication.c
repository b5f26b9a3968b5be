#include "sim/tree/publication.h"

#include <math.h>
#include <stdio.h>

#include "mms/zip_write.h"
#include "sim/model/noise.h"
#include "sim/model/streams.h"
#include "sim/tree/file_faults.h"
#include "sim/tree/fileid.h"
#include "sim/tree/size.h"

/* What is drawn for each file; a stream of noise is one of these of one report. */
enum draw { DRAW_CREATED, DRAW_UPLOADED, DRAW_MINUTE_LATE, DRAW_FAULT, DRAWS };
enum { PUBLICATION_STREAM = SIM_STREAMS_PUBLICATION };
/* One file in so many takes a minute longer. */
enum { MINUTE_LATE_OF = 150 };

static double draw(const struct sim_tree *t, const struct sim_report *r, enum draw d,
                   aest_us time) {
    uint64_t stream = (uint64_t)(r - sim_reports) * DRAWS + d;
    struct noise n = {sim_market_seed(t->market), (uint64_t)PUBLICATION_STREAM << 40 | stream};
    return noise_uniform(n, time / AEST_SECOND);
}

/* Exponential, cut off where it hardly ever gets. */
static aest_us delay(double mean_s, double uniform) {
    return (aest_us)(fmin(-log1p(-uniform), 6) * mean_s * (double)AEST_SECOND);
}

static aest_us created(const struct sim_tree *t, const struct sim_report *r, aest_us time) {
    aest_us known = r->known ? r->known(t->market, time) : time + r->begin;
    aest_us at = known + (aest_us)(r->least_s * (double)AEST_SECOND) +
                 delay(r->spread_s, draw(t, r, DRAW_CREATED, time));
    if (draw(t, r, DRAW_MINUTE_LATE, time) * MINUTE_LATE_OF < 1)
        at += AEST_MINUTE;
    return at - at % AEST_SECOND;
}

/* What faults make of a time's files. A second one under a name of its own comes at least five
 * minutes later, when ids have moved on. */
static const struct file_fault {
    enum sim_fault fault;
    bool second;             /* there is one, */
    int least_min, more_min; /* this much later, */
    bool replaces;           /* under the same name, */
    bool on_second;          /* and it's the one that is not as usual */
} file_faults[] = {
    {SIM_FOOTER, true, 4, 15, true, false},      {SIM_EMPTY, true, 5, 25, false, false},
    {SIM_REVISED, true, 20, 100, false, true},   {SIM_TWICE, true, 5, 10, false, true},
    {SIM_NEW_COLUMN, false, 0, 0, false, false}, {SIM_VERSION, false, 0, 0, false, false},
};
/* Added to the ids of the time, beyond those of any report's usual files. */
enum { SECOND_ID = 80 };
enum { FILE_FAULTS = sizeof file_faults / sizeof *file_faults };

static bool hits(const struct sim_tree *t, enum sim_fault fault, const char *name) {
    return sim_fault_hits(&t->faults, fault, str_from(name), 0);
}

static bool never(const struct sim_tree *t, const struct sim_publication *p, const char *name) {
    return hits(t, SIM_NEVER, name) || (p->time % AEST_DAY == 0 && p->report->cadence < AEST_DAY &&
                                        hits(t, SIM_MIDNIGHT, name));
}

static uint64_t file_id(const struct sim_tree *t, const struct sim_report *r, aest_us made) {
    return sim_file_id(sim_market_seed(t->market), made) + (uint64_t)(r->group_id + r->id);
}

static struct sim_publication healthy(const struct sim_tree *t, const struct sim_report *r,
                                      aest_us time) {
    struct sim_publication p = {.report = r, .time = time, .fault = SIM_FAULTS};
    p.created = created(t, r, time);
    p.modified = p.created + 2 * AEST_SECOND + delay(r->upload_s, draw(t, r, DRAW_UPLOADED, time));
    p.id = file_id(t, r, p.created);
    return p;
}

static bool any_file_fault(const struct sim_faults *f) {
    bool any = false;
    for (int i = SIM_FOOTER; i < SIM_FAULTS; i++)
        any |= f->rate[i] > 0;
    return any;
}

/* What follows a healthy file: the same, but for what the fault changes. */
static struct sim_publication second(const struct sim_tree *t, const struct sim_publication *first,
                                     const struct file_fault *f, double chance) {
    struct sim_publication p = *first;
    aest_us later = f->least_min * AEST_MINUTE + (aest_us)(chance * f->more_min * 60) * AEST_SECOND;
    p.replaces = f->replaces;
    p.repeats = f->fault == SIM_TWICE;
    p.fault = f->fault == SIM_REVISED ? SIM_REVISED : SIM_FAULTS;
    p.modified += later;
    if (!f->replaces) {
        p.created += later;
        p.id = file_id(t, p.report, p.created) + SECOND_ID + (uint64_t)(p.time / AEST_MINUTE) % 50;
    }
    return p;
}

/* Makes of one healthy file what faults leave of it; returns how many there are then. */
static int apply_faults(const struct sim_tree *t, struct sim_publication p[SIM_PUBLICATIONS]) {
    char name[SIM_FILE_NAME];
    double chance = draw(t, p->report, DRAW_FAULT, p->time);
    sim_publication_name(p, name);
    if (never(t, p, name))
        return 0;
    if (hits(t, SIM_LATE, name))
        p->modified += (3 + (aest_us)(chance * 57)) * AEST_MINUTE;
    const struct file_fault *f = file_faults, *end = f + FILE_FAULTS;
    while (f < end && !hits(t, f->fault, name))
        f++;
    if (f == end)
        return 1;
    if (f->second)
        p[1] = second(t, p, f, chance);
    if (!f->on_second)
        p->fault = f->fault;
    return f->second ? 2 : 1;
}

int sim_publications(const struct sim_tree *t, const struct sim_report *r, aest_us time,
                     struct sim_publication out[SIM_PUBLICATIONS]) {
    out[0] = healthy(t, r, time);
    int count = any_file_fault(&t->faults) ? apply_faults(t, out) : 1;
    for (int i = 0; i < count; i++)
        out[i].size = sim_file_size(t, &out[i]);
    return count;
}

bool sim_publication_archived(const struct sim_tree *t, const struct sim_report *r, aest_us time,
                              struct sim_publication *out) {
    struct sim_publication p[SIM_PUBLICATIONS];
    int count = sim_publications(t, r, time, p);
    if (!count)
        return false;
    *out = p[count - 1];
    out->fault = SIM_FAULTS;
    out->replaces = false;
    out->size = sim_file_size(t, out);
    return true;
}

void sim_format_digits(aest_us time, int digits, char out[SIM_DIGITS]) {
    char text[AEST_TEXT];
    int n = 0;
    aest_format_mms(time, text);
    for (const char *at = text; *at && n < digits; at++)
        if (*at >= '0' && *at <= '9')
            out[n++] = *at;
    out[n] = 0;
}

void sim_publication_name(const struct sim_publication *p, char name[SIM_FILE_NAME]) {
    char time[SIM_DIGITS], made[SIM_DIGITS], id[20];
    sim_format_digits(p->time, p->report->digits, time);
    sim_format_digits(p->created, 14, made);
    snprintf(id, sizeof id, "%016llu", (unsigned long long)p->id);
    snprintf(name, SIM_FILE_NAME, "%s%s_%s.zip", p->report->prefix, time,
             p->report->stamped ? made : id);
}

static void write_csv(const struct sim_tree *t, const struct sim_publication *p, struct buf *csv) {
    const struct sim_report *r = p->report;
    aest_us to = p->time + r->to;
    aest_us from = to - (r->cadence == r->span ? sim_report_cadence(r, p->time) : r->span);
    struct sim_file f = {
        .market = t->market, .edition = SIM_REPORT, .published = p->created, .out = csv};
    sim_file_begin(&f, "NEMP.WORLD", r->title, r->group, p->id, p->id - (uint64_t)r->id);
    for (int i = 0; i < SIM_REPORT_TABLES && r->tables[i]; i++)
        sim_file_table(&f, r->tables[i], from, to);
    sim_file_end(&f);
    sim_file_faults(t, p, csv);
}

void sim_publication_write(const struct sim_tree *t, const struct sim_publication *p,
                           struct buf *out) {
    char name[SIM_FILE_NAME];
    struct buf csv = {0};
    sim_publication_name(p, name);
    size_t stem = strlen(name) - strlen(".zip");
    write_csv(t, p, &csv);
    memcpy(name + stem, p->report->lower_case ? ".csv" : ".CSV", strlen(".csv"));
    struct zip_writer *w = zip_writer_begin(out, &(struct zip_write_options){.level = 6});
    zip_writer_add_last(w, str_from(name), buf_str(&csv), p->created, p->size);
    zip_writer_end(w);
    buf_free(&csv);
}
