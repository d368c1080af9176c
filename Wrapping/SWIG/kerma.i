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
 * SWIG 4.5's module keeps what it knows of proxies for the process. A subinterpreter that had made one takes that along when
 * it ends, so it must be refused before SWIG's own code runs: kmp_begin() comes too late for that, and the module's
 * initialization is called in the main interpreter from Python 3.13 on. What makes the module is what has to look.
 */
static int (*kmp_swig_exec)(PyObject *module);

static int kmp_module_exec(PyObject *module)
{
    if (PyInterpreterState_GetID(PyInterpreterState_Get()) != 0) {
        PyErr_SetString(PyExc_ImportError, "kerma's threads call Python, which works in the main interpreter only");
        return -1;
    }
    return kmp_swig_exec(module);
}

static PyObject *kmp_module_init(PyModuleDef *definition)
{
    PyModuleDef_Slot *slot;

    for (slot = definition->m_slots; slot->slot != 0; slot++) {
        if (slot->slot != Py_mod_exec || slot->value == (void *)kmp_module_exec) continue;
        kmp_swig_exec = (int (*)(PyObject *))slot->value;
        slot->value = (void *)kmp_module_exec;
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
