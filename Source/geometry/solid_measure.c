/* How large solids are, in closed form. */
#include "geometry/solid.h"

static const double pi = 3.14159265358979323846;

static double box_volume(kmi_vec3 half) { return 8 * half.x * half.y * half.z; }
static double box_area(kmi_vec3 half) { return 8 * (half.x * half.y + half.y * half.z + half.z * half.x); }
static double smallest(kmi_vec3 v) { return fmin(v.x, fmin(v.y, v.z)); }

kma_shape kmi_solid_dimensions(const kmi_solid *self, double out[5])
{
    int i;

    for (i = 0; i < 5; i++) out[i] = 0;
    switch (self->kind) {
    case KMI_SOLID_BOX:
        out[0] = 2 * self->u.box.half.x;
        out[1] = 2 * self->u.box.half.y;
        out[2] = 2 * self->u.box.half.z;
        return KMA_SHAPE_BOX;
    case KMI_SOLID_ORB: out[0] = self->u.orb.radius; return KMA_SHAPE_ORB;
    case KMI_SOLID_TUBE:
        out[0] = self->u.tube.inner;
        out[1] = self->u.tube.outer;
        out[2] = 2 * self->u.tube.half_length;
        out[3] = self->u.tube.phi_start;
        out[4] = self->u.tube.phi_delta;
        return KMA_SHAPE_TUBE;
    case KMI_SOLID_GRID:
        for (i = 0; i < 3; i++) out[i] = (double)self->u.grid.grid.count[i] * self->u.grid.grid.spacing[i];
        return KMA_SHAPE_IMAGE;
    case KMI_SOLID_MESH: break;
    }
    return KMA_SHAPE_MESH;
}

double kmi_solid_volume(const kmi_solid *self)
{
    double inner = self->u.tube.inner, outer = self->u.tube.outer, r = self->u.orb.radius;

    switch (self->kind) {
    case KMI_SOLID_BOX: return box_volume(self->u.box.half);
    case KMI_SOLID_GRID: return box_volume(self->u.grid.half);
    case KMI_SOLID_ORB: return 4 * pi / 3 * r * r * r;
    case KMI_SOLID_TUBE: return self->u.tube.phi_delta * (outer - inner) * (outer + inner) * self->u.tube.half_length;
    case KMI_SOLID_MESH: return kmi_mesh_volume(self->u.mesh.mesh);
    }
    return 0;
}

double kmi_solid_surface_area(const kmi_solid *self)
{
    double inner = self->u.tube.inner, outer = self->u.tube.outer, length = 2 * self->u.tube.half_length;
    double r = self->u.orb.radius, area;

    switch (self->kind) {
    case KMI_SOLID_BOX: return box_area(self->u.box.half);
    case KMI_SOLID_GRID: return box_area(self->u.grid.half);
    case KMI_SOLID_ORB: return 4 * pi * r * r;
    case KMI_SOLID_TUBE:
        /* both mantles and both ends; then the two flat faces of a section */
        area = self->u.tube.phi_delta * (outer + inner) * (length + outer - inner);
        if (self->u.tube.wedge != 0) area += 2 * (outer - inner) * length;
        return area;
    case KMI_SOLID_MESH: return kmi_mesh_surface_area(self->u.mesh.mesh);
    }
    return 0;
}

double kmi_solid_thickness(const kmi_solid *self)
{
    switch (self->kind) {
    case KMI_SOLID_BOX: return 2 * smallest(self->u.box.half);
    case KMI_SOLID_GRID: return 2 * smallest(self->u.grid.half);
    case KMI_SOLID_ORB: return 2 * self->u.orb.radius;
    case KMI_SOLID_TUBE:
        return fmin(fmin(self->u.tube.outer - self->u.tube.inner, 2 * self->u.tube.half_length),
                    self->u.tube.outer * self->u.tube.phi_delta);
    case KMI_SOLID_MESH: return smallest(kmi_sub(self->bounds.high, self->bounds.low));
    }
    return 0;
}

static kmi_vec3 corner(const kmi_box3 *b, int i)
{
    return kmi_vec(i & 1 ? b->high.x : b->low.x, i & 2 ? b->high.y : b->low.y, i & 4 ? b->high.z : b->low.z);
}

/* All of the box lies on the side cross(d, p) >= 0 (sign > 0) or <= 0 (sign < 0). */
static bool beside(const kmi_box3 *b, const double d[2], double sign)
{
    int i;
    for (i = 0; i < 4; i++) {
        kmi_vec3 p = corner(b, i);
        if (!(sign * (d[0] * p.y - d[1] * p.x) >= 0)) return false;
    }
    return true;
}

static bool tube_contains_box(const kmi_solid *s, const kmi_box3 *b)
{
    double far_x = fmax(fabs(b->low.x), fabs(b->high.x)), far_y = fmax(fabs(b->low.y), fabs(b->high.y));
    double near_x = fmax(0, fmax(b->low.x, -b->high.x)), near_y = fmax(0, fmax(b->low.y, -b->high.y));
    double outer = s->u.tube.outer, inner = s->u.tube.inner;

    if (!(b->low.z >= -s->u.tube.half_length && b->high.z <= s->u.tube.half_length)) return false;
    if (!(far_x * far_x + far_y * far_y <= outer * outer)) return false;
    if (!(near_x * near_x + near_y * near_y >= inner * inner)) return false;
    switch (s->u.tube.wedge) {
    case 1: return beside(b, s->u.tube.start, 1) && beside(b, s->u.tube.end, -1);
    case 2: return beside(b, s->u.tube.start, 1) || beside(b, s->u.tube.end, -1);
    default: return true;
    }
}

bool kmi_solid_contains_box(const kmi_solid *self, const kmi_box3 *box)
{
    kmi_vec3 far;
    int i;

    switch (self->kind) {
    case KMI_SOLID_BOX:
    case KMI_SOLID_GRID: /* convex: all corners decide */
        for (i = 0; i < 8; i++)
            if (!kmi_solid_inside(self, corner(box, i))) return false;
        return true;
    case KMI_SOLID_ORB:
        far = kmi_vec(fmax(fabs(box->low.x), fabs(box->high.x)), fmax(fabs(box->low.y), fabs(box->high.y)),
                      fmax(fabs(box->low.z), fabs(box->high.z)));
        return kmi_dot(far, far) <= self->u.orb.radius * self->u.orb.radius;
    case KMI_SOLID_TUBE: return tube_contains_box(self, box);
    case KMI_SOLID_MESH: break; /* never certain */
    }
    return false;
}
