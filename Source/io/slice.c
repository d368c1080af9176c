/* See slice.h. */
#include "io/slice.h"

#include <math.h>
#include <string.h>

/* The world axis that an axis of the grid is nearest to, and whether it points backward there. */
static int nearest(const kmi_grid *grid, int axis, bool *backward)
{
    int best = 0, i;

    for (i = 1; i < 3; i++)
        if (fabs(grid->direction[3 * i + axis]) > fabs(grid->direction[3 * best + axis])) best = i;
    *backward = grid->direction[3 * best + axis] < 0;
    return best;
}

kma_status kmi_slice_make(const kmi_grid *grid, int axis, size_t index, kmi_slice *out)
{
    int column = axis == 0 ? 1 : 0, row = axis == 2 ? 1 : 2, world_column, world_row;
    bool column_backward, row_backward;

    memset(out, 0, sizeof *out);
    if (axis < 0 || axis > 2) return kmi_fail(KMA_ERR_ARGUMENT, "axis is %d (0, 1 or 2: x, y or z of the image)", axis);
    if (index >= grid->count[axis])
        return kmi_fail(KMA_ERR_ARGUMENT, "there is no slice %zu: the image has %zu along %c", index, grid->count[axis],
                        "xyz"[axis]);
    world_column = nearest(grid, column, &column_backward);
    world_row = nearest(grid, row, &row_backward);
    if (world_column > world_row) {
        int swap = column;
        bool swap_backward = column_backward;
        column = row;
        row = swap;
        column_backward = row_backward;
        row_backward = swap_backward;
        world_row = world_column;
    }
    out->axis = axis;
    out->index = index;
    out->grid = *grid;
    out->column_axis = column;
    out->row_axis = row;
    out->column_reversed = column_backward;
    out->row_reversed = world_row == 2 ? !row_backward : row_backward;
    out->width = grid->count[column];
    out->height = grid->count[row];
    out->pixel_width = grid->spacing[column];
    out->pixel_height = grid->spacing[row];
    return KMA_OK;
}

void kmi_slice_index(const kmi_slice *self, size_t column, size_t row, size_t index[3])
{
    index[self->axis] = self->index;
    index[self->column_axis] = self->column_reversed ? self->width - 1 - column : column;
    index[self->row_axis] = self->row_reversed ? self->height - 1 - row : row;
}

static bool same_grid(const kmi_grid *a, const kmi_grid *b)
{
    return memcmp(a->count, b->count, sizeof a->count) == 0 && memcmp(a->spacing, b->spacing, sizeof a->spacing) == 0 &&
           memcmp(a->origin, b->origin, sizeof a->origin) == 0 &&
           memcmp(a->direction, b->direction, sizeof a->direction) == 0;
}

/* The voxel of `grid` at a point; false outside. */
static bool voxel_at(const kmi_grid *grid, const double point[3], size_t index[3])
{
    double at[3];
    int c;

    kmi_grid_index_of_point(grid, point, at);
    for (c = 0; c < 3; c++) {
        double nearest_whole = floor(at[c] + 0.5);
        if (!(nearest_whole >= 0 && nearest_whole < (double)grid->count[c])) return false;
        index[c] = (size_t)nearest_whole;
    }
    return true;
}

void kmi_slice_values(const kmi_slice *self, const kmi_image *image, float *out)
{
    const kmi_grid *grid = kmi_image_grid(image);
    bool same = same_grid(grid, &self->grid);
    size_t row, column, index[3];

    for (row = 0; row < self->height; row++) {
        for (column = 0; column < self->width; column++) {
            bool inside = true;
            kmi_slice_index(self, column, row, index);
            if (!same) {
                double from[3] = {(double)index[0], (double)index[1], (double)index[2]}, point[3];
                kmi_grid_point_of_index(&self->grid, from, point);
                inside = voxel_at(grid, point, index);
            }
            *out++ = inside ? (float)kmi_image_value(image, index[0] + grid->count[0] * (index[1] + grid->count[1] * index[2]))
                            : NAN;
        }
    }
}
