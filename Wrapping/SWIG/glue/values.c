/* Texts and short rows of numbers, in and out. */
#include <stdlib.h>
#include <string.h>

#include "kmp.h"

int kmp_text(PyObject *object, const char *what, const char **text_out)
{
    const char *text;
    Py_ssize_t length;

    *text_out = NULL;
    if (PyUnicode_Check(object)) {
        text = PyUnicode_AsUTF8AndSize(object, &length);
        if (text == NULL) return -1;
    } else if (PyBytes_Check(object)) {
        char *bytes;
        if (PyBytes_AsStringAndSize(object, &bytes, &length) != 0) return -1;
        text = bytes;
    } else {
        PyErr_Format(PyExc_TypeError, "%s must be a str, not %R", what, (PyObject *)Py_TYPE(object));
        return -1;
    }
    if (strlen(text) != (size_t)length) {
        PyErr_Format(PyExc_ValueError, "%s holds a null character: %R", what, object);
        return -1;
    }
    *text_out = text;
    return 0;
}

PyObject *kmp_get_text(kmp_text_getter *get, uint64_t bits)
{
    char small[256], *text = small;
    size_t length = 0;
    kma_status status;
    PyObject *result = NULL;

    status = get(bits, NULL, 0, &length);
    if (status != KMA_OK) return kmp_raise(status);
    if (length >= sizeof small) text = PyMem_Malloc(length + 1);
    if (text == NULL) return PyErr_NoMemory();
    status = get(bits, text, length + 1, NULL);
    if (status == KMA_OK)
        result = PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "replace");
    else
        kmp_raise(status);
    if (text != small) PyMem_Free(text);
    return result;
}

int kmp_double(PyObject *object, const char *what, double *out)
{
    *out = PyFloat_AsDouble(object);
    if (*out != -1 || !PyErr_Occurred()) return 0;
    if (PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "%s must be a number, not %R", what, object);
    } else if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
        PyErr_Clear();
        PyErr_Format(PyExc_OverflowError, "%s is too large", what);
    }
    return -1;
}

int kmp_doubles(PyObject *object, const char *what, size_t n, double *out)
{
    PyObject *sequence = PySequence_Fast(object, "");
    size_t i;

    if (sequence == NULL && !PyErr_ExceptionMatches(PyExc_TypeError)) return -1;
    if (sequence == NULL || PySequence_Size(sequence) != (Py_ssize_t)n) {
        PyErr_Format(PyExc_TypeError, "%s must be %zu numbers, not %R", what, n, object);
        Py_XDECREF(sequence);
        return -1;
    }
    for (i = 0; i < n; i++) {
        PyObject *item = PySequence_GetItem(sequence, (Py_ssize_t)i);
        int failed = item == NULL || kmp_double(item, what, &out[i]) != 0;
        Py_XDECREF(item);
        if (failed) {
            Py_DECREF(sequence);
            return -1;
        }
    }
    Py_DECREF(sequence);
    return 0;
}

PyObject *kmp_tuple(const double *values, size_t n)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)n);
    size_t i;

    for (i = 0; tuple != NULL && i < n; i++) {
        PyObject *number = PyFloat_FromDouble(values[i]);
        if (number == NULL || PyTuple_SetItem(tuple, (Py_ssize_t)i, number) != 0) Py_CLEAR(tuple);
    }
    return tuple;
}
