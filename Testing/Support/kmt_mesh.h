/* Meshes made by formula, as arrays: [vertex_count][3] mm and [triangle_count][3]. */
#ifndef KMT_MESH_H
#define KMT_MESH_H

#include "base/rng.h"
#include "geometry/mesh.h"

typedef struct kmt_mesh {
    double *vertices;
    uint32_t *triangles;
    size_t vertex_count, triangle_count;
} kmt_mesh;

/* An icosahedron, each facet split in four `level` times: 20 * 4^level facets, all vertices at `radius`. */
kmt_mesh kmt_mesh_icosphere(int level, double radius);
/* 12 facets, centred on the origin. */
kmt_mesh kmt_mesh_box(double half_x, double half_y, double half_z);
/* A torus around z: 2 * around * across facets; vertices on the true surface. */
kmt_mesh kmt_mesh_torus(double radius, double tube, int around, int across);
/* A tube along the (2,3) torus knot, about 3 * radius wide: concave from every side. */
kmt_mesh kmt_mesh_knot(double radius, double tube, int around, int across);
void kmt_mesh_move(kmt_mesh *self, double scale, double x, double y, double z); /* v = scale * v + (x,y,z) */
void kmt_mesh_turn(kmt_mesh *self);                                  /* inside out */
void kmt_mesh_append(kmt_mesh *self, const kmt_mesh *other);
kmt_mesh kmt_mesh_soup(const kmt_mesh *self); /* three vertices of its own for each facet */
void kmt_mesh_free(kmt_mesh *self);
kmi_mesh *kmt_mesh_build(const kmt_mesh *self); /* the test fails if it is refused */

/* A random point of the box, and of the inside of the mesh; coordinates drawn in the order x, y, z. */
kmi_vec3 kmt_mesh_point(kmi_rng *rng, kmi_vec3 low, kmi_vec3 high);
kmi_vec3 kmt_mesh_inside_point(kmi_rng *rng, const kmi_mesh *mesh);
kmi_vec3 kmt_mesh_vertex(const kmi_mesh *mesh, uint32_t index);

/* Every hit of a line, by testing every facet in long double; sorted by t. No watertight claim: for lines
 * in general position. Returns the number of hits, at most `room`. */
size_t kmt_mesh_all_hits(const kmi_mesh *mesh, kmi_vec3 origin, kmi_vec3 direction, long double *t, size_t room);
/* Winding number of the mesh around a point: the sum of solid angles over 4 pi
 * (van Oosterom and Strackee, IEEE TBME 30 (1983) 125). 1 inside, 0 outside. */
double kmt_mesh_solid_angle_winding(const kmi_mesh *mesh, kmi_vec3 point);

#endif
