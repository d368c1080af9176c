/* The public functions of kerma/spectrum.h. */
#include "kerma/spectrum.h"

#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "emission/spectrum.h"

static void destroy(void *object)
{
    kmi_spectrum_destroy(object);
}

/* Names the spectrum, or destroys it. */
static kma_status name(kmi_spectrum *s, kma_spectrum *out)
{
    kma_status status = kmi_handle_create(KMA_KIND_SPECTRUM, s, destroy, &out->bits);
    if (status != KMA_OK) kmi_spectrum_destroy(s);
    return status;
}

static kma_status no_out(void)
{
    return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
}

kma_status kma_spectrum_create_mono(double energy, kma_spectrum *out)
{
    KMI_FLOATS;
    double weight = 1;
    return kma_spectrum_create_lines(&energy, &weight, 1, out);
}

kma_status kma_spectrum_create_lines(const double *energy, const double *weight, size_t n, kma_spectrum *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_spectrum *s = NULL;

    if (out == NULL) return no_out();
    out->bits = 0;
    KMI_TRY(kmi_spectrum_new_lines(energy, weight, n, &s));
    KMI_TRY(name(s, out));
cleanup:
    return status;
}

kma_status kma_spectrum_create_histogram(const double *edges, const double *weight, size_t n, kma_spectrum *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_spectrum *s = NULL;

    if (out == NULL) return no_out();
    out->bits = 0;
    KMI_TRY(kmi_spectrum_new_histogram(edges, weight, n, &s));
    KMI_TRY(name(s, out));
cleanup:
    return status;
}

kma_status kma_spectrum_retain(kma_spectrum self)
{
    return kmi_handle_retain(KMA_KIND_SPECTRUM, self.bits);
}

kma_status kma_spectrum_release(kma_spectrum *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_SPECTRUM, &self->bits);
}

kma_status kma_spectrum_get_kind(kma_spectrum self, kma_spectrum_kind *out)
{
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return no_out();
    *out = (kma_spectrum_kind)0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SPECTRUM, self.bits, &s));
    *out = kmi_spectrum_kind(s);
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_spectrum_get_count(kma_spectrum self, size_t *out)
{
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return no_out();
    *out = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SPECTRUM, self.bits, &s));
    *out = kmi_spectrum_count(s);
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

static kma_status copy(const double *from, size_t have, const char *what, size_t n, double *out)
{
    if (n != have) return kmi_fail(KMA_ERR_ARGUMENT, "n is %zu (the spectrum has %zu %s)", n, have, what);
    memcpy(out, from, n * sizeof *out);
    return KMA_OK;
}

kma_status kma_spectrum_get_energies(kma_spectrum self, size_t n, double *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return no_out();
    memset(out, 0, n * sizeof *out);
    KMI_TRY(kmi_handle_pin(KMA_KIND_SPECTRUM, self.bits, &s));
    KMI_TRY(copy(kmi_spectrum_energies(s), kmi_spectrum_energy_count(s),
                 kmi_spectrum_kind(s) == KMA_SPECTRUM_LINES ? "lines" : "edges", n, out));
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_spectrum_get_weights(kma_spectrum self, size_t n, double *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return no_out();
    memset(out, 0, n * sizeof *out);
    KMI_TRY(kmi_handle_pin(KMA_KIND_SPECTRUM, self.bits, &s));
    KMI_TRY(copy(kmi_spectrum_weights(s), kmi_spectrum_count(s), "weights", n, out));
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

static kma_status get_energy(kma_spectrum self, double (*get)(const kmi_spectrum *), double *out)
{
    kma_status status = KMA_OK;
    void *s = NULL;

    if (out == NULL) return no_out();
    *out = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SPECTRUM, self.bits, &s));
    *out = get(s);
cleanup:
    if (s != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_spectrum_get_mean_energy(kma_spectrum self, double *out)
{
    KMI_FLOATS;
    return get_energy(self, kmi_spectrum_mean, out);
}

kma_status kma_spectrum_get_min_energy(kma_spectrum self, double *out)
{
    KMI_FLOATS;
    return get_energy(self, kmi_spectrum_min, out);
}

kma_status kma_spectrum_get_max_energy(kma_spectrum self, double *out)
{
    KMI_FLOATS;
    return get_energy(self, kmi_spectrum_max, out);
}
