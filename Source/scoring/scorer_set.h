/*
 * The closed scorers of a plan: where in the tally each one's bins are, and for
 * each instance of the geometry what a deposit there adds to. Immutable, shared
 * by all workers.
 *
 * Bins 0..4 are the energy ledger, in the energy quantum; the caller adds to
 * them by kmi_scores_add like to any other bin. Then come the volume scorers
 * (one bin each: most histories hit them), then voxels, grids and detectors.
 *
 * A quantum is a power of two, 2^-40 of the power of two at or above the
 * largest score of a history: so dividing by it is exact, and rounding a
 * history's score to it loses nothing that could be seen.
 */
#ifndef KMI_SCORER_SET_H
#define KMI_SCORER_SET_H

#include <stdbool.h>

#include "geometry/geometry.h"
#include "scoring/scorer.h"
#include "scoring/tally.h"

/* Where emitted energy goes: emitted = deposited + escaped + cut + killed, in each history. */
typedef enum kmi_ledger {
    KMI_LEDGER_EMITTED,
    KMI_LEDGER_DEPOSITED,
    KMI_LEDGER_ESCAPED,
    KMI_LEDGER_CUT,
    KMI_LEDGER_KILLED,
    KMI_LEDGER_BINS
} kmi_ledger;

/* What a detector's planes of bins hold. Other scorers have one plane: energy. */
typedef enum kmi_detector_plane {
    KMI_DETECTOR_PRIMARY_ENERGY,
    KMI_DETECTOR_PRIMARY_COUNT,
    KMI_DETECTOR_SCATTER_ENERGY,
    KMI_DETECTOR_SCATTER_COUNT,
    KMI_DETECTOR_PLANES
} kmi_detector_plane;

/* Bin b of plane p of a scorer is bin first_bin + p * bins + b of the tally. */
typedef struct kmi_scorer_bins {
    const kmi_scorer *scorer;
    uint64_t first_bin;
    uint64_t bins; /* of one plane */
    unsigned planes;
} kmi_scorer_bins;

/* What a deposit in an instance adds to. */
typedef enum kmi_action_kind {
    KMI_ACTION_BIN,   /* one bin */
    KMI_ACTION_VOXEL, /* the instance's own voxels */
    KMI_ACTION_POINT  /* voxels of an image around the instance */
} kmi_action_kind;

typedef struct kmi_action {
    uint64_t first_bin;
    kmi_action_kind kind;
    uint32_t map; /* of an image instance */
} kmi_action;

typedef struct kmi_free_grid {
    kmi_grid_map map; /* from world points */
    uint64_t first_bin;
} kmi_free_grid;

typedef struct kmi_scorer_set {
    kmi_scorer_bins *scorers; /* [count] in the scene's order */
    size_t count;
    uint64_t total_bins;
    double energy_quantum;    /* MeV */
    double energy_scale;      /* 1 / quantum */
    double count_quantum;     /* photons */
    double count_scale;
    size_t *first_action;     /* [instances + 1] into actions */
    kmi_action *actions;
    kmi_grid_map *maps;       /* one an image instance that is scored, from world points */
    kmi_free_grid *grids;     /* [grid_count] */
    size_t grid_count;
    uint32_t *detectors;      /* [detector_count] index of the scorer; "which" below is an index into this */
    size_t detector_count;
} kmi_scorer_set;

/*
 * The scorers and the geometry must outlive the set. largest_energy: MeV, the most one history can emit.
 * KMA_ERR_GEOMETRY: a scorer's volume is not in the geometry, or a detector sticks out of the world.
 * KMA_ERR_RANGE: more bins than a tally has.
 */
kma_status kmi_scorer_set_new(const kmi_scorer *const *scorers, size_t n, const kmi_geometry *g, double largest_energy,
                              kmi_scorer_set **out);
void kmi_scorer_set_destroy(kmi_scorer_set *self);
/* All that decides what the bins mean: kinds, names, places, quanta. Volumes count by their index in g. */
void kmi_scorer_set_digest(const kmi_scorer_set *self, const kmi_geometry *g, uint8_t digest_out[32]);

/* Energy (MeV) deposited at a point of an instance. `voxel`: of the image that the instance shows; -1: not known,
 * or none. The ledger is the caller's. */
void kmi_scorer_set_deposit(const kmi_scorer_set *self, kmi_scores *scores, kmi_vec3 world_point, int32_t instance,
                            int64_t voxel, double energy);

/* `after` for the start of a flight, or where no detector was crossed at t. */
#define KMI_NO_DETECTOR INT32_MAX
/*
 * The next crossing of a detector: the first in the order of (distance, which) that comes after (t, after)
 * and not beyond t_max. A flight that goes on through a detector passes its distance and `which` as t and
 * after: it is not seen twice, and one in the same place is not missed.
 */
bool kmi_scorer_set_find_detector(const kmi_scorer_set *self, kmi_vec3 origin, kmi_vec3 direction, double t,
                                  int32_t after, double t_max, double *t_hit, int32_t *which);
static inline bool kmi_scorer_set_next_detector(const kmi_scorer_set *self, kmi_vec3 origin, kmi_vec3 direction,
                                                double t, int32_t after, double t_max, double *t_hit, int32_t *which)
{
    if (self->detector_count == 0) return false;
    return kmi_scorer_set_find_detector(self, origin, direction, t, after, t_max, t_hit, which);
}
/* Scores a photon (MeV) at the point of that crossing; `primary`: it has not interacted before. */
void kmi_scorer_set_detect(const kmi_scorer_set *self, kmi_scores *scores, int32_t which, kmi_vec3 world_point,
                           double energy, bool primary);
static inline bool kmi_scorer_set_detector_absorbs(const kmi_scorer_set *self, int32_t which)
{
    return self->scorers[self->detectors[which]].scorer->detector.absorbs;
}

#endif
