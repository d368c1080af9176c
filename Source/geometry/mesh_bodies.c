/*
 * Do the bodies of a closed surface face outward, and do they keep apart?
 *
 * Just outside of a facet (on the side its normal points to) the winding number is 0
 * for a body on its own and for a cavity in another; below 0 the body is inside
 * out; above 0 it lies inside another body, facing outward too. An edge
 * that pierces a facet which has none of its ends shows that the surface crosses
 * or touches itself. In both cases the facing of a hit does not tell inside from outside, and every
 * question is answered by winding (mesh_winding.c).
 */
#include <math.h>

#include "base/memory.h"
#include "geometry/mesh_parts.h"

static kmi_vec3 corner(const kmi_mesh *self, size_t facet, int i)
{
    const double *v = self->vertices[self->triangles[facet][i]];
    return kmi_vec(v[0], v[1], v[2]);
}

/* The winding number just outside of a facet. */
static long winding_outside(const kmi_mesh *self, size_t facet)
{
    kmi_vec3 a = corner(self, facet, 0), b = corner(self, facet, 1), c = corner(self, facet, 2);
    kmi_vec3 n = kmi_cross(kmi_sub(b, a), kmi_sub(c, a));
    kmi_vec3 middle = kmi_scale(kmi_add(a, kmi_add(b, c)), 1.0 / 3);
    kmi_mesh_line line;
    kmi_mesh_hit hit = {-INFINITY, KMI_BVH_NO_FACET, false};
    long winding = 0;

    if (!kmi_mesh_line_start(self, middle, kmi_scale(n, 1 / kmi_norm(n)), &line)) return 0;
    /* All hits in their order; those behind the facet's own are what counts. */
    while (kmi_mesh_line_next(self, &line, hit.t, hit.facet, INFINITY, &hit))
        winding = hit.facet == facet ? 0 : winding + (hit.exits ? 1 : -1);
    return winding;
}

/* The facet with the largest area of each body: a sliver's middle is on its rim. */
static void largest_facets(const kmi_mesh *self, const uint32_t *bodies, size_t *facet_out, double *area)
{
    size_t i;
    for (i = 0; i < self->triangle_count; i++) {
        kmi_vec3 a = corner(self, i, 0);
        double s = kmi_norm(kmi_cross(kmi_sub(corner(self, i, 1), a), kmi_sub(corner(self, i, 2), a)));
        if (s <= area[bodies[i]]) continue;
        area[bodies[i]] = s;
        facet_out[bodies[i]] = i;
    }
}

static bool pierces(const kmi_mesh *self, uint32_t from, uint32_t to)
{
    const double *a = self->vertices[from], *b = self->vertices[to];
    kmi_vec3 p = kmi_vec(a[0], a[1], a[2]), along = kmi_sub(kmi_vec(b[0], b[1], b[2]), p);
    double length = kmi_norm(along);
    kmi_mesh_line line;

    return length > 0 && kmi_mesh_line_start(self, p, kmi_scale(along, 1 / length), &line) &&
           kmi_mesh_line_crossings(self, &line, 0, length, from, to) > 0;
}

kma_status kmi_mesh_look_at_bodies(kmi_mesh *self, const uint32_t *bodies, kmi_mesh_findings *f)
{
    kma_status status = KMA_OK;
    size_t *facet = kmi_alloc_array(f->report.bodies, sizeof *facet);
    double *area = kmi_alloc_array(f->report.bodies, sizeof *area);
    size_t i;
    int k;

    if (facet == NULL || area == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the %zu bodies of a mesh", f->report.bodies));
    for (i = 0; i < self->triangle_count; i++)
        for (k = 0; k < 3; k++) { /* each edge once: a closed surface runs through it both ways */
            uint32_t from = self->triangles[i][k], to = self->triangles[i][(k + 1) % 3];
            if (from < to && pierces(self, from, to)) f->report.crossing_edges++;
        }
    self->overlaps = f->report.crossing_edges > 0;
    largest_facets(self, bodies, facet, area);
    for (i = 0; i < f->report.bodies; i++) {
        long winding = area[i] > 0 ? winding_outside(self, facet[i]) : 0;
        const double *v = self->vertices[self->triangles[facet[i]][0]];
        if (winding > 0) self->overlaps = true;
        if (winding >= 0 || f->report.inside_out_bodies++ > 0) continue;
        f->inside_out = (kmi_mesh_place){facet[i], {v[0], v[1], v[2]}, {v[0], v[1], v[2]}};
    }
    if (f->report.volume <= 0 && f->report.inside_out_bodies == 0) { /* crosses itself, and mostly inside out */
        const double *v = self->vertices[self->triangles[0][0]];
        f->report.inside_out_bodies = 1;
        f->inside_out = (kmi_mesh_place){0, {v[0], v[1], v[2]}, {v[0], v[1], v[2]}};
    }
cleanup:
    kmi_free(facet);
    kmi_free(area);
    return status;
}
