#include "elementary_truth.h"

#include <math.h>

#include "base/elementary.h"

static void check_atan2(truth *t, double y, double x)
{
    mpfr_set_d(t->y, y, MPFR_RNDN);
    mpfr_set_d(t->x, x, MPFR_RNDN);
    mpfr_atan2(t->value, t->y, t->x, MPFR_RNDN);
    truth_compare(t, kmi_atan2(y, x), y, x);
}

TEST(atan2_is_within_an_ulp_of_mpfr_for_any_two_numbers)
{
    truth t;
    kmi_rng rng;
    int i, k;

    kmi_rng_start(&rng, 1, 0, KMI_STREAM_GEOMETRY);
    truth_start(&t, "atan2", 0.51);
    for (i = 0; i < 500000; i++) check_atan2(&t, 2 * kmi_rng_uniform(&rng) - 1, 2 * kmi_rng_uniform(&rng) - 1);
    for (i = 0; i < 100000; i++) check_atan2(&t, truth_any_double(&rng), truth_any_double(&rng));
    for (i = 0; i < 300000; i++) { /* quotients of 2^-60 to 2^60, of numbers of any size */
        double x = truth_any_double(&rng), y = x * ldexp(1 + kmi_rng_uniform(&rng), i % 121 - 60);
        if (isfinite(y)) check_atan2(&t, i % 3 == 0 ? -y : y, x);
    }
    for (k = 0; k <= 128; k++) /* the table's angles, and where the entry changes */
        for (i = 0; i < 500; i++) {
            double x = ldexp(1 + kmi_rng_uniform(&rng), i % 20 - 10);
            double y = truth_step(k / 128.0 * x, i % 5 - 2);
            check_atan2(&t, y, x);
            check_atan2(&t, y, -x);
            check_atan2(&t, x, y);
            check_atan2(&t, -x, -y);
        }
    for (i = 0; i < 50000; i++) /* subnormal on either side */
        check_atan2(&t, ldexp(kmi_rng_uniform(&rng), -1000 - i % 70), ldexp(kmi_rng_uniform(&rng), -1000 - i % 73));
    truth_end(&t);
}

TEST(atan2_of_special_values_is_as_c_has_them)
{
    const double inf = INFINITY, pi = 0x1.921fb54442d18p+1;
    int s;

    for (s = -1; s <= 1; s += 2) {
        double zero = copysign(0.0, s);
        assert_true(kmi_atan2(zero, 1) == 0 && !signbit(kmi_atan2(zero, 1)) == (s > 0));
        assert_true(kmi_atan2(zero, 0.0) == 0 && !signbit(kmi_atan2(zero, 0.0)) == (s > 0));
        assert_true(kmi_atan2(zero, -1) == s * pi);
        assert_true(kmi_atan2(zero, -0.0) == s * pi);
        assert_true(kmi_atan2(s, 0.0) == s * pi / 2 && kmi_atan2(s, -0.0) == s * pi / 2);
        assert_true(kmi_atan2(s * inf, 1) == s * pi / 2 && kmi_atan2(s * inf, -1) == s * pi / 2);
        assert_true(kmi_atan2(s, inf) == 0 && !signbit(kmi_atan2(s, inf)) == (s > 0));
        assert_true(kmi_atan2(s, -inf) == s * pi);
        assert_true(kmi_atan2(s * inf, inf) == s * pi / 4);
        assert_near(kmi_atan2(s * inf, -inf), s * 3 * (pi / 4), 0x1p-51);
    }
    assert_true(isnan(kmi_atan2(NAN, 1)) && isnan(kmi_atan2(1, NAN)) && isnan(kmi_atan2(NAN, inf)));
}

static void check_cbrt(truth *t, double x)
{
    mpfr_set_d(t->x, x, MPFR_RNDN);
    mpfr_cbrt(t->value, t->x, MPFR_RNDN);
    truth_compare(t, kmi_cbrt(x), x, 0);
}

TEST(cbrt_is_within_an_ulp_of_mpfr_for_any_number)
{
    truth t;
    kmi_rng rng;
    int i, k;

    kmi_rng_start(&rng, 2, 0, KMI_STREAM_GEOMETRY);
    truth_start(&t, "cbrt", 0.67);
    for (i = 0; i < 450000; i++) check_cbrt(&t, truth_any_double(&rng));
    for (i = 0; i < 450000; i++) check_cbrt(&t, truth_between(&rng, 1, 8));
    for (i = 0; i < 100000; i++) check_cbrt(&t, ldexp(kmi_rng_uniform(&rng), -1022));
    for (k = -1074; k < 1024; k++)
        for (i = -1; i <= 1; i++) check_cbrt(&t, truth_step(ldexp(1, k), i));
    truth_end(&t);
}

TEST(cbrt_of_a_cube_is_exact)
{
    int i;
    for (i = -10000; i <= 10000; i++) assert_true(kmi_cbrt((double)i * i * i) == i);
    assert_true(kmi_cbrt(0x1p-1074) == 0x1p-358);
    assert_true(kmi_cbrt(0x1p1023) == 0x1p341);
}

TEST(cbrt_of_special_values_is_the_value)
{
    assert_true(kmi_cbrt(0.0) == 0 && !signbit(kmi_cbrt(0.0)));
    assert_true(kmi_cbrt(-0.0) == 0 && signbit(kmi_cbrt(-0.0)));
    assert_true(kmi_cbrt(INFINITY) == INFINITY && kmi_cbrt(-INFINITY) == -INFINITY);
    assert_true(isnan(kmi_cbrt(NAN)));
}

TEST(atan2_and_cbrt_have_the_same_bits_everywhere)
{
    kmi_digest d[2];
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, 3, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < 2; i++) kmi_digest_start(&d[i], "elementary");
    for (i = 0; i < 100000; i++) {
        double x = truth_any_double(&rng), u = kmi_rng_uniform(&rng), v = kmi_rng_uniform(&rng);
        truth_digest_add(&d[0], i % 2 == 0 ? kmi_atan2(x, x * (u - 0.5)) : kmi_atan2(2 * u - 1, 2 * v - 1));
        truth_digest_add(&d[1], kmi_cbrt(x));
    }
    truth_assert_digest(&d[0], "744617b70f7821b16a61e7c5c6887de1b1376412a23af11d1c9cdf28cbd1ce37");
    truth_assert_digest(&d[1], "45e954bb87de39e02ed39d90fd152f21e2787d4eb73b59ae714d57630d573c7e");
}
