/*
 * Elementary functions of our own: libm's results change with the processor
 * (it selects FMA variants at run time), ours are made of + - * / and sqrt
 * alone and give the same bits everywhere. Error below 1 ulp.
 */
#ifndef KMI_ELEMENTARY_H
#define KMI_ELEMENTARY_H

double kmi_log(double x);                       /* x > 0; -inf at 0; nan below */
double kmi_exp(double x);                       /* overflows to inf, underflows to 0 */
void kmi_sincos(double x, double *sin_out, double *cos_out); /* |x| <= 1e5 rad; nan beyond */
/* sin and cos of 2 pi u, for an azimuth of a uniform u in [0,1]: no argument reduction error. */
void kmi_sincos_turn(double u, double *sin_out, double *cos_out);
double kmi_pow(double x, double y);             /* x > 0; a few ulp: exp(y log x) carried in two doubles */
double kmi_atan2(double y, double x);
double kmi_cbrt(double x);

#endif
