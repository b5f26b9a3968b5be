/* Opens the dashboard as a browser does: the page, what it is made of, what its first view asks
 * for; one after the other. */
#ifndef OPS_DASHBOARD_PROBE_H
#define OPS_DASHBOARD_PROBE_H

#include "base/err.h"
#include "base/str.h"

struct dashboard_probe {
    double seconds; /* for all of it */
    size_t requests, bytes;
    bool wants_token; /* it answers, and lets nobody in without one */
};

/* [token] may be NULL. An error when it doesn't answer, or with anything but 200 (or 401). */
err *dashboard_probe(const char *host, int port, const char *token,
                     struct dashboard_probe *out) ERR_NODISCARD;

#endif
