/*
 * Rayleigh scattering: Thomson's (1 + cos^2(theta))/2 times the squared form
 * factor of independent atoms (tables of Hubbell et al. 1975), no anomalous
 * part, as PENELOPE has it (Salvat, PENELOPE-2018, NEA/MBDAV/R(2019)1, 2.2).
 *
 * q = x^2 is drawn from F^2(q) on [0, (E/hc)^2] by inverting its integral, in
 * which F^2 is linear between nodes; the Thomson factor, at least 1/2, is
 * done by rejection.
 */
#include "physics/physics.h"

#include <math.h>

#include "physics/scatter_table.h"

/* Each try succeeds with a chance above 1/2; the last one would be taken as it is. */
enum { TRIES_MAX = 1024 };

/* Node i's q, node 0 being q = 0. */
static double node_q(size_t i)
{
    uint64_t bits;
    double q;

    if (i == 0) return 0;
    bits = ((uint64_t)(1023 + KMI_Q_OCTAVE_FIRST) << 52) + ((uint64_t)(i - 1) << (52 - KMI_F_BITS));
    memcpy(&q, &bits, sizeof q);
    return q;
}

/* Integral of F^2 from 0 to q. */
static double area_to(const struct kmi_scatter_table *t, double q)
{
    double fraction = q * 0x1p14;
    double above = q, f;
    size_t i = 0;

    if (q >= 0x1p-14) {
        i = kmi_q_cell(KMI_F_BITS, q, &fraction) + 1;
        above = q - node_q(i);
    }
    f = t->f2[i] + ((double)t->f2[i + 1] - t->f2[i]) * fraction;
    return t->area[i] + 0.5 * (t->f2[i] + f) * above;
}

/* The q below which the integral is `area`. */
static double q_at(const struct kmi_scatter_table *t, double area)
{
    uint32_t guide = (uint32_t)(area * t->guide_scale);
    size_t low, high;
    double q, f, width, slope, rest;

    if (guide >= KMI_F_GUIDES) guide = KMI_F_GUIDES - 1;
    low = t->guide[guide];
    high = (size_t)t->guide[guide + 1] + 1;
    if (low > 0 && t->area[low] > area) low--; /* the guide's index is rounded */
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (t->area[middle] <= area)
            low = middle;
        else
            high = middle;
    }
    q = node_q(low);
    width = node_q(low + 1) - q;
    f = t->f2[low];
    slope = (t->f2[low + 1] - f) / width;
    rest = area - t->area[low];
    /* f d + slope d^2 / 2 = rest, in the form that does not cancel. */
    return q + fmin(2.0 * rest / (f + sqrt(fmax(f * f + 2.0 * slope * rest, 0.0))), width);
}

void kmi_physics_rayleigh(const kmi_physics *self, uint32_t material, double energy, kmi_rng *rng,
                          double *cos_theta_out)
{
    const struct kmi_scatter_table *table = self->scatter[material];
    double x_max = energy / KMI_HC;
    double q_max = x_max * x_max;
    double area_max = area_to(table, q_max);
    double cos_theta = 1;
    int tries;

    for (tries = 0; tries < TRIES_MAX; tries++) {
        double q = q_at(table, kmi_rng_uniform(rng) * area_max);
        cos_theta = 1.0 - 2.0 * (q / q_max);
        if (cos_theta < -1.0) cos_theta = -1.0; /* by rounding */
        if (2.0 * kmi_rng_uniform(rng) <= 1.0 + cos_theta * cos_theta) break;
    }
    *cos_theta_out = cos_theta;
}
