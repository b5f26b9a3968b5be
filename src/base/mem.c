#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p, size_t bytes) {
    if (!p && bytes) {
        fprintf(stderr, "nemd: out of memory (%zu bytes); nothing committed is lost, start again\n",
                bytes);
        abort();
    }
    return p;
}

void *mem_alloc(size_t bytes) {
    return must(malloc(bytes), bytes);
}

void *mem_zalloc(size_t count, size_t size) {
    return must(calloc(count, size), count && size ? SIZE_MAX : 0);
}

void *mem_resize(void *p, size_t bytes) {
    return must(realloc(p, bytes), bytes);
}

char *mem_strdup(const char *s) {
    size_t bytes = strlen(s) + 1;
    return memcpy(mem_alloc(bytes), s, bytes);
}

enum { FIRST_BLOCK = 4 << 10, LARGEST_STEP = 1 << 20, ALIGNMENT = 16 };

struct arena_block {
    struct arena_block *next;
    size_t used, size; /* of data[] */
    _Alignas(ALIGNMENT) unsigned char data[];
};

void *arena_alloc(struct arena *a, size_t bytes) {
    if (bytes > PTRDIFF_MAX) /* rounding up, or adding a block's head, could wrap around */
        must(NULL, bytes);
    size_t need = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct arena_block *b = a->blocks;
    if (!b || b->size - b->used < need) {
        size_t size = b ? b->size * 2 : FIRST_BLOCK;
        if (size > LARGEST_STEP)
            size = LARGEST_STEP;
        if (size < need)
            size = need;
        b = mem_alloc(sizeof *b + size);
        *b = (struct arena_block){.next = a->blocks, .size = size};
        a->blocks = b;
    }
    void *p = b->data + b->used;
    b->used += need;
    return memset(p, 0, need);
}

void *arena_array(struct arena *a, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        must(NULL, SIZE_MAX);
    return arena_alloc(a, bytes);
}

char *arena_printf(struct arena *a, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *text = arena_alloc(a, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

void arena_reset(struct arena *a) {
    struct arena_block *largest = NULL;
    for (struct arena_block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        if (!largest || b->size > largest->size) {
            free(largest);
            largest = b;
        } else {
            free(b);
        }
    }
    if (largest) {
        largest->next = NULL;
        largest->used = 0;
    }
    a->blocks = largest;
}

void arena_free(struct arena *a) {
    arena_reset(a);
    free(a->blocks);
    a->blocks = NULL;
}
