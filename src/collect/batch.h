/* Rows on their way from files to the store: a frame for each dataset and day that they touch. */
#ifndef COLLECT_BATCH_H
#define COLLECT_BATCH_H

#include "store/store.h"

struct batch {
    struct frame **frames;
    size_t count;
    struct frame *last;        /* the one asked for last */
    struct frame_change noted; /* while rows were put in: its ties are what counts */
};

/* The frame for a day, made when it is new. */
struct frame *batch_frame(struct batch *b, enum dataset_id dataset, aest_day day);
/* Merges the rows of [from], and adds up their ties. Days that [into] lacks are moved, not copied.
 */
void batch_merge(struct batch *into, struct batch *from);
/* Takes the frame of a day out of the batch; NULL where there is none. */
struct frame *batch_take(struct batch *b, enum dataset_id dataset, aest_day day);
/* Bytes of memory that its rows take. */
size_t batch_memory(const struct batch *b);
/* What the batch holds, an entry for each dataset that has rows; their count. */
size_t batch_contents(const struct batch *b, struct ledger_content contents[DATASETS]);
/* Adds up what two files held of a dataset. */
void batch_content_add(struct ledger_content *sum, const struct ledger_content *more);
void batch_free(struct batch *b);

#endif
