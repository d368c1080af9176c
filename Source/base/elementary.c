/*
 * Logarithm, exponential and power. Each splits its argument into a part whose result is in a table and a small
 * rest for a short polynomial, and adds the table's high part last, so that only this addition's rounding counts.
 * Method: P.-T. P. Tang, ACM TOMS 15 (1989) 144 and 16 (1990) 378.
 */
#include "base/elementary.h"

#include "base/elementary_parts.h"

#define FRACTION_BITS 52
#define SMALLEST_NORMAL (UINT64_C(1) << FRACTION_BITS) /* bits of 2^-1022 and of infinity */
#define INFINITE (UINT64_C(0x7ff) << FRACTION_BITS)

/* A positive number as 2^exponent / inverse of the table * (1 + rest), rest + rest_low exactly. */
typedef struct log_parts {
    double exponent, rest, rest_low;
    const kmi_log_entry *entry;
} log_parts;

static inline log_parts split(uint64_t bits)
{
    uint64_t from_start = bits - KMI_LOG_START;
    int64_t exponent = (int64_t)from_start >> FRACTION_BITS;
    double z = kmi_from_bits(bits - ((uint64_t)exponent << FRACTION_BITS)), head = kmi_head(z);
    log_parts p = {(double)exponent, 0, 0, &kmi_log_table[(from_start >> (FRACTION_BITS - 7)) & 127]};
    /* 26 and 27 bits times the 21 bits of the inverse: both products are exact, and so is taking 1 away. */
    double a = head * p.entry->inverse - 1.0, b = (z - head) * p.entry->inverse;

    p.rest = a + b;
    p.rest_low = (a - p.rest) + b;
    return p;
}

/* What every argument that is not a positive normal number gives; its bits if it is subnormal. */
static double log_special(double x, uint64_t *bits)
{
    if (x == 0) return -KMI_INFINITY;
    if (x != x || x < 0) return KMI_NAN;
    if (x == KMI_INFINITY) return x;
    *bits = kmi_to_bits(x * 0x1p52) - (UINT64_C(52) << FRACTION_BITS); /* the split undoes the negative exponent */
    return 0;
}

static inline int is_positive_normal(uint64_t bits)
{
    return bits - SMALLEST_NORMAL < INFINITE - SMALLEST_NORMAL;
}

double kmi_log(double x)
{
    uint64_t bits = kmi_to_bits(x);
    const double *c = kmi_log_tail;
    log_parts p;
    double high, r2, tail, low;
    kmi_pair sum;

    if (__builtin_expect(!is_positive_normal(bits), 0)) {
        double special = log_special(x, &bits);
        if (special != 0) return special; /* a nan is not 0 either */
    }
    p = split(bits);
    r2 = p.rest * p.rest;
    /* Exact: multiples of 2^-42 below 2^10. */
    high = p.exponent * kmi_log_2[0] + p.entry->high;
    low = p.exponent * kmi_log_2[1] + p.entry->low + p.rest_low;
    tail = (c[0] + p.rest * c[1]) + r2 * ((c[2] + p.rest * c[3]) + r2 * c[4]);
    sum = kmi_add_smaller(high, p.rest);
    return sum.high + ((sum.low + low) + (r2 * -0.5 + p.rest * r2 * tail));
}

/* log of a positive finite number to about 2^-66 of it. */
static kmi_pair log_pair(double x)
{
    uint64_t bits = kmi_to_bits(x);
    const double *c = kmi_log_long_tail;
    log_parts p;
    kmi_pair sum, square, part;
    double high, r2, tail;

    if (!is_positive_normal(bits)) (void)log_special(x, &bits);
    p = split(bits);
    high = p.exponent * kmi_log_2[0] + p.entry->high;
    square = kmi_multiply_exact(p.rest, p.rest);
    r2 = square.high;
    tail = ((c[0] + p.rest * c[1]) + r2 * (c[2] + p.rest * c[3])) + r2 * r2 * ((c[4] + p.rest * c[5]) + r2 * c[6]);
    sum = kmi_add_smaller(high, p.rest);
    part = kmi_add_exact(sum.high, -0.5 * square.high);
    part.low += sum.low;
    part.low += ((p.rest_low - 0.5 * square.low) - p.rest * p.rest_low) + p.rest * r2 * tail;
    part.low += p.exponent * kmi_log_2[1] + p.entry->low;
    return kmi_add_smaller(part.high, part.low);
}

/* exp(x + low), |low| far below |x| or x = 0, -746 < x < 710. */
static inline double exp_sum(double x, double low)
{
    double shifted = x * kmi_exp_step[0] + KMI_ROUND_TO_INTEGER;
    double steps = shifted - KMI_ROUND_TO_INTEGER;
    int64_t n = (int64_t)(kmi_to_bits(shifted) - kmi_to_bits(KMI_ROUND_TO_INTEGER));
    int64_t exponent = n >> 7;
    const kmi_exp_entry *entry = &kmi_exp_table[n & 127];
    const double *c = kmi_exp_tail;
    /* steps * kmi_exp_step[1] has at most 18 + 35 bits: exact, and so is the difference. */
    double r = ((x - steps * kmi_exp_step[1]) - steps * kmi_exp_step[2]) + low;
    double r2 = r * r;
    double fraction = entry->lost + (r + (r2 * 0.5 + r * r2 * (c[0] + r * c[1] + r2 * c[2])));
    double power;

    if (__builtin_expect(exponent > -1022 && exponent < 1023, 1)) {
        power = kmi_from_bits(kmi_to_bits(entry->power) + ((uint64_t)exponent << FRACTION_BITS));
        return power + power * fraction;
    }
    power = entry->power + entry->power * fraction;
    if (exponent > 0) return power * 0x1p1023 * kmi_power_of_two(exponent - 1023);
    return power * 0x1p-1000 * kmi_power_of_two(exponent + 1000); /* rounded once more if subnormal */
}

double kmi_exp(double x)
{
    if (__builtin_expect(!(x < 709.0 && x > -745.5), 0)) {
        if (x != x) return KMI_NAN;
        if (x > 709.8) return KMI_INFINITY; /* exp(709.783) is the largest */
        if (x < -745.5) return 0.0;         /* below half of the smallest */
    }
    return exp_sum(x, 0.0);
}

/* 0, infinity, nan or 1 as argument or exponent, and negative numbers. */
static double pow_special(double x, double y)
{
    if (y == 0 || x == 1) return 1.0;
    if (x != x || y != y || x < 0) return KMI_NAN;
    if (x == 0 || x == KMI_INFINITY) return (x == 0) == (y > 0) ? 0.0 : KMI_INFINITY;
    return (x < 1) == (y > 0) ? 0.0 : KMI_INFINITY; /* y is infinite */
}

double kmi_pow(double x, double y)
{
    kmi_pair l, product;
    double estimate;

    if (!(x > 0 && x < KMI_INFINITY) || x == 1 || y == 0 || !(y - y == 0)) return pow_special(x, y);
    l = log_pair(x);
    estimate = y * l.high;
    if (estimate > 710) return KMI_INFINITY;
    if (estimate < -746) return 0.0;
    if (estimate < 0x1p-60 && estimate > -0x1p-60) return 1.0 + estimate; /* and no product below is subnormal */
    product = kmi_multiply_exact(y, l.high);
    return exp_sum(product.high, product.low + y * l.low);
}
