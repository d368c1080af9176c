/* kma_scene_*: the description. */
#include "transport/scene.h"

#include <math.h>
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "base/memory.h"
#include "geometry/overlap.h"
#include "physics/xrl.h"

static const double default_cut_energy = KMI_XRL_ENERGY_MIN;

static void drop_list(kmi_scene_list *list)
{
    size_t i;
    for (i = 0; i < list->count; i++) kmi_handle_unpin(list->uses[i].bits);
    kmi_free(list->uses);
}

static void destroy_scene(void *object)
{
    kmi_scene *self = object;

    if (self == NULL) return;
    drop_list(&self->sources);
    drop_list(&self->scorers);
    if (self->world.bits != 0) kmi_handle_unpin(self->world.bits);
    kmi_lock_destroy(&self->lock);
    kmi_free(self);
}

kma_status kma_scene_create(kma_volume world, kma_scene *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_scene *self = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    self = kmi_alloc(sizeof *self);
    if (self == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory for a scene");
    status = kmi_lock_init(&self->lock);
    if (status != KMA_OK) {
        kmi_free(self);
        return status;
    }
    self->cut_energy = default_cut_energy;
    self->overlap_points = KMI_OVERLAP_POINTS;
    KMI_TRY(kmi_handle_pin(KMA_KIND_VOLUME, world.bits, &self->world.object));
    self->world.bits = world.bits;
    KMI_TRY(kmi_handle_create(KMA_KIND_SCENE, self, destroy_scene, &out->bits));
    self = NULL;
cleanup:
    destroy_scene(self);
    return status;
}

kma_status kma_scene_retain(kma_scene self)
{
    return kmi_handle_retain(KMA_KIND_SCENE, self.bits);
}

kma_status kma_scene_release(kma_scene *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_SCENE, &self->bits);
}

/* Takes a use of `bits` into the list; with the scene's lock held. */
static kma_status append(kmi_scene_list *list, kma_kind kind, uint64_t bits)
{
    kma_status status = KMA_OK;
    void *object = NULL;

    KMI_TRY(kmi_handle_pin(kind, bits, &object));
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 8 : 2 * list->room;
        kmi_scene_use *uses = kmi_realloc(list->uses, room * sizeof *uses);
        if (uses == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu %ss", room, kmi_kind_name(kind)));
        list->uses = uses;
        list->room = room;
    }
    list->uses[list->count].bits = bits;
    list->uses[list->count].object = object;
    list->count++;
    object = NULL;
cleanup:
    if (object != NULL) kmi_handle_unpin(bits);
    return status;
}

kma_status kma_scene_add_source(kma_scene self, kma_source source)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *scene = NULL;

    KMI_TRY(kmi_handle_pin(KMA_KIND_SCENE, self.bits, &scene));
    KMI_TRY(kmi_lock_enter(&((kmi_scene *)scene)->lock));
    status = append(&((kmi_scene *)scene)->sources, KMA_KIND_SOURCE, source.bits);
    kmi_lock_give(&((kmi_scene *)scene)->lock);
cleanup:
    if (scene != NULL) kmi_handle_unpin(self.bits);
    return status;
}

static kma_status add_scorer_locked(kmi_scene *scene, uint64_t bits)
{
    kma_status status = KMA_OK;
    void *scorer = NULL;
    size_t i;

    KMI_TRY(kmi_handle_pin(KMA_KIND_SCORER, bits, &scorer));
    if (scene->scorers.count == KMA_SCORERS_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "the scene has %d scorers already (at most that many)", KMA_SCORERS_MAX));
    for (i = 0; i < scene->scorers.count; i++)
        if (strcmp(((const kmi_scorer *)scene->scorers.uses[i].object)->name, ((const kmi_scorer *)scorer)->name) == 0)
            KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "a scorer named '%s' is in the scene already (names must differ)",
                             ((const kmi_scorer *)scorer)->name));
    KMI_TRY(append(&scene->scorers, KMA_KIND_SCORER, bits));
cleanup:
    if (scorer != NULL) kmi_handle_unpin(bits);
    return status;
}

kma_status kma_scene_add_scorer(kma_scene self, kma_scorer scorer)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *scene = NULL;

    KMI_TRY(kmi_handle_pin(KMA_KIND_SCENE, self.bits, &scene));
    KMI_TRY(kmi_lock_enter(&((kmi_scene *)scene)->lock));
    status = add_scorer_locked(scene, scorer.bits);
    kmi_lock_give(&((kmi_scene *)scene)->lock);
cleanup:
    if (scene != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_scene_set_cut_energy(kma_scene self, double energy)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    void *object = NULL;

    if (!(energy >= KMI_XRL_ENERGY_MIN && energy <= KMI_XRL_ENERGY_MAX))
        return kmi_fail(KMA_ERR_ARGUMENT, "the cut energy is %g MeV (it must be within %g to %g MeV)", energy,
                        KMI_XRL_ENERGY_MIN, KMI_XRL_ENERGY_MAX);
    KMI_TRY(kmi_handle_pin(KMA_KIND_SCENE, self.bits, &object));
    KMI_TRY(kmi_lock_enter(&((kmi_scene *)object)->lock));
    ((kmi_scene *)object)->cut_energy = energy;
    kmi_lock_give(&((kmi_scene *)object)->lock);
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

/* What the getters read, with the lock held. */
typedef struct scene_numbers {
    double cut_energy;
    size_t sources, scorers;
} scene_numbers;

static kma_status read_numbers(kma_scene self, scene_numbers *out)
{
    kma_status status = KMA_OK;
    void *object = NULL;

    KMI_TRY(kmi_handle_pin(KMA_KIND_SCENE, self.bits, &object));
    KMI_TRY(kmi_lock_enter(&((kmi_scene *)object)->lock));
    out->cut_energy = ((kmi_scene *)object)->cut_energy;
    out->sources = ((kmi_scene *)object)->sources.count;
    out->scorers = ((kmi_scene *)object)->scorers.count;
    kmi_lock_give(&((kmi_scene *)object)->lock);
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_scene_get_cut_energy(kma_scene self, double *out)
{
    KMI_FLOATS;
    scene_numbers numbers = {0, 0, 0};
    kma_status status;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    status = read_numbers(self, &numbers);
    *out = numbers.cut_energy;
    return status;
}

kma_status kma_scene_count_sources(kma_scene self, size_t *out)
{
    scene_numbers numbers = {0, 0, 0};
    kma_status status;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    status = read_numbers(self, &numbers);
    *out = numbers.sources;
    return status;
}

kma_status kma_scene_count_scorers(kma_scene self, size_t *out)
{
    scene_numbers numbers = {0, 0, 0};
    kma_status status;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    status = read_numbers(self, &numbers);
    *out = numbers.scorers;
    return status;
}

/* ---- what it is made of ---- */

/* One reference more on the world, or on source or scorer `index`. */
static kma_status get_use(kma_scene self, kma_kind kind, size_t index, uint64_t *out)
{
    kma_status status = KMA_OK;
    kmi_scene *scene = NULL;
    const kmi_scene_list *list;
    void *object = NULL;
    uint64_t bits = 0;
    size_t count;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    *out = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SCENE, self.bits, &object));
    scene = object;
    KMI_TRY(kmi_lock_enter(&scene->lock));
    list = kind == KMA_KIND_SOURCE ? &scene->sources : &scene->scorers;
    count = kind == KMA_KIND_VOLUME ? 1 : list->count;
    if (index < count) bits = kind == KMA_KIND_VOLUME ? scene->world.bits : list->uses[index].bits;
    kmi_lock_give(&scene->lock);
    if (index >= count)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "index is %zu, the scene has %zu %ss", index, count, kmi_kind_name(kind)));
    KMI_TRY(kmi_handle_retain(kind, bits));
    *out = bits;
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

kma_status kma_scene_get_world(kma_scene self, kma_volume *out)
{
    return get_use(self, KMA_KIND_VOLUME, 0, out == NULL ? NULL : &out->bits);
}

kma_status kma_scene_get_source(kma_scene self, size_t index, kma_source *out)
{
    return get_use(self, KMA_KIND_SOURCE, index, out == NULL ? NULL : &out->bits);
}

kma_status kma_scene_get_scorer(kma_scene self, size_t index, kma_scorer *out)
{
    return get_use(self, KMA_KIND_SCORER, index, out == NULL ? NULL : &out->bits);
}
