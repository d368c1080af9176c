/*
 * Records in order of history, cut into blocks. `expected` is what this run has
 * to deliver still: the piece that begins where it begins is the next one. At
 * the end of a run, an aborted one too, all that was handed over is delivered,
 * so that the histories delivered are those in the result.
 */
#include <string.h>

#include "base/memory.h"
#include "run/run_manager.h"

kma_status kmi_records_begin_locked(kmi_run_manager *run)
{
    kma_status status = KMA_OK;
    kmi_records *r = &run->records;
    const kmi_piece *piece;
    size_t pieces = 0, i;

    if (r->count == 0) return KMA_OK;
    for (piece = r->queue; piece != NULL; piece = piece->next) pieces++; /* a run that failed left them */
    kmi_interval_set_clear(&r->expected);
    KMI_TRY(kmi_interval_set_reserve(&r->expected, run->todo.count + pieces));
    for (i = 0; i < run->todo.count; i++) kmi_interval_set_add(&r->expected, run->todo.intervals[i]);
    for (piece = r->queue; piece != NULL; piece = piece->next) kmi_interval_set_add(&r->expected, piece->interval);
    r->failed = false;
cleanup:
    return status;
}

/* Whether the piece that comes next was handed over. */
static bool next_is_there_locked(const kmi_records *r)
{
    return r->queue != NULL && r->expected.count > 0 && r->queue->interval.begin == r->expected.intervals[0].begin;
}

static bool any_pending(const kmi_records *r)
{
    size_t i;

    for (i = 0; i < r->count; i++)
        if (r->list[i].pending) return true;
    return false;
}

bool kmi_records_deliverable_locked(const kmi_run_manager *run)
{
    const kmi_records *r = &run->records;

    return run->state == KMA_RUN_RUNNING && run->begun && !r->failed && (next_is_there_locked(r) || any_pending(r));
}

/* ---- blocks ---- */

static uint64_t first_history(const kmi_recorder *recorder)
{
    uint64_t history;
    memcpy(&history, recorder->block, sizeof history); /* every record begins with its history */
    return history;
}

static kma_status deliver_block(kmi_run_manager *run, kmi_recorder *recorder)
{
    kma_status status;
    kma_run_manager handle = {run->self_bits};
    kma_block block = {recorder->number, recorder->filled, recorder->record_size, recorder->block};

    status = kmi_observe_block(run, recorder->fn, handle, &block, recorder->context);
    if (status != KMA_OK) {
        kmi_failure_record(run, status, first_history(recorder));
        return status;
    }
    recorder->number++;
    recorder->filled = 0;
    recorder->pending = false;
    return KMA_OK;
}

/* The block is full, or the last of a run: it is delivered as it is, also if that takes several runs. */
static kma_status close_block(kmi_run_manager *run, kmi_recorder *recorder)
{
    if (recorder->filled == 0) return KMA_OK;
    recorder->pending = true;
    return deliver_block(run, recorder);
}

static kma_status deliver_buffer(kmi_run_manager *run, kmi_recorder *recorder, kmi_buffer *b)
{
    kma_status status = KMA_OK;

    while (b->taken < b->kept) {
        size_t records = (b->kept - b->taken) / recorder->record_size;
        size_t space = recorder->block_records - recorder->filled;
        size_t n = records < space ? records : space;
        memcpy(recorder->block + recorder->filled * recorder->record_size, b->bytes + b->taken, n * recorder->record_size);
        recorder->filled += n;
        b->taken += n * recorder->record_size;
        if (recorder->filled == recorder->block_records) KMI_TRY(close_block(run, recorder));
    }
cleanup:
    return status;
}

static kma_status deliver_piece(kmi_run_manager *run, kmi_piece *piece)
{
    kma_status status = KMA_OK;
    size_t i;

    for (i = 0; i < run->records.count; i++)
        KMI_TRY(deliver_buffer(run, &run->records.list[i], &piece->buffers[i]));
cleanup:
    return status;
}

/* Blocks that an observer refused in an earlier run, before anything else. */
static kma_status deliver_pending(kmi_run_manager *run)
{
    kma_status status = KMA_OK;
    size_t i;

    for (i = 0; i < run->records.count; i++)
        if (run->records.list[i].pending) KMI_TRY(deliver_block(run, &run->records.list[i]));
cleanup:
    return status;
}

static kma_status close_blocks(kmi_run_manager *run)
{
    kma_status status = KMA_OK;
    size_t i;

    for (i = 0; i < run->records.count; i++) KMI_TRY(close_block(run, &run->records.list[i]));
cleanup:
    return status;
}

/* ---- pieces ---- */

static kmi_piece *next_piece(kmi_run_manager *run, bool at_end)
{
    kmi_records *r = &run->records;
    kmi_piece *piece = NULL;

    kmi_lock_take(&run->lock);
    if (r->queue != NULL && (at_end || next_is_there_locked(r))) {
        piece = r->queue;
        r->queue = piece->next;
        piece->next = NULL;
        r->delivering = piece;
    }
    kmi_lock_give(&run->lock);
    return piece;
}

static void done_locked(kmi_records *r, kmi_piece *piece)
{
    kmi_interval *first = r->expected.intervals;
    size_t i;

    if (r->expected.count > 0 && first->begin == piece->interval.begin) {
        first->begin = piece->interval.end;
        if (first->begin >= first->end) memmove(first, first + 1, --r->expected.count * sizeof *first);
    }
    r->pieces--;
    for (i = 0; i < piece->count; i++)
        piece->buffers[i].used = piece->buffers[i].kept = piece->buffers[i].taken = 0;
    piece->next = r->spare;
    r->spare = piece;
}

void kmi_records_deliver(kmi_run_manager *run, bool at_end)
{
    kmi_records *r = &run->records;
    kma_status status = KMA_OK;
    kmi_piece *piece;

    if (r->count == 0 || r->failed) return;
    status = deliver_pending(run);
    while (status == KMA_OK && (piece = next_piece(run, at_end)) != NULL) {
        status = deliver_piece(run, piece);
        if (status == KMA_OK) kmi_piece_shrink(piece);
        kmi_lock_take(&run->lock);
        if (status == KMA_OK) {
            r->delivering = NULL;
            done_locked(r, piece);
        }
        kmi_condition_wake_all(&run->changed); /* workers may wait for it */
        kmi_lock_give(&run->lock);
    }
    if (status == KMA_OK && at_end) status = close_blocks(run);
    if (status == KMA_OK) return;
    kmi_lock_take(&run->lock);
    kmi_records_give_up_locked(run);
    kmi_lock_give(&run->lock);
}

void kmi_records_give_up_locked(kmi_run_manager *run)
{
    kmi_records *r = &run->records;

    r->failed = true;
    /* Of what is still to do nothing can be delivered, whatever its number: a worker would wait for a piece in vain. */
    atomic_store_explicit(&run->stop_history, 0, memory_order_relaxed);
    kmi_condition_wake_all(&run->changed);
    if (r->delivering == NULL) return;
    r->delivering->next = r->queue;
    r->queue = r->delivering;
    r->delivering = NULL;
}

static void free_pieces(kmi_piece **list)
{
    while (*list != NULL) {
        kmi_piece *piece = *list;
        *list = piece->next;
        kmi_piece_free(piece);
    }
}

void kmi_records_drop_locked(kmi_run_manager *run)
{
    kmi_records *r = &run->records;
    size_t i;

    while (r->queue != NULL) {
        kmi_piece *piece = r->queue;
        r->queue = piece->next;
        kmi_interval_set_clear(&r->expected);
        done_locked(r, piece);
    }
    for (i = 0; i < r->count; i++) {
        r->list[i].filled = 0;
        r->list[i].pending = false;
        r->list[i].number = 0;
    }
}

void kmi_records_free(kmi_run_manager *run)
{
    free_pieces(&run->records.queue);
    free_pieces(&run->records.spare);
    kmi_interval_set_free(&run->records.expected);
}
