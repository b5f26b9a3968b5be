#include "api/http.h"

#include <limits.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters, digits and the characters of [marks]. */
static bool consists_of(str s, const char *marks) {
    for (size_t i = 0; i < s.len; i++)
        if (!is_alnum(s.at[i]) && (s.at[i] == 0 || !strchr(marks, s.at[i])))
            return false;
    return true;
}

/* RFC 9110's token: a method or the name of a header. */
static bool is_token(str s) {
    return s.len > 0 && consists_of(s, "!#$%&'*+-.^_`|~");
}

/* The length of the request line and headers with the empty line that ends them; 0 when that line
 * isn't there yet; or minus a status. Every line up to there ends with CR LF, and no other control
 * character but the tab occurs, so the readers below need not look for them. */
static int head_length(str bytes, const struct http_limits *limits) {
    size_t line = 0; /* where the present line starts */
    int lines = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.at[i];
        if (i == limits->head_bytes)
            return lines == 0 ? -414 : -431;
        if (c == '\n') {
            if (i == line || bytes.at[i - 1] != '\r')
                return -400;
            if (i == line + 1)
                return lines == 0 ? -400 : (int)(i + 1);
            if (lines++ > limits->headers)
                return -431;
            line = i + 1;
        } else if (c == '\r') {
            if (i + 1 < bytes.len && bytes.at[i + 1] != '\n')
                return -400;
        } else if (((unsigned char)c < ' ' && c != '\t') || c == 0x7f) {
            return -400;
        }
    }
    return 0;
}

static str take_line(str *rest) {
    str line = str_cut(rest, '\n');
    line.len--; /* the CR */
    return line;
}

static int hex_digit(char c) {
    if (is_digit(c))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Replaces %XX, and '+' by a blank where [form] is set. False for an escape that is none, and for
 * %00, which would end the text early for whoever takes it as a C string. */
static bool percent_decode(struct arena *a, str s, bool form, str *out) {
    bool escaped = s.len && (memchr(s.at, '%', s.len) || (form && memchr(s.at, '+', s.len)));
    if (!escaped) {
        *out = s;
        return true;
    }
    char *to = arena_alloc(a, s.len);
    *out = (str){to, 0};
    for (size_t i = 0; i < s.len; i++) {
        char c = form && s.at[i] == '+' ? ' ' : s.at[i];
        if (c == '%') {
            int high = i + 2 < s.len ? hex_digit(s.at[i + 1]) : -1;
            int low = i + 2 < s.len ? hex_digit(s.at[i + 2]) : -1;
            if (high < 0 || low < 0 || (high == 0 && low == 0))
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        to[out->len++] = c;
    }
    return true;
}

/* Only the form "/path?query": this is no proxy, and "*" belongs to OPTIONS. */
static int read_target(struct arena *a, str target, struct http_request *out) {
    if (target.len == 0 || target.at[0] != '/')
        return -400;
    for (size_t i = 0; i < target.len; i++)
        if (target.at[i] <= ' ' || target.at[i] > '~' || target.at[i] == '#')
            return -400; /* negative chars, the bytes from 0x80, are below ' ' or above '~' */
    str path = str_cut(&target, '?'), ignored;
    out->query = target;
    if (!percent_decode(a, path, false, &out->path) ||
        !percent_decode(a, out->query, false, &ignored))
        return -400;
    if (str_find(out->path, STR("..")) >= 0)
        return -400;
    for (size_t i = 0; i < out->path.len; i++)
        if ((unsigned char)out->path.at[i] < ' ' || out->path.at[i] == 0x7f)
            return -400;
    return 0;
}

static const struct {
    const char *name;
    enum http_method method;
    bool known_only; /* a method of HTTP that nothing here answers to */
} methods[] = {
    {"GET", HTTP_GET, false}, {"HEAD", HTTP_HEAD, false}, {"POST", HTTP_POST, false},
    {"PUT", 0, true},         {"DELETE", 0, true},        {"PATCH", 0, true},
    {"OPTIONS", 0, true},     {"TRACE", 0, true},         {"CONNECT", 0, true},
};

static int read_method(str name, struct http_request *out) {
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (str_eq(name, str_from(methods[i].name))) {
            out->method = methods[i].method;
            return methods[i].known_only ? -405 : 0;
        }
    }
    return -501;
}

/* "GET /path?query HTTP/1.1", with exactly one blank between the three. */
static int read_request_line(struct arena *a, str line, struct http_request *out, int *minor) {
    str method = str_cut(&line, ' '), target = str_cut(&line, ' '), version = line;
    if (!is_token(method) || version.len != 8 || !str_starts(version, STR("HTTP/")) ||
        !is_digit(version.at[5]) || version.at[6] != '.' || !is_digit(version.at[7]))
        return -400;
    *minor = version.at[7] - '0';
    if (version.at[5] != '1' || *minor > 1)
        return -505;
    int status = read_method(method, out);
    return status ? status : read_target(a, target, out);
}

/* The lines of [rest] as headers. A line that starts with a blank would continue the one before it
 * ("folding"); its name is no token, like that of a line with a blank before the colon. */
static int read_headers(struct arena *a, str rest, struct http_request *out) {
    size_t count = 0;
    for (size_t i = 0; i < rest.len; i++)
        count += rest.at[i] == '\n';
    struct http_header *headers = ARENA_ARRAY(a, struct http_header, count);
    for (size_t i = 0; i < count; i++) {
        str value = take_line(&rest);
        const char *colon = value.len ? memchr(value.at, ':', value.len) : NULL;
        if (!colon)
            return -400;
        str name = str_cut(&value, ':');
        if (!is_token(name))
            return -400;
        headers[i] = (struct http_header){name, str_trim(value)};
    }
    out->headers = headers;
    out->header_count = count;
    return 0;
}

/* Takes the next element of the comma-separated [list], trimmed; false at its end. */
static bool list_next(str *list, str *element) {
    if (list->len == 0)
        return false;
    *element = str_trim(str_cut(list, ','));
    return true;
}

/* What the headers say of the request's end and of the connection's. Returns how many Host headers
 * there are, or minus a status. */
static int read_framing(const struct http_request *r, uint64_t *body_length, bool *close) {
    int hosts = 0, lengths = 0;
    *body_length = 0;
    *close = false;
    for (size_t i = 0; i < r->header_count; i++) {
        str name = r->headers[i].name, value = r->headers[i].value, token;
        if (str_eq_nocase(name, STR("Transfer-Encoding"))) {
            return -400;
        } else if (str_eq_nocase(name, STR("Content-Length"))) {
            if (++lengths > 1 || !str_to_u64(value, body_length))
                return -400;
        } else if (str_eq_nocase(name, STR("Host"))) {
            if (++hosts > 1 || !consists_of(value, "-._~%!$&'()*+,;=:[]"))
                return -400;
        } else if (str_eq_nocase(name, STR("Connection"))) {
            while (list_next(&value, &token))
                *close = *close || str_eq_nocase(token, STR("close"));
        }
    }
    return hosts;
}

int http_parse(struct arena *a, str bytes, const struct http_limits *limits,
               struct http_request *out, bool *keep_alive) {
    int head = head_length(bytes, limits), minor, status, hosts;
    uint64_t body_length;
    bool close;
    if (head <= 0)
        return head;
    *out = (struct http_request){.memory = a};
    str rest = {bytes.at, (size_t)head - 2};
    if ((status = read_request_line(a, take_line(&rest), out, &minor)) < 0)
        return status;
    if ((status = read_headers(a, rest, out)) < 0)
        return status;
    if ((hosts = read_framing(out, &body_length, &close)) < 0)
        return hosts;
    if (hosts == 0 && minor >= 1)
        return -400;
    if (body_length > limits->body_bytes || body_length > (uint64_t)(INT_MAX - head))
        return -413;
    if (bytes.len - (size_t)head < body_length)
        return 0;
    out->body = (str){bytes.at + head, (size_t)body_length};
    out->minor = minor;
    *keep_alive = minor >= 1 && !close;
    return head + (int)body_length;
}

const str *http_header(const struct http_request *r, const char *name) {
    for (size_t i = 0; i < r->header_count; i++)
        if (str_eq_nocase(r->headers[i].name, str_from(name)))
            return &r->headers[i].value;
    return NULL;
}

bool http_query_next(struct arena *a, str *query, str *name, str *value) {
    while (query->len) {
        str pair = str_cut(query, '&');
        if (pair.len == 0)
            continue;
        str raw_name = str_cut(&pair, '=');
        if (!percent_decode(a, raw_name, true, name))
            *name = raw_name;
        if (!percent_decode(a, pair, true, value))
            *value = pair;
        return true;
    }
    return false;
}

bool http_query(struct arena *a, str query, const char *name, str *value) {
    str found_name, found;
    while (http_query_next(a, &query, &found_name, &found)) {
        if (str_eq(found_name, str_from(name))) {
            *value = found;
            return true;
        }
    }
    return false;
}

/* Whether the parameters after a coding's name leave it wanted: none, or a weight above 0. */
static bool is_wanted(str parameters) {
    double weight;
    str s = str_trim(parameters);
    if (s.len == 0)
        return true;
    if (!str_starts_nocase(s, STR("q=")))
        return false;
    return str_to_double((str){s.at + 2, s.len - 2}, &weight) && weight > 0 && weight <= 1;
}

bool http_accepts_gzip(const struct http_request *r) {
    bool named = false, gzip = false, any = false;
    for (size_t i = 0; i < r->header_count; i++) {
        if (!str_eq_nocase(r->headers[i].name, STR("Accept-Encoding")))
            continue;
        str list = r->headers[i].value, element;
        while (list_next(&list, &element)) {
            str coding = str_trim(str_cut(&element, ';'));
            if (str_eq_nocase(coding, STR("gzip")) || str_eq_nocase(coding, STR("x-gzip"))) {
                named = true;
                gzip = is_wanted(element);
            } else if (str_eq(coding, STR("*"))) {
                any = is_wanted(element);
            }
        }
    }
    return named ? gzip : any;
}

static str without_weak(str tag) {
    return str_starts(tag, STR("W/")) ? (str){tag.at + 2, tag.len - 2} : tag;
}

/* Tags are cut by their quotes, not at commas, which may stand inside. A list that isn't one
 * names nothing from there on. */
static bool lists_tag(str list, str tag) {
    while ((list = str_trim(list)).len) {
        list = without_weak(list);
        if (list.len == 0 || list.at[0] != '"')
            return false;
        const char *end = memchr(list.at + 1, '"', list.len - 1);
        if (!end)
            return false;
        str one = {list.at, (size_t)(end + 1 - list.at)};
        if (str_eq(one, tag))
            return true;
        list = (str){list.at + one.len, list.len - one.len};
        str between = str_trim(str_cut(&list, ','));
        if (between.len)
            return false;
    }
    return false;
}

static bool etag_matches(const struct http_request *r, str tag, bool any) {
    for (size_t i = 0; i < r->header_count; i++)
        if (str_eq_nocase(r->headers[i].name, STR("If-None-Match")) &&
            (lists_tag(r->headers[i].value, tag) || (any && str_eq(r->headers[i].value, STR("*")))))
            return true;
    return false;
}

bool http_etag_named(const struct http_request *r, const char *etag) {
    return etag_matches(r, without_weak(str_from(etag)), false);
}

bool http_etag_known(const struct http_request *r, const char *etag) {
    return etag_matches(r, without_weak(str_from(etag)), true);
}
