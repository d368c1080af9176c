/*
 * What the generated module stands on: arguments and values (arrays, structs,
 * texts), errors, the calls that let the GIL go by hand, and the trampolines
 * through which alone kerma's threads reach Python.
 *
 * Everything here is called with the GIL held unless it says otherwise, and
 * follows Python's convention: NULL or -1 with an exception set is a failure.
 * Only what the limited API of Python 3.10 has is used.
 */
#ifndef KMP_H
#define KMP_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdint.h>

#include "kerma/kerma.h"

/* ---- errors: errors.c --------------------------------------------------- */

/* Statuses from here on stand for exceptions that a trampoline keeps (hooks.c). */
#define KMP_KEPT_FIRST 0x40000000

/* {code: class}, once at import. */
PyObject *kmp_set_errors(PyObject *classes);
/* [(name, code, text)] of all statuses. */
PyObject *kmp_statuses(void);
/* Raises the exception of a failed call of this thread; always NULL. */
PyObject *kmp_raise(kma_status status);
PyObject *kmp_raise_text(kma_status status, const char *text);

/* ---- results of a call: several outputs as a tuple, one as it is, none as None ---- */

PyObject *kmp_outputs(void);                             /* before the first */
PyObject *kmp_append(PyObject *outputs, PyObject *one);  /* takes both; NULL on failure */
PyObject *kmp_finish(PyObject *outputs);                 /* takes it; NULL stays NULL. Hands log records on */

/* ---- texts: values.c ----------------------------------------------------- */

/* UTF-8 of a str, or bytes as they are (paths); valid as long as the object. A 0 inside is a ValueError. */
int kmp_text(PyObject *object, const char *what, const char **text_out);
/* Asks for a text of any length. */
typedef kma_status kmp_text_getter(uint64_t bits, char *buffer, size_t size, size_t *length_out);
PyObject *kmp_get_text(kmp_text_getter *get, uint64_t bits);
/* n finite or other numbers from any sequence. */
int kmp_double(PyObject *object, const char *what, double *out);
int kmp_doubles(PyObject *object, const char *what, size_t n, double *out);
PyObject *kmp_tuple(const double *values, size_t n);

/* ---- arrays: arrays.c ----------------------------------------------------- */

enum { KMP_ARRAYS_MAX = 5 };

/*
 * Addresses of the arrays in a tuple, by their __array_interface__ (NumPy's, without NumPy).
 *
 * format: one token an array, apart by a space: type (f8 u4 u1 i4), then xN for N columns, w if it is written,
 *         ? if None may stand for it. Arrays between two ';' have the same number of rows.
 * data:   one address an array; counts: one number of rows a group.
 */
int kmp_arrays(PyObject *tuple, const char *format, void *data[KMP_ARRAYS_MAX], size_t counts[KMP_ARRAYS_MAX]);
/* The values of an image: C-ordered, of one of kerma's scalar types, as many as its geometry asks for. */
int kmp_image_data(PyObject *array, const kma_image_geometry *geometry, kma_scalar *type_out, const void **data_out);

/* ---- structs and dicts: structs.c ----------------------------------------- */

typedef enum kmp_type { KMP_NONE, KMP_DOUBLE, KMP_INT, KMP_UINT32, KMP_INT64, KMP_UINT64, KMP_TEXT, KMP_CONST_TEXT, KMP_STRUCT } kmp_type;

struct kmp_struct;
typedef struct kmp_field {
    const char *name;
    kmp_type type;
    size_t offset, size; /* bytes; an array has several values in it */
    int is_array;
    const struct kmp_struct *inner; /* of KMP_STRUCT */
} kmp_field;

typedef struct kmp_struct {
    const char *name;
    size_t size;
    const kmp_field *fields; /* ends with a field without name */
} kmp_struct;

PyObject *kmp_to_dict(const kmp_struct *type, const void *value);
/* Changes those members of *value that the dict has; an unknown key is a TypeError. None changes nothing. */
int kmp_from_dict(const kmp_struct *type, PyObject *dict, void *value);
/* {struct: [names]} of all tables, for the test that compares them with the headers. */
PyObject *kmp_struct_members(void);

extern const kmp_struct kmp_progress, kmp_result_info, kmp_result_scorer, kmp_mesh_report, kmp_image_geometry,
    kmp_image_statistics, kmp_detector_options, kmp_source_options, kmp_run_options, kmp_record_options,
    kmp_placement, kmp_attenuation, kmp_overlap, kmp_stall, kmp_picture_options, kmp_summary_info,
    kmp_summary_scorer, kmp_scene_write_options, kmp_inventory_info, kmp_inventory_fault, kmp_inventory_volume, kmp_inventory_placement,
    kmp_inventory_material, kmp_inventory_image, kmp_inventory_image_material, kmp_inventory_source,
    kmp_inventory_scorer, kmp_step;

/* ---- the GIL, kept exceptions, observers: hooks.c, trampolines.c ----------- */

/*
 * What C knows of an observer in Python: a weak reference to the list of the
 * run manager's hooks, and an index into it. The list is Python's: item 0 is
 * the dict of exceptions kept (and, at 0, the number of calls under way), item
 * 1 the dict of the workers' data, the others are callables. So a cycle through an observer is seen by Python's
 * collector, and a callable dies with the run manager's Python object.
 */
typedef struct kmp_hook {
    PyObject *hooks; /* weak reference */
    Py_ssize_t index;
    const char *note; /* "waiting for Python's GIL to call count (app.py:12)"; lives as long as the process */
    const char *name; /* the end of it */
} kmp_hook;
enum { KMP_HOOKS_KEPT = 0, KMP_HOOKS_DATA = 1, KMP_HOOKS_FIRST = 2 };

kmp_hook *kmp_hook_new(PyObject *hooks_and_index); /* from (hooks, index) */
void kmp_hook_dispose(void *hook);                 /* any thread, with or without the GIL */

/* A hold of the GIL. */
typedef struct kmp_gil {
    PyGILState_STATE state;
} kmp_gil;
/* Without the GIL: takes it. 0: the interpreter is ending, Python must not be touched. */
int kmp_gil_take(kmp_gil *gil);
void kmp_gil_give(const kmp_gil *gil);
/* The end of a worker on this thread: gives its views and its thread state back. Without the GIL. */
void kmp_gil_leave_thread(void);
/* Thread states that kept threads hold now. */
size_t kmp_kept_thread_states(void);

/* What every call of a hook's callable begins and ends with; call_python() in trampolines.c alone uses it. */
typedef struct kmp_entered {
    kmp_gil gil;
    PyObject *hooks, *callable; /* strong references */
} kmp_entered;
/*
 * Without the GIL: takes it, and holds the callable; both until kmp_hook_leave(). 0, with nothing taken: the interpreter
 * is ending, or the hooks are gone and the run is on its way out.
 */
int kmp_hook_enter(const kmp_hook *hook, int keep_thread_state, kmp_entered *in);
/* Takes the result; NULL: the exception that is set is kept for the call that the run ends, and its status returned. */
kma_status kmp_hook_leave(kmp_entered *in, PyObject *result);
/* Keeps what the drop of a worker's data has raised, for the call that ends the worker. */
void kmp_keep_drop(PyObject *hooks, PyObject *data_key, PyObject *callable);

/* A call that lets the GIL go by hand, in both settings of RELEASE_GIL. */
typedef struct kmp_call {
    PyObject *hooks;     /* borrowed; may be None */
    PyObject *pending;   /* of the call around this one */
    unsigned first_code; /* of exceptions that are kept from now on */
} kmp_call;
/* 0: the interpreter is ending, an exception is set. */
int kmp_call_begin(kmp_call *call, PyObject *hooks);
/* Raises what is to be raised: a signal's exception, an observer's, or the status as kerma's. None if nothing is. */
PyObject *kmp_call_end(kmp_call *call, kma_status status);

/* A new run has begun: exceptions of runs before it, for which nobody has waited, go. */
void kmp_call_forget(const kmp_call *call);

/* The poll function of every run manager: looks at signals on Python's main thread. */
int kmp_poll(void *context);
/*
 * Around a call that only computes, and long, with the GIL held: what a signal's handler raises ends it on Python's main
 * thread. Begin gives what the call around this one keeps, for the end; 0 then: such an exception is set.
 */
PyObject *kmp_long_call_begin(void);
int kmp_poll_long_call(void *context); /* the poll function of such a call */
int kmp_long_call_end(PyObject *before);
/* Ident of Python's main thread, at import (once more, perhaps) and after a fork. */
PyObject *kmp_set_main_thread(unsigned long ident);
/* What ends a child of fork that comes back from an observer on a thread of kerma's: fn(exception or None) does not return. */
PyObject *kmp_set_child_end(PyObject *fn);
/* The interpreter's end: first no run may begin any more, then, when all have ended, no thread may touch Python. */
void kmp_refuse(void);
int kmp_is_refusing(void);
/*
 * Whether this is a thread of Python's that the interpreter's end leaves behind. It is to end without a word (SystemExit):
 * were it printing a traceback when Python closes stderr, Python would abort the process.
 */
int kmp_thread_is_left(void);
void kmp_end(void);
int kmp_is_ending(void);

kma_worker_fn kmp_on_worker;
kma_run_fn kmp_on_run;
kma_step_fn kmp_on_step;
kma_block_fn kmp_on_block;
/* The views of steps and workers that this thread has for its next callback. */
int kmp_has_views(void); /* also without the GIL */
void kmp_drop_views(void);
/* Registers what gives the workers' thread states back; `hooks` is (hooks, build index or 0, drop index or 0). */
PyObject *kmp_set_user_initialization(kma_run_manager run, PyObject *hooks);
int kmp_add_types(PyObject *module); /* Step, Worker */
/* Once at import, before anything else: refuses subinterpreters and another libkerma than the package was built for. */
PyObject *kmp_begin(PyObject *module);

/* ---- the calls that wait or call back: by_hand.c ---------------------------- */

typedef int kmp_flag; /* 0: an exception is set */
kmp_flag kmp_run_manager_create(kma_scene scene, PyObject *options, kma_run_manager *out);
PyObject *kmp_run_manager_initialize(kma_run_manager run, PyObject *hooks);
PyObject *kmp_run_manager_beam_on(kma_run_manager run, uint64_t histories, PyObject *hooks);
PyObject *kmp_run_manager_start(kma_run_manager run, uint64_t histories, PyObject *hooks);
PyObject *kmp_run_manager_wait(kma_run_manager run, double timeout, PyObject *hooks);
PyObject *kmp_run_manager_close(kma_run_manager run, PyObject *hooks);
PyObject *kmp_run_manager_replay(kma_run_manager run, uint64_t history, PyObject *hooks_and_index);
PyObject *kmp_shutdown(void);
PyObject *kmp_simulation_check(PyObject *path); /* a list of (status, text) */

/* ---- log: log.c -------------------------------------------------------------- */

int kmp_log_begin(void);                /* the sink, once at import */
PyObject *kmp_log_set_reader(PyObject *fn); /* called as fn(level, text), from calls of the package */
int kmp_log_flush(void);                /* hands on what waits; -1: the reader has raised an exception, the rest waits on */
/* Not on this thread, while the package holds a lock of its own: readers are user code. */
void kmp_log_hold(int on);
int kmp_log_waits(void);                /* something does; without the GIL */

#endif
