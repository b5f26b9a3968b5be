/* The machine: a stack, a memo, and an instruction a byte. */
#include "ops/pickle.h"

#include <inttypes.h>
#include <stdlib.h>

struct machine {
    struct arena *memory;
    str rest;    /* of the bytes */
    size_t size; /* of all */
    struct buf stack,
        memo; /* of struct py *; a mark is NULL on the stack, a free place in the memo */
    bool ended;
};

/* -- stack and memo -----------------------------------------------------------------------------
 */

static size_t height(const struct machine *m) {
    return m->stack.len / sizeof(struct py *);
}

static struct py **stack(const struct machine *m) {
    return (struct py **)(void *)m->stack.at;
}

static void push(struct machine *m, struct py *v) {
    buf_add(&m->stack, &v, sizeof v);
}

static err *short_stack(void) {
    return err_new(ERR_INPUT, "an instruction finds nothing to work on");
}

static err *pop(struct machine *m, struct py **out) {
    if (height(m) == 0 || !stack(m)[height(m) - 1])
        return short_stack();
    *out = stack(m)[height(m) - 1];
    m->stack.len -= sizeof *out;
    return NULL;
}

/* Takes what stands above the last mark, and the mark. The array stays valid until the next push.
 */
static err *pop_mark(struct machine *m, struct py ***items, size_t *count) {
    size_t at = height(m);
    while (at > 0 && stack(m)[at - 1])
        at--;
    if (at == 0)
        return err_new(ERR_INPUT, "an instruction finds no mark");
    *count = height(m) - at;
    *items = stack(m) + at;
    m->stack.len = (at - 1) * sizeof **items;
    return NULL;
}

static err *remember(struct machine *m, uint64_t at) {
    if (height(m) == 0 || !stack(m)[height(m) - 1])
        return short_stack();
    if (at >= m->size) /* there can't be as many as there are bytes */
        return err_new(ERR_INPUT, "place %" PRIu64 " of the memo is too far out", at);
    size_t need = ((size_t)at + 1) * sizeof(struct py *);
    if (m->memo.len < need) {
        buf_reserve(&m->memo, need - m->memo.len);
        memset(m->memo.at + m->memo.len, 0, need - m->memo.len);
        m->memo.len = need;
    }
    ((struct py **)(void *)m->memo.at)[at] = stack(m)[height(m) - 1];
    return NULL;
}

static err *recall(struct machine *m, uint64_t at) {
    struct py **memo = (struct py **)(void *)m->memo.at;
    if (at >= m->memo.len / sizeof *memo || !memo[at])
        return err_new(ERR_INPUT, "place %" PRIu64 " of the memo is empty", at);
    push(m, memo[at]);
    return NULL;
}

/* -- bytes --------------------------------------------------------------------------------------
 */

static err *cut_short(void) {
    return err_new(ERR_INPUT, "it is cut short");
}

static err *take(struct machine *m, uint64_t count, str *out) {
    if (count > m->rest.len)
        return cut_short();
    *out = (str){m->rest.at, (size_t)count};
    m->rest = (str){m->rest.at + count, m->rest.len - (size_t)count};
    return NULL;
}

/* A little-endian number of [width] bytes. */
static err *take_number(struct machine *m, int width, uint64_t *out) {
    str bytes = {0};
    TRY(take(m, (uint64_t)width, &bytes));
    *out = 0;
    for (int i = width; i-- > 0;)
        *out = *out << 8 | (unsigned char)bytes.at[i];
    return NULL;
}

/* A line, as GLOBAL has two. */
static err *take_line(struct machine *m, str *out) {
    const char *end = m->rest.len ? memchr(m->rest.at, '\n', m->rest.len) : NULL;
    if (!end)
        return cut_short();
    *out = (str){m->rest.at, (size_t)(end - m->rest.at)};
    m->rest = (str){end + 1, m->rest.len - out->len - 1};
    return NULL;
}

static bool is_utf8(str s) {
    while (s.len) {
        size_t length = str_utf8_length(s);
        if (length == 0)
            return false;
        s = (str){s.at + length, s.len - length};
    }
    return true;
}

/* -- values -------------------------------------------------------------------------------------
 */

static struct py *new_value(struct machine *m, enum py_kind kind) {
    struct py *v = ARENA_NEW(m->memory, struct py);
    v->kind = kind;
    return v;
}

static void push_integer(struct machine *m, enum py_kind kind, int64_t value) {
    struct py *v = new_value(m, kind);
    v->integer = value;
    push(m, v);
}

static err *push_text(struct machine *m, enum py_kind kind, str text) {
    if (kind == PY_TEXT && !is_utf8(text))
        return err_new(ERR_INPUT, "a text is no UTF-8");
    struct py *v = new_value(m, kind);
    v->text = text;
    push(m, v);
    return NULL;
}

/* Says that [v] holds [inner] from now on. */
static err *nest(struct py *v, const struct py *inner) {
    if (inner->depth >= v->depth)
        v->depth = inner->depth + 1;
    return v->depth > PICKLE_DEPTH
               ? err_new(ERR_INPUT, "values are nested more than %d deep", PICKLE_DEPTH)
               : NULL;
}

static err *add_items(struct machine *m, struct py *v, struct py **items, size_t count) {
    if (v->items.count + count > v->items.capacity) {
        size_t capacity = v->items.capacity * 2;
        capacity = capacity < v->items.count + count ? v->items.count + count : capacity;
        struct py **grown = ARENA_ARRAY(m->memory, struct py *, capacity);
        if (v->items.count)
            memcpy(grown, v->items.at, v->items.count * sizeof *grown);
        v->items.at = grown;
        v->items.capacity = capacity;
    }
    for (size_t i = 0; i < count; i++) {
        TRY(nest(v, items[i]));
        v->items.at[v->items.count++] = items[i];
    }
    return NULL;
}

static err *push_items(struct machine *m, enum py_kind kind, struct py **items, size_t count) {
    struct py *v = new_value(m, kind);
    TRY(add_items(m, v, items, count));
    push(m, v);
    return NULL;
}

static err *odd_items(void) {
    return err_new(ERR_INPUT, "a dict has a key without a value");
}

/* Adds to the container that is now on top. */
static err *extend(struct machine *m, enum py_kind kind, struct py **items, size_t count) {
    if (height(m) == 0 || !stack(m)[height(m) - 1])
        return short_stack();
    struct py *v = stack(m)[height(m) - 1];
    if (v->kind != kind)
        return err_new(ERR_INPUT, "items are added to what can't have any");
    if (kind == PY_DICT && count % 2)
        return odd_items();
    return add_items(m, v, items, count);
}

/* -- calls --------------------------------------------------------------------------------------
 */

static err *push_name(struct machine *m, str module, str name) {
    enum py_name found;
    bool plain = is_utf8(module) && is_utf8(name);
    if (!plain || !pickle_name(module, name, &found))
        return err_new(
            ERR_INPUT,
            "it asks for %.*s.%.*s, which is no part of tables, texts, numbers and times",
            (int)(plain && module.len < 80 ? module.len : 0), module.at,
            (int)(plain && name.len < 80 ? name.len : 0), name.at);
    struct py *v = new_value(m, PY_NAME);
    v->name = found;
    push(m, v);
    return NULL;
}

/* _codecs.encode(text, 'latin1'): how protocol 2 writes bytes. */
static err *encode(struct machine *m, const struct py *arguments) {
    const struct py *text = py_item(arguments, 0), *codec = py_item(arguments, 1);
    if (!text || !codec || text->kind != PY_TEXT || codec->kind != PY_TEXT ||
        !str_eq(codec->text, STR("latin1")))
        return err_new(ERR_INPUT, "_codecs.encode is called with something other than latin1");
    char *bytes = arena_alloc(m->memory, text->text.len + 1);
    size_t count = 0;
    for (size_t i = 0; i < text->text.len; i++) {
        unsigned char c = (unsigned char)text->text.at[i];
        if (c >= 0xc4)
            return err_new(ERR_INPUT, "_codecs.encode is called with a text that is no latin1");
        if (c >= 0xc2)
            c = (unsigned char)((c & 3) << 6 | (text->text.at[++i] & 0x3f));
        bytes[count++] = (char)c;
    }
    return push_text(m, PY_BYTES, (str){bytes, count});
}

/* set([…]), OrderedDict(), bytes(): containers in the dress of a call. */
static err *make_plain(struct machine *m, enum py_name name, const struct py *arguments) {
    const struct py *from = py_item(arguments, 0);
    bool from_list = from && (from->kind == PY_LIST || from->kind == PY_TUPLE);
    if (name == PY_SET_TYPE && (!from || from_list))
        return push_items(m, PY_SET, from ? from->items.at : NULL, from ? from->items.count : 0);
    if (name == PY_ORDERED_DICT && !from)
        return push_items(m, PY_DICT, NULL, 0);
    if (name == PY_BYTES_TYPE && (!from || from->kind == PY_BYTES))
        return push_text(m, PY_BYTES, from ? from->text : STR(""));
    return err_new(ERR_INPUT, "a set, dict or bytes is made of something else");
}

static err *call(struct machine *m) {
    struct py *arguments = NULL, *callee = NULL;
    TRY(pop(m, &arguments));
    TRY(pop(m, &callee));
    if (callee->kind != PY_NAME || arguments->kind != PY_TUPLE)
        return err_new(ERR_INPUT, "it calls what can't be called");
    if (callee->name == PY_CODECS_ENCODE)
        return encode(m, arguments);
    if (callee->name == PY_SET_TYPE || callee->name == PY_ORDERED_DICT ||
        callee->name == PY_BYTES_TYPE)
        return make_plain(m, callee->name, arguments);
    struct py *v = new_value(m, PY_OBJECT);
    v->object.name = callee->name;
    v->object.arguments = arguments;
    TRY(nest(v, arguments));
    push(m, v);
    return NULL;
}

static err *set_state(struct machine *m) {
    struct py *state = NULL;
    TRY(pop(m, &state));
    if (height(m) == 0 || !stack(m)[height(m) - 1])
        return short_stack();
    struct py *v = stack(m)[height(m) - 1];
    if (v->kind != PY_OBJECT || v->object.state)
        return err_new(ERR_INPUT, "a state is set where there can't be one");
    v->object.state = state;
    return nest(v, state);
}

/* -- instructions -------------------------------------------------------------------------------
 */

/* What an instruction does, with [n] telling its kin apart. */
typedef err *step(struct machine *m, int n);

static err *do_protocol(struct machine *m, int n) {
    uint64_t version = 0;
    (void)n;
    TRY(take_number(m, 1, &version));
    return version >= 2 && version <= 5
               ? NULL
               : err_new(ERR_INPUT, "it has protocol %" PRIu64 ", not 2 to 5", version);
}

static err *do_frame(struct machine *m, int n) {
    uint64_t length = 0;
    (void)n;
    TRY(take_number(m, 8, &length));
    return length <= m->rest.len ? NULL : cut_short();
}

static err *do_stop(struct machine *m, int n) {
    (void)n;
    m->ended = true;
    return NULL;
}

static err *do_mark(struct machine *m, int n) {
    (void)n;
    push(m, NULL);
    return NULL;
}

static err *do_pop(struct machine *m, int n) {
    (void)n;
    if (height(m) == 0)
        return short_stack();
    m->stack.len -= sizeof(struct py *);
    return NULL;
}

static err *do_pop_mark(struct machine *m, int n) {
    struct py **items = NULL;
    size_t count = 0;
    (void)n;
    return pop_mark(m, &items, &count);
}

static err *do_dup(struct machine *m, int n) {
    struct py *v = NULL;
    (void)n;
    TRY(pop(m, &v));
    push(m, v);
    push(m, v);
    return NULL;
}

static err *do_none(struct machine *m, int n) {
    (void)n;
    push(m, new_value(m, PY_NONE));
    return NULL;
}

static err *do_bool(struct machine *m, int n) {
    push_integer(m, PY_BOOL, n);
    return NULL;
}

static err *do_unsigned(struct machine *m, int width) {
    uint64_t value = 0;
    TRY(take_number(m, width, &value));
    push_integer(m, PY_INT, (int64_t)value);
    return NULL;
}

static err *do_int32(struct machine *m, int n) {
    uint64_t value = 0;
    (void)n;
    TRY(take_number(m, 4, &value));
    push_integer(m, PY_INT, (int32_t)(uint32_t)value);
    return NULL;
}

/* Two's complement of as many bytes as a count of [width] bytes says. */
static err *do_long(struct machine *m, int width) {
    uint64_t count, value = 0;
    str bytes = {0};
    TRY(take_number(m, width, &count));
    TRY(take(m, count, &bytes));
    if (count > 8)
        return err_new(ERR_INPUT, "a whole number has more than 64 bits");
    if (count && bytes.at[count - 1] < 0)
        value = UINT64_MAX;
    for (size_t i = (size_t)count; i-- > 0;)
        value = value << 8 | (unsigned char)bytes.at[i];
    push_integer(m, PY_INT, (int64_t)value);
    return NULL;
}

static err *do_float(struct machine *m, int n) {
    str bytes = {0};
    uint64_t bits = 0;
    (void)n;
    TRY(take(m, 8, &bytes));
    for (int i = 0; i < 8; i++) /* the one number that has its high byte first */
        bits = bits << 8 | (unsigned char)bytes.at[i];
    struct py *v = new_value(m, PY_FLOAT);
    memcpy(&v->number, &bits, sizeof bits);
    push(m, v);
    return NULL;
}

static err *take_counted(struct machine *m, int width, str *out) {
    uint64_t count = 0;
    TRY(take_number(m, width, &count));
    return take(m, count, out);
}

static err *do_text(struct machine *m, int width) {
    str text = {0};
    TRY(take_counted(m, width, &text));
    return push_text(m, PY_TEXT, text);
}

static err *do_bytes(struct machine *m, int width) {
    str bytes = {0};
    TRY(take_counted(m, width, &bytes));
    return push_text(m, PY_BYTES, bytes);
}

static err *do_empty(struct machine *m, int kind) {
    return push_items(m, (enum py_kind)kind, NULL, 0);
}

/* Makes a container of what stands above the mark. */
static err *do_gather(struct machine *m, int kind) {
    struct py **items = NULL;
    size_t count = 0;
    TRY(pop_mark(m, &items, &count));
    if (kind == PY_DICT && count % 2)
        return odd_items();
    return push_items(m, (enum py_kind)kind, items, count);
}

static err *do_tuple(struct machine *m, int count) {
    struct py *items[3] = {NULL};
    for (int i = count; i-- > 0;)
        TRY(pop(m, &items[i]));
    return push_items(m, PY_TUPLE, items, (size_t)count);
}

static err *do_extend(struct machine *m, int kind) {
    struct py **items = NULL;
    size_t count = 0;
    TRY(pop_mark(m, &items, &count));
    return extend(m, (enum py_kind)kind, items, count);
}

static err *do_append(struct machine *m, int n) {
    struct py *item = NULL;
    (void)n;
    TRY(pop(m, &item));
    return extend(m, PY_LIST, &item, 1);
}

static err *do_set_item(struct machine *m, int n) {
    struct py *pair[2] = {NULL};
    (void)n;
    TRY(pop(m, &pair[1]));
    TRY(pop(m, &pair[0]));
    return extend(m, PY_DICT, pair, 2);
}

static err *do_global(struct machine *m, int n) {
    str module = {0}, name = {0};
    (void)n;
    TRY(take_line(m, &module));
    TRY(take_line(m, &name));
    return push_name(m, module, name);
}

static err *do_stack_global(struct machine *m, int n) {
    struct py *module = NULL, *name = NULL;
    (void)n;
    TRY(pop(m, &name));
    TRY(pop(m, &module));
    if (module->kind != PY_TEXT || name->kind != PY_TEXT)
        return err_new(ERR_INPUT, "a name is no text");
    return push_name(m, module->text, name->text);
}

static err *do_call(struct machine *m, int n) {
    (void)n;
    return call(m);
}

/* With keywords, which are dropped when there are none, and refused else. */
static err *do_call_with(struct machine *m, int n) {
    struct py *keywords = NULL;
    (void)n;
    TRY(pop(m, &keywords));
    if (keywords->kind != PY_DICT || keywords->items.count)
        return err_new(ERR_INPUT, "a call has keywords");
    return call(m);
}

static err *do_state(struct machine *m, int n) {
    (void)n;
    return set_state(m);
}

static err *do_put(struct machine *m, int width) {
    uint64_t at = 0;
    TRY(take_number(m, width, &at));
    return remember(m, at);
}

static err *do_memoize(struct machine *m, int n) {
    (void)n;
    return remember(m, m->memo.len / sizeof(struct py *));
}

static err *do_get(struct machine *m, int width) {
    uint64_t at = 0;
    TRY(take_number(m, width, &at));
    return recall(m, at);
}

static err *do_nothing(struct machine *m, int n) {
    (void)m, (void)n;
    return NULL;
}

static err *do_outside(struct machine *m, int n) {
    (void)m, (void)n;
    return err_new(ERR_INPUT, "it refers to something outside of the file");
}

static const struct {
    step *step;
    int n;
} steps[256] = {
    [0x80] = {do_protocol, 0},     [0x95] = {do_frame, 0},        ['.'] = {do_stop, 0},
    ['('] = {do_mark, 0},          ['0'] = {do_pop, 0},           ['1'] = {do_pop_mark, 0},
    ['2'] = {do_dup, 0},           ['N'] = {do_none, 0},          [0x88] = {do_bool, 1},
    [0x89] = {do_bool, 0},         ['J'] = {do_int32, 0},         ['K'] = {do_unsigned, 1},
    ['M'] = {do_unsigned, 2},      [0x8a] = {do_long, 1},         [0x8b] = {do_long, 4},
    ['G'] = {do_float, 0},         ['U'] = {do_bytes, 1}, /* str of Python 2 */
    ['T'] = {do_bytes, 4},         ['X'] = {do_text, 4},          [0x8c] = {do_text, 1},
    [0x8d] = {do_text, 8},         ['C'] = {do_bytes, 1},         ['B'] = {do_bytes, 4},
    [0x8e] = {do_bytes, 8},        [0x96] = {do_bytes, 8}, /* bytearray */
    [')'] = {do_empty, PY_TUPLE},  [']'] = {do_empty, PY_LIST},   ['}'] = {do_empty, PY_DICT},
    [0x8f] = {do_empty, PY_SET},   ['t'] = {do_gather, PY_TUPLE}, ['l'] = {do_gather, PY_LIST},
    ['d'] = {do_gather, PY_DICT},  [0x91] = {do_gather, PY_SET}, /* frozenset */
    [0x85] = {do_tuple, 1},        [0x86] = {do_tuple, 2},        [0x87] = {do_tuple, 3},
    ['a'] = {do_append, 0},        ['e'] = {do_extend, PY_LIST},  ['s'] = {do_set_item, 0},
    ['u'] = {do_extend, PY_DICT},  [0x90] = {do_extend, PY_SET},  ['c'] = {do_global, 0},
    [0x93] = {do_stack_global, 0}, ['R'] = {do_call, 0},          [0x81] = {do_call, 0},
    [0x92] = {do_call_with, 0},    ['b'] = {do_state, 0},         ['q'] = {do_put, 1},
    ['r'] = {do_put, 4},           [0x94] = {do_memoize, 0},      ['h'] = {do_get, 1},
    ['j'] = {do_get, 4},           [0x98] = {do_nothing, 0}, /* marks a buffer read-only */
    [0x97] = {do_outside, 0}, /* buffers beside the pickle, persistent objects, extensions */
    ['P'] = {do_outside, 0},       ['Q'] = {do_outside, 0},       [0x82] = {do_outside, 0},
    [0x83] = {do_outside, 0},      [0x84] = {do_outside, 0},
};

static err *run(struct machine *m, const struct py **out) {
    struct py *result = NULL;
    while (!m->ended) {
        uint64_t code;
        TRY(take_number(m, 1, &code));
        if (!steps[code].step)
            return err_new(
                ERR_INPUT,
                "it has the instruction 0x%02" PRIx64 ", which is none of protocols 2 to 5", code);
        TRY(steps[code].step(m, steps[code].n));
    }
    TRY(pop(m, &result));
    if (height(m))
        return err_new(ERR_INPUT, "it ends with more than one value");
    *out = result;
    return NULL;
}

err *pickle_read(struct arena *a, str bytes, const struct py **out) {
    struct machine m = {.memory = a, .rest = bytes, .size = bytes.len};
    *out = NULL;
    if (bytes.len > PICKLE_BYTES)
        return err_new(ERR_INPUT, "no pickle that nemd reads is as large as %zu bytes", bytes.len);
    if (bytes.len < 2 || bytes.at[0] != (char)0x80)
        return err_new(ERR_INPUT, "no pickle of protocol 2 to 5");
    err *e = run(&m, out);
    if (e)
        e = err_wrap(e, "byte %zu", bytes.len - m.rest.len);
    buf_free(&m.stack);
    buf_free(&m.memo);
    return e;
}
