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
static PyObject *reader; /* the GIL guards it */

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

int kmp_log_begin(void)
{
    static int begun;

    if (begun) return 0;
    begun = 1;
    if (pthread_atfork(before_fork, after_fork, after_fork) != 0) {
        PyErr_NoMemory();
        return -1;
    }
    return kma_set_log_sink(sink, NULL) == KMA_OK ? 0 : -1;
}

PyObject *kmp_log_set_reader(PyObject *fn)
{
    Py_INCREF(fn);
    Py_XDECREF(reader);
    reader = fn;
    Py_RETURN_NONE;
}

static int tell(int level, const char *text)
{
    PyObject *message = PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
    PyObject *result = message == NULL ? NULL : PyObject_CallFunction(reader, "iO", level, message);
    int status = result == NULL ? -1 : 0;

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

int kmp_log_flush(void)
{
    static int flushing; /* the GIL guards it: a reader that calls kerma does not come here again */
    record *r;
    size_t n, gone;
    int status = 0;

    if (!atomic_load_explicit(&has_records, memory_order_relaxed) || flushing || reader == NULL || reader == Py_None)
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
