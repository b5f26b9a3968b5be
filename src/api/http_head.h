/* The head of a response: its status line and its headers, the policies for browsers among them. */
#ifndef API_HTTP_HEAD_H
#define API_HTTP_HEAD_H

#include <time.h>

#include "api/http.h"

/* What an HTTP server itself answers with. */
struct http_status {
    int status;
    const char *reason;
    const char *code, *message; /* NULL of those that handlers alone answer with */
};
/* One without a reason where it isn't known. */
const struct http_status *http_status_of(int status);

/* The Date header of a second. */
struct http_date {
    time_t at;
    char text[40];
};

/* Of a body whose length isn't told: it comes in chunks, or ends with the connection. */
enum { LENGTH_CHUNKED = -1, LENGTH_UNTOLD = -2 };

/* Writes a head into [out], whose content it replaces. [encoding] of the body, or NULL; [length] in
 * bytes, or one of the above. */
void http_head_write(struct buf *out, const struct http_response *r, const char *encoding,
                     int64_t length, bool keep_alive, struct http_date *date);

#endif
