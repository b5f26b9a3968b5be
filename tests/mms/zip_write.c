#include "mms/zip_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/file.h"
#include "mms/zip.h"
#include "support/check.h"

static aest_us at(const char *mms) {
    aest_us t = 0;
    assert_true(aest_parse_mms(str_from(mms), &t));
    return t;
}

static unsigned le(struct buf *b, size_t offset, int bytes) {
    unsigned value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (unsigned)(unsigned char)b->at[offset + (size_t)i] << 8 * i;
    return value;
}

/* Where the one record with [mark] begins. */
static size_t find_record(struct buf *b, const char *mark) {
    ptrdiff_t found = str_find(buf_str(b), (str){mark, 4});
    assert_true(found >= 0);
    return (size_t)found;
}

static void write_one(struct buf *out, const struct zip_write_options *options, str name,
                      str content) {
    struct zip_writer *w = zip_writer_begin(out, options);
    zip_writer_add(w, name, content, at("2024/10/08 09:36:05"));
    zip_writer_end(w);
}

static void assert_member(const struct zip *z, size_t i, str name, str content) {
    struct buf read = {0};
    assert_true(i < z->count);
    assert_true(str_eq(z->members[i].name, name));
    assert_ok(zip_read(z, &z->members[i], content.len, &read));
    assert_true(str_eq(buf_str(&read), content));
    buf_free(&read);
}

/* [length] bytes: all alike, random, or much like rows of a CSV. */
static void fill(struct buf *b, unsigned kind, size_t length) {
    struct random r = {88172645463325252u + length};
    while (b->len < length) {
        if (kind == 0)
            buf_add_char(b, 'x');
        else if (kind == 1)
            buf_add_char(b, (char)random_next(&r));
        else
            buf_printf(b, "D,DISPATCH,UNIT_SCADA,1,\"2025/08/20 18:10:00\",W/HOE#2,%u.5\r\n",
                       (unsigned)(random_next(&r) % 500));
    }
    b->len = length;
}

static void what_was_written_is_read(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 2, 31, 65534, 65535, 65536, 300000};
    static const int levels[] = {ZIP_STORED, ZIP_BLOCKS, 1, 6, 12};
    for (unsigned i = 0; i < 5 * 2 * 3; i++) {
        struct zip_write_options options = {.descriptors = i & 1, .level = levels[i / 2 % 5]};
        struct buf content[8] = {0}, archive = {0};
        struct arena a = {0};
        struct zip z;
        struct zip_writer *w = zip_writer_begin(&archive, &options);
        for (size_t k = 0; k < 8; k++) {
            fill(&content[k], i / 10, lengths[k]);
            zip_writer_add(w, str_from(arena_printf(&a, "A#%zu.CSV", k)), buf_str(&content[k]), 0);
        }
        zip_writer_end(w);
        assert_ok(zip_open(&a, buf_str(&archive), &z));
        assert_int_equal(z.count, 8);
        for (size_t k = 0; k < 8; k++) {
            assert_member(&z, k, str_from(arena_printf(&a, "A#%zu.CSV", k)), buf_str(&content[k]));
            assert_int_equal(z.members[k].method, options.level ? 8 : 0);
            buf_free(&content[k]);
        }
        arena_free(&a);
        buf_free(&archive);
    }
}

/* Who takes the bytes away between members gets the same archive in pieces. */
static void what_is_moved_away_is_the_same_archive(void **state) {
    (void)state;
    for (int moves = 0; moves < 2; moves++) {
        static struct buf whole;
        struct buf out = {0}, sent = {0}, content = {0};
        struct zip_write_options options = {.level = ZIP_BLOCKS};
        struct zip_writer *w = zip_writer_begin(&out, &options);
        fill(&content, 1, 70000);
        for (int i = 0; i < 3; i++) {
            zip_writer_add(w, STR("A.CSV"), buf_str(&content), 0);
            if (moves) {
                buf_add_str(&sent, buf_str(&out));
                zip_writer_moved(w, out.len);
                out.len = 0;
            }
        }
        zip_writer_end(w);
        buf_add_str(&sent, buf_str(&out));
        if (moves)
            assert_true(str_eq(buf_str(&sent), buf_str(&whole)));
        buf_free(&whole);
        whole = sent;
        buf_free(&out);
        buf_free(&content);
        if (moves)
            buf_free(&whole);
    }
}

/* All sizes from just too small to far more, so that each rest of what blocks fill is met. */
static void an_archive_can_be_padded_to_a_size(void **state) {
    (void)state;
    static const int levels[] = {ZIP_BLOCKS, 1, 6, 12};
    struct buf csv = {0}, archive = {0};
    struct arena a = {0};
    struct zip z;
    fill(&csv, 2, 70000);
    for (unsigned i = 0; i < 4 * 2; i++) {
        struct zip_write_options options = {.descriptors = i & 1, .level = levels[i / 2]};
        archive.len = 0;
        write_one(&archive, &options, STR("A.CSV"), buf_str(&csv));
        size_t least = archive.len;
        for (size_t more = 0; more < 40; more += more < 12 ? 1 : 7) {
            size_t size = least + (more == 39 ? 1000003 : more);
            archive.len = 0;
            struct zip_writer *w = zip_writer_begin(&archive, &options);
            bool padded = zip_writer_add_last(w, STR("A.CSV"), buf_str(&csv), 0, size);
            zip_writer_end(w);
            assert_int_equal(padded, more == 0 || more >= ZIP_PAD_LEAST);
            assert_int_equal(archive.len, padded ? size : least);
            assert_ok(zip_open(&a, buf_str(&archive), &z));
            assert_member(&z, 0, STR("A.CSV"), buf_str(&csv));
        }
    }
    archive.len = 0;
    struct zip_writer *w = zip_writer_begin(&archive, &(struct zip_write_options){.level = 0});
    assert_false(zip_writer_add_last(w, STR("A.CSV"), buf_str(&csv), 0, 100000));
    zip_writer_end(w);
    buf_free(&csv);
    buf_free(&archive);
    arena_free(&a);
}

static void the_size_of_blocks_follows_from_the_content(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 65534, 65535, 65536, 300000};
    struct buf csv = {0}, archive = {0};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        fill(&csv, 2, lengths[i]);
        archive.len = 0;
        write_one(&archive, &(struct zip_write_options){.level = ZIP_BLOCKS}, STR("A.CSV"),
                  buf_str(&csv));
        assert_int_equal(archive.len, lengths[i] + zip_blocks_overhead(5, lengths[i]));
    }
    buf_free(&csv);
    buf_free(&archive);
}

static void an_archive_can_hold_nothing_or_follow_other_bytes(void **state) {
    (void)state;
    struct buf archive = {0};
    struct arena a = {0};
    struct zip z;
    buf_add_str(&archive, STR("HTTP"));
    zip_writer_end(zip_writer_begin(&archive, &(struct zip_write_options){.level = 6}));
    assert_ok(zip_open(&a, (str){archive.at + 4, archive.len - 4}, &z));
    assert_int_equal(z.count, 0);
    archive.len = 4;
    write_one(&archive, &(struct zip_write_options){.level = 6}, STR("A.CSV"), STR("C,"));
    assert_ok(zip_open(&a, (str){archive.at + 4, archive.len - 4}, &z));
    assert_member(&z, 0, STR("A.CSV"), STR("C,"));
    arena_free(&a);
    buf_free(&archive);
}

static void archives_hold_zips_that_hold_a_csv(void **state) {
    (void)state;
    struct zip_write_options options = {.level = 6};
    struct buf inner = {0}, outer = {0}, read = {0};
    struct arena a = {0};
    struct zip z;
    struct zip_writer *w = zip_writer_begin(&outer, &options);
    for (int i = 0; i < 288; i++) {
        str csv = str_from(arena_printf(&a, "C,NEMP.WORLD,%d", i));
        inner.len = 0;
        write_one(&inner, &options, STR("A.CSV"), csv);
        zip_writer_add(w, str_from(arena_printf(&a, "%d.zip", i)), buf_str(&inner), 0);
    }
    zip_writer_end(w);
    assert_ok(zip_open(&a, buf_str(&outer), &z));
    assert_int_equal(z.count, 288);
    for (size_t i = 0; i < z.count; i++) {
        struct zip in;
        read.len = 0;
        assert_ok(zip_read(&z, &z.members[i], 1000, &read));
        assert_ok(zip_open(&a, buf_str(&read), &in));
        assert_member(&in, 0, STR("A.CSV"), str_from(arena_printf(&a, "C,NEMP.WORLD,%zu", i)));
    }
    /* as in PUBLIC_TRADINGIS_20240519_20240525.zip: 2.0 outside, 4.5 inside */
    assert_int_equal(le(&outer, find_record(&outer, "PK\1\2") + 4, 2), 20);
    assert_int_equal(le(&inner, find_record(&inner, "PK\1\2") + 4, 2), 45);
    arena_free(&a);
    buf_free(&inner);
    buf_free(&outer);
    buf_free(&read);
}

static const size_t CRC_IN_LOCAL = 14, NAME_IN_LOCAL = 30;

static void fields_are_those_of_aemo(void **state) {
    (void)state;
    const str name = STR("PUBLIC_ARCHIVE#DAYTRACK#FILE01#202409010000.CSV"), csv = STR("C,SETP");
    for (int descriptors = 0; descriptors < 2; descriptors++) {
        struct buf b = {0};
        unsigned flags = descriptors ? 0x0808 : 0;
        write_one(&b, &(struct zip_write_options){descriptors, 6}, name, csv);
        size_t entry = find_record(&b, "PK\1\2");
        assert_int_equal(le(&b, 0, 4), 0x04034b50);
        assert_int_equal(le(&b, 4, 2), 20); /* version needed */
        assert_int_equal(le(&b, 6, 2), flags);
        assert_int_equal(le(&b, 8, 2), 8);
        assert_int_equal(le(&b, 10, 2), 9 << 11 | 36 << 5 | 5 / 2);
        assert_int_equal(le(&b, 12, 2), (2024 - 1980) << 9 | 10 << 5 | 8);
        assert_int_equal(le(&b, 28, 2), 0); /* no extra field */
        assert_memory_equal(b.at + NAME_IN_LOCAL, name.at, name.len);
        assert_int_equal(le(&b, entry + 4, 2), descriptors ? 20 : 45); /* made by */
        assert_int_equal(le(&b, entry + 6, 2), 20);
        assert_int_equal(le(&b, entry + 8, 2), flags);
        assert_int_equal(le(&b, entry + 24, 4), csv.len);
        assert_int_equal(le(&b, entry + 38, 4), 0); /* attributes */
        size_t data = NAME_IN_LOCAL + name.len, packed = le(&b, entry + 20, 4);
        if (descriptors) {
            static const char zeros[12];
            assert_memory_equal(b.at + CRC_IN_LOCAL, zeros, sizeof zeros);
            assert_int_equal(le(&b, data + packed, 4), 0x08074b50);
            assert_memory_equal(b.at + data + packed + 4, b.at + entry + 16, 12);
            assert_int_equal(entry, data + packed + 16);
        } else {
            assert_memory_equal(b.at + CRC_IN_LOCAL, b.at + entry + 16, 12);
            assert_int_equal(entry, data + packed);
        }
        buf_free(&b);
    }
}

static void times_that_dos_cannot_hold_become_the_nearest(void **state) {
    (void)state;
    static const struct {
        const char *given;
        unsigned date, time;
    } cases[] = {
        {"1969/12/31 23:00:00", 1 << 5 | 1, 0},
        {"1980/01/01 00:00:01", 1 << 5 | 1, 0},
        {"2000/02/29 23:59:59", 20 << 9 | 2 << 5 | 29, 23 << 11 | 59 << 5 | 29},
        {"2107/12/31 23:59:58", 127 << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29},
        {"2108/01/01 00:00:00", 127 << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = {0};
        struct zip_writer *w = zip_writer_begin(&b, &(struct zip_write_options){0});
        zip_writer_add(w, STR("A"), STR(""), at(cases[i].given));
        zip_writer_end(w);
        assert_int_equal(le(&b, 10, 2), cases[i].time);
        assert_int_equal(le(&b, 12, 2), cases[i].date);
        buf_free(&b);
    }
}

static void the_same_members_give_the_same_bytes(void **state) {
    (void)state;
    struct buf first = {0}, second = {0}, csv = {0};
    fill(&csv, 2, 100000);
    for (int level = 0; level <= 12; level++) {
        struct zip_write_options options = {.descriptors = level & 1, .level = level};
        write_one(&first, &options, STR("A.CSV"), buf_str(&csv));
        write_one(&second, &options, STR("A.CSV"), buf_str(&csv));
        assert_true(str_eq(buf_str(&first), buf_str(&second)));
    }
    buf_free(&first);
    buf_free(&second);
    buf_free(&csv);
}

static void more_members_than_16_bits_count(void **state) {
    (void)state;
    static const size_t counts[] = {UINT16_MAX - 1, UINT16_MAX, UINT16_MAX + 1};
    for (size_t c = 0; c < 3; c++) {
        struct buf b = {0};
        struct arena a = {0};
        struct zip z;
        struct zip_writer *w = zip_writer_begin(&b, &(struct zip_write_options){0});
        for (size_t i = 0; i < counts[c]; i++)
            zip_writer_add(w, STR("A"), (str){"xyz", i % 4}, 0);
        zip_writer_end(w);
        assert_int_equal(str_find(buf_str(&b), STR("PK\6\6")) >= 0, counts[c] >= UINT16_MAX);
        assert_ok(zip_open(&a, buf_str(&b), &z));
        assert_int_equal(z.count, counts[c]);
        assert_member(&z, z.count - 1, STR("A"), (str){"xyz", (counts[c] - 1) % 4});
        arena_free(&a);
        buf_free(&b);
    }
}

/* Zeros: pages that were never touched, so that they take no memory. With descriptors, as AEMO's
 * largest files have. */
static void a_member_beyond_32_bits(void **state) {
    (void)state;
    const size_t size = (size_t)UINT32_MAX + 70000;
    struct buf b = {0};
    struct arena a = {0};
    struct zip z;
    void *zeros = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (zeros == MAP_FAILED) {
        print_message("no address space for 4 GB: left out\n");
        return;
    }
    struct zip_writer *w =
        zip_writer_begin(&b, &(struct zip_write_options){.descriptors = true, .level = 1});
    zip_writer_add(w, STR("ZEROS.CSV"), (str){zeros, size}, 0);
    zip_writer_add(w, STR("A.CSV"), STR("C,"), 0);
    zip_writer_end(w);
    assert_int_equal(le(&b, 4, 2), 45);
    assert_int_equal(le(&b, 28, 2), 20); /* the local zip64 field */
    assert_ok(zip_open(&a, buf_str(&b), &z));
    assert_int_equal(z.members[0].size, size);
    assert_true(z.members[0].packed < UINT32_MAX);
    assert_member(&z, 1, STR("A.CSV"), STR("C,"));
    size_t data = NAME_IN_LOCAL + z.members[0].name.len + 20;
    assert_int_equal(z.members[1].local_offset, data + z.members[0].packed + 24);
    arena_free(&a);
    buf_free(&b);
    munmap(zeros, size);
}

static void unzip_accepts_it(void **state) {
    (void)state;
    if (system("command -v unzip >/dev/null 2>&1") != 0) {
        print_message("no unzip here: left out\n");
        return;
    }
    char *folder = temporary_folder();
    struct arena a = {0};
    for (int i = 0; i < 4; i++) {
        struct zip_write_options options = {.descriptors = i & 1, .level = i & 2 ? 6 : 0};
        struct buf b = {0}, csv = {0};
        const char *path = arena_printf(&a, "%s/%d.zip", folder, i);
        struct zip_writer *w = zip_writer_begin(&b, &options);
        fill(&csv, 2, 200000);
        zip_writer_add(w, STR("PUBLIC_ARCHIVE#X#FILE01#202409010000.CSV"), buf_str(&csv), 0);
        zip_writer_add(w, STR("EMPTY.CSV"), STR(""), 0);
        zip_writer_add_last(w, STR("PADDED.CSV"), buf_str(&csv), 0, 5000000);
        zip_writer_end(w);
        assert_ok(file_write_atomic(path, buf_str(&b)));
        assert_int_equal(system(arena_printf(&a, "unzip -tqq '%s'", path)), 0);
        buf_free(&b);
        buf_free(&csv);
    }
    arena_free(&a);
    remove_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(what_is_moved_away_is_the_same_archive),
        cmocka_unit_test(an_archive_can_be_padded_to_a_size),
        cmocka_unit_test(the_size_of_blocks_follows_from_the_content),
        cmocka_unit_test(an_archive_can_hold_nothing_or_follow_other_bytes),
        cmocka_unit_test(archives_hold_zips_that_hold_a_csv),
        cmocka_unit_test(fields_are_those_of_aemo),
        cmocka_unit_test(times_that_dos_cannot_hold_become_the_nearest),
        cmocka_unit_test(the_same_members_give_the_same_bytes),
        cmocka_unit_test(more_members_than_16_bits_count),
        cmocka_unit_test(a_member_beyond_32_bits),
        cmocka_unit_test(unzip_accepts_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
