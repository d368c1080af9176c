/*
 * A dose of 42.9 million voxels: peak memory and rate for a number of threads,
 * the reading of the whole result included, and its writing if there is a
 * directory to write it to (350 MB).
 *
 *     bench_memory THREADS [histories [DIRECTORY]]
 *
 * One process for each number of threads, because the peak is a process's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "kerma/kerma.h"

enum { EDGE = 350, SLAB = 65536 };

static void must(kma_status status, const char *what)
{
    if (status == KMA_OK) return;
    fprintf(stderr, "%s: %s: %s\n", what, kma_status_name(status), kma_error_message());
    exit(1);
}
#define MUST(call) must((call), #call)

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double peak_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

/* A ball of bone in water, 350 mm wide. */
static kma_volume make_phantom(void)
{
    kma_image_geometry geometry;
    kma_image image = {0};
    kma_ct_table table = {0};
    kma_volume volume = {0};
    short *voxels = malloc(sizeof *voxels * EDGE * EDGE * EDGE);
    size_t i, j, k, n = 0;

    if (voxels == NULL) exit(1);
    for (k = 0; k < EDGE; k++)
        for (j = 0; j < EDGE; j++)
            for (i = 0; i < EDGE; i++) {
                double x = (double)i - 174.5, y = (double)j - 174.5, z = (double)k - 174.5;
                voxels[n++] = x * x + y * y + z * z < 60 * 60 ? 800 : (short)(i % 7);
            }
    kma_image_geometry_defaults(&geometry);
    for (i = 0; i < 3; i++) {
        geometry.count[i] = EDGE;
        geometry.origin[i] = -174.5;
    }
    MUST(kma_image_create(&geometry, KMA_SCALAR_INT16, voxels, &image));
    free(voxels);
    MUST(kma_ct_table_create_builtin(&table));
    MUST(kma_volume_create_image("phantom", image, table, &volume));
    MUST(kma_image_release(&image));
    MUST(kma_ct_table_release(&table));
    return volume;
}

static kma_scene make_scene(void)
{
    const double size[3] = {1000, 1000, 1000};
    kma_solid box = {0};
    kma_volume room = {0}, phantom = make_phantom();
    kma_spectrum spectrum = {0};
    kma_source_options beam;
    kma_source source = {0};
    kma_scorer dose = {0};
    kma_scene scene = {0};

    MUST(kma_solid_create_box(size, &box));
    MUST(kma_volume_create("room", box, (kma_material){0}, &room));
    MUST(kma_volume_place(room, phantom, (const double[3]){0, 0, 0}, NULL));
    MUST(kma_spectrum_create_mono(0.06, &spectrum));
    MUST(kma_source_options_defaults(&beam));
    beam.kind = KMA_SOURCE_PARALLEL;
    beam.field_width = beam.field_height = 350;
    beam.position[2] = -400;
    MUST(kma_source_create(&beam, spectrum, &source));
    MUST(kma_scorer_create_voxels("dose", phantom, &dose));
    MUST(kma_scene_create(room, &scene));
    MUST(kma_scene_add_source(scene, source));
    MUST(kma_scene_add_scorer(scene, dose));
    MUST(kma_solid_release(&box));
    MUST(kma_volume_release(&room));
    MUST(kma_volume_release(&phantom));
    MUST(kma_spectrum_release(&spectrum));
    MUST(kma_source_release(&source));
    MUST(kma_scorer_release(&dose));
    return scene;
}

int main(int argc, char **argv)
{
    uint64_t histories = argc > 2 ? strtoull(argv[2], NULL, 10) : 20000000;
    static double mean[SLAB], uncertainty[SLAB];
    kma_scene scene = make_scene();
    kma_run_options options;
    kma_run_manager run = {0};
    kma_result result = {0};
    kma_result_scorer scorer = {.size = sizeof scorer};
    size_t first, n, touched = 0, i;
    double begun;

    MUST(kma_run_options_defaults(&options));
    if (argc > 1) options.threads = atoi(argv[1]);
    MUST(kma_run_manager_create(scene, &options, &run));
    MUST(kma_run_manager_initialize(run));
    begun = now();
    MUST(kma_run_manager_beam_on(run, histories));
    begun = now() - begun;
    printf("threads %2d: %.0f histories/s, peak %.0f MB after the run", options.threads, (double)histories / begun, peak_mb());
    MUST(kma_run_manager_snapshot(run, &result));
    MUST(kma_result_get_scorer(result, 0, &scorer));
    for (first = 0; first < scorer.bins; first += n) {
        n = scorer.bins - first < SLAB ? scorer.bins - first : SLAB;
        MUST(kma_result_get_values(result, 0, KMA_QUANTITY_DOSE, first, n, mean, uncertainty));
        for (i = 0; i < n; i++) touched += mean[i] > 0;
    }
    printf(", %.0f MB with the result read (%zu of %zu voxels have a dose)\n", peak_mb(), touched, scorer.bins);
    if (argc > 3) {
        MUST(kma_result_write(result, argv[3]));
        printf("            %.0f MB with the result written to %s\n", peak_mb(), argv[3]);
    }
    MUST(kma_result_release(&result));
    MUST(kma_run_manager_release(&run));
    MUST(kma_scene_release(&scene));
    MUST(kma_shutdown());
    return 0;
}
