/*
 * Who may touch Python, and when.
 *
 * A thread of kerma's needs a thread state for Python. Making and deleting one
 * takes microseconds, so a worker keeps its own from its first callback to its
 * end: one PyGILState_Ensure() more than is given back. Every callback then
 * takes and gives the GIL with Ensure and Release as usual, which works also
 * where this thread holds it already.
 */
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kmp.h"

#define WAITING "waiting for Python's GIL"

static atomic_bool refusing;            /* no run may begin any more: the interpreter will end */
static atomic_bool ending;              /* no thread may touch Python any more */
static atomic_size_t kept_states;       /* thread states that workers hold */
static atomic_ulong main_thread;        /* ident of Python's main thread */
static _Thread_local int keeps_state;   /* this thread holds one */
static _Thread_local int inside;        /* how many callbacks this thread is inside of */
static _Thread_local int is_ours;       /* the outermost of these came on a thread of kerma's */
static unsigned forks;                  /* of which this process is the child; the GIL guards it */
static _Thread_local unsigned forks_before; /* at the begin of the outermost callback */
static PyObject *child_end;             /* ends the process: fn(exception or None) */
static unsigned next_code = KMP_KEPT_FIRST; /* of the next exception that is kept; the GIL guards it */
static _Thread_local PyObject *pending; /* what a signal's handler raised inside of the call under way */

void kmp_refuse(void)
{
    atomic_store(&refusing, true);
}

int kmp_is_refusing(void)
{
    return atomic_load(&refusing);
}

int kmp_thread_is_left(void)
{
    return inside == 0 && kmp_is_refusing() && (unsigned long)pthread_self() != atomic_load(&main_thread);
}

void kmp_end(void)
{
    atomic_store(&ending, true);
}

int kmp_is_ending(void)
{
    return atomic_load(&ending);
}

static int take(kmp_gil *gil, int keep_thread_state)
{
    if (atomic_load_explicit(&ending, memory_order_relaxed)) return 0;
    if (keep_thread_state && !keeps_state && PyGILState_GetThisThreadState() == NULL) {
        PyGILState_Ensure(); /* the one more */
        PyEval_SaveThread();
        keeps_state = 1;
        atomic_fetch_add(&kept_states, 1);
    }
    if (inside == 0) is_ours = PyGILState_GetThisThreadState() == NULL || keeps_state;
    gil->state = PyGILState_Ensure();
    if (inside++ == 0) forks_before = forks;
    return 1;
}

int kmp_gil_take(kmp_gil *gil)
{
    return take(gil, 0);
}

/* An observer has forked on a thread of kerma's, and this is the child: there is nothing that it could return to. */
static void end_child(PyObject *exception)
{
    PyObject *result;

    if (inside != 1 || !is_ours || forks_before == forks || child_end == NULL) return;
    result = PyObject_CallFunctionObjArgs(child_end, exception == NULL ? Py_None : exception, NULL);
    Py_XDECREF(result);
    _exit(1);
}

void kmp_gil_give(const kmp_gil *gil)
{
    end_child(NULL);
    inside--;
    PyGILState_Release(gil->state);
}

void kmp_gil_leave_thread(void)
{
    kmp_gil gil;

    kma_callback_note(WAITING);
    if (kmp_has_views() && kmp_gil_take(&gil)) {
        kmp_drop_views();
        kmp_gil_give(&gil);
    }
    /* A serial run that a callback makes and closes ends here, too: the thread's state is that callback's. */
    if (!keeps_state || inside > 0 || kmp_is_ending()) return;
    keeps_state = 0;
    PyEval_RestoreThread(PyGILState_GetThisThreadState());
    atomic_fetch_sub(&kept_states, 1);
    PyGILState_Release(PyGILState_UNLOCKED);
}

size_t kmp_kept_thread_states(void)
{
    return atomic_load(&kept_states);
}

PyObject *kmp_begin(PyObject *module)
{
    if (PyInterpreterState_GetID(PyInterpreterState_Get()) != 0) {
        PyErr_SetString(PyExc_ImportError, "kerma's threads call Python, which works in the main interpreter only");
        return NULL;
    }
    if (strcmp(kma_version(), KMP_VERSION) != 0) {
        Dl_info found;

        PyErr_Format(PyExc_ImportError, "the package was built for libkerma " KMP_VERSION ", but %s, which is %s, was found first",
                     dladdr((const void *)(uintptr_t)kma_version, &found) != 0 ? found.dli_fname : "a libkerma", kma_version());
        return NULL;
    }
    if (kmp_add_types(module) != 0 || kmp_log_begin() != 0) return NULL;
    Py_RETURN_NONE;
}

/* ---- hooks ---- */

/*
 * The note of a callable, for ever: who reports a stall reads it without the GIL and without asking whether its hook still
 * lives. The same text is kept once, so there are as many as a program has functions; more than these are not told apart.
 */
enum { NOTES_MAX = 4000 };
typedef struct note {
    struct note *next;
    char text[];
} note;

static const char *note_of(const char *name)
{
    static const char prefix[] = WAITING " to call ";
    static note *first; /* the GIL guards it */
    static size_t count;
    note *n;

    for (n = first; n != NULL; n = n->next)
        if (strcmp(n->text + sizeof prefix - 1, name) == 0) return n->text;
    if (count >= NOTES_MAX) return WAITING " to call a function";
    n = malloc(sizeof *n + sizeof prefix + strlen(name));
    if (n == NULL) return WAITING " to call a function";
    strcpy(n->text, prefix);
    strcat(n->text, name);
    n->next = first;
    first = n;
    count++;
    return n->text;
}

/* Asks the hooks how the callable is called: see kerma/observers.py. */
static int name_hook(kmp_hook *hook, PyObject *hooks)
{
    PyObject *name = PyObject_CallMethod(hooks, "name", "n", hook->index);
    const char *text;

    if (name == NULL || kmp_text(name, "name", &text) != 0) {
        Py_XDECREF(name);
        return -1;
    }
    hook->note = note_of(text);
    hook->name = hook->note + strlen(WAITING " to call ");
    Py_DECREF(name);
    return 0;
}

kmp_hook *kmp_hook_new(PyObject *hooks_and_index)
{
    PyObject *hooks;
    Py_ssize_t index;
    kmp_hook *hook;

    if (!PyTuple_Check(hooks_and_index) || PyTuple_Size(hooks_and_index) != 2) {
        PyErr_SetString(PyExc_TypeError, "an observer is (hooks, index)");
        return NULL;
    }
    hooks = PyTuple_GetItem(hooks_and_index, 0);
    index = PyLong_AsSsize_t(PyTuple_GetItem(hooks_and_index, 1));
    if (index == -1 && PyErr_Occurred()) return NULL;
    if (!PyList_Check(hooks) || index < KMP_HOOKS_FIRST || index >= PyList_Size(hooks)) {
        PyErr_SetString(PyExc_IndexError, "no such hook");
        return NULL;
    }
    hook = malloc(sizeof *hook); /* given back by threads that may not touch Python's memory */
    if (hook == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    hook->index = index;
    hook->hooks = PyWeakref_NewRef(hooks, NULL);
    if (hook->hooks == NULL || name_hook(hook, hooks) != 0) {
        Py_XDECREF(hook->hooks);
        free(hook);
        return NULL;
    }
    return hook;
}

void kmp_hook_dispose(void *object)
{
    kmp_hook *hook = object;
    kmp_gil gil;

    if (hook == NULL) return;
    kma_callback_note(WAITING);
    if (kmp_gil_take(&gil)) {
        Py_DECREF(hook->hooks);
        kmp_gil_give(&gil);
    } /* else the weak reference is left to the process's end: Python must not be touched any more */
    free(hook);
}

/* The exception that is set, with its traceback. */
static PyObject *fetch(void)
{
    PyObject *type, *exception, *traceback;

    PyErr_Fetch(&type, &exception, &traceback); /* deprecated from 3.12, but in all versions and in the limited API */
    PyErr_NormalizeException(&type, &exception, &traceback);
    if (traceback != NULL && exception != NULL) PyException_SetTraceback(exception, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return exception;
}

/* Keeps the exception that is set, for the call that the run ends; its status. */
static kma_status keep_exception(PyObject *hooks)
{
    PyObject *exception, *kept, *key;
    unsigned code = next_code;

    next_code = KMP_KEPT_FIRST + ((code + 1) & 0xfffffff);
    if (kmp_is_refusing()) { /* the interpreter's end has no caller to raise it */
        PyErr_WriteUnraisable(NULL);
        return KMA_ERR_OBSERVER;
    }
    exception = fetch();
    end_child(exception);
    kept = PyList_GetItem(hooks, KMP_HOOKS_KEPT);
    key = PyLong_FromUnsignedLong(code);
    if (exception == NULL || kept == NULL || key == NULL || PyDict_SetItem(kept, key, exception) != 0) {
        PyErr_Clear(); /* no memory to keep it */
        code = KMA_ERR_OBSERVER;
    }
    Py_XDECREF(key);
    Py_XDECREF(exception);
    return (kma_status)code;
}

int kmp_hook_enter(const kmp_hook *hook, int keep_thread_state, kmp_entered *in)
{
    PyObject *hooks;

    kma_callback_note(hook->note); /* reports of stalls name it, and tell who waits for the GIL from who has it */
    if (!take(&in->gil, keep_thread_state)) return 0;
    kma_callback_note(hook->name);
    hooks = PyObject_CallObject(hook->hooks, NULL); /* a strong reference, or None: dropped with its simulation */
    if (hooks == NULL || !PyList_Check(hooks) || hook->index >= PyList_Size(hooks)) {
        PyErr_Clear();
        Py_XDECREF(hooks);
        kmp_gil_give(&in->gil);
        return 0;
    }
    in->hooks = hooks;
    in->callable = PyList_GetItem(hooks, hook->index);
    Py_INCREF(in->callable);
    return 1;
}

kma_status kmp_hook_leave(kmp_entered *in, PyObject *result)
{
    kma_status status = result == NULL ? keep_exception(in->hooks) : KMA_OK;

    Py_XDECREF(result);
    Py_DECREF(in->callable);
    Py_DECREF(in->hooks);
    kmp_gil_give(&in->gil);
    return status;
}

/* Kept with a negative number, which is no status. */
void kmp_keep_drop(PyObject *hooks, PyObject *data_key, PyObject *callable)
{
    PyObject *exception, *key;

    if (kmp_is_refusing()) {
        PyErr_WriteUnraisable(callable);
        return;
    }
    exception = fetch();
    end_child(exception);
    key = PyNumber_Negative(data_key);
    if (exception == NULL || key == NULL || PyDict_SetItem(PyList_GetItem(hooks, KMP_HOOKS_KEPT), key, exception) != 0)
        PyErr_WriteUnraisable(callable); /* no memory to keep it */
    Py_XDECREF(key);
    Py_XDECREF(exception);
}

/* ---- calls that let the GIL go by hand ---- */

static void raise_again(PyObject *exception) /* takes it */
{
    PyObject *type = (PyObject *)Py_TYPE(exception);

    Py_INCREF(type);
    PyErr_Restore(type, exception, PyException_GetTraceback(exception));
}

/* The dict of what is kept, borrowed; NULL for a call without hooks. */
static PyObject *kept_of(PyObject *hooks)
{
    return hooks != NULL && PyList_Check(hooks) ? PyList_GetItem(hooks, KMP_HOOKS_KEPT) : NULL;
}

/* How many calls are under way on these hooks: a number kept with the exceptions under the key 0. */
static long count_calls(PyObject *kept, long more)
{
    PyObject *key = PyLong_FromLong(0), *old = key == NULL ? NULL : PyDict_GetItem(kept, key), *new;
    long count = (old == NULL ? 0 : PyLong_AsLong(old)) + more;

    new = count == 0 ? NULL : PyLong_FromLong(count);
    if (count == 0 ? PyDict_DelItem(kept, key) != 0 : new == NULL || key == NULL || PyDict_SetItem(kept, key, new) != 0)
        PyErr_Clear(); /* no memory: one call too many */
    Py_XDECREF(new);
    Py_XDECREF(key);
    return count;
}

int kmp_call_begin(kmp_call *call, PyObject *hooks)
{
    if (kmp_is_refusing()) {
        kmp_raise_text(KMA_ERR_CLOSED, "the interpreter is ending: kerma has closed all runs");
        return 0;
    }
    call->hooks = hooks;
    call->pending = pending;
    call->first_code = next_code;
    pending = NULL;
    if (kept_of(hooks) != NULL) count_calls(kept_of(hooks), 1);
    return 1;
}

/* Forgets the observers' exceptions with codes below this. */
static void forget_kept(PyObject *kept, long end)
{
    PyObject *keys = PyDict_Keys(kept);
    Py_ssize_t i, n = keys == NULL ? 0 : PyList_Size(keys);

    for (i = 0; i < n; i++) {
        PyObject *key = PyList_GetItem(keys, i);
        long code = PyLong_AsLong(key);
        if (code >= KMP_KEPT_FIRST && code < end) PyDict_DelItem(kept, key);
    }
    PyErr_Clear();
    Py_XDECREF(keys);
}

/* What the lowest worker's drop has raised and nobody was told of, or NULL. */
static PyObject *take_drop(PyObject *kept)
{
    PyObject *key, *value, *exception, *number;
    Py_ssize_t i = 0;
    long lowest = LONG_MIN;

    while (kept != NULL && PyDict_Next(kept, &i, &key, &value)) {
        long n = PyLong_AsLong(key);
        if (n < 0 && n > lowest) lowest = n;
    }
    number = lowest == LONG_MIN ? NULL : PyLong_FromLong(lowest);
    if (number == NULL) return NULL;
    exception = PyDict_GetItem(kept, number);
    Py_XINCREF(exception);
    if (PyDict_DelItem(kept, number) != 0) PyErr_Clear();
    Py_DECREF(number);
    return exception;
}

/*
 * The exception that this status stands for. It stays for others that wait for the same run; the last to take it clears
 * all: an exception holds the frames it went through, and with them mostly the simulation. What else the run raised was
 * counted in kerma's text.
 */
static PyObject *take_kept(PyObject *kept, kma_status status, long others)
{
    PyObject *key = PyLong_FromUnsignedLong((unsigned long)status);
    PyObject *exception = key == NULL ? NULL : PyDict_GetItem(kept, key);

    Py_XINCREF(exception);
    Py_XDECREF(key);
    if (others == 0) forget_kept(kept, LONG_MAX);
    return exception;
}

void kmp_call_forget(const kmp_call *call)
{
    if (kept_of(call->hooks) != NULL) forget_kept(kept_of(call->hooks), (long)call->first_code);
}

/* Takes both: the first there is will be raised, another one is said to sys.unraisablehook. */
static void either(PyObject **raised, PyObject *more)
{
    if (more == NULL) return;
    if (*raised == NULL) {
        *raised = more;
        return;
    }
    raise_again(more);
    PyErr_WriteUnraisable(NULL);
}

PyObject *kmp_call_end(kmp_call *call, kma_status status)
{
    PyObject *raised = pending, *dict = kept_of(call->hooks), *more;
    long others = dict == NULL ? 0 : count_calls(dict, -1);
    char text[1024] = "";

    pending = call->pending;
    if (status >= KMP_KEPT_FIRST)
        either(&raised, dict == NULL ? NULL : take_kept(dict, status, others));
    else if (status != KMA_OK)
        strncpy(text, kma_error_message(), sizeof text - 1); /* before anything else may fail on this thread */
    if (!keeps_state) kmp_drop_views(); /* Python's own threads tell nobody when they end */
    if (kmp_log_flush() != 0) either(&raised, fetch());
    while ((more = take_drop(dict)) != NULL) either(&raised, more);
    if (raised != NULL) {
        raise_again(raised);
        return NULL;
    }
    if (status >= KMP_KEPT_FIRST)
        return kmp_raise_text(KMA_ERR_OBSERVER, "the run was ended by an observer's exception, which an earlier call has raised");
    if (status != KMA_OK) return kmp_raise_text(status, text);
    Py_RETURN_NONE;
}

PyObject *kmp_set_child_end(PyObject *fn)
{
    PyObject *before = child_end;

    Py_INCREF(fn);
    child_end = fn;
    Py_XDECREF(before);
    Py_RETURN_NONE;
}

/* ---- signals ---- */

PyObject *kmp_set_main_thread(unsigned long ident)
{
    static pid_t process; /* the GIL guards it */
    pid_t before = process;

    atomic_store(&main_thread, ident);
    process = getpid();
    if (before == 0 || before == process) Py_RETURN_NONE; /* imported, perhaps once more: no fork, what runs goes on */
    atomic_store(&kept_states, (size_t)keeps_state); /* a child of fork has this thread alone */
    forks++;
    if (inside > 0 && is_ours) { /* our threads block all signals; a process that does could not even be terminated */
        sigset_t none;
        sigemptyset(&none);
        pthread_sigmask(SIG_SETMASK, &none, NULL);
    }
    Py_RETURN_NONE;
}

/* For the end of the call. */
static int keep_raised(int is_raised)
{
    if (!is_raised) return 0;
    pending = fetch();
    return 1;
}

int kmp_poll(void *context)
{
    int is_main = (unsigned long)pthread_self() == atomic_load(&main_thread); /* others are not told of signals */
    kmp_gil gil;
    int raised;

    (void)context;
    if (kmp_is_ending()) return 1;
    if (pending != NULL) return 1;
    if (!is_main && !kmp_log_waits()) return 0;
    kma_callback_note(WAITING);
    if (!kmp_gil_take(&gil)) return 1;
    kma_callback_note("handlers of signals and of log records in Python");
    raised = keep_raised((is_main && PyErr_CheckSignals() != 0) || kmp_log_flush() != 0);
    kmp_gil_give(&gil);
    return raised;
}

enum { POLL_NS = 25000000 }; /* between two looks at signals: each may have to wait for the GIL, which others have */

/* Of the main thread's long calls: what they are asked for else, such as the log, can wait until they return. */
int kmp_poll_long_call(void *context)
{
    static struct timespec last; /* the main thread's */
    struct timespec now;
    kmp_gil gil;
    int raised;

    (void)context;
    if ((unsigned long)pthread_self() != atomic_load(&main_thread) || kmp_is_ending()) return 0;
    if (pending != NULL) return 1;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if ((now.tv_sec - last.tv_sec) * 1000000000LL + now.tv_nsec - last.tv_nsec < POLL_NS) return 0;
    if (!kmp_gil_take(&gil)) return 0;
    raised = keep_raised(PyErr_CheckSignals() != 0);
    kmp_gil_give(&gil);
    clock_gettime(CLOCK_MONOTONIC, &last);
    return raised;
}

PyObject *kmp_long_call_begin(void)
{
    PyObject *before = pending;

    pending = NULL;
    kma_set_thread_poll(kmp_poll_long_call, NULL);
    return before;
}

int kmp_long_call_end(PyObject *before)
{
    PyObject *raised = pending;

    kma_set_thread_poll(NULL, NULL);
    pending = before;
    if (raised == NULL) return 1;
    raise_again(raised);
    return 0;
}
