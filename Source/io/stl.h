/* STL files: triangles without connection, as text or binary. */
#ifndef KMI_STL_H
#define KMI_STL_H

#include <stddef.h>

#include "base/error.h"

/*
 * Reads what a file holds. corners_out receives [facet_count][3][3] in the file's unit times
 * `unit_mm`; free with kmi_free. KMA_ERR_FORMAT with the line or the facet number.
 */
kma_status kmi_stl_parse(const char *bytes, size_t size, double unit_mm, double **corners_out,
                         size_t *facet_count_out);

#endif
