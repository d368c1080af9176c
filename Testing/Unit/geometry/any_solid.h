/* Random solids and frames for the geometry's tests. */
#ifndef KMT_ANY_SOLID_H
#define KMT_ANY_SOLID_H

#include "kmt.h"

#include "geometry/frame.h"
#include "geometry/solid.h"

static inline double kmt_between(kmi_rng *rng, double low, double high)
{
    return low + (high - low) * kmi_rng_uniform(rng);
}

static inline int kmt_below(kmi_rng *rng, int n) { return (int)(kmi_rng_uniform(rng) * n); }

/* Each coordinate on its own, drawn in their order. */
static inline kmi_vec3 kmt_vec_between(kmi_rng *rng, double low, double high)
{
    double x = kmt_between(rng, low, high);
    double y = kmt_between(rng, low, high);
    return kmi_vec(x, y, kmt_between(rng, low, high));
}

/* A random rotation: two random directions made orthonormal, and their cross product. */
static inline kmi_frame kmt_any_frame(kmi_rng *rng, kmi_vec3 translation)
{
    kmi_vec3 u = kmt_direction(rng), v = kmt_direction(rng), w;
    double m[9];

    v = kmi_sub(v, kmi_scale(u, kmi_dot(u, v)));
    v = kmi_scale(v, 1 / kmi_norm(v));
    w = kmi_cross(u, v);
    m[0] = u.x, m[3] = u.y, m[6] = u.z;
    m[1] = v.x, m[4] = v.y, m[7] = v.z;
    m[2] = w.x, m[5] = w.y, m[8] = w.z;
    kmi_orthonormalise(m, m);
    return kmi_frame_make(m, translation);
}

static inline void kmt_any_tube(kmi_rng *rng, double outer, double length, kmi_solid *out)
{
    const double two_pi = 6.283185307179586;
    double inner = kmt_below(rng, 2) ? 0 : outer * kmt_between(rng, 0.05, 0.95);
    double start = kmt_below(rng, 2) ? kmt_between(rng, -two_pi, two_pi) : 0.25 * two_pi * kmt_below(rng, 4);
    double delta = two_pi;

    switch (kmt_below(rng, 4)) {
    case 0: delta = kmt_between(rng, 0.05, two_pi); break;
    case 1: delta = 0.25 * two_pi * (1 + kmt_below(rng, 3)); break;
    default: break;
    }
    assert_ok(kmi_solid_make_tube(inner, outer, length, start, delta, out));
}

/* An analytic solid whose bounds lie within +-half (about the origin, but for the grid). */
static inline void kmt_any_solid(kmi_rng *rng, kmi_vec3 half, kmi_solid *out)
{
    double least = fmin(half.x, fmin(half.y, half.z));
    double size[3] = {2 * half.x, 2 * half.y, 2 * half.z};

    switch (kmt_below(rng, 3)) {
    case 0: assert_ok(kmi_solid_make_box(size, out)); break;
    case 1: assert_ok(kmi_solid_make_orb(least, out)); break;
    default: kmt_any_tube(rng, fmin(half.x, half.y), 2 * half.z, out);
    }
}

/* The outline of a random oblique image, left-handed now and then. */
static inline void kmt_any_grid(kmi_rng *rng, double size, kmi_solid *out)
{
    kmi_frame f = kmt_any_frame(rng, kmi_vec(0, 0, 0));
    kmi_grid grid;
    int c;

    for (c = 0; c < 3; c++) {
        grid.count[c] = (size_t)(1 + kmt_below(rng, 50));
        grid.spacing[c] = size * kmt_between(rng, 0.1, 1) / (double)grid.count[c];
        grid.origin[c] = size * kmt_between(rng, -1, 1);
    }
    for (c = 0; c < 9; c++) grid.direction[c] = f.rotation[c];
    if (kmt_below(rng, 2))
        for (c = 0; c < 9; c += 3) grid.direction[c] = -grid.direction[c];
    assert_ok(kmi_grid_check(&grid));
    kmi_solid_make_grid(out, &grid);
}

/* A point in a box, uniformly. */
static inline kmi_vec3 kmt_point_in(kmi_rng *rng, const kmi_box3 *b)
{
    double x = kmt_between(rng, b->low.x, b->high.x);
    double y = kmt_between(rng, b->low.y, b->high.y);
    return kmi_vec(x, y, kmt_between(rng, b->low.z, b->high.z));
}

#endif
