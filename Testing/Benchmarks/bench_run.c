/*
 * Whole runs: where a serial history's time goes, histories a second for 0, 1
 * and 2 threads, the scaling, peak memory.
 *
 *     bench_run [histories] [rounds]
 *
 * A round measures one thread, two threads, and two processes of one thread at
 * the same time: they share nothing of kerma's, so what they lose against twice
 * one is the machine's. Noise comes and goes over seconds; the ratios are of
 * measurements next to each other, and their median counts.
 *
 * The problem is that of published comparisons (AAPM TG-195 case 2's size): a
 * water phantom of 390 x 390 x 200 mm with a dose grid of 78 x 78 x 40 cells,
 * 56.4 keV, a point source 1800 mm away, a field of 390 x 390 mm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

typedef struct figures {
    double wall, cpu; /* histories a second */
    double initialize_s;
} figures;

static figures measure(kma_scene scene, int threads, uint64_t histories, int profile)
{
    kma_run_options options;
    kma_run_manager run = {0};
    double wall, cpu;
    figures f;

    MUST(kma_run_options_defaults(&options));
    options.threads = threads;
    f.initialize_s = now(CLOCK_MONOTONIC);
    MUST(kma_run_manager_create(scene, &options, &run));
    MUST(kma_run_manager_initialize(run));
    f.initialize_s = now(CLOCK_MONOTONIC) - f.initialize_s;
    MUST(kma_run_manager_beam_on(run, histories / 20)); /* warm */
    if (profile) kmt_profile_start();
    wall = now(CLOCK_MONOTONIC);
    cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    MUST(kma_run_manager_beam_on(run, histories));
    f.wall = (double)histories / (now(CLOCK_MONOTONIC) - wall);
    f.cpu = (double)histories / (now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    if (profile) kmt_profile_stop_and_print();
    MUST(kma_run_manager_close(run));
    MUST(kma_run_manager_release(&run));
    return f;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_size);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Rate of `count` processes like this one, of one thread each, together. */
static double processes(const char *self, int count, uint64_t histories)
{
    char command[4200];
    FILE *pipes[8];
    double sum = 0, one;
    int i;

    snprintf(command, sizeof command, "exec '%s' %llu alone", self, (unsigned long long)histories);
    for (i = 0; i < count; i++)
        if ((pipes[i] = popen(command, "r")) == NULL) exit(1);
    for (i = 0; i < count; i++) {
        if (fscanf(pipes[i], "%lf", &one) != 1 || pclose(pipes[i]) != 0) exit(1);
        sum += one;
    }
    return sum;
}

enum { ROUNDS_MAX = 100 };

static void rounds(const char *self, kma_scene scene, uint64_t histories, int count)
{
    double one[ROUNDS_MAX], two[ROUNDS_MAX], threads[ROUNDS_MAX], peers[ROUNDS_MAX], peer[ROUNDS_MAX];
    int i;

    for (i = 0; i < count; i++) {
        figures a = measure(scene, 1, histories, 0), b = measure(scene, 2, 2 * histories, 0);
        double c = processes(self, 2, histories), after = measure(scene, 1, histories, 0).wall;
        double single = (a.wall + after) / 2; /* before and after the two that it is compared with */

        printf("  one thread %.3g and %.3g, two %.3g histories/s (%.2f x; a CPU second %.3f x), "
               "two processes %.3g (%.2f x)\n",
               a.wall, after, b.wall, b.wall / single, b.cpu / a.cpu, c, c / single);
        one[i] = single;
        two[i] = b.wall;
        threads[i] = b.wall / single;
        peers[i] = c / single;
        peer[i] = b.wall / c;
    }
    printf("  medians of %d rounds: one thread %.3g, two %.3g histories/s\n", count, median(one, count), median(two, count));
    printf("  two threads are %.2f x one; two processes %.2f x; two threads are %.2f x two processes\n",
           median(threads, count), median(peers, count), median(peer, count));
}

int main(int argc, char **argv)
{
    uint64_t histories = argc > 1 ? strtoull(argv[1], NULL, 10) : 4000000;
    int count = argc > 2 ? atoi(argv[2]) : 3;
    kma_scene scene = water_phantom();
    figures serial;

    if (argc > 2 && strcmp(argv[2], "alone") == 0) { /* one of the processes */
        printf("%.9g\n", measure(scene, 1, histories, 0).wall);
        return 0;
    }
    if (count < 1 || count > ROUNDS_MAX) return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("water phantom 390 x 390 x 200 mm, 78 x 78 x 40 dose cells, 56.4 keV, %llu histories a thread\n",
           (unsigned long long)histories);
    serial = measure(scene, 0, histories, 1);
    printf("  serial %.3g histories/s; initialize %.3f s\n", serial.wall, serial.initialize_s);
    rounds(argv[0], scene, histories, count);
    printf("  peak memory %.0f MB\n", peak_mb());
    MUST(kma_scene_release(&scene));
    MUST(kma_shutdown());
    return 0;
}
