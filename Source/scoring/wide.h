/* Unsigned 256-bit integers: just what the variance of a mean needs. */
#ifndef KMI_WIDE_H
#define KMI_WIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 kmi_wide_half;

typedef struct kmi_wide { uint64_t word[4]; } kmi_wide; /* least significant first */

/* a * b, exact. */
static inline kmi_wide kmi_wide_multiply(kmi_wide_half a, kmi_wide_half b)
{
    uint64_t a0 = (uint64_t)a, a1 = (uint64_t)(a >> 64), b0 = (uint64_t)b, b1 = (uint64_t)(b >> 64);
    kmi_wide_half low = (kmi_wide_half)a0 * b0;
    kmi_wide_half middle = (kmi_wide_half)a0 * b1 + (uint64_t)(low >> 64); /* < 2^128: (2^64-1)^2 + 2^64-1 */
    kmi_wide_half other = (kmi_wide_half)a1 * b0 + (uint64_t)middle;
    kmi_wide_half high = (kmi_wide_half)a1 * b1 + (uint64_t)(middle >> 64) + (uint64_t)(other >> 64);
    kmi_wide r = {{(uint64_t)low, (uint64_t)other, (uint64_t)high, (uint64_t)(high >> 64)}};
    return r;
}

/* *out = a - b modulo 2^256; true if a < b. */
static inline bool kmi_wide_subtract(kmi_wide a, kmi_wide b, kmi_wide *out)
{
    unsigned borrow = 0;
    int i;
    for (i = 0; i < 4; i++) {
        uint64_t d = a.word[i] - b.word[i];
        unsigned next = a.word[i] < b.word[i] || (borrow && d == 0);
        out->word[i] = d - borrow;
        borrow = next;
    }
    return borrow != 0;
}

/* The nearest double, ties to even. */
static inline double kmi_wide_to_double(kmi_wide a)
{
    uint64_t lead, below = 0, bits;
    double scale;
    int top = 3, i, zeros;

    while (top > 0 && a.word[top] == 0) top--;
    if (top == 0) return (double)a.word[0];
    zeros = __builtin_clzll(a.word[top]);
    lead = a.word[top] << zeros;
    if (zeros > 0) {
        lead |= a.word[top - 1] >> (64 - zeros);
        below = a.word[top - 1] << zeros;
    } else {
        below = a.word[top - 1];
    }
    for (i = 0; i < top - 1; i++) below |= a.word[i];
    /* 64 bits are rounded to 53 by the conversion: what lies below them need only make a tie no tie. */
    lead |= below != 0;
    bits = (uint64_t)(1023 + 64 * top - zeros) << 52;
    memcpy(&scale, &bits, sizeof scale);
    return (double)lead * scale;
}

#endif
