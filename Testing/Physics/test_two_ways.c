/*
 * Delta tracking and surface tracking are two ways to the same answer: an
 * image and solids that describe the same matter are given different seeds and
 * their doses compared cell by cell.
 */
#include "kmt.h"
#include "kmt_problem.h"

#include <math.h>

enum { HISTORIES = 400000, CELLS = 10 };

static double uniform(size_t i, size_t j, size_t k)
{
    (void)i;
    (void)j;
    (void)k;
    return 0;
}

/* A slab of the second material across the middle, and a column of it beside. */
static double layered(size_t i, size_t j, size_t k)
{
    if (k >= 8 && k < 12) return 1000;
    return i >= 14 && j >= 14 && k < 8 ? 1000 : 0;
}

static kma_scene make_scene(kma_volume matter, double energy)
{
    kma_volume world = kmt_box("world", 300, 300, 300, (kma_material){0});
    kma_source beam = kmt_beam(energy, 0, 0, -140, 90);
    kma_image_geometry cells;
    kma_scorer dose = {0}, total = {0};
    kma_scene scene = {0};
    int c;

    kmt_place(world, matter, 0, 0, 0);
    kma_image_geometry_defaults(&cells);
    for (c = 0; c < 3; c++) {
        cells.count[c] = CELLS;
        cells.spacing[c] = 10;
        cells.origin[c] = -45;
    }
    assert_ok(kma_scorer_create_grid("cells", &cells, &dose));
    cells.count[0] = cells.count[1] = cells.count[2] = 1;
    cells.spacing[0] = cells.spacing[1] = cells.spacing[2] = 100;
    cells.origin[0] = cells.origin[1] = cells.origin[2] = 0;
    assert_ok(kma_scorer_create_grid("whole", &cells, &total));
    assert_ok(kma_scene_create(world, &scene));
    assert_ok(kma_scene_add_source(scene, beam));
    assert_ok(kma_scene_add_scorer(scene, dose));
    assert_ok(kma_scene_add_scorer(scene, total));
    assert_ok(kma_scorer_release(&dose));
    assert_ok(kma_scorer_release(&total));
    assert_ok(kma_source_release(&beam));
    assert_ok(kma_volume_release(&world));
    return scene;
}

static void read(kma_result result, double *mean, double *uncertainty, double *total, double *total_uncertainty)
{
    const size_t n = CELLS * CELLS * CELLS;
    assert_ok(kma_result_get_values(result, 0, KMA_QUANTITY_DOSE, 0, n, mean, uncertainty));
    assert_ok(kma_result_get_values(result, 1, KMA_QUANTITY_ENERGY, 0, 1, total, total_uncertainty));
}

static void compare(kma_volume image, kma_volume solid, double energy)
{
    enum { N = CELLS * CELLS * CELLS };
    static uint64_t seed = 20;
    static double a[N], ua[N], b[N], ub[N];
    double ta, uta, tb, utb, chi2 = 0, z, worst = 0;
    kma_scene first = make_scene(image, energy), second = make_scene(solid, energy);
    kma_result result;
    int i;

    result = kmt_run(first, 2, ++seed, HISTORIES);
    read(result, a, ua, &ta, &uta);
    assert_ok(kma_result_release(&result));
    result = kmt_run(second, 2, ++seed, HISTORIES);
    read(result, b, ub, &tb, &utb);
    assert_ok(kma_result_release(&result));
    for (i = 0; i < N; i++) {
        z = (a[i] - b[i]) / sqrt(ua[i] * ua[i] + ub[i] * ub[i]);
        chi2 += z * z;
        worst = fmax(worst, fabs(z));
    }
    z = (ta - tb) / sqrt(uta * uta + utb * utb);
    print_message("%5.1f keV: total %.6f and %.6f MeV, %+.2f sigma; chi2 of %d cells %.1f, worst cell %.2f sigma\n",
                  energy * 1e3, ta, tb, z, N, chi2, worst);
    assert_true(fabs(z) < 3);
    /* Cells of one history are correlated a little: 5 standard deviations of chi2, sqrt(2 N) each. */
    assert_true(fabs(chi2 - N) < 5 * sqrt(2.0 * N));
    assert_true(worst < 5);
    assert_ok(kma_scene_release(&first));
    assert_ok(kma_scene_release(&second));
}

TEST(an_image_of_one_material_agrees_with_a_solid_of_it)
{
    const size_t count[3] = {20, 20, 20};
    kma_material water = kmt_material("Water, Liquid");
    kma_ct_table table = kmt_two_materials(water, water);
    kma_volume image = kmt_image("image", count, 5, uniform, table), box = kmt_box("box", 100, 100, 100, water);

    compare(image, box, 0.03);
    compare(image, box, 0.1);
    assert_ok(kma_volume_release(&image));
    assert_ok(kma_volume_release(&box));
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_material_release(&water));
    kmt_assert_no_live_objects();
}

TEST(delta_and_surface_tracking_agree_on_a_voxelised_box_of_two_materials)
{
    const size_t count[3] = {20, 20, 20};
    kma_material water = kmt_material("Water, Liquid"), bone = kmt_material("Bone, Cortical (ICRP)");
    kma_ct_table table = kmt_two_materials(water, bone);
    kma_volume image = kmt_image("image", count, 5, layered, table), box = kmt_box("box", 100, 100, 100, water);
    kma_volume slab = kmt_box("slab", 100, 100, 20, bone), column = kmt_box("column", 30, 30, 40, bone);

    kmt_place(box, slab, 0, 0, 0);
    kmt_place(box, column, 35, 35, -30);
    compare(image, box, 0.04);
    compare(image, box, 0.12);
    assert_ok(kma_volume_release(&image));
    assert_ok(kma_volume_release(&box));
    assert_ok(kma_volume_release(&slab));
    assert_ok(kma_volume_release(&column));
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_material_release(&water));
    assert_ok(kma_material_release(&bone));
    kmt_assert_no_live_objects();
}

/* An implant in an image: its matter takes the place of the voxels', whose own material must not count there. */
TEST(a_solid_inside_an_image_agrees_with_a_solid_inside_a_solid)
{
    const size_t count[3] = {20, 20, 20};
    kma_material water = kmt_material("Water, Liquid"), titanium = kmt_material("Titanium");
    kma_ct_table table = kmt_two_materials(water, titanium);
    kma_volume image = kmt_image("image", count, 5, layered, table), box = kmt_box("box", 100, 100, 100, water);
    kma_volume slab = kmt_box("slab", 100, 100, 20, titanium), column = kmt_box("column", 30, 30, 40, titanium);
    kma_volume hole = kmt_box("hole", 40, 40, 40, water);

    /* The same block of water cut out of both; in the image it reaches through the titanium voxels. */
    kmt_place(image, hole, -20, -20, 5);
    kmt_place(box, slab, 0, 0, 0);
    kmt_place(box, column, 35, 35, -30);
    {
        kma_volume part = kmt_box("part", 40, 40, 20, water);
        kmt_place(slab, part, -20, -20, 0); /* the hole within the slab; the rest of it is water already */
        assert_ok(kma_volume_release(&part));
    }
    compare(image, box, 0.08);
    assert_ok(kma_volume_release(&hole));
    assert_ok(kma_volume_release(&image));
    assert_ok(kma_volume_release(&box));
    assert_ok(kma_volume_release(&slab));
    assert_ok(kma_volume_release(&column));
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_material_release(&water));
    assert_ok(kma_material_release(&titanium));
    kmt_assert_no_live_objects();
}
