#include "store/store.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/derive.h"
#include "store/lock.h"
#include "store/series.h"
#include "support/check.h"

static aest_day day_of(int year, int month, int day) {
    aest_day out;
    assert_true(aest_day_from_date(year, month, day, &out));
    return out;
}

/* One reading of each of [units] units at [slot]. */
static void fill(struct frame *f, int units, int slot, double base, aest_us version) {
    struct frame_change change = {0};
    for (int u = 0; u < units; u++) {
        char duid[16];
        cell mw = cell_from_double(base + u);
        snprintf(duid, sizeof duid, "UNIT%03d", u);
        frame_put(f, frame_key(f, str_from(duid)), slot, 0, version, &mw, &change);
    }
}

static struct frame_change commit_slot(struct store *s, aest_day day, int units, int slot,
                                       double base, aest_us version) {
    struct frame f;
    struct frame_change change = {0};
    frame_init(&f, &datasets[SCADA5], day);
    fill(&f, units, slot, base, version);
    assert_ok(store_commit(s, &f, &change));
    frame_free(&f);
    return change;
}

static struct buf day_bytes(struct store *s, aest_day day) {
    struct arena a = {0};
    struct buf bytes = {0};
    assert_ok(file_read(store_day_path(s, &a, SCADA5, day), 1 << 24, &bytes));
    arena_free(&a);
    return bytes;
}

static void opening_makes_a_store_only_where_asked_and_only_in_an_empty_folder(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    struct store *s;
    const char *inner = arena_printf(&a, "%s/new/store", folder);
    assert_err(store_open(inner, STORE_READ, NULL, &s), ERR_USAGE, "there is no store");
    assert_ok(store_open(inner, STORE_WRITE, NULL, &s));
    assert_false(store_is_simulated(s));
    store_close(s);
    assert_ok(store_open(inner, STORE_READ, NULL, &s));
    store_close(s);
    assert_ok(file_write_atomic(arena_printf(&a, "%s/notes.txt", folder), STR("mine")));
    assert_err(store_open(folder, STORE_WRITE, NULL, &s), ERR_USAGE, "holds other things");
    assert_ok(
        file_write_atomic(arena_printf(&a, "%s/STORE", inner), STR("format=99\nkind=real\n")));
    assert_err(store_open(inner, STORE_WRITE, NULL, &s), ERR_USAGE, "format '99'");
    arena_free(&a);
    remove_folder(folder);
}

static void what_was_committed_is_read_back_by_another_store_object(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *writer, *reader;
    const struct frame *f;
    const struct store_index *x;
    aest_day day = day_of(2030, 6, 15);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &writer));
    assert_ok(store_open(folder, STORE_READ, NULL, &reader));
    assert_ok(store_frame(reader, SCADA5, day, &f));
    assert_null(f);
    commit_slot(writer, day, 20, 0, 100.125, 1000);
    commit_slot(writer, day, 20, 287, -3.5, 1001);
    assert_ok(store_frame(reader, SCADA5, day, &f));
    assert_non_null(f);
    assert_int_equal(f->rows, 40);
    int64_t k = intern_find(&f->keys, STR("UNIT007"));
    assert_true(cell_to_double(frame_cell(f, (uint32_t)k, 0, 287)) == 3.5);
    assert_int_equal(frame_lastchanged(f, (uint32_t)k, 287), 1001);
    assert_ok(store_index(reader, SCADA5, &x));
    assert_true(x->has_bounds);
    assert_int_equal(x->first, interval_day_start(day) + 1);
    assert_int_equal(x->last, interval_day_start(day) + 288);
    store_close(writer);
    store_close(reader);
    remove_folder(folder);
}

static void a_reader_that_came_before_the_ledger_sees_it_later(void **state) {
    struct store *reader, *writer;
    struct ledger *ledger;
    struct ledger_file file;
    char *folder = temporary_folder();
    (void)state;
    assert_ok(store_open(folder, STORE_WRITE, NULL, &writer));
    assert_ok(store_open(folder, STORE_READ, NULL, &reader));
    assert_ok(store_ledger(reader, &ledger));
    assert_ok(ledger_find(ledger, "feed", STR("a.zip"), &file));
    assert_int_equal(file.status, LEDGER_UNKNOWN);
    assert_ok(store_ledger(writer, &ledger));
    assert_ok(ledger_done(ledger, "feed", STR("a.zip"), 1, 1, NULL, 0));
    assert_ok(store_ledger(reader, &ledger));
    assert_ok(ledger_find(ledger, "feed", STR("a.zip"), &file));
    assert_int_equal(file.status, LEDGER_DONE);
    store_close(writer);
    store_close(reader);
    remove_folder(folder);
}

static void a_text_column_and_a_missing_value_survive_the_file(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *writer, *reader;
    const struct frame *back;
    struct frame f;
    struct frame_change change = {0};
    aest_day day = day_of(2030, 6, 15);
    frame_init(&f, &datasets[TRANSMISSION5], day);
    cell columns[DATASET_COLUMNS] = {cell_from_double(-81.8)};
    columns[6] = frame_text(&f, STR("Q>GBMU_'quoted'"));
    frame_put(&f, frame_key(&f, STR("N-Q-MNSP1")), 9, 0, 5, columns, &change);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &writer));
    assert_ok(store_commit(writer, &f, &change));
    assert_ok(store_open(folder, STORE_READ, NULL, &reader));
    assert_ok(store_frame(reader, TRANSMISSION5, day, &back));
    assert_true(cell_to_double(frame_cell(back, 0, 0, 9)) == -81.8);
    assert_true(isnan(cell_to_double(frame_cell(back, 0, 1, 9))));
    assert_true(str_eq(frame_cell_text(back, frame_cell(back, 0, 6, 9)), STR("Q>GBMU_'quoted'")));
    assert_int_equal(frame_cell(back, 0, 7, 9), CELL_MISSING);
    frame_free(&f);
    store_close(writer);
    store_close(reader);
    remove_folder(folder);
}

static void a_commit_that_changes_nothing_leaves_the_file_alone(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    struct store *s;
    aest_day day = day_of(2030, 6, 15);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    commit_slot(s, day, 5, 10, 1, 100);
    struct file_stamp before = file_stamp(store_day_path(s, &a, SCADA5, day));
    struct frame_change same = commit_slot(s, day, 5, 10, 1, 100);
    struct frame_change older = commit_slot(s, day, 5, 10, 7, 99);
    assert_int_equal(same.added + same.replaced + older.added + older.replaced, 0);
    assert_true(file_stamp_eq(before, file_stamp(store_day_path(s, &a, SCADA5, day))));
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

static void the_bytes_do_not_depend_on_the_order_of_commits(void **state) {
    (void)state;
    struct random r = {987654321};
    struct buf first = {0};
    aest_day day = day_of(2030, 6, 15);
    for (int round = 0; round < 4; round++) {
        char *folder = temporary_folder();
        struct store *s;
        int slots[12];
        assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
        for (int i = 0; i < 12; i++)
            slots[i] = i;
        for (int i = 11; i > 0 && round; i--) {
            int j = (int)(random_next(&r) % (uint64_t)(i + 1)), keep = slots[i];
            slots[i] = slots[j];
            slots[j] = keep;
        }
        for (int i = 0; i < 12; i++) {
            commit_slot(s, day, 30, slots[i], slots[i] * 1.5, 50);
            if (round == 3) { /* another process takes over at every step */
                store_close(s);
                assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
            }
        }
        struct buf bytes = day_bytes(s, day);
        if (round == 0) {
            first = bytes;
        } else {
            assert_int_equal(bytes.len, first.len);
            assert_memory_equal(bytes.at, first.at, first.len);
            buf_free(&bytes);
        }
        store_close(s);
        remove_folder(folder);
    }
    buf_free(&first);
}

static void the_version_tells_of_every_commit(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *writer, *reader;
    uint64_t before, after;
    assert_ok(store_open(folder, STORE_WRITE, NULL, &writer));
    assert_ok(store_open(folder, STORE_READ, NULL, &reader));
    assert_ok(store_version(reader, &before));
    for (int slot = 0; slot < 5; slot++) {
        usleep(10000); /* file systems stamp in steps of some milliseconds */
        commit_slot(writer, day_of(2030, 6, 15), 3, slot, 1, 1);
        assert_ok(store_version(reader, &after));
        assert_true(after != before);
        before = after;
    }
    store_close(writer);
    store_close(reader);
    remove_folder(folder);
}

static void a_damaged_file_is_named_and_not_written_over(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    struct store *s;
    struct frame f;
    struct frame_change change = {0};
    aest_day day = day_of(2030, 6, 15);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    commit_slot(s, day, 3, 0, 1, 1);
    const char *path = store_day_path(s, &a, SCADA5, day);
    assert_ok(file_write_atomic(path, STR("PAR1 this is no Parquet PAR1")));
    frame_init(&f, &datasets[SCADA5], day);
    fill(&f, 3, 1, 1, 1);
    assert_err(store_commit(s, &f, &change), ERR_INPUT, "2030-06-15.parquet");
    struct buf bytes = day_bytes(s, day);
    assert_true(str_starts(buf_str(&bytes), STR("PAR1 this")));
    buf_free(&bytes);
    frame_free(&f);
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

static void a_writer_that_cannot_write_loses_nothing_it_had(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    struct store *s;
    const struct frame *f;
    aest_day day = day_of(2030, 6, 15);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    commit_slot(s, day, 3, 0, 1, 1);
    /* a folder where the temporary file should go: no write can succeed, for root either */
    const char *blocked = arena_printf(&a, "%s/scada5/2030/.2030-06-15.parquet.tmp", folder);
    assert_int_equal(mkdir(blocked, 0755), 0);
    struct frame more;
    struct frame_change change = {0};
    frame_init(&more, &datasets[SCADA5], day);
    fill(&more, 3, 1, 1, 1);
    assert_err(store_commit(s, &more, &change), ERR_IO, "2030-06-15");
    assert_ok(store_frame(s, SCADA5, day, &f));
    assert_int_equal(f->rows, 3); /* not ahead of the file */
    assert_int_equal(rmdir(blocked), 0);
    assert_ok(store_commit(s, &more, &change));
    assert_ok(store_frame(s, SCADA5, day, &f));
    assert_int_equal(f->rows, 6);
    frame_free(&more);
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

/* Commits slot after slot, and tells the parent of each one that is done. */
static void commit_until_killed(const char *folder, int report) {
    struct store *s;
    aest_day day = day_of(2030, 6, 15);
    err *e = store_open(folder, STORE_WRITE, NULL, &s);
    for (int slot = 0; !e && slot < 288; slot++) {
        struct frame f;
        struct frame_change change = {0};
        frame_init(&f, &datasets[SCADA5], day);
        fill(&f, 200, slot, slot, 1);
        e = store_commit(s, &f, &change);
        frame_free(&f);
        uint8_t done = 1;
        if (!e && write(report, &done, 1) != 1)
            break;
    }
    _exit(e ? 1 : 0);
}

static void a_killed_writer_leaves_every_finished_commit_and_no_half_one(void **state) {
    (void)state;
    struct random r = {1357911};
    for (int round = 0; round < 12; round++) {
        char *folder = temporary_folder();
        int report[2];
        struct store *s;
        const struct frame *f;
        size_t told = 0;
        char byte;
        assert_int_equal(pipe(report), 0);
        pid_t child = fork();
        if (child == 0) {
            close(report[0]);
            commit_until_killed(folder, report[1]);
        }
        close(report[1]);
        usleep((useconds_t)(30000 + random_next(&r) % 120000));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(report[0], &byte, 1) == 1)
            told++;
        close(report[0]);
        assert_ok(store_open(folder, STORE_WRITE, NULL, &s)); /* sweeps what the child left */
        assert_ok(store_frame(s, SCADA5, day_of(2030, 6, 15), &f));
        size_t rows = f ? f->rows : 0;
        assert_int_equal(rows % 200, 0);
        assert_true(rows / 200 == told || rows / 200 == told + 1);
        struct arena a = {0};
        struct file_entry *left;
        size_t count;
        assert_ok(file_list(&a, arena_printf(&a, "%s/scada5/2030", folder), &left, &count));
        assert_true(count <= 1);
        arena_free(&a);
        store_close(s);
        remove_folder(folder);
    }
}

static void writers_in_several_processes_lose_none_of_their_rows(void **state) {
    (void)state;
    enum { WRITERS = 4, COMMITS = 12 };
    char *folder = temporary_folder();
    struct store *s;
    const struct frame *f;
    aest_day day = day_of(2030, 6, 15);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    pid_t children[WRITERS];
    for (int w = 0; w < WRITERS; w++) {
        children[w] = fork();
        if (children[w] == 0) {
            struct store *mine;
            err *e = store_open(folder, STORE_WRITE, NULL, &mine);
            for (int i = 0; !e && i < COMMITS; i++) {
                struct frame rows;
                struct frame_change change = {0};
                frame_init(&rows, &datasets[SCADA5], day);
                fill(&rows, 10, w * COMMITS + i, w, 1);
                e = store_commit(mine, &rows, &change);
                frame_free(&rows);
            }
            _exit(e ? 1 : 0);
        }
    }
    for (int w = 0; w < WRITERS; w++) {
        int status;
        waitpid(children[w], &status, 0);
        assert_int_equal(status, 0);
    }
    assert_ok(store_frame(s, SCADA5, day, &f));
    assert_int_equal(f->rows, WRITERS * COMMITS * 10);
    store_close(s);
    remove_folder(folder);
}

static void the_lock_names_its_holder_to_whoever_waited_in_vain(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    const char *path = arena_printf(&a, "%s/lock", folder);
    char holder[64];
    int first, second;
    snprintf(holder, sizeof holder, "process %ld", (long)getpid());
    assert_ok(lock_acquire(path, 0, NULL, &first));
    assert_err(lock_acquire(path, 60, NULL, &second), ERR_BUSY, holder);
    lock_release(first);
    assert_ok(lock_acquire(path, 0, NULL, &second));
    lock_release(second);
    arena_free(&a);
    remove_folder(folder);
}

/* A writer that lets go and wants the lock again at once gets it after the one that waits. */
static void who_waits_for_the_lock_comes_before_who_had_it(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    const char *path = arena_printf(&a, "%s/lock", folder),
               *turn = arena_printf(&a, "%s/lock.turn", folder);
    int mine, again, probe, release[2];
    char byte;
    assert_int_equal(pipe(release), 0);
    assert_ok(lock_acquire_in_turn(path, 0, NULL, &mine));
    pid_t child = fork();
    if (child == 0) {
        close(mine); /* the descriptor of the parent's lock, which a fork shares */
        close(release[1]);
        int lock;
        err *e = lock_acquire_in_turn(path, LOCK_PATIENCE_MS, NULL, &lock);
        while (!e && read(release[0], &byte, 1) > 0) /* holds it until the parent closes */
            ;
        _exit(e ? 1 : 0);
    }
    for (;;) { /* until the child waits */
        err *e = lock_acquire(turn, 0, NULL, &probe);
        if (e) {
            assert_int_equal(err_kind(e), ERR_BUSY);
            err_free(e);
            break;
        }
        lock_release(probe);
        usleep(1000);
    }
    lock_release(mine);
    assert_err(lock_acquire_in_turn(path, 0, NULL, &again), ERR_BUSY, path);
    close(release[0]);
    close(release[1]);
    assert_ok(lock_acquire_in_turn(path, LOCK_PATIENCE_MS, NULL, &again));
    lock_release(again);
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    arena_free(&a);
    remove_folder(folder);
}

static void waiting_for_the_lock_ends_with_a_request_to_stop(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    const char *path = arena_printf(&a, "%s/lock", folder);
    struct stop stop;
    int first, second;
    assert_ok(stop_init(&stop));
    assert_ok(lock_acquire(path, 0, NULL, &first));
    stop_request(&stop);
    assert_err(lock_acquire(path, LOCK_PATIENCE_MS, &stop, &second), ERR_STOPPED, "lock");
    lock_release(first);
    stop_close(&stop);
    arena_free(&a);
    remove_folder(folder);
}

/* Every commit brings a unit that the day didn't have, while another process reads. */
static void a_reader_sees_whole_days_while_they_are_replaced(void **state) {
    (void)state;
    enum { COMMITS = 120 };
    char *folder = temporary_folder();
    struct store *reader;
    aest_day day = day_of(2030, 6, 15);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &reader));
    pid_t child = fork();
    if (child == 0) {
        struct store *writer;
        err *e = store_open(folder, STORE_WRITE, NULL, &writer);
        for (int i = 1; !e && i <= COMMITS; i++) {
            struct frame f;
            struct frame_change change = {0};
            frame_init(&f, &datasets[SCADA5], day);
            fill(&f, i, i, 1, 1);
            e = store_commit(writer, &f, &change);
            frame_free(&f);
        }
        _exit(e ? 1 : 0);
    }
    size_t seen = 0;
    int status;
    while (waitpid(child, &status, WNOHANG) == 0) {
        struct arena a = {0};
        struct series series;
        const struct frame *f;
        interval start = interval_day_start(day);
        assert_ok(series_read(reader, &a, SCADA5, "scadavalue", start, start + 288, &series));
        assert_true(series.count >= seen);
        seen = series.count;
        assert_ok(store_frame(reader, SCADA5, day, &f));
        if (f) /* after n commits: 1 + 2 + … + n rows */
            assert_int_equal(f->rows, (size_t)f->keys.count * (f->keys.count + 1) / 2);
        arena_free(&a);
    }
    assert_int_equal(status, 0);
    store_close(reader);
    remove_folder(folder);
}

static void a_range_reads_across_midnight_with_gaps_as_nan(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    struct store *s;
    struct series series;
    aest_day day = day_of(2030, 12, 31);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    commit_slot(s, day, 2, 286, 10, 1);
    commit_slot(s, day, 2, 287, 20, 1); /* 2031-01-01 00:00 */
    commit_slot(s, day + 1, 3, 1, 30, 1);
    interval midnight = interval_day_start(day + 1);
    assert_ok(series_read(s, &a, SCADA5, "scadavalue", midnight - 2, midnight + 3, &series));
    assert_int_equal(series.count, 3);
    assert_int_equal(series.length, 5);
    assert_int_equal(series.first, midnight - 1);
    const double unit1[] = {11, 21, NAN, 31, NAN};
    for (size_t i = 0; i < 5; i++) {
        double got = series.values[1][i];
        assert_true(isnan(unit1[i]) ? isnan(got) : got == unit1[i]);
    }
    assert_true(isnan(series.values[2][0])); /* the unit of the second day only */
    assert_ok(series_read(s, &a, SCADA5, "scadavalue", midnight, midnight, &series));
    assert_int_equal(series.length, 0);
    arena_free(&a);
    store_close(s);
    remove_folder(folder);
}

static void simulated_and_real_rows_never_meet(void **state) {
    (void)state;
    char *folder = temporary_folder();
    aest_day day = day_of(2025, 7, 20);
    struct store *a, *b;
    struct frame f;
    struct frame_change change = {0};
    assert_ok(store_open(folder, STORE_WRITE, NULL, &a));
    assert_ok(store_open(folder, STORE_WRITE, NULL, &b));
    assert_false(store_is_simulated(a));
    assert_ok(store_require_kind(a, true)); /* while it is empty, whoever asks last */
    assert_true(store_is_simulated(b));
    assert_ok(store_require_kind(b, false));
    frame_init(&f, &datasets[SCADA5], day);
    fill(&f, 3, 1, 100, 1);
    assert_err(store_commit(a, &f, &change), ERR_USAGE, "the source is simulated");
    assert_ok(store_commit(b, &f, &change));
    assert_err(store_require_kind(a, true), ERR_USAGE, "holds real data");
    assert_err(store_require_kind(b, true), ERR_USAGE, "holds real data");
    assert_ok(store_require_kind(b, false));
    assert_false(store_is_simulated(a));
    frame_free(&f);
    store_close(a);
    store_close(b);
    remove_folder(folder);
}

/* -- months -------------------------------------------------------------------------------------
 */

static err *read_double(void *context, duckdb_data_chunk chunk) {
    assert_int_equal(duckdb_data_chunk_get_size(chunk), 1);
    *(double *)context = *(double *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    return NULL;
}

/* The rows of a dataset as a query through the views counts and sums them. */
static void assert_view(struct store *s, const char *sql, double expected) {
    struct duck d = {0};
    int lock;
    double value = 0;
    assert_ok(store_read_begin(s, &lock));
    assert_ok(store_make_views(s, &d));
    assert_ok(duck_each(&d, sql, read_double, &value));
    store_read_end(lock);
    duck_close(&d);
    assert_true(value == expected);
}

/* What a reader rests on: DuckDB opens a file twice, and a commit may come in between. */
static void a_held_file_stays_what_it_was_and_keeps_its_path_in_errors(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct arena a = {0};
    struct buf sql = {0};
    struct duck d = {0};
    struct file_stamp stamp;
    char name[DUCK_NAME];
    double sum = 0;
    const char *path = arena_printf(&a, "%s/a.parquet", folder),
               *other = arena_printf(&a, "%s/b.parquet", folder);
    buf_printf(&sql,
               "COPY (SELECT 1.5::DOUBLE AS v) TO '%s'; COPY (SELECT 2.5::DOUBLE AS v) TO '%s'",
               path, other);
    assert_ok(duck_run(&d, buf_cstr(&sql)));
    assert_err(duck_hold(&d, "/nowhere/c.parquet", name, &stamp), ERR_IO, "/nowhere/c.parquet");
    assert_int_equal(stamp.inode, 0);
    assert_ok(duck_hold(&d, path, name, &stamp));
    assert_true(file_stamp_eq(stamp, file_stamp(path)));
    assert_ok(file_rename_durable(other, path));
    sql.len = 0;
    buf_printf(&sql, "SELECT v FROM read_parquet('%s')", name);
    assert_ok(duck_each(&d, buf_cstr(&sql), read_double, &sum));
    assert_true(sum == 1.5);
    assert_ok(file_write_atomic(path, STR("PAR1 this is no Parquet PAR1")));
    duck_release(&d, 0);
    assert_ok(duck_hold(&d, path, name, &stamp));
    sql.len = 0;
    buf_printf(&sql, "SELECT * FROM read_parquet('%s')", name);
    assert_err(duck_run(&d, buf_cstr(&sql)), ERR_INPUT, path);
    duck_close(&d);
    buf_free(&sql);
    arena_free(&a);
    remove_folder(folder);
}

static bool has_file(const char *folder, const char *name) {
    struct arena a = {0};
    bool there = file_exists(arena_printf(&a, "%s/%s", folder, name));
    arena_free(&a);
    return there;
}

static void a_closed_month_hides_its_days_and_takes_late_rows(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *s, *reader;
    aest_day june = day_of(2030, 6, 1);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    assert_ok(store_open(folder, STORE_READ, NULL, &reader));
    for (int d = 0; d < 30; d += 7)
        commit_slot(s, june + d, 3, 0, 100 * d, 1000);
    assert_view(reader, "SELECT count(*)::DOUBLE FROM scada5", 15);
    assert_ok(store_close_month(s, SCADA5, june));
    assert_true(has_file(folder, "scada5/2030/2030-06.parquet"));
    assert_false(has_file(folder, "scada5/2030/2030-06-01.parquet"));
    assert_view(reader, "SELECT count(*)::DOUBLE FROM scada5", 15);
    assert_view(reader, "SELECT sum(scadavalue) FROM scada5", 3 * 100 * (7 + 14 + 21 + 28) + 15);

    struct frame_change change =
        commit_slot(s, june + 7, 4, 0, 1, 2000); /* newer, and a new unit */
    assert_int_equal(change.added, 1);
    assert_int_equal(change.replaced, 3);
    assert_false(has_file(folder, "scada5/2030/2030-06-08.parquet"));
    assert_view(reader, "SELECT count(*)::DOUBLE FROM scada5", 16);
    const struct frame *f;
    assert_ok(store_frame(reader, SCADA5, june + 7, &f));
    assert_int_equal(f->rows, 4);
    assert_ok(store_frame(reader, SCADA5, june + 1, &f));
    assert_null(f);
    const struct store_index *x;
    assert_ok(store_index(reader, SCADA5, &x));
    assert_int_equal(x->count, 1);
    assert_int_equal(x->first, interval_day_start(june) + 1);
    assert_int_equal(x->last, interval_day_start(june + 28) + 1);
    store_close(reader);
    store_close(s);
    remove_folder(folder);
}

static void the_bytes_of_a_month_do_not_depend_on_how_it_came(void **state) {
    (void)state;
    char *folders[2] = {temporary_folder(), temporary_folder()};
    struct buf bytes[2] = {{0}};
    aest_day june = day_of(2030, 6, 1);
    for (int way = 0; way < 2; way++) {
        struct store *s;
        struct arena a = {0};
        assert_ok(store_open(folders[way], STORE_WRITE, NULL, &s));
        if (way == 0) { /* by days, some of them late */
            for (int d = 29; d >= 0; d--)
                commit_slot(s, june + d, 5, d, d, 1000);
            assert_ok(store_close_month(s, SCADA5, june));
            commit_slot(s, june + 3, 5, 100, 8, 1000);
        } else { /* at once, over a part that was there */
            struct frames month;
            commit_slot(s, june + 3, 5, 100, 8, 1000);
            frames_init(&month, &datasets[SCADA5], june, 30);
            for (int d = 0; d < 30; d++)
                fill(&month.day[d], 5, d, d, 1000);
            assert_ok(store_commit_month(s, &month));
            frames_free(&month);
        }
        assert_ok(file_read(store_month_path(s, &a, SCADA5, june), 1 << 24, &bytes[way]));
        arena_free(&a);
        store_close(s);
    }
    assert_int_equal(bytes[0].len, bytes[1].len);
    assert_memory_equal(bytes[0].at, bytes[1].at, bytes[0].len);
    for (int way = 0; way < 2; way++) {
        buf_free(&bytes[way]);
        remove_folder(folders[way]);
    }
}

static void a_month_waits_for_readers_and_hidden_days_are_swept(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *s;
    struct arena a = {0};
    int lock;
    aest_day june = day_of(2030, 6, 1);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    commit_slot(s, june, 3, 0, 1, 1000);
    assert_ok(store_close_month(s, SCADA5, june)); /* lock.read is there from now on */
    commit_slot(s, june + 31, 3, 0, 1, 1000);
    assert_ok(store_read_begin(s, &lock));
    err *e = store_close_month(s, SCADA5, june + 30);
    assert_err(e, ERR_BUSY, "lock.read");
    store_read_end(lock);
    assert_ok(store_close_month(s, SCADA5, june + 30));
    /* what a writer leaves that is killed between the month's rename and the days' end */
    struct buf bytes = {0};
    assert_ok(file_read(store_month_path(s, &a, SCADA5, june), 1 << 24, &bytes));
    assert_ok(file_write_atomic(store_day_path(s, &a, SCADA5, june), buf_str(&bytes)));
    assert_view(s, "SELECT count(*)::DOUBLE FROM scada5", 6);
    store_close(s);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    assert_false(has_file(folder, "scada5/2030/2030-06-01.parquet"));
    assert_view(s, "SELECT count(*)::DOUBLE FROM scada5", 6);
    store_close(s);
    buf_free(&bytes);
    arena_free(&a);
    remove_folder(folder);
}

/* Half hours follow from what is committed, in whatever order it comes, in days and in months. */
static void half_hours_follow_every_commit(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *s;
    aest_day day = day_of(2020, 6, 1);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    for (int slot = 5; slot >= 0; slot--)
        commit_slot(s, day, 2, slot, slot, 1000);
    assert_view(s, "SELECT sum(scadavalue) FROM scada30", 2.5 + 3.5);
    commit_slot(s, day, 2, 2, 8, 1001); /* a correction */
    assert_view(s, "SELECT sum(scadavalue) FROM scada30", 3.5 + 4.5);
    assert_ok(store_close_month(s, SCADA5, day));
    assert_true(has_file(folder, "scada30/2020/2020-06.parquet"));
    commit_slot(s, day, 2, 2, 14, 1002);
    assert_view(s, "SELECT sum(scadavalue) FROM scada30", 4.5 + 5.5);
    assert_view(s, "SELECT count(*)::DOUBLE FROM scada30", 2);
    store_close(s);
    remove_folder(folder);
}

/* A forecast's row is known by its run too; every run is kept. */
/* Half hours from elsewhere: of the units that fill makes, for the whole of a day. */
static void commit_imported(struct store *s, aest_day day, bool month) {
    struct frames f;
    struct frame_change change = {0};
    aest_day first = month ? month_first(day) : day;
    frames_init(&f, &datasets[SCADA30], first, month ? month_days(first) : 1);
    for (int slot = 0; slot < 48; slot++)
        fill(frames_day(&f, day), 2, slot, 1000 + slot, ROW_IMPORTED_MEAN);
    assert_ok(month ? store_commit_month(s, &f) : store_commit(s, &f.day[0], &change));
    frames_free(&f);
}

/* Half hours from elsewhere stay where five minutes are missing, whichever came first, and whether
 * they came as days or as a month. */
static void imported_half_hours_live_beside_those_of_five_minutes(void **state) {
    (void)state;
    struct buf bytes[4] = {{0}};
    aest_day day = day_of(2030, 6, 15);
    for (int way = 0; way < 4; way++) {
        char *folder = temporary_folder();
        struct store *s;
        struct arena a = {0};
        const struct frame *f;
        assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
        for (int step = 0; step < 2; step++)
            if (step == way / 2)
                commit_imported(s, day, way % 2);
            else
                for (int slot = 6; slot < 17; slot++) /* a whole half hour, and five of six */
                    commit_slot(s, day, 1, slot, 30, 1000 * AEST_SECOND);
        commit_imported(s, day, way % 2); /* once more changes nothing */
        assert_ok(store_close_month(s, SCADA5, month_first(day)));
        assert_ok(store_close_month(s, SCADA30, month_first(day)));
        assert_ok(store_frame(s, SCADA30, day, &f));
        assert_int_equal(f->rows, 2 * 48);
        uint32_t unit = (uint32_t)intern_find(&f->keys, STR("UNIT000"));
        assert_true(cell_to_double(frame_cell(f, unit, 0, 0)) == 1000);
        assert_true(cell_to_double(frame_cell(f, unit, 0, 1)) == 30);
        assert_true(cell_to_double(frame_cell(f, unit, 0, 2)) == 1002);
        assert_int_equal(frame_lastchanged(f, unit, 1), 1000 * AEST_SECOND);
        assert_ok(file_read(store_month_path(s, &a, SCADA30, day), 1 << 24, &bytes[way]));
        assert_true(str_eq(buf_str(&bytes[0]), buf_str(&bytes[way])));
        store_close(s);
        arena_free(&a);
        remove_folder(folder);
    }
    for (int way = 0; way < 4; way++)
        buf_free(&bytes[way]);
}

static void forecasts_keep_every_run(void **state) {
    (void)state;
    char *folder = temporary_folder();
    struct store *s;
    struct frame f;
    struct frame_change change = {0};
    aest_day day = day_of(2030, 6, 1);
    assert_ok(store_open(folder, STORE_WRITE, NULL, &s));
    frame_init(&f, &datasets[P5MIN], day);
    for (int run = 286; run < 288; run++)
        for (int horizon = 0; horizon < 12; horizon++) {
            char room[64];
            cell columns[5] = {cell_from_double(run * 100 + horizon), cell_from_double(1)};
            frame_put(&f, frame_key(&f, forecast_key(room, STR("NSW1"), horizon)), run, 0, 1000,
                      columns, &change);
        }
    assert_ok(store_commit(s, &f, &change));
    frame_free(&f);
    assert_ok(store_close_month(s, P5MIN, day));
    assert_view(s, "SELECT count(*)::DOUBLE FROM p5min", 24);
    assert_view(s,
                "SELECT rrp FROM p5min WHERE run_time = TIMESTAMP '2030-06-02 00:00:00' AND "
                "settlementdate = TIMESTAMP '2030-06-02 00:55:00' AND regionid = 'NSW1'",
                28711);
    const struct frame *back;
    assert_ok(store_frame(s, P5MIN, day, &back));
    assert_int_equal(back->rows, 24);
    assert_true(intern_find(&back->keys, STR("NSW1+011")) >= 0);
    store_close(s);
    remove_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_makes_a_store_only_where_asked_and_only_in_an_empty_folder),
        cmocka_unit_test(what_was_committed_is_read_back_by_another_store_object),
        cmocka_unit_test(a_reader_that_came_before_the_ledger_sees_it_later),
        cmocka_unit_test(a_text_column_and_a_missing_value_survive_the_file),
        cmocka_unit_test(a_commit_that_changes_nothing_leaves_the_file_alone),
        cmocka_unit_test(the_bytes_do_not_depend_on_the_order_of_commits),
        cmocka_unit_test(the_version_tells_of_every_commit),
        cmocka_unit_test(a_damaged_file_is_named_and_not_written_over),
        cmocka_unit_test(a_writer_that_cannot_write_loses_nothing_it_had),
        cmocka_unit_test(a_killed_writer_leaves_every_finished_commit_and_no_half_one),
        cmocka_unit_test(writers_in_several_processes_lose_none_of_their_rows),
        cmocka_unit_test(a_closed_month_hides_its_days_and_takes_late_rows),
        cmocka_unit_test(the_bytes_of_a_month_do_not_depend_on_how_it_came),
        cmocka_unit_test(a_month_waits_for_readers_and_hidden_days_are_swept),
        cmocka_unit_test(half_hours_follow_every_commit),
        cmocka_unit_test(imported_half_hours_live_beside_those_of_five_minutes),
        cmocka_unit_test(forecasts_keep_every_run),
        cmocka_unit_test(simulated_and_real_rows_never_meet),
        cmocka_unit_test(the_lock_names_its_holder_to_whoever_waited_in_vain),
        cmocka_unit_test(who_waits_for_the_lock_comes_before_who_had_it),
        cmocka_unit_test(waiting_for_the_lock_ends_with_a_request_to_stop),
        cmocka_unit_test(a_reader_sees_whole_days_while_they_are_replaced),
        cmocka_unit_test(a_range_reads_across_midnight_with_gaps_as_nan),
        cmocka_unit_test(a_held_file_stays_what_it_was_and_keeps_its_path_in_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
