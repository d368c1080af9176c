/* The public functions of image files. */
#include "io/metaimage.h"

kma_status kma_image_read(const char *path, kma_image *out)
{
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
