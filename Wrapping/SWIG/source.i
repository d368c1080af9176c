/* kerma/source.h */
KMP_HANDLE(kma_source)
KMP_STRUCT_OUT(kma_source_options, kmp_source_options, out, 1)
KMP_STRUCT_IN(kma_source_options, kmp_source_options, options)
%nothread kma_source_create;
%nothread kma_source_get_options;
%nothread kma_source_get_spectrum;
%nothread kma_source_get_solid_angle;
%include "kerma/source.h"
