#include "ops/pickle_table.h"

enum { MOST_COLUMNS = 1000 };

/* What a manager is made of, in whatever layout: its blocks, and of the axes the first. */
struct parts {
    const struct py *blocks, *names;
};

static err *not_known(void) {
    return err_new(ERR_INPUT, "a DataFrame that is laid out as by no pandas that nemd knows");
}

static err *find_parts(const struct py *manager, struct parts *out) {
    const struct py *arguments, *axes;
    if (!py_is(manager, PY_BLOCK_MANAGER))
        return not_known();
    arguments = manager->object.arguments;
    const struct py *old = py_get(py_item(manager->object.state, 3), "0.14.1");
    out->blocks = old ? py_get(old, "blocks") : py_item(arguments, 0);
    axes = old ? py_get(old, "axes") : py_item(arguments, 1);
    out->names = py_item(axes, 0);
    return out->blocks && out->names ? NULL : not_known();
}

/* The values of a block and where its columns belong. */
static err *block_parts(const struct py *block, const struct py **values,
                        const struct py **places) {
    *values =
        py_is(block, PY_BLOCK) ? py_item(block->object.arguments, 0) : py_get(block, "values");
    *places =
        py_is(block, PY_BLOCK) ? py_item(block->object.arguments, 1) : py_get(block, "mgr_locs");
    return *values && *places ? NULL : not_known();
}

/* -- names --------------------------------------------------------------------------------------
 */

/* _new_Index(Index, {"data": ndarray, "name": …}); numbered columns have no names. */
static err *read_names(struct arena *a, const struct py *index, struct py_table *out) {
    struct py_array names;
    const struct py *facts =
                        py_is(index, PY_NEW_INDEX) ? py_item(index->object.arguments, 1) : NULL,
                    *data = py_get(facts, "data");
    if (!data)
        return err_new(ERR_INPUT, "the columns of the DataFrame have no names");
    TRY(py_array(data, &names));
    out->count = names.shape[0] * names.shape[1];
    if (out->count > MOST_COLUMNS)
        return err_new(ERR_INPUT, "a DataFrame of %zu columns", out->count);
    out->columns = ARENA_ARRAY(a, struct py_column, out->count);
    for (size_t i = 0; i < out->count; i++)
        if (!py_text(py_array_item(&names, a, i / names.shape[1], i % names.shape[1]),
                     &out->columns[i].name))
            out->columns[i].name = STR("");
    return NULL;
}

/* -- blocks -------------------------------------------------------------------------------------
 */

static err *place_column(struct py_table *t, const struct py_array *block, size_t place,
                         int64_t column) {
    if (column < 0 || (uint64_t)column >= t->count || t->columns[column].block)
        return not_known();
    t->columns[column].block = block;
    t->columns[column].place = place;
    return NULL;
}

/* slice(from, to, step), or an array of numbers. */
static err *place_columns(struct arena *a, struct py_table *t, const struct py_array *block,
                          const struct py *places) {
    struct py_array list;
    int64_t from, to, step = 1;
    if (py_is(places, PY_SLICE)) {
        const struct py *of = places->object.arguments;
        if (!py_integer(py_item(of, 0), &from) || !py_integer(py_item(of, 1), &to))
            return not_known();
        if (py_item(of, 2) && py_item(of, 2)->kind != PY_NONE && !py_integer(py_item(of, 2), &step))
            return not_known();
        if (step < 1 || step > MOST_COLUMNS || from < 0 || from > MOST_COLUMNS)
            return not_known();
        for (size_t i = 0; i < block->shape[0]; i++)
            TRY(place_column(t, block, i, from + (int64_t)i * step));
        return NULL;
    }
    TRY(py_array(places, &list));
    if (list.shape[0] != 1 || list.shape[1] != block->shape[0])
        return not_known();
    for (size_t i = 0; i < list.shape[1]; i++) {
        if (!py_integer(py_array_item(&list, a, 0, i), &to))
            return not_known();
        TRY(place_column(t, block, i, to));
    }
    return NULL;
}

static err *read_blocks(struct arena *a, const struct py *blocks, struct py_table *out) {
    const struct py *block;
    for (size_t i = 0; (block = py_item(blocks, i)); i++) {
        const struct py *values = NULL, *places = NULL;
        struct py_array *array = ARENA_NEW(a, struct py_array);
        if (i == MOST_COLUMNS)
            return not_known();
        TRY(block_parts(block, &values, &places));
        TRY(py_array(values, array));
        if (i > 0 && array->shape[1] != out->rows)
            return err_new(ERR_INPUT, "columns of the DataFrame differ in length");
        out->rows = array->shape[1];
        TRY(place_columns(a, out, array, places));
    }
    for (size_t i = 0; i < out->count; i++)
        if (!out->columns[i].block)
            return err_new(ERR_INPUT, "column %zu of the DataFrame has no values", i + 1);
    return NULL;
}

err *py_table_read(struct arena *a, const struct py *v, struct py_table *out) {
    struct parts parts = {0};
    *out = (struct py_table){0};
    if (!py_is(v, PY_DATA_FRAME))
        return err_new(ERR_INPUT, "it holds no DataFrame");
    const struct py *manager = py_get(v->object.state, "_mgr");
    TRY(find_parts(manager ? manager : py_get(v->object.state, "_data"), &parts));
    TRY(read_names(a, parts.names, out));
    return read_blocks(a, parts.blocks, out);
}

const struct py_column *py_table_column(const struct py_table *t, const char *name) {
    for (size_t i = 0; i < t->count; i++)
        if (str_eq_nocase(t->columns[i].name, str_from(name)))
            return &t->columns[i];
    return NULL;
}

const struct py *py_table_cell(const struct py_column *c, struct arena *a, size_t row) {
    return py_array_item(c->block, a, c->place, row);
}
