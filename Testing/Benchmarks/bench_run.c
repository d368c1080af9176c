/*
 * Whole runs: histories a second for 0, 1 and 2 threads, the scaling, peak
 * memory, and where a serial history's time goes.
 *
 *     bench_run [histories]
 *
 * The problem is that of published comparisons (AAPM TG-195 case 2's size): a
 * water phantom of 390 x 390 x 200 mm with a dose grid of 78 x 78 x 40 cells,
 * 56.4 keV, a point source 1800 mm away, a field of 390 x 390 mm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "kerma/kerma.h"
#include "profile.h"

static void must(kma_status status, const char *what)
{
    if (status == KMA_OK) return;
    fprintf(stderr, "%s: %s: %s\n", what, kma_status_name(status), kma_error_message());
    exit(1);
}
#define MUST(call) must((call), #call)

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double peak_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static kma_scene water_phantom(void)
{
    const double world_size[3] = {1000, 1000, 4200}, phantom_size[3] = {390, 390, 200};
    kma_solid world_solid = {0}, phantom_solid = {0};
    kma_material air = {0}, water = {0};
    kma_volume world = {0}, phantom = {0};
    kma_spectrum spectrum = {0};
    kma_source_options beam;
    kma_source source = {0};
    kma_image_geometry grid;
    kma_scorer dose = {0};
    kma_scene scene = {0};

    MUST(kma_solid_create_box(world_size, &world_solid));
    MUST(kma_solid_create_box(phantom_size, &phantom_solid));
    MUST(kma_material_create_nist("Air, Dry (near sea level)", &air));
    MUST(kma_material_create_nist("Water, Liquid", &water));
    MUST(kma_volume_create("world", world_solid, air, &world));
    MUST(kma_volume_create("phantom", phantom_solid, water, &phantom));
    MUST(kma_volume_place(world, phantom, (const double[3]){0, 0, 100}, NULL));
    MUST(kma_spectrum_create_mono(0.0564, &spectrum));
    MUST(kma_source_options_defaults(&beam));
    beam.kind = KMA_SOURCE_POINT;
    beam.emission = KMA_EMISSION_FIELD;
    beam.position[2] = -1800;
    beam.direction[0] = beam.direction[1] = 0;
    beam.direction[2] = 1;
    beam.field_width = beam.field_height = 390;
    beam.field_distance = 1800;
    MUST(kma_source_create(&beam, spectrum, &source));
    kma_image_geometry_defaults(&grid);
    grid.count[0] = grid.count[1] = 78;
    grid.count[2] = 40;
    grid.spacing[0] = grid.spacing[1] = grid.spacing[2] = 5;
    grid.origin[0] = grid.origin[1] = -192.5;
    grid.origin[2] = 2.5;
    MUST(kma_scorer_create_grid("dose", &grid, &dose));
    MUST(kma_scene_create(world, &scene));
    MUST(kma_scene_add_source(scene, source));
    MUST(kma_scene_add_scorer(scene, dose));
    MUST(kma_scene_set_cut_energy(scene, 0.001));
    MUST(kma_solid_release(&world_solid));
    MUST(kma_solid_release(&phantom_solid));
    MUST(kma_material_release(&air));
    MUST(kma_material_release(&water));
    MUST(kma_volume_release(&world));
    MUST(kma_volume_release(&phantom));
    MUST(kma_spectrum_release(&spectrum));
    MUST(kma_source_release(&source));
    MUST(kma_scorer_release(&dose));
    return scene;
}

static double rate(kma_scene scene, int threads, uint64_t histories, int profile)
{
    kma_run_options options;
    kma_run_manager run = {0};
    double wall, cpu, begun;

    MUST(kma_run_options_defaults(&options));
    options.threads = threads;
    begun = now(CLOCK_MONOTONIC);
    MUST(kma_run_manager_create(scene, &options, &run));
    MUST(kma_run_manager_initialize(run));
    begun = now(CLOCK_MONOTONIC) - begun;
    MUST(kma_run_manager_beam_on(run, histories / 20)); /* warm */
    if (profile) kmt_profile_start();
    wall = now(CLOCK_MONOTONIC);
    cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    MUST(kma_run_manager_beam_on(run, histories));
    wall = now(CLOCK_MONOTONIC) - wall;
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("  threads %d: %10.0f histories/s (wall), %10.0f a CPU second; initialize %.3f s\n", threads,
           (double)histories / wall, (double)histories / cpu, begun);
    if (profile) kmt_profile_stop_and_print();
    MUST(kma_run_manager_close(run));
    MUST(kma_run_manager_release(&run));
    return (double)histories / wall;
}

int main(int argc, char **argv)
{
    uint64_t histories = argc > 1 ? strtoull(argv[1], NULL, 10) : 4000000;
    kma_scene scene = water_phantom();
    double serial, one, two;

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("water phantom 390 x 390 x 200 mm, 78 x 78 x 40 dose cells, 56.4 keV, %llu histories\n",
           (unsigned long long)histories);
    serial = rate(scene, 0, histories, 1);
    one = rate(scene, 1, histories, 0);
    two = rate(scene, 2, histories, 0);
    printf("  two threads are %.2f x one, one is %.2f x serial; peak memory %.0f MB\n", two / one, one / serial, peak_mb());
    MUST(kma_scene_release(&scene));
    MUST(kma_shutdown());
    return 0;
}
