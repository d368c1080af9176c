/*
 * Sine and cosine by the sum formulas: the angle is a 64th of a turn, whose sine and cosine are in a table, plus a
 * rest below pi/64 for a short polynomial. The leading product (rest times cosine or sine) is formed exactly from
 * heads of 26 bits, so that the only rounding that counts is the last addition's.
 */
#include "base/elementary.h"

#include "base/elementary_parts.h"

#define LARGEST_ANGLE 1e5 /* rad: 20 bits of steps, so that steps times 33 bits of pi/32 is exact */

void kmi_sincos_turn(double u, double *sin_out, double *cos_out)
{
    double shifted = u * 64.0 + KMI_ROUND_TO_INTEGER;
    const kmi_circle_entry *e = &kmi_circle_table[kmi_to_bits(shifted) & 63];
    double d = u - (shifted - KMI_ROUND_TO_INTEGER) * (1.0 / 64.0); /* exact */
    double head = kmi_head(d), tail = d - head, d2 = d * d;
    const double *s = kmi_sin_turn_tail, *c = kmi_cos_turn_tail;
    /* sin(2 pi d) without 2 pi head; cos(2 pi d) - 1 */
    double sin_rest = tail * 0x1.921fb54442d18p+2 + d * d2 * (s[0] + d2 * (s[1] + d2 * s[2]));
    double cos_rest = d2 * ((c[0] + d2 * c[1]) + d2 * d2 * (c[2] + d2 * c[3]));
    kmi_pair sine = kmi_add_smaller(e->sin, head * e->turn_cos);
    kmi_pair cosine = kmi_add_smaller(e->cos, -(head * e->turn_sin));

    *sin_out = sine.high + ((sine.low + (e->sin_low + head * e->turn_cos_low)) + (e->cos * sin_rest + e->sin * cos_rest));
    *cos_out =
        cosine.high + ((cosine.low + (e->cos_low - head * e->turn_sin_low)) + (e->cos * cos_rest - e->sin * sin_rest));
}

/* x less the nearest multiple of pi/32, as high + low (Cody and Waite, Software Manual for the Elementary
 * Functions, 1980). What is left near a multiple of pi/2 may be as small as 2^-57, of which 2^-60 is still right. */
static kmi_pair reduce(double x, double steps)
{
    const double *p = kmi_circle_step;
    kmi_pair a = kmi_add_exact(x - steps * p[1], -(steps * p[2]));
    kmi_pair b = kmi_add_exact(a.high, -(steps * p[3]));

    return kmi_add_exact(b.high, (a.low + b.low) - steps * p[4]);
}

void kmi_sincos(double x, double *sin_out, double *cos_out)
{
    double shifted = x * kmi_circle_step[0] + KMI_ROUND_TO_INTEGER;
    const kmi_circle_entry *e = &kmi_circle_table[kmi_to_bits(shifted) & 63];
    const double *s = kmi_sin_tail, *c = kmi_cos_tail;
    kmi_pair r, sine, cosine;
    double head, tail, r2, sin_rest, cos_rest, sin_head, cos_head;

    if (!(x <= LARGEST_ANGLE && x >= -LARGEST_ANGLE)) {
        *sin_out = *cos_out = KMI_NAN;
        return;
    }
    r = reduce(x, shifted - KMI_ROUND_TO_INTEGER);
    head = kmi_head(r.high);
    tail = r.high - head;
    r2 = r.high * r.high;
    sin_rest = r.low + r.high * r2 * (s[0] + r2 * (s[1] + r2 * s[2]));
    cos_rest = r2 * ((c[0] + r2 * c[1]) + r2 * r2 * (c[2] + r2 * c[3]));
    sin_head = kmi_head(e->sin);
    cos_head = kmi_head(e->cos);
    sine = kmi_add_smaller(e->sin, head * cos_head);
    cosine = kmi_add_smaller(e->cos, -(head * sin_head));
    sine.low += e->sin_low + (tail * cos_head + r.high * ((e->cos - cos_head) + e->cos_low));
    cosine.low += e->cos_low - (tail * sin_head + r.high * ((e->sin - sin_head) + e->sin_low));
    *sin_out = sine.high + (sine.low + (e->cos * sin_rest + e->sin * cos_rest));
    *cos_out = cosine.high + (cosine.low + (e->cos * cos_rest - e->sin * sin_rest));
}
