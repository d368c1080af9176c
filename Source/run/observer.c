/*
 * User code: called with no lock held, on the thread its documentation names.
 * A thread remembers inside of which run managers it is, so that a call which
 * would wait for itself returns KMA_ERR_BUSY.
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "run/run_manager.h"

static _Thread_local kmi_inside *innermost;

void kmi_inside_enter(kmi_inside *frame, const kmi_run_manager *run, kmi_doing doing)
{
    frame->run = run;
    frame->outer = innermost;
    frame->activity = doing == KMI_DOING_NOTHING ? NULL : kmi_activity_here();
    frame->holds = doing != KMI_DOING_POLL;
    innermost = frame;
    kmi_float_env_host_begin(&frame->floats);
    if (frame->activity == NULL) return;
    frame->before = atomic_load_explicit(&frame->activity->now, memory_order_relaxed);
    frame->note = atomic_load_explicit(&frame->activity->note, memory_order_relaxed);
    atomic_store_explicit(&frame->activity->note, NULL, memory_order_relaxed);
    kmi_activity_set(frame->activity, doing);
}

void kmi_inside_leave(kmi_inside *frame)
{
    kmi_float_env_host_end(&frame->floats);
    if (frame->activity != NULL) {
        atomic_store_explicit(&frame->activity->now, frame->before, memory_order_relaxed);
        atomic_store_explicit(&frame->activity->note, frame->note, memory_order_release);
    }
    innermost = frame->outer;
}

void kmi_inside_next(void)
{
    kmi_float_env_host_end(&innermost->floats);
    kmi_float_env_host_begin(&innermost->floats);
    kmi_error_clear();
    kma_callback_note(NULL);
}

void kma_callback_note(const char *text)
{
    if (innermost != NULL && innermost->activity != NULL)
        atomic_store_explicit(&innermost->activity->note, text, memory_order_release);
}

void kmi_inside_forget(void)
{
    kmi_wait_forget(innermost);
    innermost = NULL;
    kmi_float_env_forget();
}

bool kmi_inside_any(void)
{
    const kmi_inside *frame;

    for (frame = innermost; frame != NULL; frame = frame->outer)
        if (kmi_run_is_here(frame->run)) return true; /* a child of fork waits for nobody of its parent's */
    return false;
}

const kmi_inside *kmi_inside_here(void)
{
    return innermost;
}

kma_status kmi_inside_refuse(const kmi_run_manager *run, const char *call)
{
    const kmi_inside *frame;

    for (frame = innermost; frame != NULL; frame = frame->outer)
        if (frame->run == run)
            return kmi_fail(KMA_ERR_BUSY, "%s was called from a callback of the same run manager: it would wait for itself "
                                          "(ask for an end with kma_run_manager_abort and return)", call);
    return KMA_OK;
}

kma_status kmi_observed(kma_status status, const char *moment)
{
    if (status != KMA_OK && kma_error_message()[0] == '\0')
        kmi_fail(status, "an observer of %s returned %s", moment, kma_status_name(status));
    return status;
}

const char *kmi_moment_name(kmi_moment moment)
{
    static const char *const names[KMI_MOMENTS] = {"run begin",     "run end",     "worker begin", "worker end",
                                                   "history begin", "history end", "step"};
    return names[moment];
}

kma_status kmi_observe_run(kmi_run_manager *self, kmi_moment moment)
{
    kma_status status = KMA_OK;
    const kmi_observers *o = &self->observers[moment];
    kma_run_manager handle = {self->self_bits};
    kmi_inside frame;
    kmi_float_env before;
    size_t i;

    if (o->count == 0 || self->without_user_code) return KMA_OK;
    kmi_float_env_enter(&before);
    kmi_inside_enter(&frame, self, moment == KMI_RUN_BEGIN ? KMI_DOING_RUN_BEGIN : KMI_DOING_RUN_END);
    for (i = 0; i < o->count; i++) {
        kmi_inside_next();
        KMI_TRY(kmi_observed(o->list[i].run_fn(handle, o->list[i].context), kmi_moment_name(moment)));
    }
cleanup:
    kmi_inside_leave(&frame);
    kmi_float_env_leave(&before); /* with threads = 0 histories follow, whatever the user's code did to it */
    return status;
}

kma_status kmi_observe_block(kmi_run_manager *self, kma_block_fn *fn, kma_run_manager handle, const kma_block *block,
                             void *context)
{
    kma_status status;
    kmi_inside frame;

    kmi_inside_enter(&frame, self, KMI_DOING_RECORDS);
    kmi_error_clear();
    status = kmi_observed(fn(handle, block, context), "records");
    kmi_inside_leave(&frame);
    return status;
}

void kmi_failure_keep(kmi_failure *failure, kma_status status, uint64_t history)
{
    if (failure->status != KMA_OK) failure->others++;
    if (failure->status != KMA_OK && failure->history <= history) return;
    failure->status = status;
    failure->history = history;
    strncpy(failure->text, kma_error_message(), sizeof failure->text - 1);
    failure->text[sizeof failure->text - 1] = '\0';
}

void kmi_failure_text(const kmi_failure *failure, char out[KMI_ERROR_TEXT_SIZE])
{
    char more[64] = "";
    size_t room;

    if (failure->others > 0)
        snprintf(more, sizeof more, " (and %llu other failure%s)", (unsigned long long)failure->others,
                 failure->others == 1 ? "" : "s");
    room = KMI_ERROR_TEXT_SIZE - strlen(more);
    snprintf(out, room, "%s", failure->text); /* a long text is cut, not what follows it */
    strcat(out, more);
}

kma_status kmi_observers_check_open_locked(const kmi_run_manager *self)
{
    kma_status status = KMA_OK;

    KMI_TRY(kmi_run_check_open(self));
    if (self->observers_fixed)
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "the run manager is %s: observers must be added before the first initialize",
                         kmi_run_state_name(self->state)));
cleanup:
    return status;
}

static kma_status add_locked(kmi_run_manager *self, kmi_moment moment, kmi_observer observer)
{
    kma_status status = KMA_OK;
    kmi_observers *o = &self->observers[moment];

    KMI_TRY(kmi_observers_check_open_locked(self));
    if (o->count == o->room) {
        size_t room = o->room == 0 ? 4 : 2 * o->room;
        kmi_observer *list = kmi_realloc(o->list, room * sizeof *list);
        if (list == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu observers", room));
        o->list = list;
        o->room = room;
    }
    o->list[o->count++] = observer;
cleanup:
    return status;
}

kma_status kmi_observers_add(kmi_run_manager *self, kmi_moment moment, kmi_observer observer)
{
    kma_status status;

    kmi_lock_take(&self->lock);
    status = add_locked(self, moment, observer);
    kmi_lock_give(&self->lock);
    return status;
}

static void dispose_user_initialization(kmi_run_manager *self)
{
    kma_user_initialization dropped;

    kmi_lock_take(&self->lock);
    dropped = self->user_initialization;
    memset(&self->user_initialization, 0, sizeof self->user_initialization);
    kmi_lock_give(&self->lock);
    if (dropped.dispose == NULL) return;
    kmi_inside_next();
    dropped.dispose(dropped.context);
}

/* Takes the last one off: whoever disposes of it has it alone, and what is left is left in order. */
static bool take_observer(kmi_run_manager *self, kmi_observers *o, kmi_observer *out)
{
    bool any;
    kmi_observer *emptied = NULL;

    kmi_lock_take(&self->lock);
    any = o->count > 0;
    if (any) {
        *out = o->list[--o->count];
    } else {
        emptied = o->list;
        o->list = NULL;
        o->room = 0;
    }
    kmi_lock_give(&self->lock);
    kmi_free(emptied);
    return any;
}

void kmi_run_dispose_observers(kmi_run_manager *self)
{
    kmi_inside frame;
    kmi_observer observer;
    int moment;

    kmi_inside_enter(&frame, self, KMI_DOING_DISPOSE); /* a close from here would wait for itself */
    for (moment = 0; moment < KMI_MOMENTS; moment++)
        while (take_observer(self, &self->observers[moment], &observer)) {
            if (observer.dispose == NULL) continue;
            kmi_inside_next();
            observer.dispose(observer.context);
        }
    dispose_user_initialization(self);
    kmi_recorders_dispose(self);
    kmi_inside_leave(&frame);
}

void kmi_failure_record_locked(kmi_run_manager *self, kma_status status, uint64_t history)
{
    kmi_failure_keep(&self->failure, status, history);
    /* Numbers above are not begun any more; those below go on, for one of them may fail too. */
    if (history < atomic_load_explicit(&self->stop_history, memory_order_relaxed))
        atomic_store_explicit(&self->stop_history, history, memory_order_relaxed);
    kmi_condition_wake_all(&self->changed); /* the run may be over by this */
}

void kmi_failure_record(kmi_run_manager *self, kma_status status, uint64_t history)
{
    kmi_lock_take(&self->lock);
    kmi_failure_record_locked(self, status, history);
    kmi_lock_give(&self->lock);
}
