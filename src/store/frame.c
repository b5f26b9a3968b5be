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

void frame_free(struct frame *f) {
    for (uint32_t k = 0; k < f->block_count; k++) {
        free(f->blocks[k].cells);
        free(f->blocks[k].precedence);
    }
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
    size_t cells = (size_t)(1 + f->columns) * (size_t)f->slots;
    f->blocks[f->block_count++] = (struct frame_block){.cells = mem_zalloc(cells, sizeof(cell))};
    return k;
}

cell frame_text(struct frame *f, str text) {
    return (cell)intern_add(&f->texts, text) + 1;
}

/* A row wherever it stands: [cells] are its lastchanged and its columns, [stride] apart. */
struct row {
    const struct frame *frame;
    const cell *cells;
    size_t stride;
};

static cell row_cell(struct row r, int column) {
    return r.cells[(size_t)(column + 1) * r.stride];
}

static struct row row_at(const struct frame *f, uint32_t key, int slot) {
    return (struct row){f, f->blocks[key].cells + slot, (size_t)f->slots};
}

/* 0 for a kind of row that the dataset doesn't know, else 1 and up. */
static int row_rank(struct row r) {
    const struct dataset *d = r.frame->dataset;
    if (r.frame->rank_column < 0)
        return 0;
    cell kind = row_cell(r, r.frame->rank_column);
    if (kind == CELL_MISSING)
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
    cell x = row_cell(a, -1), y = row_cell(b, -1);
    if (x != y)
        return x > y ? 1 : -1;
    for (int c = 0; c < a.frame->columns && !order; c++)
        order = compare_cells(a, b, c);
    *tie = order != 0;
    return order;
}

static uint8_t *precedence_at(struct frame_block *b, int slot, int slots, bool make) {
    if (!b->precedence && make)
        b->precedence = mem_zalloc((size_t)slots, 1);
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

/* Puts [row] where key and slot say, unless what stands there stays. */
static void put(struct frame *f, uint32_t key, int slot, uint8_t precedence, struct row row,
                struct frame_change *change) {
    struct frame_block *b = &f->blocks[key];
    uint8_t *standing = precedence_at(b, slot, f->slots, precedence > 0);
    bool tie = false;
    if (b->cells[slot] == CELL_MISSING) {
        f->rows++;
        change->added++;
    } else {
        uint8_t before = standing ? *standing : 0;
        int order = compare_rows(row, row_at(f, key, slot), &tie);
        if (precedence != before)
            order = precedence - before, tie = false;
        if (tie)
            note_tie(f, key, slot, change);
        if (order <= 0)
            return;
        change->replaced++;
    }
    if (standing)
        *standing = precedence;
    for (int c = -1; c < f->columns; c++) {
        cell value = row_cell(row, c);
        if (row.frame != f && c >= 0 && value != CELL_MISSING &&
            f->dataset->columns[c].type == COLUMN_TEXT)
            value = frame_text(f, frame_cell_text(row.frame, value));
        b->cells[(c + 1) * f->slots + slot] = value;
    }
}

void frame_put(struct frame *f, uint32_t key, int slot, uint8_t precedence, aest_us lastchanged,
               const cell *columns, struct frame_change *change) {
    cell cells[1 + DATASET_COLUMNS];
    assert(lastchanged > 0); /* a cell of 0 is a missing one */
    cells[0] = (cell)lastchanged;
    memcpy(cells + 1, columns, (size_t)f->columns * sizeof *columns);
    put(f, key, slot, precedence, (struct row){f, cells, 1}, change);
}

void frame_merge(struct frame *into, const struct frame *from, struct frame_change *change) {
    for (uint32_t k = 0; k < from->keys.count; k++) {
        uint32_t key = frame_key(into, from->keys.texts[k]);
        for (int slot = 0; slot < from->slots; slot++)
            if (frame_has(from, k, slot))
                put(into, key, slot, 0, row_at(from, k, slot), change);
    }
}

uint32_t *frame_sorted_keys(const struct frame *f, struct arena *a) {
    uint32_t *order = ARENA_ARRAY(a, uint32_t, f->keys.count);
    for (uint32_t k = 0; k < f->keys.count; k++) { /* insertion: keys come nearly sorted */
        uint32_t at = k;
        for (; at > 0 && str_compare(f->keys.texts[order[at - 1]], f->keys.texts[k]) > 0; at--)
            order[at] = order[at - 1];
        order[at] = k;
    }
    return order;
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
