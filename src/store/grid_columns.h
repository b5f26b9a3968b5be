/* Which columns of a dataset the grid has, and how texts become numbers there. What everybody asks
 * of it (grid_lane, grid_horizons, grid_word) is in grid.h. */
#ifndef STORE_GRID_COLUMNS_H
#define STORE_GRID_COLUMNS_H

#include "store/frame.h"

/* Whether the grid has of a dataset no columns, but the count of its rows in each interval alone,
 * which tells its bounds: the key is GRID_COUNTED. */
bool grid_is_counted(enum dataset_id dataset);
#define GRID_COUNTED "all"

/* The names of a dataset's lanes: columns, and the count of horizons behind. On the heap. */
char *grid_lane_names(enum dataset_id dataset, uint32_t *lanes);
/* The cell of a text: the number of its word, or missing for one that isn't known. */
cell grid_word_cell(enum dataset_id dataset, const char *column, str text);

#endif
