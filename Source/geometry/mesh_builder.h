/* Collects the facets of a mesh one by one. */
#ifndef KMI_MESH_BUILDER_H
#define KMI_MESH_BUILDER_H

#include "base/thread.h"
#include "geometry/mesh.h"

typedef struct kmi_mesh_builder {
    kmi_lock lock;   /* guards all that follows */
    double *corners; /* [facet_count][3][3] mm */
    size_t facet_count, facet_room;
    bool closed;
} kmi_mesh_builder;

kma_status kmi_mesh_builder_new(kmi_mesh_builder **out);
void kmi_mesh_builder_destroy(void *builder);
/* Each adds the whole facet or fails and adds nothing. */
kma_status kmi_mesh_builder_triangle(kmi_mesh_builder *self, const double *const corner[3]);
kma_status kmi_mesh_builder_quadrangle(kmi_mesh_builder *self, const double *const corner[4]);
/* Audits and builds. After success the builder refuses everything; after a failure it is as before. */
kma_status kmi_mesh_builder_close(kmi_mesh_builder *self, kma_mesh *out);

#endif
