/* Live events: /v1/events, as server-sent events.
 *
 *   watcher, alerts --> events_publish --> ring of the last events --> each loop --> its clients
 *                         (any thread)      under a mutex            posted
 *
 *   id: 19ac3f00d21-57                    <begin of this process>-<number>
 *   event: interval                       a dataset has changed
 *   data: {"dataset":"prices5","latest":1755655200}
 *
 * A client that comes, or comes back with a Last-Event-ID that the ring no longer reaches, is told
 * the state of everything first; one that comes back in time gets just what it missed. So nobody
 * has to ask and subscribe in an order that loses nothing.
 *
 * Who doesn't take what is sent is let go, and told anew when it comes back.
 */
#ifndef API_EVENTS_H
#define API_EVENTS_H

#include "api/http.h"
#include "store/dataset.h"

enum {
    EVENTS_KEPT = 512,         /* in the ring */
    EVENTS_UNSENT = 256 << 10, /* bytes that a client may leave lying */
    EVENTS_HEARTBEAT_S = 15,   /* unless set otherwise */
    EVENTS_MOST_LOOPS = 64,
};

struct event_entry {
    uint64_t number;
    char *text; /* as it is sent */
};

struct events {
    pthread_mutex_t mutex;
    char begin[24];                       /* of each id */
    uint64_t last;                        /* number of the newest event; 0: none yet */
    struct event_entry ring[EVENTS_KEPT]; /* event n at n % EVENTS_KEPT */
    char *state[DATASETS][2]; /* the newest data of "interval" and of "stale", or NULL */
    struct event_clients *loops[EVENTS_MOST_LOOPS];
    int loop_count;
    int most_clients;
    int client_count;
};

void events_init(struct events *e, int most_clients);
/* When no loop runs any longer. */
void events_free(struct events *e);

/* From any thread; [data] is one line of JSON. */
void events_publish(struct events *e, const char *event, str data);
/* The two that are part of the state. */
void events_publish_interval(struct events *e, const struct dataset *d, bool known,
                             interval latest);
void events_publish_stale(struct events *e, const struct dataset *d, bool stale, bool known,
                          interval latest);
int events_clients(struct events *e);

/* The clients of one loop; in its thread. */
struct event_clients;
struct event_clients *event_clients_open(struct events *e, struct loop *loop, int heartbeat_s);
/* After the loop's server was closed. */
void event_clients_close(struct event_clients *c);

/* Makes [response] a stream of events; false when there are too many. */
bool event_clients_add(struct event_clients *c, const struct http_request *request,
                       struct http_response *response);

#endif
