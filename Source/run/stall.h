/*
 * Who does what since when. Every thread of a run manager, and a host's thread
 * inside of its calls, notes what it is doing; whoever waits looks at the others
 * now and then and reports who has been at one thing for too long. A note is one
 * relaxed store, and no lock of kerma or of the host is needed to read it.
 */
#ifndef KMI_STALL_H
#define KMI_STALL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/os.h"

typedef enum kmi_doing {
    KMI_DOING_NOTHING, /* not there */
    KMI_DOING_START,   /* its thread was created and has not come to life */
    KMI_DOING_WAIT,    /* for others, whose doings tell why */
    KMI_DOING_PREPARE,
    KMI_DOING_CLOSE_SCENE,
    KMI_DOING_HISTORY,
    KMI_DOING_COMMIT,
    KMI_DOING_RUN_BEGIN, /* from here on: user code */
    KMI_DOING_RUN_END,
    KMI_DOING_WORKER_BEGIN,
    KMI_DOING_WORKER_END,
    KMI_DOING_HISTORY_BEGIN,
    KMI_DOING_HISTORY_END,
    KMI_DOING_STEP,
    KMI_DOING_RECORDS,
    KMI_DOING_BUILD,
    KMI_DOING_DROP,
    KMI_DOING_DISPOSE,
    KMI_DOING_POLL,
    KMI_DOINGS
} kmi_doing;

/* What one participant is doing. */
typedef struct kmi_activity {
    _Atomic uint64_t now;     /* ms of kmi_clock_coarse_ms << 8 | kmi_doing */
    _Atomic uint64_t history; /* the number, where it is in one */
    const char *_Atomic note; /* of the callback it is in, which lives as long as the process; NULL: none */
    uint64_t reported;        /* `now` of the last report; under `looking` */
    uint64_t report_next_ms;  /* when it will be worth another */
} kmi_activity;

/* The activity of this thread now, or NULL; returns the one before, to be set again. */
kmi_activity *kmi_activity_enter(kmi_activity *activity);
kmi_activity *kmi_activity_here(void);

static inline void kmi_activity_set(kmi_activity *self, kmi_doing doing)
{
    atomic_store_explicit(&self->now, kmi_clock_coarse_ms() << 8 | (uint64_t)doing, memory_order_relaxed);
}

struct kmi_run_manager;

/*
 * For whoever waits: reports who has been at one thing for longer than the run manager's options say, to their
 * descriptor, and then (may_log: user code may be called here and now) to the log sink. Cheap if called often.
 * Without the lock.
 */
void kmi_stall_look(struct kmi_run_manager *run, const char *waiter, bool may_log);

enum { KMI_STALL_REPORTS = 8 }; /* at once */
typedef struct kmi_stall_report { char text[400]; } kmi_stall_report;
/* The same, but the texts are given back for the log: how many. Calls no user code. */
int kmi_stall_collect(struct kmi_run_manager *run, const char *waiter, kmi_stall_report reports[KMI_STALL_REPORTS]);
/* How long a wait may be before looking, ns; KMI_FOREVER: nobody wants reports. */
uint64_t kmi_stall_period_ns(const struct kmi_run_manager *run);
/* "worker 1 of 4 is in an observer of history end (history 5)". */
void kmi_stall_describe(const struct kmi_run_manager *run, const kmi_activity *activity, uint64_t now, char *text,
                        size_t size);

#endif
