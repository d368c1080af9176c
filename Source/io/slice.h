/* Plane sections of images, turned as people look at them. */
#ifndef KMI_SLICE_H
#define KMI_SLICE_H

#include <stdbool.h>

#include "geometry/image.h"

/*
 * A slice across one axis of a grid. Columns run along the remaining axis that is nearest to the world's x (or y),
 * rising to the right; rows rise upward if they run along the world's z, downward else: in ITK's frame (LPS) a
 * transverse slice looks as radiologists hang it, the others stand upright.
 */
typedef struct kmi_slice {
    size_t width, height;
    double pixel_width, pixel_height; /* mm */
    int axis, column_axis, row_axis;  /* of the grid */
    bool column_reversed, row_reversed;
    size_t index; /* along `axis` */
    kmi_grid grid;
} kmi_slice;

/* KMA_ERR_ARGUMENT if there is no such axis (0, 1, 2) or slice. */
kma_status kmi_slice_make(const kmi_grid *grid, int axis, size_t index, kmi_slice *out);
/* Index (i, j, k) of the pixel in `column` of `row`, counted from the upper left. */
void kmi_slice_index(const kmi_slice *self, size_t column, size_t row, size_t index[3]);
/* out[height][width]: the values of `image`, which may lie on another grid: the voxel around each pixel's centre,
 * nan outside. */
void kmi_slice_values(const kmi_slice *self, const kmi_image *image, float *out);

#endif
