/* Solids from what users say: checked once here, so that transport need not look again. */
#include <string.h>

#include "base/elementary.h"
#include "geometry/frame.h"
#include "geometry/solid.h"

static const double length_max = 1e9; /* mm: beyond it, rounding alone is above 1e-7 mm */
static const double two_pi = 6.283185307179586476925;
static const double turn_tolerance = 1e-9; /* rad: 2 pi as people type it */

static kma_status check_length(const char *what, double value)
{
    if (!(value > 0 && value <= length_max))
        return kmi_fail(KMA_ERR_ARGUMENT, "%s is %g mm (must be above 0 and at most %g)", what, value, length_max);
    return KMA_OK;
}

static void start(kmi_solid *out, kmi_solid_kind kind, kmi_vec3 half)
{
    memset(out, 0, sizeof *out);
    out->kind = kind;
    out->bounds.low = kmi_scale(half, -1.0);
    out->bounds.high = half;
}

kma_status kmi_solid_make_box(const double size[3], kmi_solid *out)
{
    kma_status status = KMA_OK;

    KMI_TRY(check_length("the box's size in x", size[0]));
    KMI_TRY(check_length("the box's size in y", size[1]));
    KMI_TRY(check_length("the box's size in z", size[2]));
    start(out, KMI_SOLID_BOX, kmi_vec(0.5 * size[0], 0.5 * size[1], 0.5 * size[2]));
    out->u.box.half = out->bounds.high;
cleanup:
    return status;
}

kma_status kmi_solid_make_orb(double radius, kmi_solid *out)
{
    kma_status status = KMA_OK;

    KMI_TRY(check_length("the orb's radius", radius));
    start(out, KMI_SOLID_ORB, kmi_vec(radius, radius, radius));
    out->u.orb.radius = radius;
cleanup:
    return status;
}

static void extend(kmi_box3 *b, double x, double y)
{
    if (x < b->low.x) b->low.x = x;
    if (y < b->low.y) b->low.y = y;
    if (x > b->high.x) b->high.x = x;
    if (y > b->high.y) b->high.y = y;
}

/* A sector reaches to the ends of its two arcs and to each half-axis that it holds. */
static void bound_section(kmi_solid *s)
{
    static const double axis[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    const double *a = s->u.tube.start, *e = s->u.tube.end;
    double inner = s->u.tube.inner, outer = s->u.tube.outer;
    int i;

    s->bounds.low.x = s->bounds.low.y = INFINITY;
    s->bounds.high.x = s->bounds.high.y = -INFINITY;
    extend(&s->bounds, inner * a[0], inner * a[1]);
    extend(&s->bounds, outer * a[0], outer * a[1]);
    extend(&s->bounds, inner * e[0], inner * e[1]);
    extend(&s->bounds, outer * e[0], outer * e[1]);
    for (i = 0; i < 4; i++)
        if (kmi_solid_inside(s, kmi_vec(outer * axis[i][0], outer * axis[i][1], 0)))
            extend(&s->bounds, outer * axis[i][0], outer * axis[i][1]);
}

kma_status kmi_solid_make_tube(double inner, double outer, double length, double phi_start, double phi_delta,
                               kmi_solid *out)
{
    kma_status status = KMA_OK;
    kmi_solid s;

    KMI_TRY(check_length("the tube's outer radius", outer));
    KMI_TRY(check_length("the tube's length", length));
    if (!(inner >= 0 && inner < outer))
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT,
                         "the tube's inner radius is %g mm (must be 0 or above, and below the outer radius %g)", inner,
                         outer));
    if (!(fabs(phi_start) <= two_pi + turn_tolerance))
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "phi_start is %g rad (must be between -2 pi and 2 pi)", phi_start));
    if (!(phi_delta > 0 && phi_delta <= two_pi + turn_tolerance))
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "phi_delta is %g rad (must be above 0 and at most 2 pi)", phi_delta));
    start(&s, KMI_SOLID_TUBE, kmi_vec(outer, outer, 0.5 * length));
    s.u.tube.inner = inner;
    s.u.tube.outer = outer;
    s.u.tube.half_length = 0.5 * length;
    s.u.tube.phi_start = phi_start;
    s.u.tube.phi_delta = phi_delta;
    kmi_sincos(phi_start, &s.u.tube.start[1], &s.u.tube.start[0]);
    kmi_sincos(phi_start + phi_delta, &s.u.tube.end[1], &s.u.tube.end[0]);
    if (phi_delta >= two_pi - turn_tolerance) {
        s.u.tube.wedge = 0;
        s.u.tube.phi_delta = two_pi;
    } else {
        s.u.tube.wedge = phi_delta <= 0.5 * two_pi ? 1 : 2;
        bound_section(&s);
    }
    *out = s;
cleanup:
    return status;
}

void kmi_solid_make_grid(kmi_solid *out, const kmi_grid *grid)
{
    kmi_frame *f = &out->u.grid.frame;
    double d[9];
    kmi_box3 box;
    int c;

    memset(out, 0, sizeof *out);
    out->kind = KMI_SOLID_GRID;
    out->u.grid.grid = *grid;
    out->u.grid.half =
        kmi_vec(0.5 * grid->spacing[0] * (double)grid->count[0], 0.5 * grid->spacing[1] * (double)grid->count[1],
                0.5 * grid->spacing[2] * (double)grid->count[2]);
    kmi_orthonormalise(grid->direction, d);
    *f = kmi_frame_make(d, kmi_vec(0, 0, 0));
    /* The outline's centre is half a cell short of its half size away from cell 0's centre. */
    f->translation = kmi_add(
        kmi_vec(grid->origin[0], grid->origin[1], grid->origin[2]),
        kmi_rotate(f, kmi_vec(out->u.grid.half.x - 0.5 * grid->spacing[0], out->u.grid.half.y - 0.5 * grid->spacing[1],
                              out->u.grid.half.z - 0.5 * grid->spacing[2])));
    for (c = 0; c < 9; c++) out->u.grid.grid.direction[c] = d[c];
    box.low = kmi_scale(out->u.grid.half, -1.0);
    box.high = out->u.grid.half;
    out->bounds = kmi_frame_box(f, &box);
}
