/* Logical volumes as users describe them: a solid or an image, and placed daughters. */
#ifndef KMI_VOLUME_H
#define KMI_VOLUME_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "geometry/solid.h"

typedef struct kmi_placement {
    struct kmi_volume *daughter;
    uint64_t daughter_bits; /* a use */
    kmi_frame frame;        /* daughter's frame -> mother's */
} kmi_placement;

/* What fills a volume: opaque here (physics and images are other folders' business);
 * the handles are pinned by the volume and read by transport/plan.c. */
typedef struct kmi_volume {
    char *name;
    kmi_solid solid;         /* for an image: KMI_SOLID_GRID */
    uint64_t solid_bits;     /* a use of the solid it was made from; 0 for an image */
    uint64_t material_bits;  /* a use; 0 for an image */
    void *material;
    uint64_t image_bits;     /* a use; 0 unless it is an image volume */
    void *image;
    uint64_t ct_table_bits;
    void *ct_table;
    kmi_placement *placements;
    size_t placement_count, placement_room;
    uint64_t self_bits;      /* its own handle's bits, without owning them */
} kmi_volume;

#endif
