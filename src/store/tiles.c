#include "store/tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAGIC "NEMDTILE"
enum { FORMAT = 1, DAYS_AT = 4096, KEYS_AT = 16 * 1024, ORDER = 0x01020304 };

struct header {
    char magic[8];
    uint32_t order, format, year, capacity, lanes, slots;
    uint32_t keys; /* only ever grows, behind the keys themselves */
    uint32_t unused;
    char lane_names[TILES_LANES_TEXT];
};

struct day {
    uint64_t sequence;
    struct file_stamp stamp;
};

struct key {
    uint8_t length;
    char text[TILES_KEY_BYTES];
};

_Static_assert(sizeof(struct header) <= DAYS_AT, "the header has a page");
_Static_assert(DAYS_AT + TILES_DAYS * sizeof(struct day) <= KEYS_AT, "days end before keys");
_Static_assert(KEYS_AT + TILES_KEYS * sizeof(struct key) <= TILES_HEADER, "keys fit");

static const struct header *header_of(const struct tiles *t) {
    return (const void *)t->at;
}

static const struct day *day_of(const struct tiles *t, aest_day day) {
    return (const struct day *)(const void *)(t->at + DAYS_AT) + (day - t->first);
}

static size_t tile_cells(const struct tiles_shape *shape, uint32_t capacity) {
    return (size_t)capacity * shape->lanes * shape->slots;
}

static off_t tile_at(const struct tiles *t, aest_day day) {
    size_t bytes = tile_cells(t->shape, t->capacity) * sizeof(cell);
    return (off_t)(TILES_HEADER + bytes * (size_t)(day - t->first));
}

static void year_span(int year, aest_day *first, int *days) {
    aest_day next = 0;
    *first = 0;
    aest_day_from_date(year, 1, 1, first);
    aest_day_from_date(year + 1, 1, 1, &next);
    *days = next - *first;
}

/* -- reading ------------------------------------------------------------------------------------
 */

/* What is wrong with a file of [size] bytes, or NULL. */
static const char *fault_of(const struct header *h, size_t size, const struct tiles_shape *shape,
                            int year, int days) {
    if (memcmp(h->magic, MAGIC, sizeof h->magic) != 0)
        return "is no file of tiles";
    if (h->order != ORDER || h->format != FORMAT)
        return "is of another format";
    if (h->year != (uint32_t)year || h->lanes != shape->lanes || h->slots != shape->slots ||
        strncmp(h->lane_names, shape->lane_names, sizeof h->lane_names) != 0)
        return "holds other series";
    if (h->capacity == 0 || h->capacity > TILES_KEYS)
        return "has an impossible capacity";
    if (size < TILES_HEADER + tile_cells(shape, h->capacity) * sizeof(cell) * (size_t)days)
        return "is cut short";
    return NULL;
}

err *tiles_open(const char *path, const struct tiles_shape *shape, int year, struct tiles *out) {
    struct stat st;
    const char *fault = NULL;
    err *e = NULL;
    *out = (struct tiles){.shape = shape};
    year_span(year, &out->first, &out->days);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? NULL : err_errno(errno, "can't open %s", path);
    if (fstat(fd, &st))
        e = err_errno(errno, "can't look at %s", path);
    else if (!S_ISREG(st.st_mode) || st.st_size < TILES_HEADER)
        fault = "is cut short";
    if (!e && !fault) {
        void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
        if (at == MAP_FAILED)
            e = err_errno(errno, "can't map %s", path);
        else
            out->at = at, out->size = (size_t)st.st_size;
    }
    close(fd);
    if (out->at) {
        struct header h = *header_of(out);
        fault = fault_of(&h, out->size, shape, year, out->days);
        out->capacity = h.capacity;
    }
    if (!e && !fault && !tiles_look(out))
        fault = "has a damaged table of keys";
    if (fault)
        e = err_new(ERR_INPUT, "%s %s", path, fault);
    if (e)
        tiles_close(out);
    return e;
}

void tiles_close(struct tiles *t) {
    if (t->at)
        munmap((void *)(uintptr_t)t->at, t->size);
    t->at = NULL;
    t->size = 0;
    intern_free(&t->keys);
}

static bool is_name(const struct key *k) {
    if (k->length == 0 || k->length > TILES_KEY_BYTES)
        return false;
    for (int i = 0; i < k->length; i++)
        if ((unsigned char)k->text[i] < ' ')
            return false;
    return true;
}

bool tiles_look(struct tiles *t) {
    uint32_t keys = __atomic_load_n(&header_of(t)->keys, __ATOMIC_ACQUIRE);
    if (keys > t->capacity)
        return false;
    while (t->keys.count < keys) {
        struct key k;
        memcpy(&k, t->at + KEYS_AT + t->keys.count * sizeof k, sizeof k);
        if (!is_name(&k))
            return false;
        if (intern_add(&t->keys, (str){k.text, k.length}) + 1 != t->keys.count)
            return false; /* twice */
        if (t->keys.count > keys)
            return false;
    }
    return true;
}

int64_t tiles_key(struct tiles *t, str key) {
    int64_t found = intern_find(&t->keys, key);
    if (found < 0 && tiles_look(t))
        found = intern_find(&t->keys, key);
    return found;
}

static bool has_day(const struct tiles *t, aest_day day) {
    return t->at && day >= t->first && day < t->first + t->days;
}

/* Waits for a writer, who needs a moment for a tile; whoever was killed half way is waited for
 * once. 0: there is no tile. */
static uint64_t even_sequence(struct tiles *t, const uint64_t *at) {
    enum { TRIES = 2000, PAUSE_NS = 100 * 1000 };
    uint64_t sequence;
    for (int i = 0; i < TRIES; i++) {
        sequence = __atomic_load_n(at, __ATOMIC_ACQUIRE);
        if (sequence % 2 == 0)
            return sequence;
        if (sequence == t->stuck)
            return 0;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    t->stuck = sequence;
    return 0;
}

bool tile_begin(struct tiles *t, aest_day day, struct tile *out) {
    if (!has_day(t, day))
        return false;
    const uint64_t *now = &day_of(t, day)->sequence;
    uint64_t sequence = even_sequence(t, now);
    if (sequence == 0)
        return false;
    *out = (struct tile){.cells = (const void *)(t->at + tile_at(t, day)),
                         .keys = t->keys.count,
                         .lanes = t->shape->lanes,
                         .slots = t->shape->slots,
                         .next = tile_cells(t->shape, t->capacity),
                         .day = day,
                         .sequence = sequence,
                         .now = now};
    return true;
}

struct file_stamp tiles_stamp(const struct tiles *t, aest_day day) {
    if (!has_day(t, day) || tiles_sequence(t, day) % 2)
        return (struct file_stamp){0};
    return day_of(t, day)->stamp;
}

uint64_t tiles_sequence(const struct tiles *t, aest_day day) {
    return has_day(t, day) ? __atomic_load_n(&day_of(t, day)->sequence, __ATOMIC_ACQUIRE) : 0;
}

/* -- writing ------------------------------------------------------------------------------------
 */

/* A file while it is written: mapped to be read, and open to be written. */
struct writer {
    const char *path;
    struct tiles tiles;
    int fd;
};

static err *write_at(const struct writer *w, const void *bytes, size_t count, off_t at) {
    const char *from = bytes;
    while (count) {
        ssize_t wrote = pwrite(w->fd, from, count, at);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return err_errno(wrote < 0 ? errno : ENOSPC, "can't write %s", w->path);
        from += wrote;
        at += wrote;
        count -= (size_t)wrote;
    }
    return NULL;
}

static err *sync_data(const struct writer *w) {
#ifdef __APPLE__
    int failed = fsync(w->fd);
#else
    int failed = fdatasync(w->fd);
#endif
    return failed ? err_errno(errno, "can't make %s durable", w->path) : NULL;
}

static err *write_day(const struct writer *w, aest_day day, uint64_t sequence,
                      struct file_stamp stamp) {
    struct day d = {sequence, stamp};
    return write_at(w, &d, sizeof d, (off_t)(DAYS_AT + sizeof d * (size_t)(day - w->tiles.first)));
}

/* Adds keys to the file as far as it has room: first the keys, then their count. */
static err *add_keys(struct writer *w, const struct tiles_change *c) {
    struct tiles *t = &w->tiles;
    uint32_t count = t->keys.count;
    for (size_t i = 0; i < c->key_count; i++) {
        struct key k = {.length = (uint8_t)c->keys[i].len};
        if (c->keys[i].len == 0 || c->keys[i].len > TILES_KEY_BYTES || count == t->capacity ||
            intern_find(&t->keys, c->keys[i]) >= 0)
            continue;
        memcpy(k.text, c->keys[i].at, c->keys[i].len);
        if (!is_name(&k))
            continue;
        TRY(write_at(w, &k, sizeof k, (off_t)(KEYS_AT + count * sizeof k)));
        intern_add(&t->keys, c->keys[i]);
        count++;
    }
    return write_at(w, &count, sizeof count, (off_t)offsetof(struct header, keys));
}

static err *write_header(const struct writer *w, const struct tiles_change *c, uint32_t capacity) {
    struct header h = {.magic = MAGIC,
                       .order = ORDER,
                       .format = FORMAT,
                       .year = (uint32_t)c->year,
                       .capacity = capacity,
                       .lanes = c->shape->lanes,
                       .slots = c->shape->slots};
    memcpy(h.lane_names, c->shape->lane_names, strlen(c->shape->lane_names));
    return write_at(w, &h, sizeof h, 0);
}

/* Takes over what [old] has, which is of the same shape and year and has fewer keys. */
static err *copy_tiles(struct writer *w, struct tiles *old) {
    struct tiles_change keys = {.keys = old->keys.texts, .key_count = old->keys.count};
    size_t bytes = tile_cells(old->shape, old->keys.count) * sizeof(cell);
    TRY(add_keys(w, &keys));
    for (aest_day day = old->first; day < old->first + old->days; day++) {
        struct file_stamp stamp = tiles_stamp(old, day);
        struct tile t;
        if (stamp.inode == 0 || !tile_begin(old, day, &t))
            continue;
        TRY(write_at(w, t.cells, bytes, tile_at(&w->tiles, day)));
        TRY(write_day(w, day, t.sequence, stamp));
    }
    return NULL;
}

/* Room for those that are wanted and some more; what isn't written takes no room on disk. */
static uint32_t capacity_for(size_t keys) {
    size_t capacity = (keys + keys / 4 + 8) / 8 * 8;
    return capacity < TILES_KEYS ? (uint32_t)capacity : TILES_KEYS;
}

static err *fill_new(struct writer *w, const struct tiles_change *c, struct tiles *old,
                     uint32_t capacity) {
    size_t size =
        TILES_HEADER + tile_cells(c->shape, capacity) * sizeof(cell) * (size_t)w->tiles.days;
    w->tiles.capacity = capacity;
    TRY(write_header(w, c, capacity));
    if (ftruncate(w->fd, (off_t)size))
        return err_errno(errno, "can't make %s %zu bytes long", w->path, size);
    if (old->at)
        TRY(copy_tiles(w, old));
    return sync_data(w);
}

/* Makes the file at [path] anew, with the tiles of [old], if it is one, which is closed. */
static err *make_file(const char *path, const struct tiles_change *c, struct tiles *old,
                      size_t keys) {
    struct arena a = {0};
    struct writer w = {.path = arena_printf(&a, "%s.tmp", path), .tiles = {.shape = c->shape}};
    err *e = NULL;
    year_span(c->year, &w.tiles.first, &w.tiles.days);
    w.fd = open(w.path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (w.fd < 0) {
        e = err_errno(errno, "can't create %s", w.path);
    } else {
        e = fill_new(&w, c, old, capacity_for(keys));
        if (close(w.fd) && !e)
            e = err_errno(errno, "can't write %s", w.path);
        if (!e)
            e = file_rename_durable(w.path, path);
        if (e)
            unlink(w.path);
    }
    intern_free(&w.tiles.keys);
    tiles_close(old);
    arena_free(&a);
    return e;
}

static size_t missing_keys(const struct tiles *t, const struct tiles_change *c) {
    size_t missing = 0;
    for (size_t i = 0; i < c->key_count; i++)
        missing += intern_find(&t->keys, c->keys[i]) < 0;
    return missing;
}

/* Opens the file to be written, with room for the keys of the change. */
static err *open_to_write(struct writer *w, const struct tiles_change *c, bool *made) {
    struct tiles *t = &w->tiles;
    err *damaged = tiles_open(w->path, c->shape, c->year, t);
    if (damaged && err_kind(damaged) != ERR_INPUT)
        return damaged;
    err_free(damaged);
    size_t missing = missing_keys(t, c), keys = t->keys.count + missing;
    bool full = t->at && keys > t->capacity && t->capacity < TILES_KEYS;
    *made = !t->at || full;
    if (*made) {
        TRY(make_file(w->path, c, t, keys));
        TRY(tiles_open(w->path, c->shape, c->year, t));
    }
    w->fd = open(w->path, O_RDWR | O_CLOEXEC);
    if (w->fd < 0)
        return err_errno(errno, "can't open %s to write it", w->path);
    return missing ? add_keys(w, c) : NULL;
}

/* Whether the file has these cells of a day already, and nothing else. */
static bool has_cells(struct tiles *t, aest_day day, const cell *cells, size_t count) {
    struct tile now;
    return tiles_sequence(t, day) % 2 == 0 && tile_begin(t, day, &now) &&
           memcmp(now.cells, cells, count * sizeof(cell)) == 0;
}

/* An even number that no tile of this day has had, in this file or in one of before. */
static uint64_t next_sequence(const struct tiles *t, aest_day day) {
    uint64_t now = (uint64_t)aest_now(), old = tiles_sequence(t, day);
    return (old >= now ? old + 2 : now + 1) / 2 * 2;
}

static err *write_tile(struct writer *w, aest_day day, const cell *cells, size_t count) {
    uint64_t sequence = next_sequence(&w->tiles, day);
    TRY(write_day(w, day, sequence - 1, (struct file_stamp){0}));
    TRY(write_at(w, cells, count * sizeof(cell), tile_at(&w->tiles, day)));
    return write_day(w, day, sequence, (struct file_stamp){0});
}

static err *write_days(struct writer *w, const struct tiles_change *c, struct tiles_written *out) {
    size_t count = tile_cells(c->shape, w->tiles.keys.count);
    cell *cells = mem_alloc(count * sizeof(cell) + 1);
    err *e = NULL;
    for (int i = 0; i < c->count && !e; i++) {
        aest_day day = c->first + i;
        bool none = !c->stamps[i].inode && tiles_sequence(&w->tiles, day) == 0;
        if (none ||
            (c->stamps[i].inode && file_stamp_eq(tiles_stamp(&w->tiles, day), c->stamps[i])))
            continue;
        memset(cells, 0, count * sizeof(cell));
        c->fill(c->context, day, &w->tiles.keys, cells);
        if (has_cells(&w->tiles, day, cells, count))
            continue;
        e = write_tile(w, day, cells, count);
        out->days++;
    }
    free(cells);
    if (!e && out->days)
        e = sync_data(w);
    for (int i = 0; i < c->count && !e; i++) {
        aest_day day = c->first + i;
        if (tiles_sequence(&w->tiles, day) &&
            !file_stamp_eq(tiles_stamp(&w->tiles, day), c->stamps[i]))
            e = write_day(w, day, tiles_sequence(&w->tiles, day), c->stamps[i]);
    }
    return e;
}

/* Whether there is a file, or anything to be written into one. */
static bool has_work(const char *path, const struct tiles_change *c) {
    for (int i = 0; i < c->count; i++)
        if (c->stamps[i].inode)
            return true;
    return file_exists(path);
}

err *tiles_write(const char *path, const struct tiles_change *c, struct tiles_written *out) {
    struct writer w = {.path = path, .fd = -1};
    *out = (struct tiles_written){0};
    if (!has_work(path, c))
        return NULL;
    err *e = open_to_write(&w, c, &out->file);
    out->keys = missing_keys(&w.tiles, c);
    if (!e)
        e = write_days(&w, c, out);
    if (w.fd >= 0 && close(w.fd) && !e)
        e = err_errno(errno, "can't write %s", path);
    tiles_close(&w.tiles);
    return e;
}
