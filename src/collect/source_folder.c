/* A folder laid out like NEMWEB: a mirror on disk, or the data of a test. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "collect/source_kind.h"

struct folder_source {
    struct source face;
    char *root; /* without a slash at its end, but for "/" itself */
};

static bool folder_accepts(const char *location) {
    struct stat st;
    return stat(location, &st) == 0 && S_ISDIR(st.st_mode);
}

static err *folder_open(const char *location, const struct source_options *options,
                        struct source **out) {
    struct folder_source *s = mem_zalloc(1, sizeof *s);
    (void)options;
    s->root = mem_strdup(location);
    for (size_t n = strlen(s->root); n > 1 && s->root[n - 1] == '/'; n--)
        s->root[n - 1] = 0;
    s->face.name = s->root;
    struct arena a = {0};
    bool simulated = file_exists(arena_printf(&a, "%s/SIMULATED", s->root));
    s->face.nature = simulated ? SOURCE_SIMULATED : SOURCE_REAL;
    arena_free(&a);
    *out = &s->face;
    return NULL;
}

static void folder_close(struct source *face) {
    struct folder_source *s = (struct folder_source *)face;
    free(s->root);
    free(s);
}

static err *folder_list(struct source *face, struct arena *a, const char *folder,
                        struct listing_entry **entries, size_t *count, bool *unchanged) {
    struct folder_source *s = (struct folder_source *)face;
    const char *path = arena_printf(a, "%s/%s", s->root, folder);
    struct file_entry *files;
    size_t found;
    (void)unchanged;
    if (!folder_accepts(path))
        return err_new(ERR_INPUT, "there is no folder %s", path);
    TRY(file_list(a, path, &files, &found));
    *entries = ARENA_ARRAY(a, struct listing_entry, found);
    for (size_t i = 0; i < found; i++) {
        if (files[i].name.at[0] == '.') /* somebody's unfinished or private file */
            continue;
        (*entries)[(*count)++] = (struct listing_entry){
            .name = files[i].name,
            .href = files[i].name,
            .size = files[i].is_folder ? -1 : (int64_t)files[i].stamp.size,
            .is_folder = files[i].is_folder,
        };
    }
    return NULL;
}

/* Makes [link] one to [path], which may be relative: a link's own folder is another one. */
static err *link_to(const char *path, const char *link) {
    char *whole = realpath(path, NULL);
    int failed = whole ? symlink(whole, link) : -1, why = errno;
    free(whole);
    return failed ? err_errno(why, "can't link %s to %s", link, path) : NULL;
}

static err *read_one(const struct source_request *request, const char *path, struct buf *body) {
    struct stat st;
    TRY(source_check_request(request));
    if (stat(path, &st))
        return errno == ENOENT || errno == ENOTDIR ? err_new(ERR_INPUT, "%s is not there", path)
                                                   : err_errno(errno, "can't look at %s", path);
    if (!S_ISREG(st.st_mode)) /* opening a pipe would wait for its writer */
        return err_new(ERR_INPUT, "%s is not a file", path);
    if (request->save_to)
        return link_to(path, request->save_to);
    TRY(file_read(path, request->limit < SIZE_MAX ? (size_t)request->limit : SIZE_MAX - 1, body));
    return err_wrap(source_check_body(NULL, buf_str(body)), "%s", path);
}

static err *folder_get(struct source *face, struct source_request *requests, size_t count,
                       source_deliver *deliver) {
    struct folder_source *s = (struct folder_source *)face;
    struct arena a = {0};
    err *stopped = NULL;
    bool go_on = true;
    for (size_t i = 0; go_on && i < count && !(stopped = source_check_stop(face)); i++) {
        struct source_request *r = &requests[i];
        struct buf body = {0};
        const char *path = arena_printf(&a, "%s/%s/%.*s", s->root, r->folder, STR_ARG(r->name));
        err *e = read_one(r, path, &body);
        go_on = deliver(r, e ? &(struct buf){0} : &body, e);
        buf_free(&body);
        arena_reset(&a);
    }
    arena_free(&a);
    return stopped;
}

static void folder_forget(struct source *face, const char *folder) {
    (void)face, (void)folder; /* a folder's list always comes whole */
}

const struct source_kind source_folder = {
    .accepts = folder_accepts,
    .open = folder_open,
    .close = folder_close,
    .list = folder_list,
    .forget = folder_forget,
    .get = folder_get,
};
