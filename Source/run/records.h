/*
 * Records: what observers get in blocks, in order of history. A worker collects
 * the records of its histories in a *piece* and hands it over with each commit;
 * the steward (with threads = 0 the caller) takes pieces in order of history,
 * fills blocks and delivers them.
 *
 * Memory has a bound: a piece is handed over when it holds KMI_PIECE_BYTES or its
 * interval ends, and so many pieces are in use and no more; so no more intervals
 * than that are begun beyond the oldest one that is not delivered. Only the worker
 * that has the oldest history gets one more piece in any case: it waits for
 * nobody, so nobody waits for ever.
 */
#ifndef KMI_RECORDS_H
#define KMI_RECORDS_H

#include <stdbool.h>

#include "kerma/observer.h"
#include "run/interval.h"
#include "scoring/scorer_set.h"

enum {
    KMI_PIECE_BYTES = 512 * 1024,
    KMI_PIECES_A_WORKER = 4,
    KMI_BLOCK_MAX = 1 << 24
};
#define KMI_HISTORY_BYTES_MAX ((size_t)256 << 20) /* records of one history */

/* A sum of bins that is recorded of each history. */
typedef struct kmi_selection {
    char *name; /* of the scorer */
    kma_quantity quantity;
    uint64_t first_bin, end_bin; /* of the plan */
    double unit;                 /* MeV or photons a quantum */
} kmi_selection;

/* One observer of records. The first four lines never change once it was added. */
typedef struct kmi_recorder {
    kma_block_fn *fn;
    void *context;
    void (*dispose)(void *);
    size_t record_size, block_records;
    uint32_t processes;       /* steps: which; 0: it records scores */
    kmi_selection *selections;
    size_t selection_count;
    unsigned char *block;     /* the deliverer's: [block_records] */
    size_t filled;            /* records in it */
    bool pending;             /* the block is to be delivered before anything else */
    uint64_t number;          /* of the block */
} kmi_recorder;

/* Records of one recorder in a piece, bytes. */
typedef struct kmi_buffer {
    unsigned char *bytes;
    size_t used, room;
    size_t kept;  /* up to here they are of finished histories */
    size_t taken; /* up to here they are in blocks */
} kmi_buffer;

typedef struct kmi_piece {
    struct kmi_piece *next;
    kmi_interval interval;
    size_t count;        /* of recorders */
    kmi_buffer buffers[];
} kmi_piece;

/* Members but `list` are guarded by the run manager's lock. */
typedef struct kmi_records {
    kmi_recorder *list; /* [count] fixed from the first initialize on */
    size_t count, room;
    bool steps;         /* some record steps */
    bool scores;        /* some record scores */
    kmi_piece *queue;   /* handed over, in order of history */
    kmi_piece *delivering; /* taken off the queue by whoever delivers */
    kmi_piece *spare;
    int pieces;         /* in the workers' hands, in the queue or being delivered */
    kmi_interval_set expected; /* histories of this run that are not delivered */
    bool failed;        /* in this run: nothing more is delivered */
} kmi_records;

struct kmi_run_manager;
struct kmi_worker;

/* ---- what a recorder is (recorders.c) ---- */
/* Takes over the selections; on failure the caller keeps them. With the lock held. */
kma_status kmi_recorder_add_locked(struct kmi_run_manager *run, const kmi_recorder *recorder);
kma_status kmi_selections_new(const kma_history_score *scores, size_t count, kmi_selection **out);
void kmi_selections_free(kmi_selection *selections, size_t count);
/* For the plan of this initialize: where the selected scorers are; room for blocks. */
kma_status kmi_recorders_prepare(struct kmi_run_manager *run);
/* Calls dispose of all and forgets them. Without the lock. */
void kmi_recorders_dispose(struct kmi_run_manager *run);

/* ---- on a worker (records.c) ---- */
/* A piece for history `begin` on; waits until there is one. False: the run ends, or there was no memory (recorded). */
bool kmi_records_take_piece(struct kmi_worker *worker, uint64_t begin);
kma_status kmi_records_add_step(struct kmi_worker *worker, const kma_step *step);
/* The scores of the history under way, before they are rounded. */
kma_status kmi_records_add_scores(struct kmi_worker *worker, uint64_t history);
void kmi_records_keep_history(struct kmi_worker *worker);
void kmi_records_discard_history(struct kmi_worker *worker);
bool kmi_records_nearly_full(const struct kmi_worker *worker);
/* With a commit: hands the piece over, or forgets what is in it. */
void kmi_records_hand_over_locked(struct kmi_worker *worker, kmi_interval interval);
void kmi_records_forget(struct kmi_worker *worker);
void kmi_piece_free(kmi_piece *piece); /* NULL is fine */
/* Gives back the room that a history of very many records took. What was in it is delivered. */
void kmi_piece_shrink(kmi_piece *piece);

/* ---- the order (delivery.c) ---- */
/* At the begin of a run, when `todo` is known. Nothing has changed if it fails. */
kma_status kmi_records_begin_locked(struct kmi_run_manager *run);
bool kmi_records_deliverable_locked(const struct kmi_run_manager *run);
/* Delivers what is next in order; at the end of a run all that there is. Without the lock; one thread at a time. */
void kmi_records_deliver(struct kmi_run_manager *run, bool at_end);
/* A reader has refused a block, or has ended the thread that delivers: what that was at is the first in the queue again,
 * nothing more is delivered in this run, and no further history is begun. */
void kmi_records_give_up_locked(struct kmi_run_manager *run);
/* A new result begins: what was not delivered is of the old one. */
void kmi_records_drop_locked(struct kmi_run_manager *run);
void kmi_records_free(struct kmi_run_manager *run);

#endif
