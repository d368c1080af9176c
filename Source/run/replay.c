/* One history once more, for its steps, and what the numbers in steps mean. */
#include <string.h>

#include "base/float_env.h"
#include "base/memory.h"
#include "base/sized.h"
#include "base/text.h"
#include "run/run_manager.h"

/* A use of the plan of the last initialize. */
static kma_status take_plan(kmi_run_manager *run, kmi_plan **out)
{
    kma_status status = KMA_OK;

    *out = NULL;
    kmi_lock_take(&run->lock);
    KMI_TRY(kmi_run_check_open(run));
    if (run->plan == NULL || run->state == KMA_RUN_CONFIGURING)
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "the run manager is %s: call kma_run_manager_initialize first",
                         kmi_run_state_name(run->state)));
    *out = run->plan;
    kmi_plan_retain(run->plan);
cleanup:
    kmi_lock_give(&run->lock);
    return status;
}

static void copy_name(char out[KMA_NAME_SIZE], const char *name)
{
    strncpy(out, name, KMA_NAME_SIZE - 1);
    out[KMA_NAME_SIZE - 1] = '\0';
}

static kma_status describe_placement(const kmi_geometry *g, int32_t index, kma_placement *out)
{
    const kmi_instance *instance;
    int32_t i;

    if (index < 0 || index >= g->instance_count)
        return kmi_fail(KMA_ERR_ARGUMENT, "there is no placement %d (0 to %d)", (int)index, (int)g->instance_count - 1);
    instance = &g->instances[index];
    copy_name(out->volume, instance->volume->name);
    out->mother = instance->mother == KMI_OUTSIDE ? KMA_NONE : instance->mother;
    for (i = 0; i < index; i++) out->copy += g->instances[i].volume == instance->volume;
    return KMA_OK;
}

kma_status kma_run_manager_get_placement(kma_run_manager self, int32_t index, kma_placement *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;
    kmi_plan *plan = NULL;

    KMI_TRY(kmi_sized_begin(out, sizeof *out, "kma_placement"));
    KMI_TRY(kmi_run_enter(self, &run));
    KMI_TRY(take_plan(run, &plan));
    KMI_TRY(describe_placement(plan->geometry, index, out));
cleanup:
    kmi_plan_release(plan);
    kmi_run_leave(self, run);
    return status;
}

kma_status kma_run_manager_get_material(kma_run_manager self, int32_t index, char out[KMA_NAME_SIZE])
{
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;
    kmi_plan *plan = NULL;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out[0] = '\0';
    KMI_TRY(kmi_run_enter(self, &run));
    KMI_TRY(take_plan(run, &plan));
    if (index < 0 || (size_t)index >= plan->material_count)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "there is no material %d (0 to %zu)", (int)index, plan->material_count - 1));
    copy_name(out, plan->materials[index]->name);
cleanup:
    kmi_plan_release(plan);
    kmi_run_leave(self, run);
    return status;
}

/* ---- replay ---- */

typedef struct replay {
    kma_run_manager handle;
    kma_worker seen;
    kmi_observer_random random;
    kma_step_fn *fn;
    void *context;
} replay;

static kma_status show(void *object, const kma_step *step, kma_action *action)
{
    replay *r = object;
    kmi_float_env frame;
    kma_status status;

    kmi_error_clear();
    kmi_float_env_host_begin(&frame);
    status = r->fn(r->handle, &r->seen, step, action, r->context);
    kmi_float_env_host_end(&frame);
    status = kmi_observed(status, "a replay");
    if (status == KMA_OK) status = kmi_check_action(*action);
    if (*action == KMA_END_RUN) *action = KMA_END_HISTORY; /* there is no run */
    return status;
}

static kma_status replay_history(kmi_run_manager *run, const kmi_plan *plan, replay *r, uint64_t history)
{
    kma_status status = KMA_OK;
    kmi_transporter *transporter = kmi_alloc(sizeof *transporter);
    kmi_scores *scores = NULL;
    kmi_float_env host;

    kmi_float_env_enter(&host);
    if (transporter == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory to replay a history"));
    KMI_TRY(kmi_scores_new(&scores));
    kmi_transporter_start(transporter, plan, scores, run->options.seed);
    transporter->on_step = show;
    transporter->step_context = r;
    KMI_TRY(kmi_transporter_run(transporter, history));
cleanup:
    kmi_scores_destroy(scores);
    kmi_free(transporter);
    kmi_float_env_leave(&host);
    return status;
}

kma_status kma_run_manager_replay(kma_run_manager self, uint64_t history, kma_step_fn *fn, void *context)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    kmi_run_manager *run = NULL;
    kmi_plan *plan = NULL;
    replay r = {.handle = self, .seen = {.count = 1, .history = history}, .fn = fn, .context = context};

    if (fn == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "fn is NULL");
    if (history >= KMI_HISTORIES_MAX)
        return kmi_fail(KMA_ERR_ARGUMENT, "history is %llu (must be below 2^60)", (unsigned long long)history);
    KMI_TRY(kmi_run_enter(self, &run));
    KMI_TRY(take_plan(run, &plan));
    r.random = (kmi_observer_random){.seed = run->options.seed, .history = history, .allowed = true};
    r.seen.random = &r.random;
    KMI_TRY(replay_history(run, plan, &r, history));
cleanup:
    kmi_plan_release(plan);
    kmi_run_leave(self, run);
    return status;
}
