#include "store/grid.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/grid_columns.h"

/* -- the clock ----------------------------------------------------------------------------------
 */

#define CLOCK_MAGIC UINT64_C(0x31304b434f4c4344)

/* <data>/grid/clock. Each number is written by itself, holding the store's lock. */
struct clock {
    uint64_t magic;
    uint64_t commits; /* goes up before and after each change */
    uint64_t files;   /* goes up with each file that is made or replaced */
    int64_t missing;  /* see grid_missing */
};

/* Years of one shape. */
enum { FIRST_YEAR = 1998, YEARS = 64 };
struct shelf {
    const struct tiles_shape *shape;
    bool known[YEARS]; /* looked for since the last change of files */
    struct tiles years[YEARS];
};

struct grid {
    char *folder, *clock_file;
    const struct clock *clock; /* mapped; NULL: none yet */
    uint64_t clock_inode;      /* of the file that it is */
    uint64_t files;            /* as of the clock, when files were last looked for */
    struct tiles_shape shapes[DATASETS];
    struct shelf **shelves;
    size_t shelf_count;
};

static void unmap_clock(struct grid *g) {
    if (g->clock)
        munmap((void *)(uintptr_t)g->clock, sizeof *g->clock);
    g->clock = NULL;
    g->clock_inode = 0;
}

static void map_clock(struct grid *g) {
    struct stat st;
    int fd = open(g->clock_file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof *g->clock) {
        const struct clock *c = mmap(NULL, sizeof *c, PROT_READ, MAP_SHARED, fd, 0);
        if (c != MAP_FAILED) {
            g->clock = c;
            g->clock_inode = st.st_ino;
            if (c->magic != CLOCK_MAGIC)
                unmap_clock(g);
        }
    }
    close(fd);
}

/* Makes the clock where there is none. [missing] stands in it until somebody has looked. */
static err *make_clock(struct grid *g) {
    struct clock c = {CLOCK_MAGIC, (uint64_t)aest_now(), (uint64_t)aest_now(), -1};
    err *e = file_make_folders(g->folder);
    if (!e)
        e = file_write_atomic(g->clock_file, (str){(const char *)&c, sizeof c});
    if (!e)
        map_clock(g);
    return e;
}

static err *write_clock(struct grid *g, size_t at, const void *number) {
    err *e = NULL;
    int fd = open(g->clock_file, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || pwrite(fd, number, sizeof(uint64_t), (off_t)at) != sizeof(uint64_t))
        e = err_errno(errno, "can't write %s", g->clock_file);
    if (fd >= 0)
        close(fd);
    return e;
}

static uint64_t load(const uint64_t *at) {
    return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

err *grid_touch(struct grid *g) {
    if (!g->clock)
        TRY(make_clock(g));
    uint64_t commits = load(&g->clock->commits) + 1;
    return write_clock(g, offsetof(struct clock, commits), &commits);
}

err *grid_set_missing(struct grid *g, int64_t days) {
    if (!g->clock)
        TRY(make_clock(g));
    if (grid_missing(g) == days)
        return NULL;
    TRY(write_clock(g, offsetof(struct clock, missing), &days));
    return grid_touch(g);
}

static err *count_file(struct grid *g) {
    uint64_t files = load(&g->clock->files) + 1;
    return write_clock(g, offsetof(struct clock, files), &files);
}

uint64_t grid_sequence(const struct grid *g) {
    return g->clock ? load(&g->clock->commits) : 0;
}

int64_t grid_missing(const struct grid *g) {
    return g->clock ? __atomic_load_n(&g->clock->missing, __ATOMIC_ACQUIRE) : -1;
}

bool grid_complete(const struct grid *g) {
    return grid_missing(g) == 0;
}

/* -- opening ------------------------------------------------------------------------------------
 */

struct grid *grid_open(const char *data) {
    struct grid *g = mem_zalloc(1, sizeof *g);
    struct arena a = {0};
    g->folder = mem_strdup(arena_printf(&a, "%s/grid", data));
    g->clock_file = mem_strdup(arena_printf(&a, "%s/grid/clock", data));
    arena_free(&a);
    for (int i = 0; i < DATASETS; i++) {
        struct tiles_shape *s = &g->shapes[i];
        s->name = datasets[i].name;
        s->slots = (uint32_t)dataset_slots(&datasets[i]);
        s->lane_names = grid_lane_names((enum dataset_id)i, &s->lanes);
    }
    map_clock(g);
    g->files = g->clock ? load(&g->clock->files) : 0;
    return g;
}

static void forget_files(struct grid *g) {
    for (size_t i = 0; i < g->shelf_count; i++)
        for (int y = 0; y < YEARS; y++) {
            tiles_close(&g->shelves[i]->years[y]);
            g->shelves[i]->known[y] = false;
        }
}

void grid_close(struct grid *g) {
    if (!g)
        return;
    forget_files(g);
    for (size_t i = 0; i < g->shelf_count; i++)
        free(g->shelves[i]);
    free(g->shelves);
    for (int i = 0; i < DATASETS; i++)
        free((void *)(uintptr_t)g->shapes[i].lane_names);
    unmap_clock(g);
    free(g->clock_file);
    free(g->folder);
    free(g);
}

void grid_look(struct grid *g) {
    /* somebody may have removed the whole folder, and a writer made another */
    if (!g->clock || file_stamp(g->clock_file).inode != g->clock_inode) {
        unmap_clock(g);
        map_clock(g);
    }
    uint64_t files = g->clock ? load(&g->clock->files) : 0;
    if (files == g->files)
        return;
    g->files = files;
    forget_files(g);
}

void grid_look_anew(struct grid *g) {
    forget_files(g);
    grid_look(g);
}

const struct tiles_shape *grid_shape(const struct grid *g, enum dataset_id dataset) {
    return &g->shapes[dataset];
}

static struct shelf *shelf_of(struct grid *g, const struct tiles_shape *shape) {
    for (size_t i = 0; i < g->shelf_count; i++)
        if (g->shelves[i]->shape == shape)
            return g->shelves[i];
    struct shelf *new = mem_zalloc(1, sizeof *new);
    new->shape = shape;
    g->shelves = mem_resize(g->shelves, (g->shelf_count + 1) * sizeof(struct shelf *));
    g->shelves[g->shelf_count++] = new;
    return new;
}

static const char *tiles_path(const struct grid *g, struct arena *a,
                              const struct tiles_shape *shape, int year) {
    return arena_printf(a, "%s/%s-%04d.tiles", g->folder, shape->name, year);
}

static int year_of(aest_day day) {
    int year, month, date;
    aest_date(day, &year, &month, &date);
    return year;
}

struct tiles *grid_tiles(struct grid *g, const struct tiles_shape *shape, aest_day day) {
    struct shelf *s = shelf_of(g, shape);
    int year = year_of(day), y = year - FIRST_YEAR;
    if (y < 0 || y >= YEARS)
        return NULL;
    struct tiles *t = &s->years[y];
    if (!s->known[y]) {
        struct arena a = {0};
        err *e = tiles_open(tiles_path(g, &a, shape, year), shape, year, t);
        if (e)
            log_warn("a file of the grid can't be read", log_err(e));
        err_free(e);
        arena_free(&a);
        s->known[y] = true;
    }
    return t->at ? t : NULL;
}

/* -- reading ------------------------------------------------------------------------------------
 */

size_t grid_length(int step, interval from, interval to, interval *first) {
    interval at = from + 1, past = at % step;
    if (past)
        at += past > 0 ? step - past : -past;
    *first = at;
    return at <= to ? (size_t)((to - at) / step) + 1 : 0;
}

static void read_cells(const cell *cells, size_t count, double *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = cell_to_double(cells[i]);
}

static void read_missing(double *out, size_t count) {
    for (size_t i = 0; i < count; i++)
        out[i] = NAN;
}

/* Reads [count] slots of a day's series from [slot] on. */
static void read_day(struct tiles *file, aest_day day, int64_t key, int lane, uint32_t slot,
                     size_t count, double *out) {
    struct tile t;
    do {
        if (!file || key < 0 || !tile_begin(file, day, &t)) {
            read_missing(out, count);
            return;
        }
        const cell *cells = tile_series(&t, (uint32_t)key, (uint32_t)lane) + slot;
        tile_foresee(&t, cells, count);
        read_cells(cells, count, out);
    } while (!tile_settled(&t));
}

void grid_read(struct grid *g, const struct tiles_shape *shape, str key, int lane, interval from,
               interval to, double *out) {
    int step = INTERVALS_PER_DAY / (int)shape->slots, year = 0;
    struct tiles *file = NULL;
    int64_t place = -1;
    interval first;
    size_t length = grid_length(step, from, to, &first);
    assert(lane >= 0 && (uint32_t)lane < shape->lanes);
    for (size_t i = 0, count; i < length; i += count) {
        interval at = first + (interval)i * step;
        aest_day day = interval_day(at);
        uint32_t slot = (uint32_t)((at - interval_day_start(day)) / step - 1);
        count = shape->slots - slot;
        count = count < length - i ? count : length - i;
        if (!file || day >= file->first + file->days || year == 0) {
            file = grid_tiles(g, shape, day);
            place = file ? tiles_key(file, key) : -1;
            year = 1;
        }
        read_day(file, day, place, lane, slot, count, out + i);
    }
}

void grid_each(struct grid *g, const struct tiles_shape *shape, aest_day first, aest_day last,
               grid_visit *visit, void *context) {
    for (aest_day day = first; day <= last; day++) {
        struct tiles *file = grid_tiles(g, shape, day);
        struct tile t;
        if (!file || !tiles_look(file))
            continue;
        do {
            if (!tile_begin(file, day, &t))
                break;
            visit(context, file, &t);
        } while (!tile_settled(&t));
    }
}

/* -- keys and bounds ----------------------------------------------------------------------------
 */

static bool any_cell(const cell *cells, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (cells[i] != CELL_MISSING)
            return true;
    return false;
}

struct key_search {
    struct intern found;
    uint32_t lane;
    interval from, to;
    int step;
};

static void find_keys(void *context, const struct tiles *file, const struct tile *t) {
    struct key_search *s = context;
    interval start = interval_day_start(t->day);
    for (uint32_t k = 0; k < t->keys; k++) {
        const cell *cells = tile_series(t, k, s->lane);
        uint32_t first = 0, end = t->slots;
        while (first < end && start + (interval)(first + 1) * s->step <= s->from)
            first++;
        while (end > first && start + (interval)end * s->step > s->to)
            end--;
        if (any_cell(cells + first, end - first))
            intern_add(&s->found, file->keys.texts[k]);
    }
}

static int by_name(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

size_t grid_keys(struct grid *g, struct arena *a, const struct tiles_shape *shape, int lane,
                 interval from, interval to, str **keys) {
    struct key_search s = {.lane = (uint32_t)lane,
                           .from = from,
                           .to = to,
                           .step = INTERVALS_PER_DAY / (int)shape->slots};
    size_t count = 0;
    if (from < to)
        grid_each(g, shape, interval_day(from + 1), interval_day(to), find_keys, &s);
    *keys = ARENA_ARRAY(a, str, s.found.count);
    for (; count < s.found.count; count++) {
        str name = s.found.texts[count];
        (*keys)[count] = (str){str_dup(a, name), name.len};
    }
    if (count)
        qsort(*keys, count, sizeof **keys, by_name);
    intern_free(&s.found);
    return count;
}

/* The first or the last slot of a day that has a value; -1: none. */
static int edge_slot(struct tiles *file, aest_day day, bool last) {
    struct tile t;
    int found;
    do {
        if (!tiles_look(file) || !tile_begin(file, day, &t))
            return -1;
        found = -1;
        for (size_t series = 0; series < (size_t)t.keys * t.lanes; series++) {
            const cell *cells = t.cells + series * t.slots;
            for (int i = 0; i < (int)t.slots; i++) {
                int slot = last ? (int)t.slots - 1 - i : i;
                if (found >= 0 && (last ? slot <= found : slot >= found))
                    break;
                if (cells[slot] != CELL_MISSING)
                    found = slot;
            }
        }
    } while (!tile_settled(&t));
    return found;
}

static bool edge(struct grid *g, const struct tiles_shape *shape, bool last, interval *out) {
    int step = INTERVALS_PER_DAY / (int)shape->slots;
    for (int i = 0; i < YEARS; i++) {
        int year = FIRST_YEAR + (last ? YEARS - 1 - i : i);
        aest_day first = 0;
        if (!aest_day_from_date(year, 1, 1, &first))
            continue;
        struct tiles *file = grid_tiles(g, shape, first);
        for (int d = 0; file && d < file->days; d++) {
            aest_day day = last ? file->first + file->days - 1 - d : file->first + d;
            int slot = edge_slot(file, day, last);
            if (slot < 0)
                continue;
            *out = interval_day_start(day) + (slot + 1) * step;
            return true;
        }
    }
    return false;
}

bool grid_bounds(struct grid *g, enum dataset_id dataset, interval *first, interval *last) {
    const struct tiles_shape *shape = grid_shape(g, dataset);
    return edge(g, shape, false, first) && edge(g, shape, true, last);
}

bool grid_file_bounds(struct grid *g, enum dataset_id dataset, aest_day day, int days,
                      struct file_stamp stamp, bool *any, interval *first, interval *last) {
    const struct tiles_shape *shape = grid_shape(g, dataset);
    int step = datasets[dataset].step;
    *any = false;
    for (int d = 0; d < days; d++) {
        struct tiles *file = grid_tiles(g, shape, day + d);
        if (!file || !file_stamp_eq(tiles_stamp(file, day + d), stamp))
            return false;
        int low = edge_slot(file, day + d, false), high = edge_slot(file, day + d, true);
        if (low < 0 || high < 0)
            continue;
        if (!*any)
            *first = interval_day_start(day + d) + (low + 1) * step;
        *last = interval_day_start(day + d) + (high + 1) * step;
        *any = true;
    }
    return true;
}

/* -- writing ------------------------------------------------------------------------------------
 */

/* Writes the days of [change] that lie in one year. */
static err *put_year(struct grid *g, const struct tiles_change *change, int *days) {
    struct arena a = {0};
    struct tiles_written written;
    TRY(grid_touch(g));
    err *e = tiles_write(tiles_path(g, &a, change->shape, change->year), change, &written);
    arena_free(&a);
    if (written.keys)
        log_warn("keys that find no room in the grid", log_cstr("of", change->shape->name),
                 log_int("keys", (int64_t)written.keys));
    *days += written.days;
    if (!e && written.file)
        e = count_file(g);
    err *touched = grid_touch(g);
    if (e)
        err_free(touched);
    return e ? e : touched;
}

err *grid_put(struct grid *g, struct tiles_change change, int *days) {
    int left = change.count;
    *days = 0;
    while (left > 0) {
        aest_day next = 0;
        change.year = year_of(change.first);
        aest_day_from_date(change.year + 1, 1, 1, &next);
        change.count = next - change.first < left ? next - change.first : left;
        if (change.year >= FIRST_YEAR && change.year < FIRST_YEAR + YEARS)
            TRY(put_year(g, &change, days));
        left -= change.count;
        change.first += change.count;
        change.stamps += change.count;
    }
    return NULL;
}
