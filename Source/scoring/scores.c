/*
 * One worker's scores. A history's scores are summed bin by bin in double, in
 * the order they come; at its end every bin is rounded once to an integer and
 * goes to the log. Most histories touch a handful of bins, which are looked
 * for one by one; beyond that a hash finds them. Nothing is allocated after
 * kmi_scores_new.
 */
#include "scoring/tally.h"

#include <string.h>

#include "base/memory.h"

/* A slot holds stamp << 32 | index in `history`. Starting or growing the table takes a new
 * stamp, which empties all slots at once; the table stays as small as the history allows. */
enum {
    SLOTS = 2 * KMI_HISTORY_BINS,
    FIRST_SLOTS = 64,
    CACHE_LINE = 64
};

#define SCORE_LIMIT 0x1p62 /* so that |score| and its square fit 63 and 124 bits */

static const size_t log_bytes = KMI_LOG_ENTRIES * sizeof(kmi_log_entry);
static const size_t history_bytes = KMI_HISTORY_BINS * sizeof(kmi_touched);
static const size_t huge_page = 2u << 20;

kma_status kmi_scores_new(kmi_scores **out)
{
    kma_status status = KMA_OK;
    kmi_scores *s = NULL;

    *out = NULL;
    s = kmi_alloc(sizeof *s);
    if (s == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a worker's scores"));
    s->history = kmi_alloc_aligned(history_bytes, CACHE_LINE);
    s->slots = kmi_alloc_array(SLOTS, sizeof *s->slots);
    s->log = kmi_alloc_aligned(log_bytes, huge_page);
    s->sorted = kmi_alloc_aligned(log_bytes, huge_page);
    if (s->history == NULL || s->slots == NULL || s->log == NULL || s->sorted == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a worker's scores (%zu bytes)",
                         2 * log_bytes + history_bytes + SLOTS * sizeof *s->slots));
    *out = s;
    s = NULL;
cleanup:
    kmi_scores_destroy(s);
    return status;
}

void kmi_scores_destroy(kmi_scores *self)
{
    if (self == NULL) return;
    kmi_free_aligned(self->sorted, log_bytes);
    kmi_free_aligned(self->log, log_bytes);
    kmi_free(self->slots);
    kmi_free_aligned(self->history, history_bytes);
    kmi_free(self);
}

/* The slot of a bin, or the empty one where it belongs. */
static uint64_t *find_slot(const kmi_scores *self, uint64_t bin)
{
    /* Fibonacci hashing (Knuth, TAOCP 3, 6.4): neighbouring bins spread over the table. */
    uint32_t i = (uint32_t)((bin * UINT64_C(0x9e3779b97f4a7c15)) >> 40);

    for (;; i++) {
        uint64_t *slot = &self->slots[i & self->slot_mask];
        if ((uint32_t)(*slot >> 32) != self->stamp || self->history[(uint32_t)*slot].bin == bin) return slot;
    }
}

static void restart_table(kmi_scores *self, uint32_t size)
{
    size_t i;

    self->slot_mask = size - 1;
    if (++self->stamp == 0) { /* 4 thousand million tables later: old stamps would come again */
        memset(self->slots, 0, SLOTS * sizeof *self->slots);
        self->stamp = 1;
    }
    for (i = 0; i < self->touched; i++)
        *find_slot(self, self->history[i].bin) = (uint64_t)self->stamp << 32 | i;
}

void kmi_scores_add_hashed(kmi_scores *self, uint64_t bin, double quanta)
{
    uint64_t *slot;

    if (self->touched == KMI_LINEAR_BINS) restart_table(self, FIRST_SLOTS);
    slot = find_slot(self, bin);
    if ((uint32_t)(*slot >> 32) == self->stamp) {
        self->history[(uint32_t)*slot].sum += quanta;
        return;
    }
    if (self->touched == KMI_HISTORY_BINS) {
        self->lost++;
        return;
    }
    *slot = (uint64_t)self->stamp << 32 | self->touched;
    self->history[self->touched].bin = bin;
    self->history[self->touched++].sum = quanta;
    if (2 * self->touched > self->slot_mask && self->touched < KMI_HISTORY_BINS)
        restart_table(self, 2 * (self->slot_mask + 1));
}

kma_status kmi_scores_end_history(kmi_scores *self, uint64_t seed, uint64_t history)
{
    kma_status status = KMA_OK;
    kmi_log_entry *out = self->log + self->logged;
    kmi_rng rng;
    bool drawing = false;
    size_t i;

    if (self->lost != 0)
        KMI_TRY(kmi_fail(KMA_ERR_RANGE, "history %llu scores in more than %d bins: use fewer or coarser scorers",
                         (unsigned long long)history, KMI_HISTORY_BINS));
    KMI_ASSERT(self->touched <= KMI_LOG_ENTRIES - self->logged);
    for (i = 0; i < self->touched; i++) {
        double x = self->history[i].sum;
        double fraction;
        int64_t score;

        if (!(x > -SCORE_LIMIT && x < SCORE_LIMIT))
            KMI_TRY(kmi_fail(KMA_ERR_RANGE,
                             "history %llu scores %g quanta in bin %llu (must be finite and below 2^62 = 4.6e18)",
                             (unsigned long long)history, x, (unsigned long long)self->history[i].bin));
        score = (int64_t)x; /* towards zero */
        if ((double)score > x) score--;
        fraction = x - (double)score;
        if (fraction != 0) {
            /* Rounded up with the probability of the fraction: the mean is x exactly. */
            if (!drawing) kmi_rng_start(&rng, seed, history, KMI_STREAM_SCORING);
            drawing = true;
            score += kmi_rng_uniform(&rng) < fraction;
        }
        if (score == 0) continue;
        out->score = score;
        out->bin = self->history[i].bin;
        out++;
    }
    self->logged = (size_t)(out - self->log);
cleanup:
    kmi_scores_discard_history(self);
    return status;
}

void kmi_scores_discard_history(kmi_scores *self)
{
    self->touched = 0;
    self->lost = 0;
}

bool kmi_scores_nearly_full(const kmi_scores *self)
{
    return self->logged > KMI_LOG_ENTRIES - KMI_HISTORY_BINS;
}

size_t kmi_scores_logged(const kmi_scores *self)
{
    return self->logged;
}

void kmi_scores_clear(kmi_scores *self)
{
    self->logged = 0;
}
