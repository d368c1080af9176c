/* Comparison of a histogram with its expectation. */
#ifndef KMT_DISTRIBUTION_H
#define KMT_DISTRIBUTION_H

#include <math.h>
#include <stddef.h>

/*
 * Chi-square of counts against expected counts (same sum), in standard normal units: Wilson
 * and Hilferty, PNAS 17 (1931) 684. Neighbouring bins are joined until 50 counts are expected.
 */
static inline double kmt_chi_square_sigma(const double *counts, const double *expected, size_t bins)
{
    double chi2 = 0, c = 0, e = 0, left = 0, dof = -1, a;
    size_t i;

    for (i = 0; i < bins; i++) left += expected[i];
    for (i = 0; i < bins; i++) {
        c += counts[i];
        e += expected[i];
        left -= expected[i];
        if (e < 50 || (left > 0 && left < 50)) continue;
        chi2 += (c - e) * (c - e) / e;
        dof++;
        c = e = 0;
    }
    a = 2 / (9 * dof);
    return (cbrt(chi2 / dof) - (1 - a)) / sqrt(a);
}

#endif
