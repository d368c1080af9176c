/*
 * A closed triangle mesh: audited when built, then immutable and shared.
 *
 * The ray test is watertight by construction: the vertices are sheared once
 * into the ray's frame (Woop, Benthin, Wald, JCGT 2 (2013) 65), which gives
 * every triangle that shares a vertex the same two-dimensional point, and the
 * side of each edge is then decided EXACTLY (error-free transformation where
 * the double result is not certain; a zero is broken by a consistent
 * infinitesimal shift), so that the signed count of crossings along any line
 * through a closed mesh is exactly zero.
 */
#ifndef KMI_MESH_H
#define KMI_MESH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pulse.h"
#include "base/vec.h"
#include "kerma/mesh.h"

enum { KMI_MESH_FACETS_MAX = 1 << 28 };

typedef struct kmi_mesh kmi_mesh;

typedef struct kmi_mesh_hit {
    double t;       /* distance from the ray's origin along its unit direction, mm */
    uint32_t facet; /* index in the order given by the user */
    bool exits;     /* direction . outward normal > 0 */
} kmi_mesh_hit;

/* Audits and builds; copies everything. vertices[vertex_count][3] mm, triangles[triangle_count][3].
 * KMA_ERR_MESH with counts and first places if it is not a closed, consistently
 * oriented (outward: positive volume) surface. */
kma_status kmi_mesh_new(const double *vertices, size_t vertex_count, const uint32_t *triangles,
                        size_t triangle_count, const kmi_pulse *pulse, kmi_mesh **out);
/* The same of facets that share no vertices yet: corners[facet_count][3][3] mm. */
kma_status kmi_mesh_new_soup(const double *corners, size_t facet_count, const kmi_pulse *pulse, kmi_mesh **out);
/* What is to be said of such facets; damage is no failure. */
kma_status kmi_mesh_audit_soup(const double *corners, size_t facet_count, const kmi_pulse *pulse,
                               kma_mesh_report *report_out);
void kmi_mesh_destroy(void *mesh); /* NULL is fine */

/* The first hit with t_min < t <= t_max in the order (t, facet); false if none. */
bool kmi_mesh_first_hit(const kmi_mesh *self, kmi_vec3 origin, kmi_vec3 direction, double t_min,
                        double t_max, kmi_mesh_hit *out);
/*
 * A flight at distance t that is inside: where it leaves, >= t. If no first hit
 * beyond t + contact faces outward, it resolves all crossings of the line by
 * their winding; if that says the flight is not inside beyond t + contact,
 * leaving is now: t is returned. Never infinite.
 */
double kmi_mesh_exit(const kmi_mesh *self, kmi_vec3 origin, kmi_vec3 direction, double t, double contact);
/*
 * A flight at distance t that is outside: where it enters, >= t and <= t_max;
 * INFINITY if it does not. A first hit beyond t + contact that faces outward
 * is resolved by winding: if the flight is already inside, entering is now.
 */
double kmi_mesh_entry(const kmi_mesh *self, kmi_vec3 origin, kmi_vec3 direction, double t, double t_max,
                      double contact);
bool kmi_mesh_inside(const kmi_mesh *self, kmi_vec3 point);

size_t kmi_mesh_facet_count(const kmi_mesh *self);
size_t kmi_mesh_vertex_count(const kmi_mesh *self);
double kmi_mesh_volume(const kmi_mesh *self);       /* mm3, divergence theorem */
double kmi_mesh_surface_area(const kmi_mesh *self); /* mm2 */
kmi_box3 kmi_mesh_bounds(const kmi_mesh *self);
void kmi_mesh_vertex(const kmi_mesh *self, size_t index, double out[3]);
void kmi_mesh_facet(const kmi_mesh *self, size_t index, uint32_t out[3]);
size_t kmi_mesh_bytes(const kmi_mesh *self); /* of memory */
const kma_mesh_report *kmi_mesh_report(const kmi_mesh *self);
/* SHA-256 of vertices and triangles: the mesh's part of a scene's hash. Fails as the pulse does. */
kma_status kmi_mesh_digest(const kmi_mesh *self, const kmi_pulse *pulse, uint8_t digest_out[32]);

#endif
