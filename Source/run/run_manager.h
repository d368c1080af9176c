/*
 * The run manager's inside. One mutex guards everything that is not said to be
 * atomic or a worker's own; it is never held while user code runs, while a
 * history runs or while scores are committed.
 *
 *   run_manager.c  making and destroying, the state, the list of all
 *   run.c          start, the caller's wait, the serial run
 *   initialize.c   the plan, the threads, the fake run
 *   worker.c       an interval of histories, commits
 *   steward.c      the end of runs and of threads
 *   stall.c        who does what since when
 *   observer.c     user code: who is called when, and BUSY from inside
 *   decisions.c    observers on a worker, its data, its steps
 *   recorders.c, records.c, delivery.c  records in blocks
 *   replay.c       one history again
 */
#ifndef KMI_RUN_MANAGER_H
#define KMI_RUN_MANAGER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/barrier.h"
#include "base/event.h"
#include "base/float_env.h"
#include "base/thread.h"
#include "kerma/run_manager.h"
#include "run/interval.h"
#include "run/records.h"
#include "run/stall.h"
#include "transport/photon.h"

/* ---- user code ---- */

typedef enum kmi_moment {
    KMI_RUN_BEGIN,
    KMI_RUN_END,
    KMI_WORKER_BEGIN,
    KMI_WORKER_END,
    KMI_HISTORY_BEGIN,
    KMI_HISTORY_END,
    KMI_STEP,
    KMI_MOMENTS
} kmi_moment;

typedef struct kmi_observer {
    kma_worker_fn *worker_fn; /* for worker and history moments */
    kma_run_fn *run_fn;       /* for run moments */
    kma_step_fn *step_fn;     /* for steps */
    void *context;
    void (*dispose)(void *);
} kmi_observer;

typedef struct kmi_observers {
    kmi_observer *list;
    size_t count, room;
} kmi_observers;

/* ---- a failure, from anywhere ---- */

typedef struct kmi_failure {
    kma_status status; /* KMA_OK: none */
    uint64_t history;  /* the lowest wins */
    uint64_t others;   /* failures that lost */
    char text[KMI_ERROR_TEXT_SIZE];
} kmi_failure;

struct kmi_run_manager;

/* The observers' random numbers of a history; started when the first is drawn. */
typedef struct kmi_observer_random {
    kmi_rng rng;
    uint64_t seed, history;
    bool allowed; /* inside of a history */
    bool started;
} kmi_observer_random;

typedef struct kmi_worker {
    struct kmi_run_manager *run;
    int index;
    kmi_thread thread;
    bool created;
    bool built;                     /* user initialization has made its data: drop is due */
    bool begun;                     /* worker_begin was called, whatever it returned: worker_end is due */
    bool inside;                    /* of an interval: counted in `active` */
    bool gone;                      /* its last act is done; guarded by the lock */
    kmi_activity activity;
    kma_worker seen;                /* what observers see */
    kmi_observer_random random;
    kmi_piece *piece;               /* records of histories that are not committed yet; NULL: none is kept */
    uint64_t epoch;                 /* the initialization it has seen */
    kmi_scores *scores;
    kmi_transporter *transporter;
    _Atomic uint64_t under_way;     /* histories done but not yet committed, for progress */
    char padding[64];               /* the next worker's counter is on another cache line */
} kmi_worker;

typedef struct kmi_run_manager {
    uint64_t self_bits;
    uint64_t scene_bits; /* a use */
    kmi_scene *scene;
    kma_run_options options;
    int threads;         /* 0: serial */
    _Atomic long process; /* that created it, or took a serial one over: threads do not survive fork */
    struct kmi_run_manager *next, *previous; /* list of all, under its own lock */

    kmi_lock lock;
    kmi_condition changed; /* workers and the steward wait here, each for its own predicate */
    kmi_event woken;        /* callers wait here: set when a run or an initialization ends, or the threads end */

    kma_run_state state;
    bool busy;            /* an initialize or close is between its locked parts */
    bool keep_threads;    /* initialize meets them: they do not end meanwhile, whoever asks */
    bool begun;           /* running: workers may take work */
    bool serial_taken;    /* running with threads = 0: some caller is at it */
    bool closing;         /* for good: no call is accepted any more, an initialize ends */
    bool quit;            /* threads are to end */
    bool ended;           /* threads have ended */
    bool steward_created;
    bool joiner;          /* a caller joins the steward; else it detaches itself */
    bool steward_alive;   /* guarded by the lock of the list of all */
    kmi_thread steward;
    kmi_worker *workers;  /* [max(threads, 1)] */
    int active;           /* workers inside an interval */
    uint64_t epoch;       /* initializations */
    kmi_barrier *parking; /* workers and the initializing caller, who waits by `parked` */
    kmi_event parked;
    kmi_failure failure;  /* of the run or initialization under way */
    kmi_failure ending;   /* of worker_end observers; `history` is the worker's index */
    uint64_t runs;        /* started so far */
    kma_status last_status; /* of the last run that ended */
    char last_text[KMI_ERROR_TEXT_SIZE];

    kmi_plan *plan;
    kmi_tally *tally;
    kmi_interval_set held, todo;
    uint64_t target;
    uint64_t begun_ns, ended_ns, begun_histories;

    bool dead;               /* user code ended a thread of ours: initialize makes new ones */
    bool without_user_code;  /* the steward was ended so: it calls none any more */
    bool ending_run;         /* the steward is between the end of histories and the end of the run */
    kmi_activity steward_activity, caller_activity, closer_activity;
    atomic_flag looking;     /* somebody looks for stalls */
    _Atomic uint64_t look_next_ms;

    atomic_bool abort;
    _Atomic uint64_t stop_history; /* no history above it is begun: it failed */

    kmi_observers observers[KMI_MOMENTS]; /* fixed from the first initialize on */
    bool observers_fixed;
    kma_user_initialization user_initialization; /* build is NULL: none */

    struct kmi_run_manager *orphans, *next_orphan; /* see orphans.c, whose lock guards these three */
    uint64_t orphan_uses;
    bool has_orphans; /* the steward is to look */
    kmi_records records;
} kmi_run_manager;

/* ---- run_manager_api.c ---- */
/* What every call begins with: a use of the object, in the right process. */
kma_status kmi_run_enter(kma_run_manager self, kmi_run_manager **out);
void kmi_run_leave(kma_run_manager self, const kmi_run_manager *run); /* NULL is fine */

/* ---- run_manager.c ---- */
kma_status kmi_run_manager_new(kmi_scene *scene, uint64_t scene_bits, const kma_run_options *options,
                               kmi_run_manager **out);
void kmi_run_manager_destroy(void *object);
/* Puts it on the list of all, under its name. */
void kmi_run_list(kmi_run_manager *self, uint64_t bits);
/* The checks that every call begins with; with the lock held. */
kma_status kmi_run_check_open(const kmi_run_manager *self);
/* Whether it is this process's. In a child of fork its threads do not exist, and its lock may be held by one of them. */
bool kmi_run_is_here(const kmi_run_manager *self);
kma_status kmi_run_fail_forked(const kmi_run_manager *self);
const char *kmi_run_state_name(kma_run_state state);
/* Tells the threads to end, if there are any. Does not wait. With the lock held. */
void kmi_run_request_quit(kmi_run_manager *self);
/* Waits until the threads have ended and joins the steward, who joined the workers; the host is polled meanwhile.
 * Quit was requested and `joiner` set. */
void kmi_run_join_threads(kmi_run_manager *self);
kma_status kmi_run_close(kmi_run_manager *self);
/* What release does when the last owner went: close without waiting. */
void kmi_run_abandon(kmi_run_manager *self);
/* Drops all observers: calls dispose. Not with the lock held. */
void kmi_run_dispose_observers(kmi_run_manager *self);
/* Living stewards, for kma_shutdown. `ending` is called while the run manager still is, `ended` last of all. */
void kmi_run_steward_begins(kmi_run_manager *self);
void kmi_run_steward_ending(kmi_run_manager *self);
void kmi_run_steward_ended(void);

/* ---- observer.c ---- */
/* A frame of "inside of this run manager" on this thread's stack of such frames. */
typedef struct kmi_inside {
    const kmi_run_manager *run;
    struct kmi_inside *outer;
    bool holds; /* the run manager cannot go on before this frame is left */
    kmi_activity *activity; /* of this thread, and what it was doing */
    uint64_t before;
    const char *note; /* of the callback around this one */
    kmi_float_env floats; /* user code finds the settings of its thread */
} kmi_inside;
/* KMI_DOING_NOTHING: goes on with what it was doing. */
void kmi_inside_enter(kmi_inside *frame, const kmi_run_manager *run, kmi_doing doing);
/* Before each call of user code inside of a frame: it finds the settings of its thread, whatever the one before it did,
 * and no error text. */
void kmi_inside_next(void);
/* User code has ended this thread: it is inside of nothing any more. */
void kmi_inside_forget(void);
/* Back in kerma: the default floating-point environment, whatever the user code did to it. */
void kmi_inside_leave(kmi_inside *frame);
/* KMA_ERR_BUSY if this thread is inside of it. */
kma_status kmi_inside_refuse(const kmi_run_manager *run, const char *call);
bool kmi_inside_any(void);
const kmi_inside *kmi_inside_here(void); /* the innermost frame, NULL if there is none */
kma_status kmi_observe_run(kmi_run_manager *self, kmi_moment moment);
/* A status as an observer returned it; one that failed without a text gets one. */
kma_status kmi_observed(kma_status status, const char *moment);
const char *kmi_moment_name(kmi_moment moment);
kma_status kmi_observe_block(kmi_run_manager *self, kma_block_fn *fn, kma_run_manager handle, const kma_block *block,
                             void *context);
kma_status kmi_observers_check_open_locked(const kmi_run_manager *self);
kma_status kmi_observers_add(kmi_run_manager *self, kmi_moment moment, kmi_observer observer);

/* ---- failures (observer.c) ---- */
/* Keeps the failure of the lowest history; the text is this thread's. */
void kmi_failure_record(kmi_run_manager *self, kma_status status, uint64_t history);
void kmi_failure_record_locked(kmi_run_manager *self, kma_status status, uint64_t history);
/* The text for the caller: what failed, and how many others lost to it. */
void kmi_failure_text(const kmi_failure *failure, char out[KMI_ERROR_TEXT_SIZE]);
void kmi_failure_keep(kmi_failure *failure, kma_status status, uint64_t history);

/* ---- decisions.c ---- */
kma_status kmi_observe_worker(kmi_worker *worker, kmi_moment moment, uint64_t history);
/* The begin of a worker's life, once: its data, its worker_begin observers. */
kma_status kmi_observe_worker_begin(kmi_worker *worker);
/* Its end, if it began: worker_end observers, whose failure is kept in `ending`; its data goes. */
void kmi_observe_worker_end(kmi_worker *worker);
/* What an observer of steps wants must exist. */
kma_status kmi_check_action(kma_action action);
/* What the transporter calls (kmi_step_fn); `worker` is a kmi_worker. */
kma_status kmi_observe_step(void *worker, const kma_step *step, kma_action *action);

/* ---- initialize.c ---- */
kma_status kmi_run_initialize(kmi_run_manager *self);

/* ---- worker.c ---- */
kma_status kmi_worker_prepare(kmi_worker *self); /* memory, once */
void kmi_worker_free(kmi_worker *self);
void kmi_worker_main(void *worker);
/* Takes up the plan of a new initialization, in its thread: its data and worker_begin once, a fake run. */
kma_status kmi_worker_take_up(kmi_worker *self);
bool kmi_run_must_stop(const kmi_run_manager *run, uint64_t history);
/* Runs an interval and commits; for the serial run `tick` is called between histories and ends it by false. */
typedef bool kmi_tick_fn(void *context);
void kmi_worker_run(kmi_worker *self, kmi_interval interval, kmi_tick_fn *tick, void *context);
bool kmi_run_take_locked(kmi_run_manager *self, kmi_interval *out);

/* ---- steward.c ---- */
void kmi_steward_main(void *run);
/* Ends a run: status, text, state; wakes the callers. With the lock held; no worker is active. */
void kmi_run_finish_locked(kmi_run_manager *self);
/* The same after the run_end observers. With the lock held; gives it for them. */
void kmi_run_end_locked(kmi_run_manager *self);
/* Whether the threads are to end now. */
bool kmi_run_must_quit_locked(const kmi_run_manager *self);
bool kmi_run_is_over_locked(const kmi_run_manager *self);

/* ---- run.c ---- */
/* *run_out: the number of the run, for wait; NULL if it does not matter. */
kma_status kmi_run_start(kmi_run_manager *self, uint64_t histories, uint64_t *run_out);
/* Waits for the end of a run; 0: of the latest. */
kma_status kmi_run_wait(kmi_run_manager *self, uint64_t run, double timeout);
void kmi_run_abort(kmi_run_manager *self);
uint64_t kmi_run_histories_locked(const kmi_run_manager *self);
/* Calls the host's poll function if there is one; false: it wants an end. */
bool kmi_run_poll(kmi_run_manager *self);

/* The host is promised 20 ms; half of it is left for what lies between. */
enum { KMI_POLL_NS = 10 * 1000 * 1000 };

/* ---- waits.c ---- */
/* A wait of a thread that may be inside of callbacks. */
typedef struct kmi_wait {
    const kmi_run_manager *on;
    const kmi_inside *inside;
    unsigned searched;
    bool listed;
    struct kmi_wait *next;
} kmi_wait;
/* KMA_ERR_BUSY if it would never end, for the callbacks waited for wait for the callback that this thread is in. */
kma_status kmi_wait_begin(kmi_wait *self, const kmi_run_manager *on, bool without_end, const char *call);
void kmi_wait_end(kmi_wait *self); /* one that did not begin is fine */
/* User code has ended the thread with these frames. */
void kmi_wait_forget(const kmi_inside *innermost);

/* ---- orphans.c ---- */
void kmi_worker_is_here(kmi_worker *worker); /* on this thread */
/* Gives back a use that the caller has; on a worker of another run manager its steward does, if it may be the last. */
void kmi_run_drop_use(kmi_run_manager *self);
/* What workers of this run manager left so. Not with a lock held. */
void kmi_run_drop_orphans(kmi_run_manager *self);

#endif
