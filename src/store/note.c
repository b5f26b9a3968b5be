#include "store/note.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"

enum { LARGEST = 1 << 20 };

void note_add(struct note *n, const char *key, const char *value) {
    if (!value)
        return;
    buf_printf(&n->text, "%s=\"", key);
    for (; *value; value++) {
        if (*value == '\n') {
            buf_add_str(&n->text, STR("\\n"));
            continue;
        }
        if (*value == '"' || *value == '\\')
            buf_add_char(&n->text, '\\');
        buf_add_char(&n->text, *value);
    }
    buf_add_str(&n->text, STR("\"\n"));
}

void note_add_number(struct note *n, const char *key, int64_t value) {
    buf_printf(&n->text, "%s=\"%lld\"\n", key, (long long)value);
}

err *note_write(const char *data, const char *name, struct note *n) {
    struct arena a = {0};
    const char *folder = arena_printf(&a, "%s/notes", data);
    note_add_number(n, "at", (int64_t)time(NULL));
    err *e = file_make_folders(folder);
    if (!e)
        e = file_write_atomic(arena_printf(&a, "%s/%s", folder, name), buf_str(&n->text));
    arena_free(&a);
    return e;
}

err *note_parse(const char *name, str text, struct note *out) {
    *out = (struct note){.text = {0}};
    return config_parse(&out->lines, name, text);
}

err *note_read(const char *data, const char *name, struct note *out) {
    struct arena a = {0};
    struct buf text = {0};
    const char *path = arena_printf(&a, "%s/notes/%s", data, name);
    *out = (struct note){.text = {0}};
    err *e = file_exists(path) ? file_read(path, LARGEST, &text) : NULL;
    if (!e && text.len)
        e = note_parse(path, buf_str(&text), out);
    buf_free(&text);
    arena_free(&a);
    return e;
}

const char *note_text(const struct note *n, const char *key) {
    for (size_t i = n->lines.count; i > 0; i--)
        if (str_eq(n->lines.entries[i - 1].key, str_from(key)))
            return n->lines.entries[i - 1].value.at;
    return NULL;
}

int64_t note_number(const struct note *n, const char *key, int64_t fallback) {
    const char *text = note_text(n, key);
    char *end;
    if (!text || !*text)
        return fallback;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    return *end || errno ? fallback : number;
}

void note_free(struct note *n) {
    buf_free(&n->text);
    config_free(&n->lines);
    *n = (struct note){.text = {0}};
}
