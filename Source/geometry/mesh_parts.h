/* What the mesh_*.c files share: the mesh itself and the walk along one line. */
#ifndef KMI_MESH_PARTS_H
#define KMI_MESH_PARTS_H

#include "geometry/mesh.h"
#include "geometry/mesh_audit.h"
#include "geometry/mesh_bvh.h"

struct kmi_mesh {
    double (*vertices)[3];    /* equal ones welded, in order of first use */
    uint32_t (*triangles)[3]; /* in the user's order */
    size_t vertex_count, triangle_count;
    kma_mesh_report report;
    kmi_box3 bounds;
    double reach[3]; /* largest |coordinate| on each axis */
    bool overlaps;   /* its surface crosses itself: facing tells nothing, winding must */
    kmi_bvh bvh;
};

/* A line in the frame in which it runs along z (mesh_ray.c). */
typedef struct kmi_mesh_line {
    double origin[3], direction[3];
    double inverse[3]; /* 1 / direction, components below 1e-30 counted as that */
    int kx, ky, kz;    /* the permuted axes; kz is the direction's largest */
    double sx, sy, sz; /* the shear */
    double margin;     /* mm: bounds what rounding does to any vertex in this frame */
    double low, high;  /* t where it enters and leaves the mesh's box, with margin */
} kmi_mesh_line;

/* False if the line misses the mesh's box, or origin or direction is not a usable number. */
bool kmi_mesh_line_start(const kmi_mesh *self, kmi_vec3 origin, kmi_vec3 direction, kmi_mesh_line *out);
/* The first hit after (t_min, facet_min) in the order (t, facet), with t <= t_max.
 * KMI_BVH_NO_FACET as facet_min: after every facet at t_min. */
bool kmi_mesh_line_next(const kmi_mesh *self, const kmi_mesh_line *line, double t_min, uint32_t facet_min, double t_max,
                        kmi_mesh_hit *out);
/* Every hit with t_min < t <= t_max, in no order. Returns what it cost: pairs of facets it looked at,
 * those it hit counted 8 times, at least 1. */
typedef void kmi_mesh_visit_fn(const kmi_mesh_hit *hit, void *context);
size_t kmi_mesh_line_visit(const kmi_mesh *self, const kmi_mesh_line *line, double t_min, double t_max,
                           kmi_mesh_visit_fn *visit, void *context);

/* Orientation of the bodies, and whether the surface crosses itself; sets self->overlaps. */
kma_status kmi_mesh_look_at_bodies(kmi_mesh *self, const uint32_t *bodies, const kmi_pulse *pulse,
                                   kmi_mesh_findings *findings);
/* kmi_mesh_new() that gives the findings even if it fails with KMA_ERR_MESH. */
kma_status kmi_mesh_new_audited(const double *vertices, size_t vertex_count, const uint32_t *triangles,
                                size_t triangle_count, const kmi_pulse *pulse, kmi_mesh_findings *findings_out,
                                kmi_mesh **out);
kma_status kmi_mesh_new_soup_audited(const double *corners, size_t facet_count, const kmi_pulse *pulse,
                                     kmi_mesh_findings *findings_out, kmi_mesh **out);

#endif
