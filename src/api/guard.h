/* Who is let in, before a request reaches a route.
 *
 *   Host     of this machine or one that was configured. A page from elsewhere can have its own
 *            name point to 127.0.0.1 (DNS rebinding) and then read answers as if they were its own;
 *            but its requests carry that name. An address in figures can't be made to point
 *            elsewhere: where the server listens on all addresses, any is taken.
 *   Origin   of a POST is the page's own: nobody else's form may change anything here. On an
 *            address that others can reach without a token, nobody changes anything.
 *   token    where there are any: Authorization: Bearer <token>, or Basic with the token as the
 *            password, which is how a browser asks its user. /health needs none.
 */
#ifndef API_GUARD_H
#define API_GUARD_H

#include "api/http.h"
#include "api/tokens.h"

struct guard {
    struct tokens *tokens;    /* NULL: none are needed */
    const char *const *hosts; /* allowed beside loopback, without port; NULL ends them */
    bool any_address;         /* and any address in figures */
    bool is_open;             /* others can get here without a token: to look, not to touch */
    double (*now)(void);      /* seconds, for the buckets */
};

/* True, or false with the response being the refusal. */
bool guard_admits(const struct guard *g, const struct http_request *r, struct http_response *out);

/* For a route that changes something: who was let in may, or a refusal; and JSON, or a refusal. */
bool guard_admits_change(const struct guard *g, struct http_response *out);
bool guard_admits_body(const struct http_request *r, struct http_response *out);

/* Seconds of the monotonic clock. */
double guard_clock(void);

#endif
