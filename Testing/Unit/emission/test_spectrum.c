#include "chi_square.h"

#include "emission/spectrum.h"

enum { PHOTONS = 1000000 };

static kmi_spectrum *lines(const double *energy, const double *weight, size_t n)
{
    kmi_spectrum *s = NULL;
    assert_ok(kmi_spectrum_new_lines(energy, weight, n, &s));
    return s;
}

static kmi_spectrum *histogram(const double *edges, const double *weight, size_t n)
{
    kmi_spectrum *s = NULL;
    assert_ok(kmi_spectrum_new_histogram(edges, weight, n, &s));
    return s;
}

/* The index of an energy that is one of n in rising order. */
static int index_of(const double *energy, int n, double x)
{
    int low = 0, high = n;

    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (energy[middle] <= x)
            low = middle;
        else
            high = middle;
    }
    return low;
}

TEST(lines_are_emitted_as_often_as_their_weights_say)
{
    /* Tc-99m-like: strong and weak lines side by side, and two that are never emitted. */
    const double energy[] = {0.0183, 0.0184, 0.0206, 0.1, 0.1405, 0.1426, 0.3};
    const double weight[] = {2.1, 4.0, 1.2, 0, 89.06, 0.02, 0};
    double probability[7];
    long counts[7] = {0};
    kmi_spectrum *s = lines(energy, weight, 7);
    kmi_rng rng;
    int i;

    for (i = 0; i < 7; i++) probability[i] = weight[i] / 96.38;
    kmi_rng_start(&rng, 1, 0, KMI_STREAM_SOURCE);
    for (i = 0; i < PHOTONS; i++) {
        double e = kmi_spectrum_sample(s, &rng);
        int k = index_of(energy, 7, e);
        assert_true(e == energy[k]); /* exactly */
        counts[k]++;
    }
    assert_follows(counts, probability, 7);
    kmi_spectrum_destroy(s);
}

TEST(a_thousand_lines_of_any_weights_are_emitted_as_often_as_they_say)
{
    enum { N = 1000 };
    static double energy[N], weight[N], probability[N];
    static long counts[N];
    double total = 0;
    kmi_spectrum *s;
    kmi_rng rng;
    int i;

    memset(counts, 0, sizeof counts);
    kmi_rng_start(&rng, 2, 0, KMI_STREAM_SOURCE);
    for (i = 0; i < N; i++) {
        double u = kmi_rng_uniform(&rng);
        energy[i] = 0.001 * (i + 1);
        weight[i] = i % 7 == 3 ? 0 : i == 500 ? 200 : 0.05 + u * u * u; /* one has a quarter of all */
        total += weight[i];
    }
    for (i = 0; i < N; i++) probability[i] = weight[i] / total;
    s = lines(energy, weight, N);
    for (i = 0; i < 2 * PHOTONS; i++) counts[index_of(energy, N, kmi_spectrum_sample(s, &rng))]++;
    assert_follows(counts, probability, N);
    kmi_spectrum_destroy(s);
}

/* With uniform numbers on an even grid instead of random ones the frequencies are the probabilities, up to the grid. */
TEST(the_probability_of_a_line_is_its_weight)
{
    enum { N = 5, GRID = 1000 };
    const double energy[N] = {0.1, 0.2, 0.3, 0.4, 0.5};
    const double weight[N] = {0.3, 2.5, 0.0, 1.1, 0.1};
    long counts[N] = {0};
    kmi_spectrum *s = lines(energy, weight, N);
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, 1, 0, KMI_STREAM_SOURCE);
    for (i = 0; i < N * GRID; i++) {
        rng.used = 0;
        rng.block[0] = (uint64_t)((i + 0.5) / (N * GRID) * 0x1p64);
        counts[index_of(energy, N, kmi_spectrum_sample(s, &rng))]++;
    }
    for (i = 0; i < N; i++) assert_near((double)counts[i] / (N * GRID), weight[i] / 4.0, 4.0 / (N * GRID));
    kmi_spectrum_destroy(s);
}

TEST(bins_are_emitted_as_often_as_their_weights_say_and_evenly_inside)
{
    enum { BINS = 5, PARTS = 20 };
    const double edges[BINS + 1] = {0.01, 0.02, 0.05, 0.06, 0.1, 0.12};
    const double weight[BINS] = {1, 4, 0, 3, 0.5};
    double probability[BINS * PARTS];
    static long counts[BINS * PARTS];
    kmi_spectrum *s = histogram(edges, weight, BINS);
    kmi_rng rng;
    int i;

    memset(counts, 0, sizeof counts);
    for (i = 0; i < BINS * PARTS; i++) probability[i] = weight[i / PARTS] / 8.5 / PARTS;
    kmi_rng_start(&rng, 3, 0, KMI_STREAM_SOURCE);
    for (i = 0; i < PHOTONS; i++) {
        double e = kmi_spectrum_sample(s, &rng);
        int bin = index_of(edges, BINS, e);
        counts[bin * PARTS + class_of(e, edges[bin], edges[bin + 1], PARTS)]++;
    }
    assert_follows(counts, probability, BINS * PARTS);
    kmi_spectrum_destroy(s);
}

TEST(one_line_needs_no_random_number)
{
    const double energy = 0.6617, weight = 3;
    kmi_spectrum *s = lines(&energy, &weight, 1);
    kmi_rng rng, same;

    kmi_rng_start(&rng, 1, 0, KMI_STREAM_SOURCE);
    same = rng;
    assert_true(kmi_spectrum_sample(s, &rng) == energy);
    assert_memory_equal(&rng, &same, sizeof rng);
    kmi_spectrum_destroy(s);
}

TEST(limits_and_mean_count_what_can_be_emitted)
{
    const double energy[] = {0.1, 0.2, 0.3, 0.4}, weight[] = {0, 1, 3, 0};
    const double edges[] = {0.01, 0.1, 0.2, 0.4, 1}, bins[] = {0, 1, 3, 0};
    kmi_spectrum *s = lines(energy, weight, 4), *h = histogram(edges, bins, 4);

    assert_true(kmi_spectrum_min(s) == 0.2 && kmi_spectrum_max(s) == 0.3);
    assert_near(kmi_spectrum_mean(s), (0.2 + 3 * 0.3) / 4, 1e-15);
    assert_true(kmi_spectrum_min(h) == 0.1 && kmi_spectrum_max(h) == 0.4);
    assert_near(kmi_spectrum_mean(h), (0.15 + 3 * 0.3) / 4, 1e-15);
    kmi_spectrum_destroy(s);
    kmi_spectrum_destroy(h);
}

PROPERTY(any_spectrum_emits_only_energies_of_weight_above_0, 300)
{
    enum { MAX = 60 };
    double energy[MAX + 1], weight[MAX], at = 0.001;
    size_t n = 1 + kmi_rng_bits(rng) % MAX, i, some = kmi_rng_bits(rng) % n;
    int is_lines = seed % 2 == 0, k;
    kmi_spectrum *s;

    for (i = 0; i <= n; i++) energy[i] = at += kmi_rng_uniform(rng);
    for (i = 0; i < n; i++) {
        double u = kmi_rng_uniform(rng); /* many orders of magnitude, up to those whose sum would overflow */
        weight[i] = i != some && u < 0.3 ? 0 : ldexp(kmi_rng_uniform(rng), (int)(1900 * u) - 905);
    }
    s = is_lines ? lines(energy, weight, n) : histogram(energy, weight, n);
    for (k = 0; k < 200; k++) {
        double e = kmi_spectrum_sample(s, rng);
        int at_index = index_of(energy, (int)n, e);
        assert_true(e >= kmi_spectrum_min(s) && e <= kmi_spectrum_max(s));
        assert_true(!is_lines || e == energy[at_index]);
        assert_true(weight[at_index] > 0 || (!is_lines && e == energy[at_index] && weight[at_index - 1] > 0));
    }
    assert_true(kmi_spectrum_mean(s) >= kmi_spectrum_min(s) * (1 - 1e-15));
    assert_true(kmi_spectrum_mean(s) <= kmi_spectrum_max(s) * (1 + 1e-15));
    kmi_spectrum_destroy(s);
}

TEST(equal_spectra_have_equal_digests_and_others_not)
{
    const double energy[] = {0.1, 0.2, 0.3}, other[] = {0.1, 0.2, 0.31}, weight[] = {1, 2, 0}, more[] = {1, 3, 0};
    kmi_spectrum *s[6];
    uint8_t digest[6][32];
    int i, j;

    s[0] = lines(energy, weight, 3);
    s[1] = lines(other, weight, 3);
    s[2] = lines(energy, more, 3);
    s[3] = lines(energy, weight, 2);
    s[4] = histogram(energy, weight, 2);
    s[5] = lines(energy, weight, 3);
    for (i = 0; i < 6; i++) kmi_spectrum_digest(s[i], digest[i]);
    assert_memory_equal(digest[0], digest[5], 32);
    for (i = 0; i < 5; i++)
        for (j = 0; j < i; j++) assert_memory_not_equal(digest[i], digest[j], 32);
    for (i = 0; i < 6; i++) kmi_spectrum_destroy(s[i]);
}
