/*
 * What the elementary functions share: numbers carried in two doubles (high + low, low below half an ulp of
 * high), and the tables of elementary_tables.c.
 *
 * Only + - * / and bit operations, all rounded to nearest: the rounding of each operation is fixed by IEEE 754,
 * so every compiler and processor gives the same bits. An FMA would give others (hence -ffp-contract=off).
 */
#ifndef KMI_ELEMENTARY_PARTS_H
#define KMI_ELEMENTARY_PARTS_H

#include <stdint.h>
#include <string.h>

typedef struct kmi_pair { double high, low; } kmi_pair;

static inline uint64_t kmi_to_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
static inline double kmi_from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
/* The leading 26 bits: the product of two such heads is exact. */
static inline double kmi_head(double x) { return kmi_from_bits(kmi_to_bits(x) & ~UINT64_C(0x7ffffff)); }
/* 2^k for -1022 <= k <= 1023. */
static inline double kmi_power_of_two(int64_t k) { return kmi_from_bits((uint64_t)(k + 1023) << 52); }

/* a + b exactly, for |a| >= |b| or a = 0 (Dekker, Numer. Math. 18 (1971) 224). */
static inline kmi_pair kmi_add_smaller(double a, double b)
{
    kmi_pair s = {a + b, 0};
    s.low = (a - s.high) + b;
    return s;
}
/* a + b exactly (Knuth, The Art of Computer Programming 2, 4.2.2). */
static inline kmi_pair kmi_add_exact(double a, double b)
{
    kmi_pair s = {a + b, 0};
    double of_b = s.high - a;
    s.low = (a - (s.high - of_b)) + (b - of_b);
    return s;
}
/* a * b to about 2^-104 of it: the tails' product is rounded (|a|, |b| within 2^-450 .. 2^450). */
static inline kmi_pair kmi_multiply_exact(double a, double b)
{
    double a_head = kmi_head(a), b_head = kmi_head(b), a_tail = a - a_head, b_tail = b - b_head;
    kmi_pair p = {a * b, 0};
    p.low = ((a_head * b_head - p.high) + (a_head * b_tail + a_tail * b_head)) + a_tail * b_tail;
    return p;
}

/* Adding and subtracting this rounds a number below 2^51 to an integer, whose low bits then are the sum's low bits. */
#define KMI_ROUND_TO_INTEGER 0x1.8p52
#define KMI_INFINITY kmi_from_bits(UINT64_C(0x7ff0000000000000))
#define KMI_NAN kmi_from_bits(UINT64_C(0x7ff8000000000000))

/* Significands are taken in [0.6875, 1.375), cut into 128 intervals. One has 1 as its centre, with inverse 1 and
 * logarithm 0: next to 1 nothing cancels. */
#define KMI_LOG_START (UINT64_C(0x3fe6000000000000) - (UINT64_C(1) << 44))

typedef struct kmi_log_entry { double inverse, high, low; } kmi_log_entry;
typedef struct kmi_exp_entry { double power, lost; } kmi_exp_entry;
/* One cache line: sine, cosine, and 2 pi times them with heads of 26 bits. */
typedef struct kmi_circle_entry {
    double sin, sin_low, cos, cos_low;
    double turn_sin, turn_sin_low, turn_cos, turn_cos_low;
} kmi_circle_entry;
typedef struct kmi_atan_entry { double high, low; } kmi_atan_entry;

#pragma GCC visibility push(hidden) /* spares the detour through the global offset table */
extern const kmi_log_entry kmi_log_table[128];
extern const double kmi_log_tail[5], kmi_log_long_tail[7], kmi_log_2[2];
extern const kmi_exp_entry kmi_exp_table[128];
extern const double kmi_exp_tail[3], kmi_exp_step[3];
extern const kmi_circle_entry kmi_circle_table[64];
extern const double kmi_sin_tail[3], kmi_cos_tail[4], kmi_sin_turn_tail[3], kmi_cos_turn_tail[4], kmi_circle_step[5];
extern const kmi_atan_entry kmi_atan_table[65];
extern const double kmi_atan_tail[3], kmi_half_pi[2];
#pragma GCC visibility pop

#endif
