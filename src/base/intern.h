/* A set of strings that numbers them in the order in which they first came: 0, 1, 2, …
 *
 * Keys (DUIDs, regions) and texts of a dataset are numbers everywhere but at the edges.
 */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include "base/str.h"

struct intern {
    struct arena memory;
    str *texts; /* by number */
    uint32_t count, capacity;
    uint32_t *slots; /* open addressing: number + 1, 0 for free; a power of two of them */
    uint32_t slot_count;
    uint32_t last; /* the number given last */
};

enum { INTERN_NONE = -1 };

/* The number of [text], which is copied when it is new. */
uint32_t intern_add(struct intern *set, str text);
/* The number of [text], or INTERN_NONE. */
int64_t intern_find(const struct intern *set, str text);
void intern_free(struct intern *set);

#endif
