#include "collect/batch.h"

#include <stdlib.h>

struct frame *batch_frame(struct batch *b, enum dataset_id dataset, aest_day day) {
    const struct dataset *d = &datasets[dataset];
    if (b->last && b->last->dataset == d && b->last->day == day)
        return b->last;
    for (size_t i = 0; i < b->count; i++)
        if (b->frames[i]->dataset == d && b->frames[i]->day == day)
            return b->last = b->frames[i];
    b->frames = mem_resize(b->frames, (b->count + 1) * sizeof(struct frame *));
    b->last = b->frames[b->count++] = mem_alloc(sizeof(struct frame));
    frame_init(b->last, d, day);
    return b->last;
}

void batch_merge(struct batch *into, const struct batch *from) {
    for (size_t i = 0; i < from->count; i++) {
        const struct frame *f = from->frames[i];
        frame_merge(batch_frame(into, dataset_id(f->dataset), f->day), f, &into->noted);
    }
    frame_change_add(&into->noted, &from->noted);
}

void batch_free(struct batch *b) {
    for (size_t i = 0; i < b->count; i++) {
        frame_free(b->frames[i]);
        free(b->frames[i]);
    }
    free(b->frames);
    *b = (struct batch){0};
}
