/**
 * @file kerma/scorer.h
 * Scorers: what a run adds up, and where. A scorer is a description; a scene
 * holds scorers, a result holds what they scored, per history.
 *
 * | kind     | bins                          | holds                                        |
 * | -------- | ----------------------------- | -------------------------------------------- |
 * | voxels   | the voxels of an image volume | energy deposited; dose                       |
 * | grid     | the cells of a free grid      | energy deposited; dose                       |
 * | volume   | one                           | energy deposited; dose                       |
 * | detector | the pixels of a flat detector | energy and number of photons, primary        |
 * |          |                               | (no interaction before) and scattered apart  |
 *
 * Energy is deposited where a photon interacts: electrons are not followed. Dose is energy / mass of
 * the bin, so it assumes charged-particle equilibrium.
 *
 * Units:   mm, MeV.
 * Threads: a scorer never changes once created; any thread may use it.
 */
#ifndef KERMA_SCORER_H
#define KERMA_SCORER_H

#include "kerma/base.h"
#include "kerma/image.h"
#include "kerma/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one scorer. All-zero names none. A plain value: copy it freely. */
typedef struct kma_scorer { uint64_t bits; } kma_scorer;

typedef enum kma_scorer_kind {
    KMA_SCORER_VOXELS = 1,  /**< each voxel of an image volume */
    KMA_SCORER_GRID = 2,    /**< each cell of a free grid in the world */
    KMA_SCORER_VOLUME = 3,  /**< one volume */
    KMA_SCORER_DETECTOR = 4 /**< each pixel of a flat detector */
} kma_scorer_kind;

/** "voxels", "grid", "volume", "detector"; "?" for an unknown kind. Static text. */
KMA_API const char *kma_scorer_kind_name(kma_scorer_kind kind);

/** The longest name of a scorer, in bytes. */
#define KMA_SCORER_NAME_MAX 127

/**
 * Creates a scorer of the energy deposited in each voxel of the image that an image volume shows.
 * Energy deposited in volumes placed inside the image (an implant) counts for the voxel it lies in. If
 * the volume is placed several times, its placements are summed.
 *
 * @param name    1 to KMA_SCORER_NAME_MAX bytes without control characters, unique within a scene. Copied.
 * @param volume  an image volume. The scorer keeps it alive.
 * @param out     the new handle; names none if the call fails.
 *
 * @retval KMA_OK            `*out` holds one reference, owned by the caller: give it back with
 *                           kma_scorer_release().
 * @retval KMA_ERR_ARGUMENT  the name breaks a rule above, or the volume shows no image
 * @retval KMA_ERR_STALE     the volume was released
 * @retval KMA_ERR_MEMORY    nothing was created
 */
KMA_API kma_status kma_scorer_create_voxels(const char *name, kma_volume volume, kma_scorer *out);

/**
 * Creates a scorer of the energy deposited in each cell of a free grid, whatever volumes lie there.
 *
 * @param name      as above
 * @param geometry  cells in world coordinates, filled by kma_image_geometry_defaults() first. Copied.
 * @param out       as above
 *
 * @retval KMA_ERR_ARGUMENT  a name or geometry that breaks a rule
 */
KMA_API kma_status kma_scorer_create_grid(const char *name, const kma_image_geometry *geometry, kma_scorer *out);

/**
 * Creates a scorer of the energy deposited in a volume: in all its placements together, its daughters not
 * included.
 *
 * @param name    as above
 * @param volume  any volume. The scorer keeps it alive.
 * @param out     as above; errors too
 */
KMA_API kma_status kma_scorer_create_volume(const char *name, kma_volume volume, kma_scorer *out);

/** A flat, ideal detector: a rectangle of pixels in the world that sees every photon crossing it. */
typedef struct kma_detector_options {
    size_t size;          /**< set by kma_detector_options_defaults() */
    double centre[3];     /**< mm, middle of the rectangle. Default the origin. */
    double u[3];          /**< along the pixels' first index; made a unit vector. Default x. */
    double v[3];          /**< along the second; its part along u is taken away, then made a unit vector. Default y. */
    size_t count[2];      /**< pixels along u and v, each at least 1. Default 1. */
    double pixel_size[2]; /**< mm along u and v, > 0. Default 1. */
    int absorbs;          /**< not 0 (default): a photon ends at the detector; 0: it goes on unchanged */
} kma_detector_options;

KMA_API kma_status kma_detector_options_defaults(kma_detector_options *options);

/**
 * Creates a flat detector. A photon is scored in the pixel where it crosses the rectangle, from either
 * side, before whatever the place is made of acts on it. The rectangle must lie inside the world volume,
 * which is checked by initialize.
 *
 * @param name     as above
 * @param options  filled by kma_detector_options_defaults() first. Copied.
 * @param out      as above
 *
 * @retval KMA_ERR_ARGUMENT  options nobody filled, or a value that breaks a rule above: not finite, or u and v
 *                           that are zero or parallel (v keeps less than 1/1000 of its length)
 */
KMA_API kma_status kma_scorer_create_detector(const char *name, const kma_detector_options *options, kma_scorer *out);

KMA_API kma_status kma_scorer_retain(kma_scorer self); /**< one owner more */
/**
 * Gives one reference back and sets `*self` to name none, so a second call is a harmless KMA_OK. A scene
 * that uses the scorer keeps it alive by itself.
 * @retval KMA_ERR_STALE  another copy of the handle was released too often; nothing was touched.
 */
KMA_API kma_status kma_scorer_release(kma_scorer *self);

KMA_API kma_status kma_scorer_get_kind(kma_scorer self, kma_scorer_kind *out);
/**
 * Copies the name, with its final zero.
 * @param room  bytes at `out`: KMA_SCORER_NAME_MAX + 1 hold any name. A longer name is cut.
 */
KMA_API kma_status kma_scorer_get_name(kma_scorer self, char *out, size_t room);
/**
 * The volume that a voxels or volume scorer scores in, with one reference more, owned by the caller.
 *
 * @param out  names none on failure.
 *
 * @retval KMA_ERR_STATE  a grid or a detector is of no volume.
 * @retval KMA_ERR_STALE  the volume has no owner any more: it lives in scorers and mothers alone, and has no name.
 */
KMA_API kma_status kma_scorer_get_volume(kma_scorer self, kma_volume *out);
/**
 * The options that make a detector like this one: as they were given, but `u` and `v` unit vectors at right angles. It is
 * the same to the bit.
 *
 * @param out  all of it is set, its size too.
 *
 * @retval KMA_ERR_STATE  the scorer is no detector.
 */
KMA_API kma_status kma_scorer_get_detector(kma_scorer self, kma_detector_options *out);
/** Number of voxels, cells or pixels; 1 for a volume. */
KMA_API kma_status kma_scorer_get_bins(kma_scorer self, size_t *out);
/**
 * Where the bins are: of a grid its cells in the world; of voxels the image's own geometry (in the frame of its volume);
 * of a detector one slice of pixels in the world, third axis u x v, 1 mm thick by convention.
 * @retval KMA_ERR_STATE  a volume scorer has no grid.
 */
KMA_API kma_status kma_scorer_get_geometry(kma_scorer self, kma_image_geometry *out);

#ifdef __cplusplus
}
#endif
#endif
