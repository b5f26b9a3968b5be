#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

err *stop_init(struct stop *s) {
    if (pipe(s->pipe))
        return err_errno(errno, "can't make a pipe");
    for (int i = 0; i < 2; i++) {
        fcntl(s->pipe[i], F_SETFD, FD_CLOEXEC);
        fcntl(s->pipe[i], F_SETFL, O_NONBLOCK);
    }
    return NULL;
}

void stop_close(struct stop *s) {
    close(s->pipe[0]);
    close(s->pipe[1]);
}

void stop_request(struct stop *s) {
    int saved = errno;
    ssize_t written = write(s->pipe[1], "", 1); /* a full pipe says the same */
    (void)written;
    errno = saved;
}

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool stop_wait(const struct stop *s, int milliseconds) {
    int64_t deadline = now_ms() + milliseconds;
    struct pollfd p = {.fd = s->pipe[0], .events = POLLIN};
    for (;;) {
        int ready = poll(&p, 1, milliseconds);
        if (ready > 0)
            return true;
        if (ready == 0)
            return false;
        if (errno != EINTR)
            return true; /* a broken pipe can't be waited on: better to stop than to spin */
        int64_t left = deadline - now_ms();
        milliseconds = left > 0 ? (int)left : 0;
    }
}
