/* The public functions of images. */
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "base/memory.h"
#include "base/sized.h"
#include "geometry/image.h"

void kma_image_geometry_defaults(kma_image_geometry *geometry)
{
    KMI_FLOATS;
    int i;

    if (geometry == NULL) return;
    memset(geometry, 0, sizeof *geometry);
    geometry->size = sizeof *geometry;
    for (i = 0; i < 3; i++) {
        geometry->count[i] = 1;
        geometry->spacing[i] = 1;
        geometry->direction[4 * i] = 1;
    }
}

kma_status kmi_image_publish(kmi_image *image, kma_image *out)
{
    return kmi_handle_create(KMA_KIND_IMAGE, image, kmi_image_destroy, &out->bits);
}

kma_status kma_image_create(const kma_image_geometry *geometry, kma_scalar type, const void *data, kma_image *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_image *image = NULL;
    kmi_grid grid;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    if (data == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "data is NULL");
    KMI_TRY(kmi_grid_of_geometry(geometry, &grid));
    KMI_TRY(kmi_image_new(&grid, type, &image));
    memcpy(image->data, data, image->cells * kma_scalar_size(type));
    KMI_TRY(kmi_image_publish(image, out));
    image = NULL;
cleanup:
    kmi_image_destroy(image);
    return status;
}

kma_status kma_image_retain(kma_image self)
{
    return kmi_handle_retain(KMA_KIND_IMAGE, self.bits);
}

kma_status kma_image_release(kma_image *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_IMAGE, &self->bits);
}

kma_status kma_image_get_geometry(kma_image self, kma_image_geometry *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *image = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    memset(out, 0, sizeof *out);
    KMI_TRY(kmi_handle_pin(KMA_KIND_IMAGE, self.bits, &image));
    kmi_geometry_of_grid(kmi_image_grid(image), out);
cleanup:
    if (image != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_image_get_type(kma_image self, kma_scalar *out)
{
    kma_status status = KMA_OK;
    void *image = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    *out = (kma_scalar)0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_IMAGE, self.bits, &image));
    *out = ((kmi_image *)image)->type;
cleanup:
    if (image != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_image_get_values(kma_image self, double *out, size_t n)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *object = NULL;
    kmi_image *image;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    KMI_TRY(kmi_handle_pin(KMA_KIND_IMAGE, self.bits, &object));
    image = object;
    if (n != image->cells)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "n is %zu, the image has %zu x %zu x %zu = %zu voxels", n,
                         image->grid.count[0], image->grid.count[1], image->grid.count[2], image->cells));
    kmi_image_values(image, 0, n, out);
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_image_get_statistics(kma_image self, kma_image_statistics *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *image = NULL;

    KMI_TRY(kmi_sized_begin(out, sizeof *out, "kma_image_statistics"));
    KMI_TRY(kmi_handle_pin(KMA_KIND_IMAGE, self.bits, &image));
    kmi_image_statistics(image, out);
cleanup:
    if (image != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_image_borrow(kma_image self, const void **data_out)
{
    kma_status status = KMA_OK;
    void *object = NULL;
    kmi_image *image;

    if (data_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "data_out is NULL");
    *data_out = NULL;
    KMI_TRY(kmi_handle_pin(KMA_KIND_IMAGE, self.bits, &object)); /* kept until kma_image_return */
    image = object;
    atomic_fetch_add(&image->lent, 1);
    *data_out = image->data;
cleanup:
    return status;
}

kma_status kma_image_return(kma_image self)
{
    kma_status status = KMA_OK;
    void *object = NULL;
    kmi_image *image;
    size_t lent;

    /* The name may have died since the borrow: the use it left finds the object. */
    KMI_TRY(kmi_handle_pin_used(KMA_KIND_IMAGE, self.bits, &object));
    image = object;
    lent = atomic_load(&image->lent);
    do {
        if (lent == 0) KMI_TRY(kmi_fail(KMA_ERR_STATE, "nothing is borrowed from this image"));
    } while (!atomic_compare_exchange_weak(&image->lent, &lent, lent - 1));
    kmi_handle_unpin(self.bits); /* the borrow's use */
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_image_point_of_index(kma_image self, const double index[3], double point[3])
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *image = NULL;

    if (point != NULL) memset(point, 0, 3 * sizeof *point);
    if (index == NULL || point == NULL)
        return kmi_fail(KMA_ERR_ARGUMENT, "%s is NULL", index == NULL ? "index" : "point");
    KMI_TRY(kmi_handle_pin(KMA_KIND_IMAGE, self.bits, &image));
    kmi_grid_point_of_index(kmi_image_grid(image), index, point);
cleanup:
    if (image != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_image_index_of_point(kma_image self, const double point[3], double index[3])
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *image = NULL;

    if (index != NULL) memset(index, 0, 3 * sizeof *index);
    if (index == NULL || point == NULL)
        return kmi_fail(KMA_ERR_ARGUMENT, "%s is NULL", index == NULL ? "index" : "point");
    KMI_TRY(kmi_handle_pin(KMA_KIND_IMAGE, self.bits, &image));
    kmi_grid_index_of_point(kmi_image_grid(image), point, index);
cleanup:
    if (image != NULL) kmi_handle_unpin(self.bits);
    return status;
}
