#include "base/intern.h"

#include <stdlib.h>

static uint32_t hash(str s) { /* FNV-1a */
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.at[i]) * 16777619u;
    return h;
}

/* The slot that holds [text], or the free one where it would go. */
static uint32_t slot_of(const struct intern *set, str text) {
    uint32_t mask = set->slot_count - 1, i = hash(text) & mask;
    while (set->slots[i] && !str_eq(set->texts[set->slots[i] - 1], text))
        i = (i + 1) & mask;
    return i;
}

static void grow(struct intern *set) {
    set->capacity = set->capacity ? set->capacity * 2 : 16;
    set->texts = mem_resize(set->texts, set->capacity * sizeof *set->texts);
    free(set->slots);
    set->slot_count = set->capacity * 2;
    set->slots = mem_zalloc(set->slot_count, sizeof *set->slots);
    for (uint32_t i = 0; i < set->count; i++)
        set->slots[slot_of(set, set->texts[i])] = i + 1;
}

int64_t intern_find(const struct intern *set, str text) {
    if (set->count == 0)
        return INTERN_NONE;
    return (int64_t)set->slots[slot_of(set, text)] - 1;
}

static bool is_text(const struct intern *set, uint32_t number, str text) {
    return number < set->count && str_eq(set->texts[number], text);
}

uint32_t intern_add(struct intern *set, str text) {
    /* files name keys in the same order again and again, or one many times: two guesses */
    if (is_text(set, set->last, text))
        return set->last;
    uint32_t next = set->last + 1 < set->count ? set->last + 1 : 0;
    if (is_text(set, next, text))
        return set->last = next;
    int64_t found = intern_find(set, text);
    if (found != INTERN_NONE)
        return set->last = (uint32_t)found;
    if (set->count == set->capacity)
        grow(set);
    text.at = str_dup(&set->memory, text);
    set->texts[set->count] = text;
    set->slots[slot_of(set, text)] = set->count + 1;
    return set->last = set->count++;
}

void intern_free(struct intern *set) {
    free(set->texts);
    free(set->slots);
    arena_free(&set->memory);
    *set = (struct intern){0};
}
