#include "sim/program/request.h"

static int hex_digit(char c) {
    static const char digits[] = "0123456789abcdef";
    const char *at = memchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c, 16);
    return at ? (int)(at - digits) : -1;
}

/* Replaces %XX once. False for an escape that is none, and for a control character in the result.
 */
static bool percent_decode(struct arena *a, str s, str *out) {
    char *to = arena_alloc(a, s.len + 1);
    *out = (str){to, 0};
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (c == '%') {
            int high = i + 2 < s.len ? hex_digit(s.at[i + 1]) : -1;
            int low = i + 2 < s.len ? hex_digit(s.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if ((unsigned char)c < ' ' || c == 0x7f)
            return false;
        to[out->len++] = c;
    }
    return true;
}

static bool climbs(str path) {
    while (path.len) {
        str step = str_cut(&path, '/');
        if (str_eq(step, STR(".")) || str_eq(step, STR("..")))
            return true;
    }
    return false;
}

static int read_target(struct arena *a, str target, struct sim_request *out) {
    if (target.len == 0 || target.at[0] != '/')
        return -400;
    for (size_t i = 0; i < target.len; i++)
        if (target.at[i] <= ' ' || target.at[i] > '~')
            return -400;
    out->target = str_cut(&target, '?');
    return percent_decode(a, out->target, &out->path) && !climbs(out->path) ? 0 : -400;
}

static int read_method(str name, enum sim_method *out) {
    static const char *const names[] = {
        [SIM_GET] = "GET", [SIM_HEAD] = "HEAD", [SIM_POST] = "POST"};
    for (int i = SIM_GET; i <= SIM_POST; i++) {
        if (str_eq(name, str_from(names[i]))) {
            *out = (enum sim_method)i;
            return 0;
        }
    }
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] < 'A' || name.at[i] > 'Z')
            return -400;
    return name.len ? -405 : -400;
}

/* "GET /path?query HTTP/1.1" */
static int read_request_line(struct arena *a, str line, struct sim_request *out, bool *is_1_0) {
    str method = str_cut(&line, ' '), target = str_cut(&line, ' '), version = line;
    *is_1_0 = str_eq(version, STR("HTTP/1.0"));
    if (!*is_1_0 && !str_eq(version, STR("HTTP/1.1")))
        return str_starts(version, STR("HTTP/")) ? -505 : -400;
    int refused = read_method(method, &out->method);
    return refused ? refused : read_target(a, target, out);
}

/* What the headers say of the request's end and of the connection's. */
static int read_headers(str rest, struct sim_request *out, uint64_t *body_length, int *hosts) {
    int lengths = 0;
    while (rest.len) {
        str line = str_cut(&rest, '\n');
        if (line.len < 2 || line.at[line.len - 1] != '\r' || !memchr(line.at, ':', line.len))
            return -400;
        str name = str_cut(&line, ':'), value = str_trim(line);
        if (name.len == 0 || str_trim(name).len != name.len)
            return -400;
        if (str_eq_nocase(name, STR("Host")))
            ++*hosts;
        else if (str_eq_nocase(name, STR("Connection")))
            out->keep_alive = out->keep_alive && str_find_nocase(value, STR("close")) < 0;
        else if (str_eq_nocase(name, STR("Transfer-Encoding")))
            return -400;
        else if (str_eq_nocase(name, STR("Content-Length")) &&
                 (++lengths > 1 || !str_to_u64(value, body_length)))
            return -400;
    }
    return *body_length > SIM_BODY_BYTES ? -413 : 0;
}

/* The length of the request line and the headers with the empty line behind them. */
static int head_length(str bytes) {
    str head = {bytes.at, bytes.len < SIM_HEAD_BYTES ? bytes.len : SIM_HEAD_BYTES};
    ptrdiff_t end = str_find(head, STR("\r\n\r\n"));
    if (end >= 0)
        return (int)end + 4;
    if (bytes.len < SIM_HEAD_BYTES)
        return 0;
    return str_find(head, STR("\r\n")) < 0 ? -414 : -400;
}

int sim_request_read(struct arena *a, str bytes, struct sim_request *out) {
    uint64_t body_length = 0;
    int hosts = 0, refused, head = head_length(bytes);
    bool is_1_0 = false;
    if (head <= 0)
        return head;
    *out = (struct sim_request){0};
    str rest = {bytes.at, (size_t)head - 2}, line = str_cut(&rest, '\n');
    if (line.len == 0 || line.at[--line.len] != '\r')
        return -400;
    if ((refused = read_request_line(a, line, out, &is_1_0)))
        return refused;
    out->keep_alive = !is_1_0;
    if ((refused = read_headers(rest, out, &body_length, &hosts)))
        return refused;
    if (hosts > 1 || (hosts == 0 && !is_1_0))
        return -400;
    if (bytes.len - (size_t)head < body_length)
        return 0;
    if (!percent_decode(a, str_trim((str){bytes.at + head, (size_t)body_length}), &out->body))
        return -400;
    return head + (int)body_length;
}
