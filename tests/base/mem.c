#include "base/mem.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The sanitizer would end the process itself where malloc returns NULL. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

/* [volatile] keeps the compiler from seeing what is asked for, and from refusing it. */
static volatile size_t half_of_all = SIZE_MAX / 2;
static void *volatile kept;

static void allocate_too_much(void) {
    kept = mem_alloc(half_of_all);
}

static void overflow_a_product(void) {
    kept = mem_zalloc(half_of_all, 3);
}

static void resize_too_much(void) {
    void *p = mem_alloc(10);
    kept = mem_resize(p, half_of_all);
}

static void exhaust_an_arena(void) {
    struct arena a = {0};
    kept = arena_alloc(&a, half_of_all);
}

static void wrap_an_arena_around(void) {
    struct arena a = {0};
    kept = arena_alloc(&a, half_of_all * 2 + 1);
}

/* What the rounding up leaves is just below the largest size: a block's head wraps it around. */
static void wrap_a_block_around(void) {
    struct arena a = {0};
    kept = arena_alloc(&a, half_of_all * 2 - 15);
}

/* Runs [act] in a process of its own, which must abort with a line that says why. */
static void assert_out_of_memory(void (*act)(void)) {
    char said[4096];
    size_t length = 0;
    ssize_t got;
    int status, ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        act();
        _exit(0);
    }
    close(ends[1]);
    while (length < sizeof said - 1 &&
           (got = read(ends[0], said + length, sizeof said - 1 - length)) > 0)
        length += (size_t)got;
    said[length] = 0;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(said, "nemd: out of memory"));
}

static void ends_the_process_when_memory_runs_out(void **state) {
    (void)state;
    assert_out_of_memory(allocate_too_much);
    assert_out_of_memory(overflow_a_product);
    assert_out_of_memory(resize_too_much);
    assert_out_of_memory(exhaust_an_arena);
    assert_out_of_memory(wrap_an_arena_around);
    assert_out_of_memory(wrap_a_block_around);
}

static void nothing_can_be_asked_for(void **state) {
    (void)state;
    free(mem_alloc(0));
    free(mem_zalloc(0, 8));
    free(mem_zalloc(8, 0));
    free(mem_resize(NULL, 0));
}

static void zeroed_memory_is_zero(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    for (int round = 0; round < 2; round++) { /* the second gets what the first has made dirty */
        uint64_t *numbers = mem_zalloc(COUNT, sizeof *numbers);
        for (size_t i = 0; i < COUNT; i++)
            assert_true(numbers[i] == 0);
        memset(numbers, 0xab, COUNT * sizeof *numbers);
        free(numbers);
    }
}

static void resizing_keeps_what_is_there(void **state) {
    (void)state;
    char *p = mem_resize(NULL, 4);
    memcpy(p, "abc", 4);
    p = mem_resize(p, 100000);
    assert_string_equal(p, "abc");
    free(p);
}

static void a_copy_is_a_string_of_its_own(void **state) {
    (void)state;
    char original[] = "NSW1";
    char *copy = mem_strdup(original), *empty = mem_strdup("");
    original[0] = 'X';
    assert_string_equal(copy, "NSW1");
    assert_string_equal(empty, "");
    free(copy);
    free(empty);
}

static void arena_memory_is_zeroed_aligned_and_apart(void **state) {
    (void)state;
    enum { PIECES = 3000 };
    static unsigned char *pieces[PIECES];
    struct arena a = {0};
    for (int round = 0; round < 3; round++) { /* later rounds reuse a block that isn't clean */
        for (size_t i = 0; i < PIECES; i++) {
            size_t bytes = i % 97;
            pieces[i] = arena_alloc(&a, bytes);
            assert_non_null(pieces[i]);
            assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
            for (size_t k = 0; k < bytes; k++)
                assert_true(pieces[i][k] == 0);
            memset(pieces[i], (int)(i % 251 + 1), bytes);
        }
        for (size_t i = 0; i < PIECES; i++)
            for (size_t k = 0; k < i % 97; k++)
                assert_true(pieces[i][k] == i % 251 + 1);
        arena_reset(&a);
    }
    arena_free(&a);
}

static void an_arena_takes_pieces_of_any_size(void **state) {
    (void)state;
    struct arena a = {0};
    static const size_t sizes[] = {1, 4095, 4096, 4097, 1 << 20, (1 << 20) + 1, 5 << 20, 16};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *p = arena_alloc(&a, sizes[i]);
        p[0] = 'a', p[sizes[i] - 1] = 'z'; /* the sanitizer knows where blocks end */
    }
    arena_free(&a);
    assert_null(a.blocks);
}

static void blocks_grow_so_that_they_stay_few(void **state) {
    (void)state;
    struct arena a = {0};
    const struct arena_block *newest = NULL;
    size_t blocks = 0;
    for (size_t bytes = 0; bytes < 16 << 20; bytes += 64) {
        arena_alloc(&a, 64);
        blocks += a.blocks != newest;
        newest = a.blocks;
    }
    assert_in_range(blocks, 16, 26); /* of 1 MiB, after 4, 8, … 512 KiB */
    arena_free(&a);
}

static void a_reset_keeps_the_largest_block(void **state) {
    (void)state;
    struct arena a = {0};
    arena_alloc(&a, 100);
    arena_alloc(&a, 3 << 20);
    const struct arena_block *largest = a.blocks;
    arena_alloc(&a, 2 << 20);
    assert_ptr_not_equal(a.blocks, largest);
    arena_reset(&a);
    assert_ptr_equal(a.blocks, largest);
    arena_alloc(&a, 3 << 20);
    assert_ptr_equal(a.blocks, largest);
    arena_free(&a);
    arena_reset(&a); /* of an empty arena is nothing */
    assert_null(a.blocks);
}

static void prints_texts_of_any_length(void **state) {
    (void)state;
    struct arena a = {0};
    assert_string_equal(arena_printf(&a, "%s", ""), "");
    assert_string_equal(arena_printf(&a, "%s-%03d", "NSW1", 7), "NSW1-007");
    const char *wide = arena_printf(&a, "%100000d", 5);
    assert_int_equal(strlen(wide), 100000);
    assert_int_equal(wide[99999], '5');
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_the_process_when_memory_runs_out),
        cmocka_unit_test(nothing_can_be_asked_for),
        cmocka_unit_test(zeroed_memory_is_zero),
        cmocka_unit_test(resizing_keeps_what_is_there),
        cmocka_unit_test(a_copy_is_a_string_of_its_own),
        cmocka_unit_test(arena_memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(an_arena_takes_pieces_of_any_size),
        cmocka_unit_test(blocks_grow_so_that_they_stay_few),
        cmocka_unit_test(a_reset_keeps_the_largest_block),
        cmocka_unit_test(prints_texts_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
