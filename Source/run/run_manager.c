/* Making, closing and destroying run managers; the list of all of them, for kma_shutdown. */
#include "run/run_manager.h"

#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "base/log.h"
#include "base/memory.h"

static kmi_lock list_lock = KMI_LOCK_INIT; /* guards what follows, and the run managers' links and steward_alive */
static kmi_run_manager *first;
static long process;  /* that the number counts for: a child of fork has no steward of its parent's */
static int stewards;
static kmi_condition stewards_fewer = {PTHREAD_COND_INITIALIZER};

__attribute__((constructor)) static void keep_over_fork(void)
{
    kmi_lock_keep_over_fork(&list_lock);
}

static void count_locked(int more)
{
    if (process != (long)kmi_process_id()) stewards = 0;
    process = (long)kmi_process_id();
    stewards += more;
}

void kmi_run_steward_begins(kmi_run_manager *self)
{
    kmi_lock_take(&list_lock);
    count_locked(1);
    self->steward_alive = true;
    kmi_lock_give(&list_lock);
}

void kmi_run_steward_ending(kmi_run_manager *self)
{
    kmi_lock_take(&list_lock);
    self->steward_alive = false;
    kmi_lock_give(&list_lock);
}

void kmi_run_steward_ended(void)
{
    kmi_lock_take(&list_lock);
    count_locked(-1);
    kmi_condition_wake_all(&stewards_fewer);
    kmi_lock_give(&list_lock);
}

void kmi_run_list(kmi_run_manager *self, uint64_t bits)
{
    kmi_lock_take(&list_lock);
    self->self_bits = bits;
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

bool kmi_run_is_here(const kmi_run_manager *self)
{
    return self->process == (long)kmi_process_id();
}

kma_status kmi_run_fail_forked(const kmi_run_manager *self)
{
    return kmi_fail(KMA_ERR_FORK, "this run manager belongs to process %ld and its threads do not exist in process %ld: "
                                  "create run managers after fork", (long)self->process, (long)kmi_process_id());
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
    kmi_records_free(self);
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
    atomic_flag_clear(&self->looking);
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
    *out = self;
    self = NULL;
cleanup:
    if (self != NULL) free_run_manager(self);
    return status;
}

/* In the caller's thread: a serial run manager, or one whose threads were never made. */
static void end_without_threads(kmi_run_manager *self)
{
    kmi_activity *before = kmi_activity_enter(&self->closer_activity);
    kmi_float_env host;

    kmi_float_env_enter(&host);
    if (self->threads == 0) kmi_observe_worker_end(&self->workers[0]);
    kmi_float_env_leave(&host);
    kmi_run_dispose_observers(self);
    kmi_activity_set(&self->closer_activity, KMI_DOING_NOTHING);
    kmi_activity_enter(before);
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

/* Whether this caller closes, or somebody does already or did. Asks all that is under way to end. */
typedef enum close_part { CLOSE_IS_MINE, CLOSE_AFTER_ANOTHER, CLOSE_IS_DONE } close_part;

static close_part begin_close(kmi_run_manager *self)
{
    close_part part = CLOSE_IS_MINE;

    kmi_lock_take(&self->lock);
    if (self->busy) { /* an initialize, which will notice, or a close */
        part = CLOSE_AFTER_ANOTHER;
        kmi_event_clear(&self->woken);
    } else if (self->state == KMA_RUN_CLOSED) {
        part = CLOSE_IS_DONE;
    }
    if (part != CLOSE_IS_DONE) {
        self->closing = true;
        kmi_run_request_quit(self);
    }
    if (part == CLOSE_IS_MINE) {
        self->busy = true;
        self->joiner = self->steward_created && !self->ended;
    }
    kmi_lock_give(&self->lock);
    return part;
}

/*
 * One slice of waiting while somebody else ends something; the host is looked after. It is ending already. The caller
 * sees afterwards whether the host's poll function has forked and this is the child, where nobody else is.
 */
static void wait_slice(kmi_run_manager *self)
{
    kmi_event_wait(&self->woken, KMI_POLL_NS);
    kmi_stall_look(self, "close", true);
    (void)kmi_run_poll(self);
}

void kmi_run_join_threads(kmi_run_manager *self)
{
    for (;;) {
        bool ended;
        kmi_lock_take(&self->lock);
        ended = self->ended;
        if (!ended) kmi_event_clear(&self->woken);
        kmi_lock_give(&self->lock);
        if (ended) break;
        wait_slice(self);
        if (!kmi_run_is_here(self)) return;
    }
    if (self->joiner) kmi_thread_join(&self->steward);
}

/* A serial run that some other thread is at ends at its next history; one that nobody took up is ended here. */
static void end_serial_run(kmi_run_manager *self)
{
    for (;;) {
        bool running;
        kmi_lock_take(&self->lock);
        if (self->state == KMA_RUN_RUNNING && !self->serial_taken) {
            self->serial_taken = true;
            if (self->begun) /* it paused */
                kmi_run_end_locked(self);
            else
                kmi_run_finish_locked(self);
            self->serial_taken = false;
        }
        running = self->state == KMA_RUN_RUNNING;
        kmi_lock_give(&self->lock);
        if (!running) return;
        wait_slice(self);
        if (!kmi_run_is_here(self)) return;
    }
}

kma_status kmi_run_close(kmi_run_manager *self)
{
    kma_status status = KMA_OK;
    char text[KMI_ERROR_TEXT_SIZE];
    close_part part;

    while ((part = begin_close(self)) == CLOSE_AFTER_ANOTHER) {
        wait_slice(self);
        if (!kmi_run_is_here(self)) return kmi_run_fail_forked(self);
    }
    if (part == CLOSE_IS_DONE) return KMA_OK;

    if (self->steward_created) {
        kmi_run_join_threads(self);
        if (!kmi_run_is_here(self)) return kmi_run_fail_forked(self);
        self->steward_created = false;
        kmi_run_dispose_observers(self); /* nothing is left, unless user code has ended the steward */
    } else {
        if (self->threads == 0) end_serial_run(self);
        if (!kmi_run_is_here(self)) return kmi_run_fail_forked(self);
        end_without_threads(self);
    }
    kmi_lock_take(&self->lock);
    self->state = KMA_RUN_CLOSED;
    self->busy = false;
    if (self->ending.status != KMA_OK) {
        kmi_failure_text(&self->ending, text);
        status = kmi_fail_again(self->ending.status, text);
    }
    kmi_event_set(&self->woken);
    kmi_lock_give(&self->lock);
    return status;
}

void kmi_run_manager_destroy(void *object)
{
    KMI_FLOATS; /* whoever drops the last use runs user code here */
    kmi_run_manager *self = object;
    char text[KMI_ERROR_TEXT_SIZE]; /* of the call that drops the last use, which may have failed */

    if (self == NULL) return;
    strcpy(text, kma_error_message());
    list_remove(self);
    kmi_run_drop_orphans(self);
    if (self->process == (long)kmi_process_id()) { /* else it is as some other thread had it at fork */
        if (self->threads == 0) end_serial_run(self); /* it may have paused */
        end_without_threads(self);
    }
    free_run_manager(self);
    kmi_fail_again(KMA_OK, text);
}

/* The names of all run managers of this process; the caller frees the array. */
static kma_status list_all(uint64_t **bits_out, size_t *count_out)
{
    kmi_run_manager *run;
    size_t n = 0, room;

    *bits_out = NULL;
    for (;;) {
        *count_out = 0;
        room = n;
        n = 0;
        kmi_lock_take(&list_lock);
        for (run = first; run != NULL; run = run->next) n++;
        if (n <= room)
            for (run = first; run != NULL; run = run->next)
                if (run->process == (long)kmi_process_id()) (*bits_out)[(*count_out)++] = run->self_bits;
        kmi_lock_give(&list_lock);
        if (n <= room) return KMA_OK;
        /* Without the lock: the host's allocator may have a lock of its own, and both are taken by fork. */
        kmi_free(*bits_out);
        *bits_out = kmi_alloc_array(n, sizeof **bits_out);
        if (*bits_out == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory to list %zu run managers", n);
    }
}

/* Stewards whose run manager nobody can close any more: it was released, or is gone already. */
static int ending_stewards_locked(void)
{
    const kmi_run_manager *run;
    int n = 0;

    count_locked(0);
    for (run = first; run != NULL; run = run->next)
        if (run->process == process && run->steward_alive && kmi_handle_is_owned(run->self_bits)) n++;
    return stewards - n;
}

enum { LOOK_NS = 100 * 1000 * 1000 };

/* Looks what the stewards that still live wait for. With the list's lock held, which keeps them; gives it for the log. */
static void look_locked(void)
{
    kmi_stall_report reports[KMI_STALL_REPORTS];
    kmi_run_manager *run;
    int n = 0, i;

    for (run = first; run != NULL && n == 0; run = run->next)
        if (run->process == process && run->steward_alive) n = kmi_stall_collect(run, "kma_shutdown", reports);
    kmi_lock_give(&list_lock);
    for (i = 0; i < n; i++) kmi_log_write(KMA_LOG_WARNING, "%s", reports[i].text);
    kmi_lock_take(&list_lock);
}

static void wait_for_released(void)
{
    kmi_lock_take(&list_lock);
    while (ending_stewards_locked() > 0)
        if (!kmi_condition_wait_until(&stewards_fewer, &list_lock, kmi_deadline(LOOK_NS))) look_locked();
    kmi_lock_give(&list_lock);
}

kma_status kma_shutdown(void)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    char text[KMI_ERROR_TEXT_SIZE];
    uint64_t *all = NULL;
    size_t n = 0, i;

    if (kmi_inside_any())
        return kmi_fail(KMA_ERR_BUSY, "kma_shutdown was called from a callback of a run manager: it would wait for itself");
    KMI_TRY(list_all(&all, &n));
    for (i = 0; i < n; i++) {
        void *run = NULL;
        kma_status closed;
        if (kmi_handle_pin(KMA_KIND_RUN_MANAGER, all[i], &run) != KMA_OK) continue; /* released: it ends by itself */
        closed = kmi_run_close(run); /* of the parent process, once a poll function has forked */
        if (closed != KMA_OK && status == KMA_OK) {
            status = closed;
            strcpy(text, kma_error_message());
        }
        kmi_handle_unpin(all[i]);
    }
    wait_for_released();
    if (status != KMA_OK) kmi_fail_again(status, text);
cleanup:
    kmi_free(all);
    return status;
}
