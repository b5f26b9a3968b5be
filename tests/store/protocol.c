/* The protocol of commits, against a model that is too simple to be wrong.
 *
 * A history is an order of a handful of files (with revisions, a tie, and one file over two days),
 * the point at which the month is closed, and the step and the fault point at which the writer is
 * killed. A killed file is taken again at once, or after all the others. Every history runs with a
 * reader beside it, which looks through frames, series and views all the while: what the writer
 * has finished is there, nothing is there twice, and nothing goes back. In the end the files have
 * the bytes of a store that took all in order and in peace.
 *
 * There are millions of histories; a run takes a sample, another one for another NEMD_SEED.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/series.h"
#include "store/store.h"
#include "support/check.h"
#include "support/faults.h"
#include "support/tree.h"

enum { FILES = 6, DAYS = 2, UNITS = 3, SLOTS = 12, CELLS = DAYS * UNITS * SLOTS, POINTS = 14 };

/* What the files hold: one value for some slots of a unit. */
static const struct part {
    int file, day, unit, first, last;
    double mw;
    aest_us version;
} parts[] = {
    {0, 0, 0, 0, 5, 100, 10},  {0, 0, 1, 0, 5, 200, 10}, /* */
    {1, 0, 0, 2, 2, 150, 20},                            /* a revision */
    {2, 0, 0, 2, 2, 140, 20},                            /* another one of the same version */
    {3, 1, 0, 0, 3, 110, 10},  {3, 1, 1, 0, 11, 5, 10},  /* the month's last day */
    {4, 0, 2, 5, 6, 300, 10},                            /* a unit that others don't know */
    {5, 0, 0, 11, 11, -7, 10}, {5, 1, 0, 4, 4, 2, 10},   {5, 1, 0, 2, 2, 3, 5}, /* two days */
};
enum { PARTS = sizeof parts / sizeof *parts };
static const char *const units[UNITS] = {"BW01", "BW02", "HPR1"};
static aest_day days[DAYS];

/* -- the model ----------------------------------------------------------------------------------
 */

/* For each cell the part that stands, -1 for none. */
struct model {
    int part[CELLS];
};

static int cell_of(int day, int unit, int slot) {
    return (day * UNITS + unit) * SLOTS + slot;
}

/* Whether [a] stands where [b] does too. All values here that tie are positive. */
static bool beats(int a, int b) {
    if (b < 0 || a < 0)
        return a >= 0;
    if (parts[a].version != parts[b].version)
        return parts[a].version > parts[b].version;
    return parts[a].mw > parts[b].mw;
}

static struct model model_of(unsigned files) {
    struct model m;
    for (int c = 0; c < CELLS; c++)
        m.part[c] = -1;
    for (int p = 0; p < PARTS; p++)
        for (int slot = parts[p].first; slot <= parts[p].last; slot++) {
            int c = cell_of(parts[p].day, parts[p].unit, slot);
            if (files >> parts[p].file & 1 && beats(p, m.part[c]))
                m.part[c] = p;
        }
    return m;
}

/* -- histories ----------------------------------------------------------------------------------
 */

struct history {
    int order[FILES];
    int close_at;   /* before the file at this place; FILES: after the last one */
    int kill_step;  /* the place of the step; FILES: the closing; more: none */
    int kill_point; /* of the step */
    bool redo_late;
};

/* Shared by the writer, the reader and the test. */
struct stage {
    volatile unsigned taken; /* files whose commit came back */
    volatile bool closed, killed, over;
    volatile long reads;
    char complaint[400];
};

static struct history pick(struct random *r) {
    struct history h = {.close_at = (int)(random_next(r) % (FILES + 1)),
                        .kill_step = (int)(random_next(r) % (FILES + 2)),
                        .kill_point = (int)(random_next(r) % POINTS),
                        .redo_late = random_next(r) % 2};
    for (int i = 0; i < FILES; i++)
        h.order[i] = i;
    for (int i = FILES - 1; i > 0; i--) {
        int j = (int)(random_next(r) % (uint64_t)(i + 1)), keep = h.order[i];
        h.order[i] = h.order[j];
        h.order[j] = keep;
    }
    return h;
}

static void describe(const struct history *h, char out[160]) {
    int length = 0;
    for (int i = 0; i < FILES; i++)
        length += snprintf(out + length, 160 - (size_t)length, "%s%d ",
                           i == h->close_at ? "close " : "", h->order[i]);
    snprintf(out + length, 160 - (size_t)length, "%skilled in step %d at point %d, redone %s",
             h->close_at == FILES ? "close " : "", h->kill_step, h->kill_point,
             h->redo_late ? "late" : "at once");
}

/* -- the writer ---------------------------------------------------------------------------------
 */

static err *enter(struct store *s, int file) {
    struct ledger *ledger;
    char name[8];
    snprintf(name, sizeof name, "%d", file);
    TRY(store_ledger(s, &ledger));
    TRY(ledger_begin(ledger));
    TRY(ledger_done(ledger, "scada", str_from(name), 1, 1, NULL, 0));
    return ledger_commit(ledger);
}

/* A file's rows, day by day, and its entry in the ledger. */
static err *take(struct store *s, int file) {
    for (int day = 0; day < DAYS; day++) {
        struct frame f;
        struct frame_change change = {0};
        frame_init(&f, &datasets[SCADA5], days[day]);
        for (int p = 0; p < PARTS; p++)
            for (int slot = parts[p].first; slot <= parts[p].last; slot++) {
                cell mw = cell_from_double(parts[p].mw);
                if (parts[p].file == file && parts[p].day == day)
                    frame_put(&f, frame_key(&f, str_from(units[parts[p].unit])), slot, 0,
                              parts[p].version, &mw, &change);
            }
        err *e = f.rows ? store_commit(s, &f, &change) : NULL;
        frame_free(&f);
        TRY(e);
    }
    return enter(s, file);
}

/* Closes the month in both datasets, when no reader is in the way. */
static err *close_month(struct store *s) {
    for (int tries = 0;; tries++) {
        err *e = store_close_month(s, SCADA5, days[0]);
        if (!e)
            e = store_close_month(s, SCADA30, days[0]);
        if (!e || err_kind(e) != ERR_BUSY || tries == 1000)
            return e;
        err_free(e);
        usleep(1000);
    }
}

static void step(struct store *s, const struct history *h, struct stage *stage, int place) {
    if (place < FILES ? stage->taken >> h->order[place] & 1 : stage->closed)
        return;
    bool killed = !stage->killed && h->kill_step == place;
    if (killed)
        stage->killed = true;
    faults_arm(killed ? h->kill_point : -1, FAULT_KILL);
    err *e = place < FILES ? take(s, h->order[place]) : close_month(s);
    faults_disarm();
    if (e) {
        snprintf(stage->complaint, sizeof stage->complaint, "writer: %s", err_text(e));
        _exit(1);
    }
    if (place < FILES)
        stage->taken |= 1u << h->order[place];
    else
        stage->closed = true;
}

/* Goes through the history from where it stands. A writer that follows a killed one may leave
 * what that one was about for the end. */
static void write_history(const char *folder, const struct history *h, struct stage *stage) {
    struct store *s;
    err *e = store_open(folder, STORE_WRITE, NULL, &s);
    if (e) {
        snprintf(stage->complaint, sizeof stage->complaint, "writer: %s", err_text(e));
        _exit(1);
    }
    int later = stage->killed && h->redo_late ? h->kill_step : -1;
    for (int place = 0; place <= FILES; place++) {
        if (place == h->close_at && later != FILES)
            step(s, h, stage, FILES);
        if (place < FILES && place != later)
            step(s, h, stage, place);
    }
    for (int place = 0; place <= FILES; place++)
        step(s, h, stage, place);
    stage->closed = false; /* what came after the closing is part of the month too */
    step(s, h, stage, FILES);
    _exit(0);
}

/* -- the reader ---------------------------------------------------------------------------------
 */

/* What was read: for each cell how often, and the part that it shows. */
struct sight {
    int times[CELLS], part[CELLS];
    const char *strange; /* or NULL */
};

/* Notes a value; a [version] of 0 isn't known. */
static void note(struct sight *seen, int day, str unit, int slot, double mw, aest_us version) {
    for (int p = 0; p < PARTS; p++) {
        bool fits = parts[p].day == day && parts[p].first <= slot && slot <= parts[p].last &&
                    parts[p].mw == mw && (!version || parts[p].version == version) &&
                    str_eq(unit, str_from(units[parts[p].unit]));
        if (!fits)
            continue;
        int c = cell_of(day, parts[p].unit, slot);
        seen->times[c]++;
        seen->part[c] = p;
        return;
    }
    seen->strange = "a row that no file has";
}

static err *look_at_frames(struct store *s, struct sight *seen) {
    for (int day = 0; day < DAYS; day++) {
        const struct frame *f;
        TRY(store_frame(s, SCADA5, days[day], &f));
        for (uint32_t k = 0; f && k < f->keys.count; k++)
            for (int slot = 0; slot < f->slots; slot++)
                if (frame_has(f, k, slot))
                    note(seen, day, f->keys.texts[k], slot,
                         cell_to_double(frame_cell(f, k, 0, slot)), frame_lastchanged(f, k, slot));
    }
    return NULL;
}

static err *look_at_series(struct store *s, struct sight *seen) {
    struct arena a = {0};
    struct series series;
    interval from = interval_day_start(days[0]), to = interval_day_start(days[1] + 1);
    err *e = series_read(s, &a, SCADA5, "scadavalue", from, to, &series);
    for (size_t k = 0; !e && k < series.count; k++)
        for (size_t i = 0; i < series.length; i++) {
            int day = i < INTERVALS_PER_DAY ? 0 : 1;
            int slot = (int)i - (day ? (days[1] - days[0]) * INTERVALS_PER_DAY : 0);
            if (!isnan(series.values[k][i]))
                note(seen, day, series.keys[k], slot, series.values[k][i], 0);
        }
    arena_free(&a);
    return e;
}

static err *take_rows(void *context, duckdb_data_chunk chunk) {
    duckdb_vector v[4];
    for (idx_t c = 0; c < 4; c++)
        v[c] = duckdb_data_chunk_get_vector(chunk, c);
    for (idx_t i = 0; i < duckdb_data_chunk_get_size(chunk); i++) {
        interval at;
        interval_from_aest(((duckdb_timestamp *)duckdb_vector_get_data(v[0]))[i].micros, &at);
        int day = interval_day(at) == days[0] ? 0 : 1;
        note(context, day, duck_text(duckdb_vector_get_data(v[1]), i),
             at - interval_day_start(days[day]) - 1, ((double *)duckdb_vector_get_data(v[2]))[i],
             ((duckdb_timestamp *)duckdb_vector_get_data(v[3]))[i].micros);
    }
    return NULL;
}

static err *look_at_views(struct store *s, struct sight *seen) {
    struct duck d = {0};
    int lock;
    TRY(store_read_begin(s, &lock));
    err *e = store_make_views(s, &d);
    if (!e)
        e = duck_each(&d, "SELECT settlementdate, duid, scadavalue, lastchanged FROM scada5",
                      take_rows, seen);
    duck_close(&d);
    store_read_end(lock);
    return e;
}

/* What is wrong with a sight of a store that has [taken] for sure; NULL when it is all right. */
static const char *judge(const struct sight *seen, unsigned taken, struct model *before) {
    struct model least = model_of(taken);
    if (seen->strange)
        return seen->strange;
    for (int c = 0; c < CELLS; c++) {
        int part = seen->times[c] ? seen->part[c] : -1;
        if (seen->times[c] > 1)
            return "a row is there twice";
        if (beats(least.part[c], part))
            return part < 0 ? "a row that was committed is missing" : "a row is older than it was";
        if (beats(before->part[c], part))
            return "a row went back";
        before->part[c] = part;
    }
    return NULL;
}

/* Files, by frames and by views, and the grid, by series: it follows a commit before that comes
 * back, but not a writer that was killed in between. */
enum { FROM_FILES, FROM_GRID };
static const struct way {
    const char *name;
    int from;
    err *(*look)(struct store *s, struct sight *seen);
} ways[] = {{"frames", FROM_FILES, look_at_frames},
            {"series", FROM_GRID, look_at_series},
            {"frames", FROM_FILES, look_at_frames},
            {"views", FROM_FILES, look_at_views}};

static void read_history(const char *folder, struct stage *stage) {
    struct model before[] = {model_of(0), model_of(0)};
    struct store *s;
    err *e = store_open(folder, STORE_READ, NULL, &s);
    const char *wrong = e ? err_text(e) : NULL;
    for (long i = 0; !wrong && !stage->over; i++) {
        const struct way *way = &ways[i % 4];
        struct sight seen = {.strange = NULL};
        unsigned taken = stage->taken;
        e = way->look(s, &seen);
        wrong = e ? err_text(e) : judge(&seen, taken, &before[way->from]);
        if (wrong)
            snprintf(stage->complaint, sizeof stage->complaint, "%s: %s", way->name, wrong);
        stage->reads++;
        usleep(500);
    }
    _exit(wrong ? 1 : 0);
}

/* -- all together -------------------------------------------------------------------------------
 */

/* What every history ends with. */
static struct buf canonical(void) {
    char *folder = temporary_folder();
    struct store *s;
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    for (int file = 0; file < FILES; file++)
        assert_ok(take(s, file));
    assert_ok(close_month(s));
    struct sight seen = {.strange = NULL};
    struct model all = model_of((1u << FILES) - 1);
    assert_ok(look_at_frames(s, &seen));
    for (int c = 0; c < CELLS; c++)
        assert_int_equal(seen.times[c] ? seen.part[c] : -1, all.part[c]);
    store_close(s);
    struct buf bytes = tree_bytes(folder, ".parquet");
    remove_folder(folder);
    return bytes;
}

static void make_store(const char *folder) {
    struct store *s;
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    store_close(s);
}

/* Runs a history; true when its writer was killed on the way. */
static bool run(const struct history *h, struct stage *stage, const struct buf *expected) {
    char *folder = temporary_folder(), text[160];
    int status = 0, reader_status, kills = 0;
    *stage = (struct stage){0};
    describe(h, text);
    make_store(folder);
    pid_t reader = fork();
    if (reader == 0)
        read_history(folder, stage);
    for (int writers = 0; writers < 2; writers++) {
        pid_t writer = fork();
        if (writer == 0)
            write_history(folder, h, stage);
        waitpid(writer, &status, 0);
        if (!WIFSIGNALED(status))
            break;
        kills++;
    }
    long reads = stage->reads;
    while (stage->reads < reads + 8 && !*stage->complaint) /* with all that there is */
        usleep(1000);
    stage->over = true;
    waitpid(reader, &reader_status, 0);
    if (status || reader_status)
        fail_msg("%s: %s", text, *stage->complaint ? stage->complaint : "ended badly");
    struct buf bytes = tree_bytes(folder, ".parquet");
    if (bytes.len != expected->len || memcmp(bytes.at, expected->at, bytes.len) != 0)
        fail_msg("%s: other files than in peace", text);
    buf_free(&bytes);
    remove_folder(folder);
    return kills > 0;
}

static void every_history_ends_alike(void **state) {
    (void)state;
    enum { HISTORIES = 40, LONG = 1000 };
    const char *seed = getenv("NEMD_SEED");
    struct random r = {seed ? strtoull(seed, NULL, 10) * 2654435761u + 1 : 20200601};
    struct buf expected = canonical();
    struct stage *stage =
        mmap(NULL, sizeof *stage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(stage != MAP_FAILED);
    int count = want_long() ? LONG : (SPARSE > 1 ? HISTORIES / 3 : HISTORIES), kills = 0;
    long reads = 0;
    for (int i = 0; i < count; i++, reads += stage->reads) {
        struct history h = pick(&r);
        kills += run(&h, stage, &expected);
    }
    print_message("%d histories, %d of them with a kill, %ld looks\n", count, kills, reads);
    munmap(stage, sizeof *stage);
    buf_free(&expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_history_ends_alike),
    };
    if (!aest_day_from_date(2020, 6, 1, &days[0]) || !aest_day_from_date(2020, 6, 30, &days[1]))
        return 1;
    use_memory_folders();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
