#include "base/config.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/file.h"

enum { LARGEST_FILE = 1 << 20 };

static bool valid_key(str key) {
    if (key.len == 0 || isdigit((unsigned char)key.at[0]))
        return false;
    for (size_t i = 0; i < key.len; i++)
        if (!isalnum((unsigned char)key.at[i]) && key.at[i] != '_')
            return false;
    return true;
}

/* Takes a quoted value, which may go over line ends, off the front of [rest]. False when the quotes
 * aren't closed. */
static bool take_quoted(str *rest, struct buf *value) {
    char quote = rest->at[0];
    value->len = 0;
    for (size_t i = 1; i < rest->len; i++) {
        char c = rest->at[i];
        if (c == quote) {
            *rest = (str){rest->at + i + 1, rest->len - i - 1};
            return true;
        }
        if (quote == '"' && c == '\\' && i + 1 < rest->len) {
            c = rest->at[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        buf_add_char(value, c);
    }
    return false;
}

/* An unquoted value ends with its line, or at a blank and '#'. */
static str strip_comment(str value) {
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] == '#' && (i == 0 || isspace((unsigned char)value.at[i - 1])))
            value.len = i;
    return str_trim(value);
}

static int line_number(str text, const char *at) {
    int line = 1;
    for (const char *p = text.at; p < at; p++)
        line += *p == '\n';
    return line;
}

err *config_parse(struct config *c, const char *name, str text) {
    struct buf found = {0}, unquoted = {0};
    const char *from = arena_printf(&c->memory, "%s", name);
    err *e = NULL;
    buf_add(&found, c->entries, c->count * sizeof *c->entries);
    for (str rest = text; rest.len && !e;) {
        struct config_entry entry = {.from = from};
        while (rest.len && isspace((unsigned char)rest.at[0]))
            rest = (str){rest.at + 1, rest.len - 1};
        if (rest.len == 0)
            break;
        if (rest.at[0] == '#') {
            str_cut(&rest, '\n');
            continue;
        }
        const char *line = rest.at;
        ptrdiff_t equals = str_find(rest, STR("=")), newline = str_find(rest, STR("\n"));
        entry.key = str_trim(str_cut(&rest, '='));
        if (str_starts(entry.key, STR("export ")))
            entry.key = str_trim((str){entry.key.at + 7, entry.key.len - 7});
        if (equals < 0 || (newline >= 0 && newline < equals) || !valid_key(entry.key)) {
            e = err_new(ERR_USAGE, "%s, line %d: expected KEY=VALUE", name,
                        line_number(text, line));
            break;
        }
        while (rest.len && (rest.at[0] == ' ' || rest.at[0] == '\t'))
            rest = (str){rest.at + 1, rest.len - 1};
        if (rest.len && (rest.at[0] == '"' || rest.at[0] == '\'')) {
            if (!take_quoted(&rest, &unquoted)) {
                e = err_new(ERR_USAGE, "%s, line %d: the quotes are not closed", name,
                            line_number(text, line));
                break;
            }
            if (strip_comment(str_cut(&rest, '\n')).len) {
                e = err_new(ERR_USAGE, "%s, line %d: text after the closing quote", name,
                            line_number(text, line));
                break;
            }
            entry.value = buf_str(&unquoted);
        } else {
            entry.value = strip_comment(str_cut(&rest, '\n'));
        }
        entry.key = (str){str_dup(&c->memory, entry.key), entry.key.len};
        /* config_get hands values out as C strings */
        entry.value = (str){str_dup(&c->memory, entry.value), entry.value.len};
        buf_add(&found, &entry, sizeof entry);
    }
    c->count = found.len / sizeof *c->entries;
    c->entries = ARENA_ARRAY(&c->memory, struct config_entry, c->count);
    if (c->count)
        memcpy(c->entries, found.at, found.len);
    buf_free(&found);
    buf_free(&unquoted);
    return e;
}

err *config_read(struct config *c, const char *path) {
    struct buf text = {0};
    err *e = file_read(path, LARGEST_FILE, &text);
    if (!e)
        e = config_parse(c, path, buf_str(&text));
    buf_free(&text);
    return e;
}

/* The last line of that key. */
static const struct config_entry *find(const struct config *c, const char *key) {
    for (size_t i = c->count; i-- > 0;)
        if (str_eq(c->entries[i].key, str_from(key)))
            return &c->entries[i];
    return NULL;
}

const char *config_get(const struct config *c, const char *key, const char *fallback) {
    const char *value = getenv(key);
    const struct config_entry *entry = value ? NULL : find(c, key);
    if (entry)
        value = entry->value.at;
    return value ? value : fallback;
}

const char *config_file_of(const struct config *c, const char *key) {
    const struct config_entry *entry = getenv(key) ? NULL : find(c, key);
    return entry ? entry->from : NULL;
}

void config_free(struct config *c) {
    arena_free(&c->memory);
    *c = (struct config){0};
}
