/* The spectra of Examples/spectra are what their first lines say. */
#include "kmt.h"

#include <math.h>
#include <xraylib.h>

#include "kerma/spectrum.h"

enum { BINS_MAX = 200 };

typedef struct table {
    double edges[BINS_MAX + 1], weights[BINS_MAX];
    size_t bins;
} table;

static void read_table(const char *name, table *t, double *mean_out, double *max_out)
{
    char path[4096];
    kma_spectrum s = {0};

    snprintf(path, sizeof path, "%s/Examples/spectra/%s", KMT_SOURCE_DIR, name);
    assert_ok(kma_spectrum_read_csv(path, &s));
    assert_ok(kma_spectrum_get_count(s, &t->bins));
    assert_true(t->bins <= BINS_MAX);
    assert_ok(kma_spectrum_get_energies(s, t->bins + 1, t->edges));
    assert_ok(kma_spectrum_get_weights(s, t->bins, t->weights));
    assert_ok(kma_spectrum_get_mean_energy(s, mean_out));
    assert_ok(kma_spectrum_get_max_energy(s, max_out));
    assert_ok(kma_spectrum_release(&s));
}

/* Mass energy absorption of dry air, cm2/g, between the values of NIST (J. H. Hubbell and S. M. Seltzer, NISTIR 5632,
 * 1995). xraylib's CS_Energy is another quantity. */
static double air_absorption(double energy_kev)
{
    static const double known[][2] = {{10, 4.742},   {15, 1.334},   {20, 0.5389},  {30, 0.1537},  {40, 0.06833},
                                      {50, 0.04098}, {60, 0.03041}, {80, 0.02407}, {100, 0.02325}, {150, 0.02496}};
    int i = 0;

    while (energy_kev > known[i + 1][0]) i++;
    return known[i][1] * pow(energy_kev / known[i][0],
                             log(known[i + 1][1] / known[i][1]) / log(known[i + 1][0] / known[i][0]));
}

/* Air kerma behind so much aluminium, relative. */
static double air_kerma(const table *t, double aluminium_cm)
{
    double sum = 0;
    size_t i;

    for (i = 0; i < t->bins; i++) {
        double energy_kev = 500 * (t->edges[i] + t->edges[i + 1]);
        sum += t->weights[i] * energy_kev * air_absorption(energy_kev) *
               exp(-CS_Total(13, energy_kev, NULL) * ElementDensity(13, NULL) * aluminium_cm);
    }
    return sum;
}

static void check(const char *name, double kilovolt, double mean, double first_mm, double second_mm)
{
    table t;
    double got_mean = 0, got_max = 0, sum = 0;
    size_t i;

    read_table(name, &t, &got_mean, &got_max);
    assert_near(got_max, kilovolt / 1000, 1e-12);
    assert_near(got_mean, mean, 0.6e-5);
    for (i = 0; i < t.bins; i++) {
        sum += t.weights[i];
        assert_near(t.edges[i + 1] - t.edges[i], 0.001, 1e-12);
    }
    assert_near(sum, 1, 1e-5);
    /* The half-value layers were computed with PENELOPE's cross sections; xraylib's (NIST XCOM) differ by about 1 %. */
    assert_near(air_kerma(&t, 0.1 * first_mm) / air_kerma(&t, 0), 0.5, 0.005);
    assert_near(air_kerma(&t, 0.1 * (first_mm + second_mm)) / air_kerma(&t, 0), 0.25, 0.005);
}

TEST(the_tungsten_spectra_have_the_mean_energy_and_half_value_layers_they_state)
{
    check("tungsten_100kVp.csv", 100, 0.04915, 3.459, 5.399);
    check("tungsten_120kVp.csv", 120, 0.05445, 4.220, 6.673);
    kmt_assert_no_live_objects();
}
