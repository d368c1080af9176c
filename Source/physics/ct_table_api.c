/* The public functions of kerma/ct_table.h, but for reading files (io/ct_table_csv.c). */
#include <string.h>

#include "physics/ct_table.h"

#include "base/float_env.h"
#include "base/handle.h"
#include "base/memory.h"

static kma_status out_is_null(void)
{
    return kmi_fail(KMA_ERR_ARGUMENT, "an output argument is NULL");
}

kma_status kma_ct_table_create_builtin(kma_ct_table *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_ct_table *t = NULL;

    if (out == NULL) return out_is_null();
    out->bits = 0;
    KMI_TRY(kmi_ct_table_new_builtin(&t));
    KMI_TRY(kmi_ct_table_publish(t, out));
cleanup:
    return status;
}

kma_status kma_ct_table_create(const kma_ct_row *rows, size_t n, kma_ct_table *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_ct_row *inner = NULL;
    kmi_ct_table *t = NULL;
    size_t pinned = 0, i;

    if (out == NULL) return out_is_null();
    out->bits = 0;
    if (rows == NULL || n == 0 || n > KMI_CT_ROWS_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "the CT table has %zu rows (must be within 1..%d)", rows == NULL ? 0 : n,
                         KMI_CT_ROWS_MAX));
    inner = kmi_alloc_array(n, sizeof *inner);
    if (inner == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a CT table of %zu rows", n));
    for (; pinned < n; pinned++) {
        void *m = NULL;
        status = kmi_handle_pin(KMA_KIND_MATERIAL, rows[pinned].material.bits, &m);
        if (status != KMA_OK) KMI_TRY(kmi_fail_prefix(status, "rows[%zu].material: ", pinned));
        inner[pinned].ct_low = rows[pinned].ct_low;
        inner[pinned].ct_high = rows[pinned].ct_high;
        inner[pinned].density_low = rows[pinned].density_low;
        inner[pinned].density_high = rows[pinned].density_high;
        inner[pinned].material = m;
    }
    KMI_TRY(kmi_ct_table_new(inner, n, &t));
    KMI_TRY(kmi_ct_table_publish(t, out));
cleanup:
    for (i = 0; i < pinned; i++) kmi_handle_unpin(rows[i].material.bits);
    kmi_free(inner);
    return status;
}

kma_status kma_ct_table_retain(kma_ct_table self)
{
    return kmi_handle_retain(KMA_KIND_CT_TABLE, self.bits);
}

kma_status kma_ct_table_release(kma_ct_table *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_CT_TABLE, &self->bits);
}

static kma_status pin(kma_ct_table self, const kmi_ct_table **out)
{
    void *object = NULL;
    kma_status status = kmi_handle_pin(KMA_KIND_CT_TABLE, self.bits, &object);
    *out = object;
    return status;
}

kma_status kma_ct_table_get_range(kma_ct_table self, double *low_out, double *high_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    const kmi_ct_table *t = NULL;

    if (low_out != NULL) *low_out = 0;
    if (high_out != NULL) *high_out = 0;
    if (low_out == NULL || high_out == NULL) return out_is_null();
    KMI_TRY(pin(self, &t));
    kmi_ct_table_range(t, low_out, high_out);
cleanup:
    if (t != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_ct_table_count_rows(kma_ct_table self, size_t *out)
{
    kma_status status = KMA_OK;
    const kmi_ct_table *t = NULL;

    if (out == NULL) return out_is_null();
    *out = 0;
    KMI_TRY(pin(self, &t));
    *out = kmi_ct_table_row_count(t);
cleanup:
    if (t != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_ct_table_get_row(kma_ct_table self, size_t index, kma_ct_row *row_out, size_t *material_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    const kmi_ct_table *t = NULL;
    kmi_ct_row row;
    size_t material;

    if (row_out != NULL) memset(row_out, 0, sizeof *row_out);
    if (material_out != NULL) *material_out = 0;
    if (row_out == NULL || material_out == NULL) return out_is_null();
    KMI_TRY(pin(self, &t));
    if (index >= kmi_ct_table_row_count(t))
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "index is %zu, the CT table has %zu rows", index, kmi_ct_table_row_count(t)));
    material = kmi_ct_table_row(t, index, &row);
    *row_out = (kma_ct_row){row.ct_low, row.ct_high, row.density_low, row.density_high, {0}};
    *material_out = material;
cleanup:
    if (t != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_ct_table_count_materials(kma_ct_table self, size_t *out)
{
    kma_status status = KMA_OK;
    const kmi_ct_table *t = NULL;

    if (out == NULL) return out_is_null();
    *out = 0;
    KMI_TRY(pin(self, &t));
    *out = kmi_ct_table_material_count(t);
cleanup:
    if (t != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_ct_table_get_material(kma_ct_table self, size_t index, kma_material *out)
{
    kma_status status = KMA_OK;
    const kmi_ct_table *t = NULL;
    const kmi_material *m;
    kmi_material *copy = NULL;

    if (out == NULL) return out_is_null();
    out->bits = 0;
    KMI_TRY(pin(self, &t));
    if (index >= kmi_ct_table_material_count(t))
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "index is %zu, the CT table has %zu materials", index,
                         kmi_ct_table_material_count(t)));
    m = kmi_ct_table_material(t, index);
    KMI_TRY(kmi_material_new_mass_fractions(m->name, m->z, m->fraction, m->count, m->density, &copy));
    KMI_TRY(kmi_material_publish(copy, out));
cleanup:
    if (t != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_ct_table_convert(kma_ct_table self, double ct_number, size_t *material_out, double *density_out,
                                int *outside_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    const kmi_ct_table *t = NULL;
    kmi_ct_voxel v;
    int outside = 0;

    if (material_out != NULL) *material_out = 0;
    if (density_out != NULL) *density_out = 0;
    if (outside_out != NULL) *outside_out = 0;
    if (material_out == NULL || density_out == NULL) return out_is_null();
    KMI_TRY(pin(self, &t));
    v = kmi_ct_table_convert(t, ct_number, &outside);
    *material_out = v.material;
    *density_out = v.density;
    if (outside_out != NULL) *outside_out = outside;
cleanup:
    if (t != NULL) kmi_handle_unpin(self.bits);
    return status;
}
