/* Any bytes are a file of tiles or an error, and whatever they say, no reader leaves the file.
 *
 * A file of one kind is read: its first 128 KB are the fuzzer's, the rest of its length is a hole.
 */
#include "store/tiles.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { YEAR = 2030, MOST = 128 * 1024 };
static const struct tiles_shape shape = {"fuzz", "a,b", 2, 48};

/* A file for this process, gone when it ends. */
static const char *scratch(void) {
    static char path[64];
    if (!*path)
        snprintf(path, sizeof path, "/tmp/nemd-fuzz-tiles-%ld", (long)getpid());
    return path;
}

/* As long as a file of [capacity] keys, or only as long as the bytes. */
static bool write_file(const uint8_t *data, size_t size, bool whole, uint32_t capacity) {
    int fd = open(scratch(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, data, size) == (ssize_t)size;
    size_t length = TILES_HEADER + (size_t)capacity * 2 * 48 * sizeof(cell) * TILES_DAYS;
    if (ok && whole && length > size)
        ok = ftruncate(fd, (off_t)length) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static uint64_t read_all(struct tiles *t) {
    uint64_t sum = 0;
    if (!tiles_look(t) || t->keys.count > t->capacity)
        return 0;
    tiles_key(t, STR("NSW1"));
    for (aest_day day = t->first - 1; day <= t->first + t->days; day++) {
        struct tile tile;
        tiles_stamp(t, day);
        if (tiles_sequence(t, day) % 2 ||
            !tile_begin(t, day, &tile)) /* a writer's: not waited for */
            continue;
        for (uint32_t k = 0; k < tile.keys; k++)
            for (uint32_t lane = 0; lane < tile.lanes; lane++)
                for (uint32_t slot = 0; slot < tile.slots; slot += 7)
                    sum += tile_series(&tile, k, lane)[slot];
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct tiles t;
    volatile uint64_t sum = 0;
    uint32_t capacity = 0;
    if (size > MOST)
        return 0;
    if (size >= 24)
        memcpy(&capacity, data + 20, sizeof capacity);
    bool whole = size % 4 != 0 && capacity <= TILES_KEYS;
    if (!write_file(data, size, whole, capacity))
        return 0;
    err *e = tiles_open(scratch(), &shape, YEAR, &t);
    if (!e && t.at)
        sum = read_all(&t);
    err_free(e);
    tiles_close(&t);
    unlink(scratch());
    (void)sum;
    return 0;
}
