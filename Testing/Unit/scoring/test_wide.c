/* 256-bit integers against values of Python's integers (python3 -c ...), which know no width. */
#include "kmt.h"

#include <math.h>

#include "scoring/wide.h"

static kmi_wide_half half(uint64_t high, uint64_t low)
{
    return (kmi_wide_half)high << 64 | low;
}

TEST(the_square_of_the_largest_half_is_exact)
{
    /* (2^128 - 1)^2 = 2^256 - 2^129 + 1 */
    kmi_wide p = kmi_wide_multiply(half(UINT64_MAX, UINT64_MAX), half(UINT64_MAX, UINT64_MAX));

    assert_true(p.word[0] == 1);
    assert_true(p.word[1] == 0);
    assert_true(p.word[2] == UINT64_MAX - 1);
    assert_true(p.word[3] == UINT64_MAX);
}

TEST(a_product_of_two_halves_is_that_of_python)
{
    /* hex(0x0123456789abcdef_fedcba9876543210 * 0xdeadbeefcafebabe_0f1e2d3c4b5a6978) */
    kmi_wide p = kmi_wide_multiply(half(UINT64_C(0x0123456789abcdef), UINT64_C(0xfedcba9876543210)),
                                   half(UINT64_C(0xdeadbeefcafebabe), UINT64_C(0x0f1e2d3c4b5a6978)));

    assert_true(p.word[0] == UINT64_C(0x9aacd00449a00780));
    assert_true(p.word[1] == UINT64_C(0x07ddb3b0561c5981));
    assert_true(p.word[2] == UINT64_C(0x5c78206c7190fee0));
    assert_true(p.word[3] == UINT64_C(0x00fd5bdeeeb2a01e));
}

TEST(subtraction_borrows_through_all_words_and_tells_when_it_is_negative)
{
    kmi_wide a = {{0, 0, 0, 1}}, b = {{1, 0, 0, 0}}, d;

    assert_false(kmi_wide_subtract(a, b, &d));
    assert_true(d.word[0] == UINT64_MAX && d.word[1] == UINT64_MAX && d.word[2] == UINT64_MAX && d.word[3] == 0);
    assert_true(kmi_wide_subtract(b, a, &d));
    assert_false(kmi_wide_subtract(a, a, &d));
    assert_true(d.word[0] == 0 && d.word[1] == 0 && d.word[2] == 0 && d.word[3] == 0);
}

PROPERTY(what_was_added_by_multiplying_is_taken_away_by_subtracting, 200)
{
    /* (a + b) c - a c - b c = 0, with a + b below 2^128 */
    kmi_wide_half a = half(kmi_rng_bits(rng) >> 1, kmi_rng_bits(rng));
    kmi_wide_half b = half(kmi_rng_bits(rng) >> 1, kmi_rng_bits(rng));
    kmi_wide_half c = half(kmi_rng_bits(rng), kmi_rng_bits(rng));
    kmi_wide d;

    assert_false(kmi_wide_subtract(kmi_wide_multiply(a + b, c), kmi_wide_multiply(a, c), &d));
    assert_false(kmi_wide_subtract(d, kmi_wide_multiply(b, c), &d));
    assert_true(d.word[0] == 0 && d.word[1] == 0 && d.word[2] == 0 && d.word[3] == 0);
}

TEST(conversion_rounds_to_the_nearest_double_with_ties_to_even)
{
    /* 2^53 + 1 is a tie between 2^53 and 2^53 + 2; above 2^64 the same pattern shifted by 100 bits. */
    kmi_wide tie = kmi_wide_multiply(half(0, (UINT64_C(1) << 53) + 1), half(UINT64_C(1) << 36, 0));
    kmi_wide odd_tie = kmi_wide_multiply(half(0, (UINT64_C(1) << 53) + 3), half(UINT64_C(1) << 36, 0));
    kmi_wide above = tie;

    above.word[0] = 1; /* by one in 2^153 */
    assert_true(kmi_wide_to_double(tie) == 0x1p153);
    assert_true(kmi_wide_to_double(odd_tie) == 0x1.0000000000002p153); /* 2^53 + 4 */
    assert_true(kmi_wide_to_double(above) == 0x1.0000000000001p153);
}

TEST(conversion_is_exact_for_powers_of_two_and_zero)
{
    int bit;
    kmi_wide zero = {{0, 0, 0, 0}};

    assert_true(kmi_wide_to_double(zero) == 0);
    for (bit = 0; bit < 256; bit++) {
        kmi_wide w = {{0, 0, 0, 0}};
        w.word[bit / 64] = UINT64_C(1) << (bit % 64);
        assert_true(kmi_wide_to_double(w) == ldexp(1.0, bit));
    }
}
