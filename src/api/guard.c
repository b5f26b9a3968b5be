#include "api/guard.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <time.h>

#include "api/route.h"

double guard_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* -- Host ---------------------------------------------------------------------------------------
 */

static bool is_port(str s) {
    uint64_t port;
    return s.len == 0 || (str_to_u64(s, &port) && port <= UINT16_MAX);
}

/* "name:5006" or "[::1]:5006" without port and brackets; empty when it is neither. */
static str host_name(str host) {
    str rest = host, name;
    bool in_brackets = str_starts(host, STR("["));
    if (in_brackets) {
        rest = (str){host.at + 1, host.len - 1};
        name = str_cut(&rest, ']');
        if (name.len + 2 > host.len ||
            (rest.len && rest.at[0] != ':')) /* no ']', or more behind it */
            return (str){0};
        str_cut(&rest, ':');
    } else {
        name = str_cut(&rest, ':');
    }
    if (!is_port(rest))
        return (str){0};
    if (!in_brackets && name.len && name.at[name.len - 1] == '.') /* the root's dot may be said */
        name.len--;
    return name;
}

struct address {
    bool is_one, is_loopback;
};

static struct address read_address(str name) {
    char text[INET6_ADDRSTRLEN];
    struct in_addr v4;
    struct in6_addr v6;
    if (name.len == 0 || name.len >= sizeof text)
        return (struct address){false, false};
    memcpy(text, name.at, name.len);
    text[name.len] = 0;
    if (inet_pton(AF_INET, text, &v4) == 1)
        return (struct address){true, ntohl(v4.s_addr) >> 24 == 127};
    if (inet_pton(AF_INET6, text, &v6) == 1)
        return (struct address){true, IN6_IS_ADDR_LOOPBACK(&v6)};
    return (struct address){false, false};
}

static bool is_known_host(const struct guard *g, str host) {
    str name = host_name(host);
    struct address address = read_address(name);
    if (address.is_loopback || str_eq_nocase(name, STR("localhost")))
        return true;
    if (address.is_one && g->any_address)
        return true;
    for (const char *const *h = g->hosts; h && *h; h++)
        if (name.len && str_eq_nocase(name, str_from(*h)))
            return true;
    return false;
}

/* -- Origin -------------------------------------------------------------------------------------
 */

static bool is_own_origin(const struct http_request *r) {
    const str *origin = http_header(r, "Origin"), *host = http_header(r, "Host");
    const str *site = http_header(r, "Sec-Fetch-Site");
    if (site && !str_eq(*site, STR("same-origin")) && !str_eq(*site, STR("none")))
        return false;
    if (!origin)
        return true;
    str rest = *origin;
    if (str_starts(rest, STR("http://")))
        rest = (str){rest.at + 7, rest.len - 7};
    else if (str_starts(rest, STR("https://"))) /* a proxy before this server speaks TLS */
        rest = (str){rest.at + 8, rest.len - 8};
    else
        return false;
    return host && str_eq_nocase(rest, *host);
}

bool guard_admits_change(const struct guard *g, struct http_response *out) {
    if (!g->is_open)
        return true;
    answer_error(out, 403, "read_only",
                 "this server is open to others without tokens, and changes nothing for anybody",
                 NULL);
    return false;
}

bool guard_admits_body(const struct http_request *r, struct http_response *out) {
    const str *type = http_header(r, "Content-Type");
    str media = type ? *type : (str){0};
    media = str_trim(str_cut(&media, ';'));
    if (str_eq_nocase(media, STR("application/json")))
        return true;
    answer_error(out, 415, "json_expected", "send the body as Content-Type: application/json",
                 NULL);
    return false;
}

/* -- tokens -------------------------------------------------------------------------------------
 */

static int base64_digit(char c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* What "user:password" in base64 has behind its colon; empty when it is none. */
static str basic_password(struct arena *a, str text) {
    while (text.len && text.at[text.len - 1] == '=')
        text.len--;
    char *plain = arena_alloc(a, text.len + 1);
    size_t length = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = base64_digit(text.at[i]);
        if (digit < 0)
            return (str){0};
        bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
        if (i % 4)
            plain[length++] = (char)(bits >> (6 - i % 4 * 2) & 0xff);
    }
    str rest = {plain, length};
    str_cut(&rest, ':');
    return rest;
}

static str presented_token(const struct http_request *r) {
    const str *header = http_header(r, "Authorization");
    if (!header)
        return (str){0};
    str rest = *header, scheme = str_cut(&rest, ' ');
    rest = str_trim(rest);
    if (str_eq_nocase(scheme, STR("Bearer")))
        return rest;
    return str_eq_nocase(scheme, STR("Basic")) ? basic_password(r->memory, rest) : (str){0};
}

static bool has_token(const struct guard *g, const struct http_request *r,
                      struct http_response *out) {
    int wait = 1;
    str token = presented_token(r);
    if (!g->tokens || str_eq(r->path, STR("/health")))
        return true;
    switch (token.len ? tokens_check(g->tokens, token, g->now(), &wait) : TOKEN_UNKNOWN) {
    case TOKEN_GOOD:
        return true;
    case TOKEN_TOO_FAST:
        answer_error(out, 429, "too_many_requests", "this token asks too often; wait a little",
                     NULL);
        out->extra[0] =
            (struct http_header){STR("Retry-After"), str_from(arena_printf(r->memory, "%d", wait))};
        return false;
    case TOKEN_UNKNOWN:
        break;
    }
    answer_error(out, 401, "token_needed",
                 token.len ? "this token is not known" : "send Authorization: Bearer <token>",
                 NULL);
    out->extra[0] = (struct http_header){STR("WWW-Authenticate"), STR("Bearer realm=\"nemd\"")};
    out->extra[1] = (struct http_header){STR("WWW-Authenticate"), STR("Basic realm=\"nemd\"")};
    return false;
}

bool guard_admits(const struct guard *g, const struct http_request *r, struct http_response *out) {
    const str *host = http_header(r, "Host");
    if (host && !is_known_host(g, *host)) { /* HTTP/1.0 may lack it, and is no browser */
        answer_error(out, 421, "wrong_host",
                     "this server doesn't go by that name; --allow-host adds one", NULL);
        return false;
    }
    if (r->method == HTTP_POST && !is_own_origin(r)) {
        answer_error(out, 403, "cross_origin", "a page from elsewhere may not POST here", NULL);
        return false;
    }
    return has_token(g, r, out);
}
