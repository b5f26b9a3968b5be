#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/aest.h"

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

/* Waits for the flock of [fd], which it closes when it doesn't get it. */
static err *wait_for(int fd, int operation, const char *path, int patience_ms,
                     const struct stop *stop) {
    err *e = NULL;
    for (int waited = 0; flock(fd, operation | LOCK_NB); waited += TRY_EVERY_MS) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            e = err_errno(errno, "can't lock %s", path);
        else if (waited >= patience_ms)
            e = busy(fd, path, patience_ms);
        else if (pause_ms(stop, TRY_EVERY_MS))
            e = err_new(ERR_STOPPED, "told to stop while waiting for %s", path);
        if (e) {
            close(fd);
            return e;
        }
    }
    return NULL;
}

err *lock_acquire(const char *path, int patience_ms, const struct stop *stop, int *lock) {
    char line[80], now[AEST_TEXT];
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_errno(errno, "can't open the lock %s", path);
    TRY(wait_for(fd, LOCK_EX, path, patience_ms, stop));
    /* For whoever waits; nothing depends on it. */
    int length = snprintf(line, sizeof line, "process %ld since %s\n", (long)getpid(),
                          aest_format_iso(aest_now(), now));
    ssize_t written = ftruncate(fd, 0) ? 0 : pwrite(fd, line, (size_t)length, 0);
    (void)written;
    *lock = fd;
    return NULL;
}

err *lock_try(const char *path, int *lock) {
    return lock_acquire(path, 0, NULL, lock);
}

err *lock_acquire_shared(const char *path, int patience_ms, const struct stop *stop, int *lock) {
    *lock = open(path, O_RDONLY | O_CLOEXEC);
    if (*lock < 0)
        return errno == ENOENT ? NULL : err_errno(errno, "can't open the lock %s", path);
    err *e = wait_for(*lock, LOCK_SH, path, patience_ms, stop);
    if (e)
        *lock = -1;
    return e;
}

void lock_release(int lock) {
    if (lock >= 0)
        close(lock);
}
