/*
 * The module kerma._kerma: kerma's C interface as it is, for the package above it. Which calls let the GIL go is said
 * here alone, function by function: `-threads` (RELEASE_GIL) releases every call that has no %nothread; calls that
 * wait or call back are %nothread and let it go by hand (by_hand.i).
 */
%module(package="kerma") _kerma
%begin %{
#define PY_SSIZE_T_CLEAN
#include <Python.h>

/*
 * SWIG 4.5's module keeps what it knows of proxies for the process. A subinterpreter that had loaded it takes that along
 * when it ends, so it must be refused before the module is (kmp_begin() comes too late for that).
 */
static PyObject *kmp_module_init(PyModuleDef *definition)
{
    if (PyInterpreterState_GetID(PyInterpreterState_Get()) != 0) {
        PyErr_SetString(PyExc_ImportError, "kerma's threads call Python, which works in the main interpreter only");
        return NULL;
    }
    return PyModuleDef_Init(definition);
}
#define PyModuleDef_Init kmp_module_init
%}
%{
#include <stdlib.h>
#include <string.h>

#include "kmp.h"
%}
%feature("autodoc", "0");
#define KMA_API

%include <stdint.i>
%include "typemaps/status.i"
%include "typemaps/values.i"
%include "typemaps/structs.i"
%include "typemaps/handles.i"
%include "typemaps/arrays.i"
%include "typemaps/callbacks.i"

%include "base.i"
%include "material.i"
%include "ct_table.i"
%include "mesh.i"
%include "solid.i"
%include "image.i"
%include "volume.i"
%include "spectrum.i"
%include "source.i"
%include "scorer.i"
%include "scene.i"
%include "result.i"
%include "run_manager.i"
%include "step.i"
%include "observer.i"
%include "simulation.i"
%include "summary.i"
%include "inventory.i"
%include "picture.i"
%include "file.i"
%include "by_hand.i"
