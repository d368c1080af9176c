/*
 * Threads, locks and conditions: pthreads, with what kerma needs decided once.
 * A thread of ours blocks all signals, so that the host's handlers run on the
 * host's threads, and has the default floating-point environment.
 */
#ifndef KMI_THREAD_H
#define KMI_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/os.h"

/* Must stay where it is until start has returned in the creator and `run` was entered. */
typedef struct kmi_thread {
    pthread_t id;
    bool started; /* to be joined or detached */
    char name[16];
    void (*run)(void *context);
    void *context;
} kmi_thread;

/*
 * Starts a thread that calls run(context). Its name is cut at 15 characters, as the system does.
 * Only faults (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS) stay unblocked: a blocked one would
 * kill the process without the host's crash report (faulthandler, sanitizers).
 * KMA_ERR_THREAD: the system's limits; nothing was started.
 */
kma_status kmi_thread_start(kmi_thread *self, const char *name, void (*run)(void *), void *context);
void kmi_thread_join(kmi_thread *self);   /* waits for its end; one that was not started is fine */
void kmi_thread_detach(kmi_thread *self); /* it will not be joined: it ends by itself */
bool kmi_thread_is_current(const kmi_thread *self); /* false for one that was not started */
/* For tests: the n-th start from now on fails once (1 = the next); 0 stops it. */
void kmi_thread_fail_creation(long n);

typedef struct kmi_lock {
    pthread_mutex_t mutex;
    _Atomic pid_t process; /* that made it, or took it last with kmi_lock_enter() */
} kmi_lock;
#define KMI_LOCK_INIT {PTHREAD_MUTEX_INITIALIZER, 0}

kma_status kmi_lock_init(kmi_lock *self);
void kmi_lock_destroy(kmi_lock *self);
static inline void kmi_lock_take(kmi_lock *self) { pthread_mutex_lock(&self->mutex); }
static inline void kmi_lock_give(kmi_lock *self) { pthread_mutex_unlock(&self->mutex); }
/*
 * For the locks of objects that a child of fork may use, held for as long as it takes: KMA_ERR_FORK in a child if a
 * thread of its parent held it, for nobody will ever give it back and what it guards may be half done.
 */
kma_status kmi_lock_enter(kmi_lock *self);
/*
 * fork() in one thread while another holds this lock would leave it locked for ever in the child. From now
 * on fork waits for it and the child finds it free. For a few static locks that are held briefly, take no
 * other lock and guard what a child may use (Python's multiprocessing forks); called once for each.
 */
void kmi_lock_keep_over_fork(kmi_lock *self);

/* Wait in a loop over a predicate: a condition may wake for no reason. */
typedef struct kmi_condition { pthread_cond_t condition; } kmi_condition;

kma_status kmi_condition_init(kmi_condition *self);
void kmi_condition_destroy(kmi_condition *self);
static inline void kmi_condition_wait(kmi_condition *self, kmi_lock *held)
{
    pthread_cond_wait(&self->condition, &held->mutex);
}
/* False if the deadline (of kmi_clock_ns; KMI_FOREVER: none) has passed; look at the predicate once more then. */
bool kmi_condition_wait_until(kmi_condition *self, kmi_lock *held, uint64_t deadline_ns);
static inline void kmi_condition_wake_one(kmi_condition *self) { pthread_cond_signal(&self->condition); }
static inline void kmi_condition_wake_all(kmi_condition *self) { pthread_cond_broadcast(&self->condition); }

#endif
