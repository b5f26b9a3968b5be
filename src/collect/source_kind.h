/* Between source.c and the kinds of source: what a kind has to offer, and what all kinds share.
 *
 * A kind's own state begins with a struct source, which is what callers hold. A third kind is a
 * third file and a third entry in the table of source.c.
 */
#ifndef COLLECT_SOURCE_KIND_H
#define COLLECT_SOURCE_KIND_H

#include "collect/source.h"

struct source_kind {
    /* Whether [location] is of this kind; nothing is asked of a server. */
    bool (*accepts)(const char *location);
    /* [options] has its defaults filled in; what outlives the call is copied, but for stop. */
    err *(*open)(const char *location, const struct source_options *options, struct source **out);
    void (*close)(struct source *s);
    /* As source_list; [folder] was checked and has no slash at either end. */
    err *(*list)(struct source *s, struct arena *a, const char *folder,
                 struct listing_entry **entries, size_t *count, bool *unchanged);
    void (*forget)(struct source *s, const char *folder);
    err *(*get)(struct source *s, struct source_request *requests, size_t count,
                source_deliver *deliver);
};

enum source_nature { SOURCE_UNKNOWN, SOURCE_REAL, SOURCE_SIMULATED };

struct source {
    const struct source_kind *kind;
    enum source_nature nature;
    const struct stop *stop; /* may be NULL */
    const char *name;        /* for messages */
};

extern const struct source_kind source_http, source_folder;

/* An ERR_STOPPED when the request to stop was made. */
err *source_check_stop(const struct source *s) ERR_NODISCARD;
/* ERR_INPUT unless folder and name of [request] stay below the location. */
err *source_check_request(const struct source_request *request) ERR_NODISCARD;
/* ERR_INPUT when [body] is empty or HTML, by its [content_type] (may be NULL) or its bytes. */
err *source_check_body(const char *content_type, str body) ERR_NODISCARD;

/* Where a source of URLs is. Nothing that a page says leads away from it: what is asked for is
 * always [root] and a path. */
struct source_url {
    char *root;        /* scheme://host[:port] */
    char *host, *port; /* [port] is NULL when it is the scheme's own */
    char *path;        /* below root, with a slash in front and none behind; or empty */
    char *whole;       /* root and path */
};

/* [u] is zeroed. ERR_USAGE unless [location] is a scheme, a host, a port and a path at most. */
err *source_url_read(struct source_url *u, const char *location) ERR_NODISCARD;
void source_url_free(struct source_url *u);
/* Appends the URL of [folder], a path of plain names: a '%' in it is a '%' of the name. */
void source_url_folder(const struct source_url *u, const char *folder, struct buf *out);
/* Appends the URL of a file, by its href, or by its name where there is no href: from the server's
 * root when the href begins with a slash, else from the folder. ERR_INPUT for another server. */
err *source_url_file(const struct source_url *u, const struct source_request *request,
                     struct buf *out) ERR_NODISCARD;

#endif
