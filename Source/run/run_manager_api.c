/* kma_run_manager_*: handles are looked up here; the work is in run_manager.c, initialize.c and run.c. */
#include <string.h>

#include "base/float_env.h"
#include "base/handle.h"
#include "base/memory.h"
#include "base/sized.h"
#include "run/result.h"
#include "run/run_manager.h"

kma_status kma_run_options_defaults(kma_run_options *options)
{
    if (options == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "options is NULL");
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    options->threads = KMA_THREADS_ALL;
    options->seed = 1;
    options->stall_seconds = 10;
    options->stall_descriptor = -1;
    return KMA_OK;
}

enum { THREADS_MAX = 1024 };

kma_status kma_run_manager_create(kma_scene scene, const kma_run_options *options, kma_run_manager *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kma_run_options defaults;
    kmi_run_manager *self = NULL;
    void *object = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    if (options == NULL) {
        kma_run_options_defaults(&defaults);
        options = &defaults;
    }
    KMI_TRY(kmi_sized_check(options, sizeof *options, "options", "kma_run_options_defaults() sets it"));
    if (options->threads < KMA_THREADS_ALL || options->threads > THREADS_MAX)
        return kmi_fail(KMA_ERR_ARGUMENT, "options.threads is %d (0 to %d, or KMA_THREADS_ALL)", options->threads,
                        THREADS_MAX);
    if (!(options->stall_seconds >= 0 && options->stall_seconds <= 1e9))
        return kmi_fail(KMA_ERR_ARGUMENT, "options.stall_seconds is %g s (0 to 1e9; 0: no reports)", options->stall_seconds);
    KMI_TRY(kmi_handle_pin(KMA_KIND_SCENE, scene.bits, &object));
    KMI_TRY(kmi_run_manager_new(object, scene.bits, options, &self));
    KMI_TRY(kmi_handle_create(KMA_KIND_RUN_MANAGER, self, kmi_run_manager_destroy, &out->bits));
    kmi_run_list(self, out->bits);
    self = NULL;
cleanup:
    kmi_run_manager_destroy(self);
    if (object != NULL) kmi_handle_unpin(scene.bits);
    return status;
}

kma_status kma_run_manager_retain(kma_run_manager self)
{
    return kmi_handle_retain(KMA_KIND_RUN_MANAGER, self.bits);
}

/* A serial run manager of the process before fork, if nobody was at it then. */
static bool take_over(kmi_run_manager *self)
{
    bool free;

    if (self->threads > 0 || kmi_lock_enter(&self->lock) != KMA_OK) return false;
    free = !self->busy && !self->serial_taken;
    if (free) self->process = (long)kmi_process_id();
    kmi_lock_give(&self->lock);
    return free;
}

static kma_status check_process(kmi_run_manager *self)
{
    if (kmi_run_is_here(self) || take_over(self)) return KMA_OK;
    return kmi_run_fail_forked(self);
}

kma_status kmi_run_enter(kma_run_manager self, kmi_run_manager **out)
{
    kma_status status = KMA_OK;
    void *object = NULL;

    *out = NULL;
    KMI_TRY(kmi_handle_pin(KMA_KIND_RUN_MANAGER, self.bits, &object));
    KMI_TRY(check_process(object));
    *out = object;
    object = NULL;
cleanup:
    if (object != NULL) kmi_handle_unpin(self.bits);
    return status;
}

void kmi_run_leave(kma_run_manager self, const kmi_run_manager *run)
{
    (void)self;
    if (run != NULL) kmi_run_drop_use((kmi_run_manager *)run);
}

kma_status kma_run_manager_release(kma_run_manager *self)
{
    kma_status status = KMA_OK;
    kma_run_manager name;
    void *object = NULL;

    if (self == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "self is NULL");
    name = *self;
    if (name.bits == 0) return KMA_OK;
    status = kmi_handle_pin(KMA_KIND_RUN_MANAGER, name.bits, &object);
    self->bits = 0;
    if (status != KMA_OK) return status;
    KMI_TRY(kmi_handle_release(KMA_KIND_RUN_MANAGER, &name.bits));
    name.bits = ((kmi_run_manager *)object)->self_bits;
    if (!kmi_handle_is_owned(name.bits) && check_process(object) == KMA_OK) kmi_run_abandon(object);
cleanup:
    kmi_run_drop_use(object);
    return status;
}

kma_status kma_run_manager_initialize(kma_run_manager self)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;
    kmi_wait wait = {.listed = false};

    KMI_TRY(kmi_run_enter(self, &run));
    KMI_TRY(kmi_inside_refuse(run, "kma_run_manager_initialize"));
    KMI_TRY(kmi_wait_begin(&wait, run, true, "kma_run_manager_initialize"));
    KMI_TRY(kmi_run_initialize(run));
cleanup:
    kmi_wait_end(&wait);
    kmi_run_leave(self, run);
    return status;
}

kma_status kma_run_manager_start(kma_run_manager self, uint64_t histories)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;

    KMI_TRY(kmi_run_enter(self, &run));
    KMI_TRY(kmi_inside_refuse(run, "kma_run_manager_start"));
    KMI_TRY(kmi_run_start(run, histories, NULL));
cleanup:
    kmi_run_leave(self, run);
    return status;
}

kma_status kma_run_manager_wait(kma_run_manager self, double timeout)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;
    kmi_wait wait = {.listed = false};

    KMI_TRY(kmi_run_enter(self, &run));
    KMI_TRY(kmi_inside_refuse(run, "kma_run_manager_wait"));
    KMI_TRY(kmi_wait_begin(&wait, run, !(timeout >= 0), "kma_run_manager_wait"));
    KMI_TRY(kmi_run_wait(run, 0, timeout));
cleanup:
    kmi_wait_end(&wait);
    kmi_run_leave(self, run);
    return status;
}

kma_status kma_run_manager_beam_on(kma_run_manager self, uint64_t histories)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;
    kmi_wait wait = {.listed = false};
    uint64_t number = 0;

    KMI_TRY(kmi_run_enter(self, &run));
    KMI_TRY(kmi_inside_refuse(run, "kma_run_manager_beam_on"));
    KMI_TRY(kmi_wait_begin(&wait, run, true, "kma_run_manager_beam_on"));
    KMI_TRY(kmi_run_start(run, histories, &number));
    KMI_TRY(kmi_run_wait(run, number, -1));
cleanup:
    kmi_wait_end(&wait);
    kmi_run_leave(self, run);
    return status;
}

kma_status kma_run_manager_abort(kma_run_manager self)
{
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;

    KMI_TRY(kmi_run_enter(self, &run));
    kmi_run_abort(run);
cleanup:
    kmi_run_leave(self, run);
    return status;
}

kma_status kma_run_manager_close(kma_run_manager self)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;
    kmi_wait wait = {.listed = false};

    KMI_TRY(kmi_run_enter(self, &run));
    KMI_TRY(kmi_inside_refuse(run, "kma_run_manager_close"));
    KMI_TRY(kmi_wait_begin(&wait, run, true, "kma_run_manager_close"));
    KMI_TRY(kmi_run_close(run));
cleanup:
    kmi_wait_end(&wait);
    kmi_run_leave(self, run);
    return status;
}

static void read_progress(kmi_run_manager *run, kma_progress *out)
{
    kmi_lock_take(&run->lock);
    out->state = run->closing ? KMA_RUN_CLOSED : run->state;
    out->histories = kmi_run_histories_locked(run);
    out->target = run->target;
    if (run->begun_ns != 0) {
        uint64_t until = run->state == KMA_RUN_RUNNING ? kmi_clock_ns() : run->ended_ns;
        out->elapsed = (double)(until - run->begun_ns) * 1e-9;
        out->elapsed_histories = out->histories > run->begun_histories ? out->histories - run->begun_histories : 0;
    }
    kmi_lock_give(&run->lock);
}

kma_status kma_run_manager_progress(kma_run_manager self, kma_progress *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;

    KMI_TRY(kmi_sized_begin(out, sizeof *out, "kma_progress"));
    KMI_TRY(kmi_run_enter(self, &run));
    read_progress(run, out);
cleanup:
    kmi_run_leave(self, run);
    return status;
}

/* The plan and the tally as they belong together; uses of both. */
static kma_status take_snapshot(kmi_run_manager *run, kmi_snapshot **snapshot_out, kmi_plan **plan_out)
{
    kma_status status = KMA_OK;

    kmi_lock_take(&run->lock);
    KMI_TRY(kmi_run_check_open(run));
    if (run->tally == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "the run manager is %s: there is no result before initialize",
                         kmi_run_state_name(run->state)));
    KMI_TRY(kmi_tally_snapshot(run->tally, snapshot_out));
    *plan_out = run->plan;
    kmi_plan_retain(run->plan);
cleanup:
    kmi_lock_give(&run->lock);
    return status;
}

kma_status kma_run_manager_snapshot(kma_run_manager self, kma_result *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;
    kmi_snapshot *snapshot = NULL;
    kmi_plan *plan = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    KMI_TRY(kmi_run_enter(self, &run));
    KMI_TRY(take_snapshot(run, &snapshot, &plan));
    KMI_TRY(kmi_result_create(plan, snapshot, run->options.seed, out));
    plan = NULL;
    snapshot = NULL;
cleanup:
    kmi_snapshot_destroy(snapshot);
    kmi_plan_release(plan);
    kmi_run_leave(self, run);
    return status;
}
