#include "collect/listing.h"

enum {
    MOST_ENTRIES = 100000,
    LONGEST_NAME = 255,  /* what file systems take */
    LONGEST_TAG = 4096,  /* keeps a page of unfinished tags from costing quadratic time */
    LONGEST_ENTITY = 10, /* "&#x10FFFF;" */
    LONGEST_TITLE = 80,
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static str skip(str s, size_t count) {
    return (str){s.at + count, s.len - count};
}

static size_t put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    for (size_t i = more; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)((0xff00 >> (more + 1) & 0xff) | c);
    return more + 1;
}

static uint32_t utf16le_unit(str s, size_t i) {
    return (uint32_t)(unsigned char)s.at[i] | (uint32_t)(unsigned char)s.at[i + 1] << 8;
}

/* Half of a surrogate pair becomes U+FFFD; an odd last byte is dropped. */
static str from_utf16le(struct arena *a, str s) {
    char *out = arena_alloc(a, s.len / 2 * 3 + 1);
    size_t length = 0;
    for (size_t i = 0; i + 1 < s.len; i += 2) {
        uint32_t c = utf16le_unit(s, i);
        uint32_t low = c >> 10 == 0x36 && i + 3 < s.len ? utf16le_unit(s, i + 2) : 0;
        if (low >> 10 == 0x37) {
            c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
            i += 2;
        } else if (c >> 11 == 0x1b) {
            c = 0xfffd;
        }
        length += put_utf8(out + length, c);
    }
    return (str){out, length};
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The digits of "&#35;" or "&#x23;", without what surrounds them. */
static bool number_from(str digits, bool hex, uint32_t *out) {
    uint32_t value = 0;
    if (digits.len == 0 || digits.len > 7)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        int digit = hex_digit(digits.at[i]);
        if (digit < 0 || (!hex && digit > 9))
            return false;
        value = value * (hex ? 16 : 10) + (uint32_t)digit;
    }
    *out = value;
    return value < 0x110000 && value >> 11 != 0x1b;
}

static const struct {
    const char *name;
    uint32_t code;
} named_entities[] = {
    {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", 0xa0},
};

/* The length of the entity that [s] begins with, and its character; 0 when there is none. */
static size_t entity_at(str s, uint32_t *code) {
    size_t reach = s.len < LONGEST_ENTITY ? s.len : LONGEST_ENTITY;
    const char *end = s.at[0] == '&' ? memchr(s.at, ';', reach) : NULL;
    if (!end)
        return 0;
    str inner = {s.at + 1, (size_t)(end - s.at) - 1};
    size_t length = inner.len + 2;
    if (str_starts_nocase(inner, STR("#x")))
        return number_from(skip(inner, 2), true, code) ? length : 0;
    if (str_starts(inner, STR("#")))
        return number_from(skip(inner, 1), false, code) ? length : 0;
    for (size_t i = 0; i < sizeof named_entities / sizeof *named_entities; i++)
        if (str_eq_nocase(inner, str_from(named_entities[i].name))) {
            *code = named_entities[i].code;
            return length;
        }
    return 0;
}

/* A copy of [s] with its entities decoded; what looks like one and isn't stays. No entity is
 * shorter than the UTF-8 of its character. */
static str decode_entities(struct arena *a, str s) {
    char *out = arena_alloc(a, s.len + 1);
    size_t length = 0;
    uint32_t code;
    while (s.len) {
        size_t entity = entity_at(s, &code);
        if (entity)
            length += put_utf8(out + length, code);
        else
            out[length++] = s.at[0];
        s = skip(s, entity ? entity : 1);
    }
    return (str){out, length};
}

/* A copy of [s] decoded once: "%2523" is the name's own "%23". A stray '%' stays. */
static str decode_percent(struct arena *a, str s) {
    char *out = arena_alloc(a, s.len + 1);
    size_t length = 0;
    for (size_t i = 0; i < s.len; i++) {
        int high = s.at[i] == '%' && i + 2 < s.len ? hex_digit(s.at[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(s.at[i + 2]) : -1;
        out[length++] = (char)(low >= 0 ? high << 4 | low : s.at[i]);
        i += low >= 0 ? 2 : 0;
    }
    return (str){out, length};
}

static bool has_control(str s) {
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] < 0x20 || s.at[i] == 0x7f)
            return true;
    return false;
}

/* The last segment of the href's path; empty where it has none, as in "/", "?C=M" or
 * "mailto:somebody". */
static str last_segment(str href) {
    str path = str_cut(&href, '#');
    path = str_cut(&path, '?');
    str rest = path, first = str_cut(&rest, '/');
    if (str_eq_nocase(first, STR("http:")) || str_eq_nocase(first, STR("https:")) ||
        str_starts(path, STR("//"))) {
        path = rest;
        str_cut(&path, '/'); /* nothing between the two slashes */
        if (path.len)
            str_cut(&path, '/'); /* the host */
    } else if (first.len && memchr(first.at, ':', first.len)) {
        return STR("");
    }
    if (path.len && path.at[path.len - 1] == '/')
        path.len--;
    for (size_t i = path.len; i > 0; i--)
        if (path.at[i - 1] == '/')
            return skip(path, i);
    return path;
}

/* Names become file names and log fields, so the page isn't trusted with them. */
static bool is_safe_name(str name) {
    return name.len && name.len <= LONGEST_NAME && !has_control(name) &&
           !memchr(name.at, '/', name.len) && !memchr(name.at, '\\', name.len) &&
           !str_eq(name, STR(".")) && !str_eq(name, STR(".."));
}

/* "3864" or "3,864"; -1 for anything else. */
static int64_t size_from(str s) {
    char digits[18];
    size_t count = 0;
    uint64_t size;
    for (size_t i = 0; i < s.len; i++) {
        bool separator = (s.at[i] == ',' || s.at[i] == '.') && i && (s.len - i) % 4 == 0;
        if (separator)
            continue;
        if (count == sizeof digits)
            return -1;
        digits[count++] = s.at[i];
    }
    return str_to_u64((str){digits, count}, &size) ? (int64_t)size : -1;
}

/* The last word of what stands on the link's line before it: the size, or the mark of a folder. */
static str word_before(str text) {
    for (size_t i = text.len; i > 0; i--)
        if (text.at[i - 1] == '\n') { /* nginx parts entries so, and puts sizes behind the link */
            text = skip(text, i);
            break;
        }
    text = str_trim(text);
    for (size_t i = text.len; i > 0; i--)
        if (is_blank(text.at[i - 1]))
            return skip(text, i);
    return text;
}

/* Takes one attribute off the front of a tag's [rest]; false at '<', '>' or the end. */
static bool take_attribute(str *rest, str *name, str *value) {
    str s = str_trim(*rest);
    size_t i = 0;
    while (i < s.len && !is_blank(s.at[i]) && !memchr("=<>", s.at[i], 3))
        i++;
    *name = (str){s.at, i};
    *value = STR("");
    s = str_trim(skip(s, i));
    if (s.len && s.at[0] == '=') {
        s = str_trim(skip(s, 1));
        char quote = s.len && (s.at[0] == '"' || s.at[0] == '\'') ? s.at[0] : 0;
        const char *end = quote ? memchr(s.at + 1, quote, s.len - 1) : NULL;
        if (quote && !end)
            return false;
        for (i = 0; !quote && i < s.len && !is_blank(s.at[i]) && s.at[i] != '>'; i++)
            ;
        *value = quote ? (str){s.at + 1, (size_t)(end - s.at) - 1} : (str){s.at, i};
        s = skip(s, quote ? value->len + 2 : i);
    } else if (name->len == 0) {
        *rest = s;
        return false;
    }
    *rest = s;
    return true;
}

static bool is_tag(str s, str opening) {
    return s.len > opening.len && str_starts_nocase(s, opening) &&
           memchr(" \t\r\n>/", s.at[opening.len], 6);
}

/* Takes a link's tag off the front of [rest]; false, and [rest] as it was, when no whole one with
 * an href stands there. */
static bool take_link(str *rest, str *href) {
    str name, value, tag = {rest->at, rest->len < LONGEST_TAG ? rest->len : LONGEST_TAG};
    bool found = false;
    if (!is_tag(tag, STR("<a")))
        return false;
    tag = skip(tag, 2);
    while (take_attribute(&tag, &name, &value))
        if (!found && str_eq_nocase(name, STR("href"))) {
            *href = value;
            found = true;
        }
    if (!found || tag.len == 0 || tag.at[0] != '>')
        return false;
    *rest = skip(*rest, (size_t)(tag.at - rest->at) + 1);
    return true;
}

static bool is_parent(str text, str name) {
    return str_eq_nocase(text, STR("[To Parent Directory]")) ||
           str_eq_nocase(text, STR("Parent Directory")) || str_eq(name, STR(".."));
}

/* What a page's <pre> held. */
struct found {
    struct buf entries; /* of struct listing_entry */
    bool looks_right;   /* a link to the parent, a size or a folder's mark was among it */
};

/* Adds the link to [href] unless it is the parent's or has a name that can't be used. */
static void add_link(struct arena *a, struct found *f, str href, str word, str text) {
    struct listing_entry entry = {.href = decode_entities(a, href), .size = size_from(word)};
    bool marked = str_eq_nocase(word, STR("&lt;dir&gt;")) || str_eq_nocase(word, STR("<dir>"));
    entry.name = decode_percent(a, last_segment(entry.href));
    bool parent = is_parent(str_trim(text), entry.name);
    f->looks_right |= parent || marked || entry.size >= 0;
    if (parent || !is_safe_name(entry.name) || has_control(entry.href))
        return;
    entry.is_folder = marked || entry.href.at[entry.href.len - 1] == '/';
    buf_add(&f->entries, &entry, sizeof entry);
}

static err *read_links(struct arena *a, str list, struct found *f) {
    const char *line = list.at, *end = list.at + list.len, *tag;
    while ((tag = memchr(list.at, '<', list.len))) {
        str href;
        list = (str){tag, (size_t)(end - tag)};
        if (!take_link(&list, &href)) {
            if (is_tag(list, STR("<br"))) {
                str rest = skip(list, 1), behind = str_cut(&rest, '<');
                str_cut(&behind, '>');
                line = behind.at;
            }
            list = skip(list, 1);
            continue;
        }
        str rest = list, text = str_cut(&rest, '<');
        str word = word_before((str){line, (size_t)(tag - line)});
        add_link(a, f, href, word, text);
        line = list.at;
        if (f->entries.len / sizeof(struct listing_entry) > MOST_ENTRIES)
            return err_new(ERR_INPUT, "the page lists more than %d entries", MOST_ENTRIES);
    }
    return NULL;
}

/* What stands between the tags [opening] and [closing], given without their '>'. */
static bool between(str page, str opening, str closing, str *out) {
    ptrdiff_t at;
    while ((at = str_find_nocase(page, opening)) >= 0) {
        page = skip(page, (size_t)at);
        if (is_tag(page, opening)) {
            str_cut(&page, '>');
            at = str_find_nocase(page, closing);
            *out = (str){page.at, at >= 0 ? (size_t)at : 0};
            return at >= 0;
        }
        page = skip(page, opening.len);
    }
    return false;
}

/* The page's words about itself, for a message. */
static str title_of(str page) {
    str title;
    if (!between(page, STR("<title"), STR("</title"), &title))
        return STR("");
    title = str_trim(title);
    title.len = title.len < LONGEST_TITLE ? title.len : LONGEST_TITLE;
    return has_control(title) ? STR("") : title;
}

/* "nemweb.com.au - /Reports/CURRENT/"; a folder without links is known by nothing else. */
static bool is_folder_title(str title) {
    return str_find(title, STR(" - /")) >= 0 || str_starts_nocase(title, STR("Index of /"));
}

err *listing_parse(struct arena *a, str page, struct listing_entry **entries, size_t *count) {
    struct found f = {0};
    str list;
    *entries = NULL;
    *count = 0;
    if (str_starts(page, STR("\xff\xfe")))
        page = from_utf16le(a, skip(page, 2));
    str title = title_of(page);
    if (!between(page, STR("<pre"), STR("</pre"), &list))
        return err_new(ERR_INPUT, "not a folder page, or cut short: no whole <pre>, title '%.*s'",
                       STR_ARG(title));
    err *e = read_links(a, list, &f);
    if (!e && !f.looks_right && !is_folder_title(title))
        e = err_new(ERR_INPUT, "not a folder page: its <pre> is no list of files, title '%.*s'",
                    STR_ARG(title));
    if (!e && f.entries.len) {
        *count = f.entries.len / sizeof **entries;
        *entries = ARENA_ARRAY(a, struct listing_entry, *count);
        memcpy(*entries, f.entries.at, f.entries.len);
    }
    buf_free(&f.entries);
    return e;
}
