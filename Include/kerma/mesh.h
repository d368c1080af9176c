/**
 * @file kerma/mesh.h
 * A closed triangle mesh: the tessellated solid's surface, from arrays, facet
 * by facet, or from an STL file.
 *
 * The surface must be closed and consistently oriented: corners counter-
 * clockwise seen from outside. Several bodies, and cavities (bodies turned
 * inward, inside others), are fine. Vertices with exactly equal coordinates are
 * one vertex, so unconnected triangles may be given. Everything is checked; a mesh that a
 * ray could leak out of is refused with KMA_ERR_MESH, counts and first places.
 * Where bodies of one mesh overlap or touch, inside is inside of any.
 *
 * Units:   mm, mm2, mm3.
 * Threads: a mesh never changes once created; any thread may use it. Calls on
 *          one builder wait for one another.
 */
#ifndef KERMA_MESH_H
#define KERMA_MESH_H

#include "kerma/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one mesh. All-zero names none. A plain value: copy it freely. */
typedef struct kma_mesh { uint64_t bits; } kma_mesh;

/** What an audit found. Facets and edges are counted after welding. */
typedef struct kma_mesh_report {
    size_t facets;
    size_t vertices;           /**< after welding of equal ones */
    size_t bodies;             /**< parts that share no edge; cavities count */
    size_t open_edges;         /**< edges without a partner */
    size_t flipped_edges;      /**< edges that two neighbours run through in the same direction */
    size_t nonmanifold_edges;  /**< edges of more than two facets; fine if their directions balance */
    size_t degenerate_facets;  /**< a corner repeated, or no area */
    size_t duplicate_facets;   /**< the same three corners as an earlier facet */
    size_t nonfinite_vertices; /**< a coordinate nan, infinite, or beyond 1e12 mm */
    size_t bad_indices;        /**< corners that name no vertex */
    size_t inside_out_bodies;  /**< bodies whose normals point inward (cavities excepted) */
    size_t crossing_edges;     /**< edges that pierce facets not next to them: bodies overlap; fine, but slower */
    double volume;             /**< mm3, enclosed; 0 unless the surface is closed */
    double area;               /**< mm2 */
    double low[3], high[3];    /**< mm, bounds; 0 if there are unusable vertices */
} kma_mesh_report;

/**
 * Creates a mesh of arrays.
 *
 * @param vertices        [vertex_count][3] mm, finite, within +-1e12. Copied.
 * @param vertex_count    at least 4, below 2^32 - 1.
 * @param triangles       [triangle_count][3] indices of vertices, counter-clockwise seen from outside. Copied.
 * @param triangle_count  at least 4, at most 2^28.
 * @param out             one reference, owned by the caller; names none on failure.
 *
 * @retval KMA_ERR_MESH      not a closed, consistent surface: kma_error_message() has counts and
 *                           first places; kma_mesh_audit_arrays() gives the whole report.
 * @retval KMA_ERR_ARGUMENT  an array is NULL, or a count out of range.
 */
KMA_API kma_status kma_mesh_create_arrays(const double *vertices, size_t vertex_count, const uint32_t *triangles,
                                          size_t triangle_count, kma_mesh *out);
KMA_API kma_status kma_mesh_retain(kma_mesh self);
/** Gives one reference back and sets `*self` to name none. */
KMA_API kma_status kma_mesh_release(kma_mesh *self);

/** The audit of a mesh, as it was made when it was created. */
KMA_API kma_status kma_mesh_get_report(kma_mesh self, kma_mesh_report *out);
/**
 * Audits arrays without making a mesh: KMA_OK whatever is found; a mesh can be
 * made of them if the damage counts (open_edges, flipped_edges, degenerate_facets, duplicate_facets,
 * nonfinite_vertices, bad_indices, inside_out_bodies) are all 0. Arguments as kma_mesh_create_arrays.
 */
KMA_API kma_status kma_mesh_audit_arrays(const double *vertices, size_t vertex_count, const uint32_t *triangles,
                                         size_t triangle_count, kma_mesh_report *report_out);

KMA_API kma_status kma_mesh_count_facets(kma_mesh self, size_t *out);
KMA_API kma_status kma_mesh_count_vertices(kma_mesh self, size_t *out); /**< after welding */
KMA_API kma_status kma_mesh_get_volume(kma_mesh self, double *out);       /**< mm3 */
KMA_API kma_status kma_mesh_get_surface_area(kma_mesh self, double *out); /**< mm2 */
KMA_API kma_status kma_mesh_get_bounds(kma_mesh self, double low_out[3], double high_out[3]); /**< mm */
/**
 * Copies the welded vertices.
 * @param vertices_out  [vertex_count][3] mm
 * @param vertex_count  what kma_mesh_count_vertices() says; anything else is KMA_ERR_ARGUMENT.
 */
KMA_API kma_status kma_mesh_get_vertices(kma_mesh self, double *vertices_out, size_t vertex_count);
/**
 * Copies the facets, in the order in which they were given.
 * @param facets_out   [facet_count][3] indices of the welded vertices
 * @param facet_count  what kma_mesh_count_facets() says; anything else is KMA_ERR_ARGUMENT.
 */
KMA_API kma_status kma_mesh_get_facets(kma_mesh self, uint32_t *facets_out, size_t facet_count);

/**
 * The first surface that each ray meets.
 *
 * @param origins     [n][3] mm, finite
 * @param directions  [n][3], finite and not zero; any length, distances are in mm
 * @param n           rays; may be 0
 * @param t_out       [n] mm, > 0; infinity if the ray meets nothing
 * @param facets_out  [n] facet number, UINT32_MAX if the ray meets nothing; may be NULL
 * @param exits_out   [n] 1 if the ray leaves the mesh there, 0 if it enters or meets nothing; may be NULL
 *
 * Equal distances go to the lower facet number. On failure all outputs are zeroed.
 */
KMA_API kma_status kma_mesh_intersect(kma_mesh self, const double *origins, const double *directions, size_t n,
                                      double *t_out, uint32_t *facets_out, uint8_t *exits_out);
/**
 * Which points are inside. Points on the surface may be either.
 * @param points      [n][3] mm; a point that is not finite is outside
 * @param inside_out  [n] 1 inside, 0 outside
 */
KMA_API kma_status kma_mesh_inside(kma_mesh self, const double *points, size_t n, uint8_t *inside_out);

#ifdef __cplusplus
}
#endif
#endif
