/* The public functions of kerma/source.h. */
#include "kerma/source.h"

#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "emission/source.h"

/* The source's use of its spectrum ends with it. */
static void destroy(void *object)
{
    uint64_t spectrum = kmi_source_spectrum_name(object);

    kmi_source_destroy(object);
    kmi_handle_unpin(spectrum);
}

static kma_status no_out(void)
{
    return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
}

kma_status kma_source_options_defaults(kma_source_options *options)
{
    static const kma_source_options defaults = {
        .size = sizeof defaults,
        .kind = KMA_SOURCE_POINT,
        .direction = {0, 0, 1},
        .emission = KMA_EMISSION_ISOTROPIC,
        .half_angle = KMI_SOURCE_PI,
        .field = KMA_FIELD_RECTANGLE,
        .field_width = 100,
        .field_height = 100,
        .field_distance = 1000,
        .field_radius = 50,
        .weight = 1,
    };

    if (options == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "options is NULL");
    *options = defaults;
    return KMA_OK;
}

kma_status kma_source_create(const kma_source_options *options, kma_spectrum spectrum, kma_source *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *pinned = NULL;
    kmi_source *s = NULL;

    if (out == NULL) return no_out();
    out->bits = 0;
    if (options == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "options is NULL");
    KMI_TRY(kmi_handle_pin(KMA_KIND_SPECTRUM, spectrum.bits, &pinned));
    KMI_TRY(kmi_source_new(options, pinned, spectrum.bits, &s));
    KMI_TRY(kmi_handle_create(KMA_KIND_SOURCE, s, destroy, &out->bits));
    s = NULL;
    pinned = NULL; /* the use is the source's now */
cleanup:
    kmi_source_destroy(s);
    if (pinned != NULL) kmi_handle_unpin(spectrum.bits);
    return status;
}

kma_status kma_source_retain(kma_source self)
{
    return kmi_handle_retain(KMA_KIND_SOURCE, self.bits);
}

kma_status kma_source_release(kma_source *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_SOURCE, &self->bits);
}

kma_status kma_source_get_options(kma_source self, kma_source_options *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return no_out();
    memset(out, 0, sizeof *out);
    KMI_TRY(kmi_handle_pin(KMA_KIND_SOURCE, self.bits, &s));
    kmi_source_get_options(s, out);
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_source_get_spectrum(kma_source self, kma_spectrum *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return no_out();
    out->bits = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SOURCE, self.bits, &s));
    KMI_TRY(kmi_handle_retain(KMA_KIND_SPECTRUM, kmi_source_spectrum_name(s)));
    out->bits = kmi_source_spectrum_name(s);
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_source_get_solid_angle(kma_source self, double *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return no_out();
    *out = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SOURCE, self.bits, &s));
    KMI_TRY(kmi_source_get_solid_angle(s, out));
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}
