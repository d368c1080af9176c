/* A run: start, and the caller's wait, which with threads = 0 is the run. */
#include "run/run_manager.h"

uint64_t kmi_run_histories_locked(const kmi_run_manager *self)
{
    uint64_t total = kmi_interval_set_total(&self->held);
    int i;

    for (i = 0; i < (self->threads == 0 ? 1 : self->threads); i++)
        total += atomic_load_explicit(&self->workers[i].under_way, memory_order_relaxed);
    return total;
}

bool kmi_run_poll(kmi_run_manager *self)
{
    kmi_inside frame;
    kmi_float_env before;
    int end;

    if (self->options.poll == NULL) return true;
    kmi_float_env_enter(&before);
    kmi_inside_enter(&frame, self, KMI_DOING_POLL);
    end = self->options.poll(self->options.poll_context);
    kmi_inside_leave(&frame);
    kmi_float_env_leave(&before); /* histories may follow, whatever the user's code did to it */
    return end == 0;
}

static kma_status begin_locked(kmi_run_manager *self, uint64_t histories)
{
    kma_status status = KMA_OK;

    KMI_TRY(kmi_run_check_open(self));
    if (self->state != KMA_RUN_INITIALIZED)
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "the run manager is %s: %s", kmi_run_state_name(self->state),
                         self->state == KMA_RUN_RUNNING ? "wait for the run to end before starting another"
                                                        : "call kma_run_manager_initialize before a run"));
    if (self->busy) KMI_TRY(kmi_fail(KMA_ERR_BUSY, "another thread is initializing or closing this run manager"));
    if (self->dead)
        KMI_TRY(kmi_fail(KMA_ERR_THREAD, "a callback has ended a thread of this run manager (pthread_exit): call "
                                         "kma_run_manager_initialize, which makes new ones"));
    if (histories > KMI_HISTORIES_MAX - self->target)
        KMI_TRY(kmi_fail(KMA_ERR_RANGE, "%llu more histories than the %llu asked for so far would pass 2^60",
                         (unsigned long long)histories, (unsigned long long)self->target));
    KMI_TRY(kmi_interval_set_missing(&self->todo, &self->held, self->target + histories));
    /* Room for every piece that a pausing serial run may give back. */
    KMI_TRY(kmi_interval_set_reserve(&self->todo, 2));
    KMI_TRY(kmi_records_begin_locked(self));
    self->target += histories;
    self->state = KMA_RUN_RUNNING;
    self->begun = false;
    self->runs++;
    self->failure.status = KMA_OK;
    self->failure.others = 0;
    atomic_store(&self->abort, false);
    atomic_store(&self->stop_history, UINT64_MAX);
    self->begun_ns = kmi_clock_ns();
    self->ended_ns = 0;
    self->begun_histories = kmi_interval_set_total(&self->held);
    kmi_event_clear(&self->woken);
    kmi_condition_wake_all(&self->changed); /* the steward looks after the run from now on */
cleanup:
    return status;
}

/* Lets the workers begin, once the run_begin observers have agreed. If one has forked, the child has no workers. */
static kma_status let_begin(kmi_run_manager *self)
{
    kma_status status = kmi_observe_run(self, KMI_RUN_BEGIN);

    if (self->threads > 0 && !kmi_run_is_here(self)) return status != KMA_OK ? status : kmi_run_fail_forked(self);
    kmi_lock_take(&self->lock);
    if (status != KMA_OK) kmi_failure_record_locked(self, status, 0);
    self->begun = true;
    kmi_condition_wake_all(&self->changed);
    kmi_lock_give(&self->lock);
    return KMA_OK;
}

kma_status kmi_run_start(kmi_run_manager *self, uint64_t histories, uint64_t *run_out)
{
    kma_status status;

    kmi_lock_take(&self->lock);
    status = begin_locked(self, histories);
    if (run_out != NULL) *run_out = self->runs;
    kmi_lock_give(&self->lock);
    if (status == KMA_OK && self->threads > 0) {
        kmi_activity *before = kmi_activity_enter(&self->caller_activity);
        status = let_begin(self);
        kmi_activity_enter(before);
    }
    return status;
}

/* What a serial run looks at between histories. */
typedef struct serial_clock {
    kmi_run_manager *run;
    uint64_t deadline_ns;
    uint64_t next_poll_ns;
    uint64_t steps; /* of the transporter when the clock was read last */
    unsigned histories;
    bool observed; /* a history may last as long as the user's code wants: look after each */
    bool timed_out;
} serial_clock;

enum { CLOCK_STEPS = 5000, CLOCK_HISTORIES = 500 }; /* well below a millisecond */

static bool serial_tick(void *context)
{
    serial_clock *clock = context;
    const kmi_transporter *transporter = clock->run->workers[0].transporter;
    uint64_t now;

    if (!clock->observed && transporter->steps_done - clock->steps < CLOCK_STEPS &&
        ++clock->histories < CLOCK_HISTORIES)
        return true;
    clock->steps = transporter->steps_done;
    clock->histories = 0;
    now = kmi_clock_ns();
    if (now >= clock->deadline_ns) {
        clock->timed_out = true;
        return false;
    }
    if (now >= clock->next_poll_ns) {
        clock->next_poll_ns = now + KMI_POLL_NS;
        if (!kmi_run_poll(clock->run)) {
            atomic_store(&clock->run->abort, true);
            return false;
        }
    }
    return true;
}

/* The run itself, in the caller's thread, which has taken it. Returns with it over, or the time out. */
static void run_serially(kmi_run_manager *self, uint64_t deadline_ns)
{
    serial_clock clock = {.run = self,
                          .deadline_ns = deadline_ns,
                          .steps = self->workers[0].transporter->steps_done,
                          .histories = CLOCK_HISTORIES,
                          .observed = self->observers[KMI_HISTORY_BEGIN].count > 0 ||
                                      self->observers[KMI_HISTORY_END].count > 0 ||
                                      self->observers[KMI_STEP].count > 0};
    kmi_inside frame;
    kmi_float_env host;
    kmi_interval interval;
    kmi_activity *before;

    kmi_inside_enter(&frame, self, KMI_DOING_NOTHING);
    kmi_float_env_enter(&host);
    before = kmi_activity_enter(&self->workers[0].activity);
    if (!self->begun) (void)let_begin(self); /* serial: it cannot fail */
    kmi_records_deliver(self, false); /* what a run that failed left comes before any history */
    kmi_lock_take(&self->lock);
    while (!clock.timed_out && kmi_run_take_locked(self, &interval)) {
        kmi_lock_give(&self->lock);
        kmi_worker_run(&self->workers[0], interval, serial_tick, &clock);
        kmi_lock_take(&self->lock);
    }
    if (kmi_run_is_over_locked(self))
        kmi_run_end_locked(self);
    else
        kmi_event_set(&self->woken); /* another waiter may take it on */
    self->serial_taken = false;
    kmi_lock_give(&self->lock);
    kmi_activity_set(&self->workers[0].activity, KMI_DOING_NOTHING);
    kmi_activity_enter(before);
    kmi_float_env_leave(&host);
    kmi_inside_leave(&frame);
}

static uint64_t deadline_of(double timeout)
{
    if (!(timeout >= 0) || timeout > 1e9) return KMI_FOREVER; /* 1e9 s are 31 years */
    return kmi_deadline((uint64_t)(timeout * 1e9));
}

/* How the last run ended, on this thread. */
static kma_status last_ending_locked(const kmi_run_manager *self)
{
    kma_status status = KMA_OK;

    if (self->runs == 0) {
        KMI_TRY(kmi_run_check_open(self));
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "no run was started: call kma_run_manager_start before wait"));
    }
    if (self->last_status != KMA_OK) status = kmi_fail_again(self->last_status, self->last_text);
cleanup:
    return status;
}

static bool take_serial_locked(kmi_run_manager *self)
{
    if (self->threads != 0 || self->serial_taken) return false;
    self->serial_taken = true;
    kmi_event_clear(&self->woken);
    return true;
}

/* One slice of waiting for threads (or for another caller's serial run), and a look after the host. */
static kma_status wait_slice(kmi_run_manager *self, uint64_t deadline_ns)
{
    uint64_t left = kmi_time_left(deadline_ns);
    bool goes_on;

    kmi_event_wait(&self->woken, left < KMI_POLL_NS ? left : KMI_POLL_NS);
    kmi_stall_look(self, "wait", true);
    goes_on = kmi_run_poll(self);
    if (!kmi_run_is_here(self)) return kmi_run_fail_forked(self); /* no lock: it may be held by who is not here */
    if (!goes_on) kmi_run_abort(self);
    return KMA_OK;
}

kma_status kmi_run_wait(kmi_run_manager *self, uint64_t run, double timeout)
{
    uint64_t deadline_ns = deadline_of(timeout);

    if (timeout != timeout) return kmi_fail(KMA_ERR_ARGUMENT, "timeout is nan (s; negative: for ever)");
    for (;;) {
        kma_status status = KMA_OK;
        bool running, serial = false;

        kmi_lock_take(&self->lock);
        if (run == 0) run = self->runs;
        running = self->state == KMA_RUN_RUNNING && self->runs == run; /* another one may have begun since */
        if (!running)
            status = last_ending_locked(self);
        else if (kmi_time_left(deadline_ns) > 0)
            serial = take_serial_locked(self);
        kmi_lock_give(&self->lock);

        if (!running) return status;
        if (kmi_time_left(deadline_ns) == 0 && !serial)
            return kmi_fail(KMA_ERR_TIMEOUT, "the run is still under way after %g s", timeout);
        if (serial)
            run_serially(self, deadline_ns);
        else
            status = wait_slice(self, deadline_ns);
        if (status != KMA_OK) return status;
    }
}

void kmi_run_abort(kmi_run_manager *self)
{
    kmi_lock_take(&self->lock);
    if (self->state == KMA_RUN_RUNNING) atomic_store(&self->abort, true);
    kmi_condition_wake_all(&self->changed);
    kmi_lock_give(&self->lock);
}
