/* Does a mesh's surface come near a box? For measuring what lies in the cells of a grid. */
#ifndef KMI_MESH_BOX_H
#define KMI_MESH_BOX_H

#include "geometry/mesh.h"

/* False only if no facet touches the box (in the mesh's frame): then all of the box is inside, or all outside.
 * True may be a false alarm, near the edges of large facets. */
bool kmi_mesh_touches_box(const kmi_mesh *self, const kmi_box3 *box);

#endif
