#include "store/frame.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void frame_init(struct frame *f, const struct dataset *d, aest_day day) {
    *f = (struct frame){.dataset = d,
                        .day = day,
                        .columns = dataset_column_count(d),
                        .slots = dataset_slots(d),
                        .rank_column =
                            d->rank_column ? dataset_column(d, str_from(d->rank_column)) : -1};
}

static void free_block(struct frame_block *b, int columns) {
    for (int c = 0; c < columns; c++) {
        free(b->columns[c].wide);
        free(b->columns[c].narrow);
    }
    free(b->columns);
    free(b->lastchanged);
    free(b->precedence);
}

void frame_free(struct frame *f) {
    for (uint32_t k = 0; k < f->block_count; k++)
        free_block(&f->blocks[k], f->columns);
    free(f->blocks);
    intern_free(&f->keys);
    intern_free(&f->texts);
    *f = (struct frame){0};
}

int frame_slot(const struct frame *f, interval at) {
    int64_t after = (int64_t)at - interval_day_start(f->day);
    if (after <= 0 || after > INTERVALS_PER_DAY || after % f->dataset->step)
        return -1;
    return (int)(after / f->dataset->step) - 1;
}

uint32_t frame_key(struct frame *f, str key) {
    uint32_t k = intern_add(&f->keys, key);
    if (k < f->block_count)
        return k;
    if (f->block_count == f->block_capacity) {
        f->block_capacity = f->block_capacity ? f->block_capacity * 2 : 8;
        f->blocks = mem_resize(f->blocks, f->block_capacity * sizeof *f->blocks);
    }
    f->allocated +=
        (size_t)f->slots + (size_t)f->columns * sizeof(struct frame_column) / sizeof(cell);
    f->blocks[f->block_count++] = (struct frame_block){
        .lastchanged = mem_zalloc((size_t)f->slots, sizeof(cell)),
        .columns = mem_zalloc((size_t)f->columns, sizeof(struct frame_column))};
    return k;
}

cell frame_text(struct frame *f, str text) {
    return (cell)intern_add(&f->texts, text) + 1;
}

/* A row, wherever it stands: in a frame, or by itself with [cells] for its columns. */
struct row {
    const struct frame *frame;
    const cell *cells; /* NULL for one in the frame */
    aest_us lastchanged;
    uint32_t key;
    int slot;
};

static cell row_cell(struct row r, int column) {
    return r.cells ? r.cells[column] : frame_cell(r.frame, r.key, column, r.slot);
}

static struct row row_at(const struct frame *f, uint32_t key, int slot) {
    return (struct row){
        .frame = f, .lastchanged = frame_lastchanged(f, key, slot), .key = key, .slot = slot};
}

/* Whether the row has every value that the dataset is there for. */
static bool has_required(struct row r) {
    for (int c = 0; c < r.frame->columns; c++)
        if (r.frame->dataset->columns[c].required && row_cell(r, c) == CELL_MISSING)
            return false;
    return true;
}

/* 0 for a kind of row that the dataset doesn't know and for one that says "not known", else 1 and
 * up. */
static int row_rank(struct row r) {
    const struct dataset *d = r.frame->dataset;
    if (r.frame->rank_column < 0)
        return 0;
    cell kind = row_cell(r, r.frame->rank_column);
    if (kind == CELL_MISSING || !has_required(r))
        return 0;
    for (int i = 0; i < (int)(sizeof d->ranks / sizeof *d->ranks) && d->ranks[i]; i++)
        if (str_eq(frame_cell_text(r.frame, kind), str_from(d->ranks[i])))
            return i + 1;
    return 0;
}

static int compare_cells(struct row a, struct row b, int column) {
    cell x = row_cell(a, column), y = row_cell(b, column);
    if (x == CELL_MISSING || y == CELL_MISSING)
        return (x != CELL_MISSING) - (y != CELL_MISSING);
    if (a.frame->dataset->columns[column].type == COLUMN_TEXT)
        return str_compare(frame_cell_text(a.frame, x), frame_cell_text(b.frame, y));
    return (~x > ~y) - (~x < ~y);
}

/* Which row stays, by the rule of the merge: > 0 for [a], < 0 for [b], 0 when they are the same.
 * *tie says that only their values decided. */
static int compare_rows(struct row a, struct row b, bool *tie) {
    *tie = false;
    int order = row_rank(a) - row_rank(b);
    if (order)
        return order;
    if (a.lastchanged != b.lastchanged)
        return a.lastchanged > b.lastchanged ? 1 : -1;
    for (int c = 0; c < a.frame->columns && !order; c++)
        order = compare_cells(a, b, c);
    *tie = order != 0;
    return order;
}

static uint8_t *precedence_at(struct frame *f, struct frame_block *b, int slot, bool make) {
    if (!b->precedence && make) {
        b->precedence = mem_zalloc((size_t)f->slots, 1);
        f->allocated += (size_t)f->slots / sizeof(cell);
    }
    return b->precedence ? b->precedence + slot : NULL;
}

static void note_tie(const struct frame *f, uint32_t key, int slot, struct frame_change *change) {
    if (change->ties < FRAME_TIES) {
        struct frame_tie *t = &change->tied[change->ties];
        str name = f->keys.texts[key];
        t->dataset = f->dataset;
        t->at = frame_interval(f, slot);
        snprintf(t->key, sizeof t->key, "%.*s", STR_ARG(name));
    }
    change->ties++;
}

void frame_change_add(struct frame_change *sum, const struct frame_change *more) {
    for (size_t i = 0; i < more->ties && i < FRAME_TIES && sum->ties + i < FRAME_TIES; i++)
        sum->tied[sum->ties + i] = more->tied[i];
    sum->added += more->added;
    sum->replaced += more->replaced;
    sum->ties += more->ties;
}

/* Gives a column of equal cells an array, in which a cell that is [narrow] or isn't has room. */
static void spread(struct frame *f, const struct frame_block *b, struct frame_column *c,
                   bool narrow) {
    size_t slots = (size_t)f->slots;
    int32_t same;
    if (narrow && cell_to_narrow(c->same, &same)) {
        c->narrow = mem_alloc(slots * sizeof *c->narrow);
        f->allocated += slots * sizeof *c->narrow / sizeof(cell);
        for (size_t i = 0; i < slots; i++)
            c->narrow[i] = b->lastchanged[i] == CELL_MISSING ? (int32_t)NARROW_MISSING : same;
        return;
    }
    c->wide = mem_zalloc(slots, sizeof *c->wide);
    f->allocated += slots;
    for (size_t i = 0; i < slots; i++)
        if (b->lastchanged[i] != CELL_MISSING)
            c->wide[i] = c->same;
}

/* Makes a narrow column a wide one. */
static void widen(struct frame *f, struct frame_column *c) {
    size_t slots = (size_t)f->slots;
    c->wide = mem_alloc(slots * sizeof *c->wide);
    f->allocated += slots - slots * sizeof *c->narrow / sizeof(cell);
    for (size_t i = 0; i < slots; i++)
        c->wide[i] = cell_from_narrow(c->narrow[i]);
    free(c->narrow);
    c->narrow = NULL;
}

/* Sets a cell of a row that is there. [alone] says that the block has no other row. */
static void set_cell(struct frame *f, struct frame_block *b, int column, int slot, cell value,
                     bool alone) {
    struct frame_column *c = &b->columns[column];
    int32_t narrow = NARROW_MISSING;
    if (!c->wide) {
        if (!c->narrow && (alone || c->same == value)) {
            c->same = value;
            return;
        }
        bool fits = cell_to_narrow(value, &narrow);
        if (!c->narrow)
            spread(f, b, c, fits);
        else if (!fits)
            widen(f, c);
    }
    if (c->narrow)
        c->narrow[slot] = narrow;
    else
        c->wide[slot] = value;
}

/* A cell of [row] as one of [f]. */
static cell own_cell(struct frame *f, struct row row, int column) {
    cell value = row_cell(row, column);
    if (row.frame == f || value == CELL_MISSING || f->dataset->columns[column].type != COLUMN_TEXT)
        return value;
    return frame_text(f, frame_cell_text(row.frame, value));
}

/* Whether [row] gives a cell to the row of a forecast that stands. [order] says which of the two
 * stays, 0 when neither version nor precedence do; then *tie is set where both have a value. */
static bool gives_cell(struct row row, struct row standing, int column, int order, bool *tie) {
    bool mine = row_cell(row, column) != CELL_MISSING,
         other = row_cell(standing, column) != CELL_MISSING;
    if (!mine || !other)
        return mine;
    int larger = compare_cells(row, standing, column);
    *tie = *tie || (order == 0 && larger != 0);
    return order > 0 ? larger != 0 : order == 0 && larger > 0;
}

/* What the merge makes of two rows. */
struct outcome {
    int order;                     /* > 0: the new one stays, with its version and precedence */
    bool changes, tie;             /* anything; and values alone decided */
    bool columns[DATASET_COLUMNS]; /* that become the new row's */
};

static struct outcome decide(struct row row, struct row standing, int precedence) {
    struct outcome o = {0};
    bool joins = row.frame->dataset->horizon_step > 0;
    int order = compare_rows(row, standing, &o.tie);
    if (precedence)
        order = precedence, o.tie = false;
    o.order = order;
    if (joins && o.tie)
        order = 0, o.tie = false;
    o.changes = o.order > 0 && (!joins || row.lastchanged != standing.lastchanged || precedence);
    for (int c = 0; c < row.frame->columns; c++) {
        o.columns[c] = joins ? gives_cell(row, standing, c, order, &o.tie) : order > 0;
        o.changes = o.changes || o.columns[c];
    }
    return o;
}

/* Puts [row] where key and slot say, as far as the merge lets it. */
static void put(struct frame *f, uint32_t key, int slot, uint8_t precedence, struct row row,
                struct frame_change *change) {
    struct frame_block *b = &f->blocks[key];
    uint8_t *standing = precedence_at(f, b, slot, precedence > 0);
    struct outcome o = {.order = 1};
    bool added = b->lastchanged[slot] == CELL_MISSING;
    if (added) {
        memset(o.columns, true, sizeof o.columns);
        f->rows++;
        b->rows++;
        change->added++;
    } else {
        o = decide(row, row_at(f, key, slot), precedence - (standing ? *standing : 0));
        if (o.tie)
            note_tie(f, key, slot, change);
        if (!o.changes)
            return;
        change->replaced++;
    }
    if (standing && o.order > 0)
        *standing = precedence;
    if (o.order > 0)
        b->lastchanged[slot] = (cell)row.lastchanged;
    for (int c = 0; c < f->columns; c++)
        if (o.columns[c])
            set_cell(f, b, c, slot, own_cell(f, row, c), b->rows == 1);
}

/* Adds a row where there is none: what nearly all rows of a file are. */
static void add(struct frame *f, struct frame_block *b, int slot, aest_us lastchanged,
                const cell *columns, struct frame_change *change) {
    f->rows++;
    b->rows++;
    change->added++;
    b->lastchanged[slot] = (cell)lastchanged;
    for (int c = 0; c < f->columns; c++)
        set_cell(f, b, c, slot, columns[c], b->rows == 1);
}

void frame_put(struct frame *f, uint32_t key, int slot, uint8_t precedence, aest_us lastchanged,
               const cell *columns, struct frame_change *change) {
    assert(lastchanged > 0); /* a cell of 0 is a missing one */
    struct frame_block *b = &f->blocks[key];
    if (precedence == 0 && !b->precedence && b->lastchanged[slot] == CELL_MISSING) {
        add(f, b, slot, lastchanged, columns, change);
        return;
    }
    struct row row = {.frame = f, .cells = columns, .lastchanged = lastchanged};
    put(f, key, slot, precedence, row, change);
}

void frame_forget_precedence(struct frame *f) {
    for (uint32_t k = 0; k < f->block_count; k++) {
        free(f->blocks[k].precedence);
        f->blocks[k].precedence = NULL;
    }
}

void frame_merge(struct frame *into, const struct frame *from, struct frame_change *change) {
    for (uint32_t k = 0; k < from->keys.count; k++) {
        uint32_t key = frame_key(into, from->keys.texts[k]);
        for (int slot = 0; slot < from->slots; slot++)
            if (frame_has(from, k, slot))
                put(into, key, slot, 0, row_at(from, k, slot), change);
    }
}

bool frame_equal(const struct frame *a, const struct frame *b) {
    if (a->rows != b->rows)
        return false;
    for (uint32_t k = 0; k < a->keys.count; k++) {
        int64_t other = intern_find(&b->keys, a->keys.texts[k]);
        for (int slot = 0; slot < a->slots; slot++) {
            if (!frame_has(a, k, slot))
                continue;
            if (other < 0 || !frame_has(b, (uint32_t)other, slot))
                return false;
            struct row x = row_at(a, k, slot), y = row_at(b, (uint32_t)other, slot);
            bool tie;
            if (x.lastchanged != y.lastchanged || compare_rows(x, y, &tie))
                return false;
        }
    }
    return true;
}

bool frame_bounds(const struct frame *f, interval *first, interval *last) {
    int low = f->slots, high = -1;
    for (uint32_t k = 0; k < f->keys.count; k++) {
        int slot = 0;
        while (slot < low && !frame_has(f, k, slot))
            slot++;
        low = slot;
        for (slot = f->slots - 1; slot > high && !frame_has(f, k, slot); slot--)
            ;
        high = slot;
    }
    if (high < 0)
        return false;
    *first = frame_interval(f, low);
    *last = frame_interval(f, high);
    return true;
}

void frames_init(struct frames *f, const struct dataset *d, aest_day first, int count) {
    *f = (struct frames){first, count, mem_zalloc((size_t)count, sizeof *f->day)};
    for (int i = 0; i < count; i++)
        frame_init(&f->day[i], d, first + i);
}

void frames_free(struct frames *f) {
    for (int i = 0; i < f->count; i++)
        frame_free(&f->day[i]);
    free(f->day);
    *f = (struct frames){0};
}

struct frame *frames_day(const struct frames *f, aest_day day) {
    bool inside = day >= f->first && day < f->first + f->count;
    return inside ? &f->day[day - f->first] : NULL;
}
