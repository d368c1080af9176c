/*
 * Sampled Compton angles and energies against Klein-Nishina times S(x)/Z taken
 * straight from xraylib and integrated numerically. All tests have fixed seeds;
 * a chi-square or a mean may be 4 standard deviations off (chance 6e-5 each).
 */
#include "kmt.h"

#include <math.h>

#include <xraylib.h>

#include "distribution.h"
#include "physics/element.h"
#include "physics/physics.h"

enum { SAMPLES = 1000000, BINS = 100, STEPS = 20 /* Simpson's, per bin */ };

static const double ELECTRON_MASS = 0.51099895; /* MeV, CODATA 2018 */
static const double HC = 0.01239841984;         /* MeV Angstrom, CODATA 2018 */

/* Electrons per atom-weighted S of a material at x; S goes as x^2 where xraylib has too few digits. */
static double reference_s(const kmi_material *m, double x)
{
    double sum = 0, scale = 1;
    size_t i;

    if (x < 1.0 / 128) {
        scale = x * 128 * x * 128;
        x = 1.0 / 128;
    }
    for (i = 0; i < m->count; i++) {
        xrl_error *error = NULL;
        sum += m->fraction[i] / kmi_element_weight(m->z[i]) * SF_Compt(m->z[i], x, &error);
        assert_null(error);
    }
    return sum * scale;
}

/* Klein, Nishina (1929), per unit of cos(theta), not normalised. */
static double klein_nishina(double energy, double cos_theta)
{
    double ratio = 1 / (1 + energy / ELECTRON_MASS * (1 - cos_theta));
    return ratio * ratio * (ratio + 1 / ratio - (1 - cos_theta * cos_theta));
}

static double reference(const kmi_material *m, double energy, double cos_theta)
{
    return klein_nishina(energy, cos_theta) * reference_s(m, energy / HC * sqrt(fmax(0, (1 - cos_theta) / 2)));
}

static uint64_t cases; /* each with random numbers of its own */

static void check(const char *name, double energy)
{
    kmi_material *m = NULL;
    kmi_physics *p = NULL;
    kmi_rng rng;
    double counts[BINS] = {0}, expected[BINS], whole = 0, mean = 0, sum = 0, sum2 = 0, sigma, off, tries;
    int i, j;

    assert_ok(kmi_material_new_nist(name, &m));
    assert_ok(kmi_physics_new((const kmi_material *const *)&m, 1, 0.001, 0.8, NULL, &p));
    for (i = 0; i < BINS; i++) {
        double low = -1 + 2.0 * i / BINS, step = 2.0 / BINS / STEPS;
        expected[i] = 0;
        for (j = 0; j <= STEPS; j++) {
            double cos_theta = low + j * step;
            double weight = (j == 0 || j == STEPS ? 1 : j % 2 == 1 ? 4 : 2) * reference(m, energy, cos_theta);
            expected[i] += weight;
            mean += weight * energy / (1 + energy / ELECTRON_MASS * (1 - cos_theta));
        }
        whole += expected[i];
    }
    mean /= whole;
    for (i = 0; i < BINS; i++) expected[i] *= SAMPLES / whole;

    kmi_rng_start(&rng, 20, cases++, KMI_STREAM_TRANSPORT);
    for (i = 0; i < SAMPLES; i++) {
        double after, cos_theta;
        int bin;
        kmi_physics_compton(p, 0, energy, &rng, &after, &cos_theta);
        assert_true(cos_theta >= -1 && cos_theta <= 1);
        assert_true(fabs(after * (1 + energy / ELECTRON_MASS * (1 - cos_theta)) / energy - 1) < 1e-13);
        bin = (int)((cos_theta + 1) * 0.5 * BINS);
        counts[bin == BINS ? BINS - 1 : bin]++;
        sum += after;
        sum2 += (after - mean) * (after - mean);
    }
    tries = (double)(rng.counter[2] * 4 + rng.used) / 2 / SAMPLES; /* two numbers each */
    off = (sum / SAMPLES - mean) / sqrt(sum2 / SAMPLES / SAMPLES);
    sigma = kmt_chi_square_sigma(counts, expected, BINS);
    print_message("%-22s %6.1f keV: chi-square %+.2f sigma; mean energy %.6g keV, %+.2f sigma off; %.2f tries\n",
                  name, 1000 * energy, sigma, 1000 * sum / SAMPLES, off, tries);
    assert_true(tries < 3);
    assert_true(fabs(sigma) < 4);
    assert_true(fabs(off) < 4);
    kmi_physics_destroy(p);
    kmi_material_destroy(m);
}

TEST(angles_and_energies_in_water_follow_klein_nishina_times_s)
{
    static const double energies[] = {0.001, 0.005, 0.02, 0.056, 0.15, 0.5, 0.8};
    size_t i;
    for (i = 0; i < sizeof energies / sizeof *energies; i++) check("Water, Liquid", energies[i]);
}

TEST(angles_and_energies_in_lead_bone_and_hydrogen_follow_klein_nishina_times_s)
{
    check("Lead", 0.01);
    check("Lead", 0.1);
    check("Lead", 0.662);
    check("Bone, Cortical (ICRP)", 0.03);
    check("Hydrogen", 0.02);
    check("Gadolinium Oxysulfide", 0.06);
}

TEST(a_wrong_scattering_function_would_be_noticed)
{
    /* The power of the test above: without S the chi-square is far off. */
    kmi_material *m = NULL;
    double counts[BINS], expected[BINS], with = 0, without = 0;
    int i;

    assert_ok(kmi_material_new_nist("Water, Liquid", &m));
    for (i = 0; i < BINS; i++) {
        double cos_theta = -1 + 2.0 * (i + 0.5) / BINS;
        counts[i] = reference(m, 0.056, cos_theta);
        expected[i] = klein_nishina(0.056, cos_theta);
        with += counts[i];
        without += expected[i];
    }
    for (i = 0; i < BINS; i++) {
        counts[i] *= SAMPLES / with;
        expected[i] *= SAMPLES / without;
    }
    assert_true(kmt_chi_square_sigma(counts, expected, BINS) > 50);
    kmi_material_destroy(m);
}
