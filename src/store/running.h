/* Who is at work on a store: a file for each process, which it keeps locked as long as it lives.
 *
 *   <data>/running/<pid>      command="run"       a note (note.h)
 *                             port="5006"         the dashboard's, where it has one
 *                             …
 *
 * A process that is killed leaves its file, which nobody holds any more: whoever lists them sees
 * that, and removes it. Where the folder can't be written nobody is entered, and nothing else
 * depends on it.
 */
#ifndef STORE_RUNNING_H
#define STORE_RUNNING_H

#include "base/err.h"
#include "base/str.h"

struct running {
    long pid;
    const char *command; /* "run", "collect", "serve", "backup" */
    const char *host;    /* of its dashboard, with [port]; NULL: it has none */
    int port;
    const char *config;    /* the file of its settings, absolute; or NULL */
    int64_t since;         /* Unix seconds */
    bool collects, alerts; /* what it does */
};

struct running_entry {
    int lock; /* -1: not entered */
    char *path;
};

/* Enters this process; its number and the time are set by the call. */
err *running_enter(const char *data, const struct running *self,
                   struct running_entry *out) ERR_NODISCARD;
void running_leave(struct running_entry *entry);

/* Those that live, by number; memory from [a]. */
err *running_list(struct arena *a, const char *data, struct running **out,
                  size_t *count) ERR_NODISCARD;

#endif
