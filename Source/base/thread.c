/* See thread.h. */
#include "base/thread.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/float_env.h"

/* Observers may run an interpreter on a worker; the default would depend on the host's ulimit -s. */
enum { STACK_SIZE = 8 << 20 };

static atomic_long creations_left; /* until one fails; 0: none will */

void kmi_thread_fail_creation(long n)
{
    atomic_store(&creations_left, n);
}

static bool fails_now(void)
{
    long left = atomic_load(&creations_left);

    while (left > 0)
        if (atomic_compare_exchange_weak(&creations_left, &left, left - 1)) return left == 1;
    return false;
}

static void *thread_main(void *argument)
{
    kmi_thread *self = argument;
    void (*run)(void *) = self->run;
    void *context = self->context;
    kmi_float_env inherited; /* from the host's thread: user code on this one shall find it */

    pthread_setname_np(pthread_self(), self->name);
    kmi_float_env_enter(&inherited);
    run(context); /* *self may be gone from here on */
    kmi_float_env_leave(&inherited);
    return NULL;
}

static int create(kmi_thread *self)
{
    const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
    pthread_attr_t attributes;
    sigset_t blocked, before;
    kmi_float_env frame;
    size_t i;
    int error;

    if (fails_now()) return EAGAIN;
    error = pthread_attr_init(&attributes);
    if (error != 0) return error;
    sigfillset(&blocked);
    for (i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&blocked, faults[i]);
    error = pthread_attr_setstacksize(&attributes, STACK_SIZE);
    /* The new thread inherits the mask: there is no moment in which it could take a signal. */
    if (error == 0) error = pthread_sigmask(SIG_SETMASK, &blocked, &before);
    if (error == 0) {
        kmi_float_env_host_begin(&frame); /* inherited, too */
        error = pthread_create(&self->id, &attributes, thread_main, self);
        kmi_float_env_host_end(&frame);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attributes);
    return error;
}

kma_status kmi_thread_start(kmi_thread *self, const char *name, void (*run)(void *), void *context)
{
    int error;

    self->started = false;
    snprintf(self->name, sizeof self->name, "%s", name);
    self->run = run;
    self->context = context;
    error = create(self);
    if (error != 0)
        return kmi_fail(KMA_ERR_THREAD,
                        "thread '%s' could not be started: %s (use fewer threads, or raise the limit on processes or "
                        "memory)",
                        name, kmi_errno_text(error));
    self->started = true;
    return KMA_OK;
}

void kmi_thread_join(kmi_thread *self)
{
    if (!self->started) return;
    self->started = false;
    pthread_join(self->id, NULL);
}

void kmi_thread_detach(kmi_thread *self)
{
    if (!self->started) return;
    self->started = false;
    pthread_detach(self->id);
}

bool kmi_thread_is_current(const kmi_thread *self)
{
    return self->started && pthread_equal(self->id, pthread_self());
}

kma_status kmi_lock_init(kmi_lock *self)
{
    int error = pthread_mutex_init(&self->mutex, NULL);

    self->process = kmi_process_id();
    return error == 0 ? KMA_OK : kmi_fail(KMA_ERR_MEMORY, "a lock could not be made: %s", kmi_errno_text(error));
}

void kmi_lock_destroy(kmi_lock *self)
{
    pthread_mutex_destroy(&self->mutex);
}

enum { KEPT_MAX = 16 };
static kmi_lock *_Atomic kept[KEPT_MAX]; /* filled from the front; never emptied */
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;
static int taken; /* by the fork that is under way; written and read with kept[0] held */

static void before_fork(void)
{
    int i;

    for (i = 0; i < KEPT_MAX; i++) {
        kmi_lock *lock = atomic_load_explicit(&kept[i], memory_order_acquire);
        if (lock == NULL) break;
        kmi_lock_take(lock);
    }
    taken = i; /* not counted in place: a second fork may be waiting for the first lock by now */
}

static void after_fork(void)
{
    int i;

    for (i = taken - 1; i >= 0; i--) kmi_lock_give(atomic_load_explicit(&kept[i], memory_order_relaxed));
}

/* In a child: how long somebody may hold a lock that was free at fork before it has said so. */
enum { MOMENT_NS = 1000000, MOMENTS = 200 };

kma_status kmi_lock_enter(kmi_lock *self)
{
    const struct timespec moment = {0, MOMENT_NS};
    pid_t here = kmi_process_id();
    int i;

    for (i = 0; i < MOMENTS; i++) {
        if (atomic_load_explicit(&self->process, memory_order_relaxed) == here) { /* whoever has it is of this process */
            kmi_lock_take(self);
            return KMA_OK;
        }
        if (pthread_mutex_trylock(&self->mutex) == 0) {
            atomic_store_explicit(&self->process, here, memory_order_relaxed);
            return KMA_OK;
        }
        nanosleep(&moment, NULL);
    }
    return kmi_fail(KMA_ERR_FORK, "another thread was changing or reading this object when the process was forked: it cannot be "
                                  "used in the child (make what a child needs before other threads use it, or in the child)");
}

static void keep_over_fork(void)
{
    (void)pthread_atfork(before_fork, after_fork, after_fork); /* fails without memory only: then fork is as it was */
}

void kmi_lock_keep_over_fork(kmi_lock *self)
{
    int i;

    pthread_once(&kept_once, keep_over_fork);
    for (i = 0; i < KEPT_MAX; i++) {
        kmi_lock *none = NULL;
        if (atomic_compare_exchange_strong_explicit(&kept[i], &none, self, memory_order_acq_rel,
                                                    memory_order_relaxed))
            return;
    }
}

kma_status kmi_condition_init(kmi_condition *self)
{
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);

    if (error == 0) {
        /* Not the wall clock: an administrator who sets it must not end or prolong a wait. */
        error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        if (error == 0) error = pthread_cond_init(&self->condition, &attributes);
        pthread_condattr_destroy(&attributes);
    }
    return error == 0 ? KMA_OK : kmi_fail(KMA_ERR_MEMORY, "a condition could not be made: %s", kmi_errno_text(error));
}

void kmi_condition_destroy(kmi_condition *self)
{
    pthread_cond_destroy(&self->condition);
}

bool kmi_condition_wait_until(kmi_condition *self, kmi_lock *held, uint64_t deadline_ns)
{
    struct timespec t = {(time_t)(deadline_ns / 1000000000), (long)(deadline_ns % 1000000000)};

    if (deadline_ns == KMI_FOREVER) {
        pthread_cond_wait(&self->condition, &held->mutex);
        return true;
    }
    return pthread_cond_timedwait(&self->condition, &held->mutex, &t) != ETIMEDOUT;
}
