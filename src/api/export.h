/* Bodies that DuckDB makes: exports of datasets, and answers as Parquet.
 *
 *    worker's thread                        pipe          the loop of the connection
 *    COPY (SELECT …) TO '/dev/fd/N'   ==============>   reads while the client takes it
 *
 * The pipe holds 64 KB and the connection little more, so that whatever the length of an export,
 * memory doesn't grow with it: a client that reads slowly slows the query. One that hardly reads at
 * all is let go, since others wait for the worker.
 *
 * The head is sent with the first bytes. What fails before is an error as any other's; what fails
 * later ends the connection without the last chunk, so that the client knows.
 */
#ifndef API_EXPORT_H
#define API_EXPORT_H

#include "api/route.h"

/* The datasets and tables that can be exported, by name, as in parameter.choices. */
extern const char *const export_names[];

struct export_request {
    const char *name; /* one of them */
    bool has_from, has_to;
    aest_us from, to;          /* (from, to], of a dataset */
    enum answer_format format; /* CSV or PARQUET */
};

/* Fills the response with what the worker will make of it; ERR_BUSY, as a 503 with Retry-After,
 * when too many wait. */
err *export_dataset(struct call *c, const struct export_request *what) ERR_NODISCARD;
/* The same of the answer that the call has collected; [page] of a table, else NULL. */
err *export_answer(struct call *c, const struct page *page) ERR_NODISCARD;

#endif
