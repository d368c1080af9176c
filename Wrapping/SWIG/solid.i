/* kerma/solid.h */
KMP_HANDLE(kma_solid)
%nothread kma_solid_create_box;
%nothread kma_solid_create_orb;
%nothread kma_solid_create_tube;
%nothread kma_solid_create_tessellated;
%nothread kma_shape_name;
%nothread kma_solid_get_shape;
%nothread kma_solid_get_dimensions;
%nothread kma_solid_get_mesh;
%nothread kma_solid_get_volume;
%nothread kma_solid_get_surface_area;
%nothread kma_solid_get_bounds;
%include "kerma/solid.h"
