/*
 * initialize: first the serial part, in the caller's thread (the plan), then
 * the threads. The caller waits at a barrier that a failing worker breaks, in
 * slices of 20 ms between which the host is polled, so it can neither freeze
 * nor be deaf.
 */
#include <stdio.h>
#include <string.h>

#include "base/handle.h"
#include "base/memory.h"
#include "run/run_manager.h"

/* Looks after the host, and whether somebody closed or released the run manager meanwhile. */
static kma_status poll_status(kmi_run_manager *self)
{
    kma_status status = KMA_OK;

    bool goes_on = kmi_run_poll(self);

    if (self->threads > 0 && !kmi_run_is_here(self)) return kmi_run_fail_forked(self);
    if (!goes_on) return kmi_fail(KMA_ERR_ABORTED, "the poll function asked for an end during initialize");
    kmi_lock_take(&self->lock);
    if (self->closing) status = kmi_fail(KMA_ERR_CLOSED, "the run manager was closed or released during initialize");
    kmi_lock_give(&self->lock);
    return status;
}

static kma_status beat(void *context)
{
    return poll_status(context);
}

/* Makes the plan, and a new tally if the scene is not what it was. */
static kma_status renew_plan(kmi_run_manager *self)
{
    kma_status status = KMA_OK;
    kmi_pulse pulse = {beat, self};
    kmi_float_env host;
    kmi_plan *plan = NULL, *old_plan = NULL;
    kmi_tally *tally = NULL, *old_tally = NULL;

    kmi_float_env_enter(&host);
    status = kmi_plan_new(self->scene, &pulse, &plan);
    kmi_float_env_leave(&host);
    if (status != KMA_OK) goto cleanup;
    if (self->plan != NULL && memcmp(plan->scene_hash, self->plan->scene_hash, KMI_DIGEST_SIZE) == 0 &&
        memcmp(plan->fingerprint, self->plan->fingerprint, KMI_DIGEST_SIZE) == 0)
        goto cleanup; /* the same scene: its result goes on, and so does its plan */
    KMI_TRY(kmi_tally_new(plan->scorers->total_bins, &tally));

    kmi_lock_take(&self->lock);
    old_plan = self->plan;
    old_tally = self->tally;
    self->plan = plan;
    self->tally = tally;
    kmi_interval_set_clear(&self->held);
    kmi_interval_set_clear(&self->todo);
    kmi_records_drop_locked(self);
    self->target = 0;
    kmi_lock_give(&self->lock);
    plan = NULL;
cleanup:
    kmi_plan_release(plan);
    kmi_plan_release(old_plan); /* results keep their own */
    kmi_tally_destroy(old_tally);
    return status;
}

/* Starts the steward and the workers that are not there yet. The steward's life holds a use of the run manager. */
static kma_status start_threads(kmi_run_manager *self)
{
    kma_status status = KMA_OK;
    int i;

    if (self->steward_created) return KMA_OK;
    self->ended = false;
    self->joiner = false;
    kmi_handle_pin_again(self->self_bits);
    kmi_run_steward_begins(self);
    kmi_activity_set(&self->steward_activity, KMI_DOING_START);
    status = kmi_thread_start(&self->steward, "kerma steward", kmi_steward_main, self);
    if (status != KMA_OK) {
        kmi_activity_set(&self->steward_activity, KMI_DOING_NOTHING);
        kmi_run_steward_ending(self);
        kmi_run_steward_ended();
        kmi_handle_unpin(self->self_bits);
        return kmi_fail_prefix(status, "the steward thread could not be created: ");
    }
    kmi_lock_take(&self->lock); /* the steward reads its neighbours: gcc reads several of them at once */
    self->steward_created = true;
    kmi_lock_give(&self->lock);
    for (i = 0; i < self->threads; i++) {
        char name[32];
        snprintf(name, sizeof name, "kerma %d", i);
        self->workers[i].gone = false;
        kmi_activity_set(&self->workers[i].activity, KMI_DOING_START);
        status = kmi_thread_start(&self->workers[i].thread, name, kmi_worker_main, &self->workers[i]);
        if (status != KMA_OK) kmi_activity_set(&self->workers[i].activity, KMI_DOING_NOTHING);
        if (status != KMA_OK)
            return kmi_fail_prefix(status, "worker %d of %d could not be created: ", i, self->threads);
        self->workers[i].created = true;
    }
    return KMA_OK;
}

/* After a failure: all threads end, so that initialize can be called again. */
static void undo_threads(kmi_run_manager *self)
{
    if (!self->steward_created) return;
    kmi_lock_take(&self->lock);
    self->joiner = true;
    self->keep_threads = false;
    kmi_run_request_quit(self);
    kmi_lock_give(&self->lock);
    kmi_run_join_threads(self);
    if (!kmi_run_is_here(self)) return;
    kmi_lock_take(&self->lock);
    self->steward_created = false;
    self->quit = false;
    self->dead = self->without_user_code = false;
    kmi_lock_give(&self->lock);
}

static kma_status make_parking(kmi_run_manager *self)
{
    kma_status status = KMA_OK;
    char name[32];
    int i;

    KMI_TRY(kmi_barrier_new(self->threads + 1, &self->parking));
    for (i = 0; i < self->threads; i++) {
        snprintf(name, sizeof name, "worker %d", i);
        kmi_barrier_name(self->parking, i, name);
    }
    kmi_barrier_name(self->parking, self->threads, "initialize");
    kmi_barrier_wait_by(self->parking, self->threads, &self->parked);
cleanup:
    return status;
}

static kma_status park_workers(kmi_run_manager *self)
{
    kma_status status = KMA_OK;

    if (self->dead) {
        undo_threads(self);
        if (!kmi_run_is_here(self)) return kmi_run_fail_forked(self);
        kmi_lock_take(&self->lock);
        self->keep_threads = true;
        kmi_lock_give(&self->lock);
    }
    KMI_TRY(make_parking(self));
    kmi_lock_take(&self->lock);
    self->epoch++;
    kmi_condition_wake_all(&self->changed);
    kmi_lock_give(&self->lock);
    KMI_TRY(start_threads(self));
    for (;;) {
        status = kmi_barrier_arrive_and_wait(self->parking, self->threads, KMI_POLL_NS);
        if (status != KMA_ERR_TIMEOUT) break;
        kmi_stall_look(self, "initialize", true);
        status = poll_status(self);
        if (status != KMA_OK) break;
    }
cleanup:
    if (!kmi_run_is_here(self)) return kmi_run_fail_forked(self); /* nothing to undo: the threads are the parent's */
    if (status != KMA_OK) {
        char text[KMI_ERROR_TEXT_SIZE];
        strcpy(text, kma_error_message());
        if (self->parking != NULL) kmi_barrier_break(self->parking, status, text);
        undo_threads(self);
        if (!kmi_run_is_here(self)) return kmi_run_fail_forked(self);
        kmi_fail_again(status, text);
    }
    kmi_barrier_free(self->parking);
    self->parking = NULL;
    return status;
}

/* The worker's life ends as a thread's would. The text of what failed stays. */
static void end_life(kmi_worker *worker)
{
    char text[KMI_ERROR_TEXT_SIZE];

    strcpy(text, kma_error_message());
    kmi_observe_worker_end(worker);
    kmi_fail_again(KMA_ERR_OBSERVER, text);
}

/* threads = 0: the caller is the worker. */
static kma_status prepare_serial(kmi_run_manager *self)
{
    kma_status status = KMA_OK;
    kmi_worker *worker = &self->workers[0];
    kmi_activity *before = kmi_activity_enter(&worker->activity);
    kmi_float_env host;

    kmi_float_env_enter(&host);
    kmi_activity_set(&worker->activity, KMI_DOING_PREPARE);
    status = kmi_worker_take_up(worker);
    if (status != KMA_OK) end_life(worker);
    kmi_activity_set(&worker->activity, KMI_DOING_NOTHING);
    kmi_activity_enter(before);
    kmi_float_env_leave(&host);
    return status;
}

static kma_status begin_locked(kmi_run_manager *self)
{
    kma_status status = KMA_OK;

    KMI_TRY(kmi_run_check_open(self));
    if (self->state == KMA_RUN_RUNNING)
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "a run is under way: wait for it or abort it before initialize"));
    if (self->busy) KMI_TRY(kmi_fail(KMA_ERR_BUSY, "another thread is initializing or closing this run manager"));
    self->busy = true;
    self->keep_threads = true;
    self->observers_fixed = true;
    memset(&self->failure, 0, sizeof self->failure);
    memset(&self->ending, 0, sizeof self->ending);
    atomic_store(&self->abort, false);
    atomic_store(&self->stop_history, UINT64_MAX);
    kmi_condition_wake_all(&self->changed); /* the steward, if there is one, looks after it */
cleanup:
    return status;
}

kma_status kmi_run_initialize(kmi_run_manager *self)
{
    kma_status status;
    kmi_activity *before;

    kmi_lock_take(&self->lock);
    status = begin_locked(self);
    kmi_lock_give(&self->lock);
    if (status != KMA_OK) return status;

    before = kmi_activity_enter(&self->caller_activity);
    kmi_activity_set(&self->caller_activity, KMI_DOING_CLOSE_SCENE);
    KMI_TRY(poll_status(self));
    KMI_TRY(renew_plan(self));
    kmi_activity_set(&self->caller_activity, KMI_DOING_WAIT);
    KMI_TRY(kmi_recorders_prepare(self));
    if (self->threads == 0)
        KMI_TRY(prepare_serial(self));
    else
        KMI_TRY(park_workers(self));
cleanup:
    kmi_activity_set(&self->caller_activity, KMI_DOING_NOTHING);
    kmi_activity_enter(before);
    if (self->threads > 0 && !kmi_run_is_here(self)) return kmi_run_fail_forked(self);
    kmi_lock_take(&self->lock);
    self->busy = false;
    self->keep_threads = false;
    self->state = status == KMA_OK ? KMA_RUN_INITIALIZED : KMA_RUN_CONFIGURING;
    kmi_condition_wake_all(&self->changed);
    kmi_event_set(&self->woken); /* a close waits for this */
    kmi_lock_give(&self->lock);
    return status;
}
