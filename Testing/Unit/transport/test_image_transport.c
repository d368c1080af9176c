/* Photons in images: block borders, nested images, vacuum, many densities, and guards that must end a history. */
#include "kmt.h"
#include "kmt_problem.h"

#include <math.h>

#include "base/handle.h"
#include "base/memory.h"
#include "transport/photon.h"

enum { HISTORIES = 60000 };
static const kma_material vacuum = {0};

static double zero(size_t i, size_t j, size_t k)
{
    (void)i;
    (void)j;
    (void)k;
    return 0;
}

/* CT numbers -500..500 are `material` with densities from low to high. */
static kma_ct_table one_row(kma_material material, double low, double high)
{
    kma_ct_row row = {-500, 500, low, high, material};
    kma_ct_table table = {0};
    assert_ok(kma_ct_table_create(&row, 1, &table));
    return table;
}

static kma_source isotropic(double energy, double x, double y, double z)
{
    kma_source_options options;
    kma_spectrum spectrum = {0};
    kma_source source = {0};

    assert_ok(kma_source_options_defaults(&options));
    options.position[0] = x;
    options.position[1] = y;
    options.position[2] = z;
    assert_ok(kma_spectrum_create_mono(energy, &spectrum));
    assert_ok(kma_source_create(&options, spectrum, &source));
    assert_ok(kma_spectrum_release(&spectrum));
    return source;
}

/* `matter` in a vacuum world with a source; takes the source over. A grid of one cell scores all of the matter. */
static kma_scene make_scene(kma_volume matter, kma_source source)
{
    kma_volume world = kmt_box("world", 300, 300, 300, vacuum);
    kma_image_geometry cell;
    kma_scorer total = {0};
    kma_scene scene = {0};
    int c;

    kmt_place(world, matter, 0, 0, 0);
    kma_image_geometry_defaults(&cell);
    for (c = 0; c < 3; c++) {
        cell.count[c] = 1;
        cell.spacing[c] = 300;
    }
    assert_ok(kma_scorer_create_grid("total", &cell, &total));
    assert_ok(kma_scene_create(world, &scene));
    assert_ok(kma_scene_add_source(scene, source));
    assert_ok(kma_scene_add_scorer(scene, total));
    assert_ok(kma_source_release(&source));
    assert_ok(kma_scorer_release(&total));
    assert_ok(kma_volume_release(&world));
    return scene;
}

static void total_of(kma_volume matter, kma_source source, uint64_t seed, double *mean, double *uncertainty)
{
    kma_scene scene = make_scene(matter, source);
    kma_result result = kmt_run(scene, 2, seed, HISTORIES);

    assert_ok(kma_result_get_values(result, 0, KMA_QUANTITY_ENERGY, 0, 1, mean, uncertainty));
    assert_ok(kma_result_release(&result));
    assert_ok(kma_scene_release(&scene));
}

static void assert_same(const char *what, kma_volume a, kma_volume b, kma_source source_a, kma_source source_b)
{
    static uint64_t seed = 40;
    double ma, ua, mb, ub, z;

    total_of(a, source_a, ++seed, &ma, &ua);
    total_of(b, source_b, ++seed, &mb, &ub);
    z = (ma - mb) / sqrt(ua * ua + ub * ub);
    print_message("%s: %.6f and %.6f MeV, %+.2f sigma\n", what, ma, mb, z);
    assert_true(ma > 0 && fabs(z) < 3.5);
}

TEST(photons_that_start_on_borders_of_blocks_and_voxels_score_as_in_a_solid)
{
    const size_t count[3] = {20, 20, 20}; /* of 5 mm: blocks end at -10 and 30 mm */
    kma_material water = kmt_material("Water, Liquid");
    kma_ct_table table = kmt_two_materials(water, water);
    kma_volume image = kmt_image("image", count, 5, zero, table), box = kmt_box("box", 100, 100, 100, water);

    assert_same("corner of eight blocks", image, box, isotropic(0.04, -10, -10, -10), isotropic(0.04, -10, -10, -10));
    assert_same("face of two blocks", image, box, isotropic(0.04, 30, 1, 2), isotropic(0.04, 30, 1, 2));
    assert_same("along an edge of blocks", image, box, kmt_beam(0.04, -10, 30, -50, 0), kmt_beam(0.04, -10, 30, -50, 0));
    assert_same("on the image's face", image, box, isotropic(0.04, 50, 3, 3), isotropic(0.04, 50, 3, 3));
    assert_same("on the image's corner", image, box, isotropic(0.04, 50, 50, 50), isotropic(0.04, 50, 50, 50));
    assert_ok(kma_volume_release(&image));
    assert_ok(kma_volume_release(&box));
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_material_release(&water));
    kmt_assert_no_live_objects();
}

TEST(an_image_within_an_image_takes_its_place)
{
    const size_t many[3] = {20, 20, 20}, few[3] = {7, 7, 7};
    kma_material water = kmt_material("Water, Liquid"), bone = kmt_material("Bone, Cortical (ICRP)");
    kma_ct_table water_table = kmt_two_materials(water, water), bone_table = kmt_two_materials(bone, bone);
    kma_volume outer = kmt_image("outer", many, 5, zero, water_table);
    kma_volume inner = kmt_image("inner", few, 5, zero, bone_table); /* 35 mm; off the outer one's voxels and blocks */
    kma_volume box = kmt_box("box", 100, 100, 100, water), core = kmt_box("core", 35, 35, 35, bone);
    kma_volume hole = kmt_box("hole", 20, 20, 20, vacuum);

    kmt_place(inner, hole, 1, 2, 3);
    kmt_place(core, hole, 1, 2, 3);
    kmt_place(outer, inner, 7.3, -4.1, 11.7);
    kmt_place(box, core, 7.3, -4.1, 11.7);
    assert_same("nested images, 40 keV", outer, box, kmt_beam(0.04, 0, 0, -100, 90), kmt_beam(0.04, 0, 0, -100, 90));
    assert_same("nested images, 200 keV", outer, box, kmt_beam(0.2, 0, 0, -100, 90), kmt_beam(0.2, 0, 0, -100, 90));
    assert_same("from the hole", outer, box, isotropic(0.06, 8.3, -2.1, 14.7), isotropic(0.06, 8.3, -2.1, 14.7));
    assert_ok(kma_volume_release(&hole));
    assert_ok(kma_volume_release(&outer));
    assert_ok(kma_volume_release(&inner));
    assert_ok(kma_volume_release(&box));
    assert_ok(kma_volume_release(&core));
    assert_ok(kma_ct_table_release(&water_table));
    assert_ok(kma_ct_table_release(&bone_table));
    assert_ok(kma_material_release(&water));
    assert_ok(kma_material_release(&bone));
    kmt_assert_no_live_objects();
}

TEST(an_image_of_vacuum_lets_all_pass)
{
    const size_t count[3] = {20, 20, 20};
    kma_material water = kmt_material("Water, Liquid");
    kma_ct_table table = one_row(water, 0, 0);
    kma_volume image = kmt_image("image", count, 5, zero, table);
    kma_scene scene = make_scene(image, isotropic(0.04, 1, 2, 3));
    kma_result result = kmt_run(scene, 1, 9, 2000);
    kma_result_info info = {.size = sizeof info};

    assert_ok(kma_result_get_info(result, &info));
    assert_near(info.ledger.escaped, 2000 * 0.04, 1e-9);
    assert_true(info.ledger.deposited == 0 && info.ledger.cut == 0);
    assert_ok(kma_result_release(&result));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_volume_release(&image));
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_material_release(&water));
    kmt_assert_no_live_objects();
}

/* ---- more pairs than a 16-bit index has ---- */

static double fine(size_t i, size_t j, size_t k)
{
    size_t n = i + 48 * (j + 48 * k); /* 110,592 numbers, scattered over the image */
    return -400 + 800.0 * (double)(n * 40507 % 110592) / 110592.0;
}

static double coarse(size_t i, size_t j, size_t k)
{
    return floor(fine(i, j, k)) + 0.5; /* 800 numbers of the same mean */
}

TEST(an_image_of_more_densities_than_an_index_has_scores_as_one_of_few)
{
    const size_t count[3] = {48, 48, 48};
    kma_material water = kmt_material("Water, Liquid");
    kma_ct_table table = one_row(water, 0.5, 1.5);
    kma_volume many = kmt_image("image", count, 2, fine, table), few = kmt_image("image", count, 2, coarse, table);
    kma_scene scene = make_scene(many, kmt_beam(0.05, 0, 0, -100, 90));
    void *object = NULL;
    const kmi_pulse none = {NULL, NULL};
    kmi_plan *plan = NULL;

    assert_ok(kmi_handle_pin(KMA_KIND_SCENE, scene.bits, &object));
    assert_ok(kmi_plan_new(object, &none, &plan));
    kmi_handle_unpin(scene.bits);
    assert_null(plan->fills[1].voxels->index); /* else this test would compare nothing */
    assert_int_equal(plan->fills[1].voxels->pair_count, 48 * 48 * 48);
    kmi_plan_release(plan);
    assert_ok(kma_scene_release(&scene));
    assert_same("110,592 and 800 densities", many, few, kmt_beam(0.05, 0, 0, -100, 90), kmt_beam(0.05, 0, 0, -100, 90));
    assert_ok(kma_volume_release(&many));
    assert_ok(kma_volume_release(&few));
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_material_release(&water));
    kmt_assert_no_live_objects();
}

/* ---- guards ---- */

typedef struct bench {
    kma_scene scene;
    kmi_plan *plan;
    kmi_scores *scores;
    kmi_transporter *transporter;
} bench;

static void make_bench(bench *b, bool image)
{
    const size_t count[3] = {20, 20, 20};
    const kmi_pulse none = {NULL, NULL};
    kma_material water = kmt_material("Water, Liquid");
    kma_ct_table table = kmt_two_materials(water, water);
    kma_volume matter = image ? kmt_image("image", count, 5, zero, table) : kmt_box("box", 100, 100, 100, water);
    void *object = NULL;

    b->scene = make_scene(matter, kmt_beam(0.05, 0, 0, -100, 90));
    assert_ok(kmi_handle_pin(KMA_KIND_SCENE, b->scene.bits, &object));
    assert_ok(kmi_plan_new(object, &none, &b->plan));
    kmi_handle_unpin(b->scene.bits);
    assert_ok(kmi_scores_new(&b->scores));
    b->transporter = kmi_alloc(sizeof *b->transporter);
    assert_non_null(b->transporter);
    kmi_transporter_start(b->transporter, b->plan, b->scores, 1);
    assert_ok(kma_volume_release(&matter));
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_material_release(&water));
}

static void end_bench(bench *b)
{
    kmi_free(b->transporter);
    kmi_scores_destroy(b->scores);
    kmi_plan_release(b->plan);
    assert_ok(kma_scene_release(&b->scene));
    kmt_assert_no_live_objects();
}

static void scale_majorants(bench *b, double factor)
{
    kmi_voxels *voxels = b->plan->voxels[1];
    size_t i;
    for (i = 0; i < KMI_CLASSES * voxels->segments; i++) voxels->majorant[i] *= factor;
}

TEST(a_history_that_does_not_come_on_ends_with_its_number)
{
    bench b;

    make_bench(&b, true);
    scale_majorants(&b, 1e15); /* a photon now crosses 1e-14 mm between two collisions, all but none of them real */
    b.transporter->steps_max = 100000;
    assert_fails(kmi_transporter_run(b.transporter, 1234), KMA_ERR_INTERNAL, "history 1234: a photon of 0.05 MeV");
    assert_non_null(strstr(kma_error_message(), "after 10000"));
    kmi_scores_discard_history(b.scores);
    end_bench(&b);
    make_bench(&b, false);
    b.transporter->steps_max = 1;
    assert_fails(kmi_transporter_run(b.transporter, 7), KMA_ERR_INTERNAL, "history 7");
    end_bench(&b);
}

TEST(a_majorant_that_is_exceeded_ends_the_history_with_its_number)
{
    bench b;
    uint64_t history;
    kma_status status = KMA_OK;

    make_bench(&b, true);
    scale_majorants(&b, 0.9);
    for (history = 0; history < 100 && status == KMA_OK; history++) {
        status = kmi_transporter_run(b.transporter, history);
        kmi_scores_discard_history(b.scores);
    }
    assert_int_equal(status, KMA_ERR_INTERNAL);
    assert_non_null(strstr(kma_error_message(), "has no way on in instance 1"));
    end_bench(&b);
}

/* Energies between cut and maximum fall through all segments: no majorant is ever exceeded, edges of iodine included. */
TEST(majorants_hold_for_all_energies_that_photons_come_to)
{
    const size_t count[3] = {20, 20, 20};
    kma_material water = kmt_material("Water, Liquid"), iodine = kmt_material("Iodine");
    kma_ct_table table = kmt_two_materials(iodine, water);
    kma_volume image = kmt_image("image", count, 0.05, zero, table); /* 1 mm of iodine: photons scatter and leave */
    kma_scene scene = make_scene(image, isotropic(0.2, 0, 0, 0));
    kma_result result = kmt_run(scene, 2, 10, HISTORIES); /* asserts that it succeeds */

    assert_ok(kma_result_release(&result));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_volume_release(&image));
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_material_release(&water));
    assert_ok(kma_material_release(&iodine));
    kmt_assert_no_live_objects();
}
