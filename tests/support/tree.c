#include "support/tree.h"

#include <sys/stat.h>

#include "base/file.h"
#include "support/check.h"

enum { LARGEST = 1 << 24 };

static void add(const char *root, const char *below, const char *part, bool bytes,
                struct buf *out) {
    struct arena a = {0};
    struct file_entry *entries;
    size_t count;
    assert_ok(file_list(&a, arena_printf(&a, "%s%s", root, below), &entries, &count));
    for (size_t i = 0; i < count; i++) {
        const char *name = arena_printf(&a, "%s/%.*s", below, STR_ARG(entries[i].name));
        if (entries[i].is_folder) {
            add(root, name, part, bytes, out);
        } else if (strstr(name, part)) {
            buf_printf(out, "%s\n", name);
            if (bytes)
                assert_ok(file_read(arena_printf(&a, "%s%s", root, name), LARGEST, out));
        }
    }
    arena_free(&a);
}

struct buf tree_bytes(const char *folder, const char *part) {
    struct buf out = {0};
    add(folder, "", part, true, &out);
    return out;
}

struct buf tree_names(const char *folder, const char *part) {
    struct buf out = {0};
    add(folder, "", part, false, &out);
    buf_cstr(&out);
    return out;
}

void tree_copy(const char *from, const char *to) {
    struct arena a = {0};
    struct file_entry *entries;
    size_t count;
    assert_ok(file_list(&a, from, &entries, &count));
    for (size_t i = 0; i < count; i++) {
        const char *source = arena_printf(&a, "%s/%.*s", from, STR_ARG(entries[i].name)),
                   *copy = arena_printf(&a, "%s/%.*s", to, STR_ARG(entries[i].name));
        if (entries[i].is_folder) {
            assert_int_equal(mkdir(copy, 0755), 0);
            tree_copy(source, copy);
            continue;
        }
        struct buf bytes = {0};
        assert_ok(file_read(source, LARGEST, &bytes));
        assert_ok(file_write_atomic(copy, buf_str(&bytes)));
        buf_free(&bytes);
    }
    arena_free(&a);
}
