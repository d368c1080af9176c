/* The public functions of image files. */
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "io/metaimage.h"

kma_status kma_image_read(const char *path, kma_image *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_image *image = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    if (path == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "path is NULL");
    KMI_TRY(kmi_metaimage_read(path, &image));
    KMI_TRY(kmi_image_publish(image, out));
    image = NULL;
cleanup:
    kmi_image_destroy(image);
    return status;
}

kma_status kma_image_write(kma_image self, const char *path, kma_compression compression)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *object = NULL;
    kmi_image *image;

    if (path == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "path is NULL");
    KMI_TRY(kmi_handle_pin(KMA_KIND_IMAGE, self.bits, &object));
    image = object;
    KMI_TRY(kmi_metaimage_write(path, &image->grid, image->type, compression, kmi_metaimage_copy, image));
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}
