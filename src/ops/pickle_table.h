/* A DataFrame, out of a pickle, as a table of values.
 *
 * pandas keeps columns of one type together in a block, one row of an array each; a BlockManager
 * has the blocks, which columns are in which, and the names:
 *
 *   names   Region  Site Name  Owner  DUID  Capacity(MW)  Storage(MWh)  Fuel
 *   block   0       0          0      0     1             1             2
 *
 * Its layout differs between pandas before 1.3 (a state of four, the last of which has it all), and
 * since (a call with blocks and axes); pandas 2 changed the names of numpy's modules.
 */
#ifndef OPS_PICKLE_TABLE_H
#define OPS_PICKLE_TABLE_H

#include "ops/pickle_array.h"

struct py_column {
    str name; /* empty where it is no text */
    const struct py_array *block;
    size_t place; /* of the column in its block */
};

struct py_table {
    size_t rows, count;
    struct py_column *columns; /* [count] */
};

/* Memory from [a], which has to live as long as the pickle's. ERR_INPUT for what is no DataFrame of
 * numbers, texts and times. */
err *py_table_read(struct arena *a, const struct py *v, struct py_table *out) ERR_NODISCARD;
/* The column of a name, in any case, or NULL. */
const struct py_column *py_table_column(const struct py_table *t, const char *name);
/* A value; NULL for a date that is none. */
const struct py *py_table_cell(const struct py_column *c, struct arena *a, size_t row);

#endif
