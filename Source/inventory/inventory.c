/* The inventory of a scene: see inventory.h. */
#include "inventory/inventory.h"

#include <stdio.h>
#include <string.h>

#include "base/handle.h"
#include "base/memory.h"
#include "emission/source.h"
#include "transport/photon.h"

static kma_status no_memory(void)
{
    return kmi_fail(KMA_ERR_MEMORY, "no memory for the inventory of a scene");
}

/* The lists as they are now: objects stay pinned by the scene, which is never made shorter. */
static kma_status copy_lists(kmi_scene *scene, kmi_scene *out)
{
    kma_status status = KMA_OK;

    kmi_lock_take(&scene->lock);
    out->world = scene->world;
    out->cut_energy = scene->cut_energy;
    out->sources.uses = kmi_alloc_array(scene->sources.count + 1, sizeof *out->sources.uses);
    out->scorers.uses = kmi_alloc_array(scene->scorers.count + 1, sizeof *out->scorers.uses);
    if (out->sources.uses == NULL || out->scorers.uses == NULL) {
        status = no_memory();
    } else {
        out->sources.count = scene->sources.count;
        out->scorers.count = scene->scorers.count;
        if (out->sources.count > 0)
            memcpy(out->sources.uses, scene->sources.uses, out->sources.count * sizeof *out->sources.uses);
        if (out->scorers.count > 0)
            memcpy(out->scorers.uses, scene->scorers.uses, out->scorers.count * sizeof *out->scorers.uses);
    }
    kmi_lock_give(&scene->lock);
    return status;
}

/* ---- sources and scorers ---- */

static kma_status list_sources(kmi_inventory *self, const kmi_scene *scene)
{
    double sum = 0;
    size_t i;

    self->sources = kmi_alloc_array(scene->sources.count, sizeof *self->sources);
    if (self->sources == NULL) return no_memory();
    for (i = 0; i < scene->sources.count; i++) sum += kmi_source_weight(scene->sources.uses[i].object);
    for (i = 0; i < scene->sources.count; i++) {
        const kmi_source *source = scene->sources.uses[i].object;
        kma_inventory_source *s = &self->sources[i];
        s->size = sizeof *s;
        kmi_source_get_options(source, &s->options);
        s->share = kmi_source_weight(source) / sum;
        s->mean_energy = kmi_spectrum_mean(kmi_source_spectrum(source));
        s->min_energy = kmi_spectrum_min(kmi_source_spectrum(source));
        s->max_energy = kmi_spectrum_max(kmi_source_spectrum(source));
        s->in_world = kmi_solid_inside(&((const kmi_volume *)scene->world.object)->solid,
                                       kmi_vec(s->options.position[0], s->options.position[1], s->options.position[2]));
    }
    self->info.sources = scene->sources.count;
    return KMA_OK;
}

static kma_status list_scorers(kmi_inventory *self, const kmi_scene *scene)
{
    size_t i;

    self->scorers = kmi_alloc_array(scene->scorers.count, sizeof *self->scorers);
    if (self->scorers == NULL) return no_memory();
    for (i = 0; i < scene->scorers.count; i++) {
        const kmi_scorer *scorer = scene->scorers.uses[i].object;
        kma_inventory_scorer *s = &self->scorers[i];
        s->size = sizeof *s;
        strncpy(s->name, scorer->name, sizeof s->name - 1);
        s->kind = scorer->kind;
        s->bins = scorer->bins;
        s->quantities = scorer->kind == KMA_SCORER_DETECTOR ? KMI_DETECTOR_PLANES : 1;
        /* Of a free grid the masses of all cells are kept, too. */
        s->bytes = (uint64_t)s->bins * (2 * sizeof(kmi_int128) * s->quantities +
                                        (scorer->kind == KMA_SCORER_GRID ? sizeof(double) : 0));
        if (scorer->kind != KMA_SCORER_VOLUME) kmi_geometry_of_grid(&scorer->grid, &s->geometry);
        s->volume = KMA_INVENTORY_NONE;
        self->info.scorer_bytes += s->bytes;
    }
    self->info.scorers = scene->scorers.count;
    return KMA_OK;
}

static void find_scored_volumes(kmi_inventory *self, const kmi_scene *scene, const kmi_geometry *g)
{
    size_t i;
    uint32_t v;

    for (i = 0; i < self->info.scorers; i++)
        for (v = 0; v < g->volume_count; v++)
            if (g->volumes[v] == ((const kmi_scorer *)scene->scorers.uses[i].object)->volume)
                self->scorers[i].volume = v;
}

/* ---- of the plan ---- */

static void hash_text(const uint8_t digest[KMI_DIGEST_SIZE], char out[KMA_HASH_SIZE])
{
    int i;

    for (i = 0; i < KMI_DIGEST_SIZE; i++) snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static void measure_memory(kmi_inventory *self, const kmi_plan *plan)
{
    const kmi_geometry *g = plan->geometry;
    uint32_t v;

    self->info.geometry_bytes = (uint64_t)g->instance_count * (sizeof *g->instances + sizeof *plan->fills);
    for (v = 0; v < g->volume_count; v++) {
        const kmi_solid *solid = &g->volumes[v]->solid;
        const kmi_image *image = g->volumes[v]->image;
        if (solid->kind == KMI_SOLID_MESH) self->info.geometry_bytes += kmi_mesh_bytes(solid->u.mesh.mesh);
        if (image != NULL) self->info.image_bytes += image->cells * kma_scalar_size(image->type);
        if (plan->voxels[v] != NULL) self->info.image_bytes += kmi_voxels_bytes(plan->voxels[v]);
    }
    self->info.table_bytes = kmi_physics_bytes(plan->physics);
    self->info.worker_bytes = sizeof(kmi_transporter) + sizeof(kmi_scores) +
                              2 * KMI_LOG_ENTRIES * sizeof(kmi_log_entry) +
                              KMI_HISTORY_BINS * (sizeof(kmi_touched) + 2 * sizeof(uint64_t));
}

static kma_status take_plan(kmi_inventory *self, const kmi_scene *scene, const kmi_plan *plan)
{
    kma_status status = KMA_OK;

    self->info.contact = plan->geometry->contact;
    KMI_TRY(kmi_inventory_volumes(self, plan));
    KMI_TRY(kmi_inventory_images(self, plan));
    find_scored_volumes(self, scene, plan->geometry);
    measure_memory(self, plan);
    if (self->info.faults == 0) hash_text(plan->scene_hash, self->info.scene_hash);
cleanup:
    return status;
}

static kma_status close_scene(kmi_inventory *self, const kmi_scene *scene, kmi_scene *sound, const kmi_pulse *pulse)
{
    kma_status status = KMA_OK;
    kmi_geometry *geometry = NULL;
    kmi_plan *plan = NULL;

    KMI_TRY(kmi_inventory_sound_sources(self, scene, sound));
    status = kmi_geometry_close(scene->world.object, &geometry);
    if (status != KMA_OK) { /* nothing more can be said */
        status = kmi_inventory_fault(self, status);
        goto cleanup;
    }
    KMI_TRY(kmi_inventory_sound_scorers(self, scene, geometry, sound));
    status = kmi_plan_new(sound, pulse, &plan);
    if (status != KMA_OK) {
        status = kmi_inventory_fault(self, status);
        goto cleanup;
    }
    KMI_TRY(take_plan(self, scene, plan));
cleanup:
    kmi_plan_release(plan);
    kmi_geometry_destroy(geometry);
    return status;
}

/* A plan takes the lock of the scene it is made of. */
static kma_status close_locked(kmi_inventory *self, const kmi_scene *scene, const kmi_pulse *pulse)
{
    kma_status status = KMA_OK;
    kmi_scene sound;

    memset(&sound, 0, sizeof sound);
    KMI_TRY(kmi_lock_init(&sound.lock));
    status = close_scene(self, scene, &sound, pulse);
    kmi_inventory_clear_sound(&sound);
    kmi_lock_destroy(&sound.lock);
cleanup:
    return status;
}

kma_status kmi_inventory_new(kmi_scene *scene, const kmi_pulse *pulse, kmi_inventory **out)
{
    kma_status status = KMA_OK;
    kmi_inventory *self = kmi_alloc(sizeof *self);
    kmi_scene copy;

    *out = NULL;
    memset(&copy, 0, sizeof copy);
    if (self == NULL) KMI_TRY(no_memory());
    self->info.size = sizeof self->info;
    KMI_TRY(copy_lists(scene, &copy));
    self->info.cut_energy = copy.cut_energy;
    KMI_TRY(list_sources(self, &copy));
    KMI_TRY(list_scorers(self, &copy));
    KMI_TRY(close_locked(self, &copy, pulse));
    *out = self;
    self = NULL;
cleanup:
    kmi_free(copy.sources.uses);
    kmi_free(copy.scorers.uses);
    kmi_inventory_destroy(self);
    return status;
}

void kmi_inventory_destroy(void *inventory)
{
    kmi_inventory *self = inventory;
    size_t i;

    if (self == NULL) return;
    for (i = 0; self->image_materials != NULL && i < self->info.images; i++) kmi_free(self->image_materials[i]);
    kmi_free(self->image_materials);
    kmi_free(self->faults);
    kmi_free(self->volumes);
    kmi_free(self->placements);
    kmi_free(self->materials);
    kmi_free(self->images);
    kmi_free(self->sources);
    kmi_free(self->scorers);
    kmi_free(self);
}
