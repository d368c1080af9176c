/* What a scene is made of, before it runs: see kerma/inventory.h. */
#ifndef KMI_INVENTORY_H
#define KMI_INVENTORY_H

#include "base/error.h"
#include "base/pulse.h"
#include "kerma/inventory.h"
#include "transport/plan.h"

/* As kma_inventory_placement; there may be millions. */
typedef struct kmi_placed {
    uint32_t volume;
    int32_t mother, first_daughter, daughters;
    kmi_frame frame;
} kmi_placed;

typedef struct kmi_inventory {
    kma_inventory_info info;
    kma_inventory_fault *faults;       /* [info.faults] */
    size_t fault_room;
    kma_inventory_volume *volumes;     /* [info.volumes] */
    kmi_placed *placements;            /* [info.placements] */
    kma_inventory_material *materials; /* [info.materials] */
    kma_inventory_image *images;       /* [info.images] */
    kma_inventory_image_material **image_materials; /* [info.images][images[i].materials] */
    kma_inventory_source *sources;     /* [info.sources] */
    kma_inventory_scorer *scorers;     /* [info.scorers] */
} kmi_inventory;

kma_status kmi_inventory_new(kmi_scene *scene, const kmi_pulse *pulse, kmi_inventory **out);
void kmi_inventory_destroy(void *inventory); /* NULL is fine */

/* ---- inventory_faults.c ---- */
/* Notes this thread's error text, of a call that failed with `status`. Fails without memory. */
kma_status kmi_inventory_fault(kmi_inventory *self, kma_status status);
/* The scene without what is at fault, which is noted: sources, then (the geometry closed) scorers. `lists` are of its
 * own, the objects the scene's. Free with kmi_inventory_clear_sound. */
kma_status kmi_inventory_sound_sources(kmi_inventory *self, const kmi_scene *scene, kmi_scene *sound);
kma_status kmi_inventory_sound_scorers(kmi_inventory *self, const kmi_scene *scene, const kmi_geometry *geometry,
                                       kmi_scene *sound);
void kmi_inventory_clear_sound(kmi_scene *sound);

/* ---- the parts, of a plan ---- */
kma_status kmi_inventory_volumes(kmi_inventory *self, const kmi_plan *plan);
/* After the volumes: materials too. */
kma_status kmi_inventory_images(kmi_inventory *self, const kmi_plan *plan);

#endif
