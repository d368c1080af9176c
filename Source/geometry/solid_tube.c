/*
 * The tube section: (outer cylinder and the slab in z, and the wedge if it is
 * convex) minus (inner cylinder, and the missing wedge if the section is more
 * than half a turn). A convex part gives one chord; each of the two holes cuts
 * at most one chord in two.
 */
#include "geometry/chord.h"

/* Below this squared sine a line is parallel to the axis: over 1e9 mm it moves less than 1e-6 mm aside. */
static const double parallel = 1e-30;

/* The part of the line within radius r of the z axis; false if there is none. */
static bool cylinder_chord(double r, kmi_vec3 o, kmi_vec3 d, kmi_chord *out)
{
    double a = d.x * d.x + d.y * d.y, b = o.x * d.x + o.y * d.y;
    double moment = o.x * d.y - o.y * d.x;
    double h;

    out->in = -INFINITY;
    out->out = INFINITY;
    if (a < parallel) return o.x * o.x + o.y * o.y < r * r;
    h = r * r * a - moment * moment;
    if (!(h > 0)) return false;
    h = sqrt(h);
    out->in = (-b - h) / a;
    out->out = (-b + h) / a;
    return true;
}

/* Cuts *c to where value + slope * t > 0. */
static bool clip(double value, double slope, kmi_chord *c)
{
    double t;

    if (slope == 0) return value > 0;
    t = -value / slope;
    if (slope > 0) {
        if (t > c->in) c->in = t;
    } else if (t < c->out) {
        c->out = t;
    }
    return c->in < c->out;
}

/* Between the half-planes at azimuths `from` and `to`, turning left from one to the other by at most pi,
 * grown by `skin`. */
static bool clip_wedge(const double from[2], const double to[2], double skin, kmi_vec3 o, kmi_vec3 d, kmi_chord *c)
{
    return clip(from[0] * o.y - from[1] * o.x + skin, from[0] * d.y - from[1] * d.x, c) &&
           clip(to[1] * o.x - to[0] * o.y + skin, to[1] * d.x - to[0] * d.y, c);
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

int kmi_tube_chords(const kmi_solid *self, kmi_vec3 o, kmi_vec3 d, double skin, kmi_chord out[KMI_CHORDS_MAX])
{
    kmi_chord c, hole = {-INFINITY, INFINITY};
    double half = self->u.tube.half_length + skin, bore = self->u.tube.inner - skin;
    const double *start = self->u.tube.start, *end = self->u.tube.end;
    int n = 1;

    if (!cylinder_chord(self->u.tube.outer + skin, o, d, &c)) return 0;
    kmi_slab(-half, half, o.z, 1.0 / d.z, &c);
    if (!(c.in < c.out)) return 0;
    if (self->u.tube.wedge == 1 && !clip_wedge(start, end, skin, o, d, &c)) return 0;
    out[0] = c;
    if (self->u.tube.wedge == 2 && clip_wedge(end, start, -skin, o, d, &hole)) n = subtract(hole, out, n);
    if (bore > 0 && cylinder_chord(bore, o, d, &hole)) n = subtract(hole, out, n);
    return n;
}
