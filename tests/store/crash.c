/* Every step of a commit goes wrong in turn: the process is killed there, the disk is full there,
 * the folder can't be written from there on.
 *
 * Afterwards, each time: a reader sees the rows of before or those of after, of each dataset, none
 * twice; the ledger claims nothing that isn't there; the next writer finds the store in order or
 * puts it in order; and the operation, done again, ends with the bytes of an undisturbed one.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store.h"
#include "support/check.h"
#include "support/faults.h"
#include "support/tree.h"

enum { UNITS = 2 };
static aest_day june; /* the first of a month long past: its half hours are all due */

static struct frame rows_of(aest_day day, int first, int last, double base, aest_us version) {
    struct frame f;
    struct frame_change change = {0};
    frame_init(&f, &datasets[SCADA5], day);
    for (int u = 0; u < UNITS; u++)
        for (int slot = first; slot <= last; slot++) {
            cell mw = cell_from_double(base + u + slot);
            frame_put(&f, frame_key(&f, u ? STR("BW02") : STR("BW01")), slot, 0, version, &mw,
                      &change);
        }
    return f;
}

/* Commits rows, and enters the file that they came from. */
static err *take(struct store *s, const char *name, aest_day day, int first, int last, double base,
                 aest_us version) {
    struct frame f = rows_of(day, first, last, base, version);
    struct frame_change change = {0};
    struct ledger *ledger;
    err *e = store_commit(s, &f, &change);
    frame_free(&f);
    if (!e)
        e = store_ledger(s, &ledger);
    if (!e)
        e = ledger_begin(ledger);
    if (e)
        return e;
    e = ledger_done(ledger, "scada", str_from(name), 1, 1, NULL, 0);
    if (!e)
        e = ledger_commit(ledger);
    if (e)
        ledger_rollback(ledger);
    return e;
}

/* -- the operations -----------------------------------------------------------------------------
 */

static err *nothing(struct store *s) {
    (void)s;
    return NULL;
}

static err *three_days(struct store *s) {
    TRY(take(s, "a", june, 0, 11, 100, 1000));
    TRY(take(s, "b", june + 1, 3, 8, 200, 1000));
    return take(s, "c", june + 29, 280, 287, 300, 1000);
}

static err *closed_month(struct store *s) {
    TRY(three_days(s));
    TRY(store_close_month(s, SCADA5, june));
    return store_close_month(s, SCADA30, june);
}

static err *first_rows(struct store *s) {
    return take(s, "new", june, 0, 6, 100, 1000);
}

static err *more_rows(struct store *s) {
    return take(s, "new", june, 9, 17, 500, 2000);
}

static err *close_it(struct store *s) {
    return store_close_month(s, SCADA5, june);
}

static err *whole_month(struct store *s) {
    struct frames month;
    struct frame_change change = {0};
    frames_init(&month, &datasets[SCADA5], june, 30);
    for (int d = 0; d < 30; d += 10) {
        struct frame f = rows_of(june + d, 2, 9, d, 1500);
        frame_merge(&month.day[d], &f, &change);
        frame_free(&f);
    }
    err *e = store_commit_month(s, &month);
    frames_free(&month);
    return e;
}

static const struct operation {
    const char *name;
    err *(*before)(struct store *s);
    err *(*act)(struct store *s);
} operations[] = {
    {"the first rows of a store", nothing, first_rows},
    {"more rows of a day, and newer ones", three_days, more_rows},
    {"late rows of a closed month", closed_month, more_rows},
    {"the end of a month", three_days, close_it},
    {"a month of history over days", three_days, whole_month},
};

/* -- what a store holds -------------------------------------------------------------------------
 */

struct seen {
    double rows[2], sums[2]; /* of scada5 and scada30 */
    bool done;               /* by the ledger */
};

static err *take_numbers(void *context, duckdb_data_chunk chunk) {
    double *out = context;
    for (idx_t c = 0; c < 3; c++)
        out[c] = *(double *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, c));
    return NULL;
}

static bool is_done(struct store *s) {
    struct ledger *ledger;
    struct ledger_file file;
    assert_ok(store_ledger(s, &ledger));
    assert_ok(ledger_find(ledger, "scada", STR("new"), &file));
    return file.status == LEDGER_DONE;
}

/* Through the views, as `nemd query` does; no row may be there twice. */
static struct seen look_at(const char *folder) {
    static const char *const names[] = {"scada5", "scada30"};
    struct seen seen = {0};
    struct store *s;
    int lock;
    assert_ok(store_open(folder, STORE_READ, NULL, &s));
    assert_ok(store_read_begin(s, &lock));
    assert_ok(store_make_views(s, &s->duck));
    for (int i = 0; i < 2; i++) {
        double numbers[3];
        struct buf sql = {0};
        buf_printf(&sql,
                   "SELECT count(*)::DOUBLE, count(DISTINCT (settlementdate, duid))::DOUBLE,"
                   " coalesce(sum(hash(r) %% 1000003), 0)::DOUBLE FROM %s AS r",
                   names[i]);
        assert_ok(duck_each(&s->duck, buf_cstr(&sql), take_numbers, numbers));
        assert_true(numbers[0] == numbers[1]);
        seen.rows[i] = numbers[0];
        seen.sums[i] = numbers[2];
        buf_free(&sql);
    }
    store_read_end(lock);
    seen.done = is_done(s);
    store_close(s);
    return seen;
}

static bool same(const struct seen *a, const struct seen *b, int dataset) {
    return a->rows[dataset] == b->rows[dataset] && a->sums[dataset] == b->sums[dataset];
}

/* -- one operation, one point, one way ----------------------------------------------------------
 */

struct trial {
    const struct operation *operation;
    char *before, *folder; /* the store as it was, and a copy for each trial */
    struct seen had, has;  /* before and after, undisturbed */
    struct buf bytes;      /* after */
    int points;
    enum fault_point reached[FAULTS_NOTED];
};

enum { DONE = 0, FAILED_AS_IT_SHOULD = 10, FAILED_AGAIN = 11, NOT_REACHED = 12, SWALLOWED = 13 };

static void tell(int parent, const char *text) {
    ssize_t written = write(parent, text, strlen(text) + 1);
    (void)written;
}

/* The child's part: the operation with its fault; and when it came back with an error, tells it,
 * waits until the parent has looked, and does it again. */
static void act_with_fault(const struct trial *t, int at, enum fault_way way, int parent) {
    struct store *s;
    char go;
    if (way == FAULT_READ_ONLY)
        faults_drop_root(t->folder);
    err *e = store_open(t->folder, STORE_WRITE, NULL, &s);
    if (!e) {
        faults_arm(at, way);
        e = t->operation->act(s);
        if (faults_disarm() <= at)
            _exit(NOT_REACHED);
    }
    if (!e) /* the grid follows as far as it can, and a folder may be closed when it is no more
               needed */
        _exit(way == FAULT_FULL && !strstr(faults.path, "/grid/") ? SWALLOWED : DONE);
    tell(parent, err_kind(e) == ERR_IO ? err_text(e) : "an error of another kind");
    if (read(parent, &go, 1) != 1)
        _exit(FAILED_AGAIN);
    err *again = t->operation->act(s);
    if (again)
        fprintf(stderr, "again: %s\n", err_text(again));
    _exit(again ? FAILED_AGAIN : FAILED_AS_IT_SHOULD);
}

/* What a reader may see now. */
static void check_between(const struct trial *t) {
    struct seen now = look_at(t->folder);
    for (int i = 0; i < 2; i++)
        assert_true(same(&now, &t->had, i) || same(&now, &t->has, i));
    if (now.done && !t->had.done)
        assert_true(same(&now, &t->has, 0) && same(&now, &t->has, 1));
}

/* The next writer cleans up, and does what was not done. */
static void check_after(const struct trial *t) {
    struct store *s;
    assert_ok(store_open(t->folder, STORE_WRITE, NULL, &s));
    struct buf left = tree_names(t->folder, ".tmp");
    assert_int_equal(left.len, 0);
    buf_free(&left);
    assert_ok(t->operation->act(s));
    assert_true(is_done(s) == t->has.done);
    store_close(s);
    struct buf bytes = tree_bytes(t->folder, ".parquet");
    assert_int_equal(bytes.len, t->bytes.len);
    assert_memory_equal(bytes.at, t->bytes.at, bytes.len);
    buf_free(&bytes);
}

static void check_words(enum fault_way way, const char *words) {
    static const char *const expected[] = {
        [FAULT_FULL] = "No space left on device", [FAULT_READ_ONLY] = "Permission denied"};
    if (!strstr(words, expected[way]))
        fail_msg("unclear: %s", words);
}

static void try_point(const struct trial *t, int at, enum fault_way way) {
    int ends[2], status;
    char words[2000] = "";
    size_t length = 0;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        act_with_fault(t, at, way, ends[1]);
    }
    close(ends[1]);
    for (ssize_t got; length < sizeof words - 1 && (length == 0 || words[length - 1]);
         length += (size_t)got)
        if ((got = read(ends[0], words + length, sizeof words - 1 - length)) <= 0)
            break;
    check_between(t);
    if (length)
        assert_int_equal(write(ends[0], "", 1), 1);
    waitpid(child, &status, 0);
    close(ends[0]);
    if (way == FAULT_KILL)
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && !length);
    else
        assert_int_equal(status >> 8, length ? FAILED_AS_IT_SHOULD : DONE);
    if (length)
        check_words(way, words);
    check_after(t);
}

static struct trial prepare(const struct operation *operation) {
    struct trial t = {.operation = operation, .before = temporary_folder()};
    struct store *s;
    assert_ok(store_open(t.before, STORE_WRITE, NULL, &s));
    assert_ok(operation->before(s));
    store_close(s);
    t.had = look_at(t.before);
    t.folder = temporary_folder();
    tree_copy(t.before, t.folder);
    assert_ok(store_open(t.folder, STORE_WRITE, NULL, &s));
    faults_arm(-1, FAULT_KILL);
    assert_ok(operation->act(s));
    t.points = faults_disarm();
    assert_true(t.points <= FAULTS_NOTED);
    memcpy(t.reached, faults.noted, sizeof t.reached);
    store_close(s);
    t.has = look_at(t.folder);
    t.bytes = tree_bytes(t.folder, ".parquet");
    remove_folder(t.folder);
    return t;
}

/* A folder is closed where that makes the next step another one. */
static bool is_worth_it(enum fault_point point, enum fault_way way) {
    return way != FAULT_READ_ONLY || point == FAULT_WRITE || point == FAULT_RENAME ||
           point == FAULT_UNLINK;
}

/* All points and ways of an operation. */
static void try_all(struct trial *t, int *trials) {
    for (int at = 0; at < t->points; at++)
        for (int way = 0; way < FAULT_WAYS; way++) {
            if (!is_worth_it(t->reached[at], (enum fault_way)way))
                continue;
            if ((*trials)++ % (want_long() ? 1 : SPARSE))
                continue;
            t->folder = temporary_folder();
            tree_copy(t->before, t->folder);
            try_point(t, at, (enum fault_way)way);
            remove_folder(t->folder);
        }
}

static void every_step_can_go_wrong(void **state) {
    (void)state;
    int trials = 0;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        struct trial t = prepare(&operations[i]);
        try_all(&t, &trials);
        print_message("%s: %d points\n", t.operation->name, t.points);
        buf_free(&t.bytes);
        remove_folder(t.before);
    }
    for (int point = 0; point < FAULT_POINTS; point++)
        assert_true(faults.seen[point]);
    print_message("%d trials\n", trials);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_can_go_wrong),
    };
    if (!aest_day_from_date(2020, 6, 1, &june))
        return 1;
    use_memory_folders();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
