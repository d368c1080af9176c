#include "elementary_truth.h"

#include <math.h>

#include "base/elementary.h"

static truth sine, cosine;

static void start(const char *sine_name, const char *cosine_name)
{
    truth_start(&sine, sine_name, 0.53);
    truth_start(&cosine, cosine_name, 0.53);
}

static void end(void)
{
    truth_end(&sine);
    truth_end(&cosine);
}

static void check(double x)
{
    double s, c;

    mpfr_set_d(sine.x, x, MPFR_RNDN);
    mpfr_sin_cos(sine.value, cosine.value, sine.x, MPFR_RNDN);
    kmi_sincos(x, &s, &c);
    truth_compare(&sine, s, x, 0);
    truth_compare(&cosine, c, x, 0);
}

TEST(sincos_is_within_an_ulp_of_mpfr_up_to_1e5_rad)
{
    kmi_rng rng;
    int i, k;

    kmi_rng_start(&rng, 1, 0, KMI_STREAM_GEOMETRY);
    start("sin", "cos");
    for (i = 0; i < 300000; i++) check(truth_between(&rng, -1e5, 1e5));
    for (i = 0; i < 400000; i++) check(truth_between(&rng, -10, 10));
    for (i = 0; i < 100000; i++) check(ldexp(2 * kmi_rng_uniform(&rng) - 1, -i % 1074));
    /* The doubles next to every multiple of pi/2: where the reduction cancels most. */
    for (k = 0; k <= 63661; k++)
        for (i = -1; i <= 1; i++) check(truth_step(k * 0x1.921fb54442d18p+0, i));
    for (k = -20000; k <= 20000; k++) /* where the table's entry changes */
        check(truth_step((k + 0.5) * 0x1.921fb54442d18p-4, k % 4));
    check(1e5);
    check(-1e5);
    end();
}

/* sin and cos of 2 pi u by 2 pi with 128 bits. */
static void check_turn(double u)
{
    double s, c;

    mpfr_const_pi(sine.y, MPFR_RNDN); /* mpfr keeps it */
    mpfr_mul_2si(sine.y, sine.y, 1, MPFR_RNDN);
    mpfr_mul_d(sine.x, sine.y, u, MPFR_RNDN);
    mpfr_sin_cos(sine.value, cosine.value, sine.x, MPFR_RNDN);
    kmi_sincos_turn(u, &s, &c);
    truth_compare(&sine, s, u, 0);
    truth_compare(&cosine, c, u, 0);
}

TEST(sincos_turn_is_within_an_ulp_of_mpfr)
{
    kmi_rng rng;
    int i, k;

    kmi_rng_start(&rng, 2, 0, KMI_STREAM_GEOMETRY);
    start("sin(2 pi u)", "cos(2 pi u)");
    for (i = 0; i < 800000; i++) check_turn(kmi_rng_uniform(&rng));
    for (i = 0; i < 200000; i++) check_turn(ldexp(kmi_rng_uniform(&rng), -i % 900)); /* next to 0 */
    for (k = 1; k < 64; k++)
        for (i = 0; i < 1000; i++) { /* next to the table's angles, quarter turns among them */
            double d = ldexp(2 * kmi_rng_uniform(&rng) - 1, -7 - i % 47);
            /* 128 bits of pi do not resolve the sine there; that it is exact at quarters is tested below. */
            if (k % 16 == 0 && fabs(d) < 0x1p-50) continue;
            check_turn(k / 64.0 + d);
        }
    for (k = 0; k < 64; k++)
        for (i = -3; i <= 3; i++) check_turn(truth_step((k + 0.5) / 64, i)); /* where the entry changes */
    end();
}

TEST(quarter_turns_are_exact)
{
    static const double expected[5][2] = {{0, 1}, {1, 0}, {0, -1}, {-1, 0}, {0, 1}};
    int i;

    for (i = 0; i < 5; i++) {
        double s, c;
        kmi_sincos_turn(i / 4.0, &s, &c);
        assert_true(s == expected[i][0] && c == expected[i][1]);
    }
}

TEST(sincos_of_special_values_are_documented)
{
    static const double beyond[] = {1.00001e5, -1.00001e5, 1e300, INFINITY, -INFINITY, NAN};
    double s, c;
    size_t i;

    kmi_sincos(0, &s, &c);
    assert_true(s == 0 && c == 1);
    kmi_sincos(0x1p-1074, &s, &c);
    assert_true(s == 0x1p-1074 && c == 1);
    for (i = 0; i < sizeof beyond / sizeof *beyond; i++) {
        kmi_sincos(beyond[i], &s, &c);
        assert_true(isnan(s) && isnan(c));
    }
    kmi_sincos_turn(NAN, &s, &c);
    assert_true(isnan(s) && isnan(c));
    kmi_sincos_turn(INFINITY, &s, &c);
    assert_true(isnan(s) && isnan(c));
}

TEST(sines_and_cosines_have_the_same_bits_everywhere)
{
    kmi_digest d[2];
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, 3, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < 2; i++) kmi_digest_start(&d[i], "elementary");
    for (i = 0; i < 100000; i++) {
        double u = kmi_rng_uniform(&rng), s, c;
        kmi_sincos(i % 2 == 0 ? 2e5 * u - 1e5 : 8 * u - 4, &s, &c);
        truth_digest_add(&d[0], s);
        truth_digest_add(&d[0], c);
        kmi_sincos_turn(u, &s, &c);
        truth_digest_add(&d[1], s);
        truth_digest_add(&d[1], c);
    }
    truth_assert_digest(&d[0], "6c25cfe37ecd1e5ff0f4aa61ffb8c95a5a5dc76d9c138564239de04980b8c8c5");
    truth_assert_digest(&d[1], "9354b72970b8886d9b2784e438258c3c590cd53f9e99eb8d77fdbe4d3444fb5c");
}
