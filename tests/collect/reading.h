/* Files written by hand, and what ingest_file makes of them. */
#ifndef TESTS_COLLECT_READING_H
#define TESTS_COLLECT_READING_H

#include "collect/ingest.h"

#include "support/check.h"

enum { LIMIT = 64 << 20 };

/* A file being written: its lines are counted for the footer. */
struct text {
    struct buf buf;
    int lines;
};

__attribute__((format(printf, 2, 3), unused)) static void line(struct text *t, const char *format,
                                                               ...) {
    va_list args;
    va_start(args, format);
    buf_vprintf(&t->buf, format, args);
    va_end(args);
    buf_add_str(&t->buf, STR("\r\n"));
    t->lines++;
}

static inline struct text begin(const char *report) {
    struct text t = {0};
    line(&t, "C,NEMP.WORLD,%s,AEMO,PUBLIC,2030/06/15,12:00:13,1,%s,1", report, report);
    return t;
}

static inline str end(struct text *t) {
    line(t, "C,\"END OF REPORT\",%d", t->lines + 1);
    return buf_str(&t->buf);
}

static inline const struct frame *only_frame(const struct batch *b, enum dataset_id dataset) {
    const struct frame *found = NULL;
    for (size_t i = 0; i < b->count; i++)
        if (b->frames[i]->dataset == &datasets[dataset]) {
            assert_null(found);
            found = b->frames[i];
        }
    assert_non_null(found);
    return found;
}

static inline double value(const struct frame *f, const char *key, int column) {
    int64_t k = intern_find(&f->keys, str_from(key));
    interval first = 0, last = 0;
    assert_true(k >= 0 && frame_bounds(f, &first, &last));
    return cell_to_double(frame_cell(f, (uint32_t)k, column, frame_slot(f, first)));
}

#endif
