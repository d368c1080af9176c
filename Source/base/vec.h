/* Points, directions, boxes and rigid frames in double precision. */
#ifndef KMI_VEC_H
#define KMI_VEC_H

#include <math.h>
#include <stdbool.h>

typedef struct kmi_vec3 { double x, y, z; } kmi_vec3;
typedef struct kmi_box3 { kmi_vec3 low, high; } kmi_box3;

/* p_mother = rotation * p_local + translation; the columns of `rotation` are
 * the local axes in the mother's frame: orthonormal, determinant +1 or -1. */
typedef struct kmi_frame {
    double rotation[9]; /* row major */
    kmi_vec3 translation;
    bool rotated; /* false: rotation is exactly the identity */
} kmi_frame;

static inline kmi_vec3 kmi_vec(double x, double y, double z)
{
    kmi_vec3 v = {x, y, z};
    return v;
}
static inline kmi_vec3 kmi_add(kmi_vec3 a, kmi_vec3 b) { return kmi_vec(a.x + b.x, a.y + b.y, a.z + b.z); }
static inline kmi_vec3 kmi_sub(kmi_vec3 a, kmi_vec3 b) { return kmi_vec(a.x - b.x, a.y - b.y, a.z - b.z); }
static inline kmi_vec3 kmi_scale(kmi_vec3 a, double s) { return kmi_vec(a.x * s, a.y * s, a.z * s); }
static inline double kmi_dot(kmi_vec3 a, kmi_vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static inline kmi_vec3 kmi_cross(kmi_vec3 a, kmi_vec3 b)
{
    return kmi_vec(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}
static inline double kmi_norm(kmi_vec3 a) { return sqrt(kmi_dot(a, a)); }
/*
 * What rounding may leave of |v|^2 - 1 or u.v when vectors are made orthonormal: 32 units of 2^-53. A vector divided by
 * its norm keeps 9 of them (three products and two sums below a root, the root, the inverse, the product), the cross
 * product of two such 24, and asking adds 3. So what was made orthonormal once is known as such, and kept as it is:
 * written to a file, or asked for and given again, it stays the same to the bit.
 */
#define KMI_ORTHONORMAL_ROUNDING 0x1p-48
static inline bool kmi_is_unit(kmi_vec3 v) { return fabs(kmi_dot(v, v) - 1) <= KMI_ORTHONORMAL_ROUNDING; }
static inline bool kmi_is_perpendicular(kmi_vec3 u, kmi_vec3 v) /* unit vectors */
{
    return fabs(kmi_dot(u, v)) <= KMI_ORTHONORMAL_ROUNDING;
}
/* Point at distance t along a flight. */
static inline kmi_vec3 kmi_along(kmi_vec3 origin, kmi_vec3 direction, double t)
{
    return kmi_vec(origin.x + t * direction.x, origin.y + t * direction.y, origin.z + t * direction.z);
}

/* The two orthonormal helpers of a unit vector (Duff et al., JCGT 6 (2017) 1). */
static inline void kmi_basis(kmi_vec3 n, kmi_vec3 *u, kmi_vec3 *v)
{
    double sign = n.z >= 0 ? 1.0 : -1.0;
    double a = -1.0 / (sign + n.z);
    double b = n.x * n.y * a;
    *u = kmi_vec(1.0 + sign * n.x * n.x * a, sign * b, -sign * n.x);
    *v = kmi_vec(b, sign + n.y * n.y * a, -n.y);
}
/* Turns `d` by the polar angle (cosine given) and the azimuth (sine, cosine given); renormalised. */
static inline kmi_vec3 kmi_turn(kmi_vec3 d, double cos_theta, double sin_phi, double cos_phi)
{
    kmi_vec3 u, v, r;
    double s2 = (1.0 - cos_theta) * (1.0 + cos_theta);
    double s = s2 > 0 ? sqrt(s2) : 0.0;
    kmi_basis(d, &u, &v);
    r = kmi_vec(s * (cos_phi * u.x + sin_phi * v.x) + cos_theta * d.x,
                s * (cos_phi * u.y + sin_phi * v.y) + cos_theta * d.y,
                s * (cos_phi * u.z + sin_phi * v.z) + cos_theta * d.z);
    return kmi_scale(r, 1.0 / kmi_norm(r));
}

static inline kmi_vec3 kmi_rotate(const kmi_frame *f, kmi_vec3 d)
{
    const double *r = f->rotation;
    if (!f->rotated) return d;
    return kmi_vec(r[0] * d.x + r[1] * d.y + r[2] * d.z, r[3] * d.x + r[4] * d.y + r[5] * d.z,
                   r[6] * d.x + r[7] * d.y + r[8] * d.z);
}
static inline kmi_vec3 kmi_unrotate(const kmi_frame *f, kmi_vec3 d)
{
    const double *r = f->rotation;
    if (!f->rotated) return d;
    return kmi_vec(r[0] * d.x + r[3] * d.y + r[6] * d.z, r[1] * d.x + r[4] * d.y + r[7] * d.z,
                   r[2] * d.x + r[5] * d.y + r[8] * d.z);
}
static inline kmi_vec3 kmi_to_mother(const kmi_frame *f, kmi_vec3 p) { return kmi_add(kmi_rotate(f, p), f->translation); }
static inline kmi_vec3 kmi_to_local(const kmi_frame *f, kmi_vec3 p) { return kmi_unrotate(f, kmi_sub(p, f->translation)); }

#endif
