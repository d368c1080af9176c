/* The public functions of kerma/inventory.h. */
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "base/sized.h"
#include "geometry/frame.h"
#include "inventory/inventory.h"

const char *kma_mass_method_name(kma_mass_method method)
{
    switch (method) {
    case KMA_MASS_ANALYTIC: return "analytic";
    case KMA_MASS_MESH: return "mesh";
    case KMA_MASS_VOXELS: return "voxels";
    case KMA_MASS_SAMPLED: return "sampled";
    }
    return "?";
}

/* ---- making ---- */

kma_status kma_inventory_create(kma_scene scene, kma_inventory *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_inventory *self = NULL;
    void *object = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    KMI_TRY(kmi_handle_pin(KMA_KIND_SCENE, scene.bits, &object));
    KMI_TRY(kmi_inventory_new(object, &kmi_thread_pulse, &self));
    KMI_TRY(kmi_handle_create(KMA_KIND_INVENTORY, self, kmi_inventory_destroy, &out->bits));
    self = NULL;
cleanup:
    kmi_inventory_destroy(self);
    if (object != NULL) kmi_handle_unpin(scene.bits);
    return status;
}

kma_status kma_inventory_retain(kma_inventory self)
{
    return kmi_handle_retain(KMA_KIND_INVENTORY, self.bits);
}

kma_status kma_inventory_release(kma_inventory *self)
{
    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    return kmi_handle_release(KMA_KIND_INVENTORY, &self->bits);
}

/* ---- reading ---- */

/* What all readers do first. */
static kma_status begin(kma_inventory self, void *out, size_t size, const char *type, const kmi_inventory **inventory)
{
    kma_status status = KMA_OK;
    void *object = NULL;

    KMI_TRY(kmi_sized_begin(out, size, type));
    KMI_TRY(kmi_handle_pin(KMA_KIND_INVENTORY, self.bits, &object));
cleanup:
    *inventory = object;
    return status;
}

static kma_status below(size_t index, size_t count, const char *what)
{
    if (index < count) return KMA_OK;
    return kmi_fail(KMA_ERR_ARGUMENT, "index is %zu, the inventory has %zu %s", index, count, what);
}

kma_status kma_inventory_get_info(kma_inventory self, kma_inventory_info *out)
{
    KMI_FLOATS;
    const kmi_inventory *i;
    kma_status status = begin(self, out, sizeof *out, "kma_inventory_info", &i);

    if (status != KMA_OK) return status;
    *out = i->info;
    kmi_handle_unpin(self.bits);
    return KMA_OK;
}

/* A getter of element `index` of an array of the inventory. */
#define GETTER(function, type, count, array)                                   \
    kma_status function(kma_inventory self, size_t index, type *out)           \
    {                                                                          \
        const kmi_inventory *i;                                                \
        kma_status status = begin(self, out, sizeof *out, #type, &i);          \
                                                                               \
        if (status != KMA_OK) return status;                                   \
        status = below(index, i->info.count, #count);                          \
        if (status == KMA_OK) *out = i->array[index];                          \
        kmi_handle_unpin(self.bits);                                           \
        return status;                                                         \
    }

GETTER(kma_inventory_get_fault, kma_inventory_fault, faults, faults)
GETTER(kma_inventory_get_volume, kma_inventory_volume, volumes, volumes)
GETTER(kma_inventory_get_material, kma_inventory_material, materials, materials)
GETTER(kma_inventory_get_image, kma_inventory_image, images, images)
GETTER(kma_inventory_get_source, kma_inventory_source, sources, sources)
GETTER(kma_inventory_get_scorer, kma_inventory_scorer, scorers, scorers)

kma_status kma_inventory_get_image_material(kma_inventory self, size_t image, size_t index,
                                            kma_inventory_image_material *out)
{
    KMI_FLOATS;
    const kmi_inventory *i;
    kma_status status = begin(self, out, sizeof *out, "kma_inventory_image_material", &i);

    if (status != KMA_OK) return status;
    status = below(image, i->info.images, "images");
    if (status == KMA_OK) status = below(index, i->images[image].materials, "materials of this image");
    if (status == KMA_OK) *out = i->image_materials[image][index];
    kmi_handle_unpin(self.bits);
    return status;
}

static void put_vector(double out[3], kmi_vec3 v)
{
    out[0] = v.x;
    out[1] = v.y;
    out[2] = v.z;
}

static void describe(const kmi_inventory *inventory, const kmi_placed *p, kma_inventory_placement *out)
{
    const kma_inventory_volume *v = &inventory->volumes[p->volume];
    kmi_box3 box = {kmi_vec(v->low[0], v->low[1], v->low[2]), kmi_vec(v->high[0], v->high[1], v->high[2])};

    out->volume = p->volume;
    out->mother = p->mother == KMI_OUTSIDE ? KMA_INVENTORY_NONE : (size_t)p->mother;
    out->first_daughter = (size_t)p->first_daughter;
    out->daughters = (size_t)p->daughters;
    put_vector(out->translation, p->frame.translation);
    memcpy(out->rotation, p->frame.rotation, sizeof out->rotation);
    box = kmi_frame_box(&p->frame, &box);
    put_vector(out->low, box.low);
    put_vector(out->high, box.high);
}

kma_status kma_inventory_get_placement(kma_inventory self, size_t index, kma_inventory_placement *out)
{
    KMI_FLOATS;
    const kmi_inventory *i;
    kma_status status = begin(self, out, sizeof *out, "kma_inventory_placement", &i);

    if (status != KMA_OK) return status;
    status = below(index, i->info.placements, "placements");
    if (status == KMA_OK) describe(i, &i->placements[index], out);
    kmi_handle_unpin(self.bits);
    return status;
}
