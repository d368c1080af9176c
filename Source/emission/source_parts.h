/* What source.c sets up and emit.c reads. */
#ifndef KMI_SOURCE_PARTS_H
#define KMI_SOURCE_PARTS_H

#include "emission/source.h"

struct kmi_source {
    kma_source_options options;                /* direction and up resolved */
    const kmi_spectrum *spectrum;              /* lives as long as the source: the handle holds a use */
    uint64_t spectrum_name;                    /* its handle, or 0 */
    kmi_vec3 position;                         /* mm */
    kmi_vec3 axis, width_axis, height_axis;    /* orthonormal */
    double half_width, half_height;            /* of a rectangle, mm; otherwise 0 */
    double one_minus_cos;                      /* of a cone's half angle; 2 if isotropic; otherwise 0 */
    double quarter;                            /* of a rectangle's solid angle, sr; otherwise 0 */
    double largest_t;                          /* d tan(quarter), see emit.c */
    double solid_angle;                        /* sr; point sources only */
};

#endif
