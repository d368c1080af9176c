/* Numbers and texts. A text must hold no null character; bytes are taken as they are (paths). */
%typemap(in) const char * {
    if (kmp_text($input, "$1_name", (const char **)&$1) != 0) SWIG_fail;
}
%typemap(freearg) const char * ""
%typemap(in) double {
    if (kmp_double($input, "$1_name", &$1) != 0) SWIG_fail;
}

%define KMP_OUT(type, convert, ...)
%typemap(in, numinputs=0) __VA_ARGS__ (type temp) {
    temp = 0;
    $1 = (void *)&temp;
}
%typemap(argout) __VA_ARGS__ {
    $result = kmp_append($result, convert(temp$argnum));
    if ($result == NULL) SWIG_fail;
}
%enddef
KMP_OUT(double, PyFloat_FromDouble, double *out)
KMP_OUT(double, PyFloat_FromDouble, double *low_out)
KMP_OUT(double, PyFloat_FromDouble, double *high_out)
KMP_OUT(double, PyFloat_FromDouble, double *density_out)
KMP_OUT(double, PyFloat_FromDouble, double *fraction_out)
KMP_OUT(double, PyFloat_FromDouble, double *mean_out)
KMP_OUT(double, PyFloat_FromDouble, double *uncertainty_out)
KMP_OUT(size_t, PyLong_FromSize_t, size_t *out)
KMP_OUT(size_t, PyLong_FromSize_t, size_t *index_out)
KMP_OUT(size_t, PyLong_FromSize_t, size_t *bin_out)
KMP_OUT(size_t, PyLong_FromSize_t, size_t *material_out)
KMP_OUT(size_t, PyLong_FromSize_t, size_t *points_out)
KMP_OUT(uint64_t, PyLong_FromUnsignedLongLong, uint64_t *out)
KMP_OUT(int, PyLong_FromLong, int *z_out)
KMP_OUT(int, PyLong_FromLong, int *outside_out)
KMP_OUT(int, PyLong_FromLong, kma_scalar *out)
KMP_OUT(int, PyLong_FromLong, kma_scorer_kind *out)
KMP_OUT(int, PyLong_FromLong, kma_spectrum_kind *out)
KMP_OUT(int, PyLong_FromLong, kma_file_kind *out)
KMP_OUT(int, PyLong_FromLong, kma_overlap_action *action_out)
KMP_OUT(int, PyLong_FromLong, kma_shape *out)

/* Three coordinates in, from any sequence. NULL for None where the interface allows it. The empty argout: SWIG would take
 * that of an output of the same name, which differs by const alone. */
%define KMP_VECTOR_IN(n, ...)
%typemap(in) __VA_ARGS__ (double temp[n]) {
    if (kmp_doubles($input, "$1_name", n, temp) != 0) SWIG_fail;
    $1 = temp;
}
%typemap(argout) __VA_ARGS__ ""
%enddef
KMP_VECTOR_IN(3, const double size[3])
KMP_VECTOR_IN(3, const double a[3])
KMP_VECTOR_IN(3, const double b[3])
KMP_VECTOR_IN(3, const double c[3])
KMP_VECTOR_IN(3, const double d[3])
KMP_VECTOR_IN(3, const double index[3])
KMP_VECTOR_IN(3, const double point[3])
%define KMP_OPTIONAL_IN(n, ...)
%typemap(in) __VA_ARGS__ (double temp[n]) {
    $1 = NULL;
    if ($input != Py_None) {
        if (kmp_doubles($input, "$1_name", n, temp) != 0) SWIG_fail;
        $1 = temp;
    }
}
%enddef
KMP_OPTIONAL_IN(3, const double translation[3])
KMP_OPTIONAL_IN(9, const double rotation[9])

%define KMP_VECTOR_OUT(n, ...)
%typemap(in, numinputs=0) __VA_ARGS__ (double temp[n]) {
    $1 = temp;
}
%typemap(argout) __VA_ARGS__ {
    $result = kmp_append($result, kmp_tuple(temp$argnum, n));
    if ($result == NULL) SWIG_fail;
}
%enddef
KMP_VECTOR_OUT(3, double low_out[3])
KMP_VECTOR_OUT(3, double high_out[3])
KMP_VECTOR_OUT(3, double translation_out[3])
KMP_VECTOR_OUT(9, double rotation_out[9])
KMP_VECTOR_OUT(3, double point[3])
KMP_VECTOR_OUT(3, double index[3])
KMP_VECTOR_OUT(5, double out[5])

/* A text of any length: asked for twice. The function keeps its name and loses its buffer. */
%define KMP_TEXT_GETTER(function, type)
%ignore function;
%rename(function) kmp_##function;
%nothread kmp_##function;
%{
static kma_status kmp_bits_##function(uint64_t bits, char *buffer, size_t size, size_t *length_out)
{
    type handle = {bits};
    return function(handle, buffer, size, length_out);
}
static PyObject *kmp_##function(type self)
{
    return kmp_get_text(kmp_bits_##function, self.bits);
}
%}
PyObject *kmp_##function(type self);
%enddef

/* A short text into room of a fixed size. */
%typemap(in, numinputs=0) (char *out, size_t room) (char temp[256]) {
    $1 = temp;
    $2 = sizeof temp;
}
%typemap(argout) (char *out, size_t room) {
    $result = kmp_append($result, PyUnicode_DecodeUTF8($1, (Py_ssize_t)strlen($1), "replace"));
    if ($result == NULL) SWIG_fail;
}
%typemap(in, numinputs=0) char out[KMA_NAME_SIZE] (char temp[KMA_NAME_SIZE]) {
    temp[0] = 0;
    $1 = temp;
}
%typemap(argout) char out[KMA_NAME_SIZE] {
    $result = kmp_append($result, PyUnicode_DecodeUTF8($1, (Py_ssize_t)strlen($1), "replace"));
    if ($result == NULL) SWIG_fail;
}
