/* Scorers as the rest of the library sees them: immutable once made. */
#ifndef KMI_SCORER_H
#define KMI_SCORER_H

#include "geometry/grid.h"
#include "geometry/volume.h"
#include "kerma/scorer.h"

/* A rectangle of pixels; in the world. */
typedef struct kmi_detector {
    kmi_vec3 centre, u, v, normal; /* orthonormal; normal = u x v */
    kmi_vec3 corner;               /* of pixel (0, 0) */
    size_t count[2];
    double pixel[2];               /* mm */
    bool absorbs;
} kmi_detector;

typedef struct kmi_scorer {
    char *name;
    kma_scorer_kind kind;
    uint64_t bins;            /* voxels, cells, pixels or 1 */
    kmi_grid grid;            /* voxels: in the image's frame; grid, detector: in the world */
    kmi_detector detector;
    const kmi_volume *volume; /* voxels, volume */
    uint64_t volume_bits;     /* a use of it, given back by kmi_scorer_destroy; 0: none */
} kmi_scorer;

/* These take nothing over on failure; on success the scorer holds the use `volume_bits`. */
kma_status kmi_scorer_new_voxels(const char *name, const kmi_volume *volume, uint64_t volume_bits, kmi_scorer **out);
kma_status kmi_scorer_new_volume(const char *name, const kmi_volume *volume, uint64_t volume_bits, kmi_scorer **out);
kma_status kmi_scorer_new_grid(const char *name, const kmi_grid *grid, kmi_scorer **out);
kma_status kmi_scorer_new_detector(const char *name, const kma_detector_options *options, kmi_scorer **out);
void kmi_scorer_destroy(void *scorer); /* NULL is fine */
/* The options that make this detector. */
void kmi_detector_options(const kmi_detector *detector, kma_detector_options *out);

/* Pixel of a point on (or beside) the detector's plane, u fastest; -1 outside of the rectangle. */
static inline int64_t kmi_detector_pixel(const kmi_detector *d, kmi_vec3 p)
{
    kmi_vec3 r = kmi_sub(p, d->corner);
    double a = kmi_dot(r, d->u) / d->pixel[0];
    double b = kmi_dot(r, d->v) / d->pixel[1];
    if (!(a >= 0 && b >= 0 && a < (double)d->count[0] && b < (double)d->count[1])) return -1;
    return (int64_t)a + (int64_t)d->count[0] * (int64_t)b;
}

#endif
