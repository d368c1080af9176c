/* kerma/volume.h */
KMP_HANDLE(kma_volume)
KMP_TEXT_GETTER(kma_volume_get_name, kma_volume)
%nothread kma_volume_create;
%nothread kma_volume_create_image;
%nothread kma_volume_get_solid;
%nothread kma_volume_get_material;
%nothread kma_volume_get_image;
%nothread kma_volume_get_ct_table;
/* Calls on placements wait for whoever closes a scene: they let the GIL go. */
/* None is vacuum. */
%typemap(in) kma_material material {
    void *kmp_found = NULL;
    memset(&$1, 0, sizeof $1);
    if ($input != Py_None) {
        if (!SWIG_IsOK(SWIG_ConvertPtr($input, &kmp_found, $&1_descriptor, 0)) || kmp_found == NULL) {
            PyErr_SetString(PyExc_TypeError, "material must be a material or None");
            SWIG_fail;
        }
        $1 = *(kma_material *)kmp_found;
    }
}
%include "kerma/volume.h"
%clear kma_material material;
