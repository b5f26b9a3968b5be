/* Runs a fuzz target without libFuzzer: over its seeds, and over a fixed sequence of mutations of
 * them. Under the sanitizers this is the short form of `make fuzz`.
 *
 *   fuzz_csv FOLDER_OF_SEEDS [MUTATIONS]
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t state = 88172645463325252u;

static uint64_t next_random(void) { /* xorshift64 */
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void flip(struct buf *b) {
    b->at[next_random() % b->len] ^= (char)(1 << next_random() % 8);
}

static void overwrite(struct buf *b) {
    static const char telling[] = "\0\xff\n\r,\"C I D<>%&/.-0123456789PK";
    b->at[next_random() % b->len] = telling[next_random() % (sizeof telling - 1)];
}

static void cut(struct buf *b) {
    b->len = 1 + next_random() % b->len;
}

static void copy_within(struct buf *b) {
    size_t from = next_random() % b->len, count = 1 + next_random() % (b->len - from);
    size_t to = next_random() % (b->len - count + 1);
    memmove(b->at + to, b->at + from, count);
}

static void repeat(struct buf *b) {
    size_t from = next_random() % b->len, count = 1 + next_random() % (b->len - from);
    if (b->len + count < 1 << 20) {
        buf_reserve(b, count);
        memcpy(b->at + b->len, b->at + from, count);
        b->len += count;
    }
}

static void run(str input) {
    /* a copy of exactly its size, so that a read past it is seen */
    uint8_t *copy = malloc(input.len ? input.len : 1);
    if (input.len)
        memcpy(copy, input.at, input.len);
    LLVMFuzzerTestOneInput(copy, input.len);
    free(copy);
}

int main(int argc, char **argv) {
    static void (*const mutations[])(struct buf *) = {flip, overwrite, cut, copy_within, repeat};
    struct arena a = {0};
    struct file_entry *seeds;
    size_t count;
    long rounds = argc > 2 ? atol(argv[2]) : 20000;
    err *e = argc > 1 ? file_list(&a, argv[1], &seeds, &count) : NULL;
    if (argc < 2 || e || count == 0) {
        fprintf(stderr, "no seeds%s%s\n", e ? ": " : "", e ? err_text(e) : "");
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        struct buf seed = {0}, mutant = {0};
        if (file_read(arena_printf(&a, "%s/%.*s", argv[1], STR_ARG(seeds[i].name)), 1 << 24, &seed))
            return 1;
        run(buf_str(&seed));
        for (long n = 0; n < rounds / (long)count && seed.len; n++) {
            mutant.len = 0;
            buf_add_str(&mutant, buf_str(&seed));
            for (uint64_t m = 1 + next_random() % 4; m > 0; m--)
                mutations[next_random() % (sizeof mutations / sizeof *mutations)](&mutant);
            run(buf_str(&mutant));
        }
        buf_free(&seed);
        buf_free(&mutant);
    }
    printf("%zu seeds, %ld mutations\n", count, rounds);
    arena_free(&a);
    return 0;
}
