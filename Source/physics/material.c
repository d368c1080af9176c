/* Materials: made from mass fractions, mixed by mass. */
#include "physics/material.h"

#include <math.h>
#include <string.h>

#include "base/handle.h"
#include "base/memory.h"
#include "physics/element.h"
#include "physics/xrl.h"

static const double SUM_TOLERANCE = 1e-3; /* of mass fractions, as printed tables round */
/*
 * Fractions that were divided by their sum once have one within (2 n - 1) 2^-53 of 1, n = 98 elements at most: a rounding
 * for each quotient, n - 1 for each of the two sums. Such fractions stay as they are, so that a material that is copied,
 * or written and read, is the same to the bit.
 */
static const double SUM_ROUNDING = 0x1p-45;

void kmi_material_destroy(kmi_material *self)
{
    if (self == NULL) return;
    kmi_free(self->name);
    kmi_free(self);
}

static void destroy(void *object)
{
    kmi_material_destroy(object);
}

kma_status kmi_material_publish(kmi_material *self, kma_material *out)
{
    kma_status status = kmi_handle_create(KMA_KIND_MATERIAL, self, destroy, &out->bits);
    if (status != KMA_OK) kmi_material_destroy(self);
    return status;
}

static kma_status check(const char *name, const int *z, const double *fraction, size_t n, double density)
{
    size_t at[KMI_ELEMENT_LAST + 1] = {0}; /* index + 1 */
    double sum = 0;
    size_t i;

    if (name == NULL || name[0] == 0) return kmi_fail(KMA_ERR_ARGUMENT, "the material has no name");
    if (z == NULL || fraction == NULL || n == 0)
        return kmi_fail(KMA_ERR_ARGUMENT, "material \"%s\" has no elements (n must be at least 1)", name);
    if (!(density > 0) || density > KMA_MATERIAL_DENSITY_MAX)
        return kmi_fail(KMA_ERR_ARGUMENT, "the density of \"%s\" is %g g/cm3 (must be above 0 and at most %g)", name,
                        density, KMA_MATERIAL_DENSITY_MAX);
    for (i = 0; i < n; i++) {
        if (z[i] < KMI_ELEMENT_FIRST || z[i] > KMI_ELEMENT_LAST)
            return kmi_fail(KMA_ERR_ARGUMENT, "z[%zu] of \"%s\" is %d (must be within %d..%d)", i, name, z[i],
                            KMI_ELEMENT_FIRST, KMI_ELEMENT_LAST);
        if (at[z[i]] != 0)
            return kmi_fail(KMA_ERR_ARGUMENT, "z[%zu] and z[%zu] of \"%s\" are both %d (each element once)",
                            at[z[i]] - 1, i, name, z[i]);
        at[z[i]] = i + 1;
        if (!(fraction[i] >= 0) || !isfinite(fraction[i]))
            return kmi_fail(KMA_ERR_ARGUMENT, "fraction[%zu] of \"%s\" is %g (must be 0 or more)", i, name,
                            fraction[i]);
        sum += fraction[i];
    }
    if (!(fabs(sum - 1.0) <= SUM_TOLERANCE))
        return kmi_fail(KMA_ERR_ARGUMENT, "the mass fractions of \"%s\" sum to %.9g (must be 1 within %g)", name, sum,
                        SUM_TOLERANCE);
    return KMA_OK;
}

kma_status kmi_material_new_mass_fractions(const char *name, const int *z, const double *fraction, size_t n,
                                           double density, kmi_material **out)
{
    kma_status status = KMA_OK;
    kmi_material *m = NULL;
    double of[KMI_ELEMENT_LAST + 1] = {0};
    double sum = 0;
    size_t i;
    int e;

    *out = NULL;
    KMI_TRY(check(name, z, fraction, n, density));
    m = kmi_alloc(sizeof *m);
    if (m != NULL) m->name = kmi_strdup(name);
    if (m == NULL || m->name == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the material \"%s\"", name));
    m->density = density;
    for (i = 0; i < n; i++) of[z[i]] = fraction[i];
    for (e = KMI_ELEMENT_FIRST; e <= KMI_ELEMENT_LAST; e++) sum += of[e]; /* in one order, whatever the caller's */
    if (fabs(sum - 1) <= SUM_ROUNDING) sum = 1;
    for (e = KMI_ELEMENT_FIRST; e <= KMI_ELEMENT_LAST; e++) {
        if (!(of[e] > 0)) continue;
        m->z[m->count] = e;
        m->fraction[m->count++] = of[e] / sum;
    }

    *out = m;
    m = NULL;
cleanup:
    kmi_material_destroy(m);
    return status;
}

kma_status kmi_material_attenuation(const kmi_material *self, double energy, kma_attenuation *out)
{
    kma_status status = KMA_OK;
    kma_attenuation sum = {0, 0, 0, 0};
    size_t i;

    memset(out, 0, sizeof *out);
    if (!(energy >= KMI_XRL_ENERGY_MIN && energy <= KMI_XRL_ENERGY_MAX))
        KMI_TRY(kmi_fail(KMA_ERR_PHYSICS, "the energy is %.9g MeV (must be within %g..%g MeV)", energy,
                         KMI_XRL_ENERGY_MIN, KMI_XRL_ENERGY_MAX));
    for (i = 0; i < self->count; i++) {
        kmi_xrl_attenuation a = {0, 0, 0};
        KMI_TRY(kmi_xrl_attenuation_at(self->z[i], energy, &a));
        sum.photoelectric += self->fraction[i] * a.photoelectric;
        sum.compton += self->fraction[i] * a.compton;
        sum.rayleigh += self->fraction[i] * a.rayleigh;
    }
    sum.total = sum.photoelectric + sum.compton + sum.rayleigh;
    *out = sum;
cleanup:
    return status;
}

kma_status kmi_material_copy_text(const char *text, char *buffer, size_t size, size_t *length_out)
{
    size_t length = strlen(text);

    if (length_out != NULL) *length_out = 0;
    if (size == 0 && length_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "neither buffer nor length_out was given");
    if (size > 0 && buffer == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "buffer is NULL (with size %zu)", size);
    if (size > 0) buffer[0] = '\0';
    if (size > 0 && size <= length)
        return kmi_fail(KMA_ERR_ARGUMENT, "the buffer has %zu bytes, the name needs %zu", size, length + 1);
    if (size > 0) memcpy(buffer, text, length + 1);
    if (length_out != NULL) *length_out = length;
    return KMA_OK;
}
