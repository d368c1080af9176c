/*
 * The closed geometry: the tree of placements, flattened, immutable, shared by
 * all workers. An *instance* is one placement of a logical volume, under one
 * particular chain of mothers (Geant4's touchable).
 */
#ifndef KMI_GEOMETRY_H
#define KMI_GEOMETRY_H

#include "geometry/volume.h"

enum { KMI_OUTSIDE = -1 };

typedef struct kmi_instance {
    const kmi_solid *solid;
    const kmi_volume *volume;
    kmi_frame frame;         /* solid's frame -> world */
    kmi_box3 bounds;         /* of the solid, in the world, rounded outward by the contact length */
    int32_t mother;          /* KMI_OUTSIDE for the world volume, which is instance 0 */
    int32_t first_daughter;  /* daughters are contiguous, in declared order */
    int32_t daughter_count;
    uint32_t volume_index;   /* of the logical volume, in order of first meeting */
} kmi_instance;

typedef struct kmi_geometry {
    kmi_instance *instances;
    int32_t instance_count;
    const kmi_volume **volumes; /* [volume_count] each logical volume once */
    uint32_t volume_count;
    struct kmi_daughter_tree **trees; /* [volume_count] NULL for a volume of few daughters */
    double contact;             /* mm: gaps and overlaps below this are contact */
} kmi_geometry;

/* Flattens the tree below `world` (breadth first). KMA_ERR_GEOMETRY names the volumes of a
 * cycle, more than 10 million instances, more than 1000 levels, or a solid that is thinner
 * than the contact length. The volumes must outlive it (the plan holds uses). */
kma_status kmi_geometry_close(const kmi_volume *world, kmi_geometry **out);
void kmi_geometry_destroy(kmi_geometry *self);

#endif
