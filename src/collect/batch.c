#include "collect/batch.h"

#include <stdlib.h>

enum { NOWHERE = -1 };

static int64_t find(const struct batch *b, enum dataset_id dataset, aest_day day) {
    for (size_t i = 0; i < b->count; i++)
        if (b->frames[i]->dataset == &datasets[dataset] && b->frames[i]->day == day)
            return (int64_t)i;
    return NOWHERE;
}

static struct frame *add(struct batch *b, struct frame *f) {
    b->frames = mem_resize(b->frames, (b->count + 1) * sizeof(struct frame *));
    return b->frames[b->count++] = f;
}

struct frame *batch_frame(struct batch *b, enum dataset_id dataset, aest_day day) {
    const struct dataset *d = &datasets[dataset];
    if (b->last && b->last->dataset == d && b->last->day == day)
        return b->last;
    int64_t at = find(b, dataset, day);
    if (at != NOWHERE)
        return b->last = b->frames[at];
    b->last = add(b, mem_alloc(sizeof(struct frame)));
    frame_init(b->last, d, day);
    return b->last;
}

struct frame *batch_take(struct batch *b, enum dataset_id dataset, aest_day day) {
    int64_t at = find(b, dataset, day);
    if (at == NOWHERE)
        return NULL;
    struct frame *f = b->frames[at];
    b->frames[at] = b->frames[--b->count];
    if (b->last == f)
        b->last = NULL;
    return f;
}

void batch_merge(struct batch *into, struct batch *from) {
    while (from->count) {
        struct frame *f = batch_take(from, dataset_id(from->frames[from->count - 1]->dataset),
                                     from->frames[from->count - 1]->day);
        int64_t at = find(into, dataset_id(f->dataset), f->day);
        if (at == NOWHERE) {
            frame_forget_precedence(f);
            add(into, f);
            continue;
        }
        frame_merge(into->frames[at], f, &into->noted);
        frame_free(f);
        free(f);
    }
    frame_change_add(&into->noted, &from->noted);
    from->noted = (struct frame_change){0};
}

size_t batch_memory(const struct batch *b) {
    size_t cells = 0;
    for (size_t i = 0; i < b->count; i++)
        cells += b->frames[i]->allocated;
    return cells * sizeof(cell);
}

void batch_content_add(struct ledger_content *sum, const struct ledger_content *more) {
    if (sum->rows == 0)
        *sum = (struct ledger_content){more->dataset, more->first, more->last, 0};
    sum->rows += more->rows;
    sum->first = more->first < sum->first ? more->first : sum->first;
    sum->last = more->last > sum->last ? more->last : sum->last;
}

size_t batch_contents(const struct batch *b, struct ledger_content contents[DATASETS]) {
    struct ledger_content by_dataset[DATASETS] = {{0}};
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++) {
        const struct frame *f = b->frames[i];
        struct ledger_content c = {.dataset = f->dataset->name, .rows = (int64_t)f->rows};
        if (frame_bounds(f, &c.first, &c.last))
            batch_content_add(&by_dataset[dataset_id(f->dataset)], &c);
    }
    for (int d = 0; d < DATASETS; d++)
        if (by_dataset[d].rows)
            contents[count++] = by_dataset[d];
    return count;
}

void batch_free(struct batch *b) {
    for (size_t i = 0; i < b->count; i++) {
        frame_free(b->frames[i]);
        free(b->frames[i]);
    }
    free(b->frames);
    *b = (struct batch){0};
}
