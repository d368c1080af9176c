/*
 * A plane between two solids shows that they do not overlap; for boxes the
 * directions below are all that need be tried (Gottschalk, Lin, Manocha,
 * SIGGRAPH 96, 171). It settles nearly all neighbours that touch or only come
 * near, for the price of a few points.
 */
#include "geometry/overlap_parts.h"

/* How far a solid about the origin of its own frame reaches from its middle along a unit vector of that frame. */
static double reach(const kmi_solid *s, kmi_vec3 n)
{
    kmi_vec3 half;

    switch (s->kind) {
    case KMI_SOLID_ORB: return s->u.orb.radius;
    case KMI_SOLID_TUBE: return s->u.tube.outer * sqrt(n.x * n.x + n.y * n.y) + s->u.tube.half_length * fabs(n.z);
    case KMI_SOLID_BOX:
    case KMI_SOLID_GRID:
    case KMI_SOLID_MESH: break;
    }
    half = kmi_scale(kmi_sub(s->bounds.high, s->bounds.low), 0.5);
    return fabs(n.x) * half.x + fabs(n.y) * half.y + fabs(n.z) * half.z;
}

static kmi_vec3 middle(const kmi_placed *p)
{
    kmi_vec3 here = kmi_vec(0, 0, 0);
    if (p->solid.kind == KMI_SOLID_MESH) here = kmi_scale(kmi_add(p->solid.bounds.low, p->solid.bounds.high), 0.5);
    return kmi_to_mother(&p->frame, here);
}

static kmi_vec3 axis_of(const kmi_placed *p, int c)
{
    return kmi_rotate(&p->frame, kmi_vec(c == 0, c == 1, c == 2));
}

typedef struct pair {
    const kmi_placed *a, *b;
    kmi_vec3 between; /* from the middle of a to that of b */
    double contact;
} pair;

/* Is there a plane at right angles to n? */
static bool splits(const pair *p, kmi_vec3 n)
{
    double size = kmi_norm(n);
    if (!(size > 1e-9)) return false;
    n = kmi_scale(n, 1 / size);
    return fabs(kmi_dot(n, p->between)) >= reach(&p->a->solid, kmi_unrotate(&p->a->frame, n)) +
                                               reach(&p->b->solid, kmi_unrotate(&p->b->frame, n)) - p->contact;
}

/* From the nearest point of b to the middle of an orb; from a tube's axis to the other's middle, at right angles. */
static bool splits_round(const pair *p, const kmi_placed *round, const kmi_placed *other)
{
    kmi_vec3 outward, at = middle(round), axis = axis_of(round, 2);

    if (round->solid.kind == KMI_SOLID_ORB && other->convex) {
        (void)kmi_solid_depth(&other->solid, kmi_to_local(&other->frame, at), &outward);
        return splits(p, kmi_rotate(&other->frame, outward));
    }
    if (round->solid.kind == KMI_SOLID_TUBE)
        return splits(p, kmi_sub(p->between, kmi_scale(axis, kmi_dot(axis, p->between))));
    return false;
}

bool kmi_placed_apart(const kmi_placed *a, const kmi_placed *b, double contact)
{
    pair p = {a, b, kmi_sub(middle(b), middle(a)), contact};
    int i, j;

    if (splits(&p, p.between) || splits_round(&p, a, b) || splits_round(&p, b, a)) return true;
    for (i = 0; i < 3; i++)
        if (splits(&p, axis_of(a, i)) || splits(&p, axis_of(b, i))) return true;
    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++)
            if (splits(&p, kmi_cross(axis_of(a, i), axis_of(b, j)))) return true;
    return false;
}
