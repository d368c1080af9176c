/*
 * Solids as transport sees them. A flight is a line (origin, unit direction)
 * and a distance t along it; a solid is a set of intervals of that line. Both
 * questions are pure functions of the line and t, so a track is never
 * restarted from a rounded point:
 *
 *   exit:  in the solid's interval at t, where does it end?
 *   entry: not inside at t: where does the first interval begin that reaches
 *          beyond t + contact?  (t itself if it has begun already)
 */
#ifndef KMI_SOLID_H
#define KMI_SOLID_H

#include "base/error.h"
#include "base/vec.h"
#include "geometry/grid.h"
#include "geometry/mesh.h"
#include "kerma/solid.h"

typedef enum kmi_solid_kind {
    KMI_SOLID_BOX,
    KMI_SOLID_ORB,
    KMI_SOLID_TUBE,
    KMI_SOLID_MESH,
    KMI_SOLID_GRID /* the outline of a voxel image: a box, oblique if its direction is */
} kmi_solid_kind;

typedef struct kmi_solid {
    kmi_solid_kind kind;
    kmi_box3 bounds; /* in the solid's own frame */
    union {
        struct { kmi_vec3 half; } box;           /* centred on the origin */
        struct { double radius; } orb;           /* centred on the origin */
        struct {
            double inner, outer, half_length;    /* along z, centred on the origin */
            double start[2], end[2];             /* (cos, sin) of the first and last azimuth */
            double phi_start, phi_delta;         /* rad */
            int wedge;                           /* 0 full turn, 1 delta <= pi, 2 delta > pi */
        } tube;
        struct { const kmi_mesh *mesh; uint64_t mesh_bits; } mesh; /* used (pinned) by this solid */
        struct { kmi_grid grid; kmi_vec3 half; kmi_frame frame; } grid; /* box `half` in `frame` */
    } u;
} kmi_solid;

double kmi_solid_exit(const kmi_solid *self, kmi_vec3 origin, kmi_vec3 direction, double t, double contact);
/* The same where it is at most t_max, anything above t_max where it is not: a mesh then need not be searched to
 * its other side. The flight must be inside at t, or within the contact length of the surface. */
double kmi_solid_exit_before(const kmi_solid *self, kmi_vec3 origin, kmi_vec3 direction, double t, double t_max,
                             double contact);
double kmi_solid_entry(const kmi_solid *self, kmi_vec3 origin, kmi_vec3 direction, double t, double t_max,
                       double contact);
bool kmi_solid_inside(const kmi_solid *self, kmi_vec3 point);
/* Its shape, and the numbers that make it, as kma_solid_get_dimensions(); of an image the full lengths. */
kma_shape kmi_solid_dimensions(const kmi_solid *self, double out[5]);
double kmi_solid_volume(const kmi_solid *self);       /* mm3 */
double kmi_solid_surface_area(const kmi_solid *self); /* mm2 */
double kmi_solid_thickness(const kmi_solid *self);    /* mm: no chord through its middle is shorter */
/* True only if the whole box (in the solid's frame) is certainly inside. */
bool kmi_solid_contains_box(const kmi_solid *self, const kmi_box3 *box);
/* Lower bounds of the distance to the surface; 0 on the other side of it. */
double kmi_solid_safety_to_in(const kmi_solid *self, kmi_vec3 point);
double kmi_solid_safety_to_out(const kmi_solid *self, kmi_vec3 point);
kmi_vec3 kmi_solid_normal(const kmi_solid *self, kmi_vec3 point); /* outward, near the point */
/* How deep inside: the distance to the surface, below 0 outside (of a tube no more than it, either side), never
 * changing faster than the point moves. *outward_out is where it falls fastest, 0 for a mesh; NULL is fine. */
double kmi_solid_depth(const kmi_solid *self, kmi_vec3 point, kmi_vec3 *outward_out);
/* Convex for certain: then the depth is a concave function of the point. */
bool kmi_solid_is_convex(const kmi_solid *self);
/* These set *out, or fail with KMA_ERR_ARGUMENT and leave it. Lengths mm, full; angles rad. */
kma_status kmi_solid_make_box(const double size[3], kmi_solid *out);
kma_status kmi_solid_make_orb(double radius, kmi_solid *out);
kma_status kmi_solid_make_tube(double inner, double outer, double length, double phi_start, double phi_delta,
                               kmi_solid *out);
/* Sets *out to the solid "outline of this grid", which kmi_grid_check() accepted. */
void kmi_solid_make_grid(kmi_solid *out, const kmi_grid *grid);
/* Sets *out to the solid inside of a mesh; it holds the use `mesh_bits` (0: none) from now on. */
void kmi_solid_make_mesh(const kmi_mesh *mesh, uint64_t mesh_bits, kmi_solid *out);
double kmi_solid_mesh_exit_before(const kmi_mesh *mesh, kmi_vec3 origin, kmi_vec3 direction, double t, double t_max,
                                  double contact);
kmi_vec3 kmi_solid_mesh_normal(const kmi_mesh *mesh, kmi_vec3 point);
double kmi_solid_mesh_safety(const kmi_mesh *mesh, kmi_vec3 point); /* from the surface, either side */
/* Moves a solid that was made, with the uses it holds, to a new object with a handle.
 * On failure the caller still holds the uses. */
kma_status kmi_solid_publish(const kmi_solid *solid, kma_solid *out);

#endif
