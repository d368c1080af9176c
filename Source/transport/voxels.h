/*
 * An image volume ready for delta tracking. A voxel is a 16-bit index into
 * the distinct (material, density) pairs of the image, so that look-ups stay
 * in the cache: 2 bytes a voxel and a table of some thousand pairs. An image
 * with more than 65,536 pairs keeps a pair for each voxel instead.
 *
 * One majorant for a whole image would make its densest voxel the price of all:
 * a metal filling costs a chest 25 null collisions for each real one. So the
 * pairs are sorted into a few classes by how strongly they attenuate, and the
 * image into blocks of 8 x 8 x 8 voxels; a block's class is the highest of its
 * voxels and of the layer of voxels around it (a point that rounding puts across
 * the border is covered), and each class has a majorant of its own.
 */
#ifndef KMI_VOXELS_H
#define KMI_VOXELS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pulse.h"
#include "geometry/image.h"
#include "physics/physics.h"

enum { KMI_CLASSES = 8, KMI_BLOCK_SHIFT = 3 };

typedef struct kmi_voxels {
    size_t count;
    uint16_t *index;      /* [count] into pairs, or NULL */
    kmi_ct_voxel *pairs;  /* [pair_count], or [count] if index is NULL; materials as of the plan */
    size_t pair_count;
    int32_t cells[3];      /* voxels in x, y, z */
    int32_t blocks[3];
    uint8_t *block_class;  /* [blocks z][y][x] */
    double *majorant;      /* [KMI_CLASSES][segments of the physics] 1/mm; rising with the class */
    size_t segments;
    uint64_t below, above; /* voxels whose number the table clamped */
} kmi_voxels;

/* Converts an image by its table. The table's material m is the plan's first_material + m. The majorant is made later. */
kma_status kmi_voxels_new(const kmi_image *image, const kmi_ct_table *table, uint32_t first_material,
                          const kmi_pulse *pulse, kmi_voxels **out);
/* Makes classes, blocks and majorants; materials = all of the plan. The classes are told apart at `energy`, MeV;
 * the majorants hold at every energy. */
kma_status kmi_voxels_make_majorants(kmi_voxels *self, const kmi_physics *physics, size_t materials, double energy,
                                     const kmi_pulse *pulse);
size_t kmi_voxels_bytes(const kmi_voxels *self); /* of memory */
void kmi_voxels_destroy(kmi_voxels *self);

static inline kmi_ct_voxel kmi_voxels_at(const kmi_voxels *self, int64_t cell)
{
    return self->pairs[self->index != NULL ? (int64_t)self->index[cell] : cell];
}

#endif
