/**
 * @file kerma/solid.h
 * Solids: the shapes of volumes. Each lies in a frame of its own; placing it
 * somewhere is the business of volumes (kerma/volume.h).
 *
 * Units:   mm, mm2, mm3, rad.
 * Shapes:  points and directions are [n][3] in the solid's own frame.
 * Threads: a solid never changes once created; any thread may use it.
 *
 * Surfaces belong to the solid. The queries are made for checking and drawing;
 * runs use the same intersections directly. A point within 1e-9 mm of the
 * surface (or 1e-11 of the solid's size) counts as on it.
 */
#ifndef KERMA_SOLID_H
#define KERMA_SOLID_H

#include "kerma/base.h"
#include "kerma/mesh.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one solid. All-zero names none. A plain value: copy it freely. */
typedef struct kma_solid { uint64_t bits; } kma_solid;

/** What a solid is. */
typedef enum kma_shape {
    KMA_SHAPE_BOX = 1,
    KMA_SHAPE_ORB = 2,
    KMA_SHAPE_TUBE = 3,
    KMA_SHAPE_MESH = 4,
    KMA_SHAPE_IMAGE = 5 /**< the outer faces of an image's voxels: of volumes alone, no solid is one */
} kma_shape;
/** "box", "orb", "tube", "mesh", "image"; "?" for an unknown shape. Static text. */
KMA_API const char *kma_shape_name(kma_shape shape);

/**
 * Creates a box about the origin, its faces at right angles to the axes.
 *
 * @param size  full lengths in x, y, z, mm, each above 0 and at most 1e9. Copied.
 * @param out   the new handle; names none if the call fails.
 *
 * @retval KMA_OK            `*out` holds one reference, owned by the caller: give it back with kma_solid_release().
 * @retval KMA_ERR_ARGUMENT  a value breaks a rule above.
 * @retval KMA_ERR_MEMORY    nothing was created.
 */
KMA_API kma_status kma_solid_create_box(const double size[3], kma_solid *out);

/**
 * Creates a full sphere about the origin.
 *
 * @param radius  mm, above 0 and at most 1e9.
 * @param out     as in kma_solid_create_box().
 */
KMA_API kma_status kma_solid_create_orb(double radius, kma_solid *out);

/**
 * Creates a tube or a section of one about the z axis, from z = -length / 2 to length / 2.
 *
 * @param inner_radius  mm, 0 (a full cylinder) or above, below outer_radius.
 * @param outer_radius  mm, at most 1e9.
 * @param length        full length along z, mm, above 0 and at most 1e9.
 * @param phi_start     azimuth at which a section begins, rad, -2 pi to 2 pi; from x towards y.
 * @param phi_delta     how far it reaches, rad, above 0 and at most 2 pi; 2 pi (within 1e-9) is the full turn.
 * @param out           as in kma_solid_create_box().
 */
KMA_API kma_status kma_solid_create_tube(double inner_radius, double outer_radius, double length, double phi_start,
                                         double phi_delta, kma_solid *out);

/**
 * Creates the solid inside of a closed triangle mesh. The solid keeps the mesh alive.
 *
 * @param mesh  see kerma/mesh.h.
 * @param out   as in kma_solid_create_box().
 */
KMA_API kma_status kma_solid_create_tessellated(kma_mesh mesh, kma_solid *out);

KMA_API kma_status kma_solid_retain(kma_solid self); /**< one owner more */
/**
 * Gives one reference back and sets `*self` to name none, so a second call is a harmless KMA_OK.
 * Volumes that use the solid keep it alive by themselves.
 */
KMA_API kma_status kma_solid_release(kma_solid *self);

KMA_API kma_status kma_solid_get_shape(kma_solid self, kma_shape *out); /**< never KMA_SHAPE_IMAGE */
/**
 * The numbers that the solid was made from.
 *
 * @param out  [5] box: full lengths in x, y, z; orb: radius; tube: inner and outer radius, length (mm), phi_start,
 *             phi_delta (rad, 2 pi for a full turn); mesh: none. The rest is 0.
 */
KMA_API kma_status kma_solid_get_dimensions(kma_solid self, double out[5]);
/**
 * The mesh of a tessellated solid, with one reference more, owned by the caller.
 *
 * @param out  names none on failure.
 *
 * @retval KMA_ERR_STATE  the solid is no mesh.
 * @retval KMA_ERR_STALE  the mesh has no owner any more: it lives in the solid alone, and has no name.
 */
KMA_API kma_status kma_solid_get_mesh(kma_solid self, kma_mesh *out);
KMA_API kma_status kma_solid_get_volume(kma_solid self, double *out);       /**< mm3 */
KMA_API kma_status kma_solid_get_surface_area(kma_solid self, double *out); /**< mm2 */
/** The smallest box along the axes that holds the solid: its corners, mm. */
KMA_API kma_status kma_solid_get_bounds(kma_solid self, double low_out[3], double high_out[3]);

/**
 * Which points are inside or on the surface.
 *
 * @param points  [n][3] mm, finite; may be NULL if n is 0.
 * @param n       number of points.
 * @param out     [n] 1 inside, 0 outside; all 0 if the call fails.
 *
 * @retval KMA_ERR_ARGUMENT  a coordinate is not finite; the message says which.
 */
KMA_API kma_status kma_solid_is_inside(kma_solid self, const double *points, size_t n, uint8_t *out);

/**
 * How far it is along each direction to where the solid is entered.
 *
 * @param points      [n][3] mm, finite.
 * @param directions  [n][3] of any finite length above 0.
 * @param n           number of points.
 * @param out         [n] mm; 0 for a point inside that stays inside; infinite if the solid is not met.
 *                    All 0 if the call fails.
 *
 * @retval KMA_ERR_ARGUMENT  a value breaks a rule above; the message says which.
 */
KMA_API kma_status kma_solid_distance_to_in(kma_solid self, const double *points, const double *directions, size_t n,
                                            double *out);
/**
 * How far it is along each direction to where the solid is left for the first time.
 *
 * @param out  [n] mm; 0 for a point that is not inside. The rest as in kma_solid_distance_to_in().
 */
KMA_API kma_status kma_solid_distance_to_out(kma_solid self, const double *points, const double *directions, size_t n,
                                             double *out);

/**
 * A distance that can be walked from outside in any direction without entering.
 *
 * @param points  [n][3] mm, finite.
 * @param n       number of points.
 * @param out     [n] mm; 0 for a point inside. Never more than the distance to the surface; equal to it for
 *                boxes and orbs, less for other solids where edges are near; for a mesh it is less by rounding only.
 *                All 0 if the call fails.
 */
KMA_API kma_status kma_solid_safety_to_in(kma_solid self, const double *points, size_t n, double *out);
/**
 * A distance that can be walked from inside in any direction without leaving.
 *
 * @param out  [n] mm; 0 for a point outside. The rest as in kma_solid_safety_to_in().
 */
KMA_API kma_status kma_solid_safety_to_out(kma_solid self, const double *points, size_t n, double *out);

/**
 * The outward unit normal of the surface near each point; of several faces equally near, of one of them.
 *
 * @param points       [n][3] mm, finite, meant to be on the surface.
 * @param n            number of points.
 * @param normals_out  [n][3]; all 0 if the call fails.
 */
KMA_API kma_status kma_solid_get_normal(kma_solid self, const double *points, size_t n, double *normals_out);

#ifdef __cplusplus
}
#endif
#endif
