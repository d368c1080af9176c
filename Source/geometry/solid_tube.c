/*
 * The tube section: (outer cylinder and the slab in z, and the wedge if it is
 * convex) minus (inner cylinder, and the missing wedge if the section is more
 * than half a turn). A convex part gives one chord; each of the two holes cuts
 * at most one chord in two.
 */
#include "geometry/chord.h"

/* Below this squared sine a line is parallel to the axis: over 1e9 mm it moves less than 1e-6 mm aside. */
static const double parallel = 1e-30;

/* The part of the line within radius r of the z axis; false if there is none. `closed`: the surface counts. */
static bool cylinder_chord(double r, bool closed, kmi_vec3 o, kmi_vec3 d, kmi_chord *out)
{
    double a = d.x * d.x + d.y * d.y, b = o.x * d.x + o.y * d.y;
    double moment = o.x * d.y - o.y * d.x;
    double h;

    out->in = -INFINITY;
    out->out = INFINITY;
    if (a < parallel) {
        double rho2 = o.x * o.x + o.y * o.y;
        return closed ? rho2 <= r * r : rho2 < r * r;
    }
    h = r * r * a - moment * moment;
    if (!(h > 0)) return false;
    h = sqrt(h);
    out->in = (-b - h) / a;
    out->out = (-b + h) / a;
    return true;
}

/* Cuts *c to where value + slope * t >= 0 (closed) or > 0. */
static bool clip(double value, double slope, bool closed, kmi_chord *c)
{
    double t;

    if (slope == 0) return closed ? value >= 0 : value > 0;
    t = -value / slope;
    if (slope > 0) {
        if (t > c->in) c->in = t;
    } else if (t < c->out) {
        c->out = t;
    }
    return c->in < c->out;
}

/* Between the half-planes at azimuths `from` and `to`, turning left from one to the other by at most pi. */
static bool clip_wedge(const double from[2], const double to[2], bool closed, kmi_vec3 o, kmi_vec3 d, kmi_chord *c)
{
    return clip(from[0] * o.y - from[1] * o.x, from[0] * d.y - from[1] * d.x, closed, c) &&
           clip(to[1] * o.x - to[0] * o.y, to[1] * d.x - to[0] * d.y, closed, c);
}

static int subtract(kmi_chord hole, kmi_chord *chords, int n)
{
    kmi_chord kept[KMI_CHORDS_MAX];
    int i, m = 0;

    for (i = 0; i < n; i++) {
        kmi_chord before = chords[i], after = chords[i];
        if (hole.in < before.out) before.out = hole.in;
        if (hole.out > after.in) after.in = hole.out;
        if (before.in < before.out) kept[m++] = before;
        if (after.in < after.out) kept[m++] = after;
    }
    for (i = 0; i < m; i++) chords[i] = kept[i];
    return m;
}

int kmi_tube_chords(const kmi_solid *self, kmi_vec3 o, kmi_vec3 d, kmi_chord out[KMI_CHORDS_MAX])
{
    kmi_chord c, hole = {-INFINITY, INFINITY};
    double half = self->u.tube.half_length;
    int n = 1;

    if (!cylinder_chord(self->u.tube.outer, true, o, d, &c)) return 0;
    kmi_slab(-half, half, o.z, 1.0 / d.z, &c);
    if (!(c.in < c.out)) return 0;
    if (self->u.tube.wedge == 1 && !clip_wedge(self->u.tube.start, self->u.tube.end, true, o, d, &c)) return 0;
    out[0] = c;
    if (self->u.tube.wedge == 2 && clip_wedge(self->u.tube.end, self->u.tube.start, false, o, d, &hole))
        n = subtract(hole, out, n);
    if (self->u.tube.inner > 0 && cylinder_chord(self->u.tube.inner, false, o, d, &hole)) n = subtract(hole, out, n);
    return n;
}
