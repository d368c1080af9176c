/* Narrow-beam transmission: photons that never interacted behind a slab, against exp(-mu x). */
#include "kmt.h"
#include "kmt_problem.h"

#include <math.h>

enum { HISTORIES = 200000 };

static kma_ct_table table;
static double zero(size_t i, size_t j, size_t k)
{
    (void)i;
    (void)j;
    (void)k;
    return 0;
}

static uint64_t seed; /* another one for each comparison: the same numbers would give the same luck */

/* Share of the photons that reach a detector behind the slab without an interaction. */
static double transmitted(kma_material material, double thickness, double energy, bool as_image)
{
    const size_t count[3] = {10, 10, 10};
    kma_volume world = kmt_box("world", 1000, 1000, 1000, (kma_material){0}), slab;
    kma_source beam = kmt_beam(energy, 0.3 * thickness, 0.2 * thickness, -400, 0);
    kma_detector_options plane;
    kma_scorer detector = {0};
    kma_scene scene = {0};
    kma_result result;
    double share = 0;

    if (as_image)
        slab = kmt_image("slab", count, thickness / 10, zero, table); /* a cube */
    else
        slab = kmt_box("slab", thickness, thickness, thickness, material);
    kmt_place(world, slab, 0, 0, 0);
    assert_ok(kma_detector_options_defaults(&plane));
    plane.centre[2] = 400;
    plane.pixel_size[0] = plane.pixel_size[1] = 900;
    assert_ok(kma_scorer_create_detector("behind", &plane, &detector));
    assert_ok(kma_scene_create(world, &scene));
    assert_ok(kma_scene_add_source(scene, beam));
    assert_ok(kma_scene_add_scorer(scene, detector));
    result = kmt_run(scene, 2, ++seed, HISTORIES);
    assert_ok(kma_result_get_total(result, 0, KMA_QUANTITY_PRIMARY_COUNT, &share));
    assert_ok(kma_result_release(&result));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_scorer_release(&detector));
    assert_ok(kma_source_release(&beam));
    assert_ok(kma_volume_release(&slab));
    assert_ok(kma_volume_release(&world));
    return share;
}

/* A slab of some mean free paths; three standard deviations of a binomial are allowed. */
static void check(const char *name, double energy, double mean_free_paths, bool as_image)
{
    kma_material material = kmt_material(name);
    kma_attenuation a;
    double density, mu, thickness, expected, share;

    assert_ok(kma_material_get_attenuation(material, energy, &a));
    assert_ok(kma_material_get_density(material, &density));
    mu = a.total * density * 0.1;
    thickness = mean_free_paths / mu;
    if (thickness > 900) thickness = 900;
    expected = exp(-mu * thickness);
    if (as_image) table = kmt_two_materials(material, material);
    share = transmitted(material, thickness, energy, as_image);
    if (as_image) assert_ok(kma_ct_table_release(&table));
    print_message("%-16s %6.1f keV, %9.4f mm: %.5f, exp(-mu x) = %.5f, %+.2f sigma\n", name, energy * 1e3, thickness, share,
                  expected, (share - expected) / sqrt(expected * (1 - expected) / HISTORIES));
    assert_near(share, expected, 3 * sqrt(expected * (1 - expected) / HISTORIES));
    assert_ok(kma_material_release(&material));
}

TEST(narrow_beam_transmission_through_solids_is_exponential)
{
    static const char *const names[] = {"Water, Liquid", "Aluminum", "Lead"};
    static const double energies[] = {0.02, 0.06, 0.0875, 0.0885, 0.15, 0.6};
    size_t i, k;

    for (i = 0; i < 3; i++)
        for (k = 0; k < sizeof energies / sizeof *energies; k++) check(names[i], energies[k], 0.4 + 0.5 * (double)k, false);
    kmt_assert_no_live_objects();
}

TEST(narrow_beam_transmission_through_images_is_exponential)
{
    check("Water, Liquid", 0.02, 1.2, true);
    check("Water, Liquid", 0.06, 1.2, true);
    check("Aluminum", 0.06, 1.2, true);
    check("Lead", 0.0885, 1.2, true);
    check("Lead", 0.6, 1.2, true);
    kmt_assert_no_live_objects();
}
