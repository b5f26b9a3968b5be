#include "ops/verify.h"

#include "ops/checks.h"
#include "store/note.h"

const char *const finding_name[FINDING_KINDS] = {
    [FINDING_DAMAGED] = "damaged",     [FINDING_SCHEMA] = "schema",
    [FINDING_SPAN] = "span",           [FINDING_GRID] = "grid",
    [FINDING_DUPLICATE] = "duplicate", [FINDING_ORDER] = "order",
    [FINDING_BOUNDS] = "bounds",       [FINDING_IDENTITY] = "identity",
    [FINDING_DERIVED] = "derived",     [FINDING_FROZEN] = "frozen",
    [FINDING_LEDGER] = "ledger",       [FINDING_HIDDEN] = "hidden",
    [FINDING_STRAY] = "stray",         [FINDING_GAP] = "gap",
};

static const char *copy(struct arena *a, const char *text) {
    return text ? str_dup(a, str_from(text)) : NULL;
}

void finding_add(struct checking *c, const struct finding *f) {
    struct findings *out = c->out;
    int64_t n = out->count[f->kind]++;
    if (n >= FINDINGS_KEPT)
        return;
    out->rows[f->kind][n] = (struct finding){.kind = f->kind,
                                             .dataset = copy(&out->memory, f->dataset),
                                             .file = copy(&out->memory, f->file),
                                             .at = f->at,
                                             .key = copy(&out->memory, f->key),
                                             .text = copy(&out->memory, f->text)};
}

int64_t findings_count(const struct findings *f) {
    int64_t sum = 0;
    for (int i = 0; i < FINDING_KINDS; i++)
        sum += f->count[i];
    return sum;
}

void findings_free(struct findings *f) {
    arena_free(&f->memory);
    *f = (struct findings){0};
}

/* -- files --------------------------------------------------------------------------------------
 */

static bool is_asked_for(const struct verify *v, const struct store_file *f) {
    return (!v->first || f->first + f->days > interval_day(v->first)) &&
           (!v->last || f->first <= interval_day(v->last));
}

/* All files that are to be looked at, by dataset and date. */
static err *list_files(struct checking *c, struct arena *a, struct buf *out) {
    for (int i = 0; i < DATASETS; i++) {
        const struct store_index *x;
        if (!(c->asked->wanted & DATASET_BIT(i)))
            continue;
        TRY(store_index(c->store, (enum dataset_id)i, &x));
        if (x->damage) /* its files are looked at all the same, and say why */
            c->damaged |= DATASET_BIT(i);
        for (size_t k = 0; k < x->count; k++) {
            struct checked_file f = {.dataset = (enum dataset_id)i, .file = x->files[k]};
            if (!is_asked_for(c->asked, &f.file))
                continue;
            f.path = store_file_path(c->store, a, f.dataset, &f.file);
            f.name = f.path + strlen(c->store->path) + 1;
            buf_add(out, &f, sizeof f);
        }
    }
    return NULL;
}

static err *check_one(struct checking *c, const struct checked_file *f) {
    TRY(check_file(c, f));
    TRY(check_half_hours(c, f));
    return check_initial(c, f);
}

/* Checks a file as it is now: what is found in one that is replaced meanwhile doesn't count, nor
 * does damage that isn't there when it is looked for again: a file beside it was replaced. */
static err *check_settled(struct checking *c, struct checked_file *f) {
    enum { TRIES = 3 };
    const struct findings before = *c->out;
    err *e = NULL;
    for (int tries = 1;; tries++) {
        int lock;
        if ((e = store_read_begin(c->store, &lock)))
            break;
        e = check_one(c, f);
        store_read_end(lock);
        struct file_stamp stamp = file_stamp(f->path);
        bool settled = file_stamp_eq(stamp, f->file.stamp) && !(e && err_kind(e) == ERR_INPUT);
        if (settled || tries == TRIES)
            break;
        err_free(e);
        e = NULL;
        memcpy(c->out->count, before.count, sizeof before.count);
        c->out->data_rows = before.data_rows;
        if (!stamp.inode) /* its month was closed meanwhile */
            break;
        f->file.stamp = stamp;
    }
    if (!e || err_kind(e) != ERR_INPUT)
        return e;
    finding_add(c, &(struct finding){.kind = FINDING_DAMAGED,
                                     .dataset = datasets[f->dataset].name,
                                     .file = f->name,
                                     .text = err_text(e)});
    c->damaged |= DATASET_BIT(f->dataset);
    err_free(e);
    return NULL;
}

static err *check_files(struct checking *c, struct checked_file *files, size_t count) {
    const struct verify *v = c->asked;
    for (size_t i = 0; i < count; i++) {
        if (v->stop && stop_requested(v->stop))
            return err_new(ERR_STOPPED, "told to stop");
        if (v->progress)
            v->progress(v->context, files[i].name, i, count);
        TRY(check_settled(c, &files[i]));
        c->out->files++;
    }
    return NULL;
}

/* A month of which a day is replaced meanwhile is read again. */
static err *check_month(struct checking *c, aest_day month) {
    enum { TRIES = 3 };
    err *e = NULL;
    for (int tries = 1; tries <= TRIES; tries++) {
        int lock;
        err_free(e);
        if ((e = store_read_begin(c->store, &lock)))
            return e;
        e = check_frozen(c, month);
        store_read_end(lock);
        if (!e || err_kind(e) != ERR_INPUT)
            return e;
    }
    return e;
}

/* Once for each month of scada5. */
static err *check_months(struct checking *c, const struct checked_file *files, size_t count) {
    aest_day done = INT32_MIN;
    for (size_t i = 0; i < count; i++) {
        aest_day month = month_first(files[i].file.first);
        if (files[i].dataset != SCADA5 || month == done)
            continue;
        TRY(check_month(c, month));
        done = month;
    }
    return NULL;
}

/* -- all ----------------------------------------------------------------------------------------
 */

static err *check_store(struct checking *c, struct arena *a, struct buf *files) {
    TRY(check_folders(c));
    TRY(check_file_begin(c));
    TRY(list_files(c, a, files));
    struct checked_file *file = (void *)files->at;
    size_t count = files->len / sizeof *file;
    TRY(check_files(c, file, count));
    dataset_set whole = c->asked->wanted & ~c->damaged;
    if (whole & DATASET_BIT(SCADA5))
        TRY(check_months(c, file, count));
    for (int i = 0; i < DATASETS; i++)
        if (whole & DATASET_BIT(i))
            TRY(check_ledger(c, (enum dataset_id)i));
    TRY(check_gaps(c, whole));
    if (c->asked->progress)
        c->asked->progress(c->asked->context, "", count, count);
    return NULL;
}

/* For the check-list (ops/doctor.h), of a look at all there is. */
static void leave_note(const struct verify *v, const struct findings *found) {
    struct note n = {.text = {0}};
    note_add_number(&n, "files", (int64_t)found->files);
    note_add_number(&n, "rows", found->data_rows);
    for (int i = 0; i < FINDING_KINDS; i++)
        note_add_number(&n, finding_name[i], found->count[i]);
    err_free(note_write(v->data, "verify", &n)); /* a store that can't be written gets none */
    note_free(&n);
}

err *verify_store(const struct verify *v, struct findings *out) {
    struct checking c = {.asked = v, .out = out};
    struct arena a = {0};
    struct buf files = {0};
    err *e = store_open(v->data, STORE_READ, v->stop, &c.store);
    if (!e) {
        c.store->duck.threads = -1;
        e = check_store(&c, &a, &files);
    }
    if (!e && v->wanted == EVERY_DATASET && !v->first && !v->last)
        leave_note(v, out);
    store_close(c.store);
    buf_free(&c.price_limits);
    buf_free(&c.price_floors);
    buf_free(&files);
    arena_free(&a);
    return e;
}
