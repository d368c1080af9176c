/* kerma/simulation.h */
KMP_HANDLE(kma_simulation)
KMP_TEXT_GETTER(kma_simulation_get_title, kma_simulation)
%ignore kma_simulation_check;
KMP_STRUCT_IN(kma_scene_write_options, kmp_scene_write_options, options)
%nothread kma_simulation_get_scene;
%nothread kma_simulation_get_seed;
%nothread kma_simulation_get_histories;
KMP_LONG(kma_simulation_read)
KMP_LONG(kma_scene_write)
KMP_LONG(kma_result_write)
KMP_LONG(kma_result_write_titled)
KMP_LONG(kma_simulation_write_results)
%include "kerma/simulation.h"
