/*
 * The steward: one thread of a run manager with workers that ends what the
 * others began. It delivers records, notices that a run is over, calls the run_end observers,
 * joins the workers and drops the user's contexts, so that none of this is
 * ever done on a worker or left to a caller who may not come.
 */
#include <string.h>

#include "base/handle.h"
#include "run/run_manager.h"

bool kmi_run_is_over_locked(const kmi_run_manager *self)
{
    return self->state == KMA_RUN_RUNNING && self->begun && self->active == 0 &&
           (self->todo.count == 0 || atomic_load(&self->abort) ||
            self->todo.intervals[0].begin >= atomic_load(&self->stop_history));
}

void kmi_run_finish_locked(kmi_run_manager *self)
{
    const kmi_failure *failure = &self->failure;

    self->last_text[0] = '\0';
    if (failure->status != KMA_OK) {
        self->last_status = failure->status;
        kmi_failure_text(failure, self->last_text);
    } else if (kmi_interval_set_total(&self->held) < self->target) {
        self->last_status = KMA_ERR_ABORTED;
        kmi_fail(KMA_ERR_ABORTED, "the run was aborted with %llu of %llu histories done",
                 (unsigned long long)kmi_run_histories_locked(self), (unsigned long long)self->target);
        strncpy(self->last_text, kma_error_message(), sizeof self->last_text - 1);
    } else {
        self->last_status = KMA_OK;
    }
    self->ended_ns = kmi_clock_ns();
    self->begun = false;
    self->state = KMA_RUN_INITIALIZED;
    kmi_event_set(&self->woken);
}

void kmi_run_end_locked(kmi_run_manager *self)
{
    kma_status status;

    self->begun = false; /* nobody takes work, nobody else ends it */
    self->ending_run = true;
    kmi_lock_give(&self->lock);
    kmi_records_deliver(self, true);
    status = kmi_observe_run(self, KMI_RUN_END);
    kmi_lock_take(&self->lock);
    self->ending_run = false;
    if (status != KMA_OK) kmi_failure_record_locked(self, status, UINT64_MAX);
    kmi_run_finish_locked(self);
}

bool kmi_run_must_quit_locked(const kmi_run_manager *self)
{
    return self->quit && !self->keep_threads;
}

/* Sleeps until something has changed; while others are at work it looks what they do. With the lock held. */
static void sleep_locked(kmi_run_manager *self, const char *waiter)
{
    bool looking = self->state == KMA_RUN_RUNNING || self->busy || self->quit;
    uint64_t period = looking ? kmi_stall_period_ns(self) : KMI_FOREVER;

    if (kmi_condition_wait_until(&self->changed, &self->lock, kmi_deadline(period))) return;
    kmi_lock_give(&self->lock);
    kmi_stall_look(self, waiter, true);
    kmi_lock_take(&self->lock);
}

static void end_threads(kmi_run_manager *self)
{
    int i;

    for (i = 0; i < self->threads; i++) {
        if (!self->workers[i].created) continue;
        kmi_lock_take(&self->lock);
        while (!self->workers[i].gone) sleep_locked(self, "the end of the threads");
        kmi_lock_give(&self->lock);
        kmi_thread_join(&self->workers[i].thread);
        self->workers[i].created = false;
    }
}

/* Until the threads are to end. */
static void live(kmi_run_manager *self)
{
    kmi_lock_take(&self->lock);
    for (;;) {
        if (kmi_run_is_over_locked(self)) {
            kmi_run_end_locked(self);
        } else if (kmi_records_deliverable_locked(self)) {
            kmi_lock_give(&self->lock);
            kmi_records_deliver(self, false);
            kmi_lock_take(&self->lock);
        } else if (self->has_orphans && !self->without_user_code) {
            self->has_orphans = false;
            kmi_lock_give(&self->lock);
            kmi_run_drop_orphans(self);
            kmi_lock_take(&self->lock);
        } else if (kmi_run_must_quit_locked(self) && self->state != KMA_RUN_RUNNING) {
            break;
        } else {
            sleep_locked(self, "the end of the run");
        }
    }
    kmi_lock_give(&self->lock);
    end_threads(self);
}

/* After everything: the run manager may be gone when this returns. */
static void leave(kmi_run_manager *self, uint64_t bits)
{
    kmi_activity_set(&self->steward_activity, KMI_DOING_NOTHING);
    kmi_lock_take(&self->lock);
    if (self->closing) self->state = KMA_RUN_CLOSED;
    self->ended = true;
    if (!self->joiner) kmi_thread_detach(&self->steward);
    kmi_event_set(&self->woken);
    kmi_lock_give(&self->lock);
    kmi_run_steward_ending(self);
    kmi_handle_unpin(bits); /* the threads' use: after this the run manager may be gone */
    kmi_run_steward_ended();
}

/*
 * User code has ended this thread (pthread_exit). It does what it has to do to the end, for others wait for it, but
 * calls no user code any more: contexts that it has not disposed of are left to whoever destroys the run manager.
 */
static void die(void *object)
{
    kmi_run_manager *self = object;
    char text[KMI_ERROR_TEXT_SIZE];

    kmi_inside_forget();
    kmi_stall_describe(self, &self->steward_activity, atomic_load(&self->steward_activity.now), text, sizeof text);
    kmi_fail(KMA_ERR_THREAD, "user code ended its thread (pthread_exit) while %s: initialize again to go on", text);
    kmi_activity_set(&self->steward_activity, KMI_DOING_WAIT);
    kmi_lock_take(&self->lock);
    self->dead = true;
    kmi_records_give_up_locked(self);
    kmi_failure_record_locked(self, KMA_ERR_THREAD, 0);
    if (self->ending_run) {
        self->ending_run = false;
        kmi_run_finish_locked(self);
    }
    self->without_user_code = true;
    kmi_lock_give(&self->lock);
    live(self);
    leave(self, self->self_bits);
}

void kmi_steward_main(void *object)
{
    kmi_run_manager *self = object;
    uint64_t bits = self->self_bits;
    bool closing;

    kmi_activity_set(&self->steward_activity, KMI_DOING_WAIT);
    kmi_activity_enter(&self->steward_activity);
    pthread_cleanup_push(die, self);
    live(self);
    kmi_lock_take(&self->lock);
    closing = self->closing;
    kmi_lock_give(&self->lock);
    kmi_run_drop_orphans(self);
    if (closing) kmi_run_dispose_observers(self);
    pthread_cleanup_pop(0);
    leave(self, bits);
}
