#include "sim/program/answer.h"

#include <time.h>

#include "base/log.h"
#include "sim/model/hash.h"
#include "sim/model/noise.h"

static const char page_type[] = "text/html; charset=UTF-8";

static const struct {
    int status;
    const char *reason, *title, *detail;
} statuses[] = {
    {200, "OK", "", ""},
    {301, "Moved Permanently", "", ""},
    {400, "Bad Request", "Bad Request", "The request is badly formed."},
    {403, "Forbidden", "403 - Forbidden: Access is denied.",
     "You do not have permission to view this directory or page using the credentials that you "
     "supplied."},
    {404, "Not Found", "404 - File or directory not found.",
     "The resource you are looking for might have been removed, had its name changed, or is "
     "temporarily unavailable."},
    {405, "Method Not Allowed", "405 - HTTP verb used to access this page is not allowed.",
     "The page you are looking for cannot be displayed because an invalid method (HTTP verb) was "
     "used to attempt access."},
    {408, "Request Timeout", "Request Timeout", "The request timed out."},
    {413, "Payload Too Large", "413 - Request entity too large.", "The request is too large."},
    {414, "URI Too Long", "Bad Request - URL Too Long", "The URL of the request is too long."},
    {429, "Too Many Requests", "429 - Too many requests.", "Please try again in a while."},
    {500, "Internal Server Error", "500 - Internal server error.",
     "There is a problem with the resource you are looking for, and it cannot be displayed."},
    {505, "HTTP Version Not Supported", "HTTP Error 505", "The HTTP version is not supported."},
};
enum { STATUSES = sizeof statuses / sizeof *statuses };

static int status_index(int status) {
    int i = 0;
    while (i < STATUSES - 1 && statuses[i].status != status)
        i++;
    return i;
}

const char *sim_status_reason(int status) {
    return statuses[status_index(status)].reason;
}

void sim_http_date(aest_us t, struct buf *out) {
    char text[40];
    time_t seconds = (time_t)aest_to_unix(t);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    buf_add_str(out, str_from(text));
}

void sim_answer_status(int status, struct sim_answer *out) {
    int i = status_index(status);
    out->status = status;
    out->type = "text/html";
    out->body.len = 0;
    buf_printf(&out->body,
               "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" "
               "\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\r\n"
               "<html xmlns=\"http://www.w3.org/1999/xhtml\">\r\n<head>\r\n<title>%s</title>\r\n"
               "</head>\r\n<body>\r\n<div id=\"header\"><h1>Server Error</h1></div>\r\n"
               "<div id=\"content\"><fieldset>\r\n  <h2>%s</h2>\r\n  <h3>%s</h3>\r\n"
               "</fieldset></div>\r\n</body>\r\n</html>\r\n",
               statuses[i].title, statuses[i].title, statuses[i].detail);
    if (status == 405)
        buf_printf(&out->headers, "Allow: GET, HEAD\r\n");
}

void sim_answer_free(struct sim_answer *a) {
    buf_free(&a->headers);
    buf_free(&a->body);
}

static bool ends_with_slash(str path) {
    return path.at[path.len - 1] == '/';
}

/* -- faults ------------------------------------------------------------------------------------
 */

static bool truncate_zip(struct buf *body, double where) {
    body->len = (size_t)((double)body->len * (0.1 + 0.85 * where));
    return true;
}

/* Not at the ends, where a time or a name could be hit that nobody checks. */
static bool flip_byte(struct buf *body, double where) {
    if (body->len == 0)
        return false;
    body->at[(size_t)((double)body->len * (0.25 + 0.5 * where))] ^= 0x10;
    return true;
}

/* Where the last "<br>" of [html] ends; 0 when there is none. */
static size_t last_break(str html) {
    for (size_t end = html.len; end >= 4; end--)
        if (str_eq_nocase((str){html.at + end - 4, 4}, STR("<br>")))
            return end;
    return 0;
}

static bool is_file_entry(str entry) {
    return str_find_nocase(entry, STR("</a>")) >= 0 && str_find(entry, STR("&lt;dir&gt;")) < 0 &&
           str_find(entry, STR("[To Parent Directory]")) < 0;
}

/* Entries stand in the order of their names, and names of one kind in that of their times. */
static bool drop_last_file(struct buf *html, double where) {
    (void)where;
    size_t end = last_break(buf_str(html));
    while (end > 0) {
        size_t start = last_break((str){html->at, end - 4});
        if (is_file_entry((str){html->at + start, end - start})) {
            memmove(html->at + start, html->at + end, html->len - end);
            html->len -= end - start;
            return true;
        }
        end = start;
    }
    return false;
}

/* Only of a zip can a reader tell that it was spoilt. */
enum { ON_FOLDERS = 1, ON_ZIPS = 2, ON_OTHERS = 4, ON_ALL = 7 };

/* What a fault of a request does: another status in place of the answer, another body in its place,
 * or another end of the connection. The last entry is that of no fault. */
static const struct play {
    int on;
    int status;
    bool (*spoil)(struct buf *body, double where); /* false: there was nothing to spoil */
    enum sim_ending ending;
    const char *header;
} plays[SIM_FAULTS + 1] = {
    [SIM_FORBIDDEN] = {ON_ALL, .status = 403},
    [SIM_THROTTLED] = {ON_ALL, .status = 429, .header = "Retry-After: 2\r\n"},
    [SIM_BROKEN] = {ON_ALL, .status = 500},
    [SIM_RESET] = {ON_ALL, .ending = SIM_ENDS_RESET},
    [SIM_STALL] = {ON_ALL, .ending = SIM_ENDS_STALLED},
    [SIM_TRUNCATED] = {ON_ZIPS, .spoil = truncate_zip},
    [SIM_FLIPPED] = {ON_ZIPS, .spoil = flip_byte},
    [SIM_STALE_LIST] = {ON_FOLDERS, .spoil = drop_last_file},
};

/* The first fault that falls on the [n]th request for [path], or SIM_FAULTS. */
static enum sim_fault find_fault(const struct sim_faults *faults, str path, uint64_t n) {
    bool is_zip = str_ends_nocase(path, STR(".zip"));
    int on = ends_with_slash(path) ? ON_FOLDERS : is_zip ? ON_ZIPS : ON_OTHERS, i = 0;
    while (i < SIM_FAULTS &&
           !((plays[i].on & on) && sim_fault_hits(faults, (enum sim_fault)i, path, n)))
        i++;
    return (enum sim_fault)i;
}

/* -- answers -----------------------------------------------------------------------------------
 */

static const char *type_of(str path) {
    static const struct {
        const char *end, *type;
    } types[] = {{".zip", "application/x-zip-compressed"}, {".csv", "application/octet-stream"}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_ends_nocase(path, str_from(types[i].end)))
            return types[i].type;
    return "text/plain";
}

static bool is_folder(const struct sim_site *site, str path, aest_us now) {
    struct buf folder = {0}, page = {0};
    buf_printf(&folder, "%.*s/", STR_ARG(path));
    bool there = site->page(site->context, buf_str(&folder), now, &page);
    buf_free(&folder);
    buf_free(&page);
    return there;
}

static void answer_page(const struct sim_site *site, str path, aest_us now,
                        struct sim_answer *out) {
    if (!site->page(site->context, path, now, &out->body)) {
        sim_answer_status(404, out);
        return;
    }
    out->status = 200;
    out->type = page_type;
}

static void answer_file(const struct sim_site *site, const struct sim_request *request, aest_us now,
                        const struct sim_flow *flow, struct sim_answer *out) {
    aest_us modified = 0;
    out->status = 200; /* who takes bytes early asks for it */
    out->type = type_of(request->path);
    if (site->file(site->context, request->path, now, flow, &out->body, &modified)) {
        if (modified) {
            buf_printf(&out->headers, "Last-Modified: ");
            sim_http_date(modified, &out->headers);
            buf_printf(&out->headers, "\r\n");
        }
    } else if (is_folder(site, request->path, now)) {
        out->status = 301;
        out->type = "text/html";
        buf_printf(&out->body, "<head><title>Document Moved</title></head>\n"
                               "<body><h1>Object Moved</h1></body>");
        buf_printf(&out->headers, "Location: %.*s/\r\n", STR_ARG(request->target));
    } else {
        /* The server takes a '#' in a path for an attack, and not for a name that isn't there. */
        sim_answer_status(memchr(request->path.at, '#', request->path.len) ? 400 : 404, out);
    }
}

static void answer_site(struct sim_web *web, const struct sim_request *request,
                        struct sim_answer *out) {
    str path = request->path;
    aest_us now = sim_clock_now(web->clock);
    unsigned n = atomic_fetch_add(&web->asked[sim_hash(path) % SIM_COUNTED_PATHS], 1);
    enum sim_fault fault = find_fault(&web->faults, path, n);
    const struct play *play = &plays[fault];
    bool played = fault < SIM_FAULTS;
    if (play->status)
        sim_answer_status(play->status, out);
    else if (ends_with_slash(path))
        answer_page(&web->site, path, now, out);
    else
        answer_file(&web->site, request, now,
                    play->spoil || play->ending != SIM_ENDS_WHOLE ? NULL : out->flow, out);
    if (play->header)
        buf_printf(&out->headers, "%s", play->header);
    if (play->spoil) {
        struct noise where = {web->faults.seed, sim_hash(path) + SIM_FAULTS};
        played = out->status == 200 && play->spoil(&out->body, noise_uniform(where, n));
    }
    out->ending = play->ending;
    if (played)
        log_info("fault", log_cstr("fault", sim_fault_name[fault]), log_str("path", path),
                 log_int("n", n));
}

static void answer_clock(struct sim_web *web, const struct sim_request *request,
                         struct sim_answer *out) {
    err *e = request->method == SIM_POST ? sim_clock_set(web->clock, request->body) : NULL;
    out->status = e ? 400 : 200;
    out->type = "text/plain";
    if (e)
        buf_printf(&out->body, "%s", err_text(e));
    else
        sim_clock_print(web->clock, &out->body);
    buf_add_char(&out->body, '\n');
    err_free(e);
}

void sim_answer(struct sim_web *web, const struct sim_request *request, struct sim_answer *out) {
    if (web->control && str_eq(request->path, STR("/clock")))
        answer_clock(web, request, out);
    else if (request->method == SIM_POST)
        sim_answer_status(405, out);
    else
        answer_site(web, request, out);
}
