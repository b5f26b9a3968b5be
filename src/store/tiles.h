/* Tiles: a year of days as dense arrays in a file that is mapped into memory.
 *
 * A file has a fixed set of series, key x lane (a lane is a column, of a forecast a column at a
 * distance), and one tile a day, in which each series has its slots in a row:
 *
 *      0      | magic, format, year, capacity, lanes, slots, count of keys, names of the lanes |
 *      4 KB   | day 0: sequence, stamp | day 1: sequence, stamp | … 366 of them                |
 *      16 KB  | key 0 | key 1 | … as many as [capacity]                                        |
 *      64 KB  | tile of day 0: cell[capacity][lanes][slots]                                    |
 *             | tile of day 1                                                                  |
 *
 *      a tile   key 0, lane 0 | slot 0 | slot 1 | … | slot 287 |
 *               key 0, lane 1 | slot 0 | …
 *               key 1, lane 0 | …
 *
 * so that a value's place is arithmetic, a series' day is one piece, and a day's new key comes
 * behind the others. A cell is the complement of a double's bits, as in a frame: what was never
 * written, a hole in the file, reads as 0 and means "missing". All of the file's length is there
 * from the start, as a hole; it never grows or shrinks. More keys than it has room for make a new
 * file, which is renamed over it.
 *
 * A stamp says of which file a tile was made. It is derived data: whoever writes trusts a tile
 * whose stamp is that of the file as it is now, and makes any other one again.
 *
 * Writing, by one process at a time (the store's lock), never through the mapping, where a full
 * disk would be a signal. For the days of one file:
 *
 *   1  the sequence becomes odd, and the stamp nothing
 *   2  the tile
 *   3  the sequence becomes even, another than it was
 *   4  fdatasync, once for all days
 *   5  the stamps
 *
 * A reader copies or adds up a tile between two looks at its sequence, and does so again when it
 * was odd or has changed meanwhile: it sees the tile before or after, and waits for no disk. A
 * writer that is killed, or a machine that loses power, leaves a stamp that is nobody's: the one it
 * put there or the one of before, whose file has been replaced by then.
 *
 * Files are read as if anybody could have written them: what the header says is held against what
 * is expected and what the file's length allows, once, and is not read from the mapping again.
 */
#ifndef STORE_TILES_H
#define STORE_TILES_H

#include "base/file.h"
#include "base/intern.h"
#include "store/frame.h"

enum {
    TILES_HEADER = 64 * 1024,
    TILES_KEYS = 1536,       /* that fit into the header */
    TILES_KEY_BYTES = 31,    /* of a key's text */
    TILES_LANES_TEXT = 2048, /* of the lanes' names, with a zero at the end */
    TILES_DAYS = 366,
};

/* What a kind of file holds: its place is <folder>/<name>-<year>.tiles. */
struct tiles_shape {
    const char *name;
    const char *lane_names; /* "rrp" or "rop,apcflag": another text is another file */
    uint32_t lanes, slots;  /* series of a key; values of a series in a day: 288, 48 or 1 */
};

/* A file that is mapped. It belongs to one thread. */
struct tiles {
    const struct tiles_shape *shape;
    aest_day first; /* 1 January */
    int days;
    uint32_t capacity;
    struct intern keys; /* those that are known so far, by their place */
    const char *at;     /* the mapping; NULL: there is no file */
    size_t size;
    uint64_t stuck; /* an odd sequence that was waited for in vain */
};

/* Maps the file at [path]. One that isn't there leaves out->at NULL. ERR_INPUT for a file that is
 * none of [shape] and [year], or is cut short. */
err *tiles_open(const char *path, const struct tiles_shape *shape, int year,
                struct tiles *out) ERR_NODISCARD;
void tiles_close(struct tiles *t);

/* The place of a key, or -1. Keys that a writer added meanwhile are seen. */
int64_t tiles_key(struct tiles *t, str key);
/* Takes notice of keys that came since. False when the file's table of keys is damaged. */
bool tiles_look(struct tiles *t);

/* A day of a file, while it is being read. */
struct tile {
    const cell *cells; /* [keys][lanes][slots] */
    uint32_t keys, lanes, slots;
    size_t next; /* so many cells further on is the same place of the next day */
    aest_day day;
    uint64_t sequence;
    const uint64_t *now; /* where the sequence stands */
};

/* Begins to read a day; false where it has no tile, or one that a writer left half done. What is
 * read counts when tile_settled says so after the last cell; else it begins anew. */
bool tile_begin(struct tiles *t, aest_day day, struct tile *out);
static inline bool tile_settled(const struct tile *t) {
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(t->now, __ATOMIC_RELAXED) == t->sequence;
}
/* The slots of a series. */
static inline const cell *tile_series(const struct tile *t, uint32_t key, uint32_t lane) {
    return t->cells + ((size_t)key * t->lanes + lane) * t->slots;
}

/* The stamp of a day's tile: all zero where there is none, or one that isn't to be trusted. */
struct file_stamp tiles_stamp(const struct tiles *t, aest_day day);
/* The sequence of a day's tile: another one whenever its cells are. 0: there is none. */
uint64_t tiles_sequence(const struct tiles *t, aest_day day);
/* Has memory bring the next day's cells while this day's are worked on: a series lies in pieces,
 * one a day, whose begin a processor doesn't foresee. Behind the last day there is nothing, which
 * harms nobody: such a request never fails. */
static inline void tile_foresee(const struct tile *t, const cell *cells, size_t count) {
    enum { LINE = 64, MOST = 8 * LINE }; /* what comes behind it does foresee */
    uintptr_t at = (uintptr_t)cells + t->next * sizeof *cells;
    for (size_t i = 0; i < count * sizeof *cells && i < MOST; i += LINE)
        __builtin_prefetch((const void *)(at + i));
}

/* What is to be written. */
struct tiles_change {
    const struct tiles_shape *shape;
    int year;
    const str *keys; /* that the file is to have; others that it has stay */
    size_t key_count;
    aest_day first; /* days of the year */
    int count;
    const struct file_stamp *stamps; /* [count] */
    /* Fills a tile, which is all missing: [keys][lanes][slots]. */
    void (*fill)(void *context, aest_day day, const struct intern *keys, cell *tile);
    void *context;
};

struct tiles_written {
    bool file;   /* it is a new file */
    int days;    /* whose cells are others than before */
    size_t keys; /* that found no room, or whose name is too long */
};

/* Writes days, holding the store's lock; makes the file, or makes it anew where it is damaged. */
err *tiles_write(const char *path, const struct tiles_change *c,
                 struct tiles_written *out) ERR_NODISCARD;

#endif
