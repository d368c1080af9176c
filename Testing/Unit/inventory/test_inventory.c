#include "kmt.h"

#include <math.h>

#include "kerma/kerma.h"

static const double pi = 3.14159265358979323846;

/* Everything that a scene of two nested orbs in a box needs. */
typedef struct parts {
    kma_material water, lead;
    kma_volume world, ball, core;
    kma_spectrum spectrum;
    kma_source source;
    kma_scene scene;
} parts;

static kma_volume orb(const char *name, double radius, kma_material material)
{
    kma_solid solid = {0};
    kma_volume volume = {0};

    assert_ok(kma_solid_create_orb(radius, &solid));
    assert_ok(kma_volume_create(name, solid, material, &volume));
    assert_ok(kma_solid_release(&solid));
    return volume;
}

static kma_source make_source(kma_spectrum spectrum, double weight)
{
    kma_source_options options;
    kma_source source = {0};

    assert_ok(kma_source_options_defaults(&options));
    options.weight = weight;
    assert_ok(kma_source_create(&options, spectrum, &source));
    return source;
}

static parts make(void)
{
    const double size[3] = {100, 100, 100}, aside[3] = {3, 0, 0};
    parts p;
    kma_solid box = {0};

    memset(&p, 0, sizeof p);
    assert_ok(kma_material_create_nist("Water, Liquid", &p.water));
    assert_ok(kma_material_create_formula("lead", "Pb", 11, &p.lead));
    assert_ok(kma_solid_create_box(size, &box));
    assert_ok(kma_volume_create("world", box, (kma_material){0}, &p.world));
    assert_ok(kma_solid_release(&box));
    p.ball = orb("ball", 20, p.water);
    p.core = orb("core", 5, p.lead);
    assert_ok(kma_volume_place(p.ball, p.core, aside, NULL));
    assert_ok(kma_volume_place(p.world, p.ball, NULL, NULL));
    assert_ok(kma_spectrum_create_mono(0.06, &p.spectrum));
    p.source = make_source(p.spectrum, 1);
    assert_ok(kma_scene_create(p.world, &p.scene));
    assert_ok(kma_scene_add_source(p.scene, p.source));
    return p;
}

static void drop(parts *p)
{
    assert_ok(kma_scene_release(&p->scene));
    assert_ok(kma_source_release(&p->source));
    assert_ok(kma_spectrum_release(&p->spectrum));
    assert_ok(kma_volume_release(&p->core));
    assert_ok(kma_volume_release(&p->ball));
    assert_ok(kma_volume_release(&p->world));
    assert_ok(kma_material_release(&p->lead));
    assert_ok(kma_material_release(&p->water));
}

static kma_inventory_info info_of(kma_inventory inventory)
{
    kma_inventory_info info = {.size = sizeof info};
    assert_ok(kma_inventory_get_info(inventory, &info));
    return info;
}

static const char *fault_of(kma_inventory inventory, size_t index)
{
    static kma_inventory_fault fault;
    fault.size = sizeof fault;
    assert_ok(kma_inventory_get_fault(inventory, index, &fault));
    assert_true(fault.status != KMA_OK);
    return fault.text;
}

TEST(an_inventory_outlives_its_scene)
{
    parts p = make();
    kma_inventory inventory = {0};
    kma_inventory_info info;
    kma_inventory_volume v = {.size = sizeof v};
    kma_inventory_placement at = {.size = sizeof at};
    kma_inventory_material m = {.size = sizeof m};
    double core = 4 * pi / 3 * 125, ball = 4 * pi / 3 * 8000;

    assert_ok(kma_inventory_create(p.scene, &inventory));
    drop(&p);
    assert_int_equal(kma_live_objects(KMA_KIND_VOLUME), 0);
    info = info_of(inventory);
    assert_true(info.faults == 0 && info.volumes == 3 && info.placements == 3 && info.materials == 2 &&
                info.sources == 1);
    assert_int_equal(strlen(info.scene_hash), 64);
    assert_ok(kma_inventory_get_volume(inventory, 1, &v));
    assert_string_equal(v.name, "ball");
    assert_true(v.shape == KMA_SHAPE_ORB && v.dimensions[0] == 20 && v.daughters == 1 && v.placements == 1);
    assert_true(fabs(v.volume - (ball - core)) < 1e-9 * ball && fabs(v.mass - (ball - core) * 1e-3) < 1e-9);
    assert_true(fabs(v.mass_with_daughters - ((ball - core) * 1e-3 + 11e-3 * core)) < 1e-9);
    assert_int_equal(v.method, KMA_MASS_ANALYTIC);
    assert_ok(kma_inventory_get_material(inventory, v.material, &m));
    assert_string_equal(m.name, "Water, Liquid");
    assert_ok(kma_inventory_get_placement(inventory, 2, &at));
    assert_true(at.mother == 1 && at.volume == 2 && at.daughters == 0 && at.translation[0] == 3);
    assert_true(at.low[0] == -2 && at.high[0] == 8);
    assert_ok(kma_inventory_get_placement(inventory, 0, &at));
    assert_true(at.mother == KMA_INVENTORY_NONE && at.first_daughter == 1 && at.daughters == 1);
    assert_ok(kma_inventory_retain(inventory));
    assert_ok(kma_inventory_release(&(kma_inventory){inventory.bits}));
    assert_ok(kma_inventory_release(&inventory));
    assert_ok(kma_inventory_release(&inventory));
    kmt_assert_no_live_objects();
}

TEST(faults_of_sources_and_scorers_are_told_one_by_one)
{
    parts p = make();
    kma_inventory inventory = {0};
    kma_inventory_info info;
    kma_spectrum hot = {0};
    kma_source more[2];
    kma_volume nowhere = orb("nowhere", 1, p.water);
    kma_scorer scorer[2] = {{0}, {0}};
    int i;

    assert_ok(kma_spectrum_create_mono(5, &hot));
    for (i = 0; i < 2; i++) {
        more[i] = make_source(hot, 1);
        assert_ok(kma_scene_add_source(p.scene, more[i]));
    }
    assert_ok(kma_scorer_create_volume("lost", nowhere, &scorer[0]));
    assert_ok(kma_scorer_create_volume("found", p.core, &scorer[1]));
    for (i = 0; i < 2; i++) assert_ok(kma_scene_add_scorer(p.scene, scorer[i]));
    assert_ok(kma_scene_set_cut_energy(p.scene, 0.1));
    assert_ok(kma_inventory_create(p.scene, &inventory));
    info = info_of(inventory);
    assert_int_equal(info.faults, 4);
    assert_non_null(strstr(fault_of(inventory, 0), "source 1 emits from 5 to 5 MeV"));
    assert_non_null(strstr(fault_of(inventory, 1), "source 2"));
    assert_non_null(strstr(fault_of(inventory, 2), "cut energy is 0.1 MeV"));
    assert_non_null(strstr(fault_of(inventory, 3), "nowhere"));
    assert_true(info.volumes == 3 && info.sources == 3 && info.scorers == 2);
    assert_string_equal(info.scene_hash, "");
    assert_ok(kma_inventory_release(&inventory));
    for (i = 0; i < 2; i++) {
        assert_ok(kma_source_release(&more[i]));
        assert_ok(kma_scorer_release(&scorer[i]));
    }
    assert_ok(kma_volume_release(&nowhere));
    assert_ok(kma_spectrum_release(&hot));
    drop(&p);
    kmt_assert_no_live_objects();
}

TEST(a_scene_without_source_or_with_a_volume_too_thin_is_described_as_far_as_possible)
{
    parts p = make();
    kma_scene bare = {0};
    kma_inventory inventory = {0};
    kma_volume dust;
    kma_inventory_info info;

    assert_ok(kma_scene_create(p.world, &bare));
    assert_ok(kma_inventory_create(bare, &inventory));
    info = info_of(inventory);
    assert_true(info.faults == 1 && info.volumes == 3 && info.sources == 0);
    assert_non_null(strstr(fault_of(inventory, 0), "no source"));
    assert_ok(kma_inventory_release(&inventory));

    dust = orb("dust", 1e-6, p.lead);
    assert_ok(kma_volume_place(p.world, dust, NULL, NULL));
    assert_ok(kma_inventory_create(p.scene, &inventory));
    info = info_of(inventory);
    assert_true(info.faults == 1 && info.volumes == 0 && info.placements == 0 && info.sources == 1);
    assert_non_null(strstr(fault_of(inventory, 0), "dust"));
    assert_ok(kma_inventory_release(&inventory));
    assert_ok(kma_volume_release(&dust));
    assert_ok(kma_scene_release(&bare));
    drop(&p);
    kmt_assert_no_live_objects();
}

TEST(getters_refuse_what_is_not_there_and_structs_that_nobody_sized)
{
    parts p = make();
    kma_inventory inventory = {0};
    kma_inventory_volume v = {.size = sizeof v};
    kma_inventory_image_material m = {.size = sizeof m};
    kma_inventory_info info = {.size = 3};

    assert_fails(kma_inventory_create(p.scene, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_ok(kma_inventory_create(p.scene, &inventory));
    v.volume = 5;
    assert_fails(kma_inventory_get_volume(inventory, 3, &v), KMA_ERR_ARGUMENT, "the inventory has 3 volumes");
    assert_true(v.volume == 0 && v.size == sizeof v);
    assert_fails(kma_inventory_get_volume(inventory, 0, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_inventory_get_info(inventory, &info), KMA_ERR_ARGUMENT, "out->size is 3");
    assert_fails(kma_inventory_get_image_material(inventory, 0, 0, &m), KMA_ERR_ARGUMENT, "has 0 images");
    assert_fails(kma_inventory_get_fault(inventory, 0, &(kma_inventory_fault){.size = sizeof(kma_inventory_fault)}),
                 KMA_ERR_ARGUMENT, "has 0 faults");
    assert_ok(kma_inventory_release(&inventory));
    assert_fails(kma_inventory_get_volume(inventory, 0, &v), KMA_ERR_ARGUMENT, "");
    assert_string_equal(kma_shape_name(KMA_SHAPE_TUBE), "tube");
    assert_string_equal(kma_shape_name((kma_shape)0), "?");
    assert_string_equal(kma_mass_method_name(KMA_MASS_SAMPLED), "sampled");
    assert_string_equal(kma_element_symbol(82), "Pb");
    assert_string_equal(kma_element_symbol(0), "?");
    assert_string_equal(kma_element_symbol(99), "?");
    drop(&p);
    kmt_assert_no_live_objects();
}

static int stop(void *context)
{
    ++*(int *)context;
    return 1;
}

TEST(poll_ends_it)
{
    parts p = make();
    kma_inventory inventory = {7};
    int calls = 0;

    kma_set_thread_poll(stop, &calls);
    assert_fails(kma_inventory_create(p.scene, &inventory), KMA_ERR_ABORTED, "poll");
    kma_set_thread_poll(NULL, NULL);
    assert_true(calls == 1 && inventory.bits == 0);
    drop(&p);
    kmt_assert_no_live_objects();
}

TEST(every_failing_allocation_is_told_and_nothing_is_left)
{
    parts p = make();
    kma_scorer scorer = {0};
    size_t before, after;
    long n;

    assert_ok(kma_scorer_create_volume("core", p.core, &scorer));
    assert_ok(kma_scene_add_scorer(p.scene, scorer));
    before = kma_live_objects(KMA_KIND_SOURCE) + kma_live_objects(KMA_KIND_SPECTRUM);
    for (n = 1; n < 1000; n++) {
        kma_inventory inventory = {0};
        kma_status status;
        kmt_fail_allocation(n);
        status = kma_inventory_create(p.scene, &inventory);
        if (!kmt_allocation_failed()) {
            kmt_fail_allocation(0);
            assert_ok(status);
            assert_ok(kma_inventory_release(&inventory));
            break;
        }
        kmt_fail_allocation(0);
        assert_fails(status, KMA_ERR_MEMORY, "");
        assert_int_equal(inventory.bits, 0);
        assert_int_equal(kma_live_objects(KMA_KIND_INVENTORY), 0);
    }
    assert_true(n > 20 && n < 1000);
    after = kma_live_objects(KMA_KIND_SOURCE) + kma_live_objects(KMA_KIND_SPECTRUM);
    assert_int_equal(before, after);
    assert_ok(kma_scorer_release(&scorer));
    drop(&p);
    kmt_assert_no_live_objects();
}

/* ---- sampled masses ---- */

enum { N = 30 }; /* voxels of 1.25 mm along each axis, of 1.5 g/cm3 */

/* (mass - truth) / uncertainty, of a uniform image with this daughter of this volume in it. */
static double off_by(const parts *p, kma_image image, kma_ct_table table, kma_volume daughter, double volume,
                     const double at[3])
{
    kma_volume ct = {0};
    kma_scene scene = {0};
    kma_inventory inventory = {0};
    kma_inventory_volume v = {.size = sizeof v};

    assert_ok(kma_volume_create_image("ct", image, table, &ct));
    assert_ok(kma_volume_place(ct, daughter, at, NULL));
    assert_ok(kma_scene_create(ct, &scene));
    assert_ok(kma_scene_add_source(scene, p->source));
    assert_ok(kma_inventory_create(scene, &inventory));
    assert_ok(kma_inventory_get_volume(inventory, 0, &v));
    assert_int_equal(v.method, KMA_MASS_SAMPLED);
    assert_true(v.mass_uncertainty < 0.01 * v.mass);
    assert_ok(kma_inventory_release(&inventory));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_volume_release(&ct));
    return (v.mass - 1.5e-3 * (pow(N * 1.25, 3) - volume)) / v.mass_uncertainty;
}

static kma_volume make_box(const double size[3], kma_material material)
{
    kma_solid solid = {0};
    kma_volume volume = {0};

    assert_ok(kma_solid_create_box(size, &solid));
    assert_ok(kma_volume_create("box", solid, material, &volume));
    assert_ok(kma_solid_release(&solid));
    return volume;
}

/* The mass is known, so what is told of its uncertainty can be judged. Boxes along the voxels are the worst: all voxels
 * of a face err alike. */
TEST(the_sampled_mass_of_an_image_is_right_to_what_is_told_of_it)
{
    enum { PLACES = 24 };
    static short values[N * N * N];
    parts p = make();
    kma_image_geometry g;
    kma_image image = {0};
    kma_ct_table table = {0};
    kma_ct_row row = {-1, 1, 1.5, 1.5, p.water};
    double worst = 0;
    int k;

    kma_image_geometry_defaults(&g);
    for (k = 0; k < 3; k++) {
        g.count[k] = N;
        g.spacing[k] = 1.25;
        g.origin[k] = -0.5 * (N - 1) * 1.25;
    }
    assert_ok(kma_image_create(&g, KMA_SCALAR_INT16, values, &image));
    assert_ok(kma_ct_table_create(&row, 1, &table));
    for (k = 0; k < PLACES; k++) {
        const double at[3] = {0.31 * k - 2, 1 - 0.17 * k, 0.05 * k},
                     size[3] = {7 + 0.313 * k, 9 - 0.117 * k, 5 + 0.219 * k};
        double radius = 4 + 0.21 * k;
        kma_volume ball = orb("ball", radius, p.lead), box = make_box(size, p.lead);
        assert_true(fabs(off_by(&p, image, table, ball, 4 * pi / 3 * radius * radius * radius, at)) < 1);
        worst = fmax(worst, fabs(off_by(&p, image, table, box, size[0] * size[1] * size[2], at)));
        assert_ok(kma_volume_release(&ball));
        assert_ok(kma_volume_release(&box));
    }
    print_message("worst of boxes: %.3f of the uncertainty\n", worst);
    assert_true(worst < 1);
    assert_true(worst > 0.1); /* it is not told ten times too large */
    assert_ok(kma_ct_table_release(&table));
    assert_ok(kma_image_release(&image));
    drop(&p);
    kmt_assert_no_live_objects();
}
