/* A small zip writer for tests, which can also lie.
 *
 *   struct zipmake z = {0};
 *   zipmake_add(&z, &(struct zipmake_member){.name = STR("A.CSV"), .content = text, .deflate =
 * true}); str archive = zipmake_end(&z);
 *   ...
 *   zipmake_free(&z);
 *
 * A member is written truthfully except where a [lie] field says otherwise. Lies go into the
 * directory only, because that is what a reader has to believe or to catch.
 */
#ifndef SUPPORT_ZIPMAKE_H
#define SUPPORT_ZIPMAKE_H

#include "base/str.h"

struct zipmake_member {
    str name, content;
    bool deflate;    /* else stored */
    int level;       /* libdeflate's, 0 (stored blocks only) to 12 */
    bool descriptor; /* flag 0x0808: sizes stand behind the data, the local header has zeros */
    bool zip64;      /* sizes and offset in a zip64 extra field */
    str local_extra; /* an extra field that only the local header has */
    uint16_t lie_flags, lie_method;           /* instead of the true ones, unless zero */
    uint32_t lie_crc;                         /* exclusive-ored with the true one */
    int64_t lie_size, lie_packed, lie_offset; /* added to the true ones */
};

struct zipmake {
    struct buf bytes, directory;
    size_t count;
    bool zip64; /* write the zip64 end record and locator */
    str comment;
    int lie_count; /* added to the true one */
};

void zipmake_add(struct zipmake *z, const struct zipmake_member *m);
/* Writes the directory and the end record; the archive is valid until zipmake_free. */
str zipmake_end(struct zipmake *z);
void zipmake_free(struct zipmake *z);

#endif
