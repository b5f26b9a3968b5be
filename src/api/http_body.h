/* A response's body on its way out: gzipped when that pays and the client takes it, plain when it
 * doesn't. */
#ifndef API_HTTP_BODY_H
#define API_HTTP_BODY_H

#include "api/http.h"

struct body {
    str bytes;
    char *owned; /* heap memory behind [bytes]; NULL for bytes that outlive the server */
    const char *encoding;
};

/* Bodies are coded one at a time, so one coder serves every connection. */
struct body_coder {
    struct deflater *deflate;
    struct libdeflate_decompressor *inflate;
};

/* False for want of memory. */
bool body_coder_init(struct body_coder *c);
void body_coder_free(struct body_coder *c);

/* Takes the body out of [response]. */
struct body body_take(struct http_response *response);
/* Gzips what is text and over 1 KB for a client that [accepts_gzip], inflates for one that doesn't
 * what is held gzipped. False when that can't be inflated. */
bool body_suit(struct body_coder *c, struct body *b, const char *content_type, bool accepts_gzip);

#endif
