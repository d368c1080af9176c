#include "kmt.h"

#include <math.h>

#include "kerma/spectrum.h"

static const double energy[] = {0.1, 0.2, 0.5}, weight[] = {1, 0, 3};

TEST(a_spectrum_gives_back_what_it_was_made_of)
{
    kma_spectrum s = {0}, h = {0};
    kma_spectrum_kind kind = KMA_SPECTRUM_LINES;
    double copy[3], value = 0;
    size_t n = 0;

    assert_ok(kma_spectrum_create_lines(energy, weight, 3, &s));
    assert_ok(kma_spectrum_get_kind(s, &kind));
    assert_int_equal(kind, KMA_SPECTRUM_LINES);
    assert_ok(kma_spectrum_get_count(s, &n));
    assert_int_equal(n, 3);
    assert_ok(kma_spectrum_get_energies(s, 3, copy));
    assert_memory_equal(copy, energy, sizeof energy);
    assert_ok(kma_spectrum_get_weights(s, 3, copy));
    assert_memory_equal(copy, weight, sizeof weight);
    assert_ok(kma_spectrum_get_mean_energy(s, &value));
    assert_near(value, 0.4, 1e-15);
    assert_ok(kma_spectrum_get_min_energy(s, &value));
    assert_true(value == 0.1);
    assert_ok(kma_spectrum_get_max_energy(s, &value));
    assert_true(value == 0.5);

    assert_ok(kma_spectrum_create_histogram(energy, weight, 2, &h));
    assert_ok(kma_spectrum_get_kind(h, &kind));
    assert_int_equal(kind, KMA_SPECTRUM_HISTOGRAM);
    assert_ok(kma_spectrum_get_count(h, &n));
    assert_int_equal(n, 2);
    assert_ok(kma_spectrum_get_energies(h, 3, copy));
    assert_memory_equal(copy, energy, sizeof energy);
    assert_fails(kma_spectrum_get_energies(h, 2, copy), KMA_ERR_ARGUMENT, "n is 2 (the spectrum has 3 edges)");
    assert_true(copy[0] == 0 && copy[1] == 0 && copy[2] == energy[2]); /* what was given as room is zeroed */
    assert_ok(kma_spectrum_get_weights(h, 2, copy));
    assert_memory_equal(copy, weight, 2 * sizeof *weight);
    assert_fails(kma_spectrum_get_weights(h, 3, copy), KMA_ERR_ARGUMENT, "n is 3 (the spectrum has 2 weights)");
    assert_ok(kma_spectrum_get_max_energy(h, &value));
    assert_true(value == 0.2); /* the bin up to 0.5 has no weight */

    assert_ok(kma_spectrum_release(&s));
    assert_ok(kma_spectrum_release(&h));
    kmt_assert_no_live_objects();
}

TEST(a_mono_spectrum_is_one_line)
{
    kma_spectrum s = {0};
    double value = 0;
    size_t n = 0;

    assert_ok(kma_spectrum_create_mono(1.25, &s));
    assert_ok(kma_spectrum_get_count(s, &n));
    assert_int_equal(n, 1);
    assert_ok(kma_spectrum_get_mean_energy(s, &value));
    assert_true(value == 1.25);
    assert_ok(kma_spectrum_release(&s));
    kmt_assert_no_live_objects();
}

TEST(arguments_that_break_a_rule_are_named)
{
    const double falling[] = {0.1, 0.3, 0.2}, equal[] = {0.1, 0.1}, zero[] = {0, 0.1}, bad[] = {0.1, NAN},
                 infinite[] = {0.1, INFINITY};
    const double negative[] = {1, -2, 1}, nothing[] = {0, 0, 0}, nan_weight[] = {1, 1, NAN}, huge[] = {1, INFINITY};
    kma_spectrum s = {1};

#define REFUSES(call, text)                                                                                            \
    s.bits = 1;                                                                                                        \
    assert_fails(call, KMA_ERR_ARGUMENT, text);                                                                        \
    assert_int_equal(s.bits, 0)
    REFUSES(kma_spectrum_create_mono(0, &s), "energy[0] is 0 MeV (must be finite and above 0)");
    REFUSES(kma_spectrum_create_mono(-1, &s), "energy[0] is -1 MeV");
    REFUSES(kma_spectrum_create_mono(INFINITY, &s), "energy[0] is inf MeV");
    REFUSES(kma_spectrum_create_mono(NAN, &s), "energy[0] is");
    REFUSES(kma_spectrum_create_lines(falling, weight, 3, &s), "energy[2] is 0.2");
    REFUSES(kma_spectrum_create_lines(falling, weight, 3, &s), "must be above energy[1] = 0.2");
    REFUSES(kma_spectrum_create_lines(equal, weight, 2, &s), "must be above energy[0] = 0.1");
    REFUSES(kma_spectrum_create_lines(energy, negative, 3, &s), "weight[1] is -2 (must be finite and at least 0)");
    REFUSES(kma_spectrum_create_lines(energy, nan_weight, 3, &s), "weight[2] is");
    REFUSES(kma_spectrum_create_lines(energy, huge, 2, &s), "weight[1] is inf");
    REFUSES(kma_spectrum_create_lines(energy, nothing, 3, &s), "all 3 weights are 0");
    REFUSES(kma_spectrum_create_lines(energy, weight, 0, &s), "n is 0 (must be 1 to");
    REFUSES(kma_spectrum_create_lines(energy, weight, SIZE_MAX, &s), "lines)");
    REFUSES(kma_spectrum_create_lines(NULL, weight, 3, &s), "energy is NULL");
    REFUSES(kma_spectrum_create_lines(energy, NULL, 3, &s), "weight is NULL");
    REFUSES(kma_spectrum_create_histogram(zero, weight, 1, &s), "edges[0] is 0 MeV");
    REFUSES(kma_spectrum_create_histogram(bad, weight, 1, &s), "edges[1] is");
    REFUSES(kma_spectrum_create_histogram(infinite, weight, 1, &s), "edges[1] is inf");
    REFUSES(kma_spectrum_create_histogram(equal, weight, 1, &s), "must be above edges[0]");
    REFUSES(kma_spectrum_create_histogram(energy, nothing, 2, &s), "all 2 weights are 0");
    REFUSES(kma_spectrum_create_histogram(NULL, weight, 1, &s), "edges is NULL");
    REFUSES(kma_spectrum_create_histogram(energy, weight, SIZE_MAX, &s), "bins)");
#undef REFUSES
    kmt_assert_no_live_objects();
}

TEST(null_stale_and_foreign_handles_are_refused)
{
    kma_spectrum s = {0}, copy, none = {0};
    kma_spectrum_kind kind = KMA_SPECTRUM_LINES;
    double value = 1, values[3] = {1, 1, 1};
    size_t n = 1;

    assert_fails(kma_spectrum_create_mono(1, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_spectrum_create_lines(energy, weight, 3, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_spectrum_create_histogram(energy, weight, 2, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_ok(kma_spectrum_create_mono(1, &s));
    assert_fails(kma_spectrum_get_kind(s, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_spectrum_get_count(s, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_spectrum_get_energies(s, 1, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_spectrum_get_weights(s, 1, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_spectrum_get_mean_energy(s, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_spectrum_release(NULL), KMA_ERR_ARGUMENT, "self is NULL");
    assert_fails(kma_spectrum_get_mean_energy(none, &value), KMA_ERR_ARGUMENT, "names nothing");
    assert_true(value == 0);

    copy = s;
    assert_ok(kma_spectrum_retain(s));
    assert_ok(kma_spectrum_release(&s));
    assert_ok(kma_spectrum_release(&s)); /* names none now: harmless */
    assert_ok(kma_spectrum_get_mean_energy(copy, &value));
    s = copy;
    assert_ok(kma_spectrum_release(&s));
    assert_fails(kma_spectrum_retain(copy), KMA_ERR_STALE, "spectrum was released");
    assert_fails(kma_spectrum_get_kind(copy, &kind), KMA_ERR_STALE, "spectrum was released");
    assert_fails(kma_spectrum_get_count(copy, &n), KMA_ERR_STALE, "spectrum was released");
    assert_fails(kma_spectrum_get_energies(copy, 3, values), KMA_ERR_STALE, "spectrum was released");
    assert_true(n == 0 && values[0] == 0 && values[2] == 0);
    values[0] = 1;
    assert_fails(kma_spectrum_get_weights(copy, 3, values), KMA_ERR_STALE, "spectrum was released");
    assert_true(values[0] == 0);
    value = 1;
    assert_fails(kma_spectrum_get_min_energy(copy, &value), KMA_ERR_STALE, "spectrum was released");
    assert_true(value == 0);
    assert_fails(kma_spectrum_release(&copy), KMA_ERR_STALE, "spectrum was released");
    kmt_assert_no_live_objects();
}

TEST(an_allocation_that_fails_leaves_nothing_behind)
{
    long n;

    for (n = 1; n < 100; n++) {
        kma_spectrum s = {1};
        kma_status status;
        bool failed;

        kmt_fail_allocation(n);
        status = kma_spectrum_create_histogram(energy, weight, 2, &s);
        failed = kmt_allocation_failed();
        kmt_fail_allocation(0);
        if (!failed) {
            assert_int_equal(status, KMA_OK);
            assert_ok(kma_spectrum_release(&s));
            break;
        }
        assert_fails(status, KMA_ERR_MEMORY, "no memory");
        assert_int_equal(s.bits, 0);
        kmt_assert_no_live_objects();
    }
    assert_true(n > 5 && n < 100);
    kmt_assert_no_live_objects();
}
