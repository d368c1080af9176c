/* Volumes, their masses, and where they are placed. */
#include <string.h>

#include "base/memory.h"
#include "geometry/frame.h"
#include "inventory/inventory.h"

static kma_status no_memory(size_t n, const char *of)
{
    return kmi_fail(KMA_ERR_MEMORY, "no memory for the inventory of %zu %s", n, of);
}

static void put_vector(double out[3], kmi_vec3 v)
{
    out[0] = v.x;
    out[1] = v.y;
    out[2] = v.z;
}

static void describe_shape(const kmi_solid *s, kma_inventory_volume *out)
{
    put_vector(out->low, s->bounds.low);
    put_vector(out->high, s->bounds.high);
    out->solid_volume = kmi_solid_volume(s);
    out->shape = kmi_solid_dimensions(s, out->dimensions);
    if (out->shape == KMA_SHAPE_MESH) out->mesh = *kmi_mesh_report(s->u.mesh.mesh);
}

/* One volume, of any of its placements: they are alike. */
static kma_status describe_volume(const kmi_plan *plan, int32_t instance, kma_inventory_volume *out)
{
    kma_status status = KMA_OK;
    const kmi_geometry *g = plan->geometry;
    const kmi_instance *v = &g->instances[instance];
    bool meshes = v->solid->kind == KMI_SOLID_MESH;
    kmi_volume_mass mass;
    int32_t i;

    out->size = sizeof *out;
    strncpy(out->name, v->volume->name, sizeof out->name - 1);
    describe_shape(v->solid, out);
    out->material = plan->fills[instance].kind == KMI_FILL_SOLID ? plan->fills[instance].material : KMA_INVENTORY_NONE;
    out->density = plan->fills[instance].density;
    out->image = KMA_INVENTORY_NONE;
    out->daughters = (size_t)v->daughter_count;
    out->volume = out->solid_volume;
    for (i = v->first_daughter; i < v->first_daughter + v->daughter_count; i++) {
        out->volume -= kmi_solid_volume(g->instances[i].solid);
        meshes = meshes || g->instances[i].solid->kind == KMI_SOLID_MESH;
    }
    out->volume = fmax(out->volume, 0); /* daughters that fill it leave a rounding error, of either sign */
    KMI_TRY(kmi_volume_mass_of(g, &plan->density, instance, &mass));
    out->mass = mass.grams;
    out->mass_uncertainty = mass.uncertainty;
    out->method = meshes ? KMA_MASS_MESH : KMA_MASS_ANALYTIC;
    if (out->shape == KMA_SHAPE_IMAGE) out->method = mass.sampled > 0 ? KMA_MASS_SAMPLED : KMA_MASS_VOXELS;
cleanup:
    return status;
}

/* Daughters have higher numbers than their mothers: from the last to the first, each is whole when its mother needs it.
 */
static kma_status sum_masses(kmi_inventory *self, const kmi_geometry *g)
{
    kma_status status = KMA_OK;
    double *with = kmi_alloc_array((size_t)g->instance_count, sizeof *with);
    int32_t i;

    if (with == NULL) KMI_TRY(no_memory((size_t)g->instance_count, "placements"));
    for (i = g->instance_count - 1; i >= 0; i--) {
        kma_inventory_volume *v = &self->volumes[g->instances[i].volume_index];
        with[i] += v->mass;
        v->mass_with_daughters = with[i];
        if (i > 0) with[g->instances[i].mother] += with[i];
    }
cleanup:
    kmi_free(with);
    return status;
}

static kma_status list_placements(kmi_inventory *self, const kmi_geometry *g)
{
    int32_t i;

    self->placements = kmi_alloc_array((size_t)g->instance_count, sizeof *self->placements);
    if (self->placements == NULL) return no_memory((size_t)g->instance_count, "placements");
    for (i = 0; i < g->instance_count; i++) {
        const kmi_instance *v = &g->instances[i];
        self->placements[i] =
            (kmi_placed){v->volume_index, v->mother, v->first_daughter, v->daughter_count, v->frame};
        self->volumes[v->volume_index].placements++;
    }
    self->info.placements = (size_t)g->instance_count;
    return KMA_OK;
}

kma_status kmi_inventory_volumes(kmi_inventory *self, const kmi_plan *plan)
{
    kma_status status = KMA_OK;
    const kmi_geometry *g = plan->geometry;
    int32_t i;

    self->volumes = kmi_alloc_array(g->volume_count, sizeof *self->volumes);
    if (self->volumes == NULL) KMI_TRY(no_memory(g->volume_count, "volumes"));
    self->info.volumes = g->volume_count;
    for (i = 0; i < g->instance_count; i++) {
        kma_inventory_volume *v = &self->volumes[g->instances[i].volume_index];
        if (v->size == 0) KMI_TRY(describe_volume(plan, i, v));
    }
    KMI_TRY(list_placements(self, g));
    KMI_TRY(sum_masses(self, g));
cleanup:
    return status;
}
