#include "kmt_scene.h"

#include "kmt.h"
#include "kerma/kerma.h"

kma_scene kmt_water_scene(void)
{
    const double world_size[3] = {400, 400, 600}, box_size[3] = {200, 200, 100};
    kma_solid world_solid = {0}, box_solid = {0};
    kma_material water = {0}, vacuum = {0};
    kma_volume world = {0}, box = {0};
    kma_spectrum spectrum = {0};
    kma_source_options beam;
    kma_source source = {0};
    kma_image_geometry grid = {.size = sizeof grid,
                               .count = {10, 10, 10},
                               .spacing = {20, 20, 10},
                               .origin = {-90, -90, -45},
                               .direction = {1, 0, 0, 0, 1, 0, 0, 0, 1}};
    kma_detector_options plane;
    kma_scorer dose = {0}, detector = {0}, whole = {0};
    kma_scene scene = {0};

    assert_ok(kma_solid_create_box(world_size, &world_solid));
    assert_ok(kma_solid_create_box(box_size, &box_solid));
    assert_ok(kma_material_create_nist("Water, Liquid", &water));
    assert_ok(kma_volume_create("world", world_solid, vacuum, &world));
    assert_ok(kma_volume_create("box", box_solid, water, &box));
    assert_ok(kma_volume_place(world, box, (const double[3]){0, 0, 0}, NULL));
    assert_ok(kma_spectrum_create_mono(0.06, &spectrum));
    assert_ok(kma_source_options_defaults(&beam));
    beam.kind = KMA_SOURCE_PENCIL;
    beam.position[0] = 1;
    beam.position[1] = 2;
    beam.position[2] = -200;
    beam.direction[0] = 0;
    beam.direction[1] = 0;
    beam.direction[2] = 1;
    assert_ok(kma_source_create(&beam, spectrum, &source));
    assert_ok(kma_scorer_create_grid("dose", &grid, &dose));
    assert_ok(kma_detector_options_defaults(&plane));
    plane.centre[2] = 250;
    plane.count[0] = plane.count[1] = 16;
    plane.pixel_size[0] = plane.pixel_size[1] = 10;
    assert_ok(kma_scorer_create_detector("detector", &plane, &detector));
    assert_ok(kma_scorer_create_volume("whole", box, &whole));
    assert_ok(kma_scene_create(world, &scene));
    assert_ok(kma_scene_add_source(scene, source));
    assert_ok(kma_scene_add_scorer(scene, dose));
    assert_ok(kma_scene_add_scorer(scene, detector));
    assert_ok(kma_scene_add_scorer(scene, whole));
    assert_ok(kma_scene_set_cut_energy(scene, 0.005));

    assert_ok(kma_solid_release(&world_solid));
    assert_ok(kma_solid_release(&box_solid));
    assert_ok(kma_material_release(&water));
    assert_ok(kma_volume_release(&world));
    assert_ok(kma_volume_release(&box));
    assert_ok(kma_spectrum_release(&spectrum));
    assert_ok(kma_source_release(&source));
    assert_ok(kma_scorer_release(&dose));
    assert_ok(kma_scorer_release(&detector));
    assert_ok(kma_scorer_release(&whole));
    return scene;
}

kma_run_manager kmt_water_run(int threads)
{
    kma_scene scene = kmt_water_scene();
    kma_run_options options;
    kma_run_manager run = {0};

    assert_ok(kma_run_options_defaults(&options));
    options.threads = threads;
    options.seed = 7;
    assert_ok(kma_run_manager_create(scene, &options, &run));
    assert_ok(kma_scene_release(&scene));
    return run;
}

void kmt_scores_hash(kma_run_manager run, char out[KMA_HASH_SIZE])
{
    kma_result result = {0};
    kma_result_info info = {.size = sizeof info};

    assert_ok(kma_run_manager_snapshot(run, &result));
    assert_ok(kma_result_get_info(result, &info));
    memcpy(out, info.scores_hash, KMA_HASH_SIZE);
    assert_ok(kma_result_release(&result));
}

uint64_t kmt_histories(kma_run_manager run)
{
    kma_result result = {0};
    kma_result_info info = {.size = sizeof info};

    assert_ok(kma_run_manager_snapshot(run, &result));
    assert_ok(kma_result_get_info(result, &info));
    assert_ok(kma_result_release(&result));
    return info.histories;
}
