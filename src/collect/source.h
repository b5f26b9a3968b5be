/* Where files come from: NEMWEB over HTTP, or a folder laid out like it.
 *
 * A source lists folders and gets files; the collector doesn't know which kind it has. Over HTTP it
 * does what a polite guest does: few connections at once, a User-Agent that says who is asking,
 * If-Modified-Since and ETag on folder pages, pauses that grow (with jitter) when the server
 * says 403, 406, 408, 429 or 5xx, Retry-After up to five minutes, and a bound on tries. An HTML
 * body where a file was asked for is a failure, whatever the status says: NEMWEB's error pages
 * come with status 200 too.
 *
 * Not safe for two threads at once.
 */
#ifndef COLLECT_SOURCE_H
#define COLLECT_SOURCE_H

#include "base/stop.h"
#include "collect/listing.h"

struct source;

struct source_options {
    const char *user_agent;  /* NULL: "nemd (AEMO NEM data collector)" */
    int connections;         /* at once; 0: 4 */
    int tries;               /* for one request; 0: 4 */
    int first_pause_ms;      /* before the second try, doubling from there; 0: 1000 */
    int timeout_s;           /* of one try; 0: 60 */
    const struct stop *stop; /* ends whatever is going on within a second; may be NULL */
};

/* [location] is an http(s) URL (the server's root, with or without a path) or a folder. ERR_USAGE
 * when it is neither. Nothing is asked of the server yet. */
err *source_open(const char *location, const struct source_options *options,
                 struct source **out) ERR_NODISCARD;
void source_close(struct source *s);

/* The entries of [folder] ("Reports/CURRENT/Dispatch_SCADA", plain names); memory from [a].
 * *unchanged is true, and the list empty, when the page is the one that was last read here: the
 * server says so, or sends the same bytes. Who leaves some of a list undone must therefore keep it.
 * A folder that is not there, or a page that is no folder page, is ERR_INPUT; a server that can't
 * be reached or refuses is ERR_NETWORK; ERR_STOPPED when told to stop. */
err *source_list(struct source *s, struct arena *a, const char *folder,
                 struct listing_entry **entries, size_t *count, bool *unchanged) ERR_NODISCARD;

/* Has the next listings of [folder] and of those below it come whole, even when they are unchanged:
 * for a caller that hasn't got all that the last ones named. */
void source_forget(struct source *s, const char *folder);

struct source_request {
    const char *folder; /* the listing that named it */
    str name, href;     /* without an href the name below the folder is asked for */
    uint64_t limit;     /* the largest body that is accepted */
    void *context;
    /* For what is too large for memory: the path at which the file is put (over a folder, a link to
     * it), while the body that is handed out stays empty. The caller removes it. */
    const char *save_to;
};

/* Called once for each request, in any order, as soon as its answer is complete: [error] is NULL
 * and [body] the file's bytes (which the callee may take by zeroing the struct), or [error] says
 * what was wrong (the callee frees it): ERR_INPUT for a body that is no file (HTML, empty, too
 * large) or a file that is gone, ERR_NETWORK when all tries failed, ERR_IO when a folder's file
 * can't be read. Transfers stand still until it returns, so long work on a body goes elsewhere.
 * Returning false ends source_get early. */
typedef bool source_deliver(struct source_request *request, struct buf *body, err *error);

/* Gets [count] files, several at once. Only being told to stop is an error here. */
err *source_get(struct source *s, struct source_request *requests, size_t count,
                source_deliver *deliver) ERR_NODISCARD;

/* Whether what comes from here is a simulation. The source says so itself: a server by the header
 * "X-Simulated" of each answer, a folder by a file SIMULATED at its top. Known once something was
 * listed or got; a server that changes its mind is refused. */
bool source_is_simulated(const struct source *s);

/* What the source is called in messages. */
const char *source_name(const struct source *s);

#endif
