/* What a scene is made of: see scene_parts.h. */
#include "simulation/scene_parts.h"

#include <string.h>

#include "base/memory.h"

/* ---- lists ---- */

/* The place in the table where the object is or would be. */
static size_t *find(const kmi_part_list *self, const void *object)
{
    uint64_t hash = (uint64_t)(uintptr_t)object * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(hash >> 32) & (self->table_size - 1);

    while (self->table[i] != 0 && self->objects[self->table[i] - 1] != object) i = (i + 1) & (self->table_size - 1);
    return &self->table[i];
}

static kma_status grow(kmi_part_list *self)
{
    size_t room = self->room == 0 ? 16 : 2 * self->room, i;
    const void **objects = kmi_realloc(self->objects, room * sizeof *objects);
    char **names;
    size_t *table;

    if (objects != NULL) self->objects = objects;
    names = kmi_realloc(self->names, room * sizeof *names);
    if (names != NULL) self->names = names;
    table = kmi_alloc_array(2 * room, sizeof *table);
    if (objects == NULL || names == NULL || table == NULL) {
        kmi_free(table);
        return kmi_fail(KMA_ERR_MEMORY, "no memory for a scene of %zu parts", room);
    }
    kmi_free(self->table);
    self->table = table;
    self->table_size = 2 * room;
    self->room = room;
    for (i = 0; i < self->count; i++) *find(self, self->objects[i]) = i + 1;
    return KMA_OK;
}

kma_status kmi_part_meet(kmi_part_list *self, const void *object, size_t *index_out)
{
    kma_status status = KMA_OK;
    size_t *place;

    if (self->count == self->room) KMI_TRY(grow(self));
    place = find(self, object);
    if (*place == 0) {
        self->objects[self->count] = object;
        self->names[self->count] = NULL;
        *place = ++self->count;
    }
    *index_out = *place - 1;
cleanup:
    return status;
}

size_t kmi_part_index(const kmi_part_list *self, const void *object)
{
    return *find(self, object) - 1;
}

const char *kmi_part_name(const kmi_part_list *self, const void *object)
{
    return self->names[kmi_part_index(self, object)];
}

static void clear_list(kmi_part_list *self)
{
    size_t i;

    for (i = 0; i < self->count; i++) kmi_free(self->names[i]);
    kmi_free(self->objects);
    kmi_free(self->names);
    kmi_free(self->table);
}

/* ---- the scene ---- */

/* With the scene's lock held. */
static kma_status copy_scene(const kmi_scene *scene, kmi_scene_parts *out)
{
    size_t i;

    out->cut_energy = scene->cut_energy;
    out->overlap_action = scene->overlap_action;
    out->overlap_points = scene->overlap_points;
    out->world = scene->world.object;
    out->sources = kmi_alloc_array(scene->sources.count + 1, sizeof *out->sources);
    out->scorers = kmi_alloc_array(scene->scorers.count + 1, sizeof *out->scorers);
    if (out->sources == NULL || out->scorers == NULL)
        return kmi_fail(KMA_ERR_MEMORY, "no memory for a scene of %zu sources and %zu scorers", scene->sources.count,
                        scene->scorers.count);
    for (i = 0; i < scene->sources.count; i++) out->sources[out->source_count++] = scene->sources.uses[i].object;
    for (i = 0; i < scene->scorers.count; i++) out->scorers[out->scorer_count++] = scene->scorers.uses[i].object;
    return KMA_OK;
}

static kma_status add_placed(kmi_scene_parts *self, size_t mother, size_t daughter, const kmi_frame *frame)
{
    size_t room = 2 * self->placed_room + 16;
    kmi_scene_placed *placed;

    if (self->placed_count == self->placed_room) {
        placed = kmi_realloc(self->placed, room * sizeof *placed);
        if (placed == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory for a scene of %zu placements", room);
        self->placed = placed;
        self->placed_room = room;
    }
    self->placed[self->placed_count++] = (kmi_scene_placed){mother, daughter, *frame};
    return KMA_OK;
}

/* All that is placed in the volumes from index `*next` on, and in what that brings. */
static kma_status meet_daughters(kmi_scene_parts *self, size_t *next)
{
    kma_status status = KMA_OK;
    size_t p, daughter;

    for (; *next < self->volumes.count; ++*next) {
        const kmi_volume *v = self->volumes.objects[*next];
        for (p = 0; p < v->placement_count; p++) {
            KMI_TRY(kmi_part_meet(&self->volumes, v->placements[p].daughter, &daughter));
            KMI_TRY(add_placed(self, *next, daughter, &v->placements[p].frame));
        }
    }
cleanup:
    return status;
}

/* Placements are looked at in one piece. What is placed stays so, and alive with the world. */
static kma_status meet_volumes(kmi_scene_parts *self)
{
    kma_status status = KMA_OK;
    size_t next = 0, i, index;

    kmi_describe_lock();
    KMI_TRY(kmi_part_meet(&self->volumes, self->world, &index));
    KMI_TRY(meet_daughters(self, &next));
    for (i = 0; i < self->scorer_count; i++) {
        if (self->scorers[i]->volume == NULL) continue;
        KMI_TRY(kmi_part_meet(&self->volumes, self->scorers[i]->volume, &index));
        KMI_TRY(meet_daughters(self, &next));
    }
cleanup:
    kmi_describe_unlock();
    return status;
}

static kma_status meet_matter(kmi_scene_parts *self)
{
    kma_status status = KMA_OK;
    size_t i, index;

    for (i = 0; i < self->volumes.count; i++) {
        const kmi_volume *v = self->volumes.objects[i];
        if (v->material != NULL) KMI_TRY(kmi_part_meet(&self->materials, v->material, &index));
        if (v->image != NULL) KMI_TRY(kmi_part_meet(&self->images, v->image, &index));
        if (v->ct_table != NULL) KMI_TRY(kmi_part_meet(&self->ct_tables, v->ct_table, &index));
        if (v->solid.kind == KMI_SOLID_MESH) KMI_TRY(kmi_part_meet(&self->meshes, v->solid.u.mesh.mesh, &index));
    }
    for (i = 0; i < self->source_count; i++)
        KMI_TRY(kmi_part_meet(&self->spectra, kmi_source_spectrum(self->sources[i]), &index));
cleanup:
    return status;
}

kma_status kmi_scene_parts_take(kmi_scene *scene, kmi_scene_parts *out)
{
    kma_status status = KMA_OK;

    memset(out, 0, sizeof *out);
    KMI_TRY(kmi_lock_enter(&scene->lock));
    status = copy_scene(scene, out);
    kmi_lock_give(&scene->lock);
    KMI_TRY(status);
    KMI_TRY(meet_volumes(out));
    KMI_TRY(meet_matter(out));
cleanup:
    if (status != KMA_OK) kmi_scene_parts_clear(out);
    return status;
}

void kmi_scene_parts_clear(kmi_scene_parts *self)
{
    clear_list(&self->volumes);
    clear_list(&self->materials);
    clear_list(&self->spectra);
    clear_list(&self->meshes);
    clear_list(&self->images);
    clear_list(&self->ct_tables);
    kmi_free(self->placed);
    kmi_free(self->sources);
    kmi_free(self->scorers);
    memset(self, 0, sizeof *self);
}
