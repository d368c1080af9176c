/*
 * Exact sums. A bin holds the sum and the sum of squares of the histories'
 * scores as 128-bit integers in units of its scorer's quantum, so the order in
 * which histories arrive cannot matter. Bins live in chunks that are made when
 * first touched and shared with snapshots until they change (copy on write):
 * a snapshot costs no copy while nothing is added.
 */
#ifndef KMI_TALLY_H
#define KMI_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/rng.h"

__extension__ typedef __int128 kmi_int128;
__extension__ typedef unsigned __int128 kmi_uint128;

/* ---- one worker's scores: the history under way and the log of finished ones ---- */

typedef struct kmi_log_entry { int64_t score; uint64_t bin; } kmi_log_entry;

enum {
    KMI_LOG_ENTRIES = 131072,  /* per worker: 2 MiB */
    KMI_HISTORY_BINS = 32768,  /* the most bins one history may touch */
    KMI_LINEAR_BINS = 16       /* up to here a bin is looked for one by one */
};

/* A bin that the history under way has touched. */
typedef struct kmi_touched { uint64_t bin; double sum; } kmi_touched;

/* Belongs to one worker; open for kmi_scores_add alone. */
typedef struct kmi_scores {
    size_t touched;         /* bins of the history under way */
    kmi_touched *history;   /* [KMI_HISTORY_BINS] in order of first touch */
    size_t lost;            /* scores of this history that found no room */
    uint64_t *slots;        /* hash of the history's bins: see scores.c */
    uint32_t slot_mask;
    uint32_t stamp;         /* of the hash: slots with another stamp are empty */
    size_t logged;
    kmi_log_entry *log;     /* [KMI_LOG_ENTRIES] in order of history */
    kmi_log_entry *sorted;  /* [KMI_LOG_ENTRIES] a commit's working room */
} kmi_scores;

kma_status kmi_scores_new(kmi_scores **out);
void kmi_scores_destroy(kmi_scores *self);

void kmi_scores_add_hashed(kmi_scores *self, uint64_t bin, double quanta); /* kmi_scores_add beyond KMI_LINEAR_BINS */
/* Adds to the history under way, in quanta of the bin (any double >= 0 or < 0). Never fails:
 * too many bins or a value out of range is kept and told by end_history. */
static inline void kmi_scores_add(kmi_scores *self, uint64_t bin, double quanta)
{
    kmi_touched *t = self->history;
    size_t i = self->touched;

    if (i > KMI_LINEAR_BINS) {
        kmi_scores_add_hashed(self, bin, quanta);
        return;
    }
    while (i-- > 0) { /* the latest first: a track scores where it is */
        if (t[i].bin == bin) {
            t[i].sum += quanta;
            return;
        }
    }
    if (self->touched == KMI_LINEAR_BINS) {
        kmi_scores_add_hashed(self, bin, quanta);
        return;
    }
    t[self->touched].bin = bin;
    t[self->touched++].sum = quanta;
}
/* Rounds every bin of the history once, stochastically (the history's scoring stream), and
 * appends to the log, bins in order of first touch; zeros are left out. KMA_ERR_RANGE (|score|
 * >= 2^62 quanta, nan, or more than KMI_HISTORY_BINS bins): nothing of the history is kept.
 * KMA_ERR_INTERNAL: the log was nearly full before and is full now; likewise. */
kma_status kmi_scores_end_history(kmi_scores *self, uint64_t seed, uint64_t history);
void kmi_scores_discard_history(kmi_scores *self);
/* True when a further history might not fit: commit now. */
bool kmi_scores_nearly_full(const kmi_scores *self);
size_t kmi_scores_logged(const kmi_scores *self);
void kmi_scores_clear(kmi_scores *self); /* the log, after a commit */

/* ---- held histories: a set of intervals [begin, end) ---- */

typedef struct kmi_interval { uint64_t begin, end; } kmi_interval;

/* ---- the tally of a run ---- */

#define KMI_BINS_MAX (UINT64_C(1) << 32) /* 137 GB */

typedef struct kmi_tally kmi_tally;

/* KMA_ERR_RANGE above KMI_BINS_MAX bins. */
kma_status kmi_tally_new(uint64_t bins, kmi_tally **out);
void kmi_tally_destroy(kmi_tally *self);
uint64_t kmi_tally_bins(const kmi_tally *self);
/* Memory held by the tally's bins now, in bytes (chunks shared with snapshots count once here). */
uint64_t kmi_tally_bytes(kmi_tally *self);
/*
 * One act: the log's scores and the interval join the tally, or (KMA_ERR_MEMORY; KMA_ERR_RANGE
 * if a 128-bit sum would overflow; KMA_ERR_INTERNAL if histories are held already) nothing does.
 * Thread: any, several at once. Memory for chunks is made before anything is added. The log
 * stays as it is: kmi_scores_clear it after KMA_OK.
 */
kma_status kmi_tally_commit(kmi_tally *self, kmi_interval interval, kmi_scores *scores);

/* ---- snapshots: immutable, freed apart from the tally ---- */

typedef struct kmi_snapshot kmi_snapshot;

kma_status kmi_tally_snapshot(kmi_tally *self, kmi_snapshot **out); /* whole commits only */
void kmi_snapshot_destroy(kmi_snapshot *self);
uint64_t kmi_snapshot_bins(const kmi_snapshot *self);
uint64_t kmi_snapshot_histories(const kmi_snapshot *self);
size_t kmi_snapshot_interval_count(const kmi_snapshot *self);
kmi_interval kmi_snapshot_interval(const kmi_snapshot *self, size_t index); /* rising, disjoint, not adjacent */
/* The exact sums of a bin. */
void kmi_snapshot_bin(const kmi_snapshot *self, uint64_t bin, kmi_int128 *sum_out, kmi_uint128 *squares_out);
/*
 * Mean score of a history and its standard uncertainty, in quanta:
 *   variance of the mean = (N sum(x2) - sum(x)^2) / (N^2 (N - 1)),
 * the numerator formed exactly in integers (256 bits), so a constant score has 0.
 * N < 2: the uncertainty is infinite unless nothing was scored (0). N = 0: the mean is 0.
 */
void kmi_snapshot_mean(const kmi_snapshot *self, uint64_t bin, double *mean_out, double *uncertainty_out);
/* The same for bins [first, first + n), times scale (the quantum in the scorer's unit; a power of
 * two keeps it exact). Either output may be NULL. For large grids call it piece by piece. */
void kmi_snapshot_means(const kmi_snapshot *self, uint64_t first, size_t n, double scale, double *mean_out,
                        double *uncertainty_out);
void kmi_snapshot_means_float(const kmi_snapshot *self, uint64_t first, size_t n, double scale, float *mean_out,
                              float *uncertainty_out);
/* The same for the sum of bins of ONE history-wise score is not derivable from bins apart:
 * scorers that need totals keep a bin of their own. */

#endif
