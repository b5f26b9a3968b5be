#include "store/records_copy.h"

#include <stdio.h>

#include "store/lock.h"

enum { COPY_MOST = 256 << 20 };
static const uint64_t magic = UINT64_C(0x3153574f52444d4e); /* NMDROWS1 */

struct head {
    uint64_t magic, columns; /* a hash of their names and types */
    struct file_stamp stamp;
    uint64_t rows, sum; /* of the bytes behind the head */
};

static uint64_t mix_in(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t sum_of(str bytes) {
    uint64_t sum = bytes.len, word = 0;
    size_t i = 0;
    for (; i + sizeof word <= bytes.len; i += sizeof word) {
        memcpy(&word, bytes.at + i, sizeof word);
        sum = mix_in(sum, word);
    }
    for (; i < bytes.len; i++)
        sum = mix_in(sum, (unsigned char)bytes.at[i]);
    return sum;
}

static uint64_t columns_of(const struct record_table *t) {
    uint64_t hash = (uint64_t)t->keys;
    for (int c = 0; c < record_column_count(t); c++)
        hash = mix_in(mix_in(hash, sum_of(str_from(t->columns[c].name))), t->columns[c].type);
    return hash;
}

static const char *copy_path(const struct store *s, struct arena *a, const struct record_table *t) {
    return arena_printf(a, "%s/grid/%s.rows", s->path, t->name);
}

/* -- reading ------------------------------------------------------------------------------------
 */

static bool take(str *rest, void *out, size_t count) {
    if (rest->len < count)
        return false;
    memcpy(out, rest->at, count);
    *rest = (str){rest->at + count, rest->len - count};
    return true;
}

static bool take_text(str *rest, struct record_value *out) {
    uint32_t length;
    if (!take(rest, &length, sizeof length) || rest->len < length)
        return false;
    *out = record_text((str){rest->at, length});
    *rest = (str){rest->at + length, rest->len - length};
    return true;
}

static bool take_value(str *rest, enum record_type type, struct record_value *out) {
    unsigned char there;
    *out = (struct record_value){0};
    if (!take(rest, &there, 1) || there > 1)
        return false;
    if (!there)
        return true;
    if (type == RECORD_TEXT)
        return take_text(rest, out);
    out->there = true;
    if (type == RECORD_NUMBER) {
        bool is = take(rest, &out->number, sizeof out->number);
        return is && record_number(out->number).there;
    }
    return take(rest, &out->integer, sizeof out->integer);
}

/* Rows rise by their keys, or it is no copy. */
static bool take_row(str *rest, struct records *out) {
    const struct record_table *t = out->table;
    struct record_value values[RECORD_COLUMNS];
    int columns = record_column_count(t);
    for (int c = 0; c < columns; c++)
        if (!take_value(rest, t->columns[c].type, &values[c]) ||
            (!values[c].there && (c < t->keys || c == columns - 1)))
            return false;
    records_put(out, values);
    return out->count < 2 ||
           record_compare(out->rows[out->count - 2], out->rows[out->count - 1], t->keys) < 0;
}

bool records_copy_parse(str bytes, struct file_stamp stamp, struct records *out) {
    struct head head;
    if (!take(&bytes, &head, sizeof head) || head.magic != magic ||
        head.columns != columns_of(out->table) || !file_stamp_eq(head.stamp, stamp))
        return false;
    for (uint64_t i = 0; i < head.rows; i++)
        if (!take_row(&bytes, out))
            return false;
    return bytes.len == 0;
}

static bool is_whole(str bytes) {
    struct head head;
    return take(&bytes, &head, sizeof head) && head.sum == sum_of(bytes);
}

bool records_copy_read(const struct store *s, struct file_stamp stamp, struct records *out) {
    struct arena a = {0};
    struct buf bytes = {0};
    const struct record_table *t = out->table;
    const char *path = copy_path(s, &a, t);
    err *e = file_exists(path) ? file_read(path, COPY_MOST, &bytes) : NULL;
    bool there = !e && is_whole(buf_str(&bytes)) && records_copy_parse(buf_str(&bytes), stamp, out);
    if (!there) {
        records_free(out);
        *out = (struct records){.table = t};
    }
    err_free(e);
    buf_free(&bytes);
    arena_free(&a);
    return there;
}

/* -- making -------------------------------------------------------------------------------------
 */

static void add_value(struct buf *b, enum record_type type, const struct record_value *v) {
    buf_add_char(b, v->there);
    if (!v->there)
        return;
    if (type == RECORD_TEXT) {
        uint32_t length = (uint32_t)v->text.len;
        buf_add(b, &length, sizeof length);
        buf_add_str(b, v->text);
    } else if (type == RECORD_NUMBER) {
        buf_add(b, &v->number, sizeof v->number);
    } else {
        buf_add(b, &v->integer, sizeof v->integer);
    }
}

void records_copy_write(const struct records *r, struct file_stamp stamp, struct buf *out) {
    struct head head = {
        .magic = magic, .columns = columns_of(r->table), .stamp = stamp, .rows = r->count};
    out->len = 0;
    buf_add(out, &head, sizeof head);
    for (size_t i = 0; i < r->count; i++)
        for (int c = 0; c < record_column_count(r->table); c++)
            add_value(out, r->table->columns[c].type, &r->rows[i]->values[c]);
    head.sum = sum_of((str){out->at + sizeof head, out->len - sizeof head});
    memcpy(out->at, &head, sizeof head);
}

static bool is_current(const char *path, const struct record_table *t, struct file_stamp stamp) {
    struct head head = {0};
    FILE *f = fopen(path, "rb");
    bool is = f && fread(&head, sizeof head, 1, f) == 1 && head.magic == magic &&
              head.columns == columns_of(t) && file_stamp_eq(head.stamp, stamp);
    if (f)
        fclose(f);
    return is;
}

/* Under the store's lock, where the file stays as it is. */
static err *make(struct store *s, struct arena *a, enum record_table_id id) {
    struct buf bytes = {0};
    struct records r;
    struct file_stamp stamp = file_stamp(records_path(s, a, id));
    err *e = records_read_file(s, id, &r);
    if (!e)
        e = file_make_folders(arena_printf(a, "%s/grid", s->path));
    if (!e) {
        records_copy_write(&r, stamp, &bytes);
        e = file_write_atomic(copy_path(s, a, r.table), buf_str(&bytes));
    }
    records_free(&r);
    buf_free(&bytes);
    return e;
}

err *records_copy_refresh(struct store *s) {
    struct arena a = {0};
    err *e = NULL;
    for (int i = 0; i < RECORD_TABLES && !e; i++) {
        const struct record_table *t = &record_tables[i];
        struct file_stamp stamp = file_stamp(records_path(s, &a, (enum record_table_id)i));
        int lock;
        if (!stamp.inode || is_current(copy_path(s, &a, t), t, stamp))
            continue;
        if (!(e = store_lock(s, &lock))) {
            e = make(s, &a, (enum record_table_id)i);
            lock_release(lock);
        }
    }
    arena_free(&a);
    return e;
}
