/* The public function that reads STL files. */
#include <math.h>

#include "base/file.h"
#include "base/handle.h"
#include "base/memory.h"
#include "geometry/mesh.h"
#include "io/stl.h"

static const size_t SIZE_LIMIT = (size_t)1 << 36; /* bytes: text of the largest mesh */

kma_status kma_mesh_read_stl(const char *path, double unit_mm, kma_mesh *out)
{
    kma_status status = KMA_OK;
    char *bytes = NULL;
    double *corners = NULL;
    kmi_mesh *mesh = NULL;
    size_t size = 0, count = 0;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    if (path == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "path is NULL");
    if (!(unit_mm > 0 && unit_mm < INFINITY))
        return kmi_fail(KMA_ERR_ARGUMENT, "unit_mm is %g (must be > 0: mm per unit of the file, 1 for mm, 10 for cm)",
                        unit_mm);
    KMI_TRY(kmi_file_read_all(path, SIZE_LIMIT, &bytes, &size));
    status = kmi_stl_parse(bytes, size, unit_mm, &corners, &count);
    kmi_free(bytes); /* before the mesh needs room */
    bytes = NULL;
    if (status == KMA_OK) status = kmi_mesh_new_soup(corners, count, &mesh);
    if (status != KMA_OK) KMI_TRY(kmi_fail_prefix(status, "%s: ", path));
    KMI_TRY(kmi_handle_create(KMA_KIND_MESH, mesh, kmi_mesh_destroy, &out->bits));
    mesh = NULL;
cleanup:
    kmi_free(bytes);
    kmi_free(corners);
    kmi_mesh_destroy(mesh);
    return status;
}
