/* A frame: one day of one dataset in memory.
 *
 * It is dense. Every key has a block of columns, one cell a slot; slot 0 is the day's first
 * interval. The first column of a block is the version of the row, and says by being there that
 * the row is:
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
 * A month of unit dispatch has 90 million of them, so a column takes no more than it has to:
 *
 *      same      all rows have the same cell (a service that a unit isn't enabled for): that alone
 *      narrow    numbers of up to five decimals, as AEMO writes MW and prices: 32 bits, times 10^5
 *      wide      anything else: 64 bits
 *
 * and becomes wider when a row comes that doesn't fit. Reading a cell gives back all of its bits.
 *
 * Files are parsed into frames, Parquet is read into frames and written from them, and a commit
 * is the merge of two frames. Sorting by key and time comes for nothing.
 *
 * Merge: of two rows for one (settlementdate, key), the larger (rank, lastchanged) stays, rank
 * being the dataset's order of row kinds; a row without a required value (a rooftop measurement
 * that failed) ranks below all that have it. When both are equal and the rows differ, the row whose
 * values have the larger bits stays, compared column by column with missing as the smallest, and
 * the tie is noted: the result never depends on the order in which files were read.
 *
 * A forecast's rows come in parts: prices and MW of a run stand in different tables, or come from
 * different runs of the dispatch engine. So of a dataset with horizons the row that stays takes
 * what it lacks from the other one. Of two equal ones each column keeps the cell with the larger
 * bits, and it is a tie only where both have a value. The parts of a run have one version in every
 * file seen. Were there parts of several, the row would keep the newest version alone, and what it
 * took from older ones could depend on their order.
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

/* At most one of the two arrays is there; none while all rows have [same]. */
struct frame_column {
    cell *wide;      /* [slots] */
    int32_t *narrow; /* [slots] */
    cell same;
};

enum { NARROW_MISSING = INT32_MIN };
static const double narrow_scale = 1e5;

static inline cell cell_from_narrow(int32_t narrow) {
    return narrow == NARROW_MISSING ? CELL_MISSING : cell_from_double(narrow / narrow_scale);
}
/* False for a cell that would not come back as it is. */
static inline bool cell_to_narrow(cell c, int32_t *narrow) {
    double scaled = cell_to_double(c) * narrow_scale;
    *narrow = NARROW_MISSING;
    if (c == CELL_MISSING)
        return true;
    if (!(scaled > -2147483647.0 && scaled < 2147483647.0)) /* a text's number is a NaN here */
        return false;
    *narrow = (int32_t)(scaled + (scaled < 0 ? -0.5 : 0.5));
    return cell_from_narrow(*narrow) == c;
}
static inline cell frame_column_cell(const struct frame_column *c, int slot) {
    return c->narrow ? cell_from_narrow(c->narrow[slot]) : c->wide ? c->wide[slot] : c->same;
}

struct frame_block {
    cell *lastchanged; /* [slots]; missing: there is no row */
    int rows;
    struct frame_column *columns; /* of the dataset */
    uint8_t *precedence;          /* [slots], see frame_put; NULL until one isn't 0 */
};

struct frame {
    const struct dataset *dataset;
    aest_day day;
    int columns, slots;
    int rank_column; /* -1 where all rows are of one rank */
    size_t rows;
    size_t allocated; /* in cells: what the blocks take */
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

static inline bool frame_has(const struct frame *f, uint32_t key, int slot) {
    return f->blocks[key].lastchanged[slot] != CELL_MISSING;
}
/* A cell of a row; missing where there is no row. */
static inline cell frame_cell(const struct frame *f, uint32_t key, int column, int slot) {
    const struct frame_column *c = &f->blocks[key].columns[column];
    if (!frame_has(f, key, slot))
        return CELL_MISSING;
    return frame_column_cell(c, slot);
}
/* A row's version. */
static inline aest_us frame_lastchanged(const struct frame *f, uint32_t key, int slot) {
    return (aest_us)f->blocks[key].lastchanged[slot];
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

/* Ends what frame_put's precedence decides: the rows of a file are all there. */
void frame_forget_precedence(struct frame *f);

/* Merges all rows of [from], a frame of the same dataset and day. */
void frame_merge(struct frame *into, const struct frame *from, struct frame_change *change);

/* Whether two frames of one dataset and day hold the same rows. */
bool frame_equal(const struct frame *a, const struct frame *b);

/* The first and the last interval that has a row; false for an empty frame. */
bool frame_bounds(const struct frame *f, interval *first, interval *last);

/* Days in a row of one dataset: what a file of the store holds. */
struct frames {
    aest_day first;
    int count;
    struct frame *day; /* [count] */
};
void frames_init(struct frames *f, const struct dataset *d, aest_day first, int count);
void frames_free(struct frames *f);
/* The frame of a day, or NULL. */
struct frame *frames_day(const struct frames *f, aest_day day);

#endif
