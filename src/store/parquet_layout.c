/* Which rows make which group: by key and then by time, so many to a group. */
#include <stdlib.h>

#include "store/parquet_parts.h"

/* -- columns of the file ------------------------------------------------------------------------
 */

static const enum physical physical_of[] = {
    [COLUMN_DOUBLE] = PHYSICAL_DOUBLE,
    [COLUMN_INTEGER] = PHYSICAL_INT32,
    [COLUMN_TEXT] = PHYSICAL_BYTES,
};

static int list_columns(const struct dataset *d, struct file_column columns[MOST_COLUMNS]) {
    int count = 0;
    if (d->horizon_step)
        columns[count++] = (struct file_column){"run_time", KIND_RUN_TIME, -1, PHYSICAL_INT64};
    columns[count++] = (struct file_column){"settlementdate", KIND_TIME, -1, PHYSICAL_INT64};
    columns[count++] = (struct file_column){d->key, KIND_KEY, -1, PHYSICAL_BYTES};
    for (int c = 0; c < dataset_column_count(d); c++)
        columns[count++] = (struct file_column){d->columns[c].name, KIND_VALUE, c,
                                                physical_of[d->columns[c].type]};
    columns[count++] = (struct file_column){"lastchanged", KIND_VERSION, -1, PHYSICAL_INT64};
    return count;
}

/* -- row groups ---------------------------------------------------------------------------------
 */

static int by_name(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

/* The keys of all days in the order of their names. */
static void list_names(struct layout *l) {
    struct intern all = {0};
    for (int day = 0; day < l->frames->count; day++)
        for (uint32_t k = 0; k < l->frames->day[day].keys.count; k++)
            intern_add(&all, l->frames->day[day].keys.texts[k]);
    l->name_count = all.count;
    l->names = ARENA_ARRAY(&l->memory, str, all.count);
    for (uint32_t k = 0; k < all.count; k++)
        l->names[k] = (str){str_dup(&l->memory, all.texts[k]), all.texts[k].len};
    if (all.count)
        qsort(l->names, all.count, sizeof *l->names, by_name);
    intern_free(&all);
}

static struct group *add_group(struct layout *l) {
    if ((l->group_count & (l->group_count - 1)) == 0)
        l->groups =
            mem_resize(l->groups, (l->group_count ? l->group_count * 2 : 1) * sizeof *l->groups);
    struct group *g = &l->groups[l->group_count++];
    *g = (struct group){.first_piece = l->piece_count};
    return g;
}

static void add_piece(struct layout *l, struct group *g, struct piece piece) {
    if (l->piece_count == l->piece_capacity) {
        l->piece_capacity = l->piece_capacity ? l->piece_capacity * 2 : 64;
        l->pieces = mem_resize(l->pieces, l->piece_capacity * sizeof *l->pieces);
    }
    l->pieces[l->piece_count++] = piece;
    g->piece_count++;
    g->rows += (size_t)piece.rows;
    l->rows += (size_t)piece.rows;
}

/* The slot behind the next [rows] rows from [slot] on. */
static int slot_behind(const struct frame *f, uint32_t key, int slot, int rows) {
    for (; rows; slot++)
        rows -= frame_has(f, key, slot);
    return slot;
}

/* Adds the rows of a key in a day, which may go on in another group. */
static void add_rows(struct layout *l, const struct frame *f, uint32_t key, uint32_t name) {
    int left = f->blocks[key].rows, slot = 0;
    while (left) {
        struct group *g = l->group_count ? &l->groups[l->group_count - 1] : NULL;
        if (!g || g->rows == ROW_GROUP_SIZE)
            g = add_group(l);
        size_t room = ROW_GROUP_SIZE - g->rows;
        bool whole = (size_t)left <= room;
        int rows = whole ? left : (int)room;
        int end = whole ? f->slots : slot_behind(f, key, slot, rows);
        add_piece(l, g, (struct piece){f, key, name, slot, end, rows});
        slot = end;
        left -= rows;
    }
}

void parquet_lay_out(struct layout *l, const struct frames *f) {
    *l = (struct layout){.frames = f, .dataset = f->day->dataset};
    l->column_count = list_columns(l->dataset, l->columns);
    list_names(l);
    for (uint32_t name = 0; name < l->name_count; name++)
        for (int day = 0; day < f->count; day++) {
            int64_t key = intern_find(&f->day[day].keys, l->names[name]);
            if (key != INTERN_NONE)
                add_rows(l, &f->day[day], (uint32_t)key, name);
        }
}

void layout_free(struct layout *l) {
    free(l->pieces);
    free(l->groups);
    arena_free(&l->memory);
}
