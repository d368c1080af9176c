/*
 * Observers on a worker: its life, its histories, its steps. Called with no
 * lock held; different workers call at the same time.
 */
#include <string.h>

#include "run/run_manager.h"

double kma_worker_uniform(const kma_worker *worker)
{
    KMI_FLOATS;
    kmi_observer_random *random = worker != NULL ? worker->random : NULL;

    if (random == NULL || !random->allowed) return 0.5;
    if (!random->started) kmi_rng_start(&random->rng, random->seed, random->history, KMI_STREAM_OBSERVER);
    random->started = true;
    return kmi_rng_uniform(&random->rng);
}

/* What observers see now. */
static const kma_worker *look(kmi_worker *worker, kmi_moment moment, uint64_t history)
{
    bool of_history = moment == KMI_HISTORY_BEGIN || moment == KMI_HISTORY_END || moment == KMI_STEP;

    worker->seen.index = worker->index;
    worker->seen.count = worker->run->threads == 0 ? 1 : worker->run->threads;
    worker->seen.history = of_history ? history : 0;
    worker->seen.random = &worker->random;
    worker->random.allowed = of_history;
    return &worker->seen;
}

kma_status kmi_observe_worker(kmi_worker *worker, kmi_moment moment, uint64_t history)
{
    kma_status status = KMA_OK;
    kmi_run_manager *self = worker->run;
    const kmi_observers *o = &self->observers[moment];
    kma_run_manager handle = {self->self_bits};
    const kma_worker *seen;
    kmi_inside frame;
    size_t i;
    static const kmi_doing doing[KMI_MOMENTS] = {
        [KMI_WORKER_BEGIN] = KMI_DOING_WORKER_BEGIN,   [KMI_WORKER_END] = KMI_DOING_WORKER_END,
        [KMI_HISTORY_BEGIN] = KMI_DOING_HISTORY_BEGIN, [KMI_HISTORY_END] = KMI_DOING_HISTORY_END};

    if (moment == KMI_HISTORY_BEGIN) { /* whoever looks; the same history may be run again */
        worker->random.seed = self->options.seed;
        worker->random.history = history;
        worker->random.started = false;
    }
    if (o->count == 0) return KMA_OK;
    seen = look(worker, moment, history);
    kmi_inside_enter(&frame, self, doing[moment]);
    for (i = 0; i < o->count; i++) {
        kmi_inside_next();
        KMI_TRY(kmi_observed(o->list[i].worker_fn(handle, seen, o->list[i].context), kmi_moment_name(moment)));
    }
cleanup:
    kmi_inside_leave(&frame);
    return status;
}

kma_status kmi_check_action(kma_action action)
{
    if ((int)action < KMA_GO_ON || action > KMA_END_RUN)
        return kmi_fail(KMA_ERR_ARGUMENT, "an observer of steps wants action %d (a kma_action is wanted)", (int)action);
    return KMA_OK;
}

static kma_status call_step_observers(kmi_worker *worker, const kma_step *step, kma_action *action)
{
    kma_status status = KMA_OK;
    kmi_run_manager *self = worker->run;
    const kmi_observers *o = &self->observers[KMI_STEP];
    kma_run_manager handle = {self->self_bits};
    const kma_worker *seen = look(worker, KMI_STEP, step->history);
    kmi_inside frame;
    size_t i;

    kmi_inside_enter(&frame, self, KMI_DOING_STEP);
    for (i = 0; i < o->count; i++) {
        kma_action wanted = *action;
        kmi_inside_next();
        KMI_TRY(kmi_observed(o->list[i].step_fn(handle, seen, step, &wanted, o->list[i].context),
                             kmi_moment_name(KMI_STEP)));
        KMI_TRY(kmi_check_action(wanted));
        if (wanted > *action) *action = wanted;
    }
cleanup:
    kmi_inside_leave(&frame);
    return status;
}

kma_status kmi_observe_step(void *context, const kma_step *step, kma_action *action)
{
    kma_status status = KMA_OK;
    kmi_worker *worker = context;
    kmi_run_manager *self = worker->run;

    if (self->observers[KMI_STEP].count > 0) KMI_TRY(call_step_observers(worker, step, action));
    if (self->records.steps) KMI_TRY(kmi_records_add_step(worker, step));
    if (*action == KMA_END_RUN) {
        kmi_run_abort(self);
        *action = KMA_GO_ON;
    }
cleanup:
    return status;
}

static kma_status build_data(kmi_worker *worker)
{
    kma_status status = KMA_OK;
    kmi_run_manager *self = worker->run;
    const kma_user_initialization *user = &self->user_initialization;
    kma_run_manager handle = {self->self_bits};
    kmi_inside frame;

    if (user->build == NULL) return KMA_OK;
    kmi_inside_enter(&frame, self, KMI_DOING_BUILD);
    kmi_error_clear();
    worker->seen.data = NULL;
    KMI_TRY(kmi_observed(user->build(handle, look(worker, KMI_WORKER_BEGIN, 0), user->context, &worker->seen.data),
                         "user initialization"));
    worker->built = true;
cleanup:
    if (status != KMA_OK) worker->seen.data = NULL;
    kmi_inside_leave(&frame);
    return status;
}

static void drop_data(kmi_worker *worker)
{
    kmi_run_manager *self = worker->run;
    const kma_user_initialization *user = &self->user_initialization;
    kma_run_manager handle = {self->self_bits};
    kmi_inside frame;

    if (!worker->built) return;
    worker->built = false;
    if (user->drop != NULL) {
        kmi_inside_enter(&frame, self, KMI_DOING_DROP);
        user->drop(handle, look(worker, KMI_WORKER_END, 0), user->context, worker->seen.data);
        kmi_inside_leave(&frame);
    }
    worker->seen.data = NULL;
}

kma_status kmi_observe_worker_begin(kmi_worker *worker)
{
    kma_status status = KMA_OK;

    if (worker->begun) return KMA_OK;
    KMI_TRY(build_data(worker));
    worker->begun = true;
    KMI_TRY(kmi_observe_worker(worker, KMI_WORKER_BEGIN, 0));
cleanup:
    return status;
}

void kmi_observe_worker_end(kmi_worker *worker)
{
    kmi_run_manager *self = worker->run;
    kma_status status;

    if (!worker->begun) return;
    worker->begun = false;
    status = kmi_observe_worker(worker, KMI_WORKER_END, 0);
    if (status != KMA_OK) {
        kmi_lock_take(&self->lock);
        kmi_failure_keep(&self->ending, status, (uint64_t)worker->index);
        kmi_lock_give(&self->lock);
    }
    drop_data(worker);
}
