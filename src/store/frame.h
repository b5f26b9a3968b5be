/* A frame: one day of one dataset in memory.
 *
 * It is dense. Every key has a block of cells, column by column, one cell a slot; slot 0 is the
 * day's first interval. The first column of a block is the version of the row, and says by being
 * there that the row is:
 *
 *      key 0  lastchanged |  t0  |  -   |  t2  | ...      slot 1 has no row
 *             column 0    | 12.5 |  -   | 13.0 |
 *             column 1    |  -   |  -   |  7.1 |          a row can lack a value
 *      key 1  ...
 *
 * A cell is 64 bits with 0 for "missing", so that fresh memory is an empty frame: a double is
 * stored as the complement of its bits (whose 0 is a NaN that no data holds), a text as its number
 * plus one, a lastchanged as it is.
 *
 * Files are parsed into frames, Parquet is read into frames and written from them, and a commit
 * is the merge of two frames. Sorting by key and time comes for nothing.
 *
 * Merge: of two rows for one (settlementdate, key), the larger (rank, lastchanged) stays, rank
 * being the dataset's order of row kinds. When both are equal and the rows differ, the row whose
 * values have the larger bits stays, compared column by column with missing as the smallest, and
 * the tie is noted: the result never depends on the order in which files were read.
 */
#ifndef STORE_FRAME_H
#define STORE_FRAME_H

#include "base/intern.h"
#include "store/dataset.h"

typedef uint64_t cell;
enum { CELL_MISSING = 0 };

static inline cell cell_from_double(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return ~bits;
}
/* NaN for a missing cell. */
static inline double cell_to_double(cell c) {
    uint64_t bits = ~c;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

struct frame_block {
    cell *cells;         /* [1 + columns][slots] */
    uint8_t *precedence; /* [slots], see frame_put; NULL until one isn't 0 */
};

struct frame {
    const struct dataset *dataset;
    aest_day day;
    int columns, slots;
    int rank_column; /* -1 where all rows are of one rank */
    size_t rows;
    struct intern keys, texts;
    struct frame_block *blocks; /* by key number */
    uint32_t block_count, block_capacity;
};

void frame_init(struct frame *f, const struct dataset *d, aest_day day);
void frame_free(struct frame *f);

/* The slot of [at] in a day, or -1 when it is off the dataset's grid or in another day. */
int frame_slot(const struct frame *f, interval at);
static inline interval frame_interval(const struct frame *f, int slot) {
    return interval_day_start(f->day) + (slot + 1) * f->dataset->step;
}

/* The number of a key, and of a text; new ones are added. */
uint32_t frame_key(struct frame *f, str key);
cell frame_text(struct frame *f, str text);
/* The text of a cell that isn't missing. */
static inline str frame_cell_text(const struct frame *f, cell c) {
    return f->texts.texts[c - 1];
}

/* A cell of a row: column -1 is lastchanged. */
static inline cell frame_cell(const struct frame *f, uint32_t key, int column, int slot) {
    return f->blocks[key].cells[(column + 1) * f->slots + slot];
}
static inline bool frame_has(const struct frame *f, uint32_t key, int slot) {
    return f->blocks[key].cells[slot] != CELL_MISSING;
}

/* Where two rows of equal version and rank disagreed. */
struct frame_tie {
    const struct dataset *dataset;
    interval at;
    char key[36];
};
enum { FRAME_TIES = 8 };

struct frame_change {
    size_t added, replaced;            /* rows that came new; rows whose cells changed */
    size_t ties;                       /* rows of equal version and rank that disagree */
    struct frame_tie tied[FRAME_TIES]; /* the first of them */
};
/* Adds up two changes. */
void frame_change_add(struct frame_change *sum, const struct frame_change *more);

/* Adds a row by the rule of the merge. [lastchanged] is after 1970. [precedence] decides before all
 * else between rows of one file (the INTERVENTION of a physical run) and isn't kept beyond the
 * frame. Text cells are frame_text's of this frame. */
void frame_put(struct frame *f, uint32_t key, int slot, uint8_t precedence, aest_us lastchanged,
               const cell *columns, struct frame_change *change);

/* Merges all rows of [from], a frame of the same dataset and day. */
void frame_merge(struct frame *into, const struct frame *from, struct frame_change *change);

/* Key numbers in the order of their names; memory from [a]. */
uint32_t *frame_sorted_keys(const struct frame *f, struct arena *a);

/* The first and the last interval that has a row; false for an empty frame. */
bool frame_bounds(const struct frame *f, interval *first, interval *last);

#endif
