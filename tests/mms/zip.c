#include "mms/zip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/zipmake.h"

static const uint64_t ANY_SIZE = UINT64_MAX;

/* Bytes at the end of a piece of memory of just their size, so that the sanitizer sees a read
 * beyond either end. */
static str exact_copy(str s) {
    char *at = mem_alloc(s.len ? s.len : 1);
    if (s.len)
        memcpy(at, s.at, s.len);
    return (str){at, s.len};
}

static void free_copy(str s) {
    free((char *)(uintptr_t)s.at);
}

static void assert_str(str got, str want) {
    assert_int_equal(got.len, want.len);
    if (want.len)
        assert_memory_equal(got.at, want.at, want.len);
}

/* Takes over [e], which must be an ERR_INPUT whose text has [part]. */
static void assert_refused(err *e, const char *part) {
    assert_non_null(e);
    assert_int_equal(err_kind(e), ERR_INPUT);
    if (!strstr(err_text(e), part))
        fail_msg("\"%s\" doesn't say \"%s\"", err_text(e), part);
    err_free(e);
}

static void assert_fine(err *e) {
    if (e)
        fail_msg("%s", err_text(e));
}

/* Reads a member in pieces of [capacity] bytes. */
static err *read_in_pieces(const struct zip *z, const struct zip_member *m, size_t capacity,
                           struct buf *out) {
    struct zip_stream *s;
    TRY(zip_stream_open(z, m, ANY_SIZE, &s));
    char *piece = mem_alloc(capacity);
    size_t got = 1;
    err *e = NULL;
    while (!e && got) {
        e = zip_stream_read(s, piece, capacity, &got);
        buf_add(out, piece, got);
    }
    free(piece);
    zip_stream_close(s);
    return e;
}

static void assert_member(const struct zip *z, size_t i, str name, str content) {
    static const size_t capacities[] = {1, 7, 4096, 1 << 20};
    struct buf whole = {0};
    assert_true(i < z->count);
    assert_str(z->members[i].name, name);
    assert_int_equal(z->members[i].size, content.len);
    assert_fine(zip_read(z, &z->members[i], content.len, &whole));
    assert_str(buf_str(&whole), content);
    buf_free(&whole);
    for (size_t c = 0; c < sizeof capacities / sizeof *capacities; c++) {
        struct buf out = {0};
        if (content.len / capacities[c] > 100000)
            continue;
        assert_fine(read_in_pieces(z, &z->members[i], capacities[c], &out));
        assert_str(buf_str(&out), content);
        buf_free(&out);
    }
}

/* An archive of one member, which must open and read as it was written. */
static void assert_one_reads(const struct zipmake_member *m, bool zip64, str comment) {
    struct zipmake make = {.zip64 = zip64, .comment = comment};
    struct arena a = {0};
    struct zip z;
    zipmake_add(&make, m);
    str bytes = exact_copy(zipmake_end(&make));
    assert_true(zip_is(bytes));
    assert_fine(zip_open(&a, bytes, &z));
    assert_int_equal(z.count, 1);
    assert_member(&z, 0, m->name, m->content);
    arena_free(&a);
    free_copy(bytes);
    zipmake_free(&make);
}

/* An archive of one member must be refused with a message that has [part]: when it is opened, or
 * else when the member is read, whole or in pieces. */
static void assert_one_refused(const struct zipmake_member *m, const char *part) {
    struct zipmake make = {0};
    struct arena a = {0};
    struct buf out = {0};
    struct zip z;
    zipmake_add(&make, m);
    str bytes = exact_copy(zipmake_end(&make));
    err *e = zip_open(&a, bytes, &z);
    if (e) {
        assert_refused(e, part);
    } else {
        assert_refused(zip_read(&z, &z.members[0], ANY_SIZE, &out), part);
        assert_int_equal(out.len, 0);
        assert_refused(read_in_pieces(&z, &z.members[0], 5, &out), part);
    }
    buf_free(&out);
    arena_free(&a);
    free_copy(bytes);
    zipmake_free(&make);
}

#define CSV                                                                                        \
    STR("C,NEMP.WORLD,DISPATCHIS,AEMO,PUBLIC,2025/08/20,18:05:13\n"                                \
        "I,DISPATCH,PRICE,5,SETTLEMENTDATE,RUNNO,REGIONID,RRP\n"                                   \
        "D,DISPATCH,PRICE,5,\"2025/08/20 18:10:00\",1,NSW1,104.59\n"                               \
        "D,DISPATCH,PRICE,5,\"2025/08/20 18:10:00\",1,QLD1,101.22\n"                               \
        "C,\"END OF REPORT\",5\n")

static void reads_every_kind_of_member(void **state) {
    (void)state;
    for (unsigned kinds = 0; kinds < 32; kinds++) {
        struct zipmake_member m = {
            .name = STR("PUBLIC_ARCHIVE#DISPATCHPRICE#FILE01#202508010000.CSV"),
            .content = kinds & 1 ? CSV : STR(""),
            .deflate = kinds & 2,
            .level = 6,
            .descriptor = kinds & 4,
            .zip64 = kinds & 8,
            .local_extra = kinds & 4 ? STR("UT\5\0\1abcd") : STR(""),
        };
        assert_one_reads(&m, kinds & 16, kinds & 1 ? STR("") : STR("a comment"));
    }
}

static void reads_deflate_without_a_byte(void **state) {
    (void)state;
    struct zipmake_member m = {.name = STR("EMPTY.CSV"), .lie_method = 8};
    assert_one_reads(&m, false, STR(""));
    m.lie_size = 5;
    assert_one_refused(&m, "0 packed bytes can't hold the 5");
}

static void skips_folders_and_keeps_order(void **state) {
    (void)state;
    struct zipmake make = {0};
    struct arena a = {0};
    struct zip z;
    zipmake_add(&make, &(struct zipmake_member){.name = STR("DATA/")});
    zipmake_add(&make, &(struct zipmake_member){
                           .name = STR("DATA/B.CSV"), .content = CSV, .deflate = true, .level = 1});
    zipmake_add(&make, &(struct zipmake_member){.name = STR("DATA/EMPTY/")});
    zipmake_add(&make, &(struct zipmake_member){.name = STR("A.csv"), .content = STR("x")});
    assert_fine(zip_open(&a, zipmake_end(&make), &z));
    assert_int_equal(z.count, 2);
    assert_member(&z, 0, STR("DATA/B.CSV"), CSV);
    assert_member(&z, 1, STR("A.csv"), STR("x"));
    arena_free(&a);
    zipmake_free(&make);
}

static void reads_an_empty_archive(void **state) {
    (void)state;
    for (int zip64 = 0; zip64 < 2; zip64++) {
        struct zipmake make = {.zip64 = zip64};
        struct arena a = {0};
        struct zip z;
        str bytes = zipmake_end(&make);
        assert_int_equal(zip_is(bytes), !zip64); /* which begins with its zip64 end record */
        assert_fine(zip_open(&a, bytes, &z));
        assert_int_equal(z.count, 0);
        arena_free(&a);
        zipmake_free(&make);
    }
}

static void reads_zips_in_zips(void **state) {
    (void)state;
    struct zipmake inner = {0}, outer = {0};
    struct buf inner_bytes = {0};
    struct arena a = {0};
    struct zip z, nested;
    zipmake_add(&inner, &(struct zipmake_member){
                            .name = STR("P.CSV"), .content = CSV, .deflate = true, .level = 9});
    str content = zipmake_end(&inner);
    for (int deflate = 0; deflate < 2; deflate++)
        zipmake_add(&outer, &(struct zipmake_member){
                                .name = STR("P.zip"), .content = content, .deflate = deflate});
    assert_fine(zip_open(&a, zipmake_end(&outer), &z));
    assert_int_equal(z.count, 2);
    for (size_t i = 0; i < z.count; i++) {
        inner_bytes.len = 0;
        assert_fine(zip_read(&z, &z.members[i], 4096, &inner_bytes));
        assert_true(zip_is(buf_str(&inner_bytes)));
        assert_fine(zip_open(&a, buf_str(&inner_bytes), &nested));
        assert_member(&nested, 0, STR("P.CSV"), CSV);
    }
    buf_free(&inner_bytes);
    arena_free(&a);
    zipmake_free(&inner);
    zipmake_free(&outer);
}

static void appends_to_what_is_there(void **state) {
    (void)state;
    struct zipmake make = {0};
    struct arena a = {0};
    struct buf out = {0};
    struct zip z;
    zipmake_add(&make, &(struct zipmake_member){.name = STR("A"), .content = STR("new")});
    zipmake_add(&make,
                &(struct zipmake_member){.name = STR("B"), .content = STR("bad"), .lie_crc = 1});
    assert_fine(zip_open(&a, zipmake_end(&make), &z));
    buf_add_str(&out, STR("old "));
    assert_fine(zip_read(&z, &z.members[0], 3, &out));
    assert_refused(zip_read(&z, &z.members[1], 3, &out), "member B: CRC");
    assert_str(buf_str(&out), STR("old new"));
    buf_free(&out);
    arena_free(&a);
    zipmake_free(&make);
}

static void refuses_what_is_no_zip(void **state) {
    (void)state;
    struct arena a = {0};
    struct zip z;
    assert_refused(zip_open(&a, (str){NULL, 0}, &z), "no zip");
    assert_refused(zip_open(&a, STR("<html>403 - Forbidden: Access is denied.</html>"), &z),
                   "no zip");
    assert_refused(zip_open(&a, STR("PK\3\4 and then nothing of a zip"), &z), "cut short");
    assert_int_equal(z.count, 0);
    assert_false(zip_is((str){NULL, 0}));
    assert_false(zip_is(STR("PK\3")));
    assert_false(zip_is(STR("C,NEMP.WORLD")));
    arena_free(&a);
}

/* An archive with deflate, stored, empty, zip64 and described members, a comment and all records.
 */
static const char *const varied_contents[] = {"D,DISPATCH,UNIT_SCADA,1,ARWF1,12.5,12.5,12.5\n",
                                              "stored as it is", ""};
enum { VARIED = sizeof varied_contents / sizeof *varied_contents };

static str make_varied(struct zipmake *make) {
    *make = (struct zipmake){.zip64 = true, .comment = STR("abc")};
    for (size_t i = 0; i < VARIED; i++)
        zipmake_add(make, &(struct zipmake_member){.name = STR("A#B.CSV"),
                                                   .content = str_from(varied_contents[i]),
                                                   .deflate = i != 1,
                                                   .level = 6,
                                                   .descriptor = i == 0,
                                                   .zip64 = i == 1});
    return zipmake_end(make);
}

/* Reads an archive to which anything may have been done: what isn't an error is one of the true
 * contents. Returns how many members could be read. */
static size_t read_varied(str bytes) {
    struct arena a = {0};
    struct zip z;
    size_t read = 0;
    err *e = zip_open(&a, bytes, &z);
    for (size_t i = 0; !e && i < z.count; i++) {
        struct buf out = {0};
        err *failure = zip_read(&z, &z.members[i], 1 << 20, &out);
        bool known = false;
        for (size_t k = 0; k < VARIED; k++)
            known = known || str_eq(buf_str(&out), str_from(varied_contents[k]));
        assert_true(failure || known);
        read += !failure;
        err_free(failure);
        buf_free(&out);
    }
    if (e)
        assert_int_equal(err_kind(e), ERR_INPUT);
    err_free(e);
    arena_free(&a);
    return read;
}

static void survives_every_truncation(void **state) {
    (void)state;
    struct zipmake make;
    str bytes = make_varied(&make);
    assert_int_equal(read_varied(bytes), VARIED);
    for (size_t length = 0; length < bytes.len; length++) {
        str cut = exact_copy((str){bytes.at, length});
        assert_int_equal(read_varied(cut), 0);
        free_copy(cut);
    }
    zipmake_free(&make);
}

static void survives_every_changed_byte(void **state) {
    (void)state;
    static const unsigned char changes[] = {0x01, 0x08, 0x80, 0xff};
    struct zipmake make;
    str bytes = make_varied(&make), copy = exact_copy(bytes);
    char *at = (char *)(uintptr_t)copy.at;
    for (size_t i = 0; i < bytes.len; i++) {
        for (size_t c = 0; c < sizeof changes; c++) {
            at[i] = (char)(bytes.at[i] ^ changes[c]);
            assert_true(read_varied(copy) <= VARIED);
        }
        at[i] = bytes.at[i];
    }
    free_copy(copy);
    zipmake_free(&make);
}

static void refuses_a_wrong_crc(void **state) {
    (void)state;
    for (int deflate = 0; deflate < 2; deflate++)
        assert_one_refused(&(struct zipmake_member){.name = STR("X.CSV"),
                                                    .content = STR("123456789"),
                                                    .deflate = deflate,
                                                    .lie_crc = 0xcbf43926 ^ 0x1234abcd},
                           "member X.CSV: CRC is cbf43926, the directory says 1234abcd");
    assert_one_refused(&(struct zipmake_member){.name = STR("X.CSV"), .lie_crc = 7}, "CRC is 0000");
}

static void refuses_a_wrong_size(void **state) {
    (void)state;
    struct zipmake_member m = {
        .name = STR("X.CSV"), .content = CSV, .deflate = true, .level = 6, .lie_size = -1};
    assert_one_refused(&m, "goes on after the");
    m.lie_size = -(int64_t)CSV.len;
    assert_one_refused(&m, "goes on after the 0 bytes");
    m.lie_size = 1;
    assert_one_refused(&m, "it ends after");
    m.lie_size = 1 << 30;
    assert_one_refused(&m, "can't hold");
    m = (struct zipmake_member){.name = STR("X.CSV"), .content = CSV, .lie_size = -1};
    assert_one_refused(&m, "can't hold");
    m.lie_size = 1;
    assert_one_refused(&m, "can't hold");
}

static void refuses_damaged_deflate(void **state) {
    (void)state;
    const str reserved_block = STR("\x07"), match_before_start = STR("\x03\x02\x00\x00"),
              half_a_block = STR("\x4b");
    struct zipmake_member m = {.name = STR("X.CSV"), .lie_method = 8, .lie_size = 3};
    m.content = reserved_block;
    assert_one_refused(&m, "damaged near byte");
    m.content = match_before_start;
    assert_one_refused(&m, "damaged near byte");
    m.content = half_a_block;
    assert_one_refused(&m, "stop before their end");
}

static void refuses_what_is_larger_than_the_limit(void **state) {
    (void)state;
    struct zipmake make = {0};
    struct arena a = {0};
    struct buf out = {0};
    struct zip z;
    zipmake_add(&make, &(struct zipmake_member){.name = STR("BOMB.CSV"),
                                                .content = CSV,
                                                .deflate = true,
                                                .zip64 = true,
                                                .lie_size = INT64_C(5) << 30});
    zipmake_add(&make, &(struct zipmake_member){.name = STR("Y"), .content = STR("12345")});
    assert_fine(zip_open(&a, zipmake_end(&make), &z));
    assert_refused(zip_read(&z, &z.members[0], 1 << 20, &out), "at most 1048576 are accepted");
    assert_refused(zip_read(&z, &z.members[0], ANY_SIZE, &out), "can't hold");
    assert_refused(zip_read(&z, &z.members[1], 4, &out), "holds 5 bytes, at most 4");
    assert_int_equal(out.capacity, 0);
    arena_free(&a);
    zipmake_free(&make);
}

static void refuses_what_it_cannot_read(void **state) {
    (void)state;
    struct zipmake_member m = {.name = STR("X.CSV"), .content = CSV, .lie_method = 12};
    assert_one_refused(&m, "member X.CSV: its compression method is 12");
    m = (struct zipmake_member){.name = STR("X.CSV"), .content = CSV, .lie_flags = 0x0809};
    assert_one_refused(&m, "member X.CSV: it is encrypted");
}

static void refuses_members_out_of_place(void **state) {
    (void)state;
    struct zipmake_member m = {.name = STR("X.CSV"), .content = CSV, .lie_offset = 1 << 30};
    assert_one_refused(&m, "no local header");
    m.lie_offset = 1;
    assert_one_refused(&m, "no local header");
    m.lie_offset = 0;
    m.lie_packed = 1; /* into the directory */
    assert_one_refused(&m, "beyond");
    m.zip64 = true;
    m.lie_packed = INT64_MAX;
    assert_one_refused(&m, "beyond");
    m.lie_packed = 0;
    m.lie_offset = -1; /* 2^64 - 1 */
    assert_one_refused(&m, "no local header");
}

static void refuses_members_that_share_bytes(void **state) {
    (void)state;
    struct zipmake make = {0};
    struct arena a = {0};
    struct zip z;
    zipmake_add(&make, &(struct zipmake_member){.name = STR("A"), .content = CSV});
    int64_t step = (int64_t)make.bytes.len;
    zipmake_add(&make,
                &(struct zipmake_member){.name = STR("B"), .content = CSV, .lie_offset = -step});
    assert_refused(zip_open(&a, zipmake_end(&make), &z), "share the same bytes");
    arena_free(&a);
    zipmake_free(&make);
}

static void refuses_a_count_that_disagrees(void **state) {
    (void)state;
    for (int lie = -2; lie <= 9; lie++) {
        struct zipmake make = {.zip64 = lie & 1, .lie_count = lie};
        struct arena a = {0};
        struct zip z;
        for (int i = 0; i < 3; i++)
            zipmake_add(&make, &(struct zipmake_member){
                                   .name = STR("A NAME AS LONG AS A WHOLE DIRECTORY ENTRY IS.CSV"),
                                   .content = CSV});
        err *e = zip_open(&a, zipmake_end(&make), &z);
        if (lie == 0)
            assert_fine(e);
        else
            assert_refused(e, lie < 0 ? "goes on" : lie <= 3 ? "directory entry 4 of" : "has only");
        arena_free(&a);
        zipmake_free(&make);
    }
}

static void bounds_the_names_in_messages(void **state) {
    (void)state;
    char name[5000];
    memset(name, 'n', sizeof name);
    struct zipmake make = {0};
    struct arena a = {0};
    struct buf out = {0};
    struct zip z;
    zipmake_add(&make, &(struct zipmake_member){
                           .name = {name, sizeof name}, .content = CSV, .lie_method = 99});
    assert_fine(zip_open(&a, zipmake_end(&make), &z));
    assert_int_equal(z.members[0].name.len, sizeof name);
    err *e = zip_read(&z, &z.members[0], ANY_SIZE, &out);
    assert_non_null(e);
    assert_true(strlen(err_text(e)) < 300);
    err_free(e);
    arena_free(&a);
    zipmake_free(&make);
}

/* xorshift64: a fixed seed gives the same contents on every machine. */
static uint64_t next_random(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Text with the habits of a CSV: runs, near and far repeats, and some noise. */
static void fill(char *at, size_t length, uint64_t *seed) {
    for (size_t i = 0; i < length;) {
        uint64_t r = next_random(seed);
        size_t run = 1 + (r >> 8) % 300, back = 1 + (r >> 20) % 40000;
        for (size_t end = i + run < length ? i + run : length; i < end; i++)
            at[i] = r % 4 && back <= i ? at[i - back] : (char)next_random(seed);
    }
}

static void reads_contents_of_many_sizes(void **state) {
    (void)state;
    static const size_t sizes[] = {1,     2,     3,     257,    258,    259,   1023,  4096,
                                   32767, 32768, 32769, 65535,  65536,  65537, 65794, 98304,
                                   98305, 98563, 99999, 131072, 200001, 262145};
    enum { SIZES = sizeof sizes / sizeof *sizes, LARGEST = 262145 };
    static const int levels[] = {0, 1, 6, 12};
    uint64_t seed = 0x5eed;
    char *content = mem_alloc(LARGEST);
    struct zipmake make = {0};
    struct arena a = {0};
    struct zip z;
    fill(content, LARGEST, &seed);
    for (size_t i = 0; i < SIZES; i++)
        zipmake_add(&make, &(struct zipmake_member){.name = STR("R.CSV"),
                                                    .content = {content, sizes[i]},
                                                    .deflate = i % 5 != 4,
                                                    .level = levels[i % 4],
                                                    .descriptor = i % 3 == 0});
    assert_fine(zip_open(&a, zipmake_end(&make), &z));
    assert_int_equal(z.count, SIZES);
    for (size_t i = 0; i < SIZES; i++) {
        struct buf out = {0};
        assert_member(&z, i, STR("R.CSV"), (str){content, sizes[i]});
        assert_fine(read_in_pieces(&z, &z.members[i], 1 + next_random(&seed) % 70000, &out));
        assert_str(buf_str(&out), (str){content, sizes[i]});
        buf_free(&out);
    }
    arena_free(&a);
    zipmake_free(&make);
    free(content);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind_of_member),
        cmocka_unit_test(reads_deflate_without_a_byte),
        cmocka_unit_test(skips_folders_and_keeps_order),
        cmocka_unit_test(reads_an_empty_archive),
        cmocka_unit_test(reads_zips_in_zips),
        cmocka_unit_test(appends_to_what_is_there),
        cmocka_unit_test(refuses_what_is_no_zip),
        cmocka_unit_test(survives_every_truncation),
        cmocka_unit_test(survives_every_changed_byte),
        cmocka_unit_test(refuses_a_wrong_crc),
        cmocka_unit_test(refuses_a_wrong_size),
        cmocka_unit_test(refuses_damaged_deflate),
        cmocka_unit_test(refuses_what_is_larger_than_the_limit),
        cmocka_unit_test(refuses_what_it_cannot_read),
        cmocka_unit_test(refuses_members_out_of_place),
        cmocka_unit_test(refuses_members_that_share_bytes),
        cmocka_unit_test(refuses_a_count_that_disagrees),
        cmocka_unit_test(bounds_the_names_in_messages),
        cmocka_unit_test(reads_contents_of_many_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
