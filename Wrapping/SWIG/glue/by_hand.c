/*
 * The calls that can wait for a thread of kerma's, or call back: each lets the
 * GIL go here, by hand, whatever RELEASE_GIL says. Were the GIL held, the
 * workers' callbacks would wait for it for ever.
 */
#include <stdlib.h>

#include "kmp.h"

kmp_flag kmp_run_manager_create(kma_scene scene, PyObject *options, kma_run_manager *out)
{
    kma_run_options o;
    kma_status status;

    out->bits = 0;
    /* With the GIL held from here to the end: whoever ends the interpreter closes all run managers there are, and
     * this one is either among them or refused. */
    if (kmp_is_refusing()) {
        kmp_raise_text(KMA_ERR_CLOSED, "the interpreter is ending: no run can begin any more");
        return 0;
    }
    kma_run_options_defaults(&o);
    if (kmp_from_dict(&kmp_run_options, options, &o) != 0) return 0;
    o.poll = kmp_poll;
    status = kma_run_manager_create(scene, &o, out);
    if (status != KMA_OK) kmp_raise(status);
    return status == KMA_OK;
}

#define BY_HAND(hooks, expression)                                                                                     \
    kmp_call call;                                                                                                     \
    kma_status status;                                                                                                 \
    if (!kmp_call_begin(&call, hooks)) return NULL;                                                                    \
    Py_BEGIN_ALLOW_THREADS                                                                                             \
    status = expression;                                                                                               \
    Py_END_ALLOW_THREADS                                                                                               \
    return kmp_call_end(&call, status)

PyObject *kmp_run_manager_initialize(kma_run_manager run, PyObject *hooks)
{
    BY_HAND(hooks, kma_run_manager_initialize(run));
}

PyObject *kmp_run_manager_beam_on(kma_run_manager run, uint64_t histories, PyObject *hooks)
{
    BY_HAND(hooks, kma_run_manager_beam_on(run, histories));
}

PyObject *kmp_run_manager_start(kma_run_manager run, uint64_t histories, PyObject *hooks)
{
    kmp_call call;
    kma_status status;

    if (!kmp_call_begin(&call, hooks)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = kma_run_manager_start(run, histories);
    Py_END_ALLOW_THREADS
    if (status == KMA_OK) kmp_call_forget(&call);
    return kmp_call_end(&call, status);
}

/* None when the run has ended, a text when the time limit has passed: an exception would look like an observer's of the
 * same class. */
PyObject *kmp_run_manager_wait(kma_run_manager run, double timeout, PyObject *hooks)
{
    PyObject *late = NULL, *done;
    kmp_call call;
    kma_status status;

    if (!kmp_call_begin(&call, hooks)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = kma_run_manager_wait(run, timeout);
    Py_END_ALLOW_THREADS
    if (status == KMA_ERR_TIMEOUT) late = PyUnicode_FromString(kma_error_message());
    if (late == NULL) {
        PyErr_Clear(); /* no memory for a text: the status raises */
        return kmp_call_end(&call, status);
    }
    done = kmp_call_end(&call, KMA_OK);
    if (done == NULL) Py_CLEAR(late);
    Py_XDECREF(done);
    return late;
}

PyObject *kmp_run_manager_close(kma_run_manager run, PyObject *hooks)
{
    if (kmp_is_refusing()) Py_RETURN_NONE; /* whoever ends the interpreter closes it */
    BY_HAND(hooks, kma_run_manager_close(run));
}

/* At the interpreter's end. Callbacks work until the last run has ended. */
PyObject *kmp_shutdown(void)
{
    PyObject *done;
    kmp_call call;
    kma_status status;

    if (kmp_is_refusing()) Py_RETURN_NONE; /* all has been closed, and nothing new was let in */
    if (!kmp_call_begin(&call, NULL)) return NULL;
    kmp_refuse();
    Py_BEGIN_ALLOW_THREADS
    status = kma_shutdown();
    Py_END_ALLOW_THREADS
    done = kmp_call_end(&call, status == KMA_ERR_OBSERVER ? KMA_OK : status); /* that was said when it happened */
    kmp_end();
    return done;
}

PyObject *kmp_run_manager_replay(kma_run_manager run, uint64_t history, PyObject *hooks_and_index)
{
    kmp_hook *hook = kmp_hook_new(hooks_and_index);
    PyObject *result;
    kmp_call call;
    kma_status status;

    if (hook == NULL) return NULL;
    if (!kmp_call_begin(&call, PyTuple_GetItem(hooks_and_index, 0))) {
        kmp_hook_dispose(hook);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = kma_run_manager_replay(run, history, kmp_on_step, hook);
    Py_END_ALLOW_THREADS
    result = kmp_call_end(&call, status);
    kmp_hook_dispose(hook);
    return result;
}

/* ---- faults of a scene file ---- */

typedef struct faults {
    PyObject *list; /* of (status, text) */
    int failed;
} faults;

static void hear_fault(kma_status status, const char *text, void *context)
{
    faults *f = context;
    PyObject *item;
    kmp_gil gil;

    if (!kmp_gil_take(&gil)) return;
    item = Py_BuildValue("(is)", (int)status, text);
    if (item == NULL || PyList_Append(f->list, item) != 0) {
        PyErr_Clear();
        f->failed = 1;
    }
    Py_XDECREF(item);
    kmp_gil_give(&gil);
}

PyObject *kmp_simulation_check(PyObject *path)
{
    faults f = {NULL, 0};
    kma_simulation simulation = {0};
    const char *text;
    PyObject *result;
    kmp_call call;
    kma_status status;

    if (kmp_text(path, "path", &text) != 0) return NULL;
    f.list = PyList_New(0);
    if (f.list == NULL) return NULL;
    if (!kmp_call_begin(&call, NULL)) {
        Py_DECREF(f.list);
        return NULL;
    }
    kma_set_thread_poll(kmp_poll_long_call, NULL);
    Py_BEGIN_ALLOW_THREADS
    status = kma_simulation_check(text, hear_fault, &f, &simulation);
    Py_END_ALLOW_THREADS
    kma_set_thread_poll(NULL, NULL);
    if (status != KMA_OK && PyList_Size(f.list) > 0) { /* the end of it is one fault more */
        PyObject *item = Py_BuildValue("(is)", (int)status, kma_error_message());
        if (item == NULL || PyList_Append(f.list, item) != 0) {
            PyErr_Clear();
            f.failed = 1;
        }
        Py_XDECREF(item);
        status = KMA_OK;
    }
    kma_simulation_release(&simulation);
    result = kmp_call_end(&call, status);
    if (result != NULL && f.failed) {
        Py_DECREF(result);
        result = PyErr_NoMemory();
    }
    if (result == NULL) {
        Py_DECREF(f.list);
        return NULL;
    }
    Py_DECREF(result);
    return f.list;
}
