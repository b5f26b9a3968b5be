#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/aest.h"
#include "base/str.h"

enum { TRY_EVERY_MS = 20 };

static err *busy(int fd, const char *path, int patience_ms) {
    char holder[200];
    ssize_t got = pread(fd, holder, sizeof holder - 1, 0);
    str text = str_trim((str){holder, got > 0 ? (size_t)got : 0});
    return err_new(ERR_BUSY, "%s has been held for over %d s by %.*s; stop it, or try again later",
                   path, patience_ms / 1000, STR_ARG(text.len ? text : STR("another process")));
}

/* True when told to stop. */
static bool pause_ms(const struct stop *stop, int ms) {
    if (stop)
        return stop_wait(stop, ms);
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
    return false;
}

/* A wait for one lock, or for the turn to take it and then for it. */
struct wait {
    const char *path; /* of the lock */
    int fd;
    int patience_ms, waited_ms;
    const struct stop *stop;
};

/* Waits for the flock of [fd]. */
static err *wait_for(struct wait *w, int fd, int operation) {
    for (; flock(fd, operation | LOCK_NB); w->waited_ms += TRY_EVERY_MS) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return err_errno(errno, "can't lock %s", w->path);
        if (w->waited_ms >= w->patience_ms)
            return busy(w->fd, w->path, w->patience_ms);
        if (pause_ms(w->stop, TRY_EVERY_MS))
            return err_new(ERR_STOPPED, "told to stop while waiting for %s", w->path);
    }
    return NULL;
}

static err *open_lock(const char *path, int *fd) {
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    return *fd < 0 ? err_errno(errno, "can't open the lock %s", path) : NULL;
}

/* For whoever waits; nothing depends on it. */
static void write_holder(int fd) {
    char line[80], now[AEST_TEXT];
    int length = snprintf(line, sizeof line, "process %ld since %s\n", (long)getpid(),
                          aest_format_iso(aest_now(), now));
    ssize_t written = ftruncate(fd, 0) ? 0 : pwrite(fd, line, (size_t)length, 0);
    (void)written;
}

/* Ends an acquisition: with the lock, or without. */
static err *settle(err *e, int fd, int *lock) {
    if (e)
        close(fd);
    else
        write_holder(fd);
    *lock = e ? -1 : fd;
    return e;
}

err *lock_acquire(const char *path, int patience_ms, const struct stop *stop, int *lock) {
    struct wait w = {.path = path, .patience_ms = patience_ms, .stop = stop};
    TRY(open_lock(path, &w.fd));
    return settle(wait_for(&w, w.fd, LOCK_EX), w.fd, lock);
}

err *lock_acquire_from_readers(const char *path, int patience_ms, const struct stop *stop,
                               int *lock) {
    enum { BREATHER_MS = 3 * TRY_EVERY_MS };
    for (int waited = LOCK_READERS_MS;; waited += LOCK_READERS_MS + BREATHER_MS) {
        err *e = lock_acquire_in_turn(path, LOCK_READERS_MS, stop, lock);
        if (!e || err_kind(e) != ERR_BUSY || waited >= patience_ms || pause_ms(stop, BREATHER_MS))
            return e;
        err_free(e);
    }
}

static err *open_turn(const char *path, int flags, int *fd) {
    struct arena a = {0};
    const char *turn = arena_printf(&a, "%s.turn", path);
    *fd = open(turn, flags | O_CLOEXEC, 0644);
    err *e = *fd < 0 && errno != ENOENT ? err_errno(errno, "can't open the lock %s", turn) : NULL;
    arena_free(&a);
    return e;
}

err *lock_acquire_in_turn(const char *path, int patience_ms, const struct stop *stop, int *lock) {
    struct wait w = {.path = path, .patience_ms = patience_ms, .stop = stop};
    int turn;
    TRY(open_turn(path, O_RDWR | O_CREAT, &turn));
    err *e = open_lock(path, &w.fd);
    if (e) {
        close(turn);
        return e;
    }
    e = wait_for(&w, turn, LOCK_EX);
    if (!e)
        e = wait_for(&w, w.fd, LOCK_EX);
    close(turn);
    return settle(e, w.fd, lock);
}

err *lock_make(const char *path) {
    int fd, turn;
    TRY(open_lock(path, &fd));
    close(fd);
    TRY(open_turn(path, O_RDWR | O_CREAT, &turn));
    close(turn);
    return NULL;
}

err *lock_try(const char *path, int *lock) {
    return lock_acquire(path, 0, NULL, lock);
}

err *lock_acquire_shared(const char *path, int patience_ms, const struct stop *stop, int *lock) {
    struct wait w = {.path = path, .patience_ms = patience_ms, .stop = stop};
    int turn;
    *lock = -1;
    w.fd = open(path, O_RDONLY | O_CLOEXEC);
    if (w.fd < 0)
        return errno == ENOENT ? NULL : err_errno(errno, "can't open the lock %s", path);
    err *e = open_turn(path, O_RDONLY, &turn);
    if (!e && turn >= 0)
        e = wait_for(&w, turn, LOCK_SH);
    if (!e)
        e = wait_for(&w, w.fd, LOCK_SH);
    if (turn >= 0)
        close(turn);
    if (e)
        close(w.fd);
    else
        *lock = w.fd;
    return e;
}

void lock_release(int lock) {
    if (lock >= 0)
        close(lock);
}
