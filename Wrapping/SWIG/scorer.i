/* kerma/scorer.h */
KMP_HANDLE(kma_scorer)
KMP_STRUCT_OUT(kma_detector_options, kmp_detector_options, out, 1)
KMP_STRUCT_IN(kma_detector_options, kmp_detector_options, options)
%nothread kma_scorer_kind_name;
%nothread kma_scorer_create_voxels;
%nothread kma_scorer_create_grid;
%nothread kma_scorer_create_volume;
%nothread kma_scorer_create_detector;
%nothread kma_scorer_get_kind;
%nothread kma_scorer_get_name;
%nothread kma_scorer_get_bins;
%nothread kma_scorer_get_geometry;
%nothread kma_scorer_get_volume;
%nothread kma_scorer_get_detector;
%include "kerma/scorer.h"
