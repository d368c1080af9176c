#include "kmt.h"

#include <locale.h>
#include <math.h>

#include <xraylib.h>

#include "physics/element.h"
#include "physics/xrl.h"

TEST(cross_sections_are_xraylibs_in_mev)
{
    kmi_xrl_attenuation a;

    assert_ok(kmi_xrl_attenuation_at(53, 0.06, &a));
    assert_near(a.photoelectric, CS_Photo(53, 60.0, NULL), 0);
    assert_near(a.compton, CS_Compt(53, 60.0, NULL), 0);
    assert_near(a.rayleigh, CS_Rayl(53, 60.0, NULL), 0);
    assert_near(kmi_xrl_photoelectric(53, 0.06), a.photoelectric, 0);
}

TEST(all_elements_have_cross_sections_from_1_to_800_kev)
{
    int z;
    double energy;
    kmi_xrl_attenuation a;

    for (z = KMI_ELEMENT_FIRST; z <= KMI_ELEMENT_LAST; z++) {
        for (energy = KMI_XRL_ENERGY_MIN; energy < KMI_XRL_ENERGY_MAX; energy *= 1.01)
            assert_ok(kmi_xrl_attenuation_at(z, energy, &a));
        assert_ok(kmi_xrl_attenuation_at(z, KMI_XRL_ENERGY_MAX, &a));
    }
}

TEST(what_xraylib_does_not_know_is_an_error_with_element_and_energy_and_never_a_zero)
{
    kmi_xrl_attenuation a;
    double value = 1;

    assert_fails(kmi_xrl_attenuation_at(26, 1.25, &a), KMA_ERR_PHYSICS, "of element 26 (Fe) at 1.25 MeV");
    assert_fails(kmi_xrl_attenuation_at(1, 0.0, &a), KMA_ERR_PHYSICS, "of element 1 (H) at 0 MeV");
    assert_fails(kmi_xrl_attenuation_at(1, NAN, &a), KMA_ERR_PHYSICS, "of element 1 (H) at nan MeV");
    assert_true(a.photoelectric == 0 && a.compton == 0 && a.rayleigh == 0);
    assert_fails(kmi_xrl_attenuation_at(99, 0.1, &a), KMA_ERR_PHYSICS, "element 99 (must be within 1..98)");
    assert_fails(kmi_xrl_attenuation_at(0, 0.1, &a), KMA_ERR_PHYSICS, "element 0");
    assert_fails(kmi_xrl_scattering_function(8, 1e-4, &value), KMA_ERR_PHYSICS, "element 8 (O) at 0.0001 1/Angstrom");
    assert_true(value == 0);
    assert_fails(kmi_xrl_form_factor(8, -1, &value), KMA_ERR_PHYSICS, "element 8 (O) at -1 1/Angstrom");
    assert_fails(kmi_xrl_form_factor(8, NAN, &value), KMA_ERR_PHYSICS, "element 8 (O) at nan");
    assert_fails(kmi_xrl_density(99, &value), KMA_ERR_PHYSICS, "element 99");
}

TEST(form_factors_and_scattering_functions_exist_wherever_a_photon_of_800_kev_can_go)
{
    int z;
    double x;

    for (z = KMI_ELEMENT_FIRST; z <= KMI_ELEMENT_LAST; z++) {
        double last = z, f = 0, s = 0;
        assert_ok(kmi_xrl_form_factor(z, 0, &f));
        assert_true(f == z);
        for (x = 1.0 / 128; x < 91; x *= 1.02) {
            assert_ok(kmi_xrl_form_factor(z, x, &f));
            assert_ok(kmi_xrl_scattering_function(z, x, &s));
            assert_true(f > 0 && f < z * (1 + 1e-4));
            assert_true(s > 0 && s < z * (1 + 3e-4));
            /* It falls, but for ripples of the spline where it is next to nothing. */
            assert_true(f < last * 1.0005 || f < 1e-3);
            last = f;
        }
    }
}

TEST(a_missing_tail_of_a_form_factor_falls_as_x_to_the_fourth)
{
    /* xraylib's spline of phosphorus is negative beyond x = 55, and it says so to nobody. */
    double a = 0, b = 0;

    assert_true(FF_Rayl(15, 64, NULL) <= 0);
    assert_ok(kmi_xrl_form_factor(15, 64, &a));
    assert_ok(kmi_xrl_form_factor(15, 64 * 1.01, &b));
    assert_true(a > 0 && a < 1e-4);
    assert_true(b < a);
}

TEST(compounds_are_asked_by_index)
{
    kmi_xrl_nist c;

    assert_ok(kmi_xrl_nist_get(0, &c));
    assert_string_equal(c.name, "A-150 Tissue-Equivalent Plastic");
    assert_fails(kmi_xrl_nist_get(kmi_xrl_nist_count(), &c), KMA_ERR_ARGUMENT, "index 180");
    assert_int_equal(c.count, 0);
}

TEST(the_locale_of_the_host_stays_as_it_is)
{
    char before[256];
    kmi_xrl_nist c;
    kmi_xrl_attenuation a;

    snprintf(before, sizeof before, "%s", setlocale(LC_ALL, "C.UTF-8") != NULL ? setlocale(LC_ALL, NULL) : "C");
    assert_ok(kmi_xrl_nist_get(3, &c));
    assert_ok(kmi_xrl_attenuation_at(3, 0.1, &a));
    assert_string_equal(setlocale(LC_ALL, NULL), before);
    setlocale(LC_ALL, "C");
}
