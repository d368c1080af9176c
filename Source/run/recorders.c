/* Observers of records: adding them, closing them for a plan, dropping them. */
#include <string.h>

#include "base/memory.h"
#include "run/run_manager.h"

kma_status kmi_recorder_add_locked(kmi_run_manager *run, const kmi_recorder *recorder)
{
    kma_status status = KMA_OK;
    kmi_records *r = &run->records;

    KMI_TRY(kmi_observers_check_open_locked(run));
    if (r->count == r->room) {
        size_t room = r->room == 0 ? 4 : 2 * r->room;
        kmi_recorder *list = kmi_realloc(r->list, room * sizeof *list);
        if (list == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu observers", room));
        r->list = list;
        r->room = room;
    }
    r->list[r->count++] = *recorder;
    if (recorder->processes != 0)
        r->steps = true;
    else
        r->scores = true;
cleanup:
    return status;
}

void kmi_selections_free(kmi_selection *selections, size_t count)
{
    size_t i;

    for (i = 0; selections != NULL && i < count; i++) kmi_free(selections[i].name);
    kmi_free(selections);
}

kma_status kmi_selections_new(const kma_history_score *scores, size_t count, kmi_selection **out)
{
    kma_status status = KMA_OK;
    kmi_selection *made = NULL;
    size_t i;

    *out = NULL;
    if (scores == NULL || count < 1 || count > KMA_HISTORY_SCORES_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "%zu scores of a history are to be recorded (1 to %d, in an array)", count,
                         KMA_HISTORY_SCORES_MAX));
    made = kmi_alloc_array(count, sizeof *made);
    if (made == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu scores of a history", count));
    for (i = 0; i < count; i++) {
        if (scores[i].scorer == NULL) KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "scores[%zu].scorer is NULL", i));
        made[i].quantity = scores[i].quantity;
        made[i].name = kmi_strdup(scores[i].scorer);
        if (made[i].name == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %zu scores of a history", count));
    }
    *out = made;
    made = NULL;
cleanup:
    kmi_selections_free(made, count);
    return status;
}

/* Bins and unit of what is selected. */
static kma_status close_selection(const kmi_scorer_set *set, kmi_selection *s)
{
    const kmi_scorer_bins *bins = NULL;
    unsigned plane = 0;
    bool energy = true;
    size_t i;

    for (i = 0; i < set->count; i++)
        if (strcmp(set->scorers[i].scorer->name, s->name) == 0) bins = &set->scorers[i];
    if (bins == NULL)
        return kmi_fail(KMA_ERR_ARGUMENT, "scores of each history are to be recorded of '%s', but the scene has no scorer of "
                                          "this name", s->name);
    if (bins->scorer->kind == KMA_SCORER_DETECTOR && s->quantity >= KMA_QUANTITY_PRIMARY_ENERGY &&
        s->quantity <= KMA_QUANTITY_SCATTER_COUNT) {
        plane = (unsigned)s->quantity - KMA_QUANTITY_PRIMARY_ENERGY; /* in the order of kmi_detector_plane */
        energy = plane == KMI_DETECTOR_PRIMARY_ENERGY || plane == KMI_DETECTOR_SCATTER_ENERGY;
    } else if (bins->scorer->kind == KMA_SCORER_DETECTOR || s->quantity != KMA_QUANTITY_ENERGY) {
        return kmi_fail(KMA_ERR_ARGUMENT, "'%s' of the scorer '%s' cannot be recorded of each history: a %s has %s",
                        kma_quantity_name(s->quantity), s->name, kma_scorer_kind_name(bins->scorer->kind),
                        bins->scorer->kind == KMA_SCORER_DETECTOR ? "primary and scatter energy and count" : "energy");
    }
    s->first_bin = bins->first_bin + plane * bins->bins;
    s->end_bin = s->first_bin + bins->bins;
    s->unit = energy ? set->energy_quantum : set->count_quantum;
    return KMA_OK;
}

kma_status kmi_recorders_prepare(kmi_run_manager *run)
{
    kma_status status = KMA_OK;
    size_t i, k;

    for (i = 0; i < run->records.count; i++) {
        kmi_recorder *r = &run->records.list[i];
        for (k = 0; k < r->selection_count; k++) KMI_TRY(close_selection(run->plan->scorers, &r->selections[k]));
        if (r->block == NULL) r->block = kmi_alloc_array(r->block_records, r->record_size);
        if (r->block == NULL)
            KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a block of %zu records of %zu bytes", r->block_records,
                             r->record_size));
    }
cleanup:
    return status;
}

/* Takes the last one off. */
static bool take_recorder(kmi_run_manager *run, kmi_recorder *out)
{
    bool any;
    kmi_recorder *emptied = NULL;

    kmi_lock_take(&run->lock);
    any = run->records.count > 0;
    if (any) {
        *out = run->records.list[--run->records.count];
    } else {
        emptied = run->records.list;
        run->records.list = NULL;
        run->records.room = 0;
        run->records.steps = run->records.scores = false;
    }
    kmi_lock_give(&run->lock);
    kmi_free(emptied);
    return any;
}

void kmi_recorders_dispose(kmi_run_manager *run)
{
    kmi_recorder recorder;

    while (take_recorder(run, &recorder)) {
        kmi_selections_free(recorder.selections, recorder.selection_count);
        kmi_free(recorder.block);
        if (recorder.dispose == NULL) continue;
        kmi_inside_next();
        recorder.dispose(recorder.context);
    }
}
