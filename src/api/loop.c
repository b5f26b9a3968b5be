#include "api/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct posted {
    loop_call *call;
    void *context;
    intptr_t number;
};

void loop_drain(struct loop *l) {
    pthread_mutex_lock(&l->mutex);
    struct buf taken = l->calls;
    l->calls = l->taken;
    l->calls.len = 0;
    pthread_mutex_unlock(&l->mutex);
    const struct posted *calls = (const struct posted *)(const void *)taken.at;
    for (size_t i = 0; i < taken.len / sizeof *calls; i++)
        calls[i].call(calls[i].context, calls[i].number);
    l->taken = taken;
}

static void on_wake(evutil_socket_t fd, short what, void *context) {
    char bytes[64];
    (void)what;
    while (read((int)fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes)
        ;
    loop_drain(context);
}

err *loop_open(struct loop *l) {
    *l = (struct loop){.pipe = {-1, -1}, .mutex = PTHREAD_MUTEX_INITIALIZER};
    l->base = event_base_new();
    if (!l->base)
        return err_new(ERR_IO, "libevent can't be set up");
    if (pipe(l->pipe)) {
        err *e = err_errno(errno, "can't make a pipe");
        event_base_free(l->base);
        return e;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(l->pipe[i], F_SETFD, FD_CLOEXEC);
        fcntl(l->pipe[i], F_SETFL, O_NONBLOCK);
    }
    l->wake = event_new(l->base, l->pipe[0], EV_READ | EV_PERSIST, on_wake, l);
    event_add(l->wake, NULL);
    return NULL;
}

void loop_close(struct loop *l) {
    event_free(l->wake);
    event_base_free(l->base);
    close(l->pipe[0]);
    close(l->pipe[1]);
    buf_free(&l->calls);
    buf_free(&l->taken);
    pthread_mutex_destroy(&l->mutex);
}

void loop_post(struct loop *l, loop_call *call, void *context, intptr_t number) {
    const struct posted p = {call, context, number};
    pthread_mutex_lock(&l->mutex);
    bool first = l->calls.len == 0;
    buf_add(&l->calls, &p, sizeof p);
    pthread_mutex_unlock(&l->mutex);
    /* a full pipe wakes the loop as well */
    if (first && write(l->pipe[1], "", 1) < 0 && errno != EAGAIN)
        return;
}
