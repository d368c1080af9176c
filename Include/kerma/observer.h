/**
 * @file kerma/observer.h
 * User code inside of a run (Geant4's user actions).
 *
 *  - *Decisions* are called at once, on the worker: at the begin and end of its
 *    life and of a history, and at each step, where they may end the photon, the
 *    history or the run.
 *  - *Records* are collected and delivered in blocks, in order of history, the
 *    same for any number of threads, one call at a time.
 *  - The *user initialization* gives each worker data of its own.
 *
 * Order:  on a worker: build, worker_begin, (history_begin, step ..., history_end) ..., worker_end, drop.
 * Adding: before the first initialize; later it is KMA_ERR_STATE. Several of a kind are called in the
 *         order they were added.
 * Fork:   a child that an observer has forked on a worker or on the steward has no thread to go back to: end it there
 *         (_exit, exec), do not return.
 * Errors: an observer that returns anything but KMA_OK ends the run in order: its history is not scored,
 *         everything before is kept, and wait() returns that value with the text that
 *         kma_error_message() has on that thread. Of several failures the one of the lowest history number wins.
 * Numbers: scores stay a function of scene and seed as long as a decision looks at nothing but its own history.
 * Memory: `dispose` may be NULL; it is called exactly once with `context` when kerma drops it, also if the
 *         adding call fails. Never on a worker, but for what code on it drops itself by closing another run manager, or
 *         by an adding call that fails.
 */
#ifndef KERMA_OBSERVER_H
#define KERMA_OBSERVER_H

#include "kerma/result.h"
#include "kerma/run_manager.h"
#include "kerma/step.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- decisions --------------------------------------------------------- */

/** What an observer on a worker may see. Valid during the call only. */
typedef struct kma_worker {
    int index;        /**< 0 .. threads-1; 0 in a serial run */
    int count;        /**< workers; 1 in a serial run */
    uint64_t history; /**< in history and step observers: the number of the history; otherwise 0 */
    void *data;       /**< what the user initialization made for this worker; NULL without one */
    void *random;     /**< for kma_worker_uniform() */
} kma_worker;

/**
 * A random number in (0,1) of the observers' stream of this history: a function of seed and history, which
 * changes nothing of what else the history draws. For decisions such as Russian roulette.
 * @return a number; 0.5 outside of history and step observers
 */
KMA_API double kma_worker_uniform(const kma_worker *worker);

/**
 * Called at the begin and end of a worker's life and of a history.
 *
 * Thread:   the worker's own (the caller's with threads = 0), no kerma lock held;
 *           different workers call at the same time.
 * May:      use any other object, call kma_run_manager_abort(), _progress(), _snapshot().
 * May not:  initialize, run, wait for or close this run manager: KMA_ERR_BUSY.
 * @return   KMA_OK to go on. From worker_begin, initialize returns anything else
 *           (worker_end is called for that worker too); from worker_end, close does, with the
 *           lowest worker's.
 */
typedef kma_status kma_worker_fn(kma_run_manager run, const kma_worker *worker, void *context);
/**
 * Called at the begin and end of a run.
 * Thread: begin: the one that calls start or beam_on (wait, with threads = 0);
 *         end: the run manager's steward (with threads = 0 the one inside wait, or close).
 */
typedef kma_status kma_run_fn(kma_run_manager run, void *context);
/**
 * Called at the end of each step, before the next one begins.
 *
 * Thread, may, may not: as kma_worker_fn.
 * @param step    what happened; valid during the call only
 * @param action  KMA_GO_ON, or what an observer before this one wants; may be raised
 */
typedef kma_status kma_step_fn(kma_run_manager run, const kma_worker *worker, const kma_step *step, kma_action *action,
                               void *context);

KMA_API kma_status kma_run_manager_on_run_begin(kma_run_manager self, kma_run_fn *fn, void *context,
                                                void (*dispose)(void *));
KMA_API kma_status kma_run_manager_on_run_end(kma_run_manager self, kma_run_fn *fn, void *context,
                                              void (*dispose)(void *));
KMA_API kma_status kma_run_manager_on_worker_begin(kma_run_manager self, kma_worker_fn *fn, void *context,
                                                   void (*dispose)(void *));
KMA_API kma_status kma_run_manager_on_worker_end(kma_run_manager self, kma_worker_fn *fn, void *context,
                                                 void (*dispose)(void *));
KMA_API kma_status kma_run_manager_on_history_begin(kma_run_manager self, kma_worker_fn *fn, void *context,
                                                    void (*dispose)(void *));
KMA_API kma_status kma_run_manager_on_history_end(kma_run_manager self, kma_worker_fn *fn, void *context,
                                                  void (*dispose)(void *));
KMA_API kma_status kma_run_manager_on_step(kma_run_manager self, kma_step_fn *fn, void *context,
                                           void (*dispose)(void *));

/* ---- data of each worker ----------------------------------------------- */

/** Makes data for each worker and drops it: see kma_run_manager_set_user_initialization(). */
typedef struct kma_user_initialization {
    size_t size; /**< set it to sizeof(kma_user_initialization) */
    /**
     * On the worker, before its worker_begin observers: `*data_out` becomes kma_worker.data of all calls on
     * this worker. Anything but KMA_OK fails the initialize.
     */
    kma_status (*build)(kma_run_manager run, const kma_worker *worker, void *context, void **data_out);
    /** On the worker, after its worker_end observers, if build succeeded. May be NULL. */
    void (*drop)(kma_run_manager run, const kma_worker *worker, void *context, void *data);
    void *context;
    void (*dispose)(void *context);
} kma_user_initialization;

/**
 * Gives each worker data of its own. One for a run manager.
 * @param initialization  copied
 * @retval KMA_ERR_STATE  there is one already, or the run manager was initialized
 */
KMA_API kma_status kma_run_manager_set_user_initialization(kma_run_manager self,
                                                           const kma_user_initialization *initialization);

/* ---- records ----------------------------------------------------------- */

typedef struct kma_record_options {
    size_t size;        /**< set by kma_record_options_defaults() */
    size_t block;       /**< records in a block; the last of a run may have fewer. Default 65536, 1 to 2^24 */
    uint32_t processes; /**< steps: which, as a sum of 1u << kma_process; default all */
} kma_record_options;

KMA_API kma_status kma_record_options_defaults(kma_record_options *options);

/** A block of records. Valid during the call only. */
typedef struct kma_block {
    uint64_t number;      /**< of this observer's blocks since the result began, from 0 */
    size_t count;         /**< records */
    size_t record_size;   /**< bytes; record i is at records + i * record_size */
    const void *records;
} kma_block;

/**
 * Called with the records of finished histories, in order of history within a run; a block holds whole records,
 * not whole histories. What blocks hold is the same for any number of threads, also if this function fails at times;
 * only where an aborted run stops depends on them. When a run has ended, the records of all histories in the
 * result were delivered. After a failure of this function the run ends, and the
 * next run begins with the same block again, before any history, so that none is missing.
 *
 * Thread:   the run manager's steward (with threads = 0 the one inside wait, or close), no kerma lock held; one call
 *           at a time. While it takes long, workers wait: at most 4 intervals of 4096 histories for each of them are
 *           ahead of it, in about 5 MiB for each worker and the observer's own block. A history of very many
 *           records takes its room in addition, for as long as they are not delivered.
 * May, may not: as kma_worker_fn.
 */
typedef kma_status kma_block_fn(kma_run_manager run, const kma_block *block, void *context);

/** Records steps: blocks of kma_step. @param options  NULL: the defaults. */
KMA_API kma_status kma_run_manager_on_step_block(kma_run_manager self, const kma_record_options *options, kma_block_fn *fn,
                                                 void *context, void (*dispose)(void *));

/** What is recorded of a history: the sum of a scorer's bins. */
typedef struct kma_history_score {
    const char *scorer;    /**< its name in the scene. Copied. */
    kma_quantity quantity; /**< KMA_QUANTITY_ENERGY, or one of a detector's four */
} kma_history_score;

enum { KMA_HISTORY_SCORES_MAX = 64 };

/**
 * Records what each history scored, such as the energy in a detector volume (a pulse-height spectrum). A record is a
 * uint64_t with the number of the history, then `count` doubles: MeV, or photons. A history that scored
 * nothing of all this has no record.
 *
 * @param scores   [count], 1 to KMA_HISTORY_SCORES_MAX
 * @param options  NULL: the defaults
 * @retval KMA_ERR_ARGUMENT  from initialize: the scene has no such scorer, or the scorer has no such quantity
 */
KMA_API kma_status kma_run_manager_on_history_block(kma_run_manager self, const kma_history_score *scores, size_t count,
                                                    const kma_record_options *options, kma_block_fn *fn, void *context,
                                                    void (*dispose)(void *));

/* ---- what numbers in steps mean ---------------------------------------- */

enum { KMA_NAME_SIZE = 128 };

/** A placement of a volume under one chain of mothers (Geant4's touchable). */
typedef struct kma_placement {
    size_t size;                /**< set it to sizeof(kma_placement) */
    char volume[KMA_NAME_SIZE]; /**< name of the volume, cut if longer */
    int32_t mother;             /**< placement, or KMA_NONE for the world */
    int32_t copy;               /**< of this volume: 0, 1 ... in order of placement */
} kma_placement;

/**
 * What placement `index` (0: the world) of the last initialize is.
 * Thread: any, also from observers.
 * @retval KMA_ERR_ARGUMENT  there is no such placement; the text says how many there are
 * @retval KMA_ERR_STATE     not initialized yet
 */
KMA_API kma_status kma_run_manager_get_placement(kma_run_manager self, int32_t index, kma_placement *out);
/** Name of material `index` of the last initialize, 0-terminated, cut if longer; otherwise as above. */
KMA_API kma_status kma_run_manager_get_material(kma_run_manager self, int32_t index, char out[KMA_NAME_SIZE]);

/* ---- one history again ------------------------------------------------- */

/**
 * Runs one history once more, in the caller's thread, and shows its steps: the same as in a run with this seed, but for
 * decisions of observers, which are not called. Scores nothing.
 * Thread: any; also while a run is under way.
 *
 * @param history  any number below 2^60
 * @param fn       may end the photon or the history; what it returns this call returns
 * @retval KMA_ERR_STATE  not initialized yet
 */
KMA_API kma_status kma_run_manager_replay(kma_run_manager self, uint64_t history, kma_step_fn *fn, void *context);

#ifdef __cplusplus
}
#endif
#endif
