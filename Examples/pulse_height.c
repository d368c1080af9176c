/*
 * The pulse-height spectrum of a crystal of sodium iodide, 2 x 2 inches, under a beam of 661.7 keV: how many photons
 * left how much energy in it. An observer of records gets the energy of each history, in order, in blocks.
 *
 *     kerma_pulse_height [HISTORIES [THREADS]] > spectrum.csv
 */
#include <stdio.h>
#include <stdlib.h>

#include <kerma/kerma.h>

/* The first failure ends the program with its text. */
static void check(kma_status status)
{
    if (status == KMA_OK) return;
    fprintf(stderr, "kerma_pulse_height: %s\n", kma_error_message());
    exit(EXIT_FAILURE);
}

enum { BINS = 70 };
#define BIN_WIDTH 0.01 /* MeV */

typedef struct spectrum {
    unsigned long long counts[BINS];
} spectrum;

/* What a record of one score is. */
typedef struct pulse {
    uint64_t history;
    double energy; /* MeV, of all that the history left in the crystal */
} pulse;

/* Called for one block after the other, never for two at once: no lock is needed. */
static kma_status count_pulses(kma_run_manager run, const kma_block *block, void *context)
{
    const pulse *pulses = block->records;
    spectrum *s = context;
    size_t i;

    (void)run;
    for (i = 0; i < block->count; i++) {
        int bin = (int)(pulses[i].energy / BIN_WIDTH);
        if (bin < BINS) s->counts[bin]++;
    }
    return KMA_OK;
}

static kma_scene crystal_under_a_beam(void)
{
    const double room_size[3] = {500, 500, 500};
    kma_material air, iodide;
    kma_solid room_solid, crystal_solid;
    kma_volume room, crystal;
    kma_spectrum line;
    kma_source_options beam;
    kma_source source;
    kma_scorer energy;
    kma_scene scene;

    check(kma_material_create_nist("Air, Dry (near sea level)", &air));
    check(kma_material_create_nist("Sodium Iodide", &iodide));
    check(kma_solid_create_box(room_size, &room_solid));
    check(kma_solid_create_tube(0, 25.4, 50.8, 0, 6.283185307179586, &crystal_solid));
    check(kma_volume_create("room", room_solid, air, &room));
    check(kma_volume_create("crystal", crystal_solid, iodide, &crystal));
    check(kma_volume_place(room, crystal, NULL, NULL));
    check(kma_scene_create(room, &scene));

    check(kma_spectrum_create_mono(0.6617, &line)); /* MeV */
    check(kma_source_options_defaults(&beam));
    beam.kind = KMA_SOURCE_PENCIL; /* along the crystal's axis */
    beam.position[2] = -100;       /* mm */
    check(kma_source_create(&beam, line, &source));
    check(kma_scene_add_source(scene, source));

    check(kma_scorer_create_volume("crystal energy", crystal, &energy));
    check(kma_scene_add_scorer(scene, energy));
    return scene;
}

int main(int count, char **arguments)
{
    static spectrum s;
    const kma_history_score what = {.scorer = "crystal energy", .quantity = KMA_QUANTITY_ENERGY};
    kma_run_options options;
    kma_run_manager run;
    int i;

    check(kma_run_options_defaults(&options));
    if (count > 2) options.threads = atoi(arguments[2]);
    check(kma_run_manager_create(crystal_under_a_beam(), &options, &run));
    check(kma_run_manager_on_history_block(run, &what, 1, NULL, count_pulses, &s, NULL)); /* before initialize */
    check(kma_run_manager_initialize(run));
    check(kma_run_manager_beam_on(run, count > 1 ? strtoull(arguments[1], NULL, 10) : 1000000));

    printf("from_mev,to_mev,histories\n"); /* all records have come when beam_on returns */
    for (i = 0; i < BINS; i++) printf("%.2f,%.2f,%llu\n", i * BIN_WIDTH, (i + 1) * BIN_WIDTH, s.counts[i]);
    check(kma_shutdown()); /* what is left is freed with the process; a longer program releases what it made */
    return 0;
}
