/* From a scene file to a scene: see simulation.h. */
#include "simulation/simulation.h"

#include <string.h>

#include "base/handle.h"
#include "base/log.h"
#include "base/memory.h"
#include "simulation/read.h"
#include "simulation/scene_shapes.h"

/* The version first: a file of another one would be full of faults. */
static kma_status check_version(const kmi_json_document *d)
{
    const kmi_json *version = d->root->type == KMI_JSON_OBJECT ? kmi_json_member(d->root, "kerma") : NULL;

    if (d->root->type != KMI_JSON_OBJECT)
        return kmi_json_fail(d, d->root->offset, "a scene is an object, this is %s", kmi_json_type_name(d->root->type));
    if (version == NULL)
        return kmi_json_fail(d, d->root->offset, "a scene needs the key 'kerma', the version of its format (1)");
    if (version->type != KMI_JSON_NUMBER || version->number != KMI_SCENE_FORMAT)
        return kmi_json_fail(d, version->offset, "'kerma' is %.*s: this version of kerma reads the format %d",
                             version->length < 20 ? (int)version->length : 20,
                             version->text == NULL ? "" : version->text, KMI_SCENE_FORMAT);
    return KMA_OK;
}

static kma_status find_folder(kmi_reader *r, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;

    r->folder = kmi_alloc(length + 1);
    if (r->folder == NULL) return kmi_fail(KMA_ERR_MEMORY, "%s: no memory to read it", path);
    memcpy(r->folder, path, length);
    return KMA_OK;
}

static kma_status take_settings(const kmi_reader *r, const kmi_json *root)
{
    kma_status status = KMA_OK;
    kmi_simulation *s = r->simulation;
    const kmi_json *title = kmi_json_member(root, "title"), *seed = kmi_json_member(root, "seed");
    const kmi_json *histories = kmi_json_member(root, "histories"), *cut = kmi_json_member(root, "cut_energy");

    s->title = kmi_strdup(title == NULL ? "" : title->text);
    if (s->title == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory for its title", r->document->name));
    s->seed = seed == NULL ? 1 : kmi_shape_whole(seed);
    s->histories = histories == NULL ? KMI_DEFAULT_HISTORIES : kmi_shape_whole(histories);
    if (cut != NULL) KMI_TRY(kmi_json_blame(r->document, cut->offset, kma_scene_set_cut_energy(s->scene, cut->number)));
cleanup:
    return status;
}

static kma_status make(const kmi_reader *r)
{
    kma_status status = KMA_OK;
    kmi_simulation *s = r->simulation;
    const kmi_json *root = r->document->root, *world = kmi_json_member(root, "world");
    kma_volume world_volume = {0};
    size_t i, line, column;

    KMI_TRY(kmi_read_materials(r, kmi_json_member(root, "materials")));
    KMI_TRY(kmi_read_spectra(r, kmi_json_member(root, "spectra")));
    KMI_TRY(kmi_read_volumes(r, kmi_json_member(root, "volumes")));
    KMI_TRY(kmi_read_find(r, world, KMA_KIND_VOLUME, &world_volume.bits));
    KMI_TRY(kmi_read_placements(r, kmi_json_member(root, "placements")));
    KMI_TRY(kmi_json_blame(r->document, world->offset, kma_scene_create(world_volume, &s->scene)));
    KMI_TRY(take_settings(r, root));
    KMI_TRY(kmi_read_sources(r, kmi_json_member(root, "sources")));
    KMI_TRY(kmi_read_scorers(r, kmi_json_member(root, "scorers")));
    for (i = 0; i < s->count; i++) {
        if (s->made[i].used == 0 && s->made[i].name != NULL && s->made[i].kind != KMA_KIND_SCORER) {
            kmi_json_place(r->document, s->made[i].offset, &line, &column);
            kmi_log_write(KMA_LOG_WARNING, "%s:%zu:%zu: the %s '%s' is not used", r->document->name, line, column,
                          kmi_kind_name(s->made[i].kind), s->made[i].name);
        }
        s->made[i].name = NULL; /* the document goes now */
    }
cleanup:
    return status;
}

kma_status kmi_simulation_read(const char *path, kmi_simulation **out)
{
    kma_status status = KMA_OK;
    kmi_json_document *document = NULL;
    kmi_reader r = {0};

    *out = NULL;
    KMI_TRY(kmi_json_read(path, &document));
    KMI_TRY(check_version(document));
    KMI_TRY(kmi_shape_check(document, document->root, &kmi_shape_scene));
    r.document = document;
    KMI_TRY(find_folder(&r, path));
    r.simulation = kmi_alloc(sizeof *r.simulation);
    if (r.simulation == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory to read it", path));
    KMI_TRY(make(&r));
    *out = r.simulation;
    r.simulation = NULL;
cleanup:
    kmi_simulation_destroy(r.simulation);
    kmi_free(r.folder);
    kmi_json_destroy(document);
    return status;
}

void kmi_simulation_destroy(void *simulation)
{
    kmi_simulation *s = simulation;
    size_t i;

    if (s == NULL) return;
    kma_scene_release(&s->scene);
    for (i = s->count; i-- > 0;) kmi_handle_release(s->made[i].kind, &s->made[i].bits);
    kmi_free(s->made);
    kmi_free(s->title);
    kmi_free(s);
}
