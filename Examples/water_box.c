/*
 * The same as water_box.json by the C interface: dose in a water phantom under a field of 56.4 keV.
 *
 *     kerma_water_box [HISTORIES [DIRECTORY]]
 */
#include <stdio.h>
#include <stdlib.h>

#include <kerma/kerma.h>

/* The first failure ends the program with its text. */
static void check(kma_status status)
{
    if (status == KMA_OK) return;
    fprintf(stderr, "kerma_water_box: %s\n", kma_error_message());
    exit(EXIT_FAILURE);
}

int main(int count, char **arguments)
{
    const double room_size[3] = {4000, 4000, 4400}, phantom_size[3] = {390, 390, 200}, place[3] = {0, 0, 100};
    kma_material air, water;
    kma_solid room_solid, phantom_solid;
    kma_volume room, phantom;
    kma_spectrum beam;
    kma_source_options source_options;
    kma_source source;
    kma_image_geometry cells;
    kma_scorer dose, phantom_dose;
    kma_scene scene;
    kma_run_options run_options;
    kma_run_manager run;
    kma_result result;
    kma_result_info info = {.size = sizeof info};
    int i;

    check(kma_material_create_nist("Air, Dry (near sea level)", &air));
    check(kma_material_create_nist("Water, Liquid", &water));
    check(kma_solid_create_box(room_size, &room_solid));
    check(kma_solid_create_box(phantom_size, &phantom_solid));
    check(kma_volume_create("room", room_solid, air, &room));
    check(kma_volume_create("phantom", phantom_solid, water, &phantom));
    check(kma_volume_place(room, phantom, place, NULL));
    check(kma_scene_create(room, &scene));
    check(kma_scene_set_cut_energy(scene, 0.005));

    check(kma_spectrum_create_mono(0.0564, &beam));
    check(kma_source_options_defaults(&source_options)); /* a point, along z */
    source_options.position[2] = -1800;
    source_options.emission = KMA_EMISSION_FIELD;
    source_options.field_width = source_options.field_height = 390;
    source_options.field_distance = 1800;
    check(kma_source_create(&source_options, beam, &source));
    check(kma_scene_add_source(scene, source));

    kma_image_geometry_defaults(&cells);
    for (i = 0; i < 3; i++) {
        cells.count[i] = i < 2 ? 78 : 40;
        cells.spacing[i] = 5;
        cells.origin[i] = i < 2 ? -192.5 : 2.5;
    }
    check(kma_scorer_create_grid("water", &cells, &dose));
    check(kma_scorer_create_volume("phantom", phantom, &phantom_dose));
    check(kma_scene_add_scorer(scene, dose));
    check(kma_scene_add_scorer(scene, phantom_dose));

    check(kma_run_options_defaults(&run_options));
    check(kma_run_manager_create(scene, &run_options, &run));
    check(kma_run_manager_initialize(run));
    check(kma_run_manager_beam_on(run, count > 1 ? strtoull(arguments[1], NULL, 10) : 1000000));
    check(kma_run_manager_snapshot(run, &result));
    check(kma_result_get_info(result, &info));
    if (count > 2) check(kma_result_write(result, arguments[2]));
    printf("%llu histories, %.6g MeV deposited each, scores %s\n", (unsigned long long)info.histories,
           info.ledger.deposited / (double)info.histories, info.scores_hash);
    check(kma_shutdown()); /* what is left is freed with the process; a longer program releases what it made */
    return 0;
}
