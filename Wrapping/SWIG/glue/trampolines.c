/*
 * The ways from kerma's threads into Python. All go through call_python(): it
 * takes the GIL first and gives it back last, holds what is called, ends what
 * is lent and keeps what is raised; no lock of kerma's is held by its caller. A
 * trampoline says what is to be called with what, and nothing else.
 *
 * Step and Worker are views of what kerma lends for the time of a call: used
 * later they raise an exception instead of reading what is gone. A worker's
 * views are used again for its next call unless somebody has kept them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "kmp.h"

/* ---- views ---- */

typedef struct view {
    PyObject_HEAD
    const void *lent;   /* NULL when the call is over */
    PyObject *data;     /* of a worker: what the user initialization made; a strong reference while lent */
} view;

static PyTypeObject *step_type, *worker_type;

static void view_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc free_object = (freefunc)PyType_GetSlot(type, Py_tp_free);

    Py_XDECREF(((view *)self)->data);
    free_object(self);
    Py_DECREF(type);
}

static const void *lent(PyObject *self, const char *what)
{
    const void *value = ((view *)self)->lent;

    if (value == NULL)
        kmp_raise_text(KMA_ERR_STALE, what);
    return value;
}

#define STEP_GONE "a step can be looked at during the call of its observer only: copy what you keep (step.copy())"
#define WORKER_GONE "a worker can be used during the call of its observer only"

enum step_part { ENERGY, NEXT_ENERGY, DEPOSITED, LENGTH, BEGIN, END, DIRECTION, NEXT_DIRECTION, HISTORY, TRACK, NUMBER,
                 PROCESS, PLACEMENT, NEXT_PLACEMENT, MATERIAL, VOXEL };

static PyObject *step_get(PyObject *self, void *closure)
{
    const kma_step *s = lent(self, STEP_GONE);

    if (s == NULL) return NULL;
    switch ((enum step_part)(intptr_t)closure) {
    case ENERGY: return PyFloat_FromDouble(s->energy);
    case NEXT_ENERGY: return PyFloat_FromDouble(s->next_energy);
    case DEPOSITED: return PyFloat_FromDouble(s->deposited);
    case LENGTH: return PyFloat_FromDouble(s->length);
    case BEGIN: return kmp_tuple(s->begin, 3);
    case END: return kmp_tuple(s->end, 3);
    case DIRECTION: return kmp_tuple(s->direction, 3);
    case NEXT_DIRECTION: return kmp_tuple(s->next_direction, 3);
    case HISTORY: return PyLong_FromUnsignedLongLong(s->history);
    case TRACK: return PyLong_FromUnsignedLong(s->track);
    case NUMBER: return PyLong_FromUnsignedLong(s->number);
    case PROCESS: return PyLong_FromLong(s->process);
    case PLACEMENT: return PyLong_FromLong(s->placement);
    case NEXT_PLACEMENT: return PyLong_FromLong(s->next_placement);
    case MATERIAL: return PyLong_FromLong(s->material);
    case VOXEL: return PyLong_FromLongLong(s->voxel);
    }
    return NULL;
}

/* The whole step, to keep: a dict, or bytes as in a block. */
static PyObject *step_copy(PyObject *self, PyObject *ignored)
{
    const kma_step *s = lent(self, STEP_GONE);

    (void)ignored;
    return s == NULL ? NULL : kmp_to_dict(&kmp_step, s);
}

static PyObject *step_repr(PyObject *self)
{
    const kma_step *s = ((view *)self)->lent;
    char text[160];

    if (s == NULL) return PyUnicode_FromString("<kerma.Step, over>");
    snprintf(text, sizeof text, "<kerma.Step %llu.%u.%u %s: %.6g MeV, %.6g mm>", (unsigned long long)s->history,
             (unsigned)s->track, (unsigned)s->number, kma_process_name((kma_process)s->process), s->energy, s->length);
    return PyUnicode_FromString(text);
}

#define PART(name, part, text) {#name, step_get, NULL, text, (void *)(intptr_t)part}
static PyGetSetDef step_parts[] = {
    PART(history, HISTORY, "number of the history"),
    PART(track, TRACK, "of the history; 0 is the emitted photon"),
    PART(number, NUMBER, "of the track's steps; 0 is the emission"),
    PART(process, PROCESS, "what ended the step: a kerma.Process"),
    PART(placement, PLACEMENT, "that the step lies in; -1: none"),
    PART(next_placement, NEXT_PLACEMENT, "that the photon is in afterwards"),
    PART(material, MATERIAL, "at the end of the step; -1: vacuum"),
    PART(voxel, VOXEL, "x + nx (y + ny z) at the end of the step, or -1"),
    PART(begin, BEGIN, "mm, in the world"),
    PART(end, END, "mm, in the world"),
    PART(length, LENGTH, "mm"),
    PART(direction, DIRECTION, "during the step, of length 1"),
    PART(next_direction, NEXT_DIRECTION, "after it"),
    PART(energy, ENERGY, "during the step, MeV"),
    PART(next_energy, NEXT_ENERGY, "after it, MeV; 0 if the photon ended"),
    PART(deposited, DEPOSITED, "at the end of the step, MeV"),
    {NULL, NULL, NULL, NULL, NULL},
};
static PyMethodDef step_methods[] = {
    {"copy", step_copy, METH_NOARGS, "All of it as a dict, to keep."},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot step_slots[] = {
    {Py_tp_doc, (void *)(intptr_t) "A step, lent to an observer for the time of its call. Units: mm, MeV."},
    {Py_tp_dealloc, view_dealloc},
    {Py_tp_getset, step_parts},
    {Py_tp_methods, step_methods},
    {Py_tp_repr, step_repr},
    {0, NULL},
};
static PyType_Spec step_spec = {"kerma.Step", sizeof(view), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                step_slots};

enum worker_part { INDEX, COUNT, WORKER_HISTORY };

static PyObject *worker_get(PyObject *self, void *closure)
{
    const kma_worker *w = lent(self, WORKER_GONE);

    if (w == NULL) return NULL;
    switch ((enum worker_part)(intptr_t)closure) {
    case INDEX: return PyLong_FromLong(w->index);
    case COUNT: return PyLong_FromLong(w->count);
    case WORKER_HISTORY: return PyLong_FromUnsignedLongLong(w->history);
    }
    return NULL;
}

static PyObject *worker_data(PyObject *self, void *closure)
{
    PyObject *data = ((view *)self)->data;

    (void)closure;
    if (lent(self, WORKER_GONE) == NULL) return NULL;
    if (data == NULL) data = Py_None;
    Py_INCREF(data);
    return data;
}

static PyObject *worker_uniform(PyObject *self, PyObject *ignored)
{
    const kma_worker *w = lent(self, WORKER_GONE);

    (void)ignored;
    return w == NULL ? NULL : PyFloat_FromDouble(kma_worker_uniform(w));
}

static PyObject *worker_repr(PyObject *self)
{
    const kma_worker *w = ((view *)self)->lent;

    if (w == NULL) return PyUnicode_FromString("<kerma.Worker, over>");
    return PyUnicode_FromFormat("<kerma.Worker %d of %d>", w->index, w->count);
}

static PyGetSetDef worker_parts[] = {
    {"index", worker_get, NULL, "0 .. count - 1; 0 in a serial run", (void *)(intptr_t)INDEX},
    {"count", worker_get, NULL, "workers; 1 in a serial run", (void *)(intptr_t)COUNT},
    {"history", worker_get, NULL, "number of the history; 0 outside of histories", (void *)(intptr_t)WORKER_HISTORY},
    {"data", worker_data, NULL, "what the user initialization made for this worker", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
static PyMethodDef worker_methods[] = {
    {"uniform", worker_uniform, METH_NOARGS,
     "A random number in (0, 1) of this history: the same for any number of threads."},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot worker_slots[] = {
    {Py_tp_doc, (void *)(intptr_t) "The worker that calls an observer, lent for the time of the call."},
    {Py_tp_dealloc, view_dealloc},
    {Py_tp_getset, worker_parts},
    {Py_tp_methods, worker_methods},
    {Py_tp_repr, worker_repr},
    {0, NULL},
};
static PyType_Spec worker_spec = {"kerma.Worker", sizeof(view), 0,
                                  Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, worker_slots};

int kmp_add_types(PyObject *module)
{
    step_type = (PyTypeObject *)PyType_FromSpec(&step_spec);
    worker_type = (PyTypeObject *)PyType_FromSpec(&worker_spec);
    if (step_type == NULL || worker_type == NULL) return -1;
    if (PyModule_AddType(module, step_type) != 0) return -1;
    return PyModule_AddType(module, worker_type);
}

static view *view_new(PyTypeObject *type)
{
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    view *v = (view *)alloc(type, 0);

    if (v != NULL) {
        v->lent = NULL;
        v->data = NULL;
    }
    return v;
}

/* A view for the time of a call. The thread's spare one is used if nobody is using it. */
static view *lend(PyTypeObject *type, view **spare, const void *value)
{
    view *v = *spare;

    *spare = NULL;
    if (v == NULL) v = view_new(type);
    if (v != NULL) v->lent = value;
    return v;
}

static void take_back(view *v, view **spare)
{
    v->lent = NULL;
    Py_CLEAR(v->data);
    if (*spare == NULL && Py_REFCNT((PyObject *)v) == 1)
        *spare = v;
    else
        Py_DECREF((PyObject *)v);
}

static _Thread_local view *spare_step, *spare_worker;

int kmp_has_views(void)
{
    return spare_step != NULL || spare_worker != NULL;
}

void kmp_drop_views(void)
{
    Py_CLEAR(spare_step);
    Py_CLEAR(spare_worker);
}

/* ---- trampolines ---- */

static view *lend_worker(PyObject *hooks, const kma_worker *worker)
{
    view *v = lend(worker_type, &spare_worker, worker);

    if (v != NULL && worker->data != NULL) {
        PyObject *key = PyLong_FromVoidPtr(worker->data);
        PyObject *data = key == NULL ? NULL : PyDict_GetItem(PyList_GetItem(hooks, KMP_HOOKS_DATA), key);
        Py_XINCREF(data);
        Py_XDECREF(key);
        v->data = data;
        if (key == NULL) {
            take_back(v, &spare_worker);
            v = NULL;
        }
    }
    return v;
}

/* A call of a callable in Python: whoever wants one fills in the first part. */
typedef struct callback {
    const kmp_hook *hook;
    /* Calls `callable`, with the GIL, by Python's convention: its result, or NULL with an exception set. */
    PyObject *(*make)(const struct callback *self);
    const kma_worker *worker; /* on whose thread this is, which then keeps its thread state; NULL: on another thread */
    const kma_step *step;
    kma_action *action;
    const kma_block *block;
    void *data, **data_out;   /* of the user initialization */

    /* call_python()'s, for `make`. */
    kmp_entered in;
    view *lent_worker; /* NULL without a worker */
} callback;

static kma_status call_python(callback *self)
{
    PyObject *result = NULL;

    if (!kmp_hook_enter(self->hook, self->worker != NULL, &self->in)) return KMA_ERR_ABORTED;
    if (self->worker != NULL) self->lent_worker = lend_worker(self->in.hooks, self->worker);
    if (self->worker == NULL || self->lent_worker != NULL) result = self->make(self);
    if (self->lent_worker != NULL) take_back(self->lent_worker, &spare_worker);
    return kmp_hook_leave(&self->in, result);
}

static PyObject *call_on_worker(const callback *self)
{
    return PyObject_CallFunctionObjArgs(self->in.callable, (PyObject *)self->lent_worker, NULL);
}

kma_status kmp_on_worker(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    return call_python(&(callback){.hook = context, .make = call_on_worker, .worker = worker});
}

static PyObject *call_on_run(const callback *self)
{
    return PyObject_CallObject(self->in.callable, NULL);
}

kma_status kmp_on_run(kma_run_manager run, void *context)
{
    (void)run;
    return call_python(&(callback){.hook = context, .make = call_on_run});
}

/* None: go on; otherwise a kma_action. */
static int take_action(PyObject *result, kma_action *action)
{
    long wanted;

    if (result == Py_None) return 0;
    wanted = PyBool_Check(result) ? -1 : PyLong_AsLong(result); /* True is no wish to kill the track */
    if (wanted < KMA_GO_ON || wanted > KMA_END_RUN) {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "an observer of steps returns None or a kerma.Action, not %R", result);
        return -1;
    }
    if ((kma_action)wanted > *action) *action = (kma_action)wanted;
    return 0;
}

static PyObject *call_on_step(const callback *self)
{
    view *step = lend(step_type, &spare_step, self->step);
    PyObject *result;

    if (step == NULL) return NULL;
    result = PyObject_CallFunctionObjArgs(self->in.callable, (PyObject *)self->lent_worker, (PyObject *)step, NULL);
    take_back(step, &spare_step);
    if (result != NULL && take_action(result, self->action) != 0) Py_CLEAR(result);
    return result;
}

kma_status kmp_on_step(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                       void *context)
{
    (void)run;
    return call_python(&(callback){.hook = context, .make = call_on_step, .worker = worker, .step = step,
                                   .action = action});
}

/* Python gets a copy of the records: kerma uses their memory again. */
static PyObject *call_on_block(const callback *self)
{
    const kma_block *b = self->block;
    PyObject *records = PyBytes_FromStringAndSize(b->records, (Py_ssize_t)(b->count * b->record_size)), *result;

    if (records == NULL) return NULL;
    result = PyObject_CallFunction(self->in.callable, "KO", (unsigned long long)b->number, records);
    Py_DECREF(records);
    return result;
}

kma_status kmp_on_block(kma_run_manager run, const kma_block *block, void *context)
{
    (void)run;
    return call_python(&(callback){.hook = context, .make = call_on_block, .block = block});
}

/* ---- the life of a worker ---- */

/* Every run manager has one: its drop is the last that a worker does, so it gives the thread's state back. */
typedef struct user_initialization {
    kmp_hook *build, *drop; /* NULL without one in Python */
} user_initialization;

static void user_dispose(void *context)
{
    user_initialization *user = context;

    kmp_hook_dispose(user->build);
    kmp_hook_dispose(user->drop);
    free(user);
}

/* The worker's data stay with the hooks, where the collector sees them; C has the key alone. */
static int keep_data(PyObject *hooks, int index, PyObject *data, void **data_out)
{
    PyObject *key = PyLong_FromLong(index + 1L);
    int status = key == NULL ? -1 : PyDict_SetItem(PyList_GetItem(hooks, KMP_HOOKS_DATA), key, data);

    Py_XDECREF(key);
    if (status == 0) *data_out = (void *)(intptr_t)(index + 1);
    return status;
}

static PyObject *call_build(const callback *self)
{
    PyObject *data = call_on_worker(self);

    if (data != NULL && keep_data(self->in.hooks, self->worker->index, data, self->data_out) != 0) Py_CLEAR(data);
    return data;
}

static kma_status user_build(kma_run_manager run, const kma_worker *worker, void *context, void **data_out)
{
    const user_initialization *user = context;
    kma_status status;

    (void)run;
    *data_out = NULL;
    if (user->build == NULL) return KMA_OK;
    status = call_python(&(callback){.hook = user->build, .make = call_build, .worker = worker, .data_out = data_out});
    if (status != KMA_OK) kmp_gil_leave_thread(); /* no drop will follow */
    return status;
}

/* Raises nothing here: what a drop raises has a place of its own, for no run is left that could end with it. */
static PyObject *call_drop(const callback *self)
{
    PyObject *dict = PyList_GetItem(self->in.hooks, KMP_HOOKS_DATA), *key = PyLong_FromVoidPtr(self->data);
    PyObject *data = key == NULL ? NULL : PyDict_GetItem(dict, key), *result = NULL;

    if (data != NULL) {
        Py_INCREF(data);
        PyDict_DelItem(dict, key);
        if (self->in.callable != Py_None) {
            result = PyObject_CallFunctionObjArgs(self->in.callable, data, NULL);
            if (result == NULL) kmp_keep_drop(self->in.hooks, key, self->in.callable);
        }
        Py_DECREF(data);
    }
    PyErr_Clear();
    Py_XDECREF(result);
    Py_XDECREF(key);
    Py_RETURN_NONE;
}

static void user_drop(kma_run_manager run, const kma_worker *worker, void *context, void *data)
{
    const user_initialization *user = context;

    (void)run;
    (void)worker;
    if (data != NULL) call_python(&(callback){.hook = user->drop, .make = call_drop, .data = data});
    kmp_gil_leave_thread();
}

PyObject *kmp_set_user_initialization(kma_run_manager run, PyObject *hooks)
{
    kma_user_initialization initialization = {sizeof initialization, user_build, user_drop, NULL, user_dispose};
    user_initialization *user = calloc(1, sizeof *user);
    kma_status status;

    if (user == NULL) return PyErr_NoMemory();
    if (hooks != Py_None) {
        PyObject *list, *build, *drop;
        if (!PyTuple_Check(hooks) || PyTuple_Size(hooks) != 3) {
            free(user);
            return PyErr_Format(PyExc_TypeError, "(hooks, build, drop) is needed");
        }
        list = PyTuple_GetItem(hooks, 0);
        build = Py_BuildValue("(OO)", list, PyTuple_GetItem(hooks, 1));
        drop = Py_BuildValue("(OO)", list, PyTuple_GetItem(hooks, 2));
        user->build = build == NULL ? NULL : kmp_hook_new(build);
        user->drop = drop == NULL || user->build == NULL ? NULL : kmp_hook_new(drop);
        Py_XDECREF(build);
        Py_XDECREF(drop);
        if (user->drop == NULL) {
            user_dispose(user);
            return NULL;
        }
    }
    initialization.context = user;
    status = kma_run_manager_set_user_initialization(run, &initialization); /* disposes of it if it fails */
    if (status != KMA_OK) return kmp_raise(status);
    Py_RETURN_NONE;
}
