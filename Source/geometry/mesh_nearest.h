/* The facet that is nearest to a point. */
#ifndef KMI_MESH_NEAREST_H
#define KMI_MESH_NEAREST_H

#include "geometry/mesh.h"

/* Its distance, mm, and number; of several equally near the lowest. INFINITY and facet 0 if the point is not finite.
 * The true distance differs by rounding: by no more than kmi_mesh_nearest_error(). */
double kmi_mesh_nearest(const kmi_mesh *self, kmi_vec3 point, uint32_t *facet_out);
/* The same, but INFINITY and facet 0 if none is within `limit`: far faster, deep inside or far away. */
double kmi_mesh_nearest_within(const kmi_mesh *self, kmi_vec3 point, double limit, uint32_t *facet_out);
double kmi_mesh_nearest_error(const kmi_mesh *self, kmi_vec3 point);
/* A facet's outward unit normal; 0 for one without area. */
kmi_vec3 kmi_mesh_normal(const kmi_mesh *self, uint32_t facet);

#endif
