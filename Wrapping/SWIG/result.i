/* kerma/result.h */
KMP_HANDLE(kma_result)
%ignore kma_energy_ledger;
KMP_STRUCT_OUT(kma_result_info, kmp_result_info, out, 1)
KMP_STRUCT_OUT(kma_result_scorer, kmp_result_scorer, out, 1)
%nothread kma_result_get_info;
%nothread kma_quantity_unit;
%nothread kma_quantity_name;
%nothread kma_result_get_scorer;
%nothread kma_result_find_scorer;
%include "kerma/result.h"
