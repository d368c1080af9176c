/* Arc tangent of a quotient, and the cube root. */
#include "base/elementary.h"

#include "base/elementary_parts.h"

static inline double absolute(double x) { return kmi_from_bits(kmi_to_bits(x) & ~(UINT64_C(1) << 63)); }
static inline uint64_t sign_bit(double x) { return kmi_to_bits(x) & (UINT64_C(1) << 63); }
static inline double with_sign(double x, uint64_t sign) { return kmi_from_bits(kmi_to_bits(x) | sign); }

/* Multiplies by a power of two so that the larger of a and b is in [1,2). What then underflows in the other
 * is below 2^-1000 of it. */
static void scale(double *a, double *b)
{
    double larger = *a > *b ? *a : *b;
    int64_t exponent;

    if (larger < 0x1p-1000) {
        *a *= 0x1p200;
        *b *= 0x1p200;
        larger *= 0x1p200;
    }
    exponent = (int64_t)(kmi_to_bits(larger) >> 52) - 1023;
    if (exponent == 1023) { /* 2^-1023 is not a normal number */
        *a *= 0.5;
        *b *= 0.5;
        exponent = 1022;
    }
    *a *= kmi_power_of_two(-exponent);
    *b *= kmi_power_of_two(-exponent);
}

/* atan(small/large) for 0 <= small <= large, large in [1,2): atan(c) + atan((small - c large) / (large + c small))
 * with c = j/64 nearest to the quotient. */
static kmi_pair atan_quotient(double small, double large)
{
    double shifted = small / large * 64.0 + KMI_ROUND_TO_INTEGER;
    double c = (shifted - KMI_ROUND_TO_INTEGER) * (1.0 / 64.0);
    const kmi_atan_entry *entry = &kmi_atan_table[kmi_to_bits(shifted) & 127];
    double large_head = kmi_head(large), small_head = kmi_head(small);
    /* Products with the 7 bits of c are exact; so is the first difference. */
    kmi_pair above = kmi_add_exact(small - c * large_head, -(c * (large - large_head)));
    kmi_pair below = kmi_add_exact(large, c * small_head);
    double q, q_low, q2;
    kmi_pair product, sum;

    below = kmi_add_smaller(below.high, below.low + c * (small - small_head));
    q = above.high / below.high;
    product = kmi_multiply_exact(q, below.high);
    q_low = (((above.high - product.high) - product.low) + (above.low - q * below.low)) / below.high;
    q2 = q * q;
    sum = kmi_add_smaller(entry->high, q);
    sum.low += entry->low + (q_low + q * q2 * (kmi_atan_tail[0] + q2 * (kmi_atan_tail[1] + q2 * kmi_atan_tail[2])));
    return kmi_add_smaller(sum.high, sum.low);
}

/* pi, pi/2, pi/4 or 3 pi/4 for zeros and infinities, as the C standard's annex F has them. */
static double atan2_special(double y, double x, uint64_t sign)
{
    double quarters = 0; /* of pi */

    if (x != x || y != y) return KMI_NAN;
    if (y == 0)
        quarters = sign_bit(x) == 0 ? 0 : 4;
    else if (x == 0)
        quarters = 2;
    else if (absolute(y) == KMI_INFINITY)
        quarters = absolute(x) != KMI_INFINITY ? 2 : x > 0 ? 1 : 3;
    else
        quarters = x > 0 ? 0 : 4;
    return with_sign(quarters * (0.5 * kmi_half_pi[0]), sign);
}

double kmi_atan2(double y, double x)
{
    double ay = absolute(y), ax = absolute(x), halves;
    uint64_t sign = sign_bit(y);
    kmi_pair angle, sum;

    if (x == 0 || y == 0 || !(ax < KMI_INFINITY && ay < KMI_INFINITY)) return atan2_special(y, x, sign);
    /* The quotient differs from its arc tangent by less than 2^-60 of it; it may be subnormal or underflow. */
    if (x > 0 && ay <= ax * 0x1p-30 && ax * 0x1p-30 > 0) return y / x;
    scale(&ax, &ay);
    if (ay <= ax) {
        angle = atan_quotient(ay, ax);
    } else {
        angle = atan_quotient(ax, ay);
        angle.high = -angle.high;
        angle.low = -angle.low;
    }
    /* From the nearest axis: 0, pi/2 or pi. */
    if (x < 0) {
        angle.high = -angle.high;
        angle.low = -angle.low;
    }
    halves = ay <= ax ? (x > 0 ? 0 : 2) : 1;
    sum = kmi_add_exact(halves * kmi_half_pi[0], angle.high);
    return with_sign(sum.high + (sum.low + (angle.low + halves * kmi_half_pi[1])), sign);
}

/* Halley's step for the cube root of x from t: the relative error is cubed and multiplied by 2/3. */
static inline double halley(double t, double x)
{
    double quotient = x / (t * t);
    return t + t * ((quotient - t) / (t + t + quotient));
}

double kmi_cbrt(double x)
{
    double a = absolute(x), t, after = 1;

    if (!(a > 0 && a < KMI_INFINITY)) return x + x; /* zeros, infinities and nan stay what they are */
    if (a < 0x1p-1000) {
        a *= 0x1p300;
        after = 0x1p-100;
    }
    /* A third of the exponent and of the fraction: the bits of a double are nearly its logarithm. The constant is
     * two thirds of the bits of 1, less what makes the error even on both sides (5 %). */
    t = kmi_from_bits(kmi_to_bits(a) / 3 + UINT64_C(0x2a9f7893782da1ce));
    t = halley(halley(t, a), a);
    /* With 26 bits t * t is exact in the last step, and what its other roundings add is below 0.2 ulp. */
    t = halley(kmi_head(t), a);
    return with_sign(t * after, sign_bit(x));
}
