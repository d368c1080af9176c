/* Is a heap of triangles a closed, consistently oriented surface? Counts and first places. */
#ifndef KMI_MESH_AUDIT_H
#define KMI_MESH_AUDIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/pulse.h"
#include "kerma/mesh.h"

/* A checked copy of what was given. */
typedef struct kmi_mesh_surface {
    double (*vertices)[3];    /* welded, in order of first use; NULL if vertices or indices are unusable */
    uint32_t (*triangles)[3]; /* as given, with the new numbers */
    uint32_t *bodies;         /* [triangle_count] each facet's body, numbered by first facet */
    size_t vertex_count, triangle_count;
} kmi_mesh_surface;

void kmi_mesh_surface_clear(kmi_mesh_surface *self);

typedef struct kmi_mesh_findings {
    kma_mesh_report report;
    size_t nonfinite_vertex, bad_index_facet; /* the first, as given */
    double nonfinite[3];
    uint32_t bad_index;
} kmi_mesh_findings;

/* Copies, welds equal vertices (-0 equals 0) and looks for everything that keeps the surface from being
 * closed. Damage is no failure, it is in *findings. KMA_ERR_ARGUMENT: a count out of range or a NULL array. */
kma_status kmi_mesh_audit(const double *vertices, size_t vertex_count, const uint32_t *triangles, size_t triangle_count,
                          const kmi_pulse *pulse, kmi_mesh_surface *surface_out, kmi_mesh_findings *findings_out);
/* KMA_OK if nothing was found that a ray could leak through, else KMA_ERR_MESH with counts and first places. */
kma_status kmi_mesh_judge(const kmi_mesh_findings *findings);

#endif
