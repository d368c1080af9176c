/* Closing a scene: see plan.h. */
#include "transport/plan.h"

#include <string.h>

#include "base/handle.h"
#include "base/memory.h"
#include "physics/xrl.h"
#include "transport/scene_overlaps.h"

/* The plan keeps it alive, by a use of its own; the caller uses it already. */
static kma_status keep(kmi_plan *self, uint64_t bits)
{
    kmi_scene_list *list = &self->uses;

    if (list->count == list->room) {
        size_t room = list->room == 0 ? 16 : 2 * list->room;
        kmi_scene_use *uses = kmi_realloc(list->uses, room * sizeof *uses);
        if (uses == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory for a plan of %zu objects", room);
        list->uses = uses;
        list->room = room;
    }
    kmi_handle_pin_again(bits);
    list->uses[list->count].bits = bits;
    list->uses[list->count].object = NULL;
    list->count++;
    return KMA_OK;
}

/* The scene as it is now, taken in one piece so that the lock is not held while the plan is made. */
typedef struct scene_copy {
    const kmi_volume *world;
    const kmi_scorer **scorers;
    size_t scorer_count;
} scene_copy;

static kma_status copy_scene(kmi_plan *self, const kmi_scene *scene, scene_copy *copy)
{
    kma_status status = KMA_OK;
    size_t i;

    self->cut_energy = scene->cut_energy;
    copy->world = scene->world.object;
    KMI_TRY(keep(self, scene->world.bits));
    if (scene->sources.count == 0)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "the scene has no source (add one with kma_scene_add_source)"));
    copy->scorer_count = scene->scorers.count;
    copy->scorers = kmi_alloc_array(scene->scorers.count + 1, sizeof *copy->scorers);
    self->source_count = scene->sources.count;
    self->sources = kmi_alloc_array(self->source_count, sizeof *self->sources);
    self->source_sum = kmi_alloc_array(self->source_count, sizeof *self->source_sum);
    if (copy->scorers == NULL || self->sources == NULL || self->source_sum == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu scorers and %zu sources", scene->scorers.count,
                         self->source_count));
    for (i = 0; i < scene->scorers.count; i++) {
        copy->scorers[i] = scene->scorers.uses[i].object;
        KMI_TRY(keep(self, scene->scorers.uses[i].bits));
    }
    for (i = 0; i < scene->sources.count; i++) {
        self->sources[i] = scene->sources.uses[i].object;
        KMI_TRY(keep(self, scene->sources.uses[i].bits));
    }
cleanup:
    return status;
}

static kma_status check_sources(kmi_plan *self)
{
    kma_status status = KMA_OK;
    double sum = 0, running = 0, energy_min = 0;
    size_t i;

    for (i = 0; i < self->source_count; i++) {
        const kmi_spectrum *spectrum = kmi_source_spectrum(self->sources[i]);
        sum += kmi_source_weight(self->sources[i]);
        if (i == 0 || kmi_spectrum_min(spectrum) < energy_min) energy_min = kmi_spectrum_min(spectrum);
        if (kmi_spectrum_max(spectrum) > self->energy_max) self->energy_max = kmi_spectrum_max(spectrum);
    }
    if (energy_min < KMI_XRL_ENERGY_MIN || self->energy_max > KMI_XRL_ENERGY_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_PHYSICS,
                         "the sources emit from %g to %g MeV: there are cross-sections from %g to %g MeV only", energy_min,
                         self->energy_max, KMI_XRL_ENERGY_MIN, KMI_XRL_ENERGY_MAX));
    if (self->cut_energy > self->energy_max)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "the cut energy is %g MeV, above all that the sources emit (to %g MeV)",
                         self->cut_energy, self->energy_max));
    for (i = 0; i < self->source_count; i++) {
        running += kmi_source_weight(self->sources[i]);
        self->source_sum[i] = running / sum;
    }
    self->source_sum[self->source_count - 1] = 1.0;
cleanup:
    return status;
}

/* Room for all materials: those of solids and those of the images' tables. */
static kma_status collect_materials(kmi_plan *self)
{
    kma_status status = KMA_OK;
    const kmi_geometry *g = self->geometry;
    size_t room = 0;
    uint32_t v;

    for (v = 0; v < g->volume_count; v++)
        room += g->volumes[v]->image != NULL ? kmi_ct_table_material_count(g->volumes[v]->ct_table) : 1;
    self->materials = kmi_alloc_array(room + 1, sizeof *self->materials);
    self->voxels = kmi_alloc_array(g->volume_count, sizeof *self->voxels);
    if (self->materials == NULL || self->voxels == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu materials", room));
cleanup:
    return status;
}

static uint32_t material_index(kmi_plan *self, const kmi_material *material)
{
    size_t i;
    for (i = 0; i < self->material_count; i++)
        if (self->materials[i] == material) return (uint32_t)i;
    self->materials[self->material_count] = material;
    return (uint32_t)self->material_count++;
}

/* The first material of a table that is used already, or a new block of materials. */
static uint32_t table_index(kmi_plan *self, const kmi_ct_table *table)
{
    size_t n = kmi_ct_table_material_count(table), i;
    uint32_t first;

    for (i = 0; n > 0 && i + n <= self->material_count; i++)
        if (self->materials[i] == kmi_ct_table_material(table, 0)) return (uint32_t)i;
    first = (uint32_t)self->material_count;
    for (i = 0; i < n; i++) self->materials[self->material_count++] = kmi_ct_table_material(table, i);
    return first;
}

/* Fills of all instances; image volumes are converted once each. */
static kma_status fill_instances(kmi_plan *self, const kmi_pulse *pulse)
{
    kma_status status = KMA_OK;
    const kmi_geometry *g = self->geometry;
    int32_t i;

    self->fills = kmi_alloc_array((size_t)g->instance_count, sizeof *self->fills);
    if (self->fills == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %d instances", g->instance_count));
    for (i = 0; i < g->instance_count; i++) {
        const kmi_volume *volume = g->instances[i].volume;
        uint32_t v = g->instances[i].volume_index;
        kmi_fill *fill = &self->fills[i];

        if (volume->image != NULL) {
            if (self->voxels[v] == NULL) {
                uint32_t first = table_index(self, volume->ct_table);
                KMI_TRY(kmi_voxels_new(volume->image, volume->ct_table, first, pulse, &self->voxels[v]));
                self->ct_voxels += self->voxels[v]->count;
                self->ct_below += self->voxels[v]->below;
                self->ct_above += self->voxels[v]->above;
            }
            fill->kind = KMI_FILL_IMAGE;
            fill->voxels = self->voxels[v];
            kmi_grid_map_make(&fill->map, kmi_image_grid(volume->image), &g->instances[i].frame);
        } else if (volume->material != NULL && ((const kmi_material *)volume->material)->density > 0) {
            fill->kind = KMI_FILL_SOLID;
            fill->material = material_index(self, volume->material);
            fill->density = ((const kmi_material *)volume->material)->density;
        }
    }
cleanup:
    return status;
}

static double density_at(const void *context, int32_t instance, kmi_vec3 point)
{
    const kmi_plan *self = context;
    const kmi_fill *fill;

    if (instance == KMI_OUTSIDE) return 0;
    fill = &self->fills[instance];
    if (fill->kind == KMI_FILL_IMAGE)
        return kmi_voxels_at(fill->voxels, kmi_grid_map_cell_clamped(&fill->map, point)).density;
    return fill->kind == KMI_FILL_SOLID ? fill->density : 0;
}

static kma_status keep_volumes(kmi_plan *self)
{
    kma_status status = KMA_OK;
    uint32_t v;

    for (v = 0; v < self->geometry->volume_count; v++) KMI_TRY(keep(self, self->geometry->volumes[v]->self_bits));
cleanup:
    return status;
}

static kma_status close_plan(kmi_plan *self, kmi_scene *scene, const scene_copy *copy, const kmi_pulse *pulse)
{
    kma_status status = KMA_OK;
    double middle; /* MeV: where the classes of voxels are told apart */
    uint32_t v;

    KMI_TRY(check_sources(self));
    middle = 0.5 * self->energy_max > self->cut_energy ? 0.5 * self->energy_max : self->cut_energy;
    KMI_TRY(kmi_geometry_close(copy->world, &self->geometry));
    KMI_TRY(keep_volumes(self));
    KMI_TRY(kmi_pulse_beat(pulse));
    KMI_TRY(kmi_scene_look_for_overlaps(scene, self->geometry, pulse));
    KMI_TRY(collect_materials(self));
    KMI_TRY(fill_instances(self, pulse));
    KMI_TRY(kmi_physics_new(self->materials, self->material_count, self->cut_energy, self->energy_max, pulse,
                            &self->physics));
    KMI_TRY(kmi_pulse_beat(pulse));
    for (v = 0; v < self->geometry->volume_count; v++)
        if (self->voxels[v] != NULL)
            KMI_TRY(kmi_voxels_make_majorants(self->voxels[v], self->physics, self->material_count, middle, pulse));
    self->density.density = density_at;
    self->density.context = self;
    KMI_TRY(kmi_scorer_set_new(copy->scorers, copy->scorer_count, self->geometry, self->energy_max, &self->scorers));
    kmi_physics_fingerprint(self->physics, self->fingerprint);
    KMI_TRY(kmi_plan_hash(self, pulse, self->scene_hash));
    KMI_TRY(kmi_pulse_beat(pulse));
cleanup:
    return status;
}

kma_status kmi_plan_new(kmi_scene *scene, const kmi_pulse *pulse, kmi_plan **out)
{
    kma_status status = KMA_OK;
    scene_copy copy = {NULL, NULL, 0};
    kmi_plan *self = kmi_alloc(sizeof *self);

    *out = NULL;
    if (self == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a plan"));
    atomic_init(&self->references, 1);
    KMI_TRY(kmi_lock_enter(&scene->lock));
    status = copy_scene(self, scene, &copy);
    kmi_lock_give(&scene->lock);
    if (status != KMA_OK) goto cleanup;
    KMI_TRY(close_plan(self, scene, &copy, pulse));
    *out = self;
    self = NULL;
cleanup:
    kmi_free(copy.scorers);
    kmi_plan_release(self);
    return status;
}

void kmi_plan_retain(kmi_plan *self)
{
    atomic_fetch_add_explicit(&self->references, 1, memory_order_relaxed);
}

void kmi_plan_release(kmi_plan *self)
{
    uint32_t v;
    size_t i;

    if (self == NULL || atomic_fetch_sub_explicit(&self->references, 1, memory_order_acq_rel) != 1) return;
    kmi_scorer_set_destroy(self->scorers);
    kmi_physics_destroy(self->physics);
    for (v = 0; self->voxels != NULL && v < self->geometry->volume_count; v++) kmi_voxels_destroy(self->voxels[v]);
    kmi_free(self->voxels);
    kmi_free(self->fills);
    kmi_free(self->sources);
    kmi_free(self->source_sum);
    kmi_free(self->materials);
    kmi_geometry_destroy(self->geometry);
    for (i = 0; i < self->uses.count; i++) kmi_handle_unpin(self->uses.uses[i].bits);
    kmi_free(self->uses.uses);
    kmi_free(self);
}
