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

typedef struct kmi_scores kmi_scores; /* layout in tally.c; kmi_scores_add is the hot call */

enum { KMI_LOG_ENTRIES = 131072 };    /* per worker: 2 MiB */

kma_status kmi_scores_new(kmi_scores **out);
void kmi_scores_destroy(kmi_scores *self);
/* Adds to the history under way, in quanta of the bin (any double >= 0 or < 0). Never fails:
 * too many bins or a value out of range is kept and told by end_history. */
void kmi_scores_add(kmi_scores *self, uint64_t bin, double quanta);
/* Rounds every bin of the history once, stochastically (the history's scoring stream), and
 * appends to the log, bins in order of first touch. KMA_ERR_RANGE (|score| >= 2^62 quanta, nan,
 * or more bins than a log holds): nothing of the history is kept. */
kma_status kmi_scores_end_history(kmi_scores *self, uint64_t seed, uint64_t history);
void kmi_scores_discard_history(kmi_scores *self);
/* True when a further history might not fit: commit now. */
bool kmi_scores_nearly_full(const kmi_scores *self);
size_t kmi_scores_logged(const kmi_scores *self);
void kmi_scores_clear(kmi_scores *self); /* the log, after a commit */

/* ---- held histories: a set of intervals [begin, end) ---- */

typedef struct kmi_interval { uint64_t begin, end; } kmi_interval;

/* ---- the tally of a run ---- */

typedef struct kmi_tally kmi_tally;

kma_status kmi_tally_new(uint64_t bins, kmi_tally **out);
void kmi_tally_destroy(kmi_tally *self);
/*
 * One act: the log's scores and the interval join the tally, or (KMA_ERR_MEMORY; KMA_ERR_RANGE
 * if a 128-bit sum would overflow; KMA_ERR_INTERNAL if histories are held already) nothing does.
 * Thread: any, several at once. Memory for chunks is made before anything is added.
 */
kma_status kmi_tally_commit(kmi_tally *self, kmi_interval interval, kmi_scores *scores);

/* ---- snapshots: immutable, freed apart from the tally ---- */

typedef struct kmi_snapshot kmi_snapshot;

kma_status kmi_tally_snapshot(kmi_tally *self, kmi_snapshot **out); /* whole commits only */
void kmi_snapshot_destroy(kmi_snapshot *self);
uint64_t kmi_snapshot_histories(const kmi_snapshot *self);
size_t kmi_snapshot_interval_count(const kmi_snapshot *self);
kmi_interval kmi_snapshot_interval(const kmi_snapshot *self, size_t index); /* rising, disjoint, not adjacent */
/* The exact sums of a bin. */
void kmi_snapshot_bin(const kmi_snapshot *self, uint64_t bin, kmi_int128 *sum_out, kmi_uint128 *squares_out);
/*
 * Mean score of a history and its standard uncertainty, in quanta:
 *   variance of the mean = (N sum(x2) - sum(x)^2) / (N^2 (N - 1)),
 * the numerator formed exactly in integers (256 bits), so a constant score has 0.
 * N < 2: the uncertainty is infinite unless nothing was scored (0).
 */
void kmi_snapshot_mean(const kmi_snapshot *self, uint64_t bin, double *mean_out, double *uncertainty_out);
/* The same for the sum of bins of ONE history-wise score is not derivable from bins apart:
 * scorers that need totals keep a bin of their own. */

#endif
