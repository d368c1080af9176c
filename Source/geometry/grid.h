/* A regular grid of cells in space: spacing, origin and direction as ITK has them. */
#ifndef KMI_GRID_H
#define KMI_GRID_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"

/* Cell (i,j,k) has its centre at origin + direction * diag(spacing) * (i,j,k). */
typedef struct kmi_grid {
    size_t count[3];     /* cells in x, y, z, each >= 1 */
    double spacing[3];   /* mm, > 0 */
    double origin[3];    /* centre of cell (0,0,0), mm */
    double direction[9]; /* row major; column c is the unit vector of axis c */
} kmi_grid;

/* KMA_ERR_ARGUMENT unless counts, spacings and the direction (orthonormal within
 * 1e-4 a component, either handedness) are right. */
kma_status kmi_grid_check(const kmi_grid *self);
size_t kmi_grid_cells(const kmi_grid *self);
double kmi_grid_cell_volume(const kmi_grid *self); /* mm3 */

/* The grid prepared for fast look-up from points of an outer frame. */
typedef struct kmi_grid_map {
    double to_index[9]; /* index coordinates = to_index * p + shift; cell i covers [i, i+1) */
    double shift[3];
    int32_t count[3];
} kmi_grid_map;

/* `frame` places the grid's own (physical) space in the outer one. The direction
 * is made exactly orthonormal first (Gram-Schmidt). */
void kmi_grid_map_make(kmi_grid_map *self, const kmi_grid *grid, const kmi_frame *frame);
/* The point of the outer frame at index coordinates (i,j,k), the map's inverse: cell 0's centre is (0.5, 0.5, 0.5). */
kmi_vec3 kmi_grid_cell_point(const kmi_grid *grid, const kmi_frame *frame, double i, double j, double k);

/* Cell index in [0, cells) with x fastest, or -1 outside. */
static inline int64_t kmi_grid_map_cell(const kmi_grid_map *g, kmi_vec3 p)
{
    const double *m = g->to_index;
    double x = m[0] * p.x + m[1] * p.y + m[2] * p.z + g->shift[0];
    double y = m[3] * p.x + m[4] * p.y + m[5] * p.z + g->shift[1];
    double z = m[6] * p.x + m[7] * p.y + m[8] * p.z + g->shift[2];
    if (!(x >= 0 && y >= 0 && z >= 0 && x < g->count[0] && y < g->count[1] && z < g->count[2])) return -1;
    return (int64_t)(int32_t)x + (int64_t)g->count[0] * ((int64_t)(int32_t)y + (int64_t)g->count[1] * (int32_t)z);
}
/* The same, clamped: a point that rounding put just outside belongs to the nearest cell. */
static inline int64_t kmi_grid_map_cell_clamped(const kmi_grid_map *g, kmi_vec3 p)
{
    const double *m = g->to_index;
    double v[3] = {m[0] * p.x + m[1] * p.y + m[2] * p.z + g->shift[0],
                   m[3] * p.x + m[4] * p.y + m[5] * p.z + g->shift[1],
                   m[6] * p.x + m[7] * p.y + m[8] * p.z + g->shift[2]};
    int64_t index[3];
    int c;
    for (c = 0; c < 3; c++) {
        if (!(v[c] >= 0)) v[c] = 0;
        if (v[c] >= g->count[c]) v[c] = g->count[c] - 1;
        index[c] = (int32_t)v[c];
    }
    return index[0] + g->count[0] * (index[1] + (int64_t)g->count[1] * index[2]);
}

#endif
