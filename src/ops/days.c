#include "ops/days.h"

#include "store/parquet.h"

err *days_read(struct store *s, struct frames *days) {
    struct arena a = {0};
    struct file_stamp stamp;
    const struct store_index *x;
    enum dataset_id dataset = dataset_id(days->day->dataset);
    err *e = store_index(s, dataset, &x);
    for (size_t i = 0; !e && i < x->count; i++)
        if (x->files[i].first < days->first + days->count &&
            x->files[i].first + x->files[i].days > days->first)
            e = parquet_read(&s->duck, store_file_path(s, &a, dataset, &x->files[i]), days, true,
                             &stamp);
    arena_free(&a);
    return e;
}
