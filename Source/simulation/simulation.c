/* From a scene file to a scene: see simulation.h. */
#include "simulation/simulation.h"

#include <string.h>

#include "base/handle.h"
#include "base/log.h"
#include "base/memory.h"
#include "simulation/read.h"
#include "simulation/scene_shapes.h"

enum { UNUSED_TOLD = 20 };

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

/* The actions are in the order of kma_overlap_action. */
static kma_status take_overlaps(const kmi_reader *r, const kmi_json *overlaps)
{
    static const char *const actions[] = {"refuse", "warn", "ignore"};
    const kmi_json *points = kmi_json_member(overlaps, "points");
    const char *text = kmi_json_member(overlaps, "action")->text;
    uint64_t n = points == NULL ? 0 : kmi_shape_whole(points);
    int action = 0;

    while (strcmp(actions[action], text) != 0) action++; /* the shape knows no other */
    return kmi_read_blame(r, overlaps,
                          kma_scene_set_overlap_check(r->simulation->scene, (kma_overlap_action)action, n));
}

static kma_status take_settings(const kmi_reader *r, const kmi_json *root)
{
    kma_status status = KMA_OK;
    kmi_simulation *s = r->simulation;
    const kmi_json *title = kmi_json_member(root, "title"), *seed = kmi_json_member(root, "seed");
    const kmi_json *histories = kmi_json_member(root, "histories"), *cut = kmi_json_member(root, "cut_energy");
    const kmi_json *overlaps = kmi_json_member(root, "overlaps");

    s->title = kmi_strdup(title == NULL ? "" : title->text);
    if (s->title == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory for its title", r->document->name));
    s->seed = seed == NULL ? 1 : kmi_shape_whole(seed);
    s->histories = histories == NULL ? KMI_DEFAULT_HISTORIES : kmi_shape_whole(histories);
    if (cut != NULL) {
        status = kmi_json_blame(r->document, cut->offset, kma_scene_set_cut_energy(s->scene, cut->number));
        KMI_TRY(kmi_read_forgive(r, status));
    }
    if (overlaps != NULL) KMI_TRY(kmi_read_forgive(r, take_overlaps(r, overlaps)));
cleanup:
    return status;
}

static kma_status make_scene(const kmi_reader *r, const kmi_json *world)
{
    kma_status status = KMA_OK;
    kma_volume volume = {0};

    status = kmi_read_find(r, world, KMA_KIND_VOLUME, &volume.bits);
    if (status != KMA_OK && r->check != NULL && r->check->implied)
        return kmi_json_fail(r->document, world->offset, "nothing more can be said: the world '%.60s' has a fault",
                             world->text);
    KMI_TRY(status);
    KMI_TRY(kmi_read_placements(r, kmi_json_member(r->document->root, "placements")));
    KMI_TRY(kmi_json_blame(r->document, world->offset, kma_scene_create(volume, &r->simulation->scene)));
cleanup:
    return status;
}

/* A place costs a walk through the text, so the first few must do. What is at fault may be what would have used it. */
static void warn_of_unused(const kmi_reader *r)
{
    const kmi_simulation *s = r->simulation;
    size_t told = 0, i, line, column;

    if (!kmi_log_is_on() || (r->check != NULL && r->check->faults > 0)) return;
    for (i = 0; i < s->count; i++) {
        if (s->made[i].used > 0 || s->made[i].name == NULL || s->made[i].kind == KMA_KIND_SCORER) continue;
        if (told++ >= UNUSED_TOLD) continue;
        kmi_json_place(r->document, s->made[i].offset, &line, &column);
        kmi_log_write(KMA_LOG_WARNING, "%s:%zu:%zu: the %s '%s' is not used", r->document->name, line, column,
                      kmi_kind_name(s->made[i].kind), s->made[i].name);
    }
    if (told > UNUSED_TOLD)
        kmi_log_write(KMA_LOG_WARNING, "%s: %zu more are not used", r->document->name, told - UNUSED_TOLD);
}

static kma_status make(const kmi_reader *r)
{
    kma_status status = KMA_OK;
    const kmi_json *root = r->document->root;
    size_t i;

    KMI_TRY(kmi_read_materials(r, kmi_json_member(root, "materials")));
    KMI_TRY(kmi_read_spectra(r, kmi_json_member(root, "spectra")));
    KMI_TRY(kmi_read_volumes(r, kmi_json_member(root, "volumes")));
    KMI_TRY(make_scene(r, kmi_json_member(root, "world")));
    KMI_TRY(take_settings(r, root));
    KMI_TRY(kmi_read_sources(r, kmi_json_member(root, "sources")));
    KMI_TRY(kmi_read_scorers(r, kmi_json_member(root, "scorers")));
    warn_of_unused(r);
    for (i = 0; i < r->simulation->count; i++) r->simulation->made[i].name = NULL; /* the document goes now */
cleanup:
    return status;
}

/* The fault found last: told when there is another, or it is how the reading ends. */
typedef struct last_fault {
    kmi_read_check *check;
    kma_status status;
    char text[KMI_ERROR_TEXT_SIZE];
} last_fault;

static kma_status keep_fault(void *context, kma_status status)
{
    last_fault *last = context;

    if (status == KMA_OK) return KMA_OK;
    if (last->status != KMA_OK) {
        last->check->faults++;
        last->check->fn(last->status, last->text, last->check->context);
    }
    last->status = status;
    strcpy(last->text, kma_error_message());
    return last->check->faults < KMA_FAULTS_MAX ? KMA_OK : status;
}

static kma_status check_shape(const kmi_json_document *d, kmi_read_check *check)
{
    last_fault last = {check, KMA_OK, ""};

    if (check == NULL) return kmi_shape_check(d, d->root, &kmi_shape_scene);
    (void)kmi_shape_check_each(d, d->root, &kmi_shape_scene, keep_fault, &last);
    return last.status == KMA_OK ? KMA_OK : kmi_fail_again(last.status, last.text);
}

kma_status kmi_simulation_read(const char *path, kmi_read_check *check, kmi_simulation **out)
{
    kma_status status = KMA_OK;
    kmi_json_document *document = NULL;
    kmi_reader r = {0};
    kmi_names names = {0};

    *out = NULL;
    KMI_TRY(kmi_json_read(path, &document));
    KMI_TRY(check_version(document));
    KMI_TRY(check_shape(document, check));
    r.document = document;
    r.check = check;
    r.names = &names;
    KMI_TRY(find_folder(&r, path));
    r.simulation = kmi_alloc(sizeof *r.simulation);
    if (r.simulation == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%s: no memory to read it", path));
    KMI_TRY(make(&r));
    *out = r.simulation;
    r.simulation = NULL;
cleanup:
    kmi_simulation_destroy(r.simulation);
    kmi_names_clear(&names);
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
