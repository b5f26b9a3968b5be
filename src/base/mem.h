/* Heap and arena memory.
 *
 * nemd is crash-only: every commit is a rename, so ending the process loses nothing that was
 * committed. An allocation that fails therefore ends it with one line instead of threading a
 * failure that is never tested through every caller.
 *
 * Memory that lives as long as one file, one request or one cycle comes from an arena and is
 * given back in one call; free() is rare above base/.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t bytes);
/* Zeroed; ends the process when [count] * [size] overflows. */
void *mem_zalloc(size_t count, size_t size);
void *mem_resize(void *p, size_t bytes);
char *mem_strdup(const char *s);

/* A bump allocator: blocks double up to a limit, reset keeps the largest. A zeroed struct is an
 * empty arena. Not for use by two threads at once. */
struct arena {
    struct arena_block *blocks;
};

/* Zeroed memory aligned for any type, valid until the arena is reset or freed. */
void *arena_alloc(struct arena *a, size_t bytes);
/* The same for [count] things of [size] bytes; ends the process when that overflows. */
void *arena_array(struct arena *a, size_t count, size_t size);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_array((arena), (count), sizeof(type)))

#endif
