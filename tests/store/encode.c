#include "store/encode.h"

#include <stdlib.h>

#include "support/check.h"

static uint64_t take_varint(str *bytes) {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        assert_true(bytes->len > 0);
        unsigned char c = (unsigned char)*bytes->at++;
        bytes->len--;
        value |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80)
            return value;
    }
}

static uint32_t take_bits(str bytes, size_t at, int width) {
    uint32_t value = 0;
    for (int i = 0; i < width; i++, at++) {
        assert_true(at / 8 < bytes.len);
        value |= (uint32_t)((unsigned char)bytes.at[at / 8] >> (at % 8) & 1) << i;
    }
    return value;
}

static void pass(str *bytes, size_t count) {
    assert_true(count <= bytes->len);
    *bytes = (str){bytes->at + count, bytes->len - count};
}

/* The hybrid read by the format's description, bit by bit. */
static void decode(str bytes, uint32_t *numbers, size_t count, int width) {
    size_t done = 0;
    while (done < count) {
        uint64_t head = take_varint(&bytes);
        if (head & 1) {
            size_t packed = (size_t)(head >> 1) * 8;
            for (size_t i = 0; i < packed && done < count; i++)
                numbers[done++] = take_bits(bytes, i * (size_t)width, width);
            pass(&bytes, packed / 8 * (size_t)width);
        } else {
            uint32_t number = take_bits(bytes, 0, (width + 7) / 8 * 8);
            assert_true(head >> 1 <= count - done);
            for (uint64_t i = 0; i < head >> 1; i++)
                numbers[done++] = number;
            pass(&bytes, (size_t)(width + 7) / 8);
        }
    }
    assert_int_equal(bytes.len, 0);
}

static void check_round_trip(const uint32_t *numbers, size_t count, int width) {
    struct buf out = {0};
    uint32_t *back = mem_zalloc(count + 1, sizeof *back);
    encode_hybrid(&out, numbers, count, width);
    decode(buf_str(&out), back, count, width);
    assert_memory_equal(back, numbers, count * sizeof *back);
    free(back);
    buf_free(&out);
}

static void numbers_of_every_width_survive_in_runs_and_without(void **state) {
    (void)state;
    enum { MOST = 700 };
    struct random r = {4711};
    uint32_t numbers[MOST];
    for (int width = 0; width <= 32; width++)
        for (int round = 0; round < 60; round++) {
            size_t count = random_next(&r) % MOST, longest = 1 + random_next(&r) % 40;
            uint32_t mask = width == 32 ? UINT32_MAX : (UINT32_C(1) << width) - 1;
            for (size_t i = 0; i < count;) {
                uint32_t number = (uint32_t)random_next(&r) & mask;
                for (size_t run = 1 + random_next(&r) % longest; run && i < count; run--)
                    numbers[i++] = number;
            }
            check_round_trip(numbers, count, width);
        }
}

static void a_long_run_takes_a_few_bytes(void **state) {
    (void)state;
    static uint32_t numbers[100000];
    struct buf out = {0};
    numbers[0] = 3;
    encode_hybrid(&out, numbers, 100000, 2);
    assert_true(out.len < 10);
    check_round_trip(numbers, 100000, 2);
    buf_free(&out);
}

static void widths_hold_the_largest_number_and_no_more(void **state) {
    (void)state;
    assert_int_equal(encode_width(0), 0);
    assert_int_equal(encode_width(1), 0);
    assert_int_equal(encode_width(2), 1);
    assert_int_equal(encode_width(3), 2);
    assert_int_equal(encode_width(256), 8);
    assert_int_equal(encode_width(257), 9);
}

static void a_dictionary_numbers_values_as_they_come(void **state) {
    (void)state;
    struct dictionary d = {0};
    struct random r = {99};
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 5000; i++) {
            uint64_t value = (uint64_t)i << 40 | 7;
            assert_int_equal(dictionary_number(&d, value), i);
            uint32_t known = (uint32_t)random_next(&r) % (i + 1);
            assert_int_equal(dictionary_number(&d, (uint64_t)known << 40 | 7), known);
        }
        assert_int_equal(d.count, 5000);
        assert_true(d.values[4999] == (UINT64_C(4999) << 40 | 7));
        dictionary_clear(&d);
        assert_int_equal(d.count, 0);
    }
    dictionary_free(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_every_width_survive_in_runs_and_without),
        cmocka_unit_test(a_long_run_takes_a_few_bytes),
        cmocka_unit_test(widths_hold_the_largest_number_and_no_more),
        cmocka_unit_test(a_dictionary_numbers_values_as_they_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
