/* kerma/summary.h */
KMP_HANDLE(kma_summary)
%ignore kma_summary_value;
KMP_STRUCT_OUT(kma_summary_info, kmp_summary_info, out, 1)
KMP_STRUCT_OUT(kma_summary_scorer, kmp_summary_scorer, out, 1)
%nothread kma_summary_get_info;
%nothread kma_summary_get_scorer;
%include "kerma/summary.h"
