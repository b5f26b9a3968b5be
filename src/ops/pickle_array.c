#include "ops/pickle_array.h"

#include <math.h>
#include <stdio.h>

/* -- types --------------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    int64_t ns;
} units[] = {{"ns", 1},
             {"us", 1000},
             {"ms", 1000000},
             {"s", 1000000000},
             {"m", INT64_C(60000000000)},
             {"h", INT64_C(3600000000000)},
             {"D", INT64_C(86400000000000)}};

/* The unit of a datetime64, which the type's state ends with: (…, ({}, (b"ns", 1, 1, 1))). */
static int64_t unit_of(const struct py *state) {
    const struct py *unit = py_item(py_item(py_item(state, 8), 1), 0);
    str name;
    for (size_t i = 0; unit && py_text(unit, &name) && i < sizeof units / sizeof *units; i++)
        if (str_eq(name, str_from(units[i].name)))
            return units[i].ns;
    return 0;
}

/* dtype("f8", False, True), its state (3, "<", …). */
static err *read_type(const struct py *v, struct py_type *out) {
    str code, order = STR("");
    uint64_t width = 0;
    *out = (struct py_type){0};
    if (!py_is(v, PY_DTYPE) || !py_text(py_item(v->object.arguments, 0), &code) || code.len < 2)
        return err_new(ERR_INPUT, "an array has no type");
    out->letter = code.at[0];
    bool sized = str_to_u64((str){code.at + 1, code.len - 1}, &width) && width <= 4096;
    bool known = sized && memchr("fiubMUSO", out->letter, 8);
    if (out->letter == 'i' || out->letter == 'u')
        known = known && (width == 1 || width == 2 || width == 4 || width == 8);
    else if (out->letter == 'f')
        known = known && (width == 4 || width == 8);
    else if (out->letter == 'b')
        known = known && width == 1;
    else if (out->letter == 'M')
        known = known && width == 8;
    if (!known)
        return err_new(ERR_INPUT, "an array of type %.*s, which is no number, text or time",
                       (int)(code.len < 20 ? code.len : 20), code.at);
    out->width = (int)width * (out->letter == 'U' ? 4 : 1);
    py_text(py_item(v->object.state, 1), &order);
    out->big_endian = str_eq(order, STR(">"));
    out->unit_ns = out->letter == 'M' ? unit_of(v->object.state) : 0;
    return NULL;
}

/* -- elements -----------------------------------------------------------------------------------
 */

static uint64_t bits_of(const struct py_type *t, const char *at) {
    uint64_t bits = 0;
    for (int i = 0; i < t->width; i++) {
        int byte = t->big_endian ? i : t->width - 1 - i;
        bits = bits << 8 | (unsigned char)at[byte];
    }
    return bits;
}

static double float_of(uint64_t bits, int width) {
    double wide;
    float narrow;
    uint32_t low = (uint32_t)bits;
    memcpy(&wide, &bits, sizeof wide);
    memcpy(&narrow, &low, sizeof narrow);
    return width == 8 ? wide : (double)narrow;
}

static int64_t signed_of(uint64_t bits, int width) {
    int unused = 64 - 8 * width;
    return (int64_t)(bits << unused) >> unused;
}

static int64_t to_us(int64_t count, int64_t unit_ns) {
    if (unit_ns >= 1000)
        return count > INT64_MAX / (unit_ns / 1000) || count < INT64_MIN / (unit_ns / 1000)
                   ? INT64_MIN
                   : count * (unit_ns / 1000);
    return count / (1000 / unit_ns) - (count % (1000 / unit_ns) < 0);
}

static void add_utf8(struct buf *out, uint32_t c) {
    if (c < 0x80) {
        buf_add_char(out, (char)c);
    } else if (c < 0x800) {
        buf_add_char(out, (char)(0xc0 | c >> 6));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000 && (c < 0xd800 || c > 0xdfff)) {
        buf_add_char(out, (char)(0xe0 | c >> 12));
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    } else if (c >= 0x10000 && c < 0x110000) {
        buf_add_char(out, (char)(0xf0 | c >> 18));
        buf_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    } else {
        buf_add_str(out, STR("\xef\xbf\xbd"));
    }
}

/* A fixed-width text, padded with zeros: bytes, or characters of four bytes each. */
static void take_text(const struct py_type *t, struct arena *a, const char *at, struct py *out) {
    struct py_type one = {.width = t->letter == 'U' ? 4 : 1, .big_endian = t->big_endian};
    struct buf text = {0};
    size_t end = 0;
    for (int i = 0; i < t->width; i += one.width) {
        uint32_t c = (uint32_t)bits_of(&one, at + i);
        if (t->letter == 'U')
            add_utf8(&text, c);
        else
            buf_add_char(&text, (char)c);
        end = c ? text.len : end;
    }
    out->kind = t->letter == 'U' ? PY_TEXT : PY_BYTES;
    out->text = (str){str_dup(a, (str){text.at, end}), end};
    buf_free(&text);
}

/* False for a date that is none, or that a clock of microseconds can't tell. */
static bool take_element(const struct py_type *t, struct arena *a, const char *at, struct py *out) {
    uint64_t bits = t->width <= 8 ? bits_of(t, at) : 0;
    *out = (struct py){.kind = PY_INT};
    switch (t->letter) {
    case 'f':
        out->kind = PY_FLOAT;
        out->number = float_of(bits, t->width);
        return true;
    case 'b':
        out->kind = PY_BOOL;
        out->integer = bits != 0;
        return true;
    case 'i':
        out->integer = signed_of(bits, t->width);
        return true;
    case 'u':
        out->integer = (int64_t)bits;
        return bits <= INT64_MAX;
    case 'M':
        out->kind = PY_TIME;
        out->integer = (int64_t)bits == INT64_MIN || !t->unit_ns ? INT64_MIN
                                                                 : to_us((int64_t)bits, t->unit_ns);
        return out->integer != INT64_MIN;
    default:
        take_text(t, a, at, out);
        return true;
    }
}

bool py_scalar(const struct py *v, struct py *out) {
    struct py_type type;
    const struct py *bytes = v && py_is(v, PY_SCALAR) ? py_item(v->object.arguments, 1) : NULL;
    if (!bytes)
        return false;
    err *e = read_type(py_item(v->object.arguments, 0), &type);
    bool plain = !e && memchr("fiubM", type.letter, 5);
    err_free(e);
    return plain && bytes->kind == PY_BYTES && bytes->text.len == (size_t)type.width &&
           take_element(&type, NULL, bytes->text.at, out);
}

/* -- arrays -------------------------------------------------------------------------------------
 */

static err *read_shape(const struct py *v, struct py_array *out) {
    int64_t size[PY_DIMENSIONS] = {1, 0};
    if (!v || v->kind != PY_TUPLE || v->items.count < 1 || v->items.count > PY_DIMENSIONS)
        return err_new(ERR_INPUT, "an array is neither a row nor a table");
    for (size_t i = 0; i < v->items.count; i++)
        if (!py_integer(v->items.at[i], &size[PY_DIMENSIONS - v->items.count + i]))
            return err_new(ERR_INPUT, "the shape of an array is no number");
    for (int i = 0; i < PY_DIMENSIONS; i++) {
        if (size[i] < 0 || size[i] > PICKLE_BYTES) /* none is held by fewer bytes than elements */
            return err_new(ERR_INPUT, "an array of %lld", (long long)size[i]);
        out->shape[i] = (size_t)size[i];
    }
    return NULL;
}

static err *take_contents(const struct py *data, struct py_array *out) {
    size_t count = out->shape[0] * out->shape[1], has = 0, needs = 0;
    if (out->type.letter == 'O' && data && data->kind == PY_LIST) {
        out->objects = data;
        has = data->items.count, needs = count;
    } else if (out->type.letter != 'O' && data && data->kind == PY_BYTES) {
        out->raw = data->text;
        has = data->text.len, needs = count * (size_t)out->type.width;
    } else {
        return err_new(ERR_INPUT, "an array has no contents of its type");
    }
    return has == needs ? NULL
                        : err_new(ERR_INPUT, "an array of %zu x %zu has not as many values as that",
                                  out->shape[0], out->shape[1]);
}

/* _frombuffer(bytes, dtype, shape, "C"). */
static err *read_buffer(const struct py *v, struct py_array *out) {
    str order = STR("");
    const struct py *arguments = v->object.arguments;
    TRY(read_type(py_item(arguments, 1), &out->type));
    TRY(read_shape(py_item(arguments, 2), out));
    py_text(py_item(arguments, 3), &order);
    out->by_column = str_eq(order, STR("F"));
    return take_contents(py_item(arguments, 0), out);
}

/* Its state is (1, shape, dtype, is by column, contents). */
static err *read_state(const struct py *v, struct py_array *out) {
    double by_column = 0;
    const struct py *state = v->object.state;
    TRY(read_type(py_item(state, 2), &out->type));
    TRY(read_shape(py_item(state, 1), out));
    py_number(py_item(state, 3), &by_column);
    out->by_column = by_column != 0;
    return take_contents(py_item(state, 4), out);
}

err *py_array(const struct py *v, struct py_array *out) {
    *out = (struct py_array){0};
    if (py_is(v, PY_BACKED_ARRAY)) { /* (dtype, ndarray, {…}), in one order or another */
        const struct py *inner = NULL;
        for (size_t i = 0; !inner && py_item(v->object.state, i); i++)
            if (py_is(py_item(v->object.state, i), PY_RECONSTRUCT) ||
                py_is(py_item(v->object.state, i), PY_FROM_BUFFER))
                inner = py_item(v->object.state, i);
        v = inner;
    }
    if (py_is(v, PY_FROM_BUFFER))
        return read_buffer(v, out);
    if (py_is(v, PY_RECONSTRUCT))
        return read_state(v, out);
    return err_new(ERR_INPUT, "what should be an array is none that nemd knows");
}

const struct py *py_array_item(const struct py_array *x, struct arena *a, size_t i, size_t k) {
    size_t at = x->by_column && !x->objects ? k * x->shape[0] + i : i * x->shape[1] + k;
    if (x->objects)
        return x->objects->items.at[at];
    struct py *v = ARENA_NEW(a, struct py);
    return take_element(&x->type, a, x->raw.at + at * (size_t)x->type.width, v) ? v : NULL;
}
