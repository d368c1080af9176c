/* Records on their way from a worker's histories to its commits: see records.h. */
#include "run/records.h"

#include <string.h>

#include "base/memory.h"
#include "run/run_manager.h"

void kmi_piece_free(kmi_piece *piece)
{
    size_t i;

    if (piece == NULL) return;
    for (i = 0; i < piece->count; i++) kmi_free(piece->buffers[i].bytes);
    kmi_free(piece);
}

void kmi_piece_shrink(kmi_piece *piece)
{
    size_t i;

    for (i = 0; i < piece->count; i++) {
        if (piece->buffers[i].room <= 2 * KMI_PIECE_BYTES) continue;
        kmi_free(piece->buffers[i].bytes);
        memset(&piece->buffers[i], 0, sizeof piece->buffers[i]);
    }
}

static kmi_piece *new_piece(size_t recorders)
{
    kmi_piece *piece = kmi_alloc(sizeof *piece + recorders * sizeof piece->buffers[0]);
    if (piece != NULL) piece->count = recorders;
    return piece;
}

/* ---- pieces for workers ---- */

/* Whether this worker may have one more than are in use. */
static bool may_have_locked(const kmi_run_manager *run, uint64_t begin)
{
    const kmi_records *r = &run->records;
    int workers = run->threads == 0 ? 1 : run->threads;

    /* The one with the oldest history must go on whatever the others hold. */
    return r->pieces < KMI_PIECES_A_WORKER * workers || r->expected.count == 0 ||
           begin <= r->expected.intervals[0].begin;
}

bool kmi_records_take_piece(kmi_worker *worker, uint64_t begin)
{
    kmi_run_manager *run = worker->run;
    kmi_records *r = &run->records;

    kmi_lock_take(&run->lock);
    while (worker->piece == NULL && !kmi_run_must_stop(run, begin)) {
        if (!may_have_locked(run, begin)) {
            uint64_t period = kmi_stall_period_ns(run);
            kmi_activity_set(&worker->activity, KMI_DOING_WAIT);
            if (kmi_condition_wait_until(&run->changed, &run->lock, kmi_deadline(period))) continue;
            kmi_lock_give(&run->lock);
            kmi_stall_look(run, "a worker that has no room for records", false);
            kmi_lock_take(&run->lock);
        } else if (r->spare != NULL) {
            r->pieces++;
            worker->piece = r->spare;
            r->spare = worker->piece->next;
            worker->piece->next = NULL;
        } else {
            kmi_piece *piece;
            r->pieces++;
            kmi_lock_give(&run->lock); /* the host's allocator may have locks of its own */
            piece = new_piece(r->count);
            kmi_lock_take(&run->lock);
            worker->piece = piece;
            if (piece == NULL) {
                r->pieces--;
                kmi_failure_record_locked(run, kmi_fail(KMA_ERR_MEMORY, "no memory for records of history %llu on",
                                                        (unsigned long long)begin), begin);
            }
        }
    }
    kmi_lock_give(&run->lock);
    return worker->piece != NULL && !kmi_run_must_stop(run, begin);
}

/* ---- records of a history ---- */

static kma_status append(kmi_buffer *b, const void *record, size_t size, uint64_t history)
{
    if (b->used + size > b->room) {
        size_t room = b->room == 0 ? 64 * 1024 : 2 * b->room;
        unsigned char *bytes;
        if (b->used - b->kept + size > KMI_HISTORY_BYTES_MAX)
            return kmi_fail(KMA_ERR_RANGE, "history %llu makes more than %zu bytes of records: record fewer processes",
                            (unsigned long long)history, KMI_HISTORY_BYTES_MAX);
        bytes = kmi_realloc(b->bytes, room);
        if (bytes == NULL)
            return kmi_fail(KMA_ERR_MEMORY, "no memory for %zu bytes of records of history %llu", room,
                            (unsigned long long)history);
        b->bytes = bytes;
        b->room = room;
    }
    memcpy(b->bytes + b->used, record, size);
    b->used += size;
    return KMA_OK;
}

kma_status kmi_records_add_step(kmi_worker *worker, const kma_step *step)
{
    kma_status status = KMA_OK;
    const kmi_records *r = &worker->run->records;
    size_t i;

    for (i = 0; i < r->count && status == KMA_OK; i++)
        if (r->list[i].processes >> step->process & 1)
            status = append(&worker->piece->buffers[i], step, sizeof *step, step->history);
    return status;
}

typedef struct score_record {
    uint64_t history;
    double values[KMA_HISTORY_SCORES_MAX];
} score_record;

/* What a recorder selects of the history under way. False: it scored nothing of that. */
static bool sum_scores(const kmi_recorder *recorder, const kmi_scores *scores, score_record *out)
{
    bool any = false;
    size_t k, t;

    for (k = 0; k < recorder->selection_count; k++) {
        const kmi_selection *s = &recorder->selections[k];
        double sum = 0;
        for (t = 0; t < scores->touched; t++)
            if (scores->history[t].bin >= s->first_bin && scores->history[t].bin < s->end_bin)
                sum += scores->history[t].sum;
        out->values[k] = sum * s->unit;
        any = any || sum != 0;
    }
    return any;
}

kma_status kmi_records_add_scores(kmi_worker *worker, uint64_t history)
{
    kma_status status = KMA_OK;
    const kmi_records *r = &worker->run->records;
    score_record record = {.history = history};
    size_t i;

    for (i = 0; i < r->count && status == KMA_OK; i++)
        if (r->list[i].selection_count > 0 && sum_scores(&r->list[i], worker->scores, &record))
            status = append(&worker->piece->buffers[i], &record, r->list[i].record_size, history);
    return status;
}

void kmi_records_keep_history(kmi_worker *worker)
{
    size_t i;
    for (i = 0; i < worker->piece->count; i++) worker->piece->buffers[i].kept = worker->piece->buffers[i].used;
}

void kmi_records_discard_history(kmi_worker *worker)
{
    size_t i;
    for (i = 0; i < worker->piece->count; i++) worker->piece->buffers[i].used = worker->piece->buffers[i].kept;
}

bool kmi_records_nearly_full(const kmi_worker *worker)
{
    size_t used = 0, i;
    for (i = 0; i < worker->piece->count; i++) used += worker->piece->buffers[i].used;
    return used >= KMI_PIECE_BYTES;
}

/* ---- commits ---- */

void kmi_records_hand_over_locked(kmi_worker *worker, kmi_interval interval)
{
    kmi_run_manager *run = worker->run;
    kmi_piece **place = &run->records.queue;

    worker->piece->interval = interval;
    while (*place != NULL && (*place)->interval.begin < interval.begin) place = &(*place)->next;
    worker->piece->next = *place;
    *place = worker->piece;
    worker->piece = NULL;
    kmi_condition_wake_all(&run->changed); /* the steward may deliver it */
}

void kmi_records_forget(kmi_worker *worker)
{
    size_t i;
    for (i = 0; i < worker->piece->count; i++)
        worker->piece->buffers[i].used = worker->piece->buffers[i].kept = worker->piece->buffers[i].taken = 0;
}
