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

/** Where a kind of damage was found first. All 0 where there is none. */
typedef struct kma_mesh_place {
    size_t facet;           /**< in the order given, from 0 */
    double from[3], to[3];  /**< mm, its edge; for damage of a whole facet: `from` is its first corner */
} kma_mesh_place;

/** What an audit found. Facets and edges are counted after welding. */
typedef struct kma_mesh_report {
    size_t facets;
    size_t vertices;           /**< after welding of equal ones */
    size_t bodies;             /**< parts that share no edge; cavities count */
    size_t open_edges;         /**< edges without a partner */
    size_t flipped_edges;      /**< edges that two neighbours run through in the same direction */
    size_t nonmanifold_edges;  /**< edges of more than two facets; fine if their directions balance */
    size_t degenerate_facets;  /**< a corner repeated: no triangles */
    size_t flat_facets;        /**< three corners on a line: no area, but their edges may be what closes the surface (a
                                    T-junction), so they are kept; no ray meets them */
    size_t duplicate_facets;   /**< the same three corners as an earlier facet */
    size_t nonfinite_vertices; /**< a coordinate nan, infinite, or beyond 1e12 mm */
    size_t bad_indices;        /**< corners that name no vertex */
    size_t inside_out_bodies;  /**< bodies whose normals point inward (cavities excepted) */
    size_t crossing_edges;     /**< edges that pierce facets not next to them: bodies overlap; fine, but slower.
                                    Not all are counted where that would take too long */
    double volume;             /**< mm3, enclosed; 0 unless the surface is closed */
    double area;               /**< mm2 */
    double low[3], high[3];    /**< mm, bounds; 0 if there are unusable vertices */
    int usable;                /**< 1: closed and consistent, a mesh can be made of it; 0: it would be refused */
    kma_mesh_place first_open, first_flipped, first_nonmanifold, first_degenerate, first_duplicate, first_inside_out;
} kma_mesh_report;

/**
 * Creates a mesh of arrays.
 *
 * @param vertices        [vertex_count][3] mm, finite, within +-1e12. Copied.
 * @param vertex_count    below 2^32 - 1.
 * @param triangles       [triangle_count][3] indices of vertices, counter-clockwise seen from outside. Copied.
 * @param triangle_count  at most 2^28.
 * @param out             one reference, owned by the caller; names none on failure.
 *
 * @retval KMA_ERR_MESH      not a closed, consistent surface: kma_error_message() has counts and
 *                           first places; kma_mesh_audit_arrays() gives the whole report.
 * @retval KMA_ERR_ARGUMENT  an array is NULL, or a count too large.
 * @retval KMA_ERR_ABORTED   the thread's poll function said so: see kma_set_thread_poll()
 */
KMA_API kma_status kma_mesh_create_arrays(const double *vertices, size_t vertex_count, const uint32_t *triangles,
                                          size_t triangle_count, kma_mesh *out);
KMA_API kma_status kma_mesh_retain(kma_mesh self);
/** Gives one reference back and sets `*self` to name none. */
KMA_API kma_status kma_mesh_release(kma_mesh *self);

/** The audit of a mesh, as it was made when it was created. */
KMA_API kma_status kma_mesh_get_report(kma_mesh self, kma_mesh_report *out);
/**
 * Audits arrays without keeping a mesh: KMA_OK whatever is found. A mesh can be made of
 * them if the volume is above 0 and open_edges, flipped_edges, duplicate_facets, degenerate_facets, nonfinite_vertices,
 * bad_indices and inside_out_bodies are all 0: then `usable` is 1. Arguments as kma_mesh_create_arrays.
 * Bodies are looked at only if all else is right.
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

/**
 * The facet nearest to each point, from inside or outside.
 *
 * @param points        [n][3] mm, finite
 * @param distance_out  [n] mm, to the nearest point of the surface
 * @param facets_out    [n] its facet, of several equally near the lowest; may be NULL
 *
 * On failure all outputs are zeroed.
 */
KMA_API kma_status kma_mesh_nearest(kma_mesh self, const double *points, size_t n, double *distance_out,
                                    uint32_t *facets_out);

/**
 * Reads an STL file, binary or ASCII, whichever it is: a file whose size is what the
 * count in its header asks for is binary, whatever its header says. Several solids
 * in one ASCII file make one mesh. The normals in the file are not read: the
 * order of the corners says where outside is.
 *
 * @param path     a regular file.
 * @param unit_mm  millimetres per unit of the file, > 0: STL has no unit. 1 for mm, 10 for cm, 25.4 for inch.
 * @param out      one reference, owned by the caller; names none on failure.
 *
 * @retval KMA_ERR_IO      the file cannot be read.
 * @retval KMA_ERR_FORMAT  it is not an STL file, or damaged: the text names the line, or the facet.
 * @retval KMA_ERR_MESH    its facets are not a closed, consistent surface.
 * @retval KMA_ERR_ABORTED the thread's poll function said so: see kma_set_thread_poll()
 */
KMA_API kma_status kma_mesh_read_stl(const char *path, double unit_mm, kma_mesh *out);

/**
 * Audits the facets of an STL file without keeping a mesh: KMA_OK whatever is found, as kma_mesh_audit_arrays().
 * Arguments and errors as of kma_mesh_read_stl(), which refuses what is not `usable`.
 */
KMA_API kma_status kma_mesh_audit_stl(const char *path, double unit_mm, kma_mesh_report *report_out);

/** Names one mesh builder, which collects facets one by one. */
typedef struct kma_mesh_builder { uint64_t bits; } kma_mesh_builder;

KMA_API kma_status kma_mesh_builder_create(kma_mesh_builder *out);
KMA_API kma_status kma_mesh_builder_retain(kma_mesh_builder self);
/** Gives one reference back and sets `*self` to name none. */
KMA_API kma_status kma_mesh_builder_release(kma_mesh_builder *self);
/**
 * Adds a triangle, its corners counter-clockwise seen from outside.
 * @param a,b,c  mm, finite and within +-1e12
 * @retval KMA_ERR_CLOSED  the builder made its mesh already
 */
KMA_API kma_status kma_mesh_builder_add_triangle(kma_mesh_builder self, const double a[3], const double b[3],
                                                 const double c[3]);
/**
 * Adds a flat, convex quadrangle, its corners counter-clockwise seen from
 * outside, as two triangles (two facets) split along the shorter diagonal (a-c if equal).
 * Flat: its diagonals pass each other at no more than 1e-5 of the longer one's length.
 * @retval KMA_ERR_ARGUMENT  it is not flat, not convex, or has no area
 * @retval KMA_ERR_CLOSED    the builder made its mesh already
 */
KMA_API kma_status kma_mesh_builder_add_quadrangle(kma_mesh_builder self, const double a[3], const double b[3],
                                                   const double c[3], const double d[3]);
/** Facets added so far; a quadrangle counts two. */
KMA_API kma_status kma_mesh_builder_count_facets(kma_mesh_builder self, size_t *out);
/**
 * Makes the mesh. Facets are numbered as they were added.
 *
 * After success the builder is closed and refuses everything but count, retain and release.
 * After a failure it is as it was: what is missing can be added. Other calls on it wait, so nobody is polled: it takes
 * some 4 us a facet.
 * @retval KMA_ERR_MESH    not a closed, consistent surface: counts and first places
 * @retval KMA_ERR_CLOSED  the builder made its mesh already
 */
KMA_API kma_status kma_mesh_builder_close(kma_mesh_builder self, kma_mesh *out);

#ifdef __cplusplus
}
#endif
#endif
