/* Rigid frames: see frame.h. */
#include "geometry/frame.h"

static const double identity[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};

kmi_frame kmi_frame_identity(void) { return kmi_frame_make(identity, kmi_vec(0, 0, 0)); }

kmi_frame kmi_frame_make(const double rotation[9], kmi_vec3 translation)
{
    kmi_frame f;
    int i;

    f.rotated = false;
    for (i = 0; i < 9; i++) {
        f.rotation[i] = rotation[i] + 0.0; /* -0 becomes 0 */
        if (rotation[i] != identity[i]) f.rotated = true;
    }
    f.translation = translation;
    return f;
}

kmi_frame kmi_frame_compose(const kmi_frame *outer, const kmi_frame *inner)
{
    double r[9];
    int i, j;

    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++)
            r[3 * i + j] = outer->rotation[3 * i] * inner->rotation[j] +
                           outer->rotation[3 * i + 1] * inner->rotation[3 + j] +
                           outer->rotation[3 * i + 2] * inner->rotation[6 + j];
    return kmi_frame_make(r, kmi_to_mother(outer, inner->translation));
}

kmi_frame kmi_frame_between(const kmi_frame *from, const kmi_frame *to)
{
    double back[9];
    kmi_frame inverse;
    int i, j;

    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++) back[3 * i + j] = to->rotation[3 * j + i];
    inverse = kmi_frame_make(back, kmi_scale(kmi_unrotate(to, to->translation), -1));
    return kmi_frame_compose(&inverse, from);
}

static kmi_vec3 column(const double m[9], int c) { return kmi_vec(m[c], m[3 + c], m[6 + c]); }

static void set_column(double m[9], int c, kmi_vec3 v)
{
    m[c] = v.x;
    m[3 + c] = v.y;
    m[6 + c] = v.z;
}

double kmi_determinant(const double m[9]) { return kmi_dot(column(m, 0), kmi_cross(column(m, 1), column(m, 2))); }

double kmi_orthonormal_error(const double m[9])
{
    double worst = 0;
    int i, j;

    for (i = 0; i < 3; i++)
        for (j = i; j < 3; j++) {
            double e = fabs(kmi_dot(column(m, i), column(m, j)) - (i == j));
            if (!(e <= worst)) worst = e;
            if (e != e) return e;
        }
    return worst;
}

void kmi_orthonormalise(const double m[9], double out[9])
{
    kmi_vec3 u = column(m, 0), v = column(m, 1), w;
    bool left_handed = kmi_determinant(m) < 0;
    int i;

    if (kmi_orthonormal_error(m) <= KMI_ORTHONORMAL_ROUNDING) {
        for (i = 0; i < 9; i++) out[i] = m[i];
        return;
    }
    u = kmi_scale(u, 1.0 / kmi_norm(u));
    v = kmi_sub(v, kmi_scale(u, kmi_dot(u, v)));
    v = kmi_scale(v, 1.0 / kmi_norm(v));
    w = kmi_cross(u, v);
    if (left_handed) w = kmi_scale(w, -1.0);
    set_column(out, 0, u);
    set_column(out, 1, v);
    set_column(out, 2, w);
}

kmi_box3 kmi_frame_box(const kmi_frame *self, const kmi_box3 *box)
{
    const double *r = self->rotation;
    kmi_vec3 half = kmi_scale(kmi_sub(box->high, box->low), 0.5);
    kmi_vec3 centre = kmi_to_mother(self, kmi_scale(kmi_add(box->low, box->high), 0.5));
    kmi_vec3 reach;
    kmi_box3 out;

    if (!self->rotated) {
        out.low = kmi_add(box->low, self->translation);
        out.high = kmi_add(box->high, self->translation);
        return out;
    }
    reach = kmi_vec(fabs(r[0]) * half.x + fabs(r[1]) * half.y + fabs(r[2]) * half.z,
                    fabs(r[3]) * half.x + fabs(r[4]) * half.y + fabs(r[5]) * half.z,
                    fabs(r[6]) * half.x + fabs(r[7]) * half.y + fabs(r[8]) * half.z);
    out.low = kmi_sub(centre, reach);
    out.high = kmi_add(centre, reach);
    return out;
}
