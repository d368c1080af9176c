/* Making, closing and destroying run managers; the list of all of them, for kma_shutdown. */
#include "run/run_manager.h"

#include <string.h>

#include "base/handle.h"
#include "base/memory.h"

static kmi_lock list_lock = KMI_LOCK_INIT; /* guards first and stewards */
static kmi_run_manager *first;
static int stewards;
static pthread_cond_t stewards_gone = PTHREAD_COND_INITIALIZER;

void kmi_run_stewards_add(int n)
{
    kmi_lock_take(&list_lock);
    stewards += n;
    if (stewards == 0) pthread_cond_broadcast(&stewards_gone);
    kmi_lock_give(&list_lock);
}

static void list_add(kmi_run_manager *self)
{
    kmi_lock_take(&list_lock);
    self->next = first;
    if (first != NULL) first->previous = self;
    first = self;
    kmi_lock_give(&list_lock);
}

static void list_remove(kmi_run_manager *self)
{
    kmi_lock_take(&list_lock);
    if (self->next != NULL) self->next->previous = self->previous;
    if (self->previous != NULL)
        self->previous->next = self->next;
    else if (first == self)
        first = self->next;
    kmi_lock_give(&list_lock);
}

const char *kmi_run_state_name(kma_run_state state)
{
    static const char *const names[] = {"configuring", "initialized", "running", "closed"};
    return names[state];
}

kma_status kmi_run_check_open(const kmi_run_manager *self)
{
    if (self->closing || self->state == KMA_RUN_CLOSED) return kmi_fail(KMA_ERR_CLOSED, "the run manager was closed");
    return KMA_OK;
}

static void free_run_manager(kmi_run_manager *self)
{
    int i;

    for (i = 0; self->workers != NULL && i < (self->threads == 0 ? 1 : self->threads); i++)
        kmi_worker_free(&self->workers[i]);
    kmi_free(self->workers);
    kmi_plan_release(self->plan);
    kmi_tally_destroy(self->tally);
    kmi_interval_set_free(&self->held);
    kmi_interval_set_free(&self->todo);
    kmi_event_close(&self->woken);
    kmi_event_close(&self->parked);
    kmi_condition_destroy(&self->changed);
    kmi_lock_destroy(&self->lock);
    if (self->scene_bits != 0) kmi_handle_unpin(self->scene_bits);
    kmi_free(self);
}

kma_status kmi_run_manager_new(kmi_scene *scene, uint64_t scene_bits, const kma_run_options *options,
                               kmi_run_manager **out)
{
    kma_status status = KMA_OK;
    kmi_run_manager *self = kmi_alloc(sizeof *self);
    int i, workers;

    *out = NULL;
    if (self == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory for a run manager");
    self->options = *options;
    self->threads = options->threads == KMA_THREADS_ALL ? kmi_processors() : options->threads;
    self->process = (long)kmi_process_id();
    self->scene = scene;
    atomic_init(&self->stop_history, UINT64_MAX);
    KMI_TRY(kmi_lock_init(&self->lock));
    KMI_TRY(kmi_condition_init(&self->changed));
    KMI_TRY(kmi_event_open(&self->woken));
    KMI_TRY(kmi_event_open(&self->parked));
    workers = self->threads == 0 ? 1 : self->threads;
    self->workers = kmi_alloc_array((size_t)workers, sizeof *self->workers);
    if (self->workers == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %d workers", workers));
    for (i = 0; i < workers; i++) {
        self->workers[i].run = self;
        self->workers[i].index = i;
    }
    kmi_handle_pin_again(scene_bits); /* the caller's pin keeps it alive meanwhile */
    self->scene_bits = scene_bits;
    list_add(self);
    *out = self;
    self = NULL;
cleanup:
    if (self != NULL) free_run_manager(self);
    return status;
}

/* In the caller's thread: a serial run manager, or one whose threads were never made. */
static void end_without_threads(kmi_run_manager *self)
{
    kmi_worker *worker = &self->workers[0];

    if (self->threads == 0 && worker->begun) {
        worker->begun = false;
        if (kmi_observe_worker(worker, KMI_WORKER_END, 0) != KMA_OK)
            kmi_failure_record(self, KMA_ERR_OBSERVER, UINT64_MAX);
    }
    kmi_run_dispose_observers(self);
}

void kmi_run_manager_destroy(void *object)
{
    kmi_run_manager *self = object;

    if (self == NULL) return;
    list_remove(self);
    if (self->process == (long)kmi_process_id()) end_without_threads(self);
    free_run_manager(self);
}

void kmi_run_request_quit(kmi_run_manager *self)
{
    self->quit = true;
    atomic_store(&self->abort, true);
    kmi_condition_wake_all(&self->changed);
}

void kmi_run_abandon(kmi_run_manager *self)
{
    kmi_lock_take(&self->lock);
    self->closing = true;
    kmi_run_request_quit(self);
    kmi_lock_give(&self->lock);
}

/* Takes the right to close, or says that it is done or not possible. *mine: this caller closes. */
static kma_status begin_close_locked(kmi_run_manager *self, bool *mine)
{
    *mine = false;
    if (self->busy) return kmi_fail(KMA_ERR_BUSY, "another thread is initializing, starting or closing this run manager");
    if (self->state == KMA_RUN_CLOSED) return KMA_OK;
    self->busy = true;
    self->closing = true;
    self->joiner = self->steward_created && !self->ended;
    kmi_run_request_quit(self);
    *mine = true;
    return KMA_OK;
}

/* A serial run that some other thread is at ends at its next history; one that nobody took up is ended here. */
static void end_serial_run(kmi_run_manager *self)
{
    for (;;) {
        bool running;
        kmi_lock_take(&self->lock);
        if (self->state == KMA_RUN_RUNNING && !self->serial_taken) kmi_run_finish_locked(self);
        running = self->state == KMA_RUN_RUNNING;
        kmi_lock_give(&self->lock);
        if (!running) return;
        kmi_event_wait(&self->woken, KMI_POLL_NS);
        (void)kmi_run_poll(self); /* it is ending already */
    }
}

kma_status kmi_run_close(kmi_run_manager *self)
{
    kma_status status;
    bool mine;

    kmi_lock_take(&self->lock);
    status = begin_close_locked(self, &mine);
    kmi_lock_give(&self->lock);
    if (status != KMA_OK || !mine) return status;

    if (self->steward_created) {
        /* Wait in slices: the host is looked after while a long history ends. */
        for (;;) {
            bool ended;
            kmi_lock_take(&self->lock);
            ended = self->ended;
            if (!ended) kmi_event_clear(&self->woken);
            kmi_lock_give(&self->lock);
            if (ended) break;
            kmi_event_wait(&self->woken, KMI_POLL_NS);
            (void)kmi_run_poll(self);
        }
        if (self->joiner) kmi_thread_join(&self->steward);
        self->steward_created = false;
    } else {
        if (self->threads == 0) end_serial_run(self);
        end_without_threads(self);
    }
    kmi_lock_take(&self->lock);
    self->state = KMA_RUN_CLOSED;
    self->busy = false;
    kmi_lock_give(&self->lock);
    return KMA_OK;
}

/* The names of all run managers that can still be used; the caller frees the array. */
static kma_status list_all(uint64_t **bits_out, size_t *count_out)
{
    kma_status status = KMA_OK;
    kmi_run_manager *run;
    size_t n = 0;

    *bits_out = NULL;
    *count_out = 0;
    kmi_lock_take(&list_lock);
    for (run = first; run != NULL; run = run->next) n++;
    *bits_out = kmi_alloc_array(n + 1, sizeof **bits_out);
    if (*bits_out == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory to list %zu run managers", n));
    for (run = first; run != NULL; run = run->next)
        if (run->self_bits != 0 && run->process == (long)kmi_process_id()) (*bits_out)[(*count_out)++] = run->self_bits;
cleanup:
    kmi_lock_give(&list_lock);
    return status;
}

kma_status kma_shutdown(void)
{
    kma_status status = KMA_OK, closed;
    uint64_t *all = NULL;
    size_t n = 0, i;

    if (kmi_inside_any())
        return kmi_fail(KMA_ERR_BUSY, "kma_shutdown was called from a callback of a run manager: it would wait for itself");
    KMI_TRY(list_all(&all, &n));
    for (i = 0; i < n; i++) {
        void *run = NULL;
        if (kmi_handle_pin(KMA_KIND_RUN_MANAGER, all[i], &run) != KMA_OK) continue; /* released: it ends by itself */
        closed = kmi_run_close(run);
        if (closed != KMA_OK) status = closed;
        kmi_handle_unpin(all[i]);
    }
    if (n > 0) {
        kmi_lock_take(&list_lock);
        while (stewards > 0) pthread_cond_wait(&stewards_gone, &list_lock.mutex);
        kmi_lock_give(&list_lock);
    }
cleanup:
    kmi_free(all);
    return status;
}
