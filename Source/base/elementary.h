/*
 * Elementary functions of our own: libm's results change with the processor (it selects FMA variants at run time),
 * ours are made of + - * / alone and give the same bits everywhere.
 *
 * The error is below 0.53 ulp for log, sincos, sincos_turn, exp, pow and atan2 (0.76 where exp or pow is subnormal),
 * and 0.67 for cbrt, for every argument. The tests measure it against MPFR. A nan gives a nan.
 */
#ifndef KMI_ELEMENTARY_H
#define KMI_ELEMENTARY_H

double kmi_log(double x); /* -inf at 0 and -0; nan below; inf at inf */
double kmi_exp(double x); /* overflows to inf, underflows to 0 through the subnormal numbers */
/* |x| <= 1e5 rad; both nan beyond. The sign of a zero is not kept. */
void kmi_sincos(double x, double *sin_out, double *cos_out);
/* sin and cos of 2 pi u, for an azimuth of a uniform u in [0,1] (0, or above 2^-960): no argument reduction error,
 * exact at quarters. Twice as fast as kmi_sincos. */
void kmi_sincos_turn(double u, double *sin_out, double *cos_out);
/* x >= 0; nan below 0, also for whole y. 1 if y is 0 or x is 1, even if the other is nan; zeros and infinities as C
 * has them, where -0 counts as 0. */
double kmi_pow(double x, double y);
double kmi_atan2(double y, double x); /* in [-pi, pi]; zeros, their signs and infinities as C has them */
double kmi_cbrt(double x);            /* of negative numbers too; zeros and infinities give themselves */

#endif
