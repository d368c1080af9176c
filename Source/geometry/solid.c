/* The questions of transport, for every kind of solid: see solid.h. */
#include "geometry/solid.h"

#include "geometry/chord.h"

int kmi_solid_chords(const kmi_solid *self, kmi_vec3 origin, kmi_vec3 direction, double skin,
                     kmi_chord out[KMI_CHORDS_MAX])
{
    switch (self->kind) {
    case KMI_SOLID_BOX:
        out[0] = kmi_half_box_chord(self->u.box.half, skin, origin, kmi_inverse(direction));
        return out[0].in < out[0].out;
    case KMI_SOLID_GRID: {
        const kmi_frame *f = &self->u.grid.frame;
        out[0] = kmi_half_box_chord(self->u.grid.half, skin, kmi_to_local(f, origin),
                                    kmi_inverse(kmi_unrotate(f, direction)));
        return out[0].in < out[0].out;
    }
    case KMI_SOLID_ORB: return kmi_orb_chords(self, origin, direction, skin, out);
    case KMI_SOLID_TUBE: return kmi_tube_chords(self, origin, direction, skin, out);
    case KMI_SOLID_MESH: break; /* has no bounded number of them */
    }
    return 0;
}

double kmi_solid_exit(const kmi_solid *self, kmi_vec3 origin, kmi_vec3 direction, double t, double contact)
{
    kmi_chord chords[KMI_CHORDS_MAX];
    int i, n;

    if (self->kind == KMI_SOLID_MESH) return kmi_mesh_exit(self->u.mesh.mesh, origin, direction, t, contact);
    n = kmi_solid_chords(self, origin, direction, kmi_skin(contact), chords);
    for (i = 0; i < n; i++)
        if (kmi_chord_holds(chords[i], t, contact)) return chords[i].out;
    return t; /* not inside beyond the contact length: leave now */
}

double kmi_solid_exit_before(const kmi_solid *self, kmi_vec3 origin, kmi_vec3 direction, double t, double t_max,
                             double contact)
{
    if (self->kind != KMI_SOLID_MESH || t_max == INFINITY) return kmi_solid_exit(self, origin, direction, t, contact);
    return kmi_solid_mesh_exit_before(self->u.mesh.mesh, origin, direction, t, t_max, contact);
}

double kmi_solid_entry(const kmi_solid *self, kmi_vec3 origin, kmi_vec3 direction, double t, double t_max,
                       double contact)
{
    kmi_chord chords[KMI_CHORDS_MAX];
    int i, n;

    if (self->kind == KMI_SOLID_MESH) return kmi_mesh_entry(self->u.mesh.mesh, origin, direction, t, t_max, contact);
    n = kmi_solid_chords(self, origin, direction, kmi_skin(contact), chords);
    for (i = 0; i < n; i++) {
        double entry = kmi_chord_entry(chords[i], t, t_max, contact);
        if (entry < INFINITY) return entry;
    }
    return INFINITY;
}

static bool box_inside(kmi_vec3 half, kmi_vec3 p)
{
    return fabs(p.x) <= half.x && fabs(p.y) <= half.y && fabs(p.z) <= half.z;
}

static bool tube_inside(const kmi_solid *self, kmi_vec3 p)
{
    const double *s = self->u.tube.start, *e = self->u.tube.end;
    double inner = self->u.tube.inner, outer = self->u.tube.outer;
    double rho2 = p.x * p.x + p.y * p.y;
    double after_start = s[0] * p.y - s[1] * p.x, before_end = e[1] * p.x - e[0] * p.y;

    if (!(fabs(p.z) <= self->u.tube.half_length && rho2 <= outer * outer && rho2 >= inner * inner)) return false;
    switch (self->u.tube.wedge) {
    case 1: return after_start >= 0 && before_end >= 0;
    case 2: return after_start >= 0 || before_end >= 0;
    default: return true;
    }
}

bool kmi_solid_inside(const kmi_solid *self, kmi_vec3 p)
{
    switch (self->kind) {
    case KMI_SOLID_BOX: return box_inside(self->u.box.half, p);
    case KMI_SOLID_GRID: return box_inside(self->u.grid.half, kmi_to_local(&self->u.grid.frame, p));
    case KMI_SOLID_ORB: return kmi_dot(p, p) <= self->u.orb.radius * self->u.orb.radius;
    case KMI_SOLID_TUBE: return tube_inside(self, p);
    case KMI_SOLID_MESH: return kmi_mesh_inside(self->u.mesh.mesh, p);
    }
    return false;
}
