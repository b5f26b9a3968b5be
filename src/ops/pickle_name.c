/* The names that a pickle may use. */
#include "ops/pickle.h"

static const struct {
    const char *module, *name;
    enum py_name means;
} names[] = {
    {"_codecs", "encode", PY_CODECS_ENCODE},
    {"builtins", "bytes", PY_BYTES_TYPE},
    {"__builtin__", "bytes", PY_BYTES_TYPE},
    {"builtins", "bytearray", PY_BYTES_TYPE},
    {"__builtin__", "bytearray", PY_BYTES_TYPE},
    {"builtins", "set", PY_SET_TYPE},
    {"__builtin__", "set", PY_SET_TYPE},
    {"builtins", "frozenset", PY_SET_TYPE},
    {"__builtin__", "frozenset", PY_SET_TYPE},
    {"collections", "OrderedDict", PY_ORDERED_DICT},
    {"builtins", "slice", PY_SLICE},
    {"__builtin__", "slice", PY_SLICE},
    {"datetime", "datetime", PY_DATETIME},
    {"datetime", "date", PY_DATE},
    {"datetime", "timedelta", PY_TIMEDELTA},
    {"datetime", "timezone", PY_TIMEZONE},
    {"pytz", "_UTC", PY_UTC},
    /* numpy 1 and 2 */
    {"numpy", "ndarray", PY_NDARRAY},
    {"numpy", "dtype", PY_DTYPE},
    {"numpy.core.multiarray", "_reconstruct", PY_RECONSTRUCT},
    {"numpy._core.multiarray", "_reconstruct", PY_RECONSTRUCT},
    {"numpy.core.multiarray", "scalar", PY_SCALAR},
    {"numpy._core.multiarray", "scalar", PY_SCALAR},
    {"numpy.core.numeric", "_frombuffer", PY_FROM_BUFFER},
    {"numpy._core.numeric", "_frombuffer", PY_FROM_BUFFER},
    /* pandas, from 0.20 on */
    {"pandas.core.frame", "DataFrame", PY_DATA_FRAME},
    {"pandas.core.internals", "BlockManager", PY_BLOCK_MANAGER},
    {"pandas.core.internals.managers", "BlockManager", PY_BLOCK_MANAGER},
    {"pandas._libs.internals", "BlockManager", PY_BLOCK_MANAGER},
    {"pandas._libs.internals", "_unpickle_block", PY_BLOCK},
    {"pandas.core.internals.blocks", "new_block", PY_BLOCK},
    {"pandas.core.indexes.base", "_new_Index", PY_NEW_INDEX},
    {"pandas.indexes.base", "_new_Index", PY_NEW_INDEX},
    {"pandas.core.indexes.base", "Index", PY_INDEX},
    {"pandas.indexes.base", "Index", PY_INDEX},
    {"pandas.core.indexes.range", "RangeIndex", PY_INDEX},
    {"pandas.indexes.range", "RangeIndex", PY_INDEX},
    {"pandas.core.indexes.numeric", "Int64Index", PY_INDEX},
    {"pandas.core.indexes.numeric", "UInt64Index", PY_INDEX},
    {"pandas.core.indexes.numeric", "Float64Index", PY_INDEX},
    {"pandas._libs.tslibs.timestamps", "Timestamp", PY_TIMESTAMP},
    {"pandas._libs.tslibs.timestamps", "_unpickle_timestamp", PY_TIMESTAMP},
    {"pandas._libs.tslib", "Timestamp", PY_TIMESTAMP},
    {"pandas._libs.tslibs.nattype", "__nat_unpickle", PY_NAT},
    {"pandas._libs.tslibs.nattype", "_nat_unpickle", PY_NAT},
    {"pandas._libs.missing", "NA", PY_NA},
    {"pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked", PY_BACKED_ARRAY},
    {"pandas.core.arrays.string_", "StringArray", PY_ARRAY_TYPE},
    {"pandas.core.arrays.datetimes", "DatetimeArray", PY_ARRAY_TYPE},
    {"pandas.core.arrays.string_", "StringDtype", PY_STRING_DTYPE},
};

bool pickle_name(str module, str name, enum py_name *out) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(module, str_from(names[i].module)) && str_eq(name, str_from(names[i].name))) {
            *out = names[i].means;
            return true;
        }
    return false;
}
