/*
 * What a source is: the checks of its options, its axes, its solid angle. emit.c samples it.
 */
#include "emission/source_parts.h"

#include <math.h>
#include <string.h>

#include "base/digest.h"
#include "base/elementary.h"
#include "base/memory.h"
#include "base/sized.h"

#define PI KMI_SOURCE_PI

static int is_length(double x)
{
    return fabs(x) <= KMA_SOURCE_LARGEST_LENGTH; /* not a nan either */
}

static kma_status check_size(const char *name, double x)
{
    if (x >= 1 / KMA_SOURCE_LARGEST_LENGTH && x <= KMA_SOURCE_LARGEST_LENGTH) return KMA_OK;
    return kmi_fail(KMA_ERR_ARGUMENT, "%s is %g mm (must be %g to %g)", name, x, 1 / KMA_SOURCE_LARGEST_LENGTH,
                    KMA_SOURCE_LARGEST_LENGTH);
}

/* The unit vector of three numbers of any size. */
static kma_status normalise(const char *name, const double v[3], kmi_vec3 *out)
{
    double largest = fmax(fmax(fabs(v[0]), fabs(v[1])), fabs(v[2]));
    kmi_vec3 scaled;

    if (!(v[0] - v[0] == 0 && v[1] - v[1] == 0 && v[2] - v[2] == 0))
        return kmi_fail(KMA_ERR_ARGUMENT, "%s is (%g, %g, %g) (must be finite)", name, v[0], v[1], v[2]);
    if (largest == 0) return kmi_fail(KMA_ERR_ARGUMENT, "%s is (0, 0, 0) (must have a length)", name);
    *out = kmi_vec(v[0], v[1], v[2]);
    if (kmi_is_unit(*out)) return KMA_OK;
    scaled = kmi_vec(v[0] / largest, v[1] / largest, v[2] / largest);
    *out = kmi_scale(scaled, 1 / kmi_norm(scaled));
    return KMA_OK;
}

static int needs_direction(const kma_source_options *o)
{
    return o->kind != KMA_SOURCE_POINT || o->emission != KMA_EMISSION_ISOTROPIC;
}

static int has_rectangle(const kma_source_options *o)
{
    return (o->kind == KMA_SOURCE_POINT && o->emission == KMA_EMISSION_FIELD) ||
           (o->kind == KMA_SOURCE_PARALLEL && o->field == KMA_FIELD_RECTANGLE);
}

/* The axes of width and height: height is `up` made perpendicular to the direction. One that is already stays. */
static kma_status set_rectangle_axes(kmi_source *s, const double up[3])
{
    kma_status status = KMA_OK;
    kmi_vec3 u, h;
    double length;

    if (up[0] == 0 && up[1] == 0 && up[2] == 0)
        u = fabs(s->axis.y) > 0.99 ? kmi_vec(0, 0, 1) : kmi_vec(0, 1, 0);
    else
        KMI_TRY(normalise("up", up, &u));
    h = kmi_sub(u, kmi_scale(s->axis, kmi_dot(u, s->axis)));
    length = kmi_norm(h);
    if (!(length > 1e-6)) /* rounding would choose the field's orientation */
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "up (%g, %g, %g) lies along the direction (%g, %g, %g): the field's height "
                         "needs another", up[0], up[1], up[2], s->axis.x, s->axis.y, s->axis.z));
    h = kmi_scale(h, 1 / length);
    s->width_axis = kmi_cross(h, s->axis);
    s->width_axis = kmi_scale(s->width_axis, 1 / kmi_norm(s->width_axis));
    s->height_axis = kmi_cross(s->axis, s->width_axis); /* once more perpendicular */
    if (kmi_is_perpendicular(u, s->axis)) s->height_axis = u;
    s->width_axis = kmi_cross(s->height_axis, s->axis);
    s->options.up[0] = s->height_axis.x;
    s->options.up[1] = s->height_axis.y;
    s->options.up[2] = s->height_axis.z;
cleanup:
    return status;
}

static kma_status set_axes(kmi_source *s)
{
    kma_status status = KMA_OK;

    s->axis = kmi_vec(0, 0, 1);
    if (needs_direction(&s->options)) {
        KMI_TRY(normalise("direction", s->options.direction, &s->axis));
        s->options.direction[0] = s->axis.x;
        s->options.direction[1] = s->axis.y;
        s->options.direction[2] = s->axis.z;
    }
    if (has_rectangle(&s->options))
        KMI_TRY(set_rectangle_axes(s, s->options.up));
    else
        kmi_basis(s->axis, &s->width_axis, &s->height_axis);
cleanup:
    return status;
}

/* A rectangle seen from the point above its centre: 4 atan(ab / (d sqrt(a^2 + b^2 + d^2))), half sides a and b,
 * distance d (A. Khadjavi, J. Opt. Soc. Am. 58 (1968) 1417). */
static void set_solid_angle(kmi_source *s, double a, double b, double d)
{
    double diagonal = sqrt(a * a + b * b + d * d);

    s->largest_t = a * b / diagonal;
    s->quarter = kmi_atan2(a * b, d * diagonal);
    s->solid_angle = 4 * s->quarter;
}

static kma_status set_cone(kmi_source *s, double half_angle)
{
    double sine, cosine;

    if (!(half_angle > 0 && half_angle <= PI))
        return kmi_fail(KMA_ERR_ARGUMENT, "half_angle is %.17g rad (must be above 0 and at most pi = %.17g)",
                        half_angle, PI);
    kmi_sincos(0.5 * half_angle, &sine, &cosine);
    s->one_minus_cos = 2 * sine * sine; /* exact for small angles, where 1 - cos is not */
    s->solid_angle = 2 * PI * s->one_minus_cos;
    if (!(s->solid_angle > 0))
        return kmi_fail(KMA_ERR_ARGUMENT, "half_angle is %g rad, too small for a solid angle: use KMA_SOURCE_PENCIL",
                        half_angle);
    return KMA_OK;
}

static kma_status set_rectangle(kmi_source *s)
{
    kma_status status = KMA_OK;

    KMI_TRY(check_size("field_width", s->options.field_width));
    KMI_TRY(check_size("field_height", s->options.field_height));
    s->half_width = 0.5 * s->options.field_width;
    s->half_height = 0.5 * s->options.field_height;
cleanup:
    return status;
}

static kma_status set_point(kmi_source *s)
{
    kma_status status = KMA_OK;

    switch (s->options.emission) {
    case KMA_EMISSION_ISOTROPIC:
        s->one_minus_cos = 2;
        s->solid_angle = 4 * PI;
        break;
    case KMA_EMISSION_CONE: KMI_TRY(set_cone(s, s->options.half_angle)); break;
    case KMA_EMISSION_FIELD:
        KMI_TRY(set_rectangle(s));
        KMI_TRY(check_size("field_distance", s->options.field_distance));
        set_solid_angle(s, s->half_width, s->half_height, s->options.field_distance);
        break;
    default:
        return kmi_fail(KMA_ERR_ARGUMENT, "emission is %d (must be KMA_EMISSION_ISOTROPIC, _CONE or _FIELD)",
                        (int)s->options.emission);
    }
cleanup:
    return status;
}

static kma_status set_parallel(kmi_source *s)
{
    switch (s->options.field) {
    case KMA_FIELD_RECTANGLE: return set_rectangle(s);
    case KMA_FIELD_DISC: return check_size("field_radius", s->options.field_radius);
    }
    return kmi_fail(KMA_ERR_ARGUMENT, "field is %d (must be KMA_FIELD_RECTANGLE or KMA_FIELD_DISC)",
                    (int)s->options.field);
}

static kma_status set_kind(kmi_source *s)
{
    switch (s->options.kind) {
    case KMA_SOURCE_POINT: return set_point(s);
    case KMA_SOURCE_PENCIL: return KMA_OK;
    case KMA_SOURCE_PARALLEL: return set_parallel(s);
    }
    return kmi_fail(KMA_ERR_ARGUMENT, "kind is %d (must be KMA_SOURCE_POINT, _PENCIL or _PARALLEL)",
                    (int)s->options.kind);
}

static kma_status check_common(const kma_source_options *o)
{
    kma_status status = kmi_sized_check(o, sizeof *o, "options", "kma_source_options_defaults() sets it");

    if (status != KMA_OK) return status;
    if (!is_length(o->position[0]) || !is_length(o->position[1]) || !is_length(o->position[2]))
        return kmi_fail(KMA_ERR_ARGUMENT, "position is (%g, %g, %g) mm (each must be finite and at most %g)",
                        o->position[0], o->position[1], o->position[2], KMA_SOURCE_LARGEST_LENGTH);
    if (!(o->weight > 0 && o->weight <= 1e300))
        return kmi_fail(KMA_ERR_ARGUMENT, "weight is %g (must be finite and above 0)", o->weight);
    return KMA_OK;
}

kma_status kmi_source_new(const kma_source_options *options, const kmi_spectrum *spectrum, uint64_t spectrum_name,
                          kmi_source **out)
{
    kma_status status = KMA_OK;
    kmi_source *s = NULL;

    *out = NULL;
    KMI_TRY(check_common(options));
    s = kmi_alloc(sizeof *s);
    if (s == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a source"));
    s->options = *options;
    s->spectrum = spectrum;
    s->spectrum_name = spectrum_name;
    s->position = kmi_vec(options->position[0], options->position[1], options->position[2]);
    KMI_TRY(set_kind(s));
    KMI_TRY(set_axes(s));
    *out = s;
    s = NULL;
cleanup:
    kmi_source_destroy(s);
    return status;
}

void kmi_source_destroy(kmi_source *self)
{
    kmi_free(self);
}

void kmi_source_get_options(const kmi_source *self, kma_source_options *out)
{
    *out = self->options;
}

kma_status kmi_source_get_solid_angle(const kmi_source *self, double *out)
{
    if (self->options.kind != KMA_SOURCE_POINT)
        return kmi_fail(KMA_ERR_ARGUMENT, "a %s source has no solid angle: only point sources have",
                        self->options.kind == KMA_SOURCE_PENCIL ? "pencil" : "parallel");
    *out = self->solid_angle;
    return KMA_OK;
}

double kmi_source_weight(const kmi_source *self) { return self->options.weight; }
const kmi_spectrum *kmi_source_spectrum(const kmi_source *self) { return self->spectrum; }
uint64_t kmi_source_spectrum_name(const kmi_source *self) { return self->spectrum_name; }

static void digest_vector(kmi_digest *d, kmi_vec3 v)
{
    kmi_digest_double(d, v.x);
    kmi_digest_double(d, v.y);
    kmi_digest_double(d, v.z);
}

/* What emit.c reads, so that options which make no difference make none here. */
void kmi_source_digest(const kmi_source *self, uint8_t digest_out[32])
{
    const kma_source_options *o = &self->options;
    uint8_t spectrum[32];
    kmi_digest d;

    kmi_digest_start(&d, "source");
    kmi_digest_u64(&d, (uint64_t)o->kind);
    kmi_digest_u64(&d, o->kind == KMA_SOURCE_POINT ? (uint64_t)o->emission : 0);
    kmi_digest_u64(&d, o->kind == KMA_SOURCE_PARALLEL ? (uint64_t)o->field : 0);
    digest_vector(&d, self->position);
    digest_vector(&d, self->axis);
    digest_vector(&d, self->width_axis);
    digest_vector(&d, self->height_axis);
    kmi_digest_double(&d, self->one_minus_cos);
    kmi_digest_double(&d, self->half_width);
    kmi_digest_double(&d, self->half_height);
    kmi_digest_double(&d, self->quarter != 0 ? o->field_distance : 0);
    kmi_digest_double(&d, o->kind == KMA_SOURCE_PARALLEL && o->field == KMA_FIELD_DISC ? o->field_radius : 0);
    kmi_digest_double(&d, o->weight);
    kmi_spectrum_digest(self->spectrum, spectrum);
    kmi_digest_bytes(&d, spectrum, sizeof spectrum);
    kmi_digest_end(&d, digest_out);
}
