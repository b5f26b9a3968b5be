#include "sim/program/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/stop.h"

const struct sim_limits sim_default_limits = {
    .connections = 64,
    .idle_ms = 30000,
    .request_ms = 10000,
    .send_ms = 60000,
    .stall_ms = 60000,
};

enum { BACKLOG = 128, DRAIN_MS = 1000, FOREVER = -1 };

struct sim_server {
    struct sim_web *web;
    struct sim_limits limits;
    struct stop stop;
    int listener, port;
    pthread_mutex_t accepting; /* held by the thread that waits for the next client */
    int threads;
    pthread_t thread[];
};

struct connection {
    struct sim_server *server;
    int fd;
    struct buf in; /* received, and not yet answered */
};

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits until [fd] is ready for [events]; false at [deadline], or when the server closes. */
static bool wait_until_ready(const struct sim_server *s, int fd, short events, int64_t deadline) {
    for (;;) {
        struct pollfd p[] = {{.fd = fd, .events = events},
                             {.fd = s->stop.pipe[0], .events = POLLIN}};
        int64_t left = deadline == FOREVER ? FOREVER : deadline - now_ms();
        if (left < 0 && deadline != FOREVER)
            return false;
        int ready = poll(p, 2, (int)left);
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready > 0)
            return !p[1].revents;
    }
}

/* -- one connection ----------------------------------------------------------------------------
 */

static bool is_for_later(ssize_t moved) {
    return moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

/* Receives until a request is there. Its length, or minus the status to answer with; 0 when the
 * client is gone, or silent. */
static int receive_request(struct connection *c, struct arena *a, struct sim_request *request) {
    const struct sim_limits *limits = &c->server->limits;
    int64_t deadline = now_ms() + (c->in.len ? limits->request_ms : limits->idle_ms);
    for (;;) {
        int length = sim_request_read(a, buf_str(&c->in), request);
        if (length)
            return length;
        if (!wait_until_ready(c->server, c->fd, POLLIN, deadline))
            return c->in.len ? -408 : 0;
        buf_reserve(&c->in, SIM_HEAD_BYTES);
        ssize_t n = recv(c->fd, c->in.at + c->in.len, SIM_HEAD_BYTES, 0);
        if (is_for_later(n))
            continue;
        if (n <= 0)
            return 0;
        if (c->in.len == 0)
            deadline = now_ms() + limits->request_ms;
        c->in.len += (size_t)n;
    }
}

static bool send_bytes(struct connection *c, str bytes) {
    while (bytes.len) {
        ssize_t n = send(c->fd, bytes.at, bytes.len, 0);
        if (n < 0 && !is_for_later(n))
            return false;
        if (n > 0)
            bytes = (str){bytes.at + n, bytes.len - (size_t)n};
        else if (!wait_until_ready(c->server, c->fd, POLLOUT, now_ms() + c->server->limits.send_ms))
            return false;
    }
    return true;
}

/* [flows]: its length isn't known yet. */
static void write_head(const struct connection *c, const struct sim_answer *a, bool keep_alive,
                       bool flows, struct buf *head) {
    buf_printf(head, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n", a->status,
               sim_status_reason(a->status), a->type);
    buf_add_str(head, buf_str(&a->headers));
    buf_printf(head, "Server: Microsoft-IIS/10.0\r\nX-Simulated: yes\r\nDate: ");
    sim_http_date(sim_clock_now(c->server->web->clock), head);
    if (flows)
        buf_printf(head, "\r\nTransfer-Encoding: chunked");
    else
        buf_printf(head, "\r\nContent-Length: %zu", a->body.len);
    buf_printf(head, "\r\n%s\r\n", keep_alive ? "" : "Connection: close\r\n");
}

/* An answer that is sent while it is made, in chunks. */
struct flow {
    struct connection *c;
    struct sim_answer *answer;
    bool keep_alive, begun, failed;
};

static void send_chunk(struct flow *f, str bytes) {
    struct buf head = {0};
    if (!f->begun)
        write_head(f->c, f->answer, f->keep_alive, true, &head);
    f->begun = true;
    if (bytes.len)
        buf_printf(&head, "%zx\r\n", bytes.len);
    f->failed = f->failed || !send_bytes(f->c, buf_str(&head)) || !send_bytes(f->c, bytes) ||
                (bytes.len && !send_bytes(f->c, STR("\r\n")));
    buf_free(&head);
}

static void take_chunk(void *context, struct buf *bytes) {
    send_chunk(context, buf_str(bytes));
    bytes->len = 0;
}

/* Its last chunks; false when the connection is at its end. */
static bool end_flow(struct flow *f) {
    send_chunk(f, buf_str(&f->answer->body));
    return !f->failed && send_bytes(f->c, STR("0\r\n\r\n")) && f->keep_alive;
}

static void reset(struct connection *c) {
    struct linger now = {.l_onoff = 1};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(c->fd);
    c->fd = -1;
}

/* Sends half of the answer, and ends as [a] says. */
static void send_half(struct connection *c, const struct sim_answer *a, str head, str body) {
    str *last = body.len ? &body : &head;
    last->len /= 2;
    bool sent = send_bytes(c, head) && send_bytes(c, body);
    if (sent && a->ending == SIM_ENDS_STALLED) /* it ends early when the client leaves */
        wait_until_ready(c->server, c->fd, POLLIN, now_ms() + c->server->limits.stall_ms);
    reset(c);
}

/* False when the connection is at its end. */
static bool send_answer(struct connection *c, const struct sim_answer *a, bool head_only,
                        bool keep_alive) {
    struct buf head = {0};
    bool goes_on = false;
    str body = head_only ? STR("") : buf_str(&a->body);
    write_head(c, a, keep_alive, false, &head);
    if (a->ending == SIM_ENDS_WHOLE)
        goes_on = send_bytes(c, buf_str(&head)) && send_bytes(c, body) && keep_alive;
    else
        send_half(c, a, buf_str(&head), body);
    buf_free(&head);
    return goes_on;
}

/* Answers the next request; false when the connection is at its end. */
static bool serve_request(struct connection *c) {
    struct arena memory = {0};
    struct sim_request request = {0};
    struct sim_answer answer = {0};
    int length = receive_request(c, &memory, &request);
    bool goes_on = length != 0;
    if (length < 0) {
        sim_answer_status(-length, &answer);
        goes_on = send_answer(c, &answer, false, false);
    } else if (length > 0) {
        bool head_only = request.method == SIM_HEAD;
        struct flow flow = {.c = c, .answer = &answer, .keep_alive = request.keep_alive};
        answer.flow = head_only ? NULL : &(struct sim_flow){take_chunk, &flow};
        sim_answer(c->server->web, &request, &answer);
        goes_on =
            flow.begun ? end_flow(&flow) : send_answer(c, &answer, head_only, request.keep_alive);
        c->in.len -= (size_t)length;
        memmove(c->in.at, c->in.at + length, c->in.len);
    }
    sim_answer_free(&answer);
    arena_free(&memory);
    return goes_on;
}

/* Closing over bytes that weren't read would reset the connection, and take the last answer from a
 * client that hasn't read it. */
static void hang_up(struct connection *c) {
    char unread[4096];
    int64_t deadline = now_ms() + DRAIN_MS;
    ssize_t n = 1;
    if (c->fd < 0)
        return;
    shutdown(c->fd, SHUT_WR);
    while ((n > 0 || is_for_later(n)) && wait_until_ready(c->server, c->fd, POLLIN, deadline))
        n = recv(c->fd, unread, sizeof unread, 0);
    close(c->fd);
}

static void set_up_socket(int fd) {
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
}

/* The next client; -1 when the server closes. */
static int accept_client(struct sim_server *s) {
    int fd = -1;
    pthread_mutex_lock(&s->accepting);
    while (fd < 0 && wait_until_ready(s, s->listener, POLLIN, FOREVER)) {
        fd = accept(s->listener, NULL, NULL);
        if (fd < 0 && !is_for_later(fd))
            stop_wait(&s->stop, 100); /* out of descriptors, most likely: not for long */
    }
    pthread_mutex_unlock(&s->accepting);
    return fd;
}

static void *serve_clients(void *context) {
    struct connection c = {.server = context};
    while ((c.fd = accept_client(c.server)) >= 0) {
        set_up_socket(c.fd);
        setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        c.in.len = 0;
        while (serve_request(&c))
            ;
        hang_up(&c);
    }
    buf_free(&c.in);
    return NULL;
}

/* -- the server --------------------------------------------------------------------------------
 */

static err *bind_listener(struct sim_server *s, const struct addrinfo *address, const char *host,
                          int port) {
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    s->listener = socket(address->ai_family, SOCK_STREAM, 0);
    if (s->listener < 0)
        return err_errno(errno, "can't make a socket");
    set_up_socket(s->listener);
    setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(s->listener, address->ai_addr, address->ai_addrlen) || listen(s->listener, BACKLOG)) {
        if (errno == EADDRINUSE)
            return err_new(ERR_BUSY, "port %d of %s is taken", port, host);
        return err_errno(errno, "can't listen on %s, port %d", host, port);
    }
    getsockname(s->listener, (struct sockaddr *)&bound, &length);
    s->port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                : ((struct sockaddr_in *)&bound)->sin_port);
    return NULL;
}

static err *start_listening(struct sim_server *s, const char *host, int port) {
    struct addrinfo *address,
        hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_STREAM};
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    if (getaddrinfo(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, service, &hints, &address))
        return err_new(ERR_USAGE, "'%s' is not an address to listen on", host);
    err *e = bind_listener(s, address, host, port);
    freeaddrinfo(address);
    return e;
}

static err *start_threads(struct sim_server *s) {
    while (s->threads < s->limits.connections) {
        int failed = pthread_create(&s->thread[s->threads], NULL, serve_clients, s);
        if (failed)
            return err_errno(failed, "can't start a thread");
        s->threads++;
    }
    return NULL;
}

err *sim_server_open(struct sim_web *web, const char *host, int port,
                     const struct sim_limits *limits, struct sim_server **out) {
    struct sim_server *s =
        mem_zalloc(1, sizeof *s + (size_t)limits->connections * sizeof s->thread[0]);
    s->web = web;
    s->limits = *limits;
    s->listener = -1;
    pthread_mutex_init(&s->accepting, NULL);
    signal(SIGPIPE, SIG_IGN);
    err *e = stop_init(&s->stop);
    if (e) {
        free(s);
        return e;
    }
    if ((e = start_listening(s, host, port)) || (e = start_threads(s))) {
        sim_server_close(s);
        return e;
    }
    *out = s;
    return NULL;
}

int sim_server_port(const struct sim_server *s) {
    return s->port;
}

void sim_server_close(struct sim_server *s) {
    stop_request(&s->stop);
    for (int i = 0; i < s->threads; i++)
        pthread_join(s->thread[i], NULL);
    if (s->listener >= 0)
        close(s->listener);
    stop_close(&s->stop);
    pthread_mutex_destroy(&s->accepting);
    free(s);
}
