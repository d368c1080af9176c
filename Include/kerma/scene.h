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
/**
 * Adds a scorer. Results list scorers in the order of this call.
 * @retval KMA_ERR_ARGUMENT  a scorer of the same name is there already.
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
KMA_API kma_status kma_scene_count_sources(kma_scene self, size_t *out);
KMA_API kma_status kma_scene_count_scorers(kma_scene self, size_t *out);

#ifdef __cplusplus
}
#endif
#endif
