/* Descriptions of scorers: see scorer.h. */
#include "scoring/scorer.h"

#include <string.h>

#include "base/handle.h"
#include "base/memory.h"
#include "base/sized.h"

static kma_status check_name(const char *name)
{
    size_t i;

    if (name == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "the scorer's name is NULL");
    if (name[0] == '\0') return kmi_fail(KMA_ERR_ARGUMENT, "the scorer's name is empty");
    for (i = 0; name[i] != '\0'; i++) {
        if (i == KMA_SCORER_NAME_MAX)
            return kmi_fail(KMA_ERR_ARGUMENT, "the scorer's name is longer than %d bytes", KMA_SCORER_NAME_MAX);
        if ((unsigned char)name[i] < ' ' || name[i] == 127)
            return kmi_fail(KMA_ERR_ARGUMENT, "the scorer's name holds the control character %d at byte %zu", name[i],
                            i);
    }
    return KMA_OK;
}

static kma_status new_scorer(const char *name, kma_scorer_kind kind, kmi_scorer **out)
{
    kma_status status = KMA_OK;
    kmi_scorer *s = NULL;

    *out = NULL;
    KMI_TRY(check_name(name));
    s = kmi_alloc(sizeof *s);
    if (s == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no room for the scorer '%s'", name));
    s->name = kmi_strdup(name);
    if (s->name == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no room for the scorer '%s'", name));
    s->kind = kind;
    s->bins = 1;
    *out = s;
    s = NULL;
cleanup:
    kmi_scorer_destroy(s);
    return status;
}

void kmi_scorer_destroy(void *scorer)
{
    kmi_scorer *s = scorer;

    if (s == NULL) return;
    if (s->volume_bits != 0) kmi_handle_unpin(s->volume_bits);
    kmi_free(s->name);
    kmi_free(s);
}

kma_status kmi_scorer_new_voxels(const char *name, const kmi_volume *volume, uint64_t volume_bits, kmi_scorer **out)
{
    kma_status status = KMA_OK;

    *out = NULL;
    if (volume->solid.kind != KMI_SOLID_GRID)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "the volume '%s' shows no image, so it has no voxels: use a volume or grid scorer",
                         volume->name));
    KMI_TRY(new_scorer(name, KMA_SCORER_VOXELS, out));
    (*out)->grid = volume->solid.u.grid.grid;
    (*out)->bins = kmi_grid_cells(&(*out)->grid);
    (*out)->volume = volume;
    (*out)->volume_bits = volume_bits;
cleanup:
    return status;
}

kma_status kmi_scorer_new_volume(const char *name, const kmi_volume *volume, uint64_t volume_bits, kmi_scorer **out)
{
    kma_status status = KMA_OK;

    KMI_TRY(new_scorer(name, KMA_SCORER_VOLUME, out));
    (*out)->volume = volume;
    (*out)->volume_bits = volume_bits;
cleanup:
    return status;
}

kma_status kmi_scorer_new_grid(const char *name, const kmi_grid *grid, kmi_scorer **out)
{
    kma_status status = KMA_OK;

    *out = NULL;
    KMI_TRY(kmi_grid_check(grid));
    KMI_TRY(new_scorer(name, KMA_SCORER_GRID, out));
    (*out)->grid = *grid;
    (*out)->bins = kmi_grid_cells(grid);
cleanup:
    return status;
}

/* ---- detectors ---- */

static const double axis_left_min = 1e-3; /* of v beside u: less is taken for a mistake */

static kma_status get_vector(const double from[3], const char *what, kmi_vec3 *out)
{
    int i;

    for (i = 0; i < 3; i++)
        if (!(fabs(from[i]) <= 1e9))
            return kmi_fail(KMA_ERR_ARGUMENT, "%s[%d] is %g (must be within 1e9 of 0)", what, i, from[i]);
    *out = kmi_vec(from[0], from[1], from[2]);
    return KMA_OK;
}

/* Scaled by its largest component first, so that no length is lost to underflow. */
static kma_status get_axis(const double from[3], const char *what, kmi_vec3 *out)
{
    kma_status status = KMA_OK;
    double largest;

    KMI_TRY(get_vector(from, what, out));
    largest = fmax(fabs(out->x), fmax(fabs(out->y), fabs(out->z)));
    if (largest == 0) KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "%s is (0, 0, 0): a direction is wanted", what));
    if (kmi_is_unit(*out)) return KMA_OK;
    *out = kmi_vec(out->x / largest, out->y / largest, out->z / largest);
    *out = kmi_scale(*out, 1.0 / kmi_norm(*out));
cleanup:
    return status;
}

/* Takes what v has along u away; a v at right angles stays as it is. */
static kma_status make_perpendicular(kmi_vec3 u, kmi_vec3 *v)
{
    double left;

    if (kmi_is_perpendicular(u, *v)) return KMA_OK;
    *v = kmi_sub(*v, kmi_scale(u, kmi_dot(u, *v)));
    left = kmi_norm(*v);
    if (!(left >= axis_left_min))
        return kmi_fail(KMA_ERR_ARGUMENT, "u and v are parallel: the detector has no plane");
    *v = kmi_scale(*v, 1.0 / left);
    *v = kmi_sub(*v, kmi_scale(u, kmi_dot(u, *v))); /* again: what the division by `left` magnified */
    *v = kmi_scale(*v, 1.0 / kmi_norm(*v));
    return KMA_OK;
}

static kma_status fill_detector(const kma_detector_options *o, kmi_detector *d)
{
    kma_status status = KMA_OK;
    int i;

    KMI_TRY(get_vector(o->centre, "centre", &d->centre));
    KMI_TRY(get_axis(o->u, "u", &d->u));
    KMI_TRY(get_axis(o->v, "v", &d->v));
    KMI_TRY(make_perpendicular(d->u, &d->v));
    d->normal = kmi_cross(d->u, d->v);
    for (i = 0; i < 2; i++) {
        if (o->count[i] < 1 || o->count[i] > INT32_MAX)
            KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "count[%d] is %zu (must be 1 to %d)", i, o->count[i], INT32_MAX));
        if (!(o->pixel_size[i] > 0 && o->pixel_size[i] <= 1e9))
            KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "pixel_size[%d] is %g mm (must be above 0 and at most 1e9)", i,
                             o->pixel_size[i]));
        d->count[i] = o->count[i];
        d->pixel[i] = o->pixel_size[i];
    }
    d->absorbs = o->absorbs != 0;
    d->corner = kmi_along(d->centre, d->u, -0.5 * (double)d->count[0] * d->pixel[0]);
    d->corner = kmi_along(d->corner, d->v, -0.5 * (double)d->count[1] * d->pixel[1]);
cleanup:
    return status;
}

/* The pixels as a grid of one slice. */
static void fill_pixels(const kmi_detector *d, kmi_grid *out)
{
    kmi_vec3 first = kmi_along(kmi_along(d->corner, d->u, 0.5 * d->pixel[0]), d->v, 0.5 * d->pixel[1]);
    const kmi_vec3 axes[3] = {d->u, d->v, d->normal};
    int c;

    for (c = 0; c < 3; c++) {
        out->count[c] = c < 2 ? d->count[c] : 1;
        out->spacing[c] = c < 2 ? d->pixel[c] : 1;
        out->direction[c] = axes[c].x;
        out->direction[3 + c] = axes[c].y;
        out->direction[6 + c] = axes[c].z;
    }
    out->origin[0] = first.x;
    out->origin[1] = first.y;
    out->origin[2] = first.z;
}

kma_status kmi_scorer_new_detector(const char *name, const kma_detector_options *options, kmi_scorer **out)
{
    kma_status status = KMA_OK;
    kmi_detector detector;
    kmi_grid pixels;

    *out = NULL;
    memset(&detector, 0, sizeof detector);
    KMI_TRY(kmi_sized_check(options, sizeof *options, "options", "kma_detector_options_defaults() sets it"));
    KMI_TRY(fill_detector(options, &detector));
    fill_pixels(&detector, &pixels);
    KMI_TRY(kmi_grid_check(&pixels)); /* all pixels together, and where the corner lies */
    KMI_TRY(new_scorer(name, KMA_SCORER_DETECTOR, out));
    (*out)->detector = detector;
    (*out)->grid = pixels;
    (*out)->bins = kmi_grid_cells(&pixels);
cleanup:
    return status;
}

static void store(kmi_vec3 v, double out[3])
{
    out[0] = v.x;
    out[1] = v.y;
    out[2] = v.z;
}

void kmi_detector_options(const kmi_detector *detector, kma_detector_options *out)
{
    int i;

    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    store(detector->centre, out->centre);
    store(detector->u, out->u);
    store(detector->v, out->v);
    for (i = 0; i < 2; i++) {
        out->count[i] = detector->count[i];
        out->pixel_size[i] = detector->pixel[i];
    }
    out->absorbs = detector->absorbs;
}
