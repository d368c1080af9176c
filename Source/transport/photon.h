/*
 * The transport of one history: emission, flights, interactions, scores.
 * A transporter belongs to one worker and is all the state it has between
 * histories; nothing is allocated while a history runs.
 */
#ifndef KMI_PHOTON_H
#define KMI_PHOTON_H

#include <stdatomic.h>

#include "transport/plan.h"

typedef struct kmi_track {
    kmi_vec3 position, direction; /* world, mm */
    double energy;                /* MeV */
    int32_t instance;             /* where position is */
    bool primary;                 /* has not interacted yet */
} kmi_track;

enum {
    KMI_TRACKS_MAX = 256,           /* photons waiting in a history's stack */
    KMI_STEPS_MAX = 100 * 1000 * 1000 /* boundaries and collisions of one history: beyond it is stuck */
};

typedef struct kmi_transporter {
    const kmi_plan *plan;
    kmi_scores *scores;
    uint64_t seed;
    uint64_t history;
    kmi_rng rng; /* KMI_STREAM_TRANSPORT of the history */
    kmi_track stack[KMI_TRACKS_MAX];
    int tracks;
    uint64_t steps;     /* of the history */
    uint64_t steps_max; /* KMI_STEPS_MAX, but in tests */
    uint64_t steps_done; /* of all its histories: for clocks that look now and then */
    double emitted, deposited, escaped, cut; /* of the history, MeV */
} kmi_transporter;

void kmi_transporter_start(kmi_transporter *self, const kmi_plan *plan, kmi_scores *scores, uint64_t seed);
/*
 * Runs one history up to its last photon and leaves its scores open: the caller
 * ends (kmi_scores_end_history) or discards them. KMA_ERR_INTERNAL names the history.
 */
kma_status kmi_transporter_run(kmi_transporter *self, uint64_t history);

#endif
