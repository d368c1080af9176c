#include "elementary_truth.h"

#include <math.h>

enum { PRECISION = 128 }; /* bits: the truth is wrong by less than 2^-70 ulp */

void truth_start(truth *t, const char *name, double limit)
{
    memset(t, 0, sizeof *t);
    t->name = name;
    t->limit = limit;
    mpfr_inits2(PRECISION, t->x, t->y, t->value, t->difference, (mpfr_ptr)NULL);
}

/* Infinity stands for 2^1024, so that an overflow is right when the true value is there or beyond. */
static void subtract(truth *t, double got)
{
    if (!isinf(got)) {
        mpfr_sub_d(t->difference, t->value, got, MPFR_RNDN);
    } else {
        mpfr_set_si_2exp(t->difference, got > 0 ? 1 : -1, 1024, MPFR_RNDN);
        if (mpfr_cmpabs(t->value, t->difference) >= 0 && mpfr_sgn(t->value) == mpfr_sgn(t->difference))
            mpfr_set_zero(t->difference, 1);
        else
            mpfr_sub(t->difference, t->value, t->difference, MPFR_RNDN);
    }
}

void truth_compare(truth *t, double got, double x, double y)
{
    long exponent = mpfr_zero_p(t->value) ? -1100 : (long)mpfr_get_exp(t->value) - 53;
    double error;

    if (exponent < -1074) exponent = -1074;
    if (exponent > 971) exponent = 971;
    subtract(t, got);
    mpfr_mul_2si(t->difference, t->difference, -exponent, MPFR_RNDN);
    error = fabs(mpfr_get_d(t->difference, MPFR_RNDN));
    t->count++;
    if (error <= t->error) return; /* written so that a nan goes on */
    t->error = error;
    t->at[0] = x;
    t->at[1] = y;
    assert_true_msg(error < t->limit, "%s(%a, %a) = %a is wrong by %g ulp", t->name, x, y, got, error);
}

void truth_end(truth *t)
{
    print_message("%-12s largest error %.4f ulp of %ld, at %a %a\n", t->name, t->error, t->count, t->at[0], t->at[1]);
    mpfr_clears(t->x, t->y, t->value, t->difference, (mpfr_ptr)NULL);
}

double truth_any_double(kmi_rng *rng)
{
    for (;;) {
        uint64_t bits = kmi_rng_bits(rng);
        double x;
        memcpy(&x, &bits, sizeof x);
        if (isfinite(x)) return x;
    }
}

double truth_step(double x, int steps)
{
    for (; steps > 0; steps--) x = nextafter(x, INFINITY);
    for (; steps < 0; steps++) x = nextafter(x, -INFINITY);
    return x;
}

double truth_between(kmi_rng *rng, double low, double high)
{
    return low + (high - low) * kmi_rng_uniform(rng);
}

void truth_digest_add(kmi_digest *digest, double result)
{
    uint64_t bits;
    memcpy(&bits, &result, sizeof bits);
    kmi_digest_u64(digest, bits);
}

void truth_assert_digest(kmi_digest *digest, const char *expected)
{
    uint8_t bytes[KMI_DIGEST_SIZE];
    char text[KMI_DIGEST_TEXT_SIZE];

    kmi_digest_end(digest, bytes);
    kmi_digest_format(bytes, text);
    assert_string_equal(text, expected);
}
