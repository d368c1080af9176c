/* Makes one vertex of vertices with equal coordinates. */
#ifndef KMI_MESH_WELD_H
#define KMI_MESH_WELD_H

#include <stddef.h>
#include <stdint.h>

#include "base/pulse.h"

/*
 * number_out[i] is the new number of vertex i: vertices are numbered by their first
 * appearance and unique_out (room for all) receives them; -0 becomes 0. All must be finite.
 */
kma_status kmi_mesh_weld(const double *vertices, size_t count, const kmi_pulse *pulse, uint32_t *number_out,
                         double (*unique_out)[3], size_t *unique_count_out);

#endif
