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
    bool is_placed;          /* somewhere, once: only then can it be inside of anything */
    struct kmi_volume *next; /* for walks over the tree, and for destruction */
    uint64_t seen;           /* the walk that met it last */
} kmi_volume;

/*
 * One lock guards the placements of all volumes: placing is rare, and the
 * search for cycles looks at many of them. Everything else of a volume never
 * changes once it is made.
 */
void kmi_describe_lock(void);
void kmi_describe_unlock(void);

/* Copies the name and the solid (whose uses stay the caller's until the fields above are set). */
kma_status kmi_volume_new(const char *name, const kmi_solid *solid, kmi_volume **out);
/* Drops the uses that the fields hold. Not recursive, however deep the tree. NULL is fine. */
void kmi_volume_destroy(void *volume);
/* Places a daughter. KMA_ERR_GEOMETRY names both if the mother is somewhere inside the daughter.
 * On success the volume holds the use `daughter_bits` (0: none). */
kma_status kmi_volume_add(kmi_volume *mother, kmi_volume *daughter, uint64_t daughter_bits, const kmi_frame *frame);

#endif
