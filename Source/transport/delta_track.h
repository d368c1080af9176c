/*
 * Delta tracking through the blocks of an image: a line in index coordinates,
 * the block it is in, and where it leaves that block. Optical depth is spent
 * block by block at the block's majorant, so the tentative collisions are those
 * of a majorant that changes along the line.
 *
 * Woodcock et al., ANL-7050 (1965); a majorant piecewise constant along the
 * flight: Carter, Cashwell, Taylor, Nucl. Sci. Eng. 48 (1972) 403.
 */
#ifndef KMI_DELTA_TRACK_H
#define KMI_DELTA_TRACK_H

#include <math.h>

#include "transport/voxels.h"

typedef struct kmi_block_walk {
    double start[3], slope[3]; /* index coordinates at t: start + t * slope */
    double leave[3];           /* t where the block is left through each axis; INFINITY: never */
    double per_block[3];       /* growth of leave by a block */
    int32_t block[3], step[3];
    const kmi_voxels *voxels;
    const double *majorant;    /* [KMI_CLASSES][segments], at the energy's segment */
} kmi_block_walk;

static inline int32_t kmi_clamp_cell(double coordinate, int32_t count)
{
    if (!(coordinate >= 0)) return 0;
    return coordinate >= count ? count - 1 : (int32_t)coordinate;
}

static inline void kmi_block_walk_start(kmi_block_walk *self, const kmi_voxels *voxels, const kmi_grid_map *map,
                                        kmi_vec3 origin, kmi_vec3 direction, double t, uint32_t segment)
{
    const double *m = map->to_index;
    int c;

    self->voxels = voxels;
    self->majorant = voxels->majorant + segment;
    for (c = 0; c < 3; c++) {
        const double *row = m + 3 * c;
        int32_t border;
        self->start[c] = row[0] * origin.x + row[1] * origin.y + row[2] * origin.z + map->shift[c];
        self->slope[c] = row[0] * direction.x + row[1] * direction.y + row[2] * direction.z;
        self->block[c] = kmi_clamp_cell(self->start[c] + t * self->slope[c], voxels->cells[c]) >> KMI_BLOCK_SHIFT;
        self->step[c] = self->slope[c] > 0 ? 1 : -1;
        border = (self->block[c] + (self->slope[c] > 0)) << KMI_BLOCK_SHIFT;
        self->leave[c] = self->slope[c] != 0 ? (border - self->start[c]) / self->slope[c] : INFINITY;
        self->per_block[c] = fabs((double)(1 << KMI_BLOCK_SHIFT) / self->slope[c]);
    }
}

static inline double kmi_block_walk_majorant(const kmi_block_walk *self)
{
    const kmi_voxels *v = self->voxels;
    size_t block = (size_t)self->block[0] +
                   (size_t)v->blocks[0] * ((size_t)self->block[1] + (size_t)v->blocks[1] * (size_t)self->block[2]);
    return self->majorant[v->block_class[block] * v->segments];
}

/* The axis through which the block is left first. */
static inline int kmi_block_walk_axis(const kmi_block_walk *self)
{
    int axis = self->leave[0] <= self->leave[1] ? 0 : 1;
    return self->leave[axis] <= self->leave[2] ? axis : 2;
}

/* Into the next block; at the edge of the image the walk stays in the last one, whose end is the image's. */
static inline void kmi_block_walk_on(kmi_block_walk *self, int axis)
{
    int32_t next = self->block[axis] + self->step[axis];
    if (next < 0 || next >= self->voxels->blocks[axis]) {
        self->leave[axis] = INFINITY;
        return;
    }
    self->block[axis] = next;
    self->leave[axis] += self->per_block[axis];
}

/* The voxel at t. */
static inline int64_t kmi_block_walk_cell(const kmi_block_walk *self, double t)
{
    const kmi_voxels *v = self->voxels;
    int64_t x = kmi_clamp_cell(self->start[0] + t * self->slope[0], v->cells[0]);
    int64_t y = kmi_clamp_cell(self->start[1] + t * self->slope[1], v->cells[1]);
    int64_t z = kmi_clamp_cell(self->start[2] + t * self->slope[2], v->cells[2]);
    return x + v->cells[0] * (y + v->cells[1] * z);
}

#endif
