/* The body of a POST: one flat JSON object whose members are texts and numbers.
 *
 *     {"rule": "price", "key": "SA1", "until": "2h"}
 *
 * A strict reader (RFC 8259) of just that: what has lists, objects, true, false or null in it, or
 * anything behind its end, is refused.
 */
#ifndef API_BODY_H
#define API_BODY_H

#include <stdbool.h>

#include "base/mem.h"
#include "base/str.h"

enum { BODY_MEMBERS = 32 };

struct body_member {
    str name, text; /* of a number its digits, as they stand */
    bool is_number;
};

/* NULL, or what is wrong with [body], as in "must be …". Memory from [a]. */
const char *body_read(struct arena *a, str body, struct body_member out[BODY_MEMBERS],
                      size_t *count);

#endif
