#include "kmt.h"

#include <math.h>

#include "kerma/material.h"
#include "physics/material.h"

TEST(atoms_are_counted_through_groups_and_fractions)
{
    double atoms[KMI_ELEMENTS_MAX + 1];

    assert_ok(kmi_formula_parse("H2O", atoms));
    assert_true(atoms[1] == 2 && atoms[8] == 1 && atoms[2] == 0);
    assert_ok(kmi_formula_parse("Ca10(PO4)6(OH)2", atoms));
    assert_true(atoms[20] == 10 && atoms[15] == 6 && atoms[8] == 26 && atoms[1] == 2);
    assert_ok(kmi_formula_parse("Gd2O2S", atoms));
    assert_true(atoms[64] == 2 && atoms[8] == 2 && atoms[16] == 1);
    assert_ok(kmi_formula_parse("Al0.3Ga0.7As", atoms));
    assert_true(atoms[13] == 0.3 && atoms[31] == 0.7 && atoms[33] == 1);
    assert_ok(kmi_formula_parse("[Fe(CN)6]4Fe", atoms));
    assert_true(atoms[26] == 5 && atoms[6] == 24 && atoms[7] == 24);
    assert_ok(kmi_formula_parse("CO", atoms)); /* not cobalt */
    assert_true(atoms[6] == 1 && atoms[8] == 1 && atoms[27] == 0);
    assert_ok(kmi_formula_parse("((((((((((((((((C))))))))))))))))12", atoms)); /* 16 deep */
    assert_true(atoms[6] == 12);
    assert_ok(kmi_formula_parse("HH(H)0.5H", atoms));
    assert_true(atoms[1] == 3.5);
    assert_ok(kmi_formula_parse("Cf", atoms));
    assert_true(atoms[98] == 1);
    assert_ok(kmi_formula_parse("H123456789012345", atoms));
    assert_true(atoms[1] == 123456789012345.0);
}

TEST(malformed_formulas_are_refused_at_the_right_character)
{
    static const struct { const char *formula, *text; } cases[] = {
        {"", "empty"},
        {"h2o", "character 1: an element's symbol begins with a capital"},
        {"2H", "character 1: a count must follow"},
        {"H2O)", "character 4: this bracket was never opened"},
        {"(H2O", "character 1: this bracket is never closed"},
        {"Ca(O[H)2]", "character 7: the bracket is of the other kind"},
        {"Ca()2", "character 4: the brackets are empty"},
        {"(", "character 1: this bracket is never closed"},
        {")", "character 1: this bracket was never opened"},
        {"(((((((((((((((((C)))))))))))))))))", "character 17: brackets are nested more than 16 deep"},
        {"Xx2", "character 1: there is no element"},
        {"Es", "character 1: there is no element"}, /* 99 */
        {"HXO", "character 2: there is no element"},
        {"H 2O", "character 2: only element symbols"},
        {" H2O", "character 1: only element symbols"},
        {"H2O\n", "character 4: only element symbols"},
        {"H-1", "character 2: only element symbols"},
        {"H+", "character 2: only element symbols"},
        {"H0O", "character 2: the count is 0"},
        {"H0.000O", "character 2: the count is 0"},
        {"H2.O", "character 4: a digit is wanted"},
        {"H.5", "character 2: a number must begin with a digit"},
        {"CuSO4.5H2O4.", "character 13: a digit is wanted"},
        {"H1.2.3", "character 5: the number has two points"},
        {"H1234567890123456", "character 2: the number has more than 15 digits"},
        {"H0.1234567890123456", "character 2: the number has more than 15 digits"},
        {"H1e5", "character 3: an element's symbol begins"},
        {"H\xc2\xb2O", "character 2: only element symbols"},
        {"H2O,", "character 4: only element symbols"},
        {"{H2O}", "character 1: only element symbols"},
        {"nan", "character 1: an element's symbol"},
        {"NaN.", "character 4: a number must begin"},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        double atoms[KMI_ELEMENTS_MAX + 1];
        kma_material m = {1};
        assert_fails(kmi_formula_parse(cases[i].formula, atoms), KMA_ERR_ARGUMENT, cases[i].text);
        assert_fails(kma_material_create_formula("x", cases[i].formula, 1, &m), KMA_ERR_ARGUMENT, cases[i].text);
        assert_int_equal(m.bits, 0);
    }
    assert_fails(kmi_formula_parse(NULL, (double[KMI_ELEMENTS_MAX + 1]){0}), KMA_ERR_ARGUMENT, "NULL");
}

PROPERTY(random_bytes_never_crash_the_parser, 3000)
{
    static const char alphabet[] = "HOCaPSi()[]0123456789. x";
    double atoms[KMI_ELEMENTS_MAX + 1];
    char text[64];
    size_t length = kmi_rng_bits(rng) % (sizeof text - 1), i;

    for (i = 0; i < length; i++) text[i] = alphabet[kmi_rng_bits(rng) % (sizeof alphabet - 1)];
    text[length] = 0;
    if (kmi_formula_parse(text, atoms) == KMA_OK) {
        double sum = 0;
        for (i = 1; i <= KMI_ELEMENTS_MAX; i++) sum += atoms[i];
        assert_true(sum > 0 && isfinite(sum));
    } else {
        assert_non_null(strstr(kma_error_message(), length == 0 ? "empty" : "character"));
    }
}

TEST(mass_fractions_of_water_follow_from_iupac_weights)
{
    kma_material water = {0};
    double hydrogen = 0, oxygen = 0;
    int z = 0;

    assert_ok(kma_material_create_formula(NULL, "H2O", 1, &water));
    assert_ok(kma_material_get_element(water, 0, &z, &hydrogen));
    assert_int_equal(z, 1);
    assert_ok(kma_material_get_element(water, 1, &z, &oxygen));
    assert_near(hydrogen, 2 * 1.008 / 18.015, 1e-12);
    assert_near(hydrogen, 0.111894, 2e-5); /* NIST, Water, Liquid */
    assert_near(oxygen, 0.888106, 2e-5);
    assert_ok(kma_material_release(&water));
}

TEST(a_formula_is_its_own_name_unless_one_is_given)
{
    kma_material m = {0};
    char name[32];

    assert_ok(kma_material_create_formula(NULL, "CsI", 4.51, &m));
    assert_ok(kma_material_get_name(m, name, sizeof name, NULL));
    assert_string_equal(name, "CsI");
    assert_ok(kma_material_release(&m));
    assert_ok(kma_material_create_formula("scintillator", "CsI", 4.51, &m));
    assert_ok(kma_material_get_name(m, name, sizeof name, NULL));
    assert_string_equal(name, "scintillator");
    assert_ok(kma_material_release(&m));
    assert_fails(kma_material_create_formula("", "CsI", 4.51, &m), KMA_ERR_ARGUMENT, "no name");
}

TEST(density_zero_is_the_usual_one_of_an_element_only)
{
    kma_material m = {0};
    double density = 0;

    assert_ok(kma_material_create_formula(NULL, "Pb2", 0, &m));
    assert_ok(kma_material_get_density(m, &density));
    assert_near(density, 11.35, 0.02);
    assert_ok(kma_material_release(&m));
    assert_fails(kma_material_create_formula(NULL, "PbO", 0, &m), KMA_ERR_ARGUMENT, "only a pure element");
    assert_fails(kma_material_create_formula(NULL, "Pb", -2, &m), KMA_ERR_ARGUMENT, "-2 g/cm3");
    assert_fails(kma_material_create_formula(NULL, "Pb", 1, NULL), KMA_ERR_ARGUMENT, "out is NULL");
}
