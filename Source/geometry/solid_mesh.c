/* The tessellated solid: a mesh that is used, and the nearest of its facets. */
#include <string.h>

#include "geometry/mesh_nearest.h"
#include "geometry/solid.h"

void kmi_solid_make_mesh(const kmi_mesh *mesh, uint64_t mesh_bits, kmi_solid *out)
{
    memset(out, 0, sizeof *out);
    out->kind = KMI_SOLID_MESH;
    out->bounds = kmi_mesh_bounds(mesh);
    out->u.mesh.mesh = mesh;
    out->u.mesh.mesh_bits = mesh_bits;
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
