/* The public functions of kerma/material.h. */
#include "physics/element.h"
#include "physics/material.h"

#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "physics/xrl.h"

static kma_status out_is_null(void)
{
    return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
}

kma_status kma_material_create_nist(const char *name, kma_material *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_material *m = NULL;

    if (out == NULL) return out_is_null();
    out->bits = 0;
    KMI_TRY(kmi_material_new_nist(name, &m));
    KMI_TRY(kmi_material_publish(m, out));
cleanup:
    return status;
}

kma_status kma_material_create_formula(const char *name, const char *formula, double density, kma_material *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_material *m = NULL;

    if (out == NULL) return out_is_null();
    out->bits = 0;
    KMI_TRY(kmi_material_new_formula(name, formula, density, &m));
    KMI_TRY(kmi_material_publish(m, out));
cleanup:
    return status;
}

kma_status kma_material_create_mass_fractions(const char *name, const int *z, const double *fraction, size_t n,
                                              double density, kma_material *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_material *m = NULL;

    if (out == NULL) return out_is_null();
    out->bits = 0;
    KMI_TRY(kmi_material_new_mass_fractions(name, z, fraction, n, density, &m));
    KMI_TRY(kmi_material_publish(m, out));
cleanup:
    return status;
}

kma_status kma_material_retain(kma_material self)
{
    return kmi_handle_retain(KMA_KIND_MATERIAL, self.bits);
}

kma_status kma_material_release(kma_material *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_MATERIAL, &self->bits);
}

static kma_status pin(kma_material self, kmi_material **out)
{
    void *object = NULL;
    kma_status status = kmi_handle_pin(KMA_KIND_MATERIAL, self.bits, &object);
    *out = object;
    return status;
}

kma_status kma_material_get_name(kma_material self, char *buffer, size_t size, size_t *length_out)
{
    kma_status status = KMA_OK;
    kmi_material *m = NULL;

    if (length_out != NULL) *length_out = 0;
    if (buffer != NULL && size > 0) buffer[0] = '\0';
    KMI_TRY(pin(self, &m));
    KMI_TRY(kmi_material_copy_text(m->name, buffer, size, length_out));
cleanup:
    if (m != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_material_get_density(kma_material self, double *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_material *m = NULL;

    if (out == NULL) return out_is_null();
    *out = 0;
    KMI_TRY(pin(self, &m));
    *out = m->density;
cleanup:
    if (m != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_material_count_elements(kma_material self, size_t *out)
{
    kma_status status = KMA_OK;
    kmi_material *m = NULL;

    if (out == NULL) return out_is_null();
    *out = 0;
    KMI_TRY(pin(self, &m));
    *out = m->count;
cleanup:
    if (m != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_material_get_element(kma_material self, size_t index, int *z_out, double *fraction_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_material *m = NULL;

    if (z_out != NULL) *z_out = 0;
    if (fraction_out != NULL) *fraction_out = 0;
    if (z_out == NULL || fraction_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "z_out or fraction_out is NULL");
    KMI_TRY(pin(self, &m));
    if (index >= m->count)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "index is %zu, \"%s\" has %zu elements", index, m->name, m->count));
    *z_out = m->z[index];
    *fraction_out = m->fraction[index];
cleanup:
    if (m != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_material_get_attenuation(kma_material self, double energy, kma_attenuation *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_material *m = NULL;

    if (out == NULL) return out_is_null();
    memset(out, 0, sizeof *out);
    KMI_TRY(pin(self, &m));
    KMI_TRY(kmi_material_attenuation(m, energy, out));
cleanup:
    if (m != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_material_count_nist(size_t *out)
{
    if (out == NULL) return out_is_null();
    *out = kmi_xrl_nist_count();
    return KMA_OK;
}

kma_status kma_material_get_nist_name(size_t index, char *buffer, size_t size, size_t *length_out)
{
    kma_status status = KMA_OK;
    kmi_xrl_nist compound;

    if (length_out != NULL) *length_out = 0;
    if (buffer != NULL && size > 0) buffer[0] = '\0';
    KMI_TRY(kmi_xrl_nist_get(index, &compound));
    KMI_TRY(kmi_material_copy_text(compound.name, buffer, size, length_out));
cleanup:
    return status;
}

const char *kma_element_symbol(int z)
{
    return z >= 1 && z <= KMI_ELEMENT_LAST ? kmi_element_symbol(z) : "?";
}
