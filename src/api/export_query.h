/* What an export asks DuckDB, in the worker's thread. */
#ifndef API_EXPORT_QUERY_H
#define API_EXPORT_QUERY_H

#include "api/answer.h"
#include "store/store.h"

struct export_query {
    const char *name; /* of the dataset or table, or of the route whose answer it is */
    enum answer_format format;
    const char *store; /* the folder */
    bool has_from, has_to;
    aest_us from, to;
    const struct answer *answer; /* instead of the store; NULL: the store */
    bool is_table;
};

/* Writes the body to [fd]. [note] is told of the connection that works, so that it can be
 * interrupted, and of its end by NULL. */
typedef void export_note(void *context, duckdb_connection connection);
err *export_query_run(const struct export_query *q, int fd, export_note *note,
                      void *context) ERR_NODISCARD;

/* A copy of [a] that doesn't need what [a] points into: all rows of [page], or all series. */
void answer_copy(const struct answer *a, const struct page *page, struct arena *memory,
                 struct answer *out);

#endif
