/* Building the energy grid and the cross-sections of kmi_physics. */
#ifndef KMI_CROSS_SECTIONS_H
#define KMI_CROSS_SECTIONS_H

#include "physics/physics.h"

/* Fills keys, start, border, grid, segments, energy_end from energy_min and energy_max. */
kma_status kmi_cross_sections_make_grid(kmi_physics *self);
/* Fills column `index` of total and part. */
kma_status kmi_cross_sections_fill(kmi_physics *self, uint32_t index, const kmi_material *material);

#endif
