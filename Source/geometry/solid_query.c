/*
 * Safeties and normals, for checking and drawing. Every analytic solid is
 * described by signed distances to its faces (below 0 inside of the face);
 * a convex solid is where all of them are, a tube's missing wedge is where
 * both of its own are not.
 */
#include "geometry/mesh_nearest.h"
#include "geometry/solid.h"

enum { FACES_MAX = 6 };

typedef struct face {
    double distance; /* mm, above 0 on the outer side */
    kmi_vec3 normal; /* outward */
} face;

static face make_face(double distance, kmi_vec3 normal)
{
    face f = {distance, normal};
    return f;
}

static int box_faces(kmi_vec3 half, kmi_vec3 p, face out[FACES_MAX])
{
    out[0] = make_face(p.x - half.x, kmi_vec(1, 0, 0));
    out[1] = make_face(-p.x - half.x, kmi_vec(-1, 0, 0));
    out[2] = make_face(p.y - half.y, kmi_vec(0, 1, 0));
    out[3] = make_face(-p.y - half.y, kmi_vec(0, -1, 0));
    out[4] = make_face(p.z - half.z, kmi_vec(0, 0, 1));
    out[5] = make_face(-p.z - half.z, kmi_vec(0, 0, -1));
    return 6;
}

static int orb_faces(double radius, kmi_vec3 p, face out[FACES_MAX])
{
    double r = kmi_norm(p);
    out[0] = make_face(r - radius, r > 0 ? kmi_scale(p, 1 / r) : kmi_vec(0, 0, 1));
    return 1;
}

/* The wedge's two faces as one when it is not convex: a point is outside only if it is beyond both. */
static int wedge_faces(const kmi_solid *self, kmi_vec3 p, face out[2])
{
    const double *s = self->u.tube.start, *e = self->u.tube.end;
    face first = make_face(s[1] * p.x - s[0] * p.y, kmi_vec(s[1], -s[0], 0));
    face last = make_face(e[0] * p.y - e[1] * p.x, kmi_vec(-e[1], e[0], 0));

    switch (self->u.tube.wedge) {
    case 1:
        out[0] = first;
        out[1] = last;
        return 2;
    case 2: out[0] = first.distance < last.distance ? first : last; return 1;
    default: return 0;
    }
}

static int tube_faces(const kmi_solid *self, kmi_vec3 p, face out[FACES_MAX])
{
    double rho = sqrt(p.x * p.x + p.y * p.y), half = self->u.tube.half_length;
    kmi_vec3 radial = rho > 0 ? kmi_vec(p.x / rho, p.y / rho, 0) : kmi_vec(1, 0, 0);
    int n = 0;

    out[n++] = make_face(rho - self->u.tube.outer, radial);
    out[n++] = p.z > 0 ? make_face(p.z - half, kmi_vec(0, 0, 1)) : make_face(-p.z - half, kmi_vec(0, 0, -1));
    if (self->u.tube.inner > 0) out[n++] = make_face(self->u.tube.inner - rho, kmi_scale(radial, -1.0));
    return n + wedge_faces(self, p, out + n);
}

static int faces(const kmi_solid *self, kmi_vec3 p, face out[FACES_MAX])
{
    switch (self->kind) {
    case KMI_SOLID_BOX: return box_faces(self->u.box.half, p, out);
    case KMI_SOLID_GRID: return box_faces(self->u.grid.half, kmi_to_local(&self->u.grid.frame, p), out);
    case KMI_SOLID_ORB: return orb_faces(self->u.orb.radius, p, out);
    case KMI_SOLID_TUBE: return tube_faces(self, p, out);
    case KMI_SOLID_MESH: break;
    }
    return 0;
}

static double outside(double low, double high, double x) { return fmax(0, fmax(low - x, x - high)); }

static double distance_to_box(const kmi_box3 *b, kmi_vec3 p)
{
    return kmi_norm(kmi_vec(outside(b->low.x, b->high.x, p.x), outside(b->low.y, b->high.y, p.y),
                            outside(b->low.z, b->high.z, p.z)));
}

double kmi_solid_safety_to_in(const kmi_solid *self, kmi_vec3 p)
{
    face f[FACES_MAX];
    double largest = 0;
    int i, n;

    if (self->kind == KMI_SOLID_BOX) return distance_to_box(&self->bounds, p);
    if (self->kind == KMI_SOLID_MESH)
        return kmi_mesh_inside(self->u.mesh.mesh, p) ? 0 : kmi_solid_mesh_safety(self->u.mesh.mesh, p);
    if (self->kind == KMI_SOLID_GRID) {
        kmi_box3 box = {kmi_scale(self->u.grid.half, -1.0), self->u.grid.half};
        return distance_to_box(&box, kmi_to_local(&self->u.grid.frame, p));
    }
    n = faces(self, p, f);
    for (i = 0; i < n; i++) largest = fmax(largest, f[i].distance);
    return largest;
}

double kmi_solid_safety_to_out(const kmi_solid *self, kmi_vec3 p)
{
    face f[FACES_MAX];
    int i, n = faces(self, p, f);
    double least = INFINITY;

    if (self->kind == KMI_SOLID_MESH)
        return kmi_mesh_inside(self->u.mesh.mesh, p) ? kmi_solid_mesh_safety(self->u.mesh.mesh, p) : 0;
    for (i = 0; i < n; i++) least = fmin(least, -f[i].distance);
    return fmax(0, least);
}

kmi_vec3 kmi_solid_normal(const kmi_solid *self, kmi_vec3 p)
{
    face f[FACES_MAX];
    int i, best = 0, n;

    if (self->kind == KMI_SOLID_MESH) return kmi_solid_mesh_normal(self->u.mesh.mesh, p);
    n = faces(self, p, f);
    /* Outside: the face that is farthest violated. Inside: the nearest. Both are the largest distance. */
    for (i = 1; i < n; i++)
        if (f[i].distance > f[best].distance) best = i;
    return self->kind == KMI_SOLID_GRID ? kmi_rotate(&self->u.grid.frame, f[best].normal) : f[best].normal;
}

static double box_depth(kmi_vec3 half, kmi_vec3 p, kmi_vec3 *outward_out)
{
    face f[FACES_MAX];
    kmi_vec3 off = kmi_vec(fmax(0, fabs(p.x) - half.x), fmax(0, fabs(p.y) - half.y), fmax(0, fabs(p.z) - half.z));
    double distance = kmi_norm(off);
    int i, best = 0;

    if (distance > 0) {
        *outward_out = kmi_scale(kmi_vec(copysign(off.x, p.x), copysign(off.y, p.y), copysign(off.z, p.z)), 1 / distance);
        return -distance;
    }
    (void)box_faces(half, p, f);
    for (i = 1; i < 6; i++)
        if (f[i].distance > f[best].distance) best = i;
    *outward_out = f[best].normal;
    return -f[best].distance;
}

static double mesh_depth(const kmi_mesh *mesh, kmi_vec3 p)
{
    uint32_t facet = 0;
    double distance = kmi_mesh_nearest(mesh, p, &facet);
    return kmi_mesh_inside(mesh, p) ? distance : -distance;
}

double kmi_solid_depth(const kmi_solid *self, kmi_vec3 p, kmi_vec3 *outward_out)
{
    face f[FACES_MAX];
    kmi_vec3 ignored;
    int i, best = 0, n;

    if (outward_out == NULL) outward_out = &ignored;
    *outward_out = kmi_vec(0, 0, 0);
    switch (self->kind) {
    case KMI_SOLID_MESH: return mesh_depth(self->u.mesh.mesh, p);
    case KMI_SOLID_BOX: return box_depth(self->u.box.half, p, outward_out);
    case KMI_SOLID_GRID: {
        double depth = box_depth(self->u.grid.half, kmi_to_local(&self->u.grid.frame, p), outward_out);
        *outward_out = kmi_rotate(&self->u.grid.frame, *outward_out);
        return depth;
    }
    case KMI_SOLID_ORB:
    case KMI_SOLID_TUBE: break;
    }
    n = faces(self, p, f);
    for (i = 1; i < n; i++)
        if (f[i].distance > f[best].distance) best = i;
    *outward_out = f[best].normal;
    return -f[best].distance;
}

bool kmi_solid_is_convex(const kmi_solid *self)
{
    switch (self->kind) {
    case KMI_SOLID_BOX:
    case KMI_SOLID_GRID:
    case KMI_SOLID_ORB: return true;
    case KMI_SOLID_TUBE: return !(self->u.tube.inner > 0) && self->u.tube.wedge != 2;
    case KMI_SOLID_MESH: break;
    }
    return false;
}
