/* The public functions of kerma/simulation.h that write scenes. */
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "base/sized.h"
#include "base/utf8.h"
#include "simulation/scene_write.h"
#include "simulation/simulation.h"

kma_status kma_scene_write_options_defaults(kma_scene_write_options *options)
{
    static const kma_scene_write_options defaults = {
        .size = sizeof defaults, .title = NULL, .seed = 1, .histories = KMI_DEFAULT_HISTORIES};

    if (options == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "options is NULL");
    *options = defaults;
    return KMA_OK;
}

static kma_status check_options(const kma_scene_write_options *o)
{
    kma_status status = kmi_sized_check(o, sizeof *o, "options", "kma_scene_write_options_defaults() sets it");

    if (status != KMA_OK) return status;
    if (o->title != NULL && !kmi_utf8_is_valid(o->title, strlen(o->title)))
        return kmi_fail(KMA_ERR_ARGUMENT, "the title is not UTF-8");
    if (o->histories == 0) return kmi_fail(KMA_ERR_ARGUMENT, "histories is 0 (must be above)");
    return KMA_OK;
}

kma_status kma_scene_write(kma_scene scene, const kma_scene_write_options *options, const char *path)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kma_scene_write_options defaults;
    kmi_scene_parts parts;
    void *object = NULL;

    memset(&parts, 0, sizeof parts);
    if (path == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "path is NULL");
    KMI_TRY(kma_scene_write_options_defaults(&defaults));
    KMI_TRY(check_options(options == NULL ? &defaults : options));
    KMI_TRY(kmi_handle_pin(KMA_KIND_SCENE, scene.bits, &object));
    KMI_TRY(kmi_scene_parts_take(object, &parts));
    if (parts.source_count == 0)
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "the scene has no source: a scene file has at least one (add one with "
                         "kma_scene_add_source)"));
    KMI_TRY(kmi_scene_write(&parts, options == NULL ? &defaults : options, path));
cleanup:
    kmi_scene_parts_clear(&parts);
    if (object != NULL) kmi_handle_unpin(scene.bits);
    return status;
}
