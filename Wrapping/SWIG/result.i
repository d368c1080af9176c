/* kerma/result.h */
KMP_HANDLE(kma_result)
%ignore kma_energy_ledger;
KMP_STRUCT_OUT(kma_result_info, kmp_result_info, out, 1)
KMP_STRUCT_OUT(kma_result_scorer, kmp_result_scorer, out, 1)
/* kma_result_get_info makes the hash of all sums when it is first asked: it lets the GIL go. */
%nothread kma_quantity_unit;
%nothread kma_quantity_name;
%nothread kma_result_get_scorer;
%nothread kma_result_find_scorer;
%include "kerma/result.h"
