/* Writing a dataset's file: the groups in their order, then the footer. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/encode.h"
#include "store/parquet.h"
#include "store/parquet_parts.h"

enum { MOST_THREADS = 4 };

struct output {
    int fd;
    const char *path;
    int64_t at;
};

static err *put(struct output *o, str bytes) {
    while (bytes.len) {
        ssize_t written = write(o->fd, bytes.at, bytes.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return err_errno(errno, "can't write %s", o->path);
        bytes = (str){bytes.at + written, bytes.len - (size_t)written};
        o->at += written;
    }
    return NULL;
}

/* Encodes the next [count] groups side by side, and writes them. */
static err *put_groups(struct output *o, struct group_encoder **encoders, struct group *groups,
                       size_t count) {
    for (size_t i = 0; i < count; i++)
        group_encode(encoders[i], &groups[i], i + 1 < count);
    err *failed = NULL;
    for (size_t i = 0; i < count; i++) {
        str bytes;
        err *e = err_wrap(group_encoded(encoders[i], &bytes), "can't write %s", o->path);
        groups[i].at = o->at;
        if (!e && !failed)
            e = put(o, bytes);
        if (!failed)
            failed = e;
        else
            err_free(e);
    }
    return failed;
}

static size_t thread_count(size_t groups) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t count = cores < 1 ? 1 : cores > MOST_THREADS ? MOST_THREADS : (size_t)cores;
    return count < groups ? count : groups;
}

static err *put_all_groups(struct output *o, struct layout *l) {
    struct group_encoder *encoders[MOST_THREADS];
    size_t threads = thread_count(l->group_count);
    err *e = NULL;
    for (size_t i = 0; i < threads; i++)
        encoders[i] = group_encoder_open(l);
    for (size_t i = 0; !e && i < l->group_count; i += threads) {
        size_t left = l->group_count - i;
        e = put_groups(o, encoders, &l->groups[i], left < threads ? left : threads);
    }
    for (size_t i = 0; i < threads; i++)
        group_encoder_close(encoders[i]);
    return e;
}

static err *put_file(struct output *o, struct layout *l) {
    struct buf footer = {0};
    char length[4];
    TRY(put(o, STR("PAR1")));
    TRY(put_all_groups(o, l));
    parquet_add_footer(&footer, l);
    encode_le(length, footer.len, sizeof length);
    buf_add(&footer, length, sizeof length);
    buf_add_str(&footer, STR("PAR1"));
    err *e = put(o, buf_str(&footer));
    buf_free(&footer);
    return e;
}

err *parquet_write(const struct frames *f, const char *path) {
    struct layout layout;
    struct output output = {.path = path};
    output.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (output.fd < 0)
        return err_errno(errno, "can't write %s", path);
    parquet_lay_out(&layout, f);
    err *e = put_file(&output, &layout);
    layout_free(&layout);
    if (close(output.fd) && !e)
        e = err_errno(errno, "can't write %s", path);
    return e;
}
