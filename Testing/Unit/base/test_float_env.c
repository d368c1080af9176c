#include "kmt.h"

#include <fenv.h>
#include <float.h>
#include <xmmintrin.h>

#include "base/float_env.h"

/* Intel SDM volume 1, figure 10-3. */
enum { FTZ = 0x8000, DAZ = 0x0040, UPWARD = 0x4000, DOWNWARD = 0x2000, MASKS = 0x1f80, INVALID_MASK = 0x0080 };

/* x87 control: all masked, 53 bits of precision, downward; SDM figure 8-6. */
#define X87_ODD 0x067fu
#define X87_DEFAULT 0x037fu

static void set_x87(uint16_t control)
{
    __asm__ volatile("fldcw %0" : : "m"(control));
}

static uint16_t get_x87(void)
{
    uint16_t control;
    __asm__ volatile("fnstcw %0" : "=m"(control));
    return control;
}

static uint16_t x87_flags(void)
{
    uint16_t status;
    __asm__ volatile("fnstsw %0" : "=m"(status));
    return status & 0x3f;
}

/* Results that tell the environments apart; volatile, so that the compiler computes none of them, and not inlined,
 * so that it moves none of them past a change of the environment. */
typedef struct probe {
    double third, minus_third, small;
    long double sum;
} probe;

__attribute__((noinline)) static probe compute(void)
{
    volatile double one = 1, three = 3, least = DBL_MIN, two = 2;
    volatile long double large = 1.0L, little = 0x1p-60L;
    probe p = {one / three, -one / three, least / two, large + little};
    return p;
}

TEST(results_inside_are_those_of_the_default_environment_and_the_host_finds_its_own)
{
    const probe wanted = compute();
    kmi_float_env saved;
    probe outside, inside;
    unsigned inside_mxcsr, after_mxcsr;
    uint16_t inside_x87, after_x87;

    assert_true(wanted.small == DBL_MIN / 2 && wanted.minus_third == -wanted.third && wanted.sum > 1);
    _mm_setcsr(MASKS | FTZ | DAZ | UPWARD);
    set_x87(X87_ODD);
    outside = compute();
    kmi_float_env_enter(&saved);
    inside_mxcsr = _mm_getcsr();
    inside_x87 = get_x87();
    inside = compute();
    kmi_float_env_leave(&saved);
    after_mxcsr = _mm_getcsr();
    after_x87 = get_x87();
    _mm_setcsr(MASKS);
    set_x87(X87_DEFAULT);

    assert_true(outside.third != wanted.third && outside.small == 0); /* the host's was really another */
    assert_true(outside.sum == 1);
    assert_int_equal(inside_mxcsr, MASKS);
    assert_int_equal(inside_x87, X87_DEFAULT);
    assert_true(inside.third == wanted.third && inside.minus_third == wanted.minus_third);
    assert_true(inside.small == wanted.small && inside.sum == wanted.sum);
    assert_int_equal(after_mxcsr, MASKS | FTZ | DAZ | UPWARD | (after_mxcsr & 0x3f));
    assert_int_equal(after_x87, X87_ODD);
}

TEST(a_host_that_traps_exceptions_is_not_trapped_inside_and_traps_again_outside)
{
    volatile double zero = 0, one = 1, x;
    volatile long double long_zero = 0, y;
    kmi_float_env saved;
    int enabled;

    feclearexcept(FE_ALL_EXCEPT);
    feenableexcept(FE_DIVBYZERO | FE_INVALID);
    kmi_float_env_enter(&saved);
    x = one / zero; /* SIGFPE here ends the test program */
    x = zero / zero;
    y = one / long_zero;
    kmi_float_env_leave(&saved);
    enabled = fegetexcept();
    fedisableexcept(FE_ALL_EXCEPT);
    (void)x;
    (void)y;
    assert_int_equal(enabled, FE_DIVBYZERO | FE_INVALID);
}

TEST(flags_raised_inside_are_not_seen_outside_and_the_hosts_flags_stay)
{
    volatile double three = 3, one = 1, zero = 0, x;
    volatile long double y;
    kmi_float_env saved;
    int inside;

    feclearexcept(FE_ALL_EXCEPT);
    feraiseexcept(FE_UNDERFLOW);
    kmi_float_env_enter(&saved);
    inside = fetestexcept(FE_ALL_EXCEPT);
    x = one / three;
    x = one / zero;
    y = (long double)one / three;
    kmi_float_env_leave(&saved);
    (void)x;
    (void)y;
    assert_int_equal(inside, 0);
    assert_int_equal(fetestexcept(FE_ALL_EXCEPT) & ~FE_INEXACT, FE_UNDERFLOW);
    assert_int_equal(x87_flags() & FE_DIVBYZERO, 0);
    feclearexcept(FE_ALL_EXCEPT);
}

TEST(environments_nest)
{
    kmi_float_env first, second;
    unsigned middle, last;

    _mm_setcsr(MASKS | DOWNWARD);
    kmi_float_env_enter(&first);
    _mm_setcsr(MASKS | FTZ); /* user code that was called from inside */
    kmi_float_env_enter(&second);
    kmi_float_env_leave(&second);
    middle = _mm_getcsr();
    kmi_float_env_leave(&first);
    last = _mm_getcsr();
    _mm_setcsr(MASKS);
    assert_int_equal(middle, MASKS | FTZ);
    assert_int_equal(last, MASKS | DOWNWARD);
}

TEST(every_bit_that_changes_results_is_noticed_and_flags_are_not)
{
    static const unsigned odd[] = {MASKS | FTZ, MASKS | DAZ, MASKS | UPWARD, MASKS | DOWNWARD, MASKS | UPWARD | DOWNWARD,
                                   MASKS & ~INVALID_MASK};
    bool seen[6], flags, x87, plain, after;
    size_t i;

    _mm_setcsr(MASKS);
    plain = kmi_float_env_is_default();
    _mm_setcsr(MASKS | 0x3f);
    flags = kmi_float_env_is_default();
    for (i = 0; i < 6; i++) {
        _mm_setcsr(odd[i]);
        seen[i] = !kmi_float_env_is_default();
    }
    _mm_setcsr(MASKS);
    set_x87(X87_ODD);
    x87 = !kmi_float_env_is_default();
    _mm_setcsr(MASKS | FTZ);
    kmi_float_env_default();
    after = kmi_float_env_is_default();
    for (i = 0; i < 6; i++) assert_true(seen[i]);
    assert_true(plain && flags && x87 && after);
    assert_int_equal(get_x87(), X87_DEFAULT);
    assert_int_equal(_mm_getcsr(), MASKS);
}

TEST(user_code_called_from_inside_finds_the_hosts_environment_however_deep)
{
    kmi_float_env outer, inner, frame, nested, callback;
    unsigned seen[4], after;
    bool inside;

    _mm_setcsr(MASKS | FTZ | UPWARD);
    set_x87(X87_ODD);
    kmi_float_env_enter(&outer);
    kmi_float_env_enter(&inner); /* kerma calls itself */
    kmi_float_env_host_begin(&frame);
    seen[0] = _mm_getcsr();
    seen[1] = get_x87();
    _mm_setcsr(MASKS | DOWNWARD); /* the callback's own choice ... */
    kmi_float_env_enter(&nested); /* ... is what a call of it is about */
    kmi_float_env_host_begin(&callback);
    seen[2] = _mm_getcsr();
    kmi_float_env_host_end(&callback);
    kmi_float_env_leave(&nested);
    seen[3] = _mm_getcsr();
    kmi_float_env_host_end(&frame);
    inside = kmi_float_env_is_default();
    kmi_float_env_leave(&inner);
    kmi_float_env_leave(&outer);
    after = _mm_getcsr();
    _mm_setcsr(MASKS);
    set_x87(X87_DEFAULT);
    assert_int_equal(seen[0], MASKS | FTZ | UPWARD);
    assert_int_equal(seen[1], X87_ODD);
    assert_int_equal(seen[2], MASKS | DOWNWARD);
    assert_int_equal(seen[3], MASKS | DOWNWARD);
    assert_true(inside);
    assert_int_equal(after, MASKS | FTZ | UPWARD);
}
