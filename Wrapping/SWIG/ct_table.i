/* kerma/ct_table.h */
KMP_HANDLE(kma_ct_table)
%ignore kma_ct_row;
%nothread kma_ct_table_create_builtin;
%nothread kma_ct_table_create;
%nothread kma_ct_table_get_range;
%nothread kma_ct_table_count_rows;
%nothread kma_ct_table_get_row;
%nothread kma_ct_table_count_materials;
%nothread kma_ct_table_get_material;
%nothread kma_ct_table_convert;
/* A list of (ct_low, ct_high, density_low, density_high, material). */
%typemap(arginit) (const kma_ct_row *rows, size_t n) {
    $1 = NULL;
}
%typemap(in) (const kma_ct_row *rows, size_t n) {
    Py_ssize_t kmp_i, kmp_n = PyList_Check($input) ? PyList_Size($input) : -1;
    kma_ct_row *kmp_rows;
    if (kmp_n < 0) {
        PyErr_SetString(PyExc_TypeError, "a list of rows is needed");
        SWIG_fail;
    }
    kmp_rows = calloc((size_t)kmp_n + 1, sizeof *kmp_rows);
    if (kmp_rows == NULL) {
        PyErr_NoMemory();
        SWIG_fail;
    }
    $1 = kmp_rows;
    $2 = (size_t)kmp_n;
    for (kmp_i = 0; kmp_i < kmp_n; kmp_i++) {
        kma_ct_row *kmp_row = &kmp_rows[kmp_i];
        PyObject *kmp_material;
        void *kmp_found = NULL;
        if (!PyArg_ParseTuple(PyList_GetItem($input, kmp_i), "ddddO", &kmp_row->ct_low, &kmp_row->ct_high,
                              &kmp_row->density_low, &kmp_row->density_high, &kmp_material))
            SWIG_fail;
        if (!SWIG_IsOK(SWIG_ConvertPtr(kmp_material, &kmp_found, $descriptor(kma_material *), 0)) || kmp_found == NULL) {
            PyErr_SetString(PyExc_TypeError, "a row's material must be a material");
            SWIG_fail;
        }
        kmp_row->material = *(kma_material *)kmp_found;
    }
}
%typemap(freearg) (const kma_ct_row *rows, size_t n) {
    free((void *)$1);
}
%typemap(in, numinputs=0) kma_ct_row *row_out (kma_ct_row temp) {
    $1 = &temp;
}
%typemap(argout) kma_ct_row *row_out {
    $result = kmp_append($result, Py_BuildValue("(dddd)", $1->ct_low, $1->ct_high, $1->density_low, $1->density_high));
    if ($result == NULL) SWIG_fail;
}
%include "kerma/ct_table.h"
