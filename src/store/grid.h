/* The grid: all that is read often, as arrays in memory that is shared with the disk.
 *
 *   <data>/grid/clock                  counts what changes; says whether the grid is whole
 *   <data>/grid/scada5-2025.tiles      a year of a dataset (tiles.h draws it)
 *   <data>/grid/…                      sums that market/ keeps beside it, in the same form
 *
 * Parquet is the truth, the grid is the speed: it may be deleted, and is then made again. A value
 * is found by arithmetic:
 *
 *      (dataset, column, horizon)        the shape of the file, and the lane
 *      (key)                             its place in the year's file
 *      (interval)                        the day's tile, and the slot in it
 *
 * and reading takes no lock and no SQL. Every commit writes the tile of its day in the same breath
 * (store.h); whatever comes to differ from the Parquet files in another way is found by
 * grid_refresh and made again.
 *
 * Datasets have their columns of numbers here, and a few texts as the number of their word. Not
 * here are constraints5, whose keys are without end (but for how many bind in each interval), and
 * of dispatch5 what no page shows: they are read from Parquet.
 *
 * A grid belongs to one thread. What it points into stays valid until the next grid_look.
 */
#ifndef STORE_GRID_H
#define STORE_GRID_H

#include "base/stop.h"
#include "store/tiles.h"

struct grid;
struct frames;

/* Opens the grid of the store in [data], which may be without one yet. */
struct grid *grid_open(const char *data);
void grid_close(struct grid *g);

/* Takes notice of files that were made or replaced since: to be called before each request. Cheap.
 */
void grid_look(struct grid *g);
/* The same, and forgets which files there were: for whoever looks whether they still are. */
void grid_look_anew(struct grid *g);
/* Another number after any commit by any process, of rows or of records; two loads from memory. */
uint64_t grid_sequence(const struct grid *g);
/* False while days are known to lack in the grid, or nobody has looked yet. */
bool grid_complete(const struct grid *g);
/* How many of the store's days are known to lack; -1: nobody has looked yet. */
int64_t grid_missing(const struct grid *g);

/* -- datasets -----------------------------------------------------------------------------------
 */

/* The shape of a dataset's files. */
const struct tiles_shape *grid_shape(const struct grid *g, enum dataset_id dataset);
/* The lane of a column, at a horizon (0 but for forecasts), or -1 where there is none. */
int grid_lane(enum dataset_id dataset, const char *column, int horizon);
/* How many horizons a forecast has, 0 and up; 1 of what is none. */
int grid_horizons(enum dataset_id dataset);
/* The word behind a number of a text column ("FIRM"), or NULL. */
const char *grid_word(enum dataset_id dataset, const char *column, double number);

/* The first and the last interval at which a dataset has a value; false for none. */
bool grid_bounds(struct grid *g, enum dataset_id dataset, interval *first, interval *last);

/* The same of the days of one file, whose rows the grid has when it says so: true, and *any tells
 * whether there is a value at all. False where a tile isn't that of the file with [stamp]. */
bool grid_file_bounds(struct grid *g, enum dataset_id dataset, aest_day day, int days,
                      struct file_stamp stamp, bool *any, interval *first, interval *last);

/* -- any shape ----------------------------------------------------------------------------------
 */

/* How many values lie in (from, to] at a step of so many intervals, and the first's time. */
size_t grid_length(int step, interval from, interval to, interval *first);

/* Reads a series over (from, to] into [out], of grid_length: NaN where there is no value. The step
 * is that of the shape: 288 slots are 5 minutes, 48 half an hour, 1 a day (named by its end). */
void grid_read(struct grid *g, const struct tiles_shape *shape, str key, int lane, interval from,
               interval to, double *out);

/* The file of the year that holds [day], or NULL. */
struct tiles *grid_tiles(struct grid *g, const struct tiles_shape *shape, aest_day day);

/* Calls [visit] with the tile of each day from [first] to [last] that there is, without copying.
 * Should a tile change meanwhile, it is called again for the same day, and begins it anew. */
typedef void grid_visit(void *context, const struct tiles *file, const struct tile *tile);
void grid_each(struct grid *g, const struct tiles_shape *shape, aest_day first, aest_day last,
               grid_visit *visit, void *context);

/* Keys that have any value in a lane over (from, to], by name; memory from [a]. */
size_t grid_keys(struct grid *g, struct arena *a, const struct tiles_shape *shape, int lane,
                 interval from, interval to, str **keys);

/* -- writing: holding the store's lock ----------------------------------------------------------
 */

/* Writes the tiles of days of one dataset, all from the file with [stamp]. */
err *grid_put_frames(struct grid *g, const struct frames *days,
                     struct file_stamp stamp) ERR_NODISCARD;
/* Writes days of any shape; they may lie in several years. *days is how many changed. */
err *grid_put(struct grid *g, struct tiles_change change, int *days) ERR_NODISCARD;
/* Says that something changed that has no tiles. */
err *grid_touch(struct grid *g) ERR_NODISCARD;
/* Says how many days are known to lack. */
err *grid_set_missing(struct grid *g, int64_t days) ERR_NODISCARD;

#endif
