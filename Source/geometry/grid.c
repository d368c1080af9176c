/* Regular grids: see grid.h. */
#include "geometry/grid.h"

#include "geometry/frame.h"

static const double direction_tolerance = 1e-4; /* headers of real images carry four to six digits */
static const double cells_max = 1e12;           /* far above any memory; products below stay exact */

kma_status kmi_grid_check(const kmi_grid *self)
{
    double error, cells = 1;
    int c;

    for (c = 0; c < 3; c++) {
        if (self->count[c] < 1 || self->count[c] > INT32_MAX)
            return kmi_fail(KMA_ERR_ARGUMENT, "the grid has %zu cells along %c (must be 1 to %d)", self->count[c],
                            "xyz"[c], INT32_MAX);
        cells *= (double)self->count[c];
        if (!(self->spacing[c] > 0 && self->spacing[c] <= 1e9))
            return kmi_fail(KMA_ERR_ARGUMENT, "spacing[%d] is %g mm (must be above 0 and at most 1e9)", c,
                            self->spacing[c]);
        if (!(fabs(self->origin[c]) <= 1e9))
            return kmi_fail(KMA_ERR_ARGUMENT, "origin[%d] is %g mm (must be within 1e9 of 0)", c, self->origin[c]);
    }
    if (cells > cells_max)
        return kmi_fail(KMA_ERR_ARGUMENT, "the grid has %zu x %zu x %zu cells (at most %g)", self->count[0],
                        self->count[1], self->count[2], cells_max);
    error = kmi_orthonormal_error(self->direction);
    if (!(error <= direction_tolerance))
        return kmi_fail(KMA_ERR_ARGUMENT,
                        "the columns of the grid's direction are not orthonormal: off by %g (at most %g)", error,
                        direction_tolerance);
    return KMA_OK;
}

size_t kmi_grid_cells(const kmi_grid *self) { return self->count[0] * self->count[1] * self->count[2]; }

double kmi_grid_cell_volume(const kmi_grid *self) { return self->spacing[0] * self->spacing[1] * self->spacing[2]; }

void kmi_grid_map_make(kmi_grid_map *self, const kmi_grid *grid, const kmi_frame *frame)
{
    kmi_frame physical, outer;
    double origin[3];
    int r, c;

    kmi_orthonormalise(grid->direction, physical.rotation);
    physical = kmi_frame_make(physical.rotation, kmi_vec(grid->origin[0], grid->origin[1], grid->origin[2]));
    outer = kmi_frame_compose(frame, &physical); /* centre of cell 0, axes of the cells -> outer frame */
    origin[0] = outer.translation.x;
    origin[1] = outer.translation.y;
    origin[2] = outer.translation.z;
    for (r = 0; r < 3; r++) {
        self->shift[r] = 0.5;
        for (c = 0; c < 3; c++) {
            self->to_index[3 * r + c] = outer.rotation[3 * c + r] / grid->spacing[r];
            self->shift[r] -= self->to_index[3 * r + c] * origin[c];
        }
        self->count[r] = (int32_t)grid->count[r];
    }
}

kmi_vec3 kmi_grid_cell_point(const kmi_grid *grid, const kmi_frame *frame, double i, double j, double k)
{
    double d[9];
    double a = (i - 0.5) * grid->spacing[0], b = (j - 0.5) * grid->spacing[1], c = (k - 0.5) * grid->spacing[2];

    kmi_orthonormalise(grid->direction, d);
    return kmi_to_mother(frame, kmi_vec(grid->origin[0] + d[0] * a + d[1] * b + d[2] * c,
                                        grid->origin[1] + d[3] * a + d[4] * b + d[5] * c,
                                        grid->origin[2] + d[6] * a + d[7] * b + d[8] * c));
}
