/* Which files a dataset has: read from its folders again when one of them has changed. */
#include <stdlib.h>
#include <time.h>

#include "store/grid.h"
#include "store/parquet.h"
#include "store/records.h"
#include "store/store.h"

enum { TRIES = 5 };
static const int64_t TICK_NS = 20000000; /* of file systems, at most; most have 4 ms */

static uint64_t mix(uint64_t hash, uint64_t value) { /* FNV-1a, eight bytes at a time */
    return (hash ^ value) * UINT64_C(0x100000001b3);
}

static uint64_t mix_stamp(uint64_t hash, struct file_stamp stamp) {
    return mix(mix(mix(hash, stamp.inode), stamp.size), (uint64_t)stamp.modified_ns);
}

/* "2025-07-20.parquet", or a month's "2025-07.parquet". */
static bool file_of_name(str name, struct store_file *f) {
    char date[10] = "yyyy-mm-01";
    size_t len = name.len - STR(".parquet").len;
    aest_us t;
    if (!str_ends_nocase(name, STR(".parquet")) || (len != 10 && len != 7))
        return false;
    memcpy(date, name.at, len);
    if (!aest_parse_iso((str){date, 10}, &t))
        return false;
    f->first = (aest_day)(t / AEST_DAY);
    f->days = len == 10 ? 1 : month_days(f->first);
    return true;
}

/* A number for the state of the dataset's folders: a rename into one changes its stamp. *latest is
 * when that was last. */
static err *look(struct store *s, struct arena *a, enum dataset_id dataset,
                 struct file_entry **years, size_t *count, uint64_t *seen, int64_t *latest) {
    const char *folder = arena_printf(a, "%s/%s", s->path, datasets[dataset].name);
    TRY(file_list(a, folder, years, count));
    *seen = mix(1469598103934665603u, *count);
    *latest = 0;
    for (size_t i = 0; i < *count; i++) {
        struct file_stamp stamp = (*years)[i].stamp;
        *seen = mix_stamp(*seen, stamp);
        *latest = stamp.modified_ns > *latest ? stamp.modified_ns : *latest;
    }
    return NULL;
}

/* Two commits within one tick of the file system's clock leave the folder's stamp alone: so the
 * newest file's counts too, as the one that is known or as it is now. */
static uint64_t with_newest(struct store *s, struct arena *a, enum dataset_id dataset,
                            uint64_t seen, bool known) {
    const struct store_index *x = &s->indexes[dataset];
    if (!x->count)
        return seen;
    const struct store_file *newest = &x->files[x->count - 1];
    return mix_stamp(seen,
                     known ? newest->stamp : file_stamp(store_file_path(s, a, dataset, newest)));
}

/* Adds the files of a year. By name a month comes before its days ("2025-07.parquet" sorts behind
 * "2025-07-20.parquet"): days are taken back when their month comes. */
static void add_files(const struct file_entry *entries, size_t count, struct buf *files,
                      uint64_t *bytes) {
    for (size_t i = 0; i < count; i++) {
        struct store_file f = {.stamp = entries[i].stamp};
        if (!file_of_name(entries[i].name, &f))
            continue;
        while (f.days > 1 && files->len) {
            const struct store_file *last =
                (const void *)(files->at + files->len - sizeof(struct store_file));
            if (last->first < f.first)
                break;
            *bytes -= last->stamp.size;
            files->len -= sizeof *last;
        }
        *bytes += f.stamp.size;
        buf_add(files, &f, sizeof f);
    }
}

static err *read_files(struct store *s, struct arena *a, enum dataset_id dataset,
                       const struct file_entry *years, size_t year_count, struct store_index *x) {
    struct buf files = {0};
    x->bytes = 0;
    for (size_t y = 0; y < year_count; y++) {
        struct file_entry *entries;
        size_t count;
        if (!years[y].is_folder)
            continue;
        err *e = file_list(
            a,
            arena_printf(a, "%s/%s/%.*s", s->path, datasets[dataset].name, STR_ARG(years[y].name)),
            &entries, &count);
        if (e) {
            buf_free(&files);
            return e;
        }
        add_files(entries, count, &files, &x->bytes);
    }
    free(x->files);
    x->files = (struct store_file *)(void *)files.at;
    x->count = files.len / sizeof *x->files;
    return NULL;
}

/* Bounds of a file, from the grid where that has it. Else a day is read into memory, where it will
 * be wanted again; a month isn't. */
static err *file_bounds(struct store *s, enum dataset_id dataset, const struct store_file *file,
                        bool *any, interval *first, interval *last) {
    const struct frame *f;
    struct arena a = {0};
    err *e;
    if (grid_file_bounds(store_grid(s), dataset, file->first, file->days, file->stamp, any, first,
                         last))
        return NULL;
    if (file->days == 1) {
        TRY(store_frame(s, dataset, file->first, &f));
        *any = f && frame_bounds(f, first, last);
        return NULL;
    }
    e = parquet_bounds(&s->duck, store_month_path(s, &a, dataset, file->first), &datasets[dataset],
                       any, first, last);
    arena_free(&a);
    return e;
}

static err *read_bounds(struct store *s, enum dataset_id dataset, struct store_index *x) {
    bool first, last;
    interval other;
    x->has_bounds = false;
    if (x->count == 0)
        return NULL;
    TRY(file_bounds(s, dataset, &x->files[0], &first, &x->first, &other));
    TRY(file_bounds(s, dataset, &x->files[x->count - 1], &last, &other, &x->last));
    x->has_bounds = first && last;
    return NULL;
}

static void note_damage(struct store_index *x, err *e) {
    free(x->damage);
    x->damage = e ? mem_strdup(err_text(e)) : NULL;
    x->has_bounds = x->has_bounds && !e;
    err_free(e);
}

/* Whether something else may yet come in the tick of the clock in which [latest] was. */
static bool is_settled(int64_t latest) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t since = now.tv_sec * INT64_C(1000000000) + now.tv_nsec - latest;
    return since > TICK_NS || since < -TICK_NS; /* a clock that was set back is no reason to wait */
}

/* Lists the files until nothing was renamed meanwhile: a folder that changes while it is read may
 * show neither a month nor its days. */
static err *list_files(struct store *s, struct arena *a, enum dataset_id dataset,
                       struct store_index *x) {
    struct file_entry *years;
    size_t count;
    uint64_t before, after = 0;
    int64_t latest;
    TRY(look(s, a, dataset, &years, &count, &before, &latest));
    for (int tries = 0; tries < TRIES; tries++, before = after) {
        TRY(read_files(s, a, dataset, years, count, x));
        TRY(look(s, a, dataset, &years, &count, &after, &latest));
        if (before == after)
            break;
    }
    /* what was in motion is looked at again the next time */
    bool keep = before == after && is_settled(latest);
    x->listed = keep ? with_newest(s, a, dataset, after, true) : 0;
    return NULL;
}

err *store_files(struct store *s, enum dataset_id dataset, const struct store_index **out) {
    struct store_index *x = &s->indexes[dataset];
    struct arena a = {0};
    struct file_entry *years;
    size_t count;
    uint64_t seen;
    int64_t latest;
    err *e = look(s, &a, dataset, &years, &count, &seen, &latest);
    if (!e && with_newest(s, &a, dataset, seen, false) != x->listed)
        e = list_files(s, &a, dataset, x);
    if (e)
        x->listed = 0;
    arena_free(&a);
    *out = x;
    return e;
}

/* What the bounds were read from: the oldest file and the newest. */
static uint64_t ends_of(const struct store_index *x) {
    uint64_t ends = mix(1469598103934665603u, x->count > 0);
    return x->count ? mix_stamp(mix_stamp(ends, x->files[0].stamp), x->files[x->count - 1].stamp)
                    : ends;
}

err *store_index(struct store *s, enum dataset_id dataset, const struct store_index **out) {
    struct store_index *x = &s->indexes[dataset];
    *out = x;
    TRY(store_files(s, dataset, out));
    if (ends_of(x) != x->seen) {
        note_damage(x, read_bounds(s, dataset, x));
        x->seen = x->damage ? 0 : ends_of(x); /* what is damaged is looked at again each time */
    }
    return NULL;
}

bool store_grid_has(struct store *s, enum dataset_id dataset, interval from, interval to) {
    const struct store_index *x = &s->indexes[dataset];
    struct grid *g = s->grid;
    const struct tiles_shape *shape = g ? grid_shape(g, dataset) : NULL;
    aest_day first = interval_day(from + 1), last = interval_day(to);
    for (size_t i = 0; shape && from < to && i < x->count; i++) {
        const struct store_file *f = &x->files[i];
        aest_day day = f->first > first ? f->first : first, end = f->first + f->days - 1;
        for (end = end < last ? end : last; day <= end; day++) {
            struct tiles *t = grid_tiles(g, shape, day);
            if (!t || !file_stamp_eq(tiles_stamp(t, day), f->stamp))
                return false;
        }
    }
    return true;
}

err *store_version(struct store *s, uint64_t *out) {
    struct arena a = {0};
    err *e = NULL;
    *out = 1469598103934665603u;
    for (int i = 0; i < DATASETS && !e; i++) {
        struct file_entry *years;
        size_t count;
        uint64_t seen = 0;
        int64_t latest;
        e = look(s, &a, (enum dataset_id)i, &years, &count, &seen, &latest);
        *out = mix(*out, with_newest(s, &a, (enum dataset_id)i, seen, false));
    }
    for (int i = 0; i < RECORD_TABLES; i++)
        *out = mix_stamp(*out, file_stamp(records_path(s, &a, (enum record_table_id)i)));
    arena_free(&a);
    return e;
}

/* CREATE VIEW name AS SELECT … over the dataset's files. */
static void add_view(struct buf *sql, struct store *s, struct duck *d, struct arena *a,
                     enum dataset_id dataset, const struct store_index *x) {
    char name[DUCK_NAME];
    buf_printf(sql, "CREATE VIEW %s AS SELECT ", datasets[dataset].name);
    parquet_select_list(sql, &datasets[dataset], x->count == 0);
    buf_add_str(sql, x->count ? STR(" FROM read_parquet([") : STR(" WHERE false"));
    for (size_t k = 0; k < x->count; k++) {
        if (k)
            buf_add_char(sql, ',');
        const char *path = store_file_path(s, a, dataset, &x->files[k]);
        duck_quote(sql, str_from(duck_hold_one_more(d, path, name) ? name : path));
    }
    if (x->count)
        buf_add_str(sql, STR("])"));
}

/* A view that says what is wrong when it is asked, so that other datasets can be. */
static void add_damaged_view(struct buf *sql, enum dataset_id dataset, const char *damage) {
    buf_printf(sql, "CREATE VIEW %s AS SELECT ", datasets[dataset].name);
    parquet_select_list(sql, &datasets[dataset], true);
    buf_add_str(sql, STR(" WHERE error("));
    duck_quote(sql, str_from(damage));
    buf_add_str(sql, STR(")::BOOLEAN"));
}

err *store_make_views(struct store *s, struct duck *d) {
    struct buf sql = {0};
    struct arena a = {0};
    err *e = NULL;
    for (int i = 0; i < DATASETS && !e; i++) {
        const struct store_index *x;
        if ((e = store_index(s, (enum dataset_id)i, &x)))
            break;
        sql.len = 0;
        if (x->damage)
            add_damaged_view(&sql, (enum dataset_id)i, x->damage);
        else
            add_view(&sql, s, d, &a, (enum dataset_id)i, x);
        e = duck_run(d, buf_cstr(&sql));
        arena_reset(&a);
    }
    if (!e)
        e = records_make_views(s, d);
    arena_free(&a);
    buf_free(&sql);
    return e;
}
