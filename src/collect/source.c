#include "collect/source.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "collect/source_kind.h"

static const struct source_kind *const kinds[] = {&source_http, &source_folder};

static int or_default(int value, int fallback) {
    return value > 0 ? value : fallback;
}

err *source_open(const char *location, const struct source_options *options, struct source **out) {
    struct source_options o = options ? *options : (struct source_options){0};
    o.user_agent = o.user_agent ? o.user_agent : "nemd (AEMO NEM data collector)";
    o.connections = or_default(o.connections, 4);
    o.tries = or_default(o.tries, 4);
    o.first_pause_ms = or_default(o.first_pause_ms, 1000);
    o.timeout_s = or_default(o.timeout_s, 60);
    *out = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i]->accepts(location)) {
            TRY(kinds[i]->open(location, &o, out));
            (*out)->kind = kinds[i];
            (*out)->stop = o.stop;
            return NULL;
        }
    return err_new(ERR_USAGE, "source '%s' is neither an http(s) URL nor a folder", location);
}

void source_close(struct source *s) {
    if (s)
        s->kind->close(s);
}

bool source_is_simulated(const struct source *s) {
    return s->nature == SOURCE_SIMULATED;
}

const char *source_name(const struct source *s) {
    return s->name;
}

/* One step of a path: not empty, not "." or "..", nothing that a system may take for a separator
 * or the end of the text. */
static bool is_step(str step) {
    if (step.len == 0 || str_eq(step, STR(".")) || str_eq(step, STR("..")))
        return false;
    for (size_t i = 0; i < step.len; i++)
        if ((unsigned char)step.at[i] < 0x20 || step.at[i] == '/' || step.at[i] == '\\')
            return false;
    return true;
}

/* Without slashes at its ends. "" is the location itself. */
static err *check_folder(const char *folder, str *out) {
    str path = str_from(folder);
    while (path.len && path.at[0] == '/')
        path.at++, path.len--;
    while (path.len && path.at[path.len - 1] == '/')
        path.len--;
    *out = path;
    while (path.len)
        if (!is_step(str_cut(&path, '/')))
            return err_new(ERR_INPUT, "'%s' is not the path of a folder below the source", folder);
    return NULL;
}

err *source_list(struct source *s, struct arena *a, const char *folder,
                 struct listing_entry **entries, size_t *count, bool *unchanged) {
    str path;
    *entries = NULL;
    *count = 0;
    *unchanged = false;
    TRY(source_check_stop(s));
    TRY(check_folder(folder, &path));
    return s->kind->list(s, a, str_dup(a, path), entries, count, unchanged);
}

void source_forget(struct source *s, const char *folder) {
    s->kind->forget(s, folder);
}

err *source_get(struct source *s, struct source_request *requests, size_t count,
                source_deliver *deliver) {
    return s->kind->get(s, requests, count, deliver);
}

err *source_check_stop(const struct source *s) {
    if (s->stop && stop_requested(s->stop))
        return err_new(ERR_STOPPED, "told to stop while asking %s", s->name);
    return NULL;
}

err *source_check_request(const struct source_request *request) {
    str path;
    TRY(check_folder(request->folder, &path));
    if (!is_step(request->name))
        return err_new(ERR_INPUT, "'%.*s' is not the name of a file", STR_ARG(request->name));
    return NULL;
}

err *source_check_body(const char *content_type, str body) {
    str start = body;
    if (str_starts(start, STR("\xef\xbb\xbf")))
        start = (str){start.at + 3, start.len - 3};
    else if (str_starts(start, STR("\xff\xfe")))
        start = (str){start.at + 2, start.len - 2};
    start = str_trim(start);
    if (start.len == 0)
        return err_new(ERR_INPUT, "the file is empty");
    if (start.at[0] == '<' ||
        (content_type && str_starts_nocase(str_trim(str_from(content_type)), STR("text/html"))))
        return err_new(ERR_INPUT, "an HTML page came in place of the file");
    return NULL;
}

/* Appends [s] with %XX for what may not stand in a URL, or, for a plain name, for all that isn't
 * a letter, a digit or one of "-._~". */
static void add_escaped(struct buf *url, str s, bool is_name) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                     memchr("-._~", c, 4);
        bool legal = c > 0x20 && c < 0x7f && !memchr("\"<>\\^`{|}", c, 9);
        if (plain || (legal && !is_name))
            buf_add_char(url, (char)c);
        else
            buf_printf(url, "%%%02X", c);
    }
}

static char *url_part(CURLU *url, CURLUPart part) {
    char *text = NULL;
    curl_url_get(url, part, &text, CURLU_NO_DEFAULT_PORT);
    char *copy = text ? mem_strdup(text) : NULL;
    curl_free(text);
    return copy;
}

/* A password would end in logs, and a query has no place before the path of a folder. */
static err *check_location(CURLU *url) {
    static const CURLUPart unwanted[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY,
                                         CURLUPART_FRAGMENT};
    for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; i++) {
        char *text = url_part(url, unwanted[i]);
        bool there = text != NULL;
        free(text);
        if (there)
            return err_new(ERR_USAGE, "a source's URL may hold no user, password, '?' or '#'");
    }
    return NULL;
}

err *source_url_read(struct source_url *u, const char *location) {
    CURLU *url = curl_url();
    err *e = !url || curl_url_set(url, CURLUPART_URL, location, 0)
                 ? err_new(ERR_USAGE, "source '%s' is not a whole URL", location)
                 : check_location(url);
    if (!e) {
        struct arena a = {0};
        char *scheme = url_part(url, CURLUPART_SCHEME);
        u->host = url_part(url, CURLUPART_HOST);
        u->port = url_part(url, CURLUPART_PORT);
        u->path = url_part(url, CURLUPART_PATH);
        for (size_t n = strlen(u->path); n > 0 && u->path[n - 1] == '/'; n--)
            u->path[n - 1] = 0;
        u->root = mem_strdup(arena_printf(&a, "%s://%s%s%s", scheme, u->host, u->port ? ":" : "",
                                          u->port ? u->port : ""));
        u->whole = mem_strdup(arena_printf(&a, "%s%s", u->root, u->path));
        free(scheme);
        arena_free(&a);
    }
    curl_url_cleanup(url);
    return e;
}

void source_url_free(struct source_url *u) {
    free(u->root);
    free(u->host);
    free(u->port);
    free(u->path);
    free(u->whole);
}

void source_url_folder(const struct source_url *u, const char *folder, struct buf *out) {
    buf_printf(out, "%s/", u->whole);
    str path = str_from(folder);
    while (path.len) {
        str step = str_cut(&path, '/');
        if (step.len) {
            add_escaped(out, step, true);
            buf_add_char(out, '/');
        }
    }
    buf_cstr(out);
}

/* Whether [text] names the same host and port. The scheme may differ: what is asked for goes to
 * the location's own root in any case. */
static bool is_same_server(const struct source_url *u, const char *text) {
    CURLU *url = curl_url();
    bool same = false;
    if (url && !curl_url_set(url, CURLUPART_URL, text, 0)) {
        char *host = url_part(url, CURLUPART_HOST), *port = url_part(url, CURLUPART_PORT);
        same = str_eq_nocase(str_from(host), str_from(u->host)) &&
               str_eq(str_from(port), str_from(u->port));
        free(host);
        free(port);
    }
    curl_url_cleanup(url);
    return same;
}

/* "http://host:port/path" and "//host/path" become "/path", when the server is ours. */
static err *strip_server(const struct source_url *u, str *href) {
    bool whole =
        str_starts_nocase(*href, STR("http://")) || str_starts_nocase(*href, STR("https://"));
    if (!whole && !str_starts(*href, STR("//")))
        return NULL;
    struct buf text = {0};
    buf_printf(&text, "%s%.*s", whole ? "" : "http:", STR_ARG(*href));
    bool same = is_same_server(u, buf_cstr(&text));
    buf_free(&text);
    if (!same)
        return err_new(ERR_INPUT, "'%.*s' leads to another server than %s", STR_ARG(*href),
                       u->root);
    str_cut(href, '/');
    str_cut(href, '/');
    const char *slash = href->len ? memchr(href->at, '/', href->len) : NULL;
    *href = slash ? (str){slash, href->len - (size_t)(slash - href->at)} : STR("/");
    return NULL;
}

err *source_url_file(const struct source_url *u, const struct source_request *r, struct buf *out) {
    str href = r->href;
    TRY(source_check_request(r));
    TRY(strip_server(u, &href));
    str rest = href, first = str_cut(&rest, '/');
    if (first.len && memchr(first.at, ':', first.len))
        return err_new(ERR_INPUT, "'%.*s' is no link to a file", STR_ARG(href));
    if (str_starts(href, STR("/")))
        buf_add_str(out, str_from(u->root));
    else
        source_url_folder(u, r->folder, out);
    if (href.len)
        add_escaped(out, href, false);
    else
        add_escaped(out, r->name, true);
    buf_cstr(out);
    return NULL;
}
