/* kerma/run_manager.h */
KMP_HANDLE(kma_run_manager)
%ignore kma_run_options;
%ignore kma_run_options_defaults;
KMP_STRUCT_OUT(kma_progress, kmp_progress, out, 1)
%ignore kma_stall;
%ignore kma_callback_note;
/* by_hand.i has these */
%ignore kma_run_manager_create;
%ignore kma_run_manager_initialize;
%ignore kma_run_manager_beam_on;
%ignore kma_run_manager_start;
%ignore kma_run_manager_wait;
%ignore kma_run_manager_close;
%nothread kma_run_manager_abort;
%nothread kma_run_manager_progress;
%nothread kma_run_manager_stalls;
%typemap(in, numinputs=0) (kma_stall *out, size_t room, size_t *count_out) (kma_stall temp[64], size_t count) {
    count = 0;
    $1 = temp;
    $2 = 64;
    $3 = &count;
}
%typemap(argout) (kma_stall *out, size_t room, size_t *count_out) {
    size_t kmp_i;
    PyObject *kmp_list = PyList_New(0);
    for (kmp_i = 0; kmp_list != NULL && kmp_i < count$argnum && kmp_i < 64; kmp_i++) {
        PyObject *kmp_item = kmp_to_dict(&kmp_stall, &$1[kmp_i]);
        if (kmp_item == NULL || PyList_Append(kmp_list, kmp_item) != 0) Py_CLEAR(kmp_list);
        Py_XDECREF(kmp_item);
    }
    $result = kmp_append($result, kmp_list);
    if ($result == NULL) SWIG_fail;
}
%include "kerma/run_manager.h"
