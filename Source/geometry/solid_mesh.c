/* The tessellated solid: a mesh that is used, and the nearest of its facets. */
#include <string.h>

#include "geometry/solid.h"

void kmi_solid_make_mesh(const kmi_mesh *mesh, uint64_t mesh_bits, kmi_solid *out)
{
    memset(out, 0, sizeof *out);
    out->kind = KMI_SOLID_MESH;
    out->bounds = kmi_mesh_bounds(mesh);
    out->u.mesh.mesh = mesh;
    out->u.mesh.mesh_bits = mesh_bits;
}

static kmi_vec3 vertex(const kmi_mesh *mesh, uint32_t index)
{
    double v[3];
    kmi_mesh_vertex(mesh, index, v);
    return kmi_vec(v[0], v[1], v[2]);
}

static double length2(kmi_vec3 v) { return kmi_dot(v, v); }

/* Squared distance of p from the segment a-b. */
static double from_segment(kmi_vec3 a, kmi_vec3 b, kmi_vec3 p)
{
    kmi_vec3 ab = kmi_sub(b, a), ap = kmi_sub(p, a);
    double t = kmi_dot(ab, ap) / length2(ab);

    t = t > 0 ? fmin(t, 1) : 0;
    return length2(kmi_sub(ap, kmi_scale(ab, t)));
}

/* Squared distance of p from the triangle: to its plane if p projects into it, else to its edges. */
static double from_triangle(const kmi_vec3 v[3], kmi_vec3 normal, kmi_vec3 p)
{
    double height = kmi_dot(normal, kmi_sub(p, v[0]));
    int i, inside = 0;

    for (i = 0; i < 3; i++) inside += kmi_dot(kmi_cross(normal, kmi_sub(v[(i + 1) % 3], v[i])), kmi_sub(p, v[i])) >= 0;
    if (inside == 3) return height * height;
    return fmin(from_segment(v[0], v[1], p), fmin(from_segment(v[1], v[2], p), from_segment(v[2], v[0], p)));
}

kmi_vec3 kmi_solid_mesh_normal(const kmi_mesh *mesh, kmi_vec3 p)
{
    kmi_vec3 best = kmi_vec(0, 0, 0);
    double nearest = INFINITY;
    size_t i, n = kmi_mesh_facet_count(mesh);

    for (i = 0; i < n; i++) {
        kmi_vec3 v[3], normal;
        uint32_t corner[3];
        double distance;
        kmi_mesh_facet(mesh, i, corner);
        v[0] = vertex(mesh, corner[0]);
        v[1] = vertex(mesh, corner[1]);
        v[2] = vertex(mesh, corner[2]);
        normal = kmi_cross(kmi_sub(v[1], v[0]), kmi_sub(v[2], v[0]));
        normal = kmi_scale(normal, 1 / kmi_norm(normal));
        distance = from_triangle(v, normal, p);
        if (distance < nearest) {
            nearest = distance;
            best = normal;
        }
    }
    return best;
}
