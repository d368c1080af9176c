/*
 * The transport of one history: emission, flights, interactions, scores.
 * A transporter belongs to one worker and is all the state it has between
 * histories; nothing is allocated while a history runs.
 */
#ifndef KMI_PHOTON_H
#define KMI_PHOTON_H

#include <stdatomic.h>

#include "kerma/step.h"
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

/* Is told of each step and says how to go on (*action is KMA_GO_ON before); a failure ends the history.
 * KMA_END_RUN is the caller's business: here it is KMA_GO_ON. */
typedef kma_status kmi_step_fn(void *context, const kma_step *step, kma_action *action);

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
    double emitted, deposited, escaped, cut, killed; /* of the history, MeV */

    kmi_step_fn *on_step; /* NULL: nobody looks, and none of the following is kept */
    void *step_context;
    kma_step step;        /* the last one told */
    double t_begin;       /* of the step under way, along its flight */
    kma_action action;    /* what on_step wanted last */
    kma_status step_status;
} kmi_transporter;

void kmi_transporter_start(kmi_transporter *self, const kmi_plan *plan, kmi_scores *scores, uint64_t seed);
/*
 * Runs one history up to its last photon and leaves its scores open: the caller
 * ends (kmi_scores_end_history) or discards them. KMA_ERR_INTERNAL names the history.
 */
kma_status kmi_transporter_run(kmi_transporter *self, uint64_t history);

/* How a step ends. */
typedef struct kmi_step_end {
    kma_process process;
    int32_t instance;      /* that it lies in */
    int32_t next_instance;
    int64_t voxel;         /* -1: not known */
    double t;              /* along the flight */
    kmi_vec3 next_direction;
    double energy, next_energy, deposited;
} kmi_step_end;

/* ---- step.c ---- */
/* Tells on_step of the step that ends so; false: the photon is not to be followed further. */
bool kmi_transporter_tell(kmi_transporter *self, const kmi_flight *flight, const kmi_step_end *end);
/* The same for what happens at a point: emission, the cut, the escape. `voxel`: -1 if it is not known. */
bool kmi_transporter_tell_at(kmi_transporter *self, const kmi_track *track, kma_process process, int64_t voxel,
                             double deposited);

#endif
