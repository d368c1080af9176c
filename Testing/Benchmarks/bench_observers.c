/*
 * What observers cost: each kind against none, in rounds.
 *
 *     bench_observers [histories] [rounds]
 *
 * A round measures every kind once between two runs without observers. Noise comes and goes over seconds: a kind is
 * compared with the two next to it, and the median of the rounds counts. The observers themselves do nothing, so what is
 * measured is kerma's part: making a step or a record, handing it over, the call.
 *
 * The problem is that of bench_run: a water phantom of 390 x 390 x 200 mm, 78 x 78 x 40 dose cells, 56.4 keV.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kerma/kerma.h"

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

static kma_volume box(const char *name, const double size[3], const char *nist)
{
    kma_solid solid = {0};
    kma_material material = {0};
    kma_volume volume = {0};

    MUST(kma_solid_create_box(size, &solid));
    MUST(kma_material_create_nist(nist, &material));
    MUST(kma_volume_create(name, solid, material, &volume));
    MUST(kma_solid_release(&solid));
    MUST(kma_material_release(&material));
    return volume;
}

static void add_source(kma_scene scene)
{
    kma_spectrum spectrum = {0};
    kma_source_options field;
    kma_source source = {0};

    MUST(kma_spectrum_create_mono(0.0564, &spectrum));
    MUST(kma_source_options_defaults(&field));
    field.emission = KMA_EMISSION_FIELD;
    field.position[2] = -1800;
    field.field_width = field.field_height = 390;
    field.field_distance = 1800;
    MUST(kma_source_create(&field, spectrum, &source));
    MUST(kma_scene_add_source(scene, source));
    MUST(kma_spectrum_release(&spectrum));
    MUST(kma_source_release(&source));
}

static kma_scene water_phantom(void)
{
    const double world_size[3] = {1000, 1000, 4200}, phantom_size[3] = {390, 390, 200};
    kma_volume world = box("world", world_size, "Air, Dry (near sea level)");
    kma_volume phantom = box("phantom", phantom_size, "Water, Liquid");
    kma_image_geometry grid;
    kma_scorer dose = {0}, whole = {0};
    kma_scene scene = {0};

    MUST(kma_volume_place(world, phantom, (const double[3]){0, 0, 100}, NULL));
    MUST(kma_scene_create(world, &scene));
    MUST(kma_scene_set_cut_energy(scene, 0.001));
    add_source(scene);
    kma_image_geometry_defaults(&grid);
    grid.count[0] = grid.count[1] = 78;
    grid.count[2] = 40;
    grid.spacing[0] = grid.spacing[1] = grid.spacing[2] = 5;
    grid.origin[0] = grid.origin[1] = -192.5;
    grid.origin[2] = 2.5;
    MUST(kma_scorer_create_grid("dose", &grid, &dose));
    MUST(kma_scorer_create_volume("phantom", phantom, &whole));
    MUST(kma_scene_add_scorer(scene, dose));
    MUST(kma_scene_add_scorer(scene, whole));
    MUST(kma_volume_release(&world));
    MUST(kma_volume_release(&phantom));
    MUST(kma_scorer_release(&dose));
    MUST(kma_scorer_release(&whole));
    return scene;
}

/* ---- observers that do nothing ---- */

static kma_status at_history(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    (void)worker;
    (void)context;
    return KMA_OK;
}

static kma_status at_step(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                          void *context)
{
    (void)run;
    (void)worker;
    (void)step;
    (void)action;
    (void)context;
    return KMA_OK;
}

static kma_status at_block(kma_run_manager run, const kma_block *block, void *context)
{
    uint64_t *records = context; /* of one thread: the steward, or the caller */
    (void)run;
    *records += block->count;
    return KMA_OK;
}

typedef enum kind { NONE, HISTORY_END, STEP, STEP_BLOCK, COMPTON_BLOCK, HISTORY_BLOCK, KINDS } kind;

static const char *const names[KINDS] = {"no observer", "history_end", "step", "step block, all processes",
                                         "step block, Compton", "history block, one volume"};

static void observe(kma_run_manager run, kind what, uint64_t *records)
{
    static const kma_history_score phantom = {"phantom", KMA_QUANTITY_ENERGY};
    kma_record_options options;

    MUST(kma_record_options_defaults(&options));
    switch (what) {
    case HISTORY_END: MUST(kma_run_manager_on_history_end(run, at_history, NULL, NULL)); break;
    case STEP: MUST(kma_run_manager_on_step(run, at_step, NULL, NULL)); break;
    case COMPTON_BLOCK: options.processes = 1u << KMA_PROCESS_COMPTON; /* fall through */
    case STEP_BLOCK: MUST(kma_run_manager_on_step_block(run, &options, at_block, records, NULL)); break;
    case HISTORY_BLOCK: MUST(kma_run_manager_on_history_block(run, &phantom, 1, &options, at_block, records, NULL)); break;
    case NONE:
    case KINDS: break;
    }
}

/* Histories a second; *records_out: records a history. */
static double measure(kma_scene scene, int threads, uint64_t histories, kind what, double *records_out)
{
    kma_run_options options;
    kma_run_manager run = {0};
    uint64_t records = 0, warm = histories / 20;
    double begin, seconds;

    MUST(kma_run_options_defaults(&options));
    options.threads = threads;
    MUST(kma_run_manager_create(scene, &options, &run));
    observe(run, what, &records);
    MUST(kma_run_manager_initialize(run));
    MUST(kma_run_manager_beam_on(run, warm));
    begin = now();
    MUST(kma_run_manager_beam_on(run, histories));
    seconds = now() - begin;
    MUST(kma_run_manager_close(run));
    MUST(kma_run_manager_release(&run));
    *records_out = (double)records / (double)(histories + warm);
    return (double)histories / seconds;
}

enum { ROUNDS_MAX = 100 };

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

static void rounds(kma_scene scene, int threads, uint64_t histories, int count)
{
    static double rate[KINDS][ROUNDS_MAX], relative[KINDS][ROUNDS_MAX], extra_ns[KINDS][ROUNDS_MAX];
    double calls[KINDS] = {[HISTORY_END] = 1};
    int i, k, workers = threads == 0 ? 1 : threads;

    for (i = 0; i < count; i++) {
        double unused, before = measure(scene, threads, histories, NONE, &unused);
        rate[NONE][i] = before;
        relative[NONE][i] = 1;
        for (k = NONE + 1; k < KINDS; k++) {
            double records, after, plain;
            rate[k][i] = measure(scene, threads, histories, (kind)k, &records);
            after = measure(scene, threads, histories, NONE, &unused);
            plain = (before + after) / 2;
            before = after;
            if (records > 0) calls[k] = records;
            relative[k][i] = rate[k][i] / plain;
            extra_ns[k][i] = 1e9 * workers * (1 / rate[k][i] - 1 / plain); /* a history, on one worker */
        }
    }
    calls[STEP] = calls[STEP_BLOCK]; /* the same steps */
    printf("threads = %d; medians of %d rounds of %llu histories\n", threads, count, (unsigned long long)histories);
    printf("  %-28s %14s %10s %18s %12s\n", "observer", "histories/s", "relative", "calls or records", "ns for each");
    for (k = 0; k < KINDS; k++) {
        printf("  %-28s %14.3g %10.2f", names[k], median(rate[k], count), median(relative[k], count));
        if (k != NONE) printf(" %18.2f %12.0f", calls[k], median(extra_ns[k], count) / calls[k]);
        printf("\n");
    }
}

int main(int argc, char **argv)
{
    uint64_t histories = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    int count = argc > 2 ? atoi(argv[2]) : 5;
    kma_scene scene = water_phantom();

    if (histories < 1000 || count < 1 || count > ROUNDS_MAX) return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("water phantom 390 x 390 x 200 mm, 78 x 78 x 40 dose cells, 56.4 keV; calls and records are a history's\n");
    rounds(scene, 0, histories, count);
    rounds(scene, 2, histories, count);
    MUST(kma_scene_release(&scene));
    MUST(kma_shutdown());
    return 0;
}
