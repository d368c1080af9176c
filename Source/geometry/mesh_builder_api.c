/* Public functions of mesh builders. */
#include "geometry/mesh_builder.h"

#include "base/float_env.h"
#include "base/handle.h"

kma_status kma_mesh_builder_create(kma_mesh_builder *out)
{
    kma_status status = KMA_OK;
    kmi_mesh_builder *b = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    KMI_TRY(kmi_mesh_builder_new(&b));
    KMI_TRY(kmi_handle_create(KMA_KIND_MESH_BUILDER, b, kmi_mesh_builder_destroy, &out->bits));
    b = NULL;
cleanup:
    kmi_mesh_builder_destroy(b);
    return status;
}

kma_status kma_mesh_builder_retain(kma_mesh_builder self)
{
    return kmi_handle_retain(KMA_KIND_MESH_BUILDER, self.bits);
}

kma_status kma_mesh_builder_release(kma_mesh_builder *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_MESH_BUILDER, &self->bits);
}

kma_status kma_mesh_builder_add_triangle(kma_mesh_builder self, const double a[3], const double b[3], const double c[3])
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    const double *corner[3] = {a, b, c};
    void *builder = NULL;

    KMI_TRY(kmi_handle_pin(KMA_KIND_MESH_BUILDER, self.bits, &builder));
    KMI_TRY(kmi_mesh_builder_triangle(builder, corner));
cleanup:
    if (builder != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_mesh_builder_add_quadrangle(kma_mesh_builder self, const double a[3], const double b[3],
                                           const double c[3], const double d[3])
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    const double *corner[4] = {a, b, c, d};
    void *builder = NULL;

    KMI_TRY(kmi_handle_pin(KMA_KIND_MESH_BUILDER, self.bits, &builder));
    KMI_TRY(kmi_mesh_builder_quadrangle(builder, corner));
cleanup:
    if (builder != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_mesh_builder_count_facets(kma_mesh_builder self, size_t *out)
{
    kma_status status = KMA_OK;
    void *pinned = NULL;
    kmi_mesh_builder *builder;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    *out = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_MESH_BUILDER, self.bits, &pinned));
    builder = pinned;
    KMI_TRY(kmi_lock_enter(&builder->lock));
    *out = builder->facet_count;
    kmi_lock_give(&builder->lock);
cleanup:
    if (pinned != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_mesh_builder_close(kma_mesh_builder self, kma_mesh *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *builder = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_MESH_BUILDER, self.bits, &builder));
    KMI_TRY(kmi_mesh_builder_close(builder, out));
cleanup:
    if (builder != NULL) kmi_handle_unpin(self.bits);
    return status;
}
