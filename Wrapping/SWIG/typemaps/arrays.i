/*
 * Arrays: one Python argument, a tuple of all arrays of the call, stands for the addresses and the counts. kmp_arrays()
 * checks types, columns and that the counts agree, so no call can read or write beyond an array.
 */
%define KMP_ARRAYS_IN(format)
    void *data[KMP_ARRAYS_MAX] = {NULL};
    size_t counts[KMP_ARRAYS_MAX] = {0};
    if (kmp_arrays($input, format, data, counts) != 0) SWIG_fail;
%enddef

/* meshes */
%typemap(in) (const double *vertices, size_t vertex_count, const uint32_t *triangles, size_t triangle_count) {
    KMP_ARRAYS_IN("f8x3;u4x3")
    $1 = data[0];
    $2 = counts[0];
    $3 = data[1];
    $4 = counts[1];
}
%typemap(in) (double *vertices_out, size_t vertex_count) {
    KMP_ARRAYS_IN("f8x3w")
    $1 = data[0];
    $2 = counts[0];
}
%typemap(in) (uint32_t *facets_out, size_t facet_count) {
    KMP_ARRAYS_IN("u4x3w")
    $1 = data[0];
    $2 = counts[0];
}
%typemap(in) (const double *origins, const double *directions, size_t n, double *t_out, uint32_t *facets_out,
              uint8_t *exits_out) {
    KMP_ARRAYS_IN("f8x3 f8x3 f8w u4w? u1w?")
    $1 = data[0];
    $2 = data[1];
    $3 = counts[0];
    $4 = data[2];
    $5 = data[3];
    $6 = data[4];
}
%typemap(in) (const double *points, size_t n, double *distance_out, uint32_t *facets_out) {
    KMP_ARRAYS_IN("f8x3 f8w u4w?")
    $1 = data[0];
    $2 = counts[0];
    $3 = data[1];
    $4 = data[2];
}
%typemap(in) (const double *points, size_t n, uint8_t *inside_out), (const double *points, size_t n, uint8_t *out) {
    KMP_ARRAYS_IN("f8x3 u1w")
    $1 = data[0];
    $2 = counts[0];
    $3 = data[1];
}

/* solids */
%typemap(in) (const double *points, const double *directions, size_t n, double *out) {
    KMP_ARRAYS_IN("f8x3 f8x3 f8w")
    $1 = data[0];
    $2 = data[1];
    $3 = counts[0];
    $4 = data[2];
}
%typemap(in) (const double *points, size_t n, double *normals_out) {
    KMP_ARRAYS_IN("f8x3 f8x3w")
    $1 = data[0];
    $2 = counts[0];
    $3 = data[1];
}
%typemap(in) (const double *points, size_t n, double *out) {
    KMP_ARRAYS_IN("f8x3 f8w")
    $1 = data[0];
    $2 = counts[0];
    $3 = data[1];
}

/* spectra, materials */
%typemap(in) (const double *energy, const double *weight, size_t n) {
    KMP_ARRAYS_IN("f8 f8")
    $1 = data[0];
    $2 = data[1];
    $3 = counts[0];
}
%typemap(in) (const double *edges, const double *weight, size_t n) {
    KMP_ARRAYS_IN("f8;f8")
    if (counts[0] != counts[1] + 1) {
        PyErr_Format(PyExc_ValueError, "%zu edges make %zu bins, but there are %zu weights", counts[0],
                     counts[0] > 0 ? counts[0] - 1 : 0, counts[1]);
        SWIG_fail;
    }
    $1 = data[0];
    $2 = data[1];
    $3 = counts[1];
}
%typemap(in) (const int *z, const double *fraction, size_t n) {
    KMP_ARRAYS_IN("i4 f8")
    $1 = data[0];
    $2 = data[1];
    $3 = counts[0];
}
%typemap(in) (size_t n, double *out) {
    KMP_ARRAYS_IN("f8w")
    $1 = counts[0];
    $2 = data[0];
}

/* images, results */
%typemap(in) (double *out, size_t n) {
    KMP_ARRAYS_IN("f8w")
    $1 = data[0];
    $2 = counts[0];
}
%typemap(in) (size_t n, double *mean, double *uncertainty) {
    KMP_ARRAYS_IN("f8w? f8w?")
    $1 = counts[0];
    $2 = data[0];
    $3 = data[1];
}
/* (geometry, array): the array's type and shape must be the geometry's. */
%typemap(in) (const kma_image_geometry *geometry, kma_scalar type, const void *data) (kma_image_geometry temp) {
    kma_image_geometry_defaults(&temp);
    if (!PyTuple_Check($input) || PyTuple_Size($input) != 2) {
        PyErr_SetString(PyExc_TypeError, "(geometry, array) is needed");
        SWIG_fail;
    }
    if (kmp_from_dict(&kmp_image_geometry, PyTuple_GetItem($input, 0), &temp) != 0) SWIG_fail;
    if (kmp_image_data(PyTuple_GetItem($input, 1), &temp, &$2, (const void **)&$3) != 0) SWIG_fail;
    $1 = &temp;
}

/* Arrays are written in place: no output follows, as would for a single pointer of the same name. */
%typemap(argout) (const double *vertices, size_t vertex_count, const uint32_t *triangles, size_t triangle_count) ""
%typemap(argout) (double *vertices_out, size_t vertex_count) ""
%typemap(argout) (uint32_t *facets_out, size_t facet_count) ""
%typemap(argout) (const double *origins, const double *directions, size_t n, double *t_out, uint32_t *facets_out, uint8_t *exits_out) ""
%typemap(argout) (const double *points, size_t n, double *distance_out, uint32_t *facets_out) ""
%typemap(argout) (const double *points, size_t n, uint8_t *inside_out), (const double *points, size_t n, uint8_t *out) ""
%typemap(argout) (const double *points, const double *directions, size_t n, double *out) ""
%typemap(argout) (const double *points, size_t n, double *out) ""
%typemap(argout) (const double *points, size_t n, double *normals_out) ""
%typemap(argout) (const double *energy, const double *weight, size_t n) ""
%typemap(argout) (const double *edges, const double *weight, size_t n) ""
%typemap(argout) (const int *z, const double *fraction, size_t n) ""
%typemap(argout) (size_t n, double *out) ""
%typemap(argout) (double *out, size_t n) ""
%typemap(argout) (size_t n, double *mean, double *uncertainty) ""
%typemap(argout) (const kma_image_geometry *geometry, kma_scalar type, const void *data) ""
