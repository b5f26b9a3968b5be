#include "api/events.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#include "base/json.h"

enum { STATE_INTERVAL, STATE_STALE, STATES };
static const char *const state_events[STATES] = {"interval", "stale"};

struct event_client {
    struct event_clients *of;
    struct event_client *next, **link;
    struct http_stream *stream;
    uint64_t seen; /* number of the last event it was sent */
    bool all;      /* it is to be told the state first */
};

struct event_clients {
    struct events *events;
    struct loop *loop;
    struct event *heartbeat;
    struct event_client *first;
};

void events_init(struct events *e, int most_clients) {
    struct timeval now;
    gettimeofday(&now, NULL);
    *e = (struct events){.mutex = PTHREAD_MUTEX_INITIALIZER, .most_clients = most_clients};
    snprintf(e->begin, sizeof e->begin, "%llx",
             (unsigned long long)now.tv_sec * 1000 + (unsigned long long)now.tv_usec / 1000);
}

void events_free(struct events *e) {
    for (int i = 0; i < EVENTS_KEPT; i++)
        free(e->ring[i].text);
    for (int d = 0; d < DATASETS; d++)
        for (int s = 0; s < STATES; s++)
            free(e->state[d][s]);
    pthread_mutex_destroy(&e->mutex);
}

static void add_event(struct buf *out, const struct events *e, uint64_t number, const char *event,
                      str data) {
    buf_printf(out, "id: %s-%llu\nevent: %s\ndata: %.*s\n\n", e->begin, (unsigned long long)number,
               event, STR_ARG(data));
}

/* -- publishing ---------------------------------------------------------------------------------
 */

static void deliver(void *context, intptr_t number);

static void publish(struct events *e, const char *event, str data, char **state) {
    struct buf text = {0};
    pthread_mutex_lock(&e->mutex);
    add_event(&text, e, ++e->last, event, data);
    struct event_entry *entry = &e->ring[e->last % EVENTS_KEPT];
    free(entry->text);
    *entry = (struct event_entry){e->last, mem_strdup(buf_cstr(&text))};
    if (state) {
        text.len = 0;
        buf_add_str(&text, data);
        free(*state);
        *state = mem_strdup(buf_cstr(&text));
    }
    for (int i = 0; i < e->loop_count; i++)
        loop_post(e->loops[i]->loop, deliver, e->loops[i], 0);
    pthread_mutex_unlock(&e->mutex);
    buf_free(&text);
}

void events_publish(struct events *e, const char *event, str data) {
    publish(e, event, data, NULL);
}

static void publish_state(struct events *e, const struct dataset *d, int which, bool stale,
                          bool known, interval latest) {
    struct buf text = {0};
    struct json j = json_to(&text);
    json_object(&j);
    json_key(&j, "dataset"), json_cstr(&j, d->name);
    json_key(&j, "latest"), known ? json_int(&j, interval_to_unix(latest)) : json_null(&j);
    if (which == STATE_STALE)
        json_key(&j, "stale"), json_bool(&j, stale);
    json_end(&j);
    publish(e, state_events[which], buf_str(&text), &e->state[dataset_id(d)][which]);
    buf_free(&text);
}

void events_publish_interval(struct events *e, const struct dataset *d, bool known,
                             interval latest) {
    publish_state(e, d, STATE_INTERVAL, false, known, latest);
}

void events_publish_stale(struct events *e, const struct dataset *d, bool stale, bool known,
                          interval latest) {
    publish_state(e, d, STATE_STALE, stale, known, latest);
}

int events_clients(struct events *e) {
    pthread_mutex_lock(&e->mutex);
    int count = e->client_count;
    pthread_mutex_unlock(&e->mutex);
    return count;
}

/* -- clients ------------------------------------------------------------------------------------
 */

static void remove_client(struct event_client *c) {
    struct events *e = c->of->events;
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    pthread_mutex_lock(&e->mutex);
    e->client_count--;
    pthread_mutex_unlock(&e->mutex);
    free(c);
}

/* What [c] has not been sent, under the mutex. */
static void collect(struct event_client *c, struct buf *out) {
    struct events *e = c->of->events;
    if (c->all) {
        for (int d = 0; d < DATASETS; d++)
            for (int s = 0; s < STATES; s++)
                if (e->state[d][s])
                    add_event(out, e, e->last, state_events[s], str_from(e->state[d][s]));
    } else {
        for (uint64_t n = c->seen + 1; n <= e->last; n++)
            buf_add_str(out, str_from(e->ring[n % EVENTS_KEPT].text));
    }
    c->seen = e->last;
    c->all = false;
}

/* Sends [text]; who leaves too much lying is let go, and [c] is gone. */
static void send_to(struct event_client *c, str text) {
    struct http_stream *stream = c->stream;
    if (text.len == 0)
        return;
    if (http_stream_unsent(stream) + text.len > EVENTS_UNSENT) {
        remove_client(c);
        http_stream_end(stream, false);
        return;
    }
    http_stream_send(stream, text.at, text.len);
}

static void send_news(struct event_client *c) {
    struct events *e = c->of->events;
    struct buf text = {0};
    pthread_mutex_lock(&e->mutex);
    if (e->last - c->seen >= EVENTS_KEPT) /* slow: the ring has gone round */
        c->all = true;
    collect(c, &text);
    pthread_mutex_unlock(&e->mutex);
    send_to(c, buf_str(&text));
    buf_free(&text);
}

static void deliver(void *context, intptr_t number) {
    struct event_clients *clients = context;
    (void)number;
    for (struct event_client *c = clients->first, *next; c; c = next) {
        next = c->next;
        send_news(c);
    }
}

static void on_heartbeat(evutil_socket_t fd, short what, void *context) {
    struct event_clients *clients = context;
    (void)fd, (void)what;
    for (struct event_client *c = clients->first, *next; c; c = next) {
        next = c->next;
        send_to(c, STR("event: heartbeat\ndata: {}\n\n"));
    }
}

static void on_open(void *context, struct http_stream *s) {
    struct event_client *c = context;
    c->stream = s;
    http_stream_send(s, "retry: 3000\n\n", 13);
    send_news(c);
}

static void on_closed(void *context) {
    remove_client(context);
}

static void on_stopping(void *context) {
    struct event_client *c = context;
    struct http_stream *s = c->stream;
    remove_client(c);
    http_stream_end(s, true);
}

struct event_clients *event_clients_open(struct events *e, struct loop *loop, int heartbeat_s) {
    struct event_clients *c = mem_zalloc(1, sizeof *c);
    c->events = e;
    c->loop = loop;
    c->heartbeat = event_new(loop->base, -1, EV_PERSIST, on_heartbeat, c);
    event_add(c->heartbeat, &(struct timeval){.tv_sec = heartbeat_s});
    pthread_mutex_lock(&e->mutex);
    e->loops[e->loop_count++] = c;
    pthread_mutex_unlock(&e->mutex);
    return c;
}

void event_clients_close(struct event_clients *c) {
    event_free(c->heartbeat);
    free(c);
}

/* The number in "<begin>-<number>" of this process, as long as the ring holds what follows it. */
static bool read_last_id(const struct events *e, str id, uint64_t *seen) {
    str begin = str_cut(&id, '-');
    return str_eq(begin, str_from(e->begin)) && str_to_u64(id, seen) && *seen <= e->last &&
           e->last - *seen < EVENTS_KEPT;
}

bool event_clients_add(struct event_clients *clients, const struct http_request *request,
                       struct http_response *response) {
    struct events *e = clients->events;
    const str *id = http_header(request, "Last-Event-ID");
    pthread_mutex_lock(&e->mutex);
    bool room = e->client_count < e->most_clients;
    if (room) {
        struct event_client *c = mem_zalloc(1, sizeof *c);
        *c = (struct event_client){.of = clients, .next = clients->first, .link = &clients->first};
        c->all = !id || !read_last_id(e, *id, &c->seen);
        if (c->next)
            c->next->link = &c->next;
        clients->first = c;
        e->client_count++;
        response->stream = (struct http_streaming){
            .open = on_open, .closed = on_closed, .stopping = on_stopping, .context = c};
    }
    pthread_mutex_unlock(&e->mutex);
    response->content_type = "text/event-stream";
    response->cache_control = "no-store";
    return room;
}
