/* kerma/mesh.h */
KMP_HANDLE(kma_mesh)
KMP_HANDLE(kma_mesh_builder)
%ignore kma_mesh_place;
KMP_STRUCT_OUT(kma_mesh_report, kmp_mesh_report, out, 0)
KMP_STRUCT_OUT(kma_mesh_report, kmp_mesh_report, report_out, 0)
%nothread kma_mesh_get_report;
%nothread kma_mesh_count_facets;
%nothread kma_mesh_count_vertices;
%nothread kma_mesh_get_volume;
%nothread kma_mesh_get_surface_area;
%nothread kma_mesh_get_bounds;
%nothread kma_mesh_builder_create;
/* Calls on a builder wait for one another, so for its close, which makes the mesh: they let the GIL go. */
KMP_LONG(kma_mesh_create_arrays)
KMP_LONG(kma_mesh_audit_arrays)
KMP_LONG(kma_mesh_read_stl)
KMP_LONG(kma_mesh_audit_stl)
%include "kerma/mesh.h"
