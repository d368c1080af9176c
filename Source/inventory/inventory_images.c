/* Materials, and what of each image became which. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "geometry/image.h"
#include "inventory/inventory.h"
#include "physics/ct_table.h"

static kma_status no_memory(void)
{
    return kmi_fail(KMA_ERR_MEMORY, "no memory for the materials of an inventory");
}

/* ---- materials ---- */

static kma_status list_materials(kmi_inventory *self, const kmi_plan *plan)
{
    size_t i, k;

    self->materials = kmi_alloc_array(plan->material_count, sizeof *self->materials);
    if (self->materials == NULL) return no_memory();
    for (i = 0; i < plan->material_count; i++) {
        const kmi_material *m = plan->materials[i];
        kma_inventory_material *out = &self->materials[i];
        out->size = sizeof *out;
        strncpy(out->name, m->name, sizeof out->name - 1);
        out->density = m->density;
        out->elements = m->count;
        for (k = 0; k < m->count; k++) {
            out->z[k] = m->z[k];
            out->fraction[k] = m->fraction[k];
        }
    }
    self->info.materials = plan->material_count;
    for (i = 0; i < self->info.volumes; i++)
        if (self->volumes[i].material != KMA_INVENTORY_NONE) self->materials[self->volumes[i].material].volumes++;
    return KMA_OK;
}

/* ---- one image ---- */

/* The plan's number of the table's first material: an instance of the image was filled with it. */
static size_t first_material(const kmi_plan *plan, const kmi_ct_table *table)
{
    size_t i;

    for (i = 0; i < plan->material_count && plan->materials[i] != kmi_ct_table_material(table, 0); i++) continue;
    return i;
}

/* How many voxels became which pair of material and density. */
static kma_status count_pairs(const kmi_voxels *voxels, uint64_t **out)
{
    size_t i;

    *out = kmi_alloc_array(voxels->pair_count, sizeof **out);
    if (*out == NULL) return no_memory();
    for (i = 0; i < voxels->count; i++) (*out)[voxels->index != NULL ? voxels->index[i] : i]++;
    return KMA_OK;
}

static kma_status sum_materials(const kmi_voxels *voxels, double voxel_volume, size_t first,
                                kma_inventory_image *image, kma_inventory_image_material **out)
{
    kma_status status = KMA_OK;
    uint64_t *count = NULL;
    size_t i;

    KMI_TRY(count_pairs(voxels, &count));
    *out = kmi_alloc_array(image->materials, sizeof **out);
    if (*out == NULL) KMI_TRY(no_memory());
    for (i = 0; i < image->materials; i++) {
        (*out)[i].size = sizeof (*out)[i];
        (*out)[i].material = first + i;
    }
    for (i = 0; i < voxels->pair_count; i++) {
        double density = voxels->pairs[i].density;
        kma_inventory_image_material *m = &(*out)[voxels->pairs[i].material - first];
        if (count[i] == 0) continue;
        if (m->voxels == 0 || density < m->density_low) m->density_low = density;
        if (m->voxels == 0 || density > m->density_high) m->density_high = density;
        m->voxels += count[i];
        m->mass += 1e-3 * (double)count[i] * voxel_volume * density; /* g/cm3 mm3 */
    }
    for (i = 0; i < image->materials; i++) image->mass += (*out)[i].mass;
cleanup:
    kmi_free(count);
    return status;
}

static kma_status describe_image(kmi_inventory *self, const kmi_plan *plan, uint32_t v, size_t index)
{
    kma_status status = KMA_OK;
    const kmi_volume *volume = plan->geometry->volumes[v];
    const kmi_image *image = volume->image;
    const kmi_voxels *voxels = plan->voxels[v];
    kma_inventory_image *out = &self->images[index];
    kma_image_statistics statistics;
    size_t first = first_material(plan, volume->ct_table), i;

    out->size = sizeof *out;
    out->volume = v;
    kmi_geometry_of_grid(&image->grid, &out->geometry);
    out->type = image->type;
    out->voxels = voxels->count;
    kmi_image_statistics(image, &statistics);
    out->lowest = statistics.lowest;
    out->highest = statistics.highest;
    kmi_ct_table_range(volume->ct_table, &out->table_low, &out->table_high);
    out->below = voxels->below;
    out->above = voxels->above;
    out->materials = kmi_ct_table_material_count(volume->ct_table);
    KMI_ASSERT(first + out->materials <= plan->material_count);
    KMI_TRY(sum_materials(voxels, kmi_grid_cell_volume(&image->grid), first, out, &self->image_materials[index]));
    for (i = 0; i < out->materials; i++) self->materials[first + i].voxels += self->image_materials[index][i].voxels;
    self->volumes[v].image = index;
    self->volumes[v].density = 1e3 * out->mass / self->volumes[v].solid_volume;
cleanup:
    return status;
}

kma_status kmi_inventory_images(kmi_inventory *self, const kmi_plan *plan)
{
    kma_status status = KMA_OK;
    size_t count = 0;
    uint32_t v;

    KMI_TRY(list_materials(self, plan));
    for (v = 0; v < plan->geometry->volume_count; v++) count += plan->voxels[v] != NULL;
    self->images = kmi_alloc_array(count, sizeof *self->images);
    self->image_materials = kmi_alloc_array(count, sizeof *self->image_materials);
    if (self->images == NULL || self->image_materials == NULL) KMI_TRY(no_memory());
    self->info.images = count;
    for (v = 0, count = 0; v < plan->geometry->volume_count; v++)
        if (plan->voxels[v] != NULL) KMI_TRY(describe_image(self, plan, v, count++));
cleanup:
    return status;
}
