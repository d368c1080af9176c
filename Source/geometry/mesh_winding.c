/*
 * Inside and outside of a mesh: the facing of the first hit where it is what a
 * flight expects, the winding number where it is not.
 *
 * The winding number beyond t is the number of exits minus the number of
 * entries beyond t. It needs no order of the hits, and is zero far away on both
 * sides, exactly (mesh_ray.c). Inside is where it is positive; so bodies that
 * overlap count as one.
 */
#include <math.h>

#include "geometry/mesh_parts.h"

/* A direction in general position: rays along an axis meet the edges of CAD parts too often. */
static const kmi_vec3 GENERAL = {0.48507125007266594, 0.36380343755449945, 0.7952062255644573};

static void add_hit(const kmi_mesh_hit *hit, void *context) { *(long *)context += hit->exits ? 1 : -1; }

/* The winding number just beyond t_min. */
static long winding_beyond(const kmi_mesh *self, const kmi_mesh_line *line, double t_min)
{
    long winding = 0;
    kmi_mesh_line_visit(self, line, t_min, INFINITY, add_hit, &winding);
    return winding;
}

/* The first place beyond `from` where the winding number, `winding` there, turns positive
 * (to_inside) or falls to zero; INFINITY if none before or at t_max. */
static double walk_to_change(const kmi_mesh *self, const kmi_mesh_line *line, double from, long winding, bool to_inside,
                             double t_max)
{
    kmi_mesh_hit hit = {from, KMI_BVH_NO_FACET, false};

    while (kmi_mesh_line_next(self, line, hit.t, hit.facet, t_max, &hit)) {
        winding += hit.exits ? -1 : 1;
        if ((winding > 0) == to_inside) return hit.t;
    }
    return INFINITY;
}

bool kmi_mesh_first_hit(const kmi_mesh *self, kmi_vec3 origin, kmi_vec3 direction, double t_min, double t_max,
                        kmi_mesh_hit *out)
{
    kmi_mesh_line line;
    return kmi_mesh_line_start(self, origin, direction, &line) &&
           kmi_mesh_line_next(self, &line, t_min, KMI_BVH_NO_FACET, t_max, out);
}

double kmi_mesh_exit(const kmi_mesh *self, kmi_vec3 origin, kmi_vec3 direction, double t, double contact)
{
    kmi_mesh_line line;
    kmi_mesh_hit hit;
    double from = t + contact, exit;
    long winding;

    if (!kmi_mesh_line_start(self, origin, direction, &line)) return t;
    if (!self->overlaps && kmi_mesh_line_next(self, &line, from, KMI_BVH_NO_FACET, INFINITY, &hit) && hit.exits)
        return hit.t;
    winding = winding_beyond(self, &line, from);
    if (winding <= 0) return t;
    exit = walk_to_change(self, &line, from, winding, false, INFINITY);
    return exit < INFINITY ? exit : t;
}

double kmi_mesh_entry(const kmi_mesh *self, kmi_vec3 origin, kmi_vec3 direction, double t, double t_max, double contact)
{
    kmi_mesh_line line;
    kmi_mesh_hit hit;
    double from = t + contact;
    bool found;
    long winding;

    if (!kmi_mesh_line_start(self, origin, direction, &line)) return INFINITY;
    found = kmi_mesh_line_next(self, &line, from, KMI_BVH_NO_FACET, t_max, &hit);
    if (!self->overlaps && found && !hit.exits) return hit.t;
    /* Nothing ahead up to t_max: only a surface within the contact length can have let it in already. */
    if (!found && !kmi_mesh_line_next(self, &line, t - contact, KMI_BVH_NO_FACET, from, &hit)) return INFINITY;
    winding = winding_beyond(self, &line, from);
    if (winding > 0) return t;
    return walk_to_change(self, &line, from, winding, true, t_max);
}

bool kmi_mesh_inside(const kmi_mesh *self, kmi_vec3 point)
{
    kmi_mesh_line line;
    return kmi_mesh_line_start(self, point, GENERAL, &line) && winding_beyond(self, &line, 0) > 0;
}
