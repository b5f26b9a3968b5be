/* Folders as a whole: what is in them, and copies. */
#ifndef TESTS_SUPPORT_TREE_H
#define TESTS_SUPPORT_TREE_H

#include "base/str.h"

/* The names and bytes of all files under [folder] that have [part] in their path below it, by
 * name. */
struct buf tree_bytes(const char *folder, const char *part);
/* The same without the bytes: a name a line. */
struct buf tree_names(const char *folder, const char *part);
/* Copies all that is under [from] into [to], which is there. */
void tree_copy(const char *from, const char *to);

#endif
