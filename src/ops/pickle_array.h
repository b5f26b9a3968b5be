/* Numpy's arrays and scalars, out of a pickle. */
#ifndef OPS_PICKLE_ARRAY_H
#define OPS_PICKLE_ARRAY_H

#include "ops/pickle.h"

/* What an element is: numpy's letter (f i u b M U S, O for objects) and its bytes. */
struct py_type {
    char letter;
    int width;
    bool big_endian;
    int64_t unit_ns; /* of M: nanoseconds that one stands for; 0 is none that nemd knows */
};

enum { PY_DIMENSIONS = 2 };

struct py_array {
    struct py_type type;
    size_t shape[PY_DIMENSIONS]; /* of a row of values: {1, length} */
    bool by_column;              /* raw runs along the first dimension */
    str raw;
    const struct py *objects; /* a list of all, the last dimension running fastest; or NULL */
};

/* What is in an ndarray, or in an array of pandas over one. ERR_INPUT when the bytes aren't as many
 * as its shape says, or for a type that is no number, time or text. */
err *py_array(const struct py *v, struct py_array *out) ERR_NODISCARD;
/* An element as a value; memory from [a]. NULL for a date that is none. */
const struct py *py_array_item(const struct py_array *x, struct arena *a, size_t i, size_t k);
/* The value of a numpy scalar. */
bool py_scalar(const struct py *v, struct py *out);

#endif
