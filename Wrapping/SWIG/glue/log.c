/*
 * Log records come from any thread, also from one that reports that another
 * one holds the GIL for ever. So the sink takes no GIL: it puts the record
 * into a list of bounded length, from which calls of the package hand it on.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kmp.h"

enum { WAITING_MAX = 1000 };

typedef struct record {
    struct record *next;
    kma_log_level level;
    char text[];
} record;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards what follows; nothing is called under it */
static record *first, **last = &first;
static size_t waiting, lost;
static atomic_bool has_records;
/* The GIL guards what follows. */
static PyObject *reader;
static int flushing; /* a reader that calls kerma does not come here again */
static _Thread_local int held; /* by the package, which has a lock of its own */

static void sink(kma_log_level level, const char *text, void *context)
{
    record *r = malloc(sizeof *r + strlen(text) + 1);

    (void)context;
    if (r != NULL) {
        r->next = NULL;
        r->level = level;
        strcpy(r->text, text);
    }
    pthread_mutex_lock(&lock);
    if (r != NULL && waiting < WAITING_MAX) {
        *last = r;
        last = &r->next;
        waiting++;
        r = NULL;
    } else {
        lost++;
    }
    pthread_mutex_unlock(&lock);
    free(r);
    atomic_store(&has_records, true);
}

static void before_fork(void) { pthread_mutex_lock(&lock); }
static void after_fork(void) { pthread_mutex_unlock(&lock); }
static void in_child(void)
{
    flushing = 0; /* by a thread that the child may not have */
    pthread_mutex_unlock(&lock);
}

int kmp_log_begin(void)
{
    static int begun;

    kma_status status;

    if (begun) return 0;
    if (pthread_atfork(before_fork, after_fork, in_child) != 0) {
        PyErr_NoMemory();
        return -1;
    }
    begun = 1;
    status = kma_set_log_sink(sink, NULL);
    if (status != KMA_OK) kmp_raise(status);
    return status == KMA_OK ? 0 : -1;
}

PyObject *kmp_log_set_reader(PyObject *fn)
{
    PyObject *before = reader;

    Py_INCREF(fn);
    reader = fn;
    Py_XDECREF(before);
    Py_RETURN_NONE;
}

static int tell(int level, const char *text)
{
    PyObject *fn = reader, *message = PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
    PyObject *result;
    int status;

    Py_INCREF(fn); /* it may set another one */
    result = message == NULL ? NULL : PyObject_CallFunction(fn, "iO", level, message);
    status = result == NULL ? -1 : 0;
    Py_DECREF(fn);

    Py_XDECREF(result);
    Py_XDECREF(message);
    return status;
}

static record *take(void)
{
    record *r;

    pthread_mutex_lock(&lock);
    r = first;
    if (r != NULL) {
        first = r->next;
        if (first == NULL) last = &first;
        waiting--;
    }
    pthread_mutex_unlock(&lock);
    return r;
}

static size_t take_lost(void)
{
    size_t n;

    pthread_mutex_lock(&lock);
    n = lost;
    lost = 0;
    pthread_mutex_unlock(&lock);
    return n;
}

static size_t count_waiting(void)
{
    size_t n;

    pthread_mutex_lock(&lock);
    n = waiting;
    pthread_mutex_unlock(&lock);
    return n;
}

int kmp_log_waits(void)
{
    return atomic_load_explicit(&has_records, memory_order_relaxed);
}

void kmp_log_hold(int on)
{
    held = on;
}

int kmp_log_flush(void)
{
    record *r;
    size_t n, gone;
    int status = 0;

    if (!atomic_load_explicit(&has_records, memory_order_relaxed) || flushing || held || reader == NULL || reader == Py_None)
        return 0;
    flushing = 1;
    atomic_store(&has_records, false);
    /* Those that wait now: what the reader does may make others, for each of them, without end. */
    for (n = count_waiting(); n > 0 && status == 0 && (r = take()) != NULL; n--) {
        status = tell((int)r->level, r->text);
        free(r);
    }
    if (status != 0) {
        atomic_store(&has_records, true); /* the rest waits for the next call */
    } else if ((gone = take_lost()) > 0) {
        char text[96];
        PyOS_snprintf(text, sizeof text, "%zu log records came faster than they were read and are lost", gone);
        status = tell(KMA_LOG_WARNING, text);
    }
    flushing = 0;
    return status;
}
