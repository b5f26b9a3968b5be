#include "api/body.h"

struct reader {
    struct arena *memory;
    str rest;
};

static void skip_space(struct reader *r) {
    while (r->rest.len && memchr(" \t\r\n", r->rest.at[0], 4))
        r->rest = (str){r->rest.at + 1, r->rest.len - 1};
}

/* The next byte, behind blanks, without taking it; 0 at the end. */
static char peek(struct reader *r) {
    skip_space(r);
    return r->rest.len ? r->rest.at[0] : 0;
}

static bool take(struct reader *r, char c) {
    if (peek(r) != c || !r->rest.len)
        return false;
    r->rest = (str){r->rest.at + 1, r->rest.len - 1};
    return true;
}

static bool read_hex(str s, uint32_t *out) {
    *out = 0;
    for (size_t i = 0; i < 4; i++) {
        char c = i < s.len ? s.at[i] : 0;
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return false;
        *out = *out << 4 | (uint32_t)digit;
    }
    return true;
}

static size_t put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char heads[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(heads[more] | c >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (c >> (6 * (more - i)) & 0x3f));
    return more + 1;
}

/* What stands behind a backslash; false for what is none. */
static bool read_escape(str *s, char *out, size_t *length) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    uint32_t c, low;
    const char *at = s->len && s->at[0] ? strchr(from, s->at[0]) : NULL;
    if (at) {
        out[(*length)++] = to[at - from];
        *s = (str){s->at + 1, s->len - 1};
        return true;
    }
    if (!s->len || s->at[0] != 'u' || !read_hex((str){s->at + 1, s->len - 1}, &c))
        return false;
    *s = (str){s->at + 5, s->len - 5};
    if (c >= 0xd800 && c < 0xdc00) { /* the first half of a pair */
        if (s->len < 6 || s->at[0] != '\\' || s->at[1] != 'u' ||
            !read_hex((str){s->at + 2, s->len - 2}, &low) || low < 0xdc00 || low > 0xdfff)
            return false;
        *s = (str){s->at + 6, s->len - 6};
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    } else if (c >= 0xdc00 && c <= 0xdfff) {
        return false;
    }
    *length += put_utf8(out + *length, c);
    return true;
}

static bool read_text(struct reader *r, str *out) {
    if (!take(r, '"'))
        return false;
    str s = r->rest;
    char *text = arena_alloc(r->memory, s.len + 1);
    size_t length = 0;
    while (s.len && s.at[0] != '"') {
        char c = s.at[0];
        if ((unsigned char)c < 0x20)
            return false;
        s = (str){s.at + 1, s.len - 1};
        if (c != '\\')
            text[length++] = c;
        else if (!read_escape(&s, text, &length)) /* never longer than what it is written as */
            return false;
    }
    r->rest = s;
    *out = (str){text, length};
    return take(r, '"');
}

static size_t digits(str s, size_t from) {
    size_t i = from;
    while (i < s.len && s.at[i] >= '0' && s.at[i] <= '9')
        i++;
    return i - from;
}

static bool read_number(struct reader *r, str *out) {
    str s = r->rest;
    size_t i = s.len && s.at[0] == '-', whole = digits(s, i);
    if (!whole || (whole > 1 && s.at[i] == '0'))
        return false;
    i += whole;
    if (i < s.len && s.at[i] == '.') {
        size_t part = digits(s, i + 1);
        if (!part)
            return false;
        i += 1 + part;
    }
    if (i < s.len && (s.at[i] == 'e' || s.at[i] == 'E')) {
        i++;
        i += i < s.len && (s.at[i] == '+' || s.at[i] == '-');
        size_t power = digits(s, i);
        if (!power)
            return false;
        i += power;
    }
    *out = (str){s.at, i};
    r->rest = (str){s.at + i, s.len - i};
    return true;
}

static const char not_json[] = "must be a JSON object of texts and numbers";

static const char *read_member(struct reader *r, struct body_member *m) {
    if (!read_text(r, &m->name) || !take(r, ':'))
        return not_json;
    m->is_number = peek(r) != '"';
    bool good = m->is_number ? read_number(r, &m->text) : read_text(r, &m->text);
    return good ? NULL : not_json;
}

const char *body_read(struct arena *a, str body, struct body_member out[BODY_MEMBERS],
                      size_t *count) {
    struct reader r = {a, body};
    *count = 0;
    if (!take(&r, '{'))
        return not_json;
    for (bool more = peek(&r) != '}'; more; more = take(&r, ',')) {
        if (*count == BODY_MEMBERS)
            return "must not have so many members";
        const char *wrong = read_member(&r, &out[*count]);
        if (wrong)
            return wrong;
        ++*count;
    }
    if (!take(&r, '}'))
        return not_json;
    skip_space(&r);
    return r.rest.len ? not_json : NULL;
}
