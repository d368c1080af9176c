/* kma_run_manager_on_*: handles are looked up here; the work is in observer.c and recorders.c. */
#include <string.h>

#include "base/float_env.h"
#include "base/memory.h"
#include "base/sized.h"
#include "run/run_manager.h"

/* A refused context is the caller's no more. */
static kma_status refuse(kma_status status, void (*dispose)(void *), void *context)
{
    KMI_FLOATS;
    char text[KMI_ERROR_TEXT_SIZE]; /* dispose is user code: it may fail calls of its own */
    kmi_float_env frame;

    if (dispose == NULL) return status;
    strcpy(text, kma_error_message());
    kmi_float_env_host_begin(&frame);
    dispose(context);
    kmi_float_env_host_end(&frame);
    return kmi_fail_again(status, text);
}

static kma_status add_observer(kma_run_manager self, kmi_moment moment, kmi_observer observer)
{
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;

    if (observer.worker_fn == NULL && observer.run_fn == NULL && observer.step_fn == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "fn is NULL"));
    KMI_TRY(kmi_run_enter(self, &run));
    KMI_TRY(kmi_observers_add(run, moment, observer));
cleanup:
    kmi_run_leave(self, run);
    return status == KMA_OK ? KMA_OK : refuse(status, observer.dispose, observer.context);
}

kma_status kma_run_manager_on_run_begin(kma_run_manager self, kma_run_fn *fn, void *context, void (*dispose)(void *))
{
    return add_observer(self, KMI_RUN_BEGIN, (kmi_observer){.run_fn = fn, .context = context, .dispose = dispose});
}

kma_status kma_run_manager_on_run_end(kma_run_manager self, kma_run_fn *fn, void *context, void (*dispose)(void *))
{
    return add_observer(self, KMI_RUN_END, (kmi_observer){.run_fn = fn, .context = context, .dispose = dispose});
}

kma_status kma_run_manager_on_worker_begin(kma_run_manager self, kma_worker_fn *fn, void *context,
                                           void (*dispose)(void *))
{
    return add_observer(self, KMI_WORKER_BEGIN, (kmi_observer){.worker_fn = fn, .context = context, .dispose = dispose});
}

kma_status kma_run_manager_on_worker_end(kma_run_manager self, kma_worker_fn *fn, void *context,
                                         void (*dispose)(void *))
{
    return add_observer(self, KMI_WORKER_END, (kmi_observer){.worker_fn = fn, .context = context, .dispose = dispose});
}

kma_status kma_run_manager_on_history_begin(kma_run_manager self, kma_worker_fn *fn, void *context,
                                            void (*dispose)(void *))
{
    return add_observer(self, KMI_HISTORY_BEGIN, (kmi_observer){.worker_fn = fn, .context = context, .dispose = dispose});
}

kma_status kma_run_manager_on_history_end(kma_run_manager self, kma_worker_fn *fn, void *context,
                                          void (*dispose)(void *))
{
    return add_observer(self, KMI_HISTORY_END, (kmi_observer){.worker_fn = fn, .context = context, .dispose = dispose});
}

kma_status kma_run_manager_on_step(kma_run_manager self, kma_step_fn *fn, void *context, void (*dispose)(void *))
{
    return add_observer(self, KMI_STEP, (kmi_observer){.step_fn = fn, .context = context, .dispose = dispose});
}

static kma_status set_user_initialization(kmi_run_manager *run, const kma_user_initialization *user)
{
    kma_status status = KMA_OK;

    kmi_lock_take(&run->lock);
    KMI_TRY(kmi_observers_check_open_locked(run));
    if (run->user_initialization.build != NULL)
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "the run manager has a user initialization already: one is allowed"));
    run->user_initialization = *user;
cleanup:
    kmi_lock_give(&run->lock);
    return status;
}

kma_status kma_run_manager_set_user_initialization(kma_run_manager self, const kma_user_initialization *initialization)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;

    if (initialization == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "initialization is NULL");
    status = kmi_sized_check(initialization, sizeof *initialization, "initialization", "sizeof(kma_user_initialization)");
    if (status != KMA_OK) return status; /* its dispose may be anything */
    if (initialization->build == NULL) KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "initialization->build is NULL"));
    KMI_TRY(kmi_run_enter(self, &run));
    KMI_TRY(set_user_initialization(run, initialization));
cleanup:
    kmi_run_leave(self, run);
    return status == KMA_OK ? KMA_OK : refuse(status, initialization->dispose, initialization->context);
}

/* ---- records ---- */

enum { ALL_PROCESSES = (1u << KMA_PROCESS_END) - 1 }; /* KMA_PROCESS_END is the last code and 1 */

kma_status kma_record_options_defaults(kma_record_options *options)
{
    if (options == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "options is NULL");
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    options->block = 65536;
    options->processes = ALL_PROCESSES;
    return KMA_OK;
}

static kma_status read_options(const kma_record_options *given, kma_record_options *out)
{
    kma_status status = KMA_OK;

    kma_record_options_defaults(out);
    if (given == NULL) return KMA_OK;
    KMI_TRY(kmi_sized_check(given, sizeof *given, "options", "kma_record_options_defaults() sets it"));
    if (given->block < 1 || given->block > KMI_BLOCK_MAX)
        return kmi_fail(KMA_ERR_ARGUMENT, "options.block is %zu records (1 to %d)", given->block, KMI_BLOCK_MAX);
    if (given->processes == 0 || (given->processes & ~(uint32_t)ALL_PROCESSES) != 0)
        return kmi_fail(KMA_ERR_ARGUMENT, "options.processes is 0x%x: a sum of 1u << kma_process is wanted, at most 0x%x",
                        (unsigned)given->processes, (unsigned)ALL_PROCESSES);
    *out = *given;
cleanup:
    return status;
}

static kma_status add_recorder(kma_run_manager self, const kmi_recorder *recorder)
{
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;

    if (recorder->fn == NULL) KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "fn is NULL"));
    KMI_TRY(kmi_run_enter(self, &run));
    kmi_lock_take(&run->lock);
    status = kmi_recorder_add_locked(run, recorder);
    kmi_lock_give(&run->lock);
cleanup:
    kmi_run_leave(self, run);
    return status;
}

kma_status kma_run_manager_on_step_block(kma_run_manager self, const kma_record_options *options, kma_block_fn *fn,
                                         void *context, void (*dispose)(void *))
{
    kma_status status = KMA_OK;
    kmi_recorder recorder = {.fn = fn, .context = context, .dispose = dispose, .record_size = sizeof(kma_step)};
    kma_record_options read;

    KMI_TRY(read_options(options, &read));
    recorder.block_records = read.block;
    recorder.processes = read.processes;
    KMI_TRY(add_recorder(self, &recorder));
cleanup:
    return status == KMA_OK ? KMA_OK : refuse(status, dispose, context);
}

kma_status kma_run_manager_on_history_block(kma_run_manager self, const kma_history_score *scores, size_t count,
                                            const kma_record_options *options, kma_block_fn *fn, void *context,
                                            void (*dispose)(void *))
{
    kma_status status = KMA_OK;
    kmi_recorder recorder = {.fn = fn, .context = context, .dispose = dispose, .selection_count = count,
                             .record_size = sizeof(uint64_t) + count * sizeof(double)};
    kma_record_options read;

    KMI_TRY(read_options(options, &read));
    recorder.block_records = read.block;
    KMI_TRY(kmi_selections_new(scores, count, &recorder.selections));
    KMI_TRY(add_recorder(self, &recorder));
    recorder.selections = NULL;
cleanup:
    kmi_selections_free(recorder.selections, count);
    return status == KMA_OK ? KMA_OK : refuse(status, dispose, context);
}
