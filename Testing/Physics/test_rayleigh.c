/*
 * Sampled Rayleigh angles against (1 + cos^2)/2 F^2(x) taken straight from
 * xraylib and integrated numerically. Fixed seeds; a chi-square or a mean may be
 * 4 standard deviations off (chance 6e-5 each).
 */
#include "kmt.h"

#include <math.h>

#include <xraylib.h>

#include "distribution.h"
#include "physics/element.h"
#include "physics/physics.h"

enum { SAMPLES = 1000000, BINS = 400, STEPS = 8 /* Simpson's, per bin */ };

static const double HC = 0.01239841984; /* MeV Angstrom, CODATA 2018 */

static double reference_f2(const kmi_material *m, double x)
{
    double sum = 0;
    size_t i;

    for (i = 0; i < m->count; i++) {
        xrl_error *error = NULL;
        double f = FF_Rayl(m->z[i], x, &error);
        assert_null(error);
        sum += m->fraction[i] / kmi_element_weight(m->z[i]) * f * f;
    }
    return sum;
}

/* Per unit of u = sin(theta/2), in which the forward peak is wide; cos = 1 - 2 u^2, dcos = -4 u du. */
static double reference(const kmi_material *m, double energy, double u)
{
    double cos_theta = 1 - 2 * u * u;
    return (1 + cos_theta * cos_theta) * u * reference_f2(m, u * energy / HC);
}

static uint64_t cases; /* each with random numbers of its own */

static void check(const char *name, double energy)
{
    kmi_material *m = NULL;
    kmi_physics *p = NULL;
    kmi_rng rng;
    double counts[BINS] = {0}, expected[BINS], whole = 0, mean = 0, sum = 0, sum2 = 0, sigma, off;
    int i, j;

    assert_ok(kmi_material_new_nist(name, &m));
    assert_ok(kmi_physics_new((const kmi_material *const *)&m, 1, 0.001, 0.8, NULL, &p));
    for (i = 0; i < BINS; i++) {
        double low = (double)i / BINS, step = 1.0 / BINS / STEPS;
        expected[i] = 0;
        for (j = 0; j <= STEPS; j++) {
            double u = low + j * step;
            double weight = (j == 0 || j == STEPS ? 1 : j % 2 == 1 ? 4 : 2) * reference(m, energy, u);
            expected[i] += weight;
            mean += weight * u;
        }
        whole += expected[i];
    }
    mean /= whole;
    for (i = 0; i < BINS; i++) expected[i] *= SAMPLES / whole;

    kmi_rng_start(&rng, 21, cases++, KMI_STREAM_TRANSPORT);
    for (i = 0; i < SAMPLES; i++) {
        double cos_theta, u;
        int bin;
        kmi_physics_rayleigh(p, 0, energy, &rng, &cos_theta);
        assert_true(cos_theta >= -1 && cos_theta <= 1);
        u = sqrt((1 - cos_theta) / 2);
        bin = (int)(u * BINS);
        counts[bin == BINS ? BINS - 1 : bin]++;
        sum += u;
        sum2 += (u - mean) * (u - mean);
    }
    off = (sum / SAMPLES - mean) / sqrt(sum2 / SAMPLES / SAMPLES);
    sigma = kmt_chi_square_sigma(counts, expected, BINS);
    print_message("%-22s %6.1f keV: chi-square %+.2f sigma; mean sin(theta/2) %.5f, %+.2f sigma off\n", name,
                  1000 * energy, sigma, sum / SAMPLES, off);
    assert_true(fabs(sigma) < 4);
    assert_true(fabs(off) < 4);
    kmi_physics_destroy(p);
    kmi_material_destroy(m);
}

TEST(angles_in_water_follow_thomson_times_the_form_factor)
{
    static const double energies[] = {0.001, 0.005, 0.02, 0.056, 0.15, 0.4};
    size_t i;
    for (i = 0; i < sizeof energies / sizeof *energies; i++) check("Water, Liquid", energies[i]);
}

TEST(angles_in_lead_bone_and_hydrogen_follow_thomson_times_the_form_factor)
{
    check("Lead", 0.01);
    check("Lead", 0.1);
    check("Lead", 0.8);
    check("Bone, Cortical (ICRP)", 0.03);
    check("Hydrogen", 0.02);
    check("Gadolinium Oxysulfide", 0.06);
}
