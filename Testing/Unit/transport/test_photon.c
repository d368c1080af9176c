/* Photons in solids: where they start, what detectors see, where their energy goes. */
#include "kmt.h"
#include "kmt_problem.h"

#include <math.h>

static const kma_material vacuum = {0};

static kma_scene scene_of(kma_volume world)
{
    kma_scene scene = {0};
    assert_ok(kma_scene_create(world, &scene));
    return scene;
}

static void add_source(kma_scene scene, kma_source source)
{
    assert_ok(kma_scene_add_source(scene, source));
    assert_ok(kma_source_release(&source));
}

static void add_scorer(kma_scene scene, kma_scorer scorer)
{
    assert_ok(kma_scene_add_scorer(scene, scorer));
    assert_ok(kma_scorer_release(&scorer));
}

static kma_scorer in_volume(const char *name, kma_volume volume)
{
    kma_scorer scorer = {0};
    assert_ok(kma_scorer_create_volume(name, volume, &scorer));
    return scorer;
}

/* A square detector of one pixel, perpendicular to z. */
static kma_scorer plane(const char *name, double x, double z, double size, int absorbs)
{
    kma_detector_options options;
    kma_scorer scorer = {0};

    assert_ok(kma_detector_options_defaults(&options));
    options.centre[0] = x;
    options.centre[2] = z;
    options.pixel_size[0] = options.pixel_size[1] = size;
    options.absorbs = absorbs;
    assert_ok(kma_scorer_create_detector(name, &options, &scorer));
    return scorer;
}

static double value_of(kma_result result, const char *scorer, kma_quantity quantity, double *uncertainty)
{
    size_t index = 0;
    double mean = 0;

    assert_ok(kma_result_find_scorer(result, scorer, &index));
    assert_ok(kma_result_get_values(result, index, quantity, 0, 1, &mean, uncertainty));
    return mean;
}

static kma_energy_ledger ledger_of(kma_result result)
{
    kma_result_info info = {.size = sizeof info};

    assert_ok(kma_result_get_info(result, &info));
    assert_true(fabs(info.ledger.balance) <= info.ledger.allowed);
    return info.ledger;
}

TEST(photons_from_outside_of_the_world_enter_it_or_escape)
{
    enum { N = 20000 };
    kma_material lead = kmt_material("Lead");
    kma_volume world = kmt_box("world", 200, 200, 200, vacuum), box = kmt_box("box", 100, 100, 100, lead);
    kma_scene scene;
    kma_result result;
    kma_energy_ledger ledger;

    kmt_place(world, box, 0, 0, 0);
    scene = scene_of(world);
    add_source(scene, kmt_beam(0.03, 0, 0, -500, 0)); /* hits the box */
    add_source(scene, kmt_beam(0.03, 500, 0, -500, 0)); /* misses the world */
    add_scorer(scene, in_volume("box", box));
    add_scorer(scene, plane("face", 0, -100, 10, 0)); /* on the world's border */
    result = kmt_run(scene, 2, 3, N);
    ledger = ledger_of(result);
    assert_near(ledger.emitted, N * 0.03, 1e-6);
    /* Half of the histories: 5 standard deviations of a binomial. */
    assert_near(value_of(result, "face", KMA_QUANTITY_PRIMARY_COUNT, NULL), 0.5, 5 * 0.5 / sqrt(N));
    assert_near(ledger.escaped / ledger.emitted, 0.5, 0.08); /* and what lead throws back: a few per cent */
    assert_near(value_of(result, "box", KMA_QUANTITY_ENERGY, NULL) * N, ledger.deposited + ledger.cut, 1e-6);
    assert_ok(kma_result_release(&result));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_volume_release(&world));
    assert_ok(kma_volume_release(&box));
    assert_ok(kma_material_release(&lead));
    kmt_assert_no_live_objects();
}

TEST(photons_below_the_cut_leave_their_energy_where_they_stop)
{
    enum { N = 20000 };
    kma_material water = kmt_material("Water, Liquid");
    kma_volume world = kmt_box("world", 200, 200, 200, vacuum), box = kmt_box("box", 100, 100, 100, water);
    kma_scene scene;
    kma_result result;
    kma_energy_ledger ledger;
    double in_box, in_world;

    kmt_place(world, box, 0, 0, 0);
    scene = scene_of(world);
    add_source(scene, kmt_beam(0.06, 0, 0, 0, 0));     /* in the box; a Compton photon soon falls below the cut */
    add_source(scene, kmt_beam(0.02, 0, 0, 0, 0));     /* below from the start, in the box */
    add_source(scene, kmt_beam(0.02, 0, 0, -90, 0));   /* in the world's vacuum */
    add_source(scene, kmt_beam(0.02, 0, 0, -1000, 0)); /* outside of the world: nowhere to leave it */
    add_scorer(scene, in_volume("box", box));
    add_scorer(scene, in_volume("world", world));
    assert_ok(kma_scene_set_cut_energy(scene, 0.055));
    result = kmt_run(scene, 2, 4, N);
    ledger = ledger_of(result);
    in_box = value_of(result, "box", KMA_QUANTITY_ENERGY, NULL) * N;
    in_world = value_of(result, "world", KMA_QUANTITY_ENERGY, NULL) * N;
    assert_true(ledger.deposited > 0 && ledger.cut > 0 && ledger.escaped > 0);
    assert_near(in_world, N * 0.25 * 0.02, 5 * 0.02 * sqrt(N * 0.25 * 0.75));
    /* What was cut or deposited, but for the photons outside, of which there are as many as in the vacuum. */
    assert_near(in_box + 2 * in_world, ledger.deposited + ledger.cut, 5 * 0.02 * sqrt(2 * N * 0.25));
    assert_near(ledger.emitted, N * (0.06 + 3 * 0.02) / 4, 5 * 0.02 * sqrt(N));
    assert_ok(kma_result_release(&result));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_volume_release(&world));
    assert_ok(kma_volume_release(&box));
    assert_ok(kma_material_release(&water));
    kmt_assert_no_live_objects();
}

TEST(sources_share_the_histories_by_their_weights)
{
    enum { N = 100000, SOURCES = 4 };
    const double weight[SOURCES] = {1, 2.5, 0.25, 4.25}; /* of 8 */
    char name[SOURCES][8];
    kma_volume world = kmt_box("world", 400, 400, 400, vacuum);
    kma_scene scene = scene_of(world);
    kma_result result;
    double sum = 0;
    int i;

    for (i = 0; i < SOURCES; i++) {
        kma_source_options options;
        kma_spectrum spectrum = {0};
        kma_source source = {0};
        assert_ok(kma_source_options_defaults(&options));
        options.kind = KMA_SOURCE_PENCIL;
        options.position[0] = 50.0 * i;
        options.weight = weight[i];
        assert_ok(kma_spectrum_create_mono(0.05, &spectrum));
        assert_ok(kma_source_create(&options, spectrum, &source));
        assert_ok(kma_spectrum_release(&spectrum));
        add_source(scene, source);
        snprintf(name[i], sizeof name[i], "d%d", i);
        add_scorer(scene, plane(name[i], 50.0 * i, 100, 20, 1));
    }
    result = kmt_run(scene, 2, 5, N);
    for (i = 0; i < SOURCES; i++) {
        double p = weight[i] / 8, share = value_of(result, name[i], KMA_QUANTITY_PRIMARY_COUNT, NULL);
        assert_near(share, p, 4.5 * sqrt(p * (1 - p) / N));
        sum += share;
    }
    assert_near(sum, 1, 1e-12); /* every history has one photon */
    assert_ok(kma_result_release(&result));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_volume_release(&world));
    kmt_assert_no_live_objects();
}

/* Two detectors in one plane and one behind. */
static kma_result detect(int first_absorbs, int second_absorbs)
{
    kma_volume world = kmt_box("world", 200, 200, 200, vacuum);
    kma_scene scene = scene_of(world);
    kma_result result;

    add_source(scene, kmt_beam(0.05, 1, 2, -90, 0));
    add_scorer(scene, plane("behind", 0, 60, 50, 0));
    add_scorer(scene, plane("first", 0, 50, 50, first_absorbs));
    add_scorer(scene, plane("second", 0, 50, 50, second_absorbs));
    result = kmt_run(scene, 1, 6, 1000);
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_volume_release(&world));
    return result;
}

static void assert_seen(kma_result result, double first, double second, double behind)
{
    assert_near(value_of(result, "first", KMA_QUANTITY_PRIMARY_COUNT, NULL), first, 0);
    assert_near(value_of(result, "second", KMA_QUANTITY_PRIMARY_COUNT, NULL), second, 0);
    assert_near(value_of(result, "behind", KMA_QUANTITY_PRIMARY_COUNT, NULL), behind, 0);
    assert_near(value_of(result, "first", KMA_QUANTITY_PRIMARY_ENERGY, NULL), 0.05 * first, 1e-12);
    assert_near(value_of(result, "first", KMA_QUANTITY_SCATTER_COUNT, NULL), 0, 0);
    assert_near(ledger_of(result).escaped, 1000 * 0.05, 1e-9); /* once, whoever took it */
    assert_ok(kma_result_release(&result));
}

TEST(of_detectors_in_one_plane_all_see_a_photon_until_one_absorbs_it)
{
    assert_seen(detect(0, 0), 1, 1, 1);
    assert_seen(detect(0, 1), 1, 1, 0);
    assert_seen(detect(1, 0), 1, 0, 0); /* in the order of the scene */
    kmt_assert_no_live_objects();
}

/* The primaries that a detector at z sees, behind or in front of a slab of water from -10 to 10 mm. */
static double primaries_at(double z)
{
    kma_material water = kmt_material("Water, Liquid");
    kma_volume world = kmt_box("world", 200, 200, 200, vacuum), slab = kmt_box("slab", 100, 100, 20, water);
    kma_scene scene;
    kma_result result;
    double count;

    kmt_place(world, slab, 0, 0, 0);
    scene = scene_of(world);
    add_source(scene, kmt_beam(0.03, 0, 0, -90, 0));
    add_scorer(scene, plane("plane", 0, z, 100, 0));
    result = kmt_run(scene, 1, 7, 20000);
    count = value_of(result, "plane", KMA_QUANTITY_PRIMARY_COUNT, NULL);
    assert_ok(kma_result_release(&result));
    assert_ok(kma_scene_release(&scene));
    assert_ok(kma_volume_release(&world));
    assert_ok(kma_volume_release(&slab));
    assert_ok(kma_material_release(&water));
    return count;
}

TEST(a_detector_in_the_face_of_a_solid_sees_what_one_just_outside_sees)
{
    double behind = primaries_at(11);

    /* The same histories to the bit, for a detector changes no photon. */
    assert_near(primaries_at(-11), 1, 0);
    assert_near(primaries_at(-10), 1, 0);
    assert_near(primaries_at(10), behind, 0);
    /* Half-way through: XCOM, water at 30 keV: mu/rho 0.3756 cm2/g. */
    assert_near(behind, exp(-0.3756 * 2), 0.012);
    assert_near(primaries_at(0), exp(-0.3756), 0.015);
    kmt_assert_no_live_objects();
}

/* Depth that is left at a border is spent behind it: slabs cut in pieces are the slab. */
TEST(a_slab_in_slices_passes_what_a_whole_one_passes)
{
    enum { SLICES = 20, N = 40000 };
    kma_material water = kmt_material("Water, Liquid");
    double count[2], uncertainty[2];
    int sliced, i;

    for (sliced = 0; sliced < 2; sliced++) {
        kma_volume world = kmt_box("world", 200, 200, 200, vacuum);
        kma_volume slab = kmt_box("slab", 100, 100, sliced ? 20.0 / SLICES : 20, water);
        kma_scene scene;
        kma_result result;
        for (i = 0; i < (sliced ? SLICES : 1); i++) kmt_place(world, slab, 0, 0, sliced ? -9.5 + i : 0);
        scene = scene_of(world);
        add_source(scene, kmt_beam(0.03, 0, 0, -90, 0));
        add_scorer(scene, plane("plane", 0, 11, 100, 0));
        result = kmt_run(scene, 2, 8, N); /* the same seed: the same first depths */
        count[sliced] = value_of(result, "plane", KMA_QUANTITY_PRIMARY_COUNT, &uncertainty[sliced]);
        assert_ok(kma_result_release(&result));
        assert_ok(kma_scene_release(&scene));
        assert_ok(kma_volume_release(&world));
        assert_ok(kma_volume_release(&slab));
    }
    /* A primary has one depth for all slices, so it is the same photons but for rounding of the depth. */
    assert_near(count[0], count[1], 1.5 / N);
    assert_ok(kma_material_release(&water));
    kmt_assert_no_live_objects();
}
