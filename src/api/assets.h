/* The dashboard's files, built into the program by web/embed.mjs. */
#ifndef API_ASSETS_H
#define API_ASSETS_H

#include <stddef.h>

struct asset {
    const char *path; /* "/index.html"; NULL ends the list */
    const char *content_type;
    const char *etag;             /* with its quotes */
    const char *content_encoding; /* "gzip", or NULL */
    const char *cache_control;
    size_t size;
    const unsigned char *bytes;
};

extern const struct asset web_assets[];

#endif
