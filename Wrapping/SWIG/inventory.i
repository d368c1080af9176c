/* kerma/inventory.h */
KMP_HANDLE(kma_inventory)
KMP_LONG(kma_inventory_create)
KMP_STRUCT_OUT(kma_inventory_info, kmp_inventory_info, out, 1)
%nothread kma_inventory_get_info;
KMP_STRUCT_OUT(kma_inventory_fault, kmp_inventory_fault, out, 1)
%nothread kma_inventory_get_fault;
KMP_STRUCT_OUT(kma_inventory_volume, kmp_inventory_volume, out, 1)
%nothread kma_inventory_get_volume;
KMP_STRUCT_OUT(kma_inventory_placement, kmp_inventory_placement, out, 1)
%nothread kma_inventory_get_placement;
KMP_STRUCT_OUT(kma_inventory_material, kmp_inventory_material, out, 1)
%nothread kma_inventory_get_material;
KMP_STRUCT_OUT(kma_inventory_image, kmp_inventory_image, out, 1)
%nothread kma_inventory_get_image;
KMP_STRUCT_OUT(kma_inventory_image_material, kmp_inventory_image_material, out, 1)
%nothread kma_inventory_get_image_material;
KMP_STRUCT_OUT(kma_inventory_source, kmp_inventory_source, out, 1)
%nothread kma_inventory_get_source;
KMP_STRUCT_OUT(kma_inventory_scorer, kmp_inventory_scorer, out, 1)
%nothread kma_inventory_get_scorer;
%nothread kma_mass_method_name;
%include "kerma/inventory.h"
