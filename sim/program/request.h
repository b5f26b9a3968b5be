/* Reading an HTTP/1.1 request: GET and HEAD, and POST with a short body. What is not plainly well
 * formed is refused, with the status that http.sys has for it where it has one.
 */
#ifndef SIM_REQUEST_H
#define SIM_REQUEST_H

#include "base/str.h"

enum sim_method { SIM_GET, SIM_HEAD, SIM_POST };
enum { SIM_HEAD_BYTES = 8192, SIM_BODY_BYTES = 256 };

struct sim_request {
    enum sim_method method;
    str target; /* the path as it was sent, printable ASCII */
    str path;   /* decoded once; begins with '/', has no step "." or "..", no control character */
    str body;   /* decoded like the path */
    bool keep_alive;
};

/* Looks at the [bytes] received so far. Returns the length of the whole request once it is there
 * and fills [out] (views into [bytes] and [a]); 0 when more is needed; or minus the status to
 * answer with. */
int sim_request_read(struct arena *a, str bytes, struct sim_request *out);

#endif
