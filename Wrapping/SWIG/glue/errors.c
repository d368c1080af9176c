/* From statuses to exceptions: the classes are Python's (kerma/errors.py), one a status. */
#include <string.h>

#include "kmp.h"

static PyObject *error_classes; /* {code: class}; lives as long as the process */

PyObject *kmp_set_errors(PyObject *classes)
{
    PyObject *before;

    if (!PyDict_Check(classes)) return PyErr_Format(PyExc_TypeError, "a dict of classes by code is needed");
    before = error_classes;
    Py_INCREF(classes);
    error_classes = classes;
    Py_XDECREF(before);
    Py_RETURN_NONE;
}

PyObject *kmp_statuses(void)
{
    PyObject *list = PyList_New(0);

    if (list == NULL) return NULL;
#define ADD(name, code, text)                                                                                         \
    {                                                                                                                 \
        PyObject *item = Py_BuildValue("(sis)", #name, code, text);                                                   \
        if (item == NULL || PyList_Append(list, item) != 0) {                                                         \
            Py_XDECREF(item);                                                                                         \
            Py_DECREF(list);                                                                                          \
            return NULL;                                                                                              \
        }                                                                                                             \
        Py_DECREF(item);                                                                                              \
    }
    KMA_STATUS_LIST(ADD)
#undef ADD
    return list;
}

/* Advice names C's functions: in Python they are called otherwise. Takes the reference. */
static PyObject *with_names_of_python(PyObject *message, const char *text)
{
    static const char *const names[][2] = {
        {"kma_run_manager_initialize", "initialize()"}, {"kma_run_manager_beam_on", "run()"},
        {"kma_run_manager_start", "start()"},           {"kma_run_manager_wait", "wait()"},
        {"kma_run_manager_close", "close()"},           {"kma_run_manager_abort", "abort()"},
        {"kma_scene_add_source", "add_source()"},
    };
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names && message != NULL; i++) {
        PyObject *c, *python, *changed;
        if (strstr(text, names[i][0]) == NULL) continue;
        c = PyUnicode_FromString(names[i][0]);
        python = PyUnicode_FromString(names[i][1]);
        changed = c == NULL || python == NULL ? NULL : PyUnicode_Replace(message, c, python, -1);
        Py_XDECREF(c);
        Py_XDECREF(python);
        Py_DECREF(message);
        message = changed;
    }
    return message;
}

PyObject *kmp_raise_text(kma_status status, const char *text)
{
    PyObject *key, *class = NULL, *message;

    if (kmp_thread_is_left()) {
        PyErr_SetNone(PyExc_SystemExit);
        return NULL;
    }
    key = PyLong_FromLong((long)status);
    if (key == NULL) return NULL;
    if (error_classes != NULL) class = PyDict_GetItem(error_classes, key); /* borrowed */
    Py_DECREF(key);
    if (class == NULL) class = PyExc_RuntimeError;
    if (text[0] == '\0') text = kma_status_text(status);
    message = with_names_of_python(PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace"), text);
    if (message == NULL) return NULL;
    PyErr_SetObject(class, message);
    Py_DECREF(message);
    return NULL;
}

PyObject *kmp_raise(kma_status status)
{
    char text[1024];

    /* Copied first: a reader of the log may make calls that fail. */
    strncpy(text, kma_error_message(), sizeof text - 1);
    text[sizeof text - 1] = '\0';
    if (kmp_log_flush() != 0) return NULL; /* as if it had been read before the call failed */
    return kmp_raise_text(status, text);
}

PyObject *kmp_outputs(void)
{
    return PyList_New(0);
}

PyObject *kmp_append(PyObject *outputs, PyObject *one)
{
    if (outputs == NULL || one == NULL || PyList_Append(outputs, one) != 0) {
        Py_XDECREF(outputs);
        outputs = NULL;
    }
    Py_XDECREF(one);
    return outputs;
}

PyObject *kmp_finish(PyObject *outputs)
{
    PyObject *result;

    if (outputs == NULL || !PyList_CheckExact(outputs)) return outputs;
    if (kmp_log_flush() != 0) {
        Py_DECREF(outputs);
        return NULL;
    }
    switch (PyList_Size(outputs)) {
    case 0:
        result = Py_None;
        Py_INCREF(result);
        break;
    case 1:
        result = PyList_GetItem(outputs, 0);
        Py_XINCREF(result);
        break;
    default:
        result = PyList_AsTuple(outputs);
    }
    Py_DECREF(outputs);
    return result;
}
