/* The files beside a scene file: meshes, images, CT tables, large spectra. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/ct_table_csv.h"
#include "io/metaimage.h"
#include "io/spectrum_csv.h"
#include "io/stl.h"
#include "simulation/scene_write.h"

/* The path of a file whose name begins with the folder's. */
static kma_status path_of(const char *folder, const char *name, char **out)
{
    size_t size = strlen(folder) + strlen(name) + 1;

    *out = kmi_alloc(size);
    if (*out == NULL) return kmi_fail(KMA_ERR_MEMORY, "%s: no memory for a path", folder);
    snprintf(*out, size, "%s%s", folder, strrchr(name, '/'));
    return KMA_OK;
}

/* Nothing is written for a part without a file. */
#define WRITE(name, call)                             \
    do {                                              \
        if ((name) == NULL) break;                    \
        KMI_TRY(path_of(folder, (name), &path));      \
        KMI_TRY(call);                                \
        kmi_free(path);                               \
        path = NULL;                                  \
    } while (0)

kma_status kmi_scene_write_files(const kmi_scene_parts *parts, char *const *spectrum_files, const char *folder,
                                 kmi_file_batch *batch)
{
    kma_status status = KMA_OK;
    const kmi_part_list *meshes = &parts->meshes, *images = &parts->images, *tables = &parts->ct_tables;
    char *path = NULL;
    size_t i;

    for (i = 0; i < meshes->count; i++) WRITE(meshes->names[i], kmi_stl_write(meshes->objects[i], path, batch));
    for (i = 0; i < images->count; i++)
        WRITE(images->names[i], kmi_metaimage_write_image(images->objects[i], path, batch));
    for (i = 0; i < tables->count; i++) WRITE(tables->names[i], kmi_ct_table_write_csv(tables->objects[i], path, batch));
    for (i = 0; i < parts->spectra.count; i++)
        WRITE(spectrum_files[i], kmi_spectrum_write_csv(parts->spectra.objects[i], path, batch));
cleanup:
    kmi_free(path);
    return status;
}
