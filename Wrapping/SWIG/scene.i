/* kerma/scene.h */
KMP_HANDLE(kma_scene)
%ignore kma_overlap;
%nothread kma_scene_create;
%nothread kma_scene_add_source;
%nothread kma_scene_add_scorer;
%nothread kma_scene_set_cut_energy;
%nothread kma_scene_get_cut_energy;
%nothread kma_scene_set_overlap_check;
%nothread kma_scene_get_overlap_check;
%nothread kma_scene_count_sources;
%nothread kma_scene_count_scorers;
%nothread kma_scene_get_world;
%nothread kma_scene_get_source;
%nothread kma_scene_get_scorer;
/* All overlaps that were found, as a list of dicts, and how many there are. */
%typemap(arginit) (kma_overlap *out, size_t room, size_t *count_out) {
    $1 = NULL;
}
%typemap(in, numinputs=0) (kma_overlap *out, size_t room, size_t *count_out) (size_t temp) {
    temp = 0;
    $1 = calloc(KMA_OVERLAPS_MAX, sizeof *$1);
    if ($1 == NULL) {
        PyErr_NoMemory();
        SWIG_fail;
    }
    $2 = KMA_OVERLAPS_MAX;
    $3 = &temp;
}
%typemap(argout) (kma_overlap *out, size_t room, size_t *count_out) {
    size_t kmp_i;
    PyObject *kmp_list = PyList_New(0);
    for (kmp_i = 0; kmp_list != NULL && kmp_i < temp$argnum && kmp_i < KMA_OVERLAPS_MAX; kmp_i++) {
        PyObject *kmp_item = kmp_to_dict(&kmp_overlap, &$1[kmp_i]);
        if (kmp_item == NULL || PyList_Append(kmp_list, kmp_item) != 0) Py_CLEAR(kmp_list);
        Py_XDECREF(kmp_item);
    }
    $result = kmp_append($result, kmp_list);
    if ($result == NULL) SWIG_fail;
}
%typemap(freearg) (kma_overlap *out, size_t room, size_t *count_out) {
    free($1);
}
KMP_LONG(kma_scene_check_overlaps)
%include "kerma/scene.h"
