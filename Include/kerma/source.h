/**
 * @file kerma/source.h
 * Photon sources: where photons start, in which direction, with which spectrum.
 *
 * Units:   mm, rad, sr; positions and directions in the world's frame.
 * Threads: a source never changes once created; any thread may use it.
 * On failure every function leaves its inputs as they were and sets its outputs to zero.
 *
 * A history is one photon of one source, of weight 1: results are per emitted photon. A source that emits into
 * a cone or a field emits only there. To compare with an isotropic source of the same strength, multiply by
 * kma_source_get_solid_angle() / (4 pi).
 */
#ifndef KERMA_SOURCE_H
#define KERMA_SOURCE_H

#include "kerma/base.h"
#include "kerma/spectrum.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one source. All-zero names none. A plain value: copy it freely. */
typedef struct kma_source { uint64_t bits; } kma_source;

typedef enum kma_source_kind {
    KMA_SOURCE_POINT = 1,   /**< all photons start at `position`; `emission` says in which directions */
    KMA_SOURCE_PENCIL = 2,  /**< from `position` along `direction`: a line */
    KMA_SOURCE_PARALLEL = 3 /**< from anywhere on a field around `position`, evenly, all along `direction` */
} kma_source_kind;

/** Directions of a point source, each evenly distributed in solid angle. */
typedef enum kma_emission {
    KMA_EMISSION_ISOTROPIC = 1, /**< all directions */
    KMA_EMISSION_CONE = 2,      /**< up to `half_angle` from `direction` */
    KMA_EMISSION_FIELD = 3      /**< towards a rectangle: an isotropic source behind a collimator */
} kma_emission;

/** Form of a parallel source's field. */
typedef enum kma_field {
    KMA_FIELD_RECTANGLE = 1, /**< `field_width` times `field_height` */
    KMA_FIELD_DISC = 2       /**< of radius `field_radius` */
} kma_field;

/** Lengths are limited to this, and field sizes and distances also to its inverse, mm: nothing overflows. */
#define KMA_SOURCE_LARGEST_LENGTH 1e9

/**
 * What a source is. Members that a kind does not use are not looked at.
 *
 * The rectangle lies perpendicular to `direction`, its height along `up` (as far as that is perpendicular to
 * `direction`) and its width along height x direction. It is centred on `position` for a parallel source, and on
 * the point `field_distance` ahead of `position` for a point source.
 */
typedef struct kma_source_options {
    size_t size;           /**< set by kma_source_options_defaults() */
    kma_source_kind kind;  /**< default KMA_SOURCE_POINT */
    double position[3];    /**< mm, finite; default 0, 0, 0 */
    double direction[3];   /**< any length but 0, finite; default 0, 0, 1. Not used if isotropic. */
    double up[3];          /**< any length, not along `direction`; all 0 (default): y, or z if `direction` is within
                                0.14 rad of y. Rectangles only. */
    kma_emission emission; /**< point: default KMA_EMISSION_ISOTROPIC */
    double half_angle;     /**< cone: rad, > 0 and at most pi; default pi */
    kma_field field;       /**< parallel: default KMA_FIELD_RECTANGLE */
    double field_width;    /**< rectangle: mm, > 0; default 100 */
    double field_height;   /**< rectangle: mm, > 0; default 100 */
    double field_distance; /**< point source's rectangle: mm, > 0; default 1000 */
    double field_radius;   /**< disc: mm, > 0; default 50 */
    double weight;         /**< how often, relative to the other sources of a scene; > 0, finite; default 1 */
} kma_source_options;

/** @retval KMA_ERR_ARGUMENT  options is NULL */
KMA_API kma_status kma_source_options_defaults(kma_source_options *options);

/**
 * Creates a source. It keeps the spectrum alive; the caller may release its own reference.
 *
 * @param options   copied
 * @param spectrum  of every photon, whatever its direction
 * @param out       the new handle; names none if the call fails.
 *
 * @retval KMA_OK            `*out` holds one reference, owned by the caller:
 *                           give it back with kma_source_release().
 * @retval KMA_ERR_ARGUMENT  a value breaks a rule of kma_source_options, or nobody filled the options;
 *                           kma_error_message() says which value.
 * @retval KMA_ERR_STALE     the spectrum was released.
 * @retval KMA_ERR_MEMORY    nothing was created.
 */
KMA_API kma_status kma_source_create(const kma_source_options *options, kma_spectrum spectrum, kma_source *out);
KMA_API kma_status kma_source_retain(kma_source self); /**< one owner more */
/**
 * Gives one reference back and sets `*self` to name none, so a second call is
 * a harmless KMA_OK. A scene that uses the source keeps it alive by itself.
 * @retval KMA_ERR_STALE  another copy of the handle was released too often; nothing was touched.
 */
KMA_API kma_status kma_source_release(kma_source *self);

/**
 * The options as they were given, but `direction` and, for a rectangle, `up` as unit vectors, perpendicular. A source
 * made of them is the same to the bit.
 */
KMA_API kma_status kma_source_get_options(kma_source self, kma_source_options *out);
/**
 * The source's spectrum, with one reference more: release it.
 * @retval KMA_ERR_STALE  nobody but the source itself holds the spectrum: it has no name any more.
 */
KMA_API kma_status kma_source_get_spectrum(kma_source self, kma_spectrum *out);
/**
 * The solid angle into which a point source emits, sr: 4 pi, 2 pi (1 - cos(half_angle)), or that of the rectangle.
 * @retval KMA_ERR_ARGUMENT  a pencil or parallel source has none.
 */
KMA_API kma_status kma_source_get_solid_angle(kma_source self, double *out);

#ifdef __cplusplus
}
#endif
#endif
