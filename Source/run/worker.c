/*
 * A worker: takes intervals of histories, runs each history as a transaction
 * and commits what it has at the end of an interval, when its log is nearly
 * full, or when the run is to end. The only ways into a result are commits.
 */
#include <stdio.h>

#include "base/memory.h"
#include "run/run_manager.h"

kma_status kmi_worker_prepare(kmi_worker *self)
{
    kma_status status = KMA_OK;

    if (self->transporter == NULL) self->transporter = kmi_alloc(sizeof *self->transporter);
    if (self->transporter == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for worker %d", self->index));
    if (self->scores == NULL) KMI_TRY(kmi_scores_new(&self->scores));
cleanup:
    return status;
}

void kmi_worker_free(kmi_worker *self)
{
    kmi_scores_destroy(self->scores);
    kmi_free(self->transporter);
    kmi_piece_free(self->piece);
    self->piece = NULL;
    self->scores = NULL;
    self->transporter = NULL;
}

/* One history: its scores are in the log, or nothing of it is. */
static kma_status run_history(kmi_worker *self, uint64_t history)
{
    kma_status status = KMA_OK;

    atomic_store_explicit(&self->activity.history, history, memory_order_relaxed);
    kmi_activity_set(&self->activity, KMI_DOING_HISTORY);
    KMI_TRY(kmi_observe_worker(self, KMI_HISTORY_BEGIN, history));
    KMI_TRY(kmi_transporter_run(self->transporter, history));
    KMI_TRY(kmi_observe_worker(self, KMI_HISTORY_END, history));
    if (self->run->records.scores) KMI_TRY(kmi_records_add_scores(self, history));
    KMI_TRY(kmi_scores_end_history(self->scores, self->transporter->seed, history));
    if (self->piece != NULL) kmi_records_keep_history(self);
    return KMA_OK;
cleanup:
    kmi_scores_discard_history(self->scores);
    if (self->piece != NULL) kmi_records_discard_history(self);
    return status;
}

/* Commits [begin, end) and notes it as held. On failure nothing of it is held. */
static kma_status commit(kmi_worker *self, uint64_t begin, uint64_t end)
{
    kma_status status = KMA_OK;
    kmi_run_manager *run = self->run;
    kmi_interval interval = {begin, end};

    if (begin == end) return KMA_OK;
    kmi_activity_set(&self->activity, KMI_DOING_COMMIT);
    status = kmi_tally_commit(run->tally, interval, self->scores);
    kmi_scores_clear(self->scores);
    if (status != KMA_OK && self->piece != NULL) kmi_records_forget(self);
    kmi_lock_take(&run->lock);
    if (status == KMA_OK) {
        kmi_interval_set_add(&run->held, interval); /* room was made when the interval was taken */
        if (self->piece != NULL) kmi_records_hand_over_locked(self, interval);
    } else {
        kmi_failure_record_locked(run, status, begin);
    }
    atomic_store_explicit(&self->under_way, 0, memory_order_relaxed);
    kmi_lock_give(&run->lock);
    if (run->threads == 0) kmi_records_deliver(run, false); /* no steward does it */
    return status;
}

bool kmi_run_must_stop(const kmi_run_manager *run, uint64_t history)
{
    return atomic_load_explicit(&run->abort, memory_order_relaxed) ||
           history >= atomic_load_explicit(&run->stop_history, memory_order_relaxed);
}

void kmi_worker_run(kmi_worker *self, kmi_interval interval, kmi_tick_fn *tick, void *context)
{
    kmi_run_manager *run = self->run;
    uint64_t begin = interval.begin, history;
    bool recording = run->records.count > 0;

    for (history = interval.begin; history < interval.end; history++) {
        kma_status status;

        if (kmi_run_must_stop(run, history) || (tick != NULL && !tick(context))) break;
        if (recording && self->piece == NULL && !kmi_records_take_piece(self, history)) break;
        if (kmi_scores_nearly_full(self->scores) || (recording && kmi_records_nearly_full(self))) {
            if (commit(self, begin, history) != KMA_OK) {
                begin = history; /* given up; the next run does them again */
                break;
            }
            begin = history;
            kmi_lock_take(&run->lock);
            status = kmi_interval_set_reserve(&run->held, (size_t)run->threads + 2);
            if (status != KMA_OK) kmi_failure_record_locked(run, status, history);
            kmi_lock_give(&run->lock);
            if (status != KMA_OK || (recording && !kmi_records_take_piece(self, history))) break;
        }
        status = run_history(self, history);
        if (status != KMA_OK) {
            kmi_failure_record(run, status, history);
            break;
        }
        atomic_store_explicit(&self->under_way, history + 1 - begin, memory_order_relaxed);
    }
    commit(self, begin, history);
    if (history < interval.end && tick != NULL) { /* a serial run that paused goes on later */
        kmi_interval rest = {history, interval.end};
        kmi_lock_take(&run->lock);
        kmi_interval_set_add(&run->todo, rest); /* its room is still there */
        kmi_lock_give(&run->lock);
    }
}

bool kmi_run_take_locked(kmi_run_manager *self, kmi_interval *out)
{
    kma_status status;

    if (self->state != KMA_RUN_RUNNING || !self->begun || self->todo.count == 0 ||
        kmi_run_must_stop(self, self->todo.intervals[0].begin))
        return false;
    /* Each worker adds at most one interval that touches no other. */
    status = kmi_interval_set_reserve(&self->held, (size_t)self->threads + 2);
    if (status != KMA_OK) {
        kmi_failure_record_locked(self, status, self->todo.intervals[0].begin);
        return false;
    }
    return kmi_interval_set_take(&self->todo, out);
}

kma_status kmi_worker_take_up(kmi_worker *self)
{
    kma_status status = KMA_OK;
    kmi_run_manager *run = self->run;

    KMI_TRY(kmi_worker_prepare(self));
    KMI_TRY(kmi_observe_worker_begin(self));
    kmi_transporter_start(self->transporter, run->plan, self->scores, run->options.seed);
    if (run->observers[KMI_STEP].count > 0 || run->records.steps) {
        self->transporter->on_step = kmi_observe_step;
        self->transporter->step_context = self;
    }
    kmi_worker_run(self, (kmi_interval){0, 0}, NULL, NULL);
cleanup:
    return status;
}

static void park(kmi_worker *self)
{
    kmi_run_manager *run = self->run;
    kma_status status;

    kmi_activity_set(&self->activity, KMI_DOING_PREPARE);
    status = kmi_worker_take_up(self);
    kmi_activity_set(&self->activity, KMI_DOING_WAIT);
    if (status != KMA_OK) {
        char text[KMI_ERROR_TEXT_SIZE];
        snprintf(text, sizeof text, "worker %d of %d: %.900s", self->index, run->threads, kma_error_message());
        kmi_barrier_break(run->parking, status, text);
        return;
    }
    (void)kmi_barrier_arrive_and_wait(run->parking, self->index, KMI_FOREVER); /* broken: the caller knows */
}

/*
 * Sleeps until something has changed: for work, which nobody owes it. While a run is under way it looks what the others do:
 * the steward may be in user code, and the caller in its poll function. With the lock held.
 */
static void sleep_locked(kmi_run_manager *run)
{
    uint64_t period = run->state == KMA_RUN_RUNNING ? kmi_stall_period_ns(run) : KMI_FOREVER;

    if (kmi_condition_wait_until(&run->changed, &run->lock, kmi_deadline(period))) return;
    kmi_lock_give(&run->lock);
    kmi_stall_look(run, "an idle worker", true);
    kmi_lock_take(&run->lock);
}

static void live(kmi_worker *self)
{
    kmi_run_manager *run = self->run;
    kmi_interval interval;

    kmi_lock_take(&run->lock);
    for (;;) {
        if (self->epoch != run->epoch) {
            self->epoch = run->epoch;
            kmi_lock_give(&run->lock);
            park(self);
            kmi_lock_take(&run->lock);
        } else if (kmi_run_take_locked(run, &interval)) {
            run->active++;
            self->inside = true;
            kmi_lock_give(&run->lock);
            kmi_worker_run(self, interval, NULL, NULL);
            kmi_activity_set(&self->activity, KMI_DOING_WAIT);
            kmi_lock_take(&run->lock);
            self->inside = false;
            run->active--;
            if (run->active == 0) kmi_condition_wake_all(&run->changed);
        } else if (kmi_run_must_quit_locked(run)) {
            break;
        } else {
            sleep_locked(run);
        }
    }
    kmi_lock_give(&run->lock);
    kmi_observe_worker_end(self);
}

/* The last act: the steward joins a worker only when it has come to this. */
static void leave(kmi_worker *self)
{
    kmi_run_manager *run = self->run;

    kmi_activity_set(&self->activity, KMI_DOING_NOTHING);
    kmi_lock_take(&run->lock);
    self->gone = true;
    kmi_condition_wake_all(&run->changed);
    kmi_lock_give(&run->lock);
}

/*
 * User code has ended this thread (pthread_exit, as a Python that finalizes does). What it had not committed is given
 * up, the run ends with an error, and nobody waits for it any more. No user code is called here.
 */
static void die(void *worker)
{
    kmi_worker *self = worker;
    kmi_run_manager *run = self->run;
    char text[KMI_ERROR_TEXT_SIZE];
    uint64_t now = atomic_load(&self->activity.now);

    kmi_inside_forget();
    self->built = self->begun = false;
    if (self->scores != NULL) {
        kmi_scores_discard_history(self->scores);
        kmi_scores_clear(self->scores);
    }
    if (self->piece != NULL) kmi_records_forget(self);
    kmi_stall_describe(run, &self->activity, now, text, sizeof text);
    kmi_fail(KMA_ERR_THREAD, "user code ended its thread (pthread_exit) while %s: initialize again to go on", text);
    kmi_lock_take(&run->lock);
    run->dead = true;
    if (run->quit)
        kmi_failure_keep(&run->ending, KMA_ERR_THREAD, (uint64_t)self->index);
    else
        kmi_failure_record_locked(run, KMA_ERR_THREAD, self->inside ? atomic_load(&self->activity.history) : 0);
    if (self->inside) run->active--;
    self->inside = false;
    atomic_store(&self->under_way, 0);
    if (run->parking != NULL) kmi_barrier_break(run->parking, KMA_ERR_THREAD, kma_error_message());
    kmi_lock_give(&run->lock);
    leave(self);
}

void kmi_worker_main(void *worker)
{
    kmi_worker *self = worker;

    kmi_worker_is_here(self);
    kmi_activity_set(&self->activity, KMI_DOING_WAIT);
    kmi_activity_enter(&self->activity);
    pthread_cleanup_push(die, self);
    live(self);
    pthread_cleanup_pop(0);
    leave(self);
}
