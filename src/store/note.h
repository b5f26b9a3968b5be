/* Notes: what was last done to a store, or found about it, a small file each, in the syntax of
 * settings (base/config.h).
 *
 *   <data>/notes/backup       at="1763900000"    when, in Unix seconds
 *                             ok="1"
 *                             generation="2025-11-23T023000"
 *                             …
 *
 * Whoever makes a backup, verifies, takes over from another system or goes through the check-list
 * leaves one; commands, alerts and the API's metrics read them. A note is replaced as a whole. To
 * lose one costs no more than doing the same again.
 */
#ifndef STORE_NOTE_H
#define STORE_NOTE_H

#include "base/config.h"

/* A note in the making, or one that was read. Zeroed it is empty. */
struct note {
    struct buf text;
    struct config lines;
};

/* Adds a line; a value of NULL adds none. Any bytes but zeros can be a value. */
void note_add(struct note *n, const char *key, const char *value);
void note_add_number(struct note *n, const char *key, int64_t value);
/* Replaces the note called [name]. The line "at" is added. */
err *note_write(const char *data, const char *name, struct note *n) ERR_NODISCARD;
/* Reads a note from [text] alone. */
err *note_parse(const char *name, str text, struct note *out) ERR_NODISCARD;
/* The note called [name]; empty where there is none. */
err *note_read(const char *data, const char *name, struct note *out) ERR_NODISCARD;
/* NULL, or [fallback], where there is no such line. Valid as long as [n] is. */
const char *note_text(const struct note *n, const char *key);
int64_t note_number(const struct note *n, const char *key, int64_t fallback);
void note_free(struct note *n);

#endif
