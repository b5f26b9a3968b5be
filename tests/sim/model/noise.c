#include "sim/model/noise.h"

#include <math.h>

#include "support/check.h"

enum { SAMPLES = 200000 };

static void the_same_question_has_the_same_answer(void **state) {
    (void)state;
    struct noise a = {1, 2}, b = {1, 3}, c = {2, 2};
    for (int64_t i = -1000; i < 1000; i += 37) {
        assert_true(noise_uniform(a, i) == noise_uniform(a, i));
        assert_true(noise_uniform(a, i) != noise_uniform(b, i));
        assert_true(noise_uniform(a, i) != noise_uniform(c, i));
        assert_true(noise_smooth(a, (double)i / 7, 5) == noise_smooth(a, (double)i / 7, 5));
    }
}

static void uniforms_fill_their_range_evenly(void **state) {
    (void)state;
    int counts[10] = {0};
    for (int64_t i = 0; i < SAMPLES; i++) {
        double u = noise_uniform((struct noise){7, 1}, i);
        assert_true(u >= 0 && u < 1);
        counts[(int)(u * 10)]++;
    }
    for (int k = 0; k < 10; k++)
        assert_in_range(counts[k], SAMPLES / 10 - 700, SAMPLES / 10 + 700); /* 5 deviations */
}

/* Mean, variance and the correlation of neighbours [lag] apart. */
static void moments(double (*value)(int64_t), int lag, double out[3]) {
    double sum = 0, squares = 0, products = 0;
    for (int64_t i = 0; i < SAMPLES; i++) {
        double v = value(i);
        sum += v;
        squares += v * v;
        products += v * value(i + lag);
    }
    out[0] = sum / SAMPLES;
    out[1] = squares / SAMPLES;
    out[2] = products / squares;
}

static double normal(int64_t i) {
    return noise_normal((struct noise){7, 2}, i);
}

static double smooth(int64_t i) {
    return noise_smooth((struct noise){7, 3}, (double)i, 10);
}

static void normals_are_standard_and_independent(void **state) {
    (void)state;
    double m[3];
    moments(normal, 1, m);
    assert_true(fabs(m[0]) < 0.012 && fabs(m[1] - 1) < 0.02 && fabs(m[2]) < 0.012);
}

static void smooth_noise_is_standard_and_forgets_after_two_periods(void **state) {
    (void)state;
    double near[3], far[3];
    moments(smooth, 1, near);
    moments(smooth, 20, far);
    assert_true(fabs(near[0]) < 0.04 && fabs(near[1] - 1) < 0.05);
    assert_true(near[2] > 0.95);
    assert_true(fabs(far[2]) < 0.04);
}

static void smooth_noise_has_no_jumps(void **state) {
    (void)state;
    for (int64_t i = 0; i < 5000; i++) {
        double t = (double)i / 50;
        struct noise n = {7, 4};
        assert_true(fabs(noise_smooth(n, t, 1) - noise_smooth(n, t + 1e-4, 1)) < 0.01);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_question_has_the_same_answer),
        cmocka_unit_test(uniforms_fill_their_range_evenly),
        cmocka_unit_test(normals_are_standard_and_independent),
        cmocka_unit_test(smooth_noise_is_standard_and_forgets_after_two_periods),
        cmocka_unit_test(smooth_noise_has_no_jumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
