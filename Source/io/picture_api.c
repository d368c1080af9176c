/* The public functions of pictures. */
#include <math.h>
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "base/memory.h"
#include "base/sized.h"
#include "base/text.h"
#include "io/plot.h"
#include "io/slice.h"
#include "kerma/picture.h"

void kma_picture_options_defaults(kma_picture_options *options)
{
    if (options == NULL) return;
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    options->axis = 2;
    options->slice = KMA_PICTURE_MIDDLE;
    options->low = options->high = options->under_low = options->under_high = NAN;
    options->opacity = 0.75;
}

static kma_status check_options(const kma_picture_options *o)
{
    kma_status status = kmi_sized_check(o, sizeof *o, "options", "kma_picture_options_defaults() sets it");

    if (status != KMA_OK) return status;
    if (o->map != KMA_PICTURE_HEAT && o->map != KMA_PICTURE_GRAY)
        return kmi_fail(KMA_ERR_ARGUMENT, "options.map is %d (see kma_picture_map)", (int)o->map);
    if (o->scale != KMA_PICTURE_LINEAR && o->scale != KMA_PICTURE_LOGARITHMIC)
        return kmi_fail(KMA_ERR_ARGUMENT, "options.scale is %d (see kma_picture_scale)", (int)o->scale);
    if (!(o->opacity >= 0 && o->opacity <= 1)) return kmi_fail(KMA_ERR_ARGUMENT, "options.opacity must be from 0 to 1");
    return KMA_OK;
}

/* Puts the caller's ends in the place of those found, and looks whether they can be ends. */
static kma_status take_ends(const char *name, double low, double high, kmi_window *w)
{
    char a[KMI_DOUBLE_TEXT_SIZE], b[KMI_DOUBLE_TEXT_SIZE];

    if (!isnan(low)) w->low = low;
    if (!isnan(high)) w->high = high;
    if (w->low < w->high && isfinite(w->high - w->low) && (!w->logarithmic || w->low > 0)) return KMA_OK;
    kmi_format_double(w->low, a);
    kmi_format_double(w->high, b);
    return kmi_fail(KMA_ERR_ARGUMENT, "the scale of %s would go from %s to %s (low must be below high%s)", name, a, b,
                    w->logarithmic ? ", and above 0 if logarithmic" : "");
}

static kma_status choose_window(const kma_picture_options *o, const float *values, size_t n, kmi_window *w)
{
    kma_status status = KMA_OK;
    bool logarithmic = o->scale == KMA_PICTURE_LOGARITHMIC;

    KMI_TRY(kmi_window_of_values(values, n, 0.1, 99.9, logarithmic, w));
    if (logarithmic)
        w->low = (isnan(o->high) ? w->high : o->high) / 1000;
    else if (w->low > 0 && w->high > 0)
        w->low = 0;
    KMI_TRY(take_ends("the picture", o->low, o->high, w));
cleanup:
    return status;
}

static kma_status draw(const kmi_image *field, const kmi_image *under, const kma_picture_options *o, kmi_picture **out)
{
    kma_status status = KMA_OK;
    float *values = NULL, *under_values = NULL;
    const kmi_grid *grid = kmi_image_grid(field);
    kmi_slice slice;
    kmi_plot plot;
    size_t n, index = o->slice;

    if (index == KMA_PICTURE_MIDDLE && o->axis >= 0 && o->axis <= 2) index = grid->count[o->axis] / 2;
    KMI_TRY(kmi_slice_make(grid, o->axis, index, &slice));
    n = slice.width * slice.height;
    values = kmi_alloc_array(n, sizeof *values);
    if (under != NULL) under_values = kmi_alloc_array(n, sizeof *under_values);
    if (values == NULL || (under != NULL && under_values == NULL))
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a slice of %zu x %zu voxels", slice.width, slice.height));
    kmi_slice_values(&slice, field, values);
    kmi_plot_defaults(&plot, slice.width, slice.height, values);
    plot.pixel_width = slice.pixel_width;
    plot.pixel_height = slice.pixel_height;
    plot.map = o->map == KMA_PICTURE_GRAY ? KMI_MAP_GRAY : KMI_MAP_HEAT;
    plot.opacity = o->opacity;
    plot.magnify = o->magnify;
    plot.title = o->title;
    plot.unit = o->unit;
    KMI_TRY(choose_window(o, values, n, &plot.window));
    if (under != NULL) {
        kmi_slice_values(&slice, under, under_values);
        KMI_TRY(kmi_window_of_values(under_values, n, 1, 99, false, &plot.under_window));
        KMI_TRY(take_ends("the image below", o->under_low, o->under_high, &plot.under_window));
        plot.under = under_values;
    }
    KMI_TRY(kmi_plot_draw(&plot, out));
cleanup:
    kmi_free(values);
    kmi_free(under_values);
    return status;
}

kma_status kma_picture_write(kma_image field, kma_image under, const kma_picture_options *options, const char *path)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *field_object = NULL, *under_object = NULL;
    kma_picture_options defaults;
    kmi_picture *picture = NULL;

    if (path == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "path is NULL");
    kma_picture_options_defaults(&defaults);
    if (options == NULL) options = &defaults;
    KMI_TRY(check_options(options));
    KMI_TRY(kmi_handle_pin(KMA_KIND_IMAGE, field.bits, &field_object));
    if (under.bits != 0) KMI_TRY(kmi_handle_pin(KMA_KIND_IMAGE, under.bits, &under_object));
    KMI_TRY(draw(field_object, under_object, options, &picture));
    KMI_TRY(kmi_picture_write(picture, path));
cleanup:
    kmi_picture_destroy(picture);
    if (under_object != NULL) kmi_handle_unpin(under.bits);
    if (field_object != NULL) kmi_handle_unpin(field.bits);
    return status;
}
