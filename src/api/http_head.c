#include "api/http_head.h"

static const struct http_status statuses[] = {
    {200, "OK", NULL, NULL},
    {204, "No Content", NULL, NULL},
    {304, "Not Modified", NULL, NULL},
    {400, "Bad Request", "bad_request", "this is not a well-formed HTTP request"},
    {401, "Unauthorized", NULL, NULL},
    {403, "Forbidden", NULL, NULL},
    {404, "Not Found", NULL, NULL},
    {405, "Method Not Allowed", "method_not_allowed", "only GET, HEAD and POST are answered"},
    {408, "Request Timeout", "timeout", "the request took too long to arrive"},
    {413, "Content Too Large", "body_too_large", "the body is larger than this server takes"},
    {414, "URI Too Long", "target_too_long", "the request line is longer than this server takes"},
    {415, "Unsupported Media Type", NULL, NULL},
    {421, "Misdirected Request", NULL, NULL},
    {429, "Too Many Requests", NULL, NULL},
    {431, "Request Header Fields Too Large", "headers_too_large",
     "the headers are larger than this server takes"},
    {500, "Internal Server Error", "internal", "the response can't be made"},
    {501, "Not Implemented", "not_implemented", "this method is not known here"},
    {503, "Service Unavailable", "busy", "there are too many connections; try again later"},
    {505, "HTTP Version Not Supported", "version_not_supported",
     "only HTTP/1.1 and 1.0 are spoken"},
};

const struct http_status *http_status_of(int status) {
    static const struct http_status other = {0, "", "error", ""};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].status == status)
            return &statuses[i];
    return &other;
}

static void add_header(struct buf *b, str name, str value) {
    buf_add_str(b, name);
    buf_add_str(b, STR(": "));
    size_t from = b->len;
    buf_add_str(b, value);
    for (size_t i = from; i < b->len; i++) /* a line end in here would forge headers */
        if ((unsigned char)b->at[i] < ' ')
            b->at[i] = ' ';
    buf_add_str(b, STR("\r\n"));
}

static str date_of(struct http_date *d) {
    time_t now = time(NULL);
    if (now != d->at) {
        struct tm utc;
        gmtime_r(&now, &utc);
        strftime(d->text, sizeof d->text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
        d->at = now;
    }
    return str_from(d->text);
}

/* Nothing of this server is to be shown in another's frame, to run a script that it doesn't serve,
 * or to fetch from elsewhere. The dashboard's charts set styles. */
static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
static const char other_policy[] = "default-src 'none'; frame-ancestors 'none'";

void http_head_write(struct buf *b, const struct http_response *r, const char *encoding,
                     int64_t length, bool keep_alive, struct http_date *date) {
    bool has_body = r->status != 204 && r->status != 304;
    const char *type = r->content_type ? r->content_type : "application/json";
    b->len = 0;
    buf_printf(b, "HTTP/1.1 %d %s\r\n", r->status, http_status_of(r->status)->reason);
    add_header(b, STR("Date"), date_of(date));
    if (has_body) {
        add_header(b, STR("Content-Type"), str_from(type));
        if (length >= 0)
            buf_printf(b, "Content-Length: %lld\r\n", (long long)length);
        else if (length == LENGTH_CHUNKED)
            buf_add_str(b, STR("Transfer-Encoding: chunked\r\n"));
        if (encoding)
            add_header(b, STR("Content-Encoding"), str_from(encoding));
    }
    if (r->etag)
        add_header(b, STR("ETag"), str_from(r->etag));
    add_header(b, STR("Cache-Control"),
               r->cache_control ? str_from(r->cache_control) : STR("no-cache"));
    buf_add_str(b, STR("Vary: Accept-Encoding\r\n"
                       "X-Content-Type-Options: nosniff\r\n"
                       "Referrer-Policy: no-referrer\r\n"
                       "Cross-Origin-Resource-Policy: same-origin\r\n"));
    /* also of a page that is unchanged: a browser takes over what comes with 304 */
    bool is_page = str_starts_nocase(str_from(type), STR("text/html"));
    add_header(b, STR("Content-Security-Policy"), str_from(is_page ? page_policy : other_policy));
    for (size_t i = 0; i < sizeof r->extra / sizeof *r->extra && r->extra[i].name.len; i++)
        add_header(b, r->extra[i].name, r->extra[i].value);
    if (!keep_alive)
        buf_add_str(b, STR("Connection: close\r\n"));
    buf_add_str(b, STR("\r\n"));
}
