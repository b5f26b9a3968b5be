#include "ops/dashboard_probe.h"

#include <curl/curl.h>
#include <pthread.h>

/* What the first view asks for (web/src/views/today.ts). */
static const char *const first_view[] = {
    "/v1/prices",       "/v1/demand", "/v1/generation?by=fuel", "/v1/gauges/today?limit=500",
    "/v1/transmission",
};

enum { PATIENCE_S = 20, LARGEST = 64 << 20 };

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void set_up_curl(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT); /* where it fails, curl_easy_init will */
}

static size_t take(char *bytes, size_t size, size_t count, void *context) {
    struct buf *body = context;
    if (body->len + size * count > LARGEST)
        return 0;
    buf_add(body, bytes, size * count);
    return size * count;
}

struct probe {
    CURL *curl;
    const char *root; /* "http://127.0.0.1:5006" */
    struct dashboard_probe *out;
};

/* One request; the body replaces what [body] holds. */
static err *get(struct probe *p, struct arena *a, const char *path, struct buf *body) {
    char words[CURL_ERROR_SIZE] = "";
    double seconds = 0;
    long status = 0;
    const char *url = arena_printf(a, "%s%s", p->root, path);
    body->len = 0;
    curl_easy_setopt(p->curl, CURLOPT_URL, url);
    curl_easy_setopt(p->curl, CURLOPT_ERRORBUFFER, words);
    curl_easy_setopt(p->curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(p->curl, CURLOPT_WRITEDATA, (void *)body);
    CURLcode code = curl_easy_perform(p->curl);
    if (code != CURLE_OK)
        return err_new(ERR_NETWORK, "%s: %s", url, *words ? words : curl_easy_strerror(code));
    curl_easy_getinfo(p->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(p->curl, CURLINFO_TOTAL_TIME, &seconds);
    p->out->seconds += seconds;
    p->out->requests++;
    p->out->bytes += body->len;
    if (status == 401)
        p->out->wants_token = true;
    else if (status != 200)
        return err_new(ERR_NETWORK, "%s answers %ld", url, status);
    return NULL;
}

/* Scripts and styles that the page names: src="./…" and href="./…". */
static err *get_parts(struct probe *p, struct arena *a, str page) {
    struct buf part = {0};
    err *e = NULL;
    for (ptrdiff_t at; !e && (at = str_find(page, STR("=\"./"))) >= 0;) {
        page = (str){page.at + at + 3, page.len - (size_t)at - 3};
        str name = str_cut(&page, '"');
        e = get(p, a, str_dup(a, name), &part);
    }
    buf_free(&part);
    return e;
}

static err *open_page(struct probe *p, struct arena *a) {
    struct buf body = {0};
    err *e = get(p, a, "/", &body);
    if (!e && !p->out->wants_token)
        e = get_parts(p, a, buf_str(&body));
    for (size_t i = 0; !e && !p->out->wants_token && i < sizeof first_view / sizeof *first_view;
         i++)
        e = get(p, a, first_view[i], &body);
    buf_free(&body);
    return e;
}

err *dashboard_probe(const char *host, int port, const char *token, struct dashboard_probe *out) {
    struct arena a = {0};
    pthread_once(&curl_once, set_up_curl);
    const bool any = strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
    const bool ipv6 = strchr(host, ':') && !any;
    struct probe p = {.curl = curl_easy_init(),
                      .root = arena_printf(&a, "http://%s%s%s:%d", ipv6 ? "[" : "",
                                           any ? "127.0.0.1" : host, ipv6 ? "]" : "", port),
                      .out = out};
    *out = (struct dashboard_probe){.seconds = 0};
    err *e = p.curl ? NULL : err_new(ERR_IO, "libcurl can't be set up");
    if (!e) {
        curl_easy_setopt(p.curl, CURLOPT_TIMEOUT, (long)PATIENCE_S);
        curl_easy_setopt(p.curl, CURLOPT_PROXY, "");
        curl_easy_setopt(p.curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(p.curl, CURLOPT_ACCEPT_ENCODING, "");
        if (token) {
            curl_easy_setopt(p.curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
            curl_easy_setopt(p.curl, CURLOPT_XOAUTH2_BEARER, token);
        }
        e = open_page(&p, &a);
    }
    if (p.curl)
        curl_easy_cleanup(p.curl);
    arena_free(&a);
    return e;
}
