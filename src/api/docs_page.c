/* The description of the API to read, from the table of routes: plain HTML, without script and
 * without anything from elsewhere. */
#include "api/route.h"

const char docs_page_style[] =
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}"
    "code{font-family:ui-monospace,monospace;font-size:.9em}"
    "h2{margin-top:2.5rem;border-bottom:1px solid #8886}"
    "h3{margin:2rem 0 .25rem}"
    "p{margin:.25rem 0}"
    "nav{columns:16rem}nav ul,nav{margin:0;padding:0;list-style:none}"
    "table{border-collapse:collapse;margin:.5rem 0;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;"
    "border-bottom:1px solid #8884}"
    "th{font-weight:600}td:first-child{white-space:nowrap}";

static void escaped(struct buf *out, const char *s) {
    for (; *s; s++) {
        if (*s == '<')
            buf_add_str(out, STR("&lt;"));
        else if (*s == '>')
            buf_add_str(out, STR("&gt;"));
        else if (*s == '&')
            buf_add_str(out, STR("&amp;"));
        else if (*s == '"')
            buf_add_str(out, STR("&quot;"));
        else
            buf_add_char(out, *s);
    }
}

static void element(struct buf *out, const char *name, const char *content) {
    buf_printf(out, "<%s>", name);
    escaped(out, content);
    buf_printf(out, "</%s>", name);
}

static void write_parameter(struct buf *out, struct arena *a, const struct parameter *p) {
    buf_add_str(out, STR("<tr><td>"));
    element(out, "code", p->name);
    buf_add_str(out, STR("</td>"));
    element(out, "td", p->summary);
    element(out, "td", parameter_allowed(a, p));
    element(out, "td",
            p->required   ? "must be given"
            : p->fallback ? p->fallback
            : p->absent   ? p->absent
                          : "none");
    buf_add_str(out, STR("</tr>\n"));
}

static const char *const kinds[] = {
    [ANSWER_SERIES] = "Answer: series over time.",
    [ANSWER_TABLE] = "Answer: a table.",
    [ANSWER_OBJECT] = "Answer: an object.",
};

static void write_route(struct buf *out, struct arena *a, const struct route *r) {
    const struct parameter *parameters[ROUTE_PARAMETERS + 4];
    size_t count = route_parameters(r, parameters);
    buf_printf(out, "<h3 id=\"%s\"><code>%s", r->path, r->is_change ? "POST " : "");
    escaped(out, r->path);
    buf_add_str(out, STR("</code></h3>\n"));
    element(out, "p", r->summary);
    if (r->details)
        element(out, "p", r->details);
    element(out, "p", r->kind == ANSWER_STREAM ? r->content_type : kinds[r->kind]);
    if (r->is_change)
        element(out, "p", "A POST of a JSON object that has these members:");
    if (count) {
        buf_add_str(out, STR("\n<table><thead><tr><th>parameter</th><th>what</th><th>allowed</th>"
                             "<th>without it</th></tr></thead><tbody>\n"));
        for (size_t i = 0; i < count; i++)
            write_parameter(out, a, parameters[i]);
        buf_add_str(out, STR("</tbody></table>\n"));
    }
}

static const char head[] =
    "<!doctype html>\n<html lang=\"en-AU\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    "<title>nemd: the HTTP API</title><link rel=\"stylesheet\" "
    "href=\"docs.css\"></head><body>\n"
    "<h1>The HTTP API</h1>\n"
    "<p>Times are Unix seconds and name the end of an interval; a range is (from, to]; null is "
    "what "
    "isn't known. For programs: <a href=\"openapi.json\">OpenAPI 3.1</a>.</p>\n";

void docs_page_write(struct buf *out) {
    struct arena a = {0};
    const char *tag = "";
    buf_add_str(out, str_from(head));
    buf_add_str(out, STR("<nav><ul>\n"));
    for (const struct route *r = route_next(NULL); r; r = route_next(r))
        buf_printf(out, "<li><a href=\"#%s\"><code>%s</code></a></li>\n", r->path, r->path);
    buf_add_str(out, STR("</ul></nav>\n"));
    for (const struct route *r = route_next(NULL); r; r = route_next(r)) {
        if (strcmp(tag, r->tag) != 0)
            element(out, "h2", r->tag);
        tag = r->tag;
        write_route(out, &a, r);
    }
    buf_add_str(out, STR("</body></html>\n"));
    arena_free(&a);
}
