#include "elementary_truth.h"

#include <math.h>

#include "base/elementary.h"

static void check_log(truth *t, double x)
{
    mpfr_set_d(t->x, x, MPFR_RNDN);
    mpfr_log(t->value, t->x, MPFR_RNDN);
    truth_compare(t, kmi_log(x), x, 0);
}

TEST(log_is_within_an_ulp_of_mpfr_for_any_number)
{
    truth t;
    kmi_rng rng;
    int i, k;

    kmi_rng_start(&rng, 1, 0, KMI_STREAM_GEOMETRY);
    truth_start(&t, "log", 0.52);
    for (i = 0; i < 400000; i++) check_log(&t, fabs(truth_any_double(&rng)));
    for (i = 0; i < 200000; i++) check_log(&t, kmi_rng_uniform(&rng)); /* free paths */
    for (i = 0; i < 200000; i++) check_log(&t, truth_between(&rng, 0.7, 1.4));
    for (i = 0; i < 50000; i++) check_log(&t, ldexp(kmi_rng_uniform(&rng), -1022)); /* subnormal */
    for (k = 1; k <= 53; k++) /* near 1 */
        for (i = 0; i < 2000; i++) {
            check_log(&t, 1 + ldexp(kmi_rng_uniform(&rng), -k));
            check_log(&t, 1 - ldexp(kmi_rng_uniform(&rng), -k));
        }
    for (k = -1074; k < 1024; k++) /* powers of two and their neighbours */
        for (i = -1; i <= 1; i++)
            if (truth_step(ldexp(1, k), i) > 0) check_log(&t, truth_step(ldexp(1, k), i));
    for (k = 88; k <= 176; k++) /* the borders and centres of the table's intervals */
        for (i = -3; i <= 3; i++) {
            check_log(&t, truth_step(k / 128.0, i));
            check_log(&t, truth_step((k + 0.5) / 128.0, i));
            check_log(&t, truth_step((k + 0.25) / 128.0, i));
        }
    truth_end(&t);
}

static void check_exp(truth *t, double x)
{
    mpfr_set_d(t->x, x, MPFR_RNDN);
    mpfr_exp(t->value, t->x, MPFR_RNDN);
    truth_compare(t, kmi_exp(x), x, 0);
}

TEST(exp_is_within_an_ulp_of_mpfr_from_underflow_to_overflow)
{
    truth t;
    kmi_rng rng;
    int i, k;

    kmi_rng_start(&rng, 2, 0, KMI_STREAM_GEOMETRY);
    truth_start(&t, "exp", 0.76);
    for (i = 0; i < 400000; i++) check_exp(&t, truth_between(&rng, -750, 712));
    for (i = 0; i < 300000; i++) check_exp(&t, truth_between(&rng, -2, 2));
    for (i = 0; i < 100000; i++) check_exp(&t, truth_between(&rng, -746, -708)); /* subnormal results */
    for (k = 0; k <= 80; k++)
        for (i = 0; i < 1000; i++) check_exp(&t, ldexp(2 * kmi_rng_uniform(&rng) - 1, -k));
    for (k = -1100 * 128; k <= 1026 * 128; k++) /* where the table's entry changes */
        check_exp(&t, truth_step((k + 0.5) * (0x1.62e42fefa39efp-1 / 128), k % 3));
    for (i = 0; i < 100; i++) {
        check_exp(&t, truth_step(0x1.62e42fefa39efp+9, i - 50));  /* overflows here */
        check_exp(&t, truth_step(-0x1.6232bdd7abcd2p+9, i - 50)); /* becomes subnormal here */
        check_exp(&t, truth_step(-0x1.74910d52d3051p+9, i - 50)); /* becomes 0 here */
    }
    truth_end(&t);
}

static void check_pow(truth *t, double x, double y)
{
    mpfr_set_d(t->x, x, MPFR_RNDN);
    mpfr_set_d(t->y, y, MPFR_RNDN);
    mpfr_pow(t->value, t->x, t->y, MPFR_RNDN);
    truth_compare(t, kmi_pow(x, y), x, y);
}

TEST(pow_is_within_an_ulp_of_mpfr)
{
    truth t;
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, 3, 0, KMI_STREAM_GEOMETRY);
    truth_start(&t, "pow", 0.76);
    for (i = 0; i < 250000; i++) { /* all results from underflow to overflow, from any number */
        double x = fabs(truth_any_double(&rng));
        check_pow(&t, x, truth_between(&rng, -750, 715) / log(x));
    }
    for (i = 0; i < 250000; i++) { /* near 1: what the logarithm loses, the exponent multiplies */
        double x = 1 + ldexp(2 * kmi_rng_uniform(&rng) - 1, -1 - i % 52);
        if (x != 1) check_pow(&t, x, truth_between(&rng, -750, 715) / log(x));
    }
    for (i = 0; i < 300000; i++) check_pow(&t, kmi_rng_uniform(&rng) * 100, truth_between(&rng, -5, 5));
    for (i = 0; i < 100000; i++) check_pow(&t, ldexp(kmi_rng_uniform(&rng), -1022), truth_between(&rng, -1.1, 1.1));
    for (i = 0; i < 100000; i++) check_pow(&t, kmi_rng_uniform(&rng), ldexp(1, -i % 70)); /* next to 1 */
    for (i = 0; i < 20000; i++) check_pow(&t, i % 200 + 1, i / 200);                        /* powers of integers */
    truth_end(&t);
}

TEST(log_exp_and_pow_of_special_values_are_as_c_has_them)
{
    const double inf = INFINITY;

    assert_true(kmi_log(0.0) == -inf);
    assert_true(kmi_log(-0.0) == -inf);
    assert_true(isnan(kmi_log(-1)));
    assert_true(isnan(kmi_log(-inf)));
    assert_true(isnan(kmi_log(NAN)));
    assert_true(kmi_log(inf) == inf);
    assert_true(kmi_log(1) == 0 && !signbit(kmi_log(1)));
    assert_true(kmi_exp(0.0) == 1 && kmi_exp(-0.0) == 1);
    assert_true(kmi_exp(inf) == inf);
    assert_true(kmi_exp(-inf) == 0 && kmi_exp(-1e300) == 0);
    assert_true(kmi_exp(1e300) == inf);
    assert_true(isnan(kmi_exp(NAN)));
    assert_true(kmi_pow(0, 2) == 0 && kmi_pow(0, -2) == inf && kmi_pow(0, 0) == 1);
    assert_true(kmi_pow(inf, 2) == inf && kmi_pow(inf, -2) == 0 && kmi_pow(inf, 0) == 1);
    assert_true(kmi_pow(1, NAN) == 1 && kmi_pow(1, inf) == 1 && kmi_pow(NAN, 0) == 1);
    assert_true(kmi_pow(0.5, inf) == 0 && kmi_pow(0.5, -inf) == inf);
    assert_true(kmi_pow(2, inf) == inf && kmi_pow(2, -inf) == 0);
    assert_true(isnan(kmi_pow(-2, 2)) && isnan(kmi_pow(NAN, 1)) && isnan(kmi_pow(2, NAN)));
    assert_true(kmi_pow(2, 1e300) == inf && kmi_pow(2, -1e300) == 0 && kmi_pow(0.5, 1e300) == 0);
}

/* Made with gcc 12 on x86-64; equal for clang, -O0 to -O3, with and without sanitizers. */
TEST(log_exp_and_pow_have_the_same_bits_everywhere)
{
    kmi_digest d[3];
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, 4, 0, KMI_STREAM_GEOMETRY);
    for (i = 0; i < 3; i++) kmi_digest_start(&d[i], "elementary");
    for (i = 0; i < 100000; i++) {
        double x = fabs(truth_any_double(&rng)), u = kmi_rng_uniform(&rng);
        truth_digest_add(&d[0], kmi_log(i % 2 == 0 ? x : u));
        truth_digest_add(&d[1], kmi_exp(i % 2 == 0 ? 1500 * u - 750 : 2 * u - 1));
        truth_digest_add(&d[2], kmi_pow(x, 2 * u - 1));
    }
    truth_assert_digest(&d[0], "d99a17774ddec628f161cfbff81694a6de017b4552c08bdf84162853530bfa41");
    truth_assert_digest(&d[1], "aa63b9c4d0d6a57b7c44fbc8baef4ce6f0532f454e31b2b0c2dd27d16ac0b6fe");
    truth_assert_digest(&d[2], "8e1d56a3f5fdb24d879e43848abccf20779d1063b86101280180d0738f254b33");
}
