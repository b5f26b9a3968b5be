/* Python's pickles, read as data.
 *
 * A pickle is a program for a small stack machine that may call any function of any module; reading
 * one with Python runs whatever its author liked. This reader has the same machine and no
 * functions: a name ("pandas.core.frame DataFrame") is looked up in a table of some fifty, a call
 * becomes a value that says which name was to be called with what, and whoever wants the data looks
 * into it:
 *
 *   OBJECT DataFrame
 *     arguments ()
 *     state     {"_mgr": OBJECT BlockManager (…), …}
 *
 * A name that isn't in the table ("os system") ends the reading with an error that says it.
 *
 * Protocols 2 to 5, as far as data needs them. The memory used is a small multiple of the bytes
 * read; the depth of nesting is bounded. A list or dict can hold itself: whoever walks a value
 * goes to a depth that he knows. Values live as long as the arena and the bytes, which texts point
 * into.
 */
#ifndef OPS_PICKLE_H
#define OPS_PICKLE_H

#include "base/aest.h"
#include "base/err.h"

enum { PICKLE_BYTES = 8 << 20, PICKLE_DEPTH = 100 };

enum py_kind {
    PY_NONE,
    PY_BOOL, /* integer is 0 or 1 */
    PY_INT,  /* of 64 bits at most; others are refused */
    PY_FLOAT,
    PY_TEXT,  /* UTF-8 */
    PY_BYTES, /* bytes and bytearray; the str of Python 2 too */
    PY_TUPLE,
    PY_LIST,
    PY_SET,
    PY_DICT,   /* items are key, value, key, value, … */
    PY_NAME,   /* a function or class of the table */
    PY_OBJECT, /* what came of calling one */
    PY_TIME,   /* of an array of datetime64: integer is microseconds since 1970 */
};

/* The names that a pickle may use; several can mean the same. */
enum py_name {
    PY_CODECS_ENCODE,
    PY_BYTES_TYPE,
    PY_SET_TYPE,
    PY_ORDERED_DICT,
    PY_SLICE,
    PY_DATETIME,
    PY_DATE,
    PY_TIMEDELTA,
    PY_TIMEZONE,
    PY_UTC,
    PY_NDARRAY,
    PY_RECONSTRUCT, /* an empty ndarray, filled by its state */
    PY_FROM_BUFFER, /* an ndarray over bytes */
    PY_DTYPE,
    PY_SCALAR,
    PY_DATA_FRAME,
    PY_BLOCK_MANAGER,
    PY_BLOCK,
    PY_NEW_INDEX,
    PY_INDEX,
    PY_TIMESTAMP,
    PY_NAT,
    PY_NA,
    PY_BACKED_ARRAY, /* an array of pandas over an ndarray, which is in its state */
    PY_ARRAY_TYPE,
    PY_STRING_DTYPE,
};

struct py {
    enum py_kind kind;
    int depth; /* levels below it that can't change any more */
    union {
        int64_t integer;
        double number;
        str text;
        struct {
            struct py **at;
            size_t count, capacity;
        } items;
        enum py_name name;
        struct {
            enum py_name name;
            struct py *arguments; /* a tuple */
            struct py *state;     /* NULL: none was set */
        } object;
    };
};

/* Reads the one value of a pickle. ERR_INPUT says what it lacks, or has too much of. */
err *pickle_read(struct arena *a, str bytes, const struct py **out) ERR_NODISCARD;

/* The table: false for a name that is not in it. */
bool pickle_name(str module, str name, enum py_name *out);

/* What a text key of a dict stands for, or NULL; NULL also for what is no dict. */
const struct py *py_get(const struct py *dict, const char *key);
/* The [i]th of a tuple, list or set, or NULL; NULL also for what is none. */
const struct py *py_item(const struct py *v, size_t i);
/* Whether [v] came of calling [name]. */
bool py_is(const struct py *v, enum py_name name);

/* A text, or bytes that are UTF-8 (a str of Python 2). */
bool py_text(const struct py *v, str *out);
/* A whole number, also of a numpy scalar. */
bool py_integer(const struct py *v, int64_t *out);
/* A number or truth value, also of a numpy scalar. NaN is a number. */
bool py_number(const struct py *v, double *out);
/* A datetime, Timestamp or date: microseconds since 1970 as its clock shows them; *has_zone says
 * that it has a zone, then they are UTC's. */
bool py_time(const struct py *v, aest_us *out, bool *has_zone);
/* None, NaN, NaT and NA. */
bool py_missing(const struct py *v);

#endif
