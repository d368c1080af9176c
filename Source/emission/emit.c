/*
 * One photon of a source. The order of draws is part of the results: energy, then place, then direction.
 */
#include "emission/source_parts.h"

#include <math.h>

#include "base/elementary.h"

/* x along width, y along height, z along the axis. */
static kmi_vec3 in_axes(const kmi_source *s, double x, double y, double z)
{
    return kmi_vec(x * s->width_axis.x + y * s->height_axis.x + z * s->axis.x,
                   x * s->width_axis.y + y * s->height_axis.y + z * s->axis.y,
                   x * s->width_axis.z + y * s->height_axis.z + z * s->axis.z);
}

static kmi_vec3 unit(kmi_vec3 v)
{
    return kmi_scale(v, 1 / kmi_norm(v));
}

/* Even in solid angle: 1 - cos of the polar angle is even in [0, 1 - cos(half angle)]. With 1 - cos instead of cos
 * the narrowest cone keeps all its digits. */
static kmi_vec3 sample_cone(const kmi_source *s, kmi_rng *rng)
{
    double k = s->one_minus_cos * kmi_rng_uniform(rng);
    double sine = sqrt(k * (2 - k)), sin_phi, cos_phi;

    kmi_sincos_turn(kmi_rng_uniform(rng), &sin_phi, &cos_phi);
    return unit(in_axes(s, sine * cos_phi, sine * sin_phi, 1 - k));
}

/*
 * Even in the solid angle of a rectangle with half sides a <= b at distance d, without rejection, by inverting the
 * marginal and the conditional distribution. The part with |x| < t has the solid angle
 * 4 atan(t b / (d sqrt(t^2 + b^2 + d^2))), and its tangent is inverted for t. For a given x the density along y is
 * as (x^2 + d^2 + y^2)^(-3/2), whose integral is as y / sqrt(x^2 + d^2 + y^2).
 * C. Urena et al., Computer Graphics Forum 32 (2013) 59, invert the same distribution through spherical angles;
 * here nothing cancels, for no ratio of a, b and d.
 */
static void sample_rectangle(const kmi_source *source, double a, double b, kmi_rng *rng, double *x_out, double *y_out)
{
    double d = source->options.field_distance, limit = source->largest_t;
    double u = 2 * kmi_rng_uniform(rng) - 1, v = 2 * kmi_rng_uniform(rng) - 1;
    double sine, cosine, t, x, s;

    kmi_sincos(u * source->quarter, &sine, &cosine);
    /* At most b / sqrt(2); without the limit, rounding next to pi/2 could exceed it if d is tiny. */
    t = fmax(-limit, fmin(limit, d * sine / cosine));
    x = t * sqrt((b * b + d * d) / ((b - t) * (b + t)));
    s = sqrt(x * x + d * d);
    *x_out = fmax(-a, fmin(a, x));
    *y_out = fmax(-b, fmin(b, v * b * s / sqrt(s * s + b * b * ((1 - v) * (1 + v)))));
}

static kmi_vec3 sample_field(const kmi_source *s, kmi_rng *rng)
{
    double x, y;

    if (s->half_width <= s->half_height)
        sample_rectangle(s, s->half_width, s->half_height, rng, &x, &y);
    else
        sample_rectangle(s, s->half_height, s->half_width, rng, &y, &x);
    return unit(in_axes(s, x, y, s->options.field_distance));
}

static kmi_vec3 sample_place(const kmi_source *s, kmi_rng *rng)
{
    double x, y;

    if (s->options.field == KMA_FIELD_RECTANGLE) {
        x = (2 * kmi_rng_uniform(rng) - 1) * s->half_width;
        y = (2 * kmi_rng_uniform(rng) - 1) * s->half_height;
    } else {
        double r = s->options.field_radius * sqrt(kmi_rng_uniform(rng)), sin_phi, cos_phi;
        kmi_sincos_turn(kmi_rng_uniform(rng), &sin_phi, &cos_phi);
        x = r * cos_phi;
        y = r * sin_phi;
    }
    return kmi_add(s->position, in_axes(s, x, y, 0));
}

void kmi_source_emit(const kmi_source *self, kmi_rng *rng, kmi_emission *out)
{
    out->energy = kmi_spectrum_sample(self->spectrum, rng);
    out->weight = 1;
    out->position = self->options.kind == KMA_SOURCE_PARALLEL ? sample_place(self, rng) : self->position;
    if (self->options.kind != KMA_SOURCE_POINT)
        out->direction = self->axis;
    else if (self->options.emission == KMA_EMISSION_FIELD)
        out->direction = sample_field(self, rng);
    else
        out->direction = sample_cone(self, rng);
}
