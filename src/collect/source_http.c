/* NEMWEB over HTTP.
 *
 * Each slot carries one request through all of its tries, pauses included, so a server that
 * throttles is asked less as a whole: a slot that waits takes nothing else on.
 *
 *   FREE --begin--> RUNNING --answered, or all tries failed--> (the caller has it) --> FREE
 *                    |   ^
 *               failed   due
 *                    v   |
 *                   PAUSING
 */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "collect/source_kind.h"

enum {
    LARGEST_PAGE = 32 << 20,
    MOST_DROPPED = 64 << 10,   /* of a body that isn't wanted, to keep the connection */
    MOST_RESERVED = 64 << 20,  /* on a server's word for a body's length */
    LONGEST_PAUSE_MS = 300000, /* whatever Retry-After says */
    LONGEST_VALIDATOR = 512,
    CONNECT_TIMEOUT_S = 10,
    STALLED_S = 30,
    MOST_PAGES = 512,
};

/* A folder page that was read and parsed, to ask for it again only if it changed. */
struct page {
    char *folder, *etag, *last_modified; /* the latter two may be NULL */
    uint64_t hash;
};

struct slot {
    CURL *easy;
    enum { FREE, RUNNING, PAUSING } state;
    struct source_request *file; /* NULL: a folder page */
    struct buf url;              /* zero-terminated */
    struct curl_slist *headers;  /* what makes the request conditional */
    uint64_t limit;
    int tries;
    int64_t due_ms; /* the end of its pause */

    /* The answer of the current try. */
    struct buf body, etag, last_modified; /* of a file that is saved, the body's start */
    size_t dropped;
    int saved; /* descriptor of the file that takes the body, or -1 */
    uint64_t saved_bytes;
    int save_error; /* errno, when it couldn't */
    bool too_large, simulated;
    char problem[CURL_ERROR_SIZE];
};

struct http {
    struct source face;
    struct source_url place;
    CURLM *multi;
    struct slot *slots;
    int connections, tries, first_pause_ms;
    long timeout_s;
    uint64_t random;
    struct page pages[MOST_PAGES];
    size_t page_count, oldest;
};

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static size_t take_header(char *bytes, size_t one, size_t count, void *context) {
    struct slot *s = context;
    str value = {bytes, one * count};
    if (str_starts_nocase(value, STR("HTTP/"))) /* the answer behind a redirect begins */
        s->etag.len = s->last_modified.len = 0, s->simulated = false;
    str name = str_cut(&value, ':');
    s->simulated = s->simulated || str_eq_nocase(name, STR("X-Simulated"));
    struct buf *to = str_eq_nocase(name, STR("ETag"))            ? &s->etag
                     : str_eq_nocase(name, STR("Last-Modified")) ? &s->last_modified
                                                                 : NULL;
    value = str_trim(value);
    if (to && value.len <= LONGEST_VALIDATOR) {
        to->len = 0;
        buf_add_str(to, value);
    }
    return one * count;
}

static bool save(struct slot *s, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t done = write(s->saved, bytes, count);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0) {
            s->save_error = errno;
            return false;
        }
        bytes += done;
        count -= (size_t)done;
        s->saved_bytes += (uint64_t)done;
    }
    return true;
}

static size_t take_body(char *bytes, size_t one, size_t count, void *context) {
    struct slot *s = context;
    long status = 0;
    curl_off_t announced = -1;
    curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        s->dropped += count;
        return s->dropped > MOST_DROPPED ? 0 : one * count;
    }
    uint64_t before = s->saved >= 0 ? s->saved_bytes : s->body.len;
    if (before == 0)
        curl_easy_getinfo(s->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    if (count > s->limit - before || (announced > 0 && (uint64_t)announced > s->limit)) {
        s->too_large = true;
        return 0;
    }
    if (s->saved >= 0) {
        if (before == 0)
            buf_add(&s->body, bytes, count);
        return save(s, bytes, count) ? one * count : 0;
    }
    if (announced > 0 && announced <= MOST_RESERVED)
        buf_reserve(&s->body, (size_t)announced);
    buf_add(&s->body, bytes, count);
    return one * count;
}

static void start_try(struct http *h, struct slot *s) {
    s->body.len = s->etag.len = s->last_modified.len = s->dropped = 0;
    s->too_large = s->simulated = false;
    s->problem[0] = 0;
    s->saved_bytes = 0;
    s->save_error = s->saved >= 0 && ftruncate(s->saved, 0) ? errno : 0;
    if (s->saved >= 0)
        lseek(s->saved, 0, SEEK_SET);
    s->tries++;
    s->state = RUNNING;
    curl_multi_add_handle(h->multi, s->easy);
}

/* Starts the request of [s], whose url, file, limit and headers are set. */
static void begin(struct http *h, struct slot *s) {
    s->tries = 0;
    curl_easy_setopt(s->easy, CURLOPT_URL, s->url.at);
    curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, s->headers);
    /* Pages shrink to a tenth; files are zips already. */
    curl_easy_setopt(s->easy, CURLOPT_ACCEPT_ENCODING, s->file ? NULL : "");
    start_try(h, s);
}

static void make_free(struct slot *s) {
    buf_free(&s->body);
    if (s->saved >= 0)
        close(s->saved);
    s->saved = -1;
    s->url.len = 0;
    curl_slist_free_all(s->headers);
    s->headers = NULL;
    s->state = FREE;
}

static void abandon_all(struct http *h) {
    for (int i = 0; i < h->connections; i++) {
        if (h->slots[i].state == RUNNING)
            curl_multi_remove_handle(h->multi, h->slots[i].easy);
        make_free(&h->slots[i]);
    }
}

/* What NEMWEB says when it is asked too often, and what a server says that is unwell. */
static bool is_passing(long status) {
    return status == 403 || status == 406 || status == 408 || status == 429 || status >= 500;
}

/* What one try came to; [again] when another may do better. */
static err *judge(const struct slot *s, CURLcode result, long status, bool *again) {
    *again = is_passing(status);
    if (*again)
        return err_new(ERR_NETWORK, "the server answered %ld", status);
    if (status == 404 || status == 410)
        return err_new(ERR_INPUT, "the server doesn't have it (%ld)", status);
    if (status >= 400)
        return err_new(ERR_INPUT, "the server refuses it (%ld)", status);
    if (s->save_error)
        return err_errno(s->save_error, "can't write %s", s->file->save_to);
    if (s->too_large)
        return err_new(ERR_INPUT, "larger than the limit of %llu bytes",
                       (unsigned long long)s->limit);
    if (result == CURLE_TOO_MANY_REDIRECTS ||
        (status >= 300 && (result == CURLE_UNSUPPORTED_PROTOCOL || result == CURLE_URL_MALFORMAT)))
        return err_new(ERR_INPUT, "the server's redirect leads nowhere: %s",
                       curl_easy_strerror(result));
    if (result != CURLE_OK) {
        *again = true;
        return err_new(ERR_NETWORK, "%s", s->problem[0] ? s->problem : curl_easy_strerror(result));
    }
    if (status != 200 && !(status == 304 && s->headers))
        return err_new(ERR_INPUT, "the server answered %ld instead of sending it", status);
    return NULL;
}

/* What a server's answers say of it, real or simulated, holds for as long as it is a source. */
static err *note_nature(struct http *h, const struct slot *s) {
    enum source_nature nature = s->simulated ? SOURCE_SIMULATED : SOURCE_REAL;
    if (h->face.nature != SOURCE_UNKNOWN && h->face.nature != nature)
        return err_new(ERR_INPUT, "the server now says that it is %s",
                       s->simulated ? "a simulation" : "no simulation");
    h->face.nature = nature;
    return NULL;
}

/* The pause doubles with each try and is spread by half either way, so that many who were
 * turned away together don't come back together. */
static int64_t pause_ms(struct http *h, const struct slot *s) {
    curl_off_t asked_s = 0;
    double pause = h->first_pause_ms;
    for (int i = 1; i < s->tries && pause < LONGEST_PAUSE_MS; i++)
        pause *= 2;
    h->random = h->random * 6364136223846793005u + 1442695040888963407u;
    pause *= 0.5 + (double)(h->random >> 11) * 0x1p-53;
    curl_easy_getinfo(s->easy, CURLINFO_RETRY_AFTER, &asked_s);
    if ((double)asked_s * 1000 > pause)
        pause = (double)asked_s * 1000;
    return (int64_t)(pause < LONGEST_PAUSE_MS ? pause : LONGEST_PAUSE_MS);
}

/* Ends a try: true with [failure], or NULL for an answer; false when there will be another. */
static bool end_try(struct http *h, struct slot *s, CURLcode result, err **failure) {
    long status = 0;
    bool again;
    curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(h->multi, s->easy);
    s->state = FREE;
    err *e = judge(s, result, status, &again);
    if (!e)
        e = note_nature(h, s);
    if (!again || s->tries >= h->tries) {
        *failure = again ? err_wrap(e, "%s, try %d of %d", s->url.at, s->tries, h->tries)
                         : err_wrap(e, "%s", s->url.at);
        return true;
    }
    int64_t pause = pause_ms(h, s);
    s->state = PAUSING;
    s->due_ms = now_ms() + pause;
    log_debug("will ask again", log_cstr("url", s->url.at), log_err(e), log_int("try", s->tries),
              log_int("pause_ms", pause));
    err_free(e);
    return false;
}

/* Starts those whose pause is over; how long until the next is due, at most a second. */
static int resume_due(struct http *h) {
    int64_t now = now_ms(), wait = 1000;
    for (int i = 0; i < h->connections; i++) {
        struct slot *s = &h->slots[i];
        if (s->state == PAUSING && s->due_ms <= now)
            start_try(h, s);
        else if (s->state == PAUSING && s->due_ms - now < wait)
            wait = s->due_ms - now;
    }
    return (int)wait;
}

/* Drives all slots until one has its answer ([failure] is NULL) or is given up. At least one has
 * to be under way. */
static err *wait_for_one(struct http *h, struct slot **out, err **failure) {
    for (;;) {
        int running, left, wait = resume_due(h);
        CURLMsg *message;
        TRY(source_check_stop(&h->face));
        curl_multi_perform(h->multi, &running);
        while ((message = curl_multi_info_read(h->multi, &left))) {
            char *owner = NULL;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
            *out = (struct slot *)(void *)owner;
            if (end_try(h, *out, message->data.result, failure))
                return NULL;
            wait = 0; /* the pause may be shorter than what was going to be waited for */
        }
        struct curl_waitfd stop = {.events = CURL_WAIT_POLLIN};
        if (h->face.stop)
            stop.fd = h->face.stop->pipe[0];
        curl_multi_poll(h->multi, &stop, h->face.stop ? 1 : 0, wait, NULL);
    }
}

static struct page *find_page(struct http *h, const char *folder) {
    for (size_t i = 0; i < h->page_count; i++)
        if (!strcmp(h->pages[i].folder, folder))
            return &h->pages[i];
    return NULL;
}

static void free_page(struct page *p) {
    free(p->folder);
    free(p->etag);
    free(p->last_modified);
    *p = (struct page){0};
}

static char *copy_or_null(struct buf *text) {
    return text->len ? mem_strdup(buf_cstr(text)) : NULL;
}

/* Only pages that were parsed come here: what couldn't be read must be asked for whole again. */
static void remember_page(struct http *h, const char *folder, struct slot *s, uint64_t hash) {
    struct page *p = find_page(h, folder);
    if (!p && h->page_count < MOST_PAGES)
        p = &h->pages[h->page_count++];
    else if (!p)
        p = &h->pages[h->oldest++ % MOST_PAGES];
    free_page(p);
    *p = (struct page){
        .folder = mem_strdup(folder),
        .etag = copy_or_null(&s->etag),
        .last_modified = copy_or_null(&s->last_modified),
        .hash = hash,
    };
}

static void add_condition(struct slot *s, const char *header, const char *value) {
    struct buf line = {0};
    if (!value)
        return;
    buf_printf(&line, "%s: %s", header, value);
    s->headers = curl_slist_append(s->headers, buf_cstr(&line));
    buf_free(&line);
}

/* FNV-1a. IIS sends no validators with its folder pages, so this is what mostly tells. */
static uint64_t hash_of(str s) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.at[i]) * 0x100000001b3u;
    return hash;
}

static err *read_page(struct http *h, struct arena *a, const char *folder, struct slot *s,
                      struct listing_entry **entries, size_t *count, bool *unchanged) {
    const struct page *known = find_page(h, folder);
    uint64_t hash = hash_of(buf_str(&s->body));
    long status = 0;
    curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
    *unchanged = status == 304 || (known && known->hash == hash);
    if (status == 304)
        return NULL;
    if (!*unchanged)
        TRY(err_wrap(listing_parse(a, buf_str(&s->body), entries, count), "%s", s->url.at));
    remember_page(h, folder, s, hash);
    return NULL;
}

static err *http_list(struct source *face, struct arena *a, const char *folder,
                      struct listing_entry **entries, size_t *count, bool *unchanged) {
    struct http *h = (struct http *)face;
    struct slot *s = &h->slots[0];
    const struct page *known = find_page(h, folder);
    err *failure = NULL;
    s->file = NULL;
    s->limit = LARGEST_PAGE;
    curl_easy_setopt(s->easy, CURLOPT_TIMEOUT, h->timeout_s);
    source_url_folder(&h->place, folder, &s->url);
    if (known) {
        add_condition(s, "If-None-Match", known->etag);
        add_condition(s, "If-Modified-Since", known->last_modified);
    }
    begin(h, s);
    err *e = wait_for_one(h, &s, &failure);
    if (!e)
        e = failure ? failure : read_page(h, a, folder, s, entries, count, unchanged);
    abandon_all(h);
    return e;
}

static void http_forget(struct source *face, const char *folder) {
    struct http *h = (struct http *)face;
    for (size_t i = 0; i < h->page_count;) {
        if (str_starts(str_from(h->pages[i].folder), str_from(folder))) {
            free_page(&h->pages[i]);
            h->pages[i] = h->pages[--h->page_count];
            h->pages[h->page_count] = (struct page){0};
        } else {
            i++;
        }
    }
}

/* Gives [s] the next request, or hands the request back when it can't be asked for. */
static bool take_on(struct http *h, struct slot *s, struct source_request *r,
                    source_deliver *deliver) {
    make_free(s);
    err *e = source_url_file(&h->place, r, &s->url);
    if (e)
        return deliver(r, &(struct buf){0}, e);
    s->file = r;
    s->limit = r->limit;
    if (r->save_to) {
        s->saved = open(r->save_to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (s->saved < 0) {
            make_free(s);
            return deliver(r, &(struct buf){0}, err_errno(errno, "can't make %s", r->save_to));
        }
    }
    /* a large file may take as long as it moves */
    curl_easy_setopt(s->easy, CURLOPT_TIMEOUT, r->save_to ? 0L : h->timeout_s);
    begin(h, s);
    return true;
}

static bool hand_over(struct slot *s, err *failure, source_deliver *deliver) {
    const char *type = NULL;
    curl_easy_getinfo(s->easy, CURLINFO_CONTENT_TYPE, &type);
    if (!failure)
        failure = err_wrap(source_check_body(type, buf_str(&s->body)), "%s", s->url.at);
    if (failure || s->saved >= 0)
        buf_free(&s->body);
    bool go_on = deliver(s->file, &s->body, failure);
    make_free(s);
    return go_on;
}

static bool is_busy(const struct http *h) {
    for (int i = 0; i < h->connections; i++)
        if (h->slots[i].state != FREE)
            return true;
    return false;
}

static err *http_get(struct source *face, struct source_request *requests, size_t count,
                     source_deliver *deliver) {
    struct http *h = (struct http *)face;
    size_t next = 0;
    bool go_on = true;
    err *e = source_check_stop(face);
    while (go_on && !e) {
        err *failure = NULL;
        struct slot *s;
        for (int i = 0; i < h->connections; i++)
            while (go_on && next < count && h->slots[i].state == FREE)
                go_on = take_on(h, &h->slots[i], &requests[next++], deliver);
        if (!go_on || !is_busy(h))
            break;
        e = wait_for_one(h, &s, &failure);
        if (!e)
            go_on = hand_over(s, failure, deliver);
    }
    abandon_all(h);
    return e;
}

static err *set_up_slot(struct slot *s, const struct source_options *o) {
    CURL *c = s->easy = curl_easy_init();
    s->saved = -1;
    if (!c)
        return err_new(ERR_IO, "libcurl can't be set up");
    curl_easy_setopt(c, CURLOPT_PRIVATE, (void *)s);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->problem);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, (void *)s);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, (void *)s);
    curl_easy_setopt(c, CURLOPT_USERAGENT, o->user_agent);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)o->timeout_s);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)STALLED_S);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(c, CURLOPT_MAXREDIRS, 3L);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(c, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700 /* else a slow name server could hold up a stop */
    curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
#endif
    return NULL;
}

static void http_close(struct source *face) {
    struct http *h = (struct http *)face;
    abandon_all(h);
    for (int i = 0; i < h->connections; i++) {
        struct slot *s = &h->slots[i];
        curl_easy_cleanup(s->easy);
        buf_free(&s->url);
        buf_free(&s->etag);
        buf_free(&s->last_modified);
    }
    curl_multi_cleanup(h->multi);
    http_forget(face, "");
    free(h->slots);
    source_url_free(&h->place);
    free(h);
}

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void set_up_curl(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT); /* where it fails, curl_easy_init will */
}

static err *http_open(const char *location, const struct source_options *o, struct source **out) {
    struct http *h = mem_zalloc(1, sizeof *h);
    pthread_once(&curl_once, set_up_curl);
    h->connections = o->connections;
    h->tries = o->tries;
    h->timeout_s = o->timeout_s;
    h->first_pause_ms = o->first_pause_ms;
    h->random = (uint64_t)now_ms() ^ (uint64_t)getpid() << 32;
    h->slots = mem_zalloc((size_t)h->connections, sizeof *h->slots);
    h->multi = curl_multi_init();
    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)h->connections);
    err *e = source_url_read(&h->place, location);
    h->face.name = h->place.whole;
    for (int i = 0; !e && i < h->connections; i++)
        e = set_up_slot(&h->slots[i], o);
    if (e)
        http_close(&h->face);
    else
        *out = &h->face;
    return e;
}

static bool http_accepts(const char *location) {
    str s = str_from(location);
    return str_starts_nocase(s, STR("http://")) || str_starts_nocase(s, STR("https://"));
}

const struct source_kind source_http = {
    .accepts = http_accepts,
    .open = http_open,
    .close = http_close,
    .list = http_list,
    .forget = http_forget,
    .get = http_get,
};
