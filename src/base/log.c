#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/aest.h"

struct log_file {
    int fd;
    char *path;
    int64_t most;    /* bytes, after which it is begun anew; 0: never */
    int generations; /* of it that stay */
};

static struct {
    pthread_mutex_t mutex;
    atomic_int level;
    struct log_file log;  /* without a path: standard error */
    struct log_file kept; /* of log_keep; none where fd is -1 */
} log_state = {.mutex = PTHREAD_MUTEX_INITIALIZER,
               .level = LOG_INFO,
               .log = {.fd = STDERR_FILENO, .generations = LOG_GENERATIONS},
               .kept = {.fd = -1, .most = LOG_KEPT_BYTES, .generations = 1}};

static const char *const level_name[] = {"debug", "info", "warn", "error"};

void log_set_level(enum log_level level) {
    atomic_store(&log_state.level, level);
}

bool log_has_file(void) {
    pthread_mutex_lock(&log_state.mutex);
    bool has = log_state.log.path != NULL;
    pthread_mutex_unlock(&log_state.mutex);
    return has;
}

bool log_level_from_name(str name, enum log_level *out) {
    if (str_eq_nocase(name, STR("warning")))
        name = STR("warn");
    if (str_eq_nocase(name, STR("critical")))
        name = STR("error");
    for (int i = LOG_DEBUG; i <= LOG_ERROR; i++) {
        if (str_eq_nocase(name, str_from(level_name[i]))) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

static err *open_append(const char *path, int *fd) {
    *fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    return *fd < 0 ? err_errno(errno, "can't open the log file %s", path) : NULL;
}

/* Another file in place of the one there was. */
static void replace(struct log_file *f, int fd, const char *path) {
    pthread_mutex_lock(&log_state.mutex);
    if (f->fd >= 0 && f->fd != STDERR_FILENO)
        close(f->fd);
    free(f->path);
    f->fd = fd;
    f->path = path ? mem_strdup(path) : NULL;
    pthread_mutex_unlock(&log_state.mutex);
}

err *log_open(const char *path) {
    int fd;
    TRY(open_append(path, &fd));
    replace(&log_state.log, fd, path);
    return NULL;
}

err *log_reopen(void) {
    int fd;
    err *e = NULL;
    pthread_mutex_lock(&log_state.mutex);
    if (log_state.log.path && !(e = open_append(log_state.log.path, &fd))) {
        close(log_state.log.fd);
        log_state.log.fd = fd;
    }
    pthread_mutex_unlock(&log_state.mutex);
    return e;
}

void log_rotate_at(int64_t bytes) {
    pthread_mutex_lock(&log_state.mutex);
    log_state.log.most = bytes;
    pthread_mutex_unlock(&log_state.mutex);
}

err *log_keep(const char *path) {
    int fd = -1;
    if (path)
        TRY(open_append(path, &fd));
    replace(&log_state.kept, fd, path);
    return NULL;
}

/* <path> becomes <path>.1, after <path>.1 became <path>.2, and so on. */
static bool put_aside(const struct log_file *f) {
    struct arena a = {0};
    bool moved = false;
    for (int i = f->generations; i >= 1; i--) {
        const char *from = i > 1 ? arena_printf(&a, "%s.%d", f->path, i - 1) : f->path;
        moved = !rename(from, arena_printf(&a, "%s.%d", f->path, i));
    }
    arena_free(&a);
    return moved;
}

/* Under the mutex. Other processes may write to the same file: a line is one write, and who finds
 * the file too long, or moved by another one, opens it by its name again. */
static void look_after(struct log_file *f) {
    struct stat open_one, named;
    if (fstat(f->fd, &open_one))
        return;
    bool moved = stat(f->path, &named) || named.st_ino != open_one.st_ino;
    if (!moved && open_one.st_size > f->most)
        moved = put_aside(f);
    int fd = moved ? open(f->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
    if (fd >= 0) {
        close(f->fd);
        f->fd = fd;
    }
}

static void write_line(struct log_file *f, str line) {
    if (f->path && f->most)
        look_after(f);
    ssize_t written = write(f->fd, line.at, line.len);
    (void)written; /* there is nobody to tell */
}

static bool is_plain(str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f)
            return false;
    }
    return s.len > 0;
}

static void add_value(struct buf *line, str s) {
    if (is_plain(s)) {
        buf_add_str(line, s);
        return;
    }
    buf_add_char(line, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c == '"' || c == '\\')
            buf_printf(line, "\\%c", c);
        else if (c == '\n')
            buf_add_str(line, STR("\\n"));
        else if (c < ' ' || c == 0x7f)
            buf_printf(line, "\\x%02x", c);
        else
            buf_add_char(line, (char)c);
    }
    buf_add_char(line, '"');
}

void log_event(enum log_level level, const char *msg, const struct log_field *fields) {
    char now[AEST_TEXT];
    struct buf line = {0};
    if ((int)level < atomic_load(&log_state.level))
        return;
    buf_printf(&line, "time=%s level=%s msg=", aest_format_iso(aest_now(), now), level_name[level]);
    add_value(&line, str_from(msg));
    for (; fields->key; fields++) {
        buf_printf(&line, " %s=", fields->key);
        if (fields->text.at)
            add_value(&line, fields->text);
        else
            buf_printf(&line, "%lld", (long long)fields->number);
    }
    buf_add_char(&line, '\n');

    /* One write of a whole line in append mode: lines of several processes don't mix. A log that
     * can't be written has nowhere to be reported. */
    pthread_mutex_lock(&log_state.mutex);
    write_line(&log_state.log, buf_str(&line));
    if (level >= LOG_WARN && log_state.kept.fd >= 0)
        write_line(&log_state.kept, buf_str(&line));
    pthread_mutex_unlock(&log_state.mutex);
    buf_free(&line);
}
