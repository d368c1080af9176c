#include "kmt.h"

#include <math.h>

#include <xraylib.h>

#include "kerma/material.h"

static const int water_z[] = {8, 1};
static const double water_fraction[] = {0.888106, 0.111894}; /* NIST: Water, Liquid */

TEST(every_compound_of_nist_can_be_created_with_xraylibs_composition)
{
    int known = 0, i, j;
    char **names = GetCompoundDataNISTList(&known, NULL);
    size_t count = 0;

    assert_non_null(names);
    assert_ok(kma_material_count_nist(&count));
    assert_int_equal(count, 180);
    assert_int_equal(known, 180);
    for (i = 0; i < known; i++) {
        struct compoundDataNIST *expected = GetCompoundDataNISTByName(names[i], NULL);
        kma_material m = {0};
        char name[100];
        double density = 0, sum = 0;
        size_t elements = 0, length = 0;

        assert_ok(kma_material_get_nist_name((size_t)i, name, sizeof name, &length));
        assert_string_equal(name, names[i]);
        assert_int_equal(length, strlen(names[i]));
        assert_ok(kma_material_create_nist(name, &m));
        assert_ok(kma_material_get_density(m, &density));
        assert_ok(kma_material_count_elements(m, &elements));
        assert_true(density == expected->density);
        assert_int_equal(elements, expected->nElements);
        for (j = 0; j < expected->nElements; j++) {
            int z = 0;
            double fraction = 0;
            assert_ok(kma_material_get_element(m, (size_t)j, &z, &fraction));
            assert_int_equal(z, expected->Elements[j]);
            assert_near(fraction, expected->massFractions[j], 3e-6);
            sum += fraction;
        }
        assert_near(sum, 1, 1e-14);
        assert_ok(kma_material_release(&m));
        FreeCompoundDataNIST(expected);
        xrlFree(names[i]);
    }
    xrlFree(names);
    kmt_assert_no_live_objects();
}

TEST(nist_names_ignore_case_and_a_wrong_name_gets_a_suggestion)
{
    kma_material m = {0};

    assert_ok(kma_material_create_nist("wATER, lIQUID", &m));
    assert_ok(kma_material_release(&m));
    assert_fails(kma_material_create_nist("water", &m), KMA_ERR_ARGUMENT, "nearest name is \"Water Vapor\"");
    assert_int_equal(m.bits, 0);
    assert_fails(kma_material_create_nist("Watr, Liquid", &m), KMA_ERR_ARGUMENT, "\"Water, Liquid\"");
    assert_fails(kma_material_create_nist("cortical", &m), KMA_ERR_ARGUMENT, "\"Bone, Cortical (ICRP)\"");
    assert_fails(kma_material_create_nist("Titanum", &m), KMA_ERR_ARGUMENT, "\"Titanium\"");
    assert_fails(kma_material_create_nist("", &m), KMA_ERR_ARGUMENT, "NULL or empty");
    assert_fails(kma_material_create_nist(NULL, &m), KMA_ERR_ARGUMENT, "NULL or empty");
    assert_fails(kma_material_create_nist("Water, Liquid", NULL), KMA_ERR_ARGUMENT, "out is NULL");
    kmt_assert_no_live_objects();
}

TEST(elements_have_names_symbols_and_usual_densities)
{
    /* Densities: CRC Handbook of Chemistry and Physics, rounded. */
    static const struct { const char *name; int z; double density; } cases[] = {
        {"Aluminum", 13, 2.70}, {"aluminium", 13, 2.70}, {"Al", 13, 2.70},   {"Titanium", 22, 4.506},
        {"Lead", 82, 11.34},    {"W", 74, 19.3},         {"Copper", 29, 8.96}, {"Iron", 26, 7.87}};
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        kma_material m = {0};
        double density = 0, fraction = 0;
        int z = 0;
        assert_ok(kma_material_create_nist(cases[i].name, &m));
        assert_ok(kma_material_get_density(m, &density));
        assert_ok(kma_material_get_element(m, 0, &z, &fraction));
        assert_int_equal(z, cases[i].z);
        assert_near(fraction, 1, 0);
        assert_near(density, cases[i].density, 0.01 * cases[i].density);
        assert_ok(kma_material_release(&m));
    }
}

TEST(mass_fractions_are_sorted_and_normalised)
{
    kma_material m = {0};
    double fraction = 0;
    int z = 0;
    const int zs[] = {82, 0 + 8, 1, 6};
    const double fs[] = {0.25, 0.2502, 0, 0.5};
    size_t n = 0;

    assert_ok(kma_material_create_mass_fractions("mix", zs, fs, 4, 2, &m));
    assert_ok(kma_material_count_elements(m, &n));
    assert_int_equal(n, 3); /* hydrogen has none */
    assert_ok(kma_material_get_element(m, 0, &z, &fraction));
    assert_int_equal(z, 6);
    assert_near(fraction, 0.5 / 1.0002, 1e-15);
    assert_ok(kma_material_get_element(m, 2, &z, &fraction));
    assert_int_equal(z, 82);
    assert_fails(kma_material_get_element(m, 3, &z, &fraction), KMA_ERR_ARGUMENT, "index is 3, \"mix\" has 3");
    assert_ok(kma_material_release(&m));
}

TEST(bad_mass_fractions_are_refused_with_the_value)
{
    kma_material m = {1};
    int z[] = {1, 8};
    double f[] = {0.112, 0.888};

    assert_fails(kma_material_create_mass_fractions("", z, f, 2, 1, &m), KMA_ERR_ARGUMENT, "no name");
    assert_int_equal(m.bits, 0);
    assert_fails(kma_material_create_mass_fractions(NULL, z, f, 2, 1, &m), KMA_ERR_ARGUMENT, "no name");
    assert_fails(kma_material_create_mass_fractions("w", NULL, f, 2, 1, &m), KMA_ERR_ARGUMENT, "no elements");
    assert_fails(kma_material_create_mass_fractions("w", z, NULL, 2, 1, &m), KMA_ERR_ARGUMENT, "no elements");
    assert_fails(kma_material_create_mass_fractions("w", z, f, 0, 1, &m), KMA_ERR_ARGUMENT, "no elements");
    assert_fails(kma_material_create_mass_fractions("w", z, f, 2, 0, &m), KMA_ERR_ARGUMENT, "0 g/cm3");
    assert_fails(kma_material_create_mass_fractions("w", z, f, 2, -1, &m), KMA_ERR_ARGUMENT, "-1 g/cm3");
    assert_fails(kma_material_create_mass_fractions("w", z, f, 2, NAN, &m), KMA_ERR_ARGUMENT, "nan g/cm3");
    assert_fails(kma_material_create_mass_fractions("w", z, f, 2, 1000, &m), KMA_ERR_ARGUMENT, "1000 g/cm3");
    assert_fails(kma_material_create_mass_fractions("w", z, f, 1, 1, &m), KMA_ERR_ARGUMENT, "sum to 0.112");
    z[1] = 99;
    assert_fails(kma_material_create_mass_fractions("w", z, f, 2, 1, &m), KMA_ERR_ARGUMENT, "z[1] of \"w\" is 99");
    z[1] = 1;
    assert_fails(kma_material_create_mass_fractions("w", z, f, 2, 1, &m), KMA_ERR_ARGUMENT, "z[0] and z[1]");
    z[1] = 8;
    f[0] = NAN;
    assert_fails(kma_material_create_mass_fractions("w", z, f, 2, 1, &m), KMA_ERR_ARGUMENT, "fraction[0] of \"w\" is nan");
    f[0] = -0.1;
    assert_fails(kma_material_create_mass_fractions("w", z, f, 2, 1, &m), KMA_ERR_ARGUMENT, "is -0.1");
    kmt_assert_no_live_objects();
}

TEST(a_name_is_copied_and_a_small_buffer_is_refused)
{
    kma_material m = {0};
    char buffer[6] = "xxxxx";
    size_t length = 9;

    assert_ok(kma_material_create_mass_fractions("water", water_z, water_fraction, 2, 1, &m));
    assert_ok(kma_material_get_name(m, NULL, 0, &length));
    assert_int_equal(length, 5);
    assert_ok(kma_material_get_name(m, buffer, sizeof buffer, NULL));
    assert_string_equal(buffer, "water");
    assert_fails(kma_material_get_name(m, buffer, 5, &length), KMA_ERR_ARGUMENT, "5 bytes, the name needs 6");
    assert_string_equal(buffer, "");
    assert_int_equal(length, 0);
    assert_fails(kma_material_get_name(m, NULL, 5, NULL), KMA_ERR_ARGUMENT, "buffer is NULL");
    assert_fails(kma_material_get_name(m, NULL, 0, NULL), KMA_ERR_ARGUMENT, "neither");
    assert_ok(kma_material_release(&m));
    assert_fails(kma_material_get_name(m, buffer, sizeof buffer, NULL), KMA_ERR_ARGUMENT, "names nothing");
}

TEST(a_material_counts_its_owners)
{
    kma_material m = {0}, copy;
    double density = 0;

    assert_ok(kma_material_create_nist("Water, Liquid", &m));
    copy = m;
    assert_ok(kma_material_retain(m));
    assert_ok(kma_material_release(&m));
    assert_ok(kma_material_get_density(copy, &density));
    assert_near(density, 1, 0);
    m = copy;
    assert_ok(kma_material_release(&m));
    assert_ok(kma_material_release(&m));
    assert_fails(kma_material_release(&copy), KMA_ERR_STALE, "material");
    assert_fails(kma_material_release(NULL), KMA_ERR_ARGUMENT, "NULL");
    kmt_assert_no_live_objects();
}

TEST(attenuation_mixes_the_elements_by_mass)
{
    kma_material water = {0}, hydrogen = {0}, oxygen = {0};
    double energy;

    assert_ok(kma_material_create_mass_fractions("water", water_z, water_fraction, 2, 1, &water));
    assert_ok(kma_material_create_nist("H", &hydrogen));
    assert_ok(kma_material_create_nist("Oxygen", &oxygen));
    for (energy = 0.001; energy < 0.8; energy *= 1.37) {
        kma_attenuation w, h, o;
        assert_ok(kma_material_get_attenuation(water, energy, &w));
        assert_ok(kma_material_get_attenuation(hydrogen, energy, &h));
        assert_ok(kma_material_get_attenuation(oxygen, energy, &o));
        assert_near(w.total, 0.111894 * h.total + 0.888106 * o.total, 1e-12 * w.total);
        assert_near(w.rayleigh, 0.111894 * h.rayleigh + 0.888106 * o.rayleigh, 1e-12 * w.rayleigh);
        assert_near(w.total, w.photoelectric + w.compton + w.rayleigh, 1e-15 * w.total);
        assert_near(o.compton, CS_Compt(8, energy * 1000, NULL), 0);
    }
    assert_ok(kma_material_release(&water));
    assert_ok(kma_material_release(&hydrogen));
    assert_ok(kma_material_release(&oxygen));
}

TEST(attenuation_outside_of_the_data_is_a_physics_error_naming_the_limits)
{
    static const double bad[] = {0, -1, 0.000999, 0.80001, 20, NAN, INFINITY};
    kma_material water = {0};
    kma_attenuation a;
    size_t i;

    assert_ok(kma_material_create_nist("Water, Liquid", &water));
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        memset(&a, 1, sizeof a);
        assert_fails(kma_material_get_attenuation(water, bad[i], &a), KMA_ERR_PHYSICS, "0.001..0.8 MeV");
        assert_true(a.total == 0 && a.photoelectric == 0 && a.compton == 0 && a.rayleigh == 0);
    }
    assert_ok(kma_material_get_attenuation(water, 0.001, &a));
    assert_ok(kma_material_get_attenuation(water, 0.8, &a));
    assert_ok(kma_material_release(&water));
}

TEST(every_failing_allocation_is_reported_and_nothing_is_left)
{
    int which;

    for (which = 0; which < 3; which++) {
        long n;
        for (n = 1; n < 100; n++) {
            kma_material m = {0};
            kma_status status;
            kmt_fail_allocation(n);
            if (which == 0)
                status = kma_material_create_nist("Blood (ICRP)", &m);
            else if (which == 1)
                status = kma_material_create_formula(NULL, "Ca10(PO4)6(OH)2", 3.2, &m);
            else
                status = kma_material_create_mass_fractions("w", water_z, water_fraction, 2, 1, &m);
            if (!kmt_allocation_failed()) {
                kmt_fail_allocation(0);
                assert_ok(status);
                assert_true(n > 2);
                assert_ok(kma_material_release(&m));
                break;
            }
            kmt_fail_allocation(0);
            assert_fails(status, KMA_ERR_MEMORY, "");
            assert_int_equal(m.bits, 0);
            assert_int_equal(kma_live_objects(KMA_KIND_MATERIAL), 0);
        }
        assert_true(n < 100);
    }
}

/* Up to all 98 elements, and sums that are off by as much as is allowed. */
PROPERTY(a_material_made_of_its_own_fractions_is_the_same_to_the_bit, 300)
{
    double fraction[98], once, twice, sum = 0, off = 1 + 9e-4 * (2 * kmi_rng_uniform(rng) - 1);
    kma_material first = {0}, second = {0};
    size_t n = 1 + kmi_rng_bits(rng) % 98, i;
    int z[98];

    for (i = 0; i < n; i++) {
        z[i] = (int)(1 + i * 98 / n);
        fraction[i] = exp(-6 * kmi_rng_uniform(rng));
        sum += fraction[i];
    }
    for (i = 0; i < n; i++) fraction[i] *= off / sum;
    assert_ok(kma_material_create_mass_fractions("m", z, fraction, n, 1, &first));
    for (i = 0; i < n; i++) assert_ok(kma_material_get_element(first, i, &z[i], &fraction[i]));
    assert_ok(kma_material_create_mass_fractions("m", z, fraction, n, 1, &second));
    for (i = 0; i < n; i++) {
        assert_ok(kma_material_get_element(first, i, &z[i], &once));
        assert_ok(kma_material_get_element(second, i, &z[i], &twice));
        assert_memory_equal(&once, &twice, sizeof once);
    }
    assert_ok(kma_material_release(&first));
    assert_ok(kma_material_release(&second));
}
