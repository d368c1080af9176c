/* kerma/picture.h */
KMP_STRUCT_IN(kma_picture_options, kmp_picture_options, options)
/* None: nothing below. */
%typemap(in) kma_image under {
    void *kmp_found = NULL;
    memset(&$1, 0, sizeof $1);
    if ($input != Py_None) {
        if (!SWIG_IsOK(SWIG_ConvertPtr($input, &kmp_found, $&1_descriptor, 0)) || kmp_found == NULL) {
            PyErr_SetString(PyExc_TypeError, "under must be an image or None");
            SWIG_fail;
        }
        $1 = *(kma_image *)kmp_found;
    }
}
%include "kerma/picture.h"
%clear kma_image under;
