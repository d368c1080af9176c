/**
 * @file kerma/scene.h
 * A scene: a world volume, the sources in it, the scorers, and the cut-off
 * energy. It is a description: a run manager's initialize() makes an
 * immutable plan of it, so changing a scene acts at the next initialize().
 *
 * Units:   mm, MeV.
 * Threads: any; calls on one scene wait for one another.
 */
#ifndef KERMA_SCENE_H
#define KERMA_SCENE_H

#include "kerma/base.h"
#include "kerma/scorer.h"
#include "kerma/source.h"
#include "kerma/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one scene. All-zero names none. A plain value: copy it freely. */
typedef struct kma_scene { uint64_t bits; } kma_scene;

/**
 * Creates a scene.
 *
 * @param world  the volume that everything lies in; its own frame is the world
 *               frame. The scene keeps it alive.
 * @param out    one reference, owned by the caller; names none on failure.
 */
KMA_API kma_status kma_scene_create(kma_volume world, kma_scene *out);
KMA_API kma_status kma_scene_retain(kma_scene self);
/** Gives one reference back and sets `*self` to name none. */
KMA_API kma_status kma_scene_release(kma_scene *self);

/**
 * Adds a source. With several, each history picks one with a probability in
 * proportion to the sources' weights. The scene keeps it alive.
 */
KMA_API kma_status kma_scene_add_source(kma_scene self, kma_source source);
/** A scene has at most so many. */
#define KMA_SCORERS_MAX 10000
/**
 * Adds a scorer. Results list scorers in the order of this call.
 * @retval KMA_ERR_ARGUMENT  a scorer of the same name is there already, or KMA_SCORERS_MAX are.
 */
KMA_API kma_status kma_scene_add_scorer(kma_scene self, kma_scorer scorer);
/**
 * Sets the energy cut-off: a photon below it stops and leaves its energy where
 * it is. Default 0.001 MeV.
 *
 * @param energy  MeV, from 0.001 to 0.8 (the range of the cross-sections).
 */
KMA_API kma_status kma_scene_set_cut_energy(kma_scene self, double energy);
KMA_API kma_status kma_scene_get_cut_energy(kma_scene self, double *out);

/* ---- overlaps ---------------------------------------------------------- */

/** What initialize does about volumes that overlap. */
typedef enum kma_overlap_action {
    KMA_OVERLAPS_REFUSE = 0, /**< the default: it fails with KMA_ERR_GEOMETRY; the text has the deepest one */
    KMA_OVERLAPS_WARN = 1,   /**< a log record for each of the ten deepest, and one with the count */
    KMA_OVERLAPS_IGNORE = 2  /**< it does not look */
} kma_overlap_action;

/**
 * Says what initialize does about overlaps, and how thoroughly it looks. Neither changes a run's numbers.
 *
 * @param points  of each surface of a pair, 1 to 1000000 (of a mesh four times as many); 0 is the default, 1000.
 *                What they find: Documentation/overlaps.md.
 */
KMA_API kma_status kma_scene_set_overlap_check(kma_scene self, kma_overlap_action action, size_t points);
/** Both may be NULL; points_out is never 0. */
KMA_API kma_status kma_scene_get_overlap_check(kma_scene self, kma_overlap_action *action_out, size_t *points_out);

/** Names in kma_overlap have at most this many bytes, with their terminating 0. */
#define KMA_OVERLAP_NAME_SIZE 256
/** A search ends when it has found so many. */
#define KMA_OVERLAPS_MAX 1000

typedef enum kma_overlap_kind {
    KMA_OVERLAP_OUTSIDE = 0, /**< a daughter sticks out of its mother */
    KMA_OVERLAP_SIBLINGS = 1 /**< two daughters of one mother share space */
} kma_overlap_kind;

/** Two volumes that overlap by more than the contact length (kerma/volume.h). */
typedef struct kma_overlap {
    kma_overlap_kind kind;
    char mother[KMA_OVERLAP_NAME_SIZE]; /**< names of volumes */
    char first[KMA_OVERLAP_NAME_SIZE];  /**< the daughter; of siblings the one placed first */
    char second[KMA_OVERLAP_NAME_SIZE]; /**< its sibling; its mother again if it sticks out */
    size_t first_placement;             /**< as kma_volume_get_placement() counts in the mother */
    size_t second_placement;            /**< the same of the sibling; 0 if it sticks out */
    double depth;    /**< mm: how far a point of one is inside of the other, or outside of the mother */
    double point[3]; /**< mm, in the mother's frame: that point */
    double world[3]; /**< mm, in the world, by the mother's first placement */
} kma_overlap;

/**
 * Looks for overlaps in all that is placed in the world, whatever kma_scene_set_overlap_check() says about them.
 * Sources and scorers are not needed. Each mother is looked at once, however often it is placed.
 *
 * @param points     as in kma_scene_set_overlap_check(); 0 takes what was set there.
 * @param out        [room] the deepest first; may be NULL if room is 0.
 * @param room       how many are wanted at most.
 * @param count_out  how many were found, at most KMA_OVERLAPS_MAX; `out` holds the lesser of this and `room`.
 *
 * @retval KMA_OK            also if there are overlaps
 * @retval KMA_ERR_GEOMETRY  the geometry cannot be closed for another reason
 * @retval KMA_ERR_ABORTED   the thread's poll function said so: see kma_set_thread_poll()
 */
KMA_API kma_status kma_scene_check_overlaps(kma_scene self, size_t points, kma_overlap *out, size_t room,
                                            size_t *count_out);

KMA_API kma_status kma_scene_count_sources(kma_scene self, size_t *out);
KMA_API kma_status kma_scene_count_scorers(kma_scene self, size_t *out);

/* ---- what it is made of ---- */

/**
 * The volume that everything lies in, with one reference more, owned by the caller.
 *
 * @param out  names none on failure.
 *
 * @retval KMA_ERR_STALE  the volume has no owner any more: it lives in the scene alone, and has no name.
 */
KMA_API kma_status kma_scene_get_world(kma_scene self, kma_volume *out);
/**
 * A source, in the order in which they were added; the rest as in kma_scene_get_world().
 *
 * @param index  below kma_scene_count_sources().
 *
 * @retval KMA_ERR_ARGUMENT  there are not so many.
 */
KMA_API kma_status kma_scene_get_source(kma_scene self, size_t index, kma_source *out);
/** A scorer, in the order in which they were added; `index` is below kma_scene_count_scorers(), the rest as above. */
KMA_API kma_status kma_scene_get_scorer(kma_scene self, size_t index, kma_scorer *out);

#ifdef __cplusplus
}
#endif
#endif
