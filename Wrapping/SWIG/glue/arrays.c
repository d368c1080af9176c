/*
 * Arrays by NumPy's __array_interface__: an address, a shape and a type in a
 * dict, so NumPy is needed neither to build nor to import kerma. (The buffer
 * protocol is not in the limited API of Python 3.10.) What is asked for is
 * exact: contiguous, native byte order, this type and these columns. The
 * package makes such arrays of what its users give.
 */
#include <stdlib.h>
#include <string.h>

#include "kmp.h"

typedef struct wanted {
    char type[3];     /* "f8" */
    size_t columns;   /* 0: one dimension */
    int written, optional;
} wanted;

typedef struct found {
    char type[8];     /* "<f8" */
    void *data;
    int read_only, contiguous;
    int dimensions;
    size_t shape[8];
} found;

/* New reference to item `name` of the interface. */
static PyObject *item_of(PyObject *interface, const char *name)
{
    PyObject *item = PyDict_GetItemString(interface, name); /* borrowed */
    if (item == NULL) PyErr_Format(PyExc_TypeError, "an __array_interface__ without '%s'", name);
    Py_XINCREF(item);
    return item;
}

static int look_shape(PyObject *shape, found *out)
{
    Py_ssize_t i, n = PyTuple_Check(shape) ? PyTuple_Size(shape) : -1;

    if (n < 0 || n > 8) {
        PyErr_SetString(PyExc_TypeError, "an array of more than eight dimensions");
        return -1;
    }
    out->dimensions = (int)n;
    for (i = 0; i < n; i++) {
        Py_ssize_t extent = PyLong_AsSsize_t(PyTuple_GetItem(shape, i));
        if (extent == -1 && PyErr_Occurred()) return -1;
        if (extent < 0) {
            PyErr_SetString(PyExc_TypeError, "an array of negative size");
            return -1;
        }
        out->shape[i] = (size_t)extent;
    }
    return 0;
}

static int look(PyObject *array, found *out)
{
    PyObject *interface = PyObject_GetAttrString(array, "__array_interface__");
    PyObject *typestr = NULL, *shape = NULL, *data = NULL, *strides;
    const char *text;
    int status = -1;

    memset(out, 0, sizeof *out);
    if (interface == NULL && !PyErr_ExceptionMatches(PyExc_AttributeError)) goto cleanup;
    if (interface == NULL || !PyDict_Check(interface)) {
        PyErr_Format(PyExc_TypeError, "an array is needed, not %R", (PyObject *)Py_TYPE(array));
        goto cleanup;
    }
    typestr = item_of(interface, "typestr");
    shape = item_of(interface, "shape");
    data = item_of(interface, "data");
    if (typestr == NULL || shape == NULL || data == NULL) goto cleanup;
    if (kmp_text(typestr, "typestr", &text) != 0) goto cleanup;
    strncpy(out->type, text, sizeof out->type - 1);
    if (look_shape(shape, out) != 0) goto cleanup;
    if (!PyTuple_Check(data) || PyTuple_Size(data) != 2) {
        PyErr_SetString(PyExc_TypeError, "an __array_interface__ without an address");
        goto cleanup;
    }
    out->data = PyLong_AsVoidPtr(PyTuple_GetItem(data, 0));
    if (out->data == NULL && PyErr_Occurred()) goto cleanup;
    out->read_only = PyObject_IsTrue(PyTuple_GetItem(data, 1));
    if (out->read_only < 0) goto cleanup;
    strides = PyDict_GetItemString(interface, "strides"); /* borrowed; None: C-contiguous */
    out->contiguous = strides == NULL || strides == Py_None;
    status = 0;
cleanup:
    Py_XDECREF(interface);
    Py_XDECREF(typestr);
    Py_XDECREF(shape);
    Py_XDECREF(data);
    return status;
}

static int is_native(const char *type)
{
    return type[0] == '<' || type[0] == '|'; /* x86-64 is little-endian */
}

static int check(PyObject *array, int number, const wanted *w, void **data_out, size_t *rows_out)
{
    found f;

    if (look(array, &f) != 0) return -1;
    if (!is_native(f.type) || strcmp(f.type + 1, w->type) != 0 || !f.contiguous ||
        f.dimensions != (w->columns == 0 ? 1 : 2) || (w->columns != 0 && f.shape[1] != w->columns)) {
        PyErr_Format(PyExc_TypeError, "array %d must be contiguous %s with %zu columns, it is %s of %d dimensions%s",
                     number, w->type, w->columns, f.type, f.dimensions, f.contiguous ? "" : " with strides");
        return -1;
    }
    if (w->written && f.read_only) {
        PyErr_Format(PyExc_TypeError, "array %d must be writable", number);
        return -1;
    }
    *data_out = f.data;
    *rows_out = f.shape[0];
    return 0;
}

static const char *read_wanted(const char *format, wanted *w)
{
    memset(w, 0, sizeof *w);
    w->type[0] = format[0];
    w->type[1] = format[1];
    format += 2;
    if (*format == 'x') {
        char *end;
        w->columns = strtoul(format + 1, &end, 10);
        format = end;
    }
    for (;; format++) {
        if (*format == 'w') w->written = 1;
        else if (*format == '?') w->optional = 1;
        else return format;
    }
}

int kmp_arrays(PyObject *tuple, const char *format, void *data[KMP_ARRAYS_MAX], size_t counts[KMP_ARRAYS_MAX])
{
    Py_ssize_t i, n = PyTuple_Check(tuple) ? PyTuple_Size(tuple) : -1;
    int group = 0, first = 1;

    for (i = 0; *format != '\0'; i++) {
        PyObject *array;
        wanted w;
        size_t rows;

        format = read_wanted(format, &w);
        if (i >= n || i >= KMP_ARRAYS_MAX) {
            PyErr_SetString(PyExc_TypeError, "a tuple with more arrays is needed");
            return -1;
        }
        array = PyTuple_GetItem(tuple, i);
        data[i] = NULL;
        if (array != Py_None || !w.optional) {
            if (check(array, (int)i, &w, &data[i], &rows) != 0) return -1;
            if (!first && rows != counts[group]) {
                PyErr_Format(PyExc_ValueError, "array %d has %zu rows, those before it %zu", (int)i, rows,
                             counts[group]);
                return -1;
            }
            counts[group] = rows;
            first = 0;
        }
        if (*format == ';') {
            group++;
            first = 1;
        }
        if (*format != '\0') format++;
    }
    if (i != n) {
        PyErr_Format(PyExc_TypeError, "%d arrays are needed, not %d", (int)i, (int)n);
        return -1;
    }
    return 0;
}

int kmp_image_data(PyObject *array, const kma_image_geometry *geometry, kma_scalar *type_out, const void **data_out)
{
    static const struct { const char *type; kma_scalar scalar; } types[] = {
        {"i1", KMA_SCALAR_INT8},  {"u1", KMA_SCALAR_UINT8},  {"i2", KMA_SCALAR_INT16},   {"u2", KMA_SCALAR_UINT16},
        {"i4", KMA_SCALAR_INT32}, {"u4", KMA_SCALAR_UINT32}, {"i8", KMA_SCALAR_INT64},   {"u8", KMA_SCALAR_UINT64},
        {"f4", KMA_SCALAR_FLOAT32}, {"f8", KMA_SCALAR_FLOAT64},
    };
    found f;
    size_t i;

    if (look(array, &f) != 0) return -1;
    if (!f.contiguous || f.dimensions != 3 || f.shape[0] != geometry->count[2] || f.shape[1] != geometry->count[1] ||
        f.shape[2] != geometry->count[0]) {
        PyErr_Format(PyExc_ValueError, "the values must be C-ordered, of shape (%zu, %zu, %zu)", geometry->count[2],
                     geometry->count[1], geometry->count[0]);
        return -1;
    }
    for (i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (!is_native(f.type) || strcmp(f.type + 1, types[i].type) != 0) continue;
        *type_out = types[i].scalar;
        *data_out = f.data;
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "images hold integers and floats, not %s", f.type);
    return -1;
}
