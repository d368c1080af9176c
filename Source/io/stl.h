/* STL files: triangles without connection, as text or binary. */
#ifndef KMI_STL_H
#define KMI_STL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file.h"
#include "base/pulse.h"
#include "geometry/mesh.h"

/*
 * Reads what a file holds. corners_out receives [facet_count][3][3] in the file's unit times
 * `unit_mm`; free with kmi_free. KMA_ERR_FORMAT with the line or the facet number.
 */
kma_status kmi_stl_parse(const char *bytes, size_t size, double unit_mm, const kmi_pulse *pulse, double **corners_out,
                         size_t *facet_count_out);
/*
 * Whether a file of `size` bytes that begins with head[head_size] can be STL at all: false sets the error text. A few
 * bytes tell, so that a large file that is none is not read.
 */
enum { KMI_STL_HEAD = 4096 };
kma_status kmi_stl_check_head(const char *head, size_t head_size, size_t size, bool *binary_out);

/*
 * Writes a mesh such that what is read is the same facets, in the same order, to the bit: binary if all coordinates are
 * float32, else text with shortest round-trip decimals. In mm. KMA_ERR_STATE if it would be too large to be read.
 */
kma_status kmi_stl_write(const kmi_mesh *mesh, const char *path, kmi_file_batch *batch);
#define KMI_STL_SIZE_MAX (UINT64_C(1) << 36) /* bytes that are read: text of the largest mesh */

#endif
