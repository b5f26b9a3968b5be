#include "support/check.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void check_err(err *e, enum err_kind kind, const char *part, const char *file, int line) {
    if (!e)
        _fail(file, line);
    if (err_kind(e) != kind || !strstr(err_text(e), part)) {
        print_error("error of kind %d: %s\n", (int)err_kind(e), err_text(e));
        err_free(e);
        _fail(file, line);
    }
    err_free(e);
}

char *temporary_folder(void) {
    const char *base = getenv("TMPDIR");
    char path[512];
    snprintf(path, sizeof path, "%s/nemd-test-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(path));
    return mem_strdup(path);
}

void use_memory_folders(void) {
    if (!getenv("TMPDIR") && access("/dev/shm", W_OK | X_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 1);
}

bool want_long(void) {
    const char *wanted = getenv("NEMD_LONG");
    return wanted && *wanted;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *walk) {
    (void)st, (void)kind, (void)walk;
    return remove(path);
}

void remove_folder(char *path) {
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(path);
}

uint64_t random_next(struct random *r) {
    r->state ^= r->state << 13;
    r->state ^= r->state >> 7;
    r->state ^= r->state << 17;
    return r->state;
}
