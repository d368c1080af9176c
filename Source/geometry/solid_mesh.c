/* The tessellated solid: a mesh that is used, short flights in it, and the nearest of its facets. */
#include <string.h>

#include "geometry/mesh_nearest.h"
#include "geometry/mesh_parts.h"
#include "geometry/solid.h"

void kmi_solid_make_mesh(const kmi_mesh *mesh, uint64_t mesh_bits, kmi_solid *out)
{
    memset(out, 0, sizeof *out);
    out->kind = KMI_SOLID_MESH;
    out->bounds = kmi_mesh_bounds(mesh);
    out->u.mesh.mesh = mesh;
    out->u.mesh.mesh_bits = mesh_bits;
}

/*
 * Most flights end long before the other side of a mesh: without any surface on the way nothing changes. What
 * does lie on the way is judged here only in the two plain cases, as kmi_mesh_exit() would:
 * a flight that has just entered, and a surface ahead that faces outward.
 */
double kmi_solid_mesh_exit_before(const kmi_mesh *mesh, kmi_vec3 origin, kmi_vec3 direction, double t, double t_max,
                                  double contact)
{
    kmi_mesh_line line;
    kmi_mesh_hit hit;

    if (!kmi_mesh_line_start(mesh, origin, direction, &line)) return t;
    if (!kmi_mesh_line_next(mesh, &line, t - contact, KMI_BVH_NO_FACET, t_max, &hit)) return INFINITY;
    if (hit.t <= t + contact && !hit.exits && !mesh->overlaps &&
        !kmi_mesh_line_next(mesh, &line, hit.t, hit.facet, t_max, &hit))
        return INFINITY;
    if (hit.t > t + contact && hit.exits && !mesh->overlaps) return hit.t;
    return kmi_mesh_exit(mesh, origin, direction, t, contact);
}

kmi_vec3 kmi_solid_mesh_normal(const kmi_mesh *mesh, kmi_vec3 p)
{
    uint32_t facet = 0;
    (void)kmi_mesh_nearest(mesh, p, &facet);
    return kmi_mesh_normal(mesh, facet);
}

double kmi_solid_mesh_safety(const kmi_mesh *mesh, kmi_vec3 p)
{
    uint32_t facet = 0;
    double safety = kmi_mesh_nearest(mesh, p, &facet) - kmi_mesh_nearest_error(mesh, p);
    return safety > 0 ? safety : 0;
}
