/*
 * What a line and an analytic solid have in common: a few disjoint chords,
 * rising. They depend on the line alone, so every question along a flight
 * reads the same numbers.
 */
#ifndef KMI_CHORD_H
#define KMI_CHORD_H

#include "geometry/solid.h"

typedef struct kmi_chord {
    double in, out; /* mm along the line, in < out; may be infinite */
} kmi_chord;

enum { KMI_CHORDS_MAX = 4 };

/*
 * Solids are met with a skin of 2^-24 contact lengths: 6e-13 mm in a world of
 * up to 168 mm from its middle, 2^-48 of the largest coordinate beyond. It is
 * wider than what rounding does to a line that is carried into another frame:
 * without it a line that runs in the common face of two turned boxes can miss
 * both of them along its whole length.
 */
static inline double kmi_skin(double contact) { return contact * 0x1p-24; }

/* The chords of a line with the solid and its skin; how many. */
int kmi_orb_chords(const kmi_solid *self, kmi_vec3 origin, kmi_vec3 direction, double skin,
                   kmi_chord out[KMI_CHORDS_MAX]);
int kmi_tube_chords(const kmi_solid *self, kmi_vec3 origin, kmi_vec3 direction, double skin,
                    kmi_chord out[KMI_CHORDS_MAX]);
/* Any solid but a mesh. */
int kmi_solid_chords(const kmi_solid *self, kmi_vec3 origin, kmi_vec3 direction, double skin,
                     kmi_chord out[KMI_CHORDS_MAX]);

/*
 * One pair of planes of a box, NaN-safe: a line that lies in a plane has
 * 0 * inf = nan there, which both comparisons drop. A line outside of the slab and parallel to it gets in = inf or out
 * = -inf.
 */
static inline void kmi_slab(double low, double high, double origin, double inverse, kmi_chord *c)
{
    double in = ((inverse < 0 ? high : low) - origin) * inverse;
    double out = ((inverse < 0 ? low : high) - origin) * inverse;
    c->in = in > c->in ? in : c->in;
    c->out = out < c->out ? out : c->out;
}

static inline kmi_chord kmi_box_chord(kmi_vec3 low, kmi_vec3 high, kmi_vec3 origin, kmi_vec3 inverse)
{
    kmi_chord c = {-INFINITY, INFINITY};
    kmi_slab(low.x, high.x, origin.x, inverse.x, &c);
    kmi_slab(low.y, high.y, origin.y, inverse.y, &c);
    kmi_slab(low.z, high.z, origin.z, inverse.z, &c);
    return c;
}

/* A box about the origin, with its skin. */
static inline kmi_chord kmi_half_box_chord(kmi_vec3 half, double skin, kmi_vec3 origin, kmi_vec3 inverse)
{
    kmi_vec3 high = kmi_vec(half.x + skin, half.y + skin, half.z + skin);
    return kmi_box_chord(kmi_scale(high, -1.0), high, origin, inverse);
}

static inline kmi_vec3 kmi_inverse(kmi_vec3 d) { return kmi_vec(1.0 / d.x, 1.0 / d.y, 1.0 / d.z); }

/* The rules of solid.h, for one chord. */
static inline bool kmi_chord_holds(kmi_chord c, double t, double contact)
{
    return c.in <= t + contact && c.out > t + contact;
}
static inline double kmi_chord_entry(kmi_chord c, double t, double t_max, double contact)
{
    double begin = c.in > t ? c.in : t;
    /* A chord shorter than the contact length is contact, so every entry is followed by progress. */
    return c.out > begin + contact && begin <= t_max ? begin : INFINITY;
}

#endif
