/**
 * @file kerma/run_manager.h
 * The run manager: initialize, beam_on, wait, abort. A history is one source
 * photon with all it causes (Geant4's event). User code inside of a run:
 * kerma/observer.h.
 *
 * States:  configuring -> initialized -> running -> initialized ... -> closed.
 *          A call in the wrong state returns KMA_ERR_STATE and says what is
 *          allowed. A closed one refuses all calls with KMA_ERR_CLOSED, but
 *          for abort, progress, close and release, and wait, which still says
 *          how the last run ended.
 * Threads: any thread may call any function. From a callback of the same run
 *          manager, the calls that run, wait or close return KMA_ERR_BUSY.
 *          Another run manager may be used freely inside a callback; only where
 *          callbacks would wait for one another without end, the last of these
 *          waits returns KMA_ERR_BUSY.
 * Fork:    in a child process every call on a run manager with threads returns
 *          KMA_ERR_FORK, and so does one on a serial run manager, a scene, a
 *          mesh builder, an image or a result that another thread was at when
 *          the process was forked. No call freezes.
 */
#ifndef KERMA_RUN_MANAGER_H
#define KERMA_RUN_MANAGER_H

#include "kerma/base.h"
#include "kerma/result.h"
#include "kerma/scene.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one run manager. All-zero names none. A plain value: copy it freely. */
typedef struct kma_run_manager { uint64_t bits; } kma_run_manager;

typedef enum kma_run_state {
    KMA_RUN_CONFIGURING = 0,
    KMA_RUN_INITIALIZED = 1,
    KMA_RUN_RUNNING = 2,
    KMA_RUN_CLOSED = 3
} kma_run_state;

/** `threads` in kma_run_options: as many workers as processors this process may use. */
#define KMA_THREADS_ALL (-1)

typedef struct kma_run_options {
    size_t size;   /**< set by kma_run_options_defaults() */
    int threads;   /**< 0: in the caller's thread, no thread is made; n: n workers; KMA_THREADS_ALL (default) */
    uint64_t seed; /**< default 1; the scores are a function of scene and seed alone */
    kma_poll_fn *poll; /**< may be NULL (default). Called on the thread that is inside initialize, beam_on, wait, close or
                            kma_shutdown, at least every 20 ms: at once after a signal while that thread waits for others,
                            between two histories while it runs them itself (threads = 0). Several threads that are inside
                            call it at the same time. Other than 0 aborts the run (or the initialization); close goes on
                            in any case. */
    void *poll_context;
    double stall_seconds;  /**< who is at one thing for longer is reported (see kma_run_manager_stalls()): default 10; 0: never */
    int stall_descriptor;  /**< reports are written there, a line each, such as 2 for stderr; default -1: nowhere.
                                Not closed, never waited for */
} kma_run_options;

KMA_API kma_status kma_run_options_defaults(kma_run_options *options);

/**
 * Creates a run manager for a scene, which it keeps alive.
 * @retval KMA_ERR_ARGUMENT  options nobody filled, or threads below -1 or above 1024
 */
KMA_API kma_status kma_run_manager_create(kma_scene scene, const kma_run_options *options, kma_run_manager *out);
KMA_API kma_status kma_run_manager_retain(kma_run_manager self);
/**
 * Gives one reference back and never waits: when the last goes while a run is
 * under way, the run is aborted in the background.
 */
KMA_API kma_status kma_run_manager_release(kma_run_manager *self);

/* ---- running ----------------------------------------------------------- */

/**
 * Closes the scene (checks geometry and materials, builds the tables) and, with
 * workers, starts them, lets each call its worker_begin observers and make a
 * fake run of zero histories, and returns when all are parked. May be called
 * again when the scene was changed: a run of a changed scene begins a new
 * result at history 0, an unchanged one goes on.
 *
 * @retval KMA_ERR_GEOMETRY, KMA_ERR_PHYSICS, KMA_ERR_ARGUMENT  the scene's fault; the text says which
 * @retval KMA_ERR_THREAD   a thread could not be created: everything made was undone
 * @retval KMA_ERR_ABORTED  poll said so
 * @retval KMA_ERR_CLOSED   closed already, or another thread closed it or released its last name meanwhile
 * @retval KMA_ERR_BUSY     another thread is inside this call
 */
KMA_API kma_status kma_run_manager_initialize(kma_run_manager self);
/** start + wait. */
KMA_API kma_status kma_run_manager_beam_on(kma_run_manager self, uint64_t histories);
/**
 * Adds `histories` to the target and begins to run the lowest missing numbers.
 * Returns at once. With threads = 0 the work is done inside wait().
 * @retval KMA_ERR_STATE  not initialized, or running already
 * @retval KMA_ERR_THREAD a callback of an earlier run ended its thread (pthread_exit): initialize again
 * @retval KMA_ERR_RANGE  the target would pass 2^60 histories
 */
KMA_API kma_status kma_run_manager_start(kma_run_manager self, uint64_t histories);
/**
 * Waits for the run's end and says how it ended.
 *
 * @param timeout  s; negative: for ever; 0 only asks. With threads = 0 the run is made here, and the
 *                 timeout is looked at between histories.
 * @retval KMA_OK           all histories of the target are in the result
 * @retval KMA_ERR_TIMEOUT  it is still running
 * @retval KMA_ERR_ABORTED  abort() was called, or poll said so; what was scored is kept, and a further
 *                          beam_on runs what is missing first
 * @retval any other        a failure of a worker, an observer or a commit, its text as it was there and, if more
 *                          failed before all had stopped, " (and 3 other failures)"; kept as above
 * @retval KMA_ERR_STATE    no run was started
 */
KMA_API kma_status kma_run_manager_wait(kma_run_manager self, double timeout);
/** Asks a run to end: every worker ends its current history and commits. Returns at once; harmless if nothing runs. */
KMA_API kma_status kma_run_manager_abort(kma_run_manager self);

typedef struct kma_progress {
    size_t size;        /**< set it to sizeof(kma_progress) */
    kma_run_state state;
    uint64_t histories; /**< done, in all runs since the result began */
    uint64_t target;    /**< wanted, in all */
    double elapsed;     /**< s since the run under way (or the last one) began; stands still when it ended */
    uint64_t elapsed_histories; /**< done in that time */
} kma_progress;
KMA_API kma_status kma_run_manager_progress(kma_run_manager self, kma_progress *out);

enum { KMA_STALL_WHO_SIZE = 48, KMA_STALL_DOING_SIZE = 256 };

/** What somebody has been doing, and for how long. */
typedef struct kma_stall {
    char who[KMA_STALL_WHO_SIZE];     /**< "worker 1 of 4", "the steward", "the serial run", "the caller of close" ... */
    char doing[KMA_STALL_DOING_SIZE]; /**< "in an observer of history end (history 4711)", then ", " and its note if there is one */
    double seconds;
} kma_stall;

/**
 * Who has been at one thing for longer than this, and at what: an observer that does not return, a history without an
 * end, a thread that does not come to life. Who only waits for others is not told.
 *
 * The same is reported, without being asked, by whoever waits for them (initialize, wait, close, the steward,
 * workers that wait for a reader of records): within stall_seconds + 0.5 s, then each time the duration has doubled;
 * first to stall_descriptor, then, from threads that may run user code, to the log sink.
 *
 * Thread: any, at any time; takes no lock that user code could hold, and waits for nobody.
 * @param longer_than  s, 0 or more
 * @param out          [room]; may be NULL if room is 0
 * @param count_out    how many there are, also beyond room
 */
KMA_API kma_status kma_run_manager_stalls(kma_run_manager self, double longer_than, kma_stall *out, size_t room,
                                          size_t *count_out);

/**
 * Says which callback this is and what it is at, for kma_run_manager_stalls() and the reports: bindings name the user's
 * function so, and that it waits for their interpreter's lock. Costs a store; ends with the callback.
 *
 * Thread: of a callback; elsewhere it does nothing.
 * @param text  NULL: nothing more. Must stay as it is until the process ends, for others may be reading it at any time.
 */
KMA_API void kma_callback_note(const char *text);

/**
 * The result as it is now: whole commits only, immutable, an object of its own
 * which outlives the run manager.
 * @param out  one reference, owned by the caller.
 */
KMA_API kma_status kma_run_manager_snapshot(kma_run_manager self, kma_result *out);
/**
 * Aborts what runs or initializes, ends the workers (worker_end observers) and drops all contexts. Waits for it,
 * also if another thread is closing already. A second call is a harmless KMA_OK.
 * @retval any other  what a worker_end observer returned; all is closed nevertheless
 */
KMA_API kma_status kma_run_manager_close(kma_run_manager self);

#ifdef __cplusplus
}
#endif
#endif
