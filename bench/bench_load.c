/* Analysts who ask a `nemd serve` on this machine, as many as wanted.
 *
 *   bench_load PORT STATIONS FIRST DAYS CONNECTIONS SECONDS [THINK] [gzip]
 *
 * STATIONS is a file of stations' names, percent-encoded, one a line; FIRST the first day of data,
 * as in 2023-01-01, and DAYS how many there are. Each of CONNECTIONS clients plays the same
 * session again and again, from another place in it and of other regions, stations and ranges,
 * which are drawn down to five minutes, so that questions don't repeat:
 *
 *   today -> spot -> mix -> station -> pivot -> batteries
 *
 * Without THINK a client asks its next question as soon as it has the answer. With it, it waits
 * for THINK to 2 x THINK seconds, drawn too, and the first questions are spread over as long a
 * time. A line for each question: how often, the 50th, 90th, 99th and 100th percentile of
 * milliseconds from the first byte sent to the last one received. Anything but a whole 200 is an
 * error: its first one is shown, and the exit status is 1.
 *
 *   bench_load PORT idle CONNECTIONS
 *
 * opens connections that ask nothing, says "idle N" when they stand, and leaves at the end of its
 * standard input.
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/aest.h"
#include "base/file.h"
#include "base/str.h"

enum { QUESTIONS = 6, HEAD_MOST = 8192 };
static const char *const question_names[QUESTIONS] = {"today",   "spot",  "mix",
                                                      "station", "pivot", "batteries"};

static struct {
    struct event_base *base;
    int port, connections;
    double seconds, think; /* think < 0: none */
    bool gzip;
    struct buf names;
    str *stations;
    size_t station_count;
    aest_day first;
    int days;
    double end;
    /* what was measured */
    struct buf took[QUESTIONS]; /* of float, ms */
    size_t errors, bytes;
} run = {.think = -1};

struct client {
    struct bufferevent *stream;
    struct event *think;
    int question;
    double asked;
    size_t missing; /* bytes of the body, once the head is here */
    bool has_head;
};

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t state = 88172645463325252u;

static uint64_t draw(uint64_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 16) % below;
}

/* -- questions ----------------------------------------------------------------------------------
 */

/* "from=…&to=…": of [least] to [most] days, at any five minutes. */
static void add_range(struct buf *b, int least, int most) {
    char from[AEST_TEXT], to[AEST_TEXT];
    most = most < run.days ? most : run.days;
    int length = (least + (int)draw((uint64_t)(most - least) + 1)) * INTERVALS_PER_DAY;
    int room = run.days * INTERVALS_PER_DAY - length;
    interval start = interval_day_start(run.first) + (interval)draw((uint64_t)room + 1);
    aest_format_iso(interval_to_aest(start), from);
    aest_format_iso(interval_to_aest(start + length), to);
    buf_printf(b, "from=%.16s&to=%.16s", from, to);
}

static void add_regions(struct buf *b) {
    static const char *const regions[] = {"NSW1", "QLD1", "SA1", "TAS1", "VIC1"};
    uint64_t which = draw(32);
    const char *before = "&region=";
    for (int r = 0; r < 5; r++)
        if (which >> r & 1) {
            buf_printf(b, "%s%s", before, regions[r]);
            before = ",";
        }
}

static void write_target(struct buf *b, int question) {
    static const char *const groups[] = {"region,fuel", "fuel", "station", "owner", "unit"};
    switch (question) {
    case 0:
        buf_printf(b, "/v1/gauges/today?day=%s", draw(2) ? "calendar" : "trading");
        break;
    case 1:
        buf_add_str(b, STR("/v1/prices?"));
        add_range(b, 1, 365);
        break;
    case 2:
        buf_add_str(b, STR("/v1/generation?by=fuel&"));
        add_range(b, 1, 365);
        break;
    case 3:
        buf_add_str(b, STR("/v1/generation?by=station&station="));
        buf_add_str(b, run.stations[draw(run.station_count)]);
        buf_add_char(b, '&');
        add_range(b, 7, 3 * 365);
        return;
    case 4:
        buf_printf(b, "/v1/pivot?by=%s&", groups[draw(5)]);
        add_range(b, 7, 365);
        break;
    default:
        buf_add_str(b, STR("/v1/batteries?"));
        add_range(b, 7, 365);
    }
    add_regions(b);
}

/* -- a client -----------------------------------------------------------------------------------
 */

static void ask(struct client *c) {
    struct buf text = {0};
    buf_add_str(&text, STR("GET "));
    write_target(&text, c->question);
    buf_printf(&text, " HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
               run.gzip ? "Accept-Encoding: gzip\r\n" : "");
    c->has_head = false;
    c->asked = now_s();
    bufferevent_write(c->stream, text.at, text.len);
    buf_free(&text);
}

static void fail(struct client *c, const char *what, str shown) {
    if (run.errors++ == 0)
        fprintf(stderr, "bench_load: %s, asking for %s: %.*s\n", what, question_names[c->question],
                STR_ARG(shown));
}

static void on_thought(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    ask(context);
}

static void think(struct client *c, double seconds) {
    struct timeval t = {(time_t)seconds, (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6)};
    event_add(c->think, &t);
}

static double thinking_time(void) {
    return run.think * (1 + (double)draw(1000000) / 1e6);
}

/* An answer is whole: on to the next question. */
static void answered(struct client *c) {
    float ms = (float)((now_s() - c->asked) * 1e3);
    buf_add(&run.took[c->question], &ms, sizeof ms);
    c->question = (c->question + 1) % QUESTIONS;
    if (run.think < 0)
        ask(c);
    else
        think(c, thinking_time());
}

/* Takes the head out of the input; false while it isn't whole. */
static bool take_head(struct client *c, struct evbuffer *in) {
    struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
    char head[HEAD_MOST + 1];
    if (end.pos < 0 || end.pos > HEAD_MOST - 4)
        return false;
    size_t length = (size_t)end.pos + 4;
    evbuffer_remove(in, head, length);
    head[length] = '\0';
    const char *told = strstr(head, "\r\nContent-Length: ");
    c->missing = told ? strtoul(told + 18, NULL, 10) : 0;
    c->has_head = true;
    if (strncmp(head, "HTTP/1.1 200", 12) != 0 || !told)
        fail(c, "no good answer", (str){head, length});
    return true;
}

static void on_readable(struct bufferevent *stream, void *context) {
    struct client *c = context;
    struct evbuffer *in = bufferevent_get_input(stream);
    while (evbuffer_get_length(in) > 0) {
        if (!c->has_head && !take_head(c, in))
            return;
        size_t here = evbuffer_get_length(in);
        size_t take = here < c->missing ? here : c->missing;
        evbuffer_drain(in, take);
        run.bytes += take;
        c->missing -= take;
        if (c->missing > 0)
            return;
        answered(c);
    }
}

static void on_event(struct bufferevent *stream, short what, void *context) {
    (void)stream;
    if (what & BEV_EVENT_CONNECTED)
        return;
    fail(context, "the connection ended", STR(""));
    bufferevent_disable(stream, EV_READ | EV_WRITE);
}

static struct sockaddr_in server_address(void) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)run.port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

static void connect_client(struct client *c, int number) {
    struct sockaddr_in address = server_address();
    c->stream = bufferevent_socket_new(run.base, -1, BEV_OPT_CLOSE_ON_FREE);
    c->think = evtimer_new(run.base, on_thought, c);
    c->question = number % QUESTIONS;
    bufferevent_setcb(c->stream, on_readable, NULL, on_event, c);
    bufferevent_enable(c->stream, EV_READ | EV_WRITE);
    bufferevent_socket_connect(c->stream, (struct sockaddr *)&address, sizeof address);
    if (run.think < 0)
        ask(c);
    else
        think(c, run.think * 2 * (double)draw(1000000) / 1e6);
}

/* -- the report ---------------------------------------------------------------------------------
 */

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void report_of(const char *name, struct buf *took) {
    float *ms = (float *)(void *)took->at;
    size_t count = took->len / sizeof *ms;
    if (count == 0)
        return;
    qsort(ms, count, sizeof *ms, by_value);
    printf("%-10s %8zu %9.2f %9.2f %9.2f %9.2f\n", name, count, (double)ms[count / 2],
           (double)ms[count * 9 / 10], (double)ms[count * 99 / 100], (double)ms[count - 1]);
}

static void report(double seconds) {
    struct buf all = {0};
    printf("question      count  50 %% ms   90 %% ms   99 %% ms   most ms\n");
    for (int q = 0; q < QUESTIONS; q++) {
        buf_add(&all, run.took[q].at, run.took[q].len);
        report_of(question_names[q], &run.took[q]);
    }
    size_t count = all.len / sizeof(float);
    report_of("all", &all);
    printf("%d connections, %.1f s: %.0f requests/s, %.1f MB/s, %zu errors\n", run.connections,
           seconds, (double)count / seconds, (double)run.bytes / 1e6 / seconds, run.errors);
    buf_free(&all);
}

/* -- as asked -----------------------------------------------------------------------------------
 */

static void raise_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int stay_idle(int count) {
    struct sockaddr_in address = server_address();
    char byte;
    int open = 0;
    for (int i = 0; i < count; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) {
            perror("bench_load: connect");
            break;
        }
        open++;
    }
    printf("idle %d\n", open);
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    return open == count ? 0 : 1;
}

static bool read_stations(const char *path) {
    err *e = file_read(path, 1 << 20, &run.names);
    if (e) {
        fprintf(stderr, "bench_load: %s\n", err_text(e));
        return false;
    }
    run.stations = mem_alloc((run.names.len + 1) * sizeof *run.stations);
    str rest = buf_str(&run.names);
    while (rest.len) {
        str line = str_cut(&rest, '\n');
        if (line.len)
            run.stations[run.station_count++] = line;
    }
    return run.station_count > 0;
}

static bool read_arguments(int argc, char **argv) {
    aest_us first;
    if (argc < 7 || !read_stations(argv[2]) || !aest_parse_iso(str_from(argv[3]), &first))
        return false;
    run.first = (aest_day)(first / AEST_DAY);
    run.days = atoi(argv[4]);
    run.connections = atoi(argv[5]);
    run.seconds = atof(argv[6]);
    for (int i = 7; i < argc; i++) {
        if (strcmp(argv[i], "gzip") == 0)
            run.gzip = true;
        else
            run.think = atof(argv[i]);
    }
    return run.days > 7 && run.connections > 0 && run.seconds > 0;
}

int main(int argc, char **argv) {
    run.port = argc > 1 ? atoi(argv[1]) : 0;
    raise_limit();
    if (argc == 4 && strcmp(argv[2], "idle") == 0)
        return stay_idle(atoi(argv[3]));
    if (!read_arguments(argc, argv)) {
        fprintf(stderr, "bench_load PORT STATIONS FIRST DAYS CONNECTIONS SECONDS [THINK] [gzip]\n");
        return 2;
    }
    run.base = event_base_new();
    struct client *clients = mem_zalloc((size_t)run.connections, sizeof *clients);
    double begun = now_s();
    for (int i = 0; i < run.connections; i++)
        connect_client(&clients[i], i);
    event_base_loopexit(run.base, &(struct timeval){.tv_sec = (time_t)run.seconds});
    event_base_dispatch(run.base);
    report(now_s() - begun);
    return run.errors > 0;
}
