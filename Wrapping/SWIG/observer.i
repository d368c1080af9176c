/* kerma/observer.h */
%ignore kma_worker;
%ignore kma_worker_uniform;
%ignore kma_user_initialization;
%ignore kma_run_manager_set_user_initialization;
%ignore kma_run_manager_replay;
%ignore kma_block;
%ignore kma_history_score;
KMP_STRUCT_IN(kma_record_options, kmp_record_options, options)
KMP_STRUCT_OUT(kma_placement, kmp_placement, out, 1)
%nothread kma_run_manager_on_run_begin;
%nothread kma_run_manager_on_run_end;
%nothread kma_run_manager_on_worker_begin;
%nothread kma_run_manager_on_worker_end;
%nothread kma_run_manager_on_history_begin;
%nothread kma_run_manager_on_history_end;
%nothread kma_run_manager_on_step;
%nothread kma_run_manager_on_step_block;
%nothread kma_run_manager_on_history_block;
%nothread kma_run_manager_get_placement;
%nothread kma_run_manager_get_material;
/* A list of (scorer, quantity). */
%typemap(in) (const kma_history_score *scores, size_t count) (kma_history_score temp[KMA_HISTORY_SCORES_MAX]) {
    Py_ssize_t kmp_i, kmp_n = PyList_Check($input) ? PyList_Size($input) : -1;
    if (kmp_n < 1 || kmp_n > KMA_HISTORY_SCORES_MAX) {
        PyErr_Format(PyExc_ValueError, "a list of 1 to %d scores is needed", KMA_HISTORY_SCORES_MAX);
        SWIG_fail;
    }
    for (kmp_i = 0; kmp_i < kmp_n; kmp_i++) {
        PyObject *kmp_name;
        int kmp_quantity;
        if (!PyArg_ParseTuple(PyList_GetItem($input, kmp_i), "Oi", &kmp_name, &kmp_quantity)) SWIG_fail;
        if (kmp_text(kmp_name, "scorer", &temp[kmp_i].scorer) != 0) SWIG_fail;
        temp[kmp_i].quantity = (kma_quantity)kmp_quantity;
    }
    $1 = temp;
    $2 = (size_t)kmp_n;
}
%include "kerma/observer.h"
