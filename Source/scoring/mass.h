/*
 * The mass that is actually in each bin of a scorer, by which a dose divides.
 *
 * Exact, but for rounding: a volume (its solid less its daughters' solids);
 * a voxel or cell that lies in one volume alone; a cell that is parallel to the
 * voxels of the image it lies in. Other cells - cut by a surface, or oblique to
 * an image - are sampled at 256 fixed points: the share of a volume in a cell is
 * then right to 0.002 if the surface is a plane along the cell's sides, and to
 * 0.008 (one standard deviation; 0.1 at worst) for planes in any direction.
 * Nothing depends on the range asked for.
 */
#ifndef KMI_MASS_H
#define KMI_MASS_H

#include "geometry/geometry.h"
#include "scoring/scorer.h"

/* What physics knows of an instance. */
typedef struct kmi_density_field {
    /* g/cm3 in an instance, for an image at this world point (points that rounding put just outside count
     * as the nearest voxel's). */
    double (*density)(const void *context, int32_t instance, kmi_vec3 world_point);
    const void *context;
} kmi_density_field;

/* Mass in g of bins [first, first + n), summed over all placements of the scorer's volume; 0 for
 * a detector. The scorer must belong to this geometry. */
kma_status kmi_scorer_mass(const kmi_scorer *scorer, const kmi_geometry *g, const kmi_density_field *field,
                           uint64_t first, size_t n, double *grams_out);

/* Of one instance without its daughters. */
typedef struct kmi_volume_mass {
    double grams;
    size_t sampled;     /* voxels that were sampled; 0: it is exact but for rounding */
    double uncertainty; /* g: one standard deviation of random planes, and the most that planes along the voxels add */
} kmi_volume_mass;
kma_status kmi_volume_mass_of(const kmi_geometry *g, const kmi_density_field *field, int32_t instance,
                              kmi_volume_mass *out);

#endif
