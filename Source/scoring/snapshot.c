/* Snapshots of a tally: see tally.h. */
#include <math.h>
#include <pthread.h>

#include "base/memory.h"
#include "scoring/chunk.h"
#include "scoring/intervals.h"
#include "scoring/tally_inside.h"
#include "scoring/wide.h"

struct kmi_snapshot {
    uint64_t bins;
    size_t chunk_count;
    kmi_chunk **chunks; /* [chunk_count]; NULL: all zero */
    kmi_intervals held;
};

kma_status kmi_tally_snapshot(kmi_tally *self, kmi_snapshot **out)
{
    kma_status status = KMA_OK;
    kmi_snapshot *s = NULL;
    size_t c;

    *out = NULL;
    s = kmi_alloc(sizeof *s);
    if (s == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a snapshot"));
    s->bins = self->bins;
    s->chunks = kmi_alloc_array(self->chunk_count, sizeof *s->chunks);
    if (s->chunks == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a snapshot"));
    s->chunk_count = self->chunk_count;
    pthread_rwlock_wrlock(&self->whole);
    status = kmi_intervals_copy(&self->held, &s->held);
    for (c = 0; status == KMA_OK && c < s->chunk_count; c++) {
        s->chunks[c] = self->chunks[c];
        kmi_chunk_retain(s->chunks[c]);
    }
    pthread_rwlock_unlock(&self->whole);
    if (status != KMA_OK) goto cleanup;
    *out = s;
    s = NULL;
cleanup:
    kmi_snapshot_destroy(s);
    return status;
}

void kmi_snapshot_destroy(kmi_snapshot *self)
{
    size_t c;

    if (self == NULL) return;
    for (c = 0; c < self->chunk_count; c++) kmi_chunk_release(self->chunks[c]);
    kmi_free(self->chunks);
    kmi_intervals_free(&self->held);
    kmi_free(self);
}

uint64_t kmi_snapshot_bins(const kmi_snapshot *self)
{
    return self->bins;
}

uint64_t kmi_snapshot_histories(const kmi_snapshot *self)
{
    return self->held.histories;
}

size_t kmi_snapshot_interval_count(const kmi_snapshot *self)
{
    return self->held.count;
}

kmi_interval kmi_snapshot_interval(const kmi_snapshot *self, size_t index)
{
    return self->held.list[index];
}

static const kmi_bin *find_bin(const kmi_snapshot *self, uint64_t bin)
{
    static const kmi_bin zero;
    const kmi_chunk *c = self->chunks[bin >> KMI_CHUNK_SHIFT];

    return c == NULL ? &zero : &c->bins[bin & (KMI_CHUNK_BINS - 1)];
}

void kmi_snapshot_bin(const kmi_snapshot *self, uint64_t bin, kmi_int128 *sum_out, kmi_uint128 *squares_out)
{
    const kmi_bin *b = find_bin(self, bin);
    *sum_out = b->sum;
    *squares_out = b->squares;
}

/* N^2 (N - 1), the denominator of the variance of the mean; 0 if N < 2. */
static double denominator(uint64_t n)
{
    return n < 2 ? 0 : kmi_wide_to_double(kmi_wide_multiply((kmi_uint128)n * n, n - 1));
}

static void mean_of_bin(const kmi_bin *b, uint64_t n, double divisor, double *mean_out, double *uncertainty_out)
{
    kmi_uint128 size = b->sum < 0 ? -(kmi_uint128)b->sum : (kmi_uint128)b->sum;
    kmi_wide numerator;

    *mean_out = n == 0 ? 0 : (double)b->sum / (double)n;
    if (n < 2) {
        *uncertainty_out = b->squares == 0 ? 0 : INFINITY;
        return;
    }
    /* N sum(x2) >= sum(x)^2 by Cauchy and Schwarz, as no history scores twice in a bin. */
    if (kmi_wide_subtract(kmi_wide_multiply(b->squares, n), kmi_wide_multiply(size, size), &numerator))
        *uncertainty_out = NAN;
    else
        *uncertainty_out = sqrt(kmi_wide_to_double(numerator) / divisor);
}

void kmi_snapshot_mean(const kmi_snapshot *self, uint64_t bin, double *mean_out, double *uncertainty_out)
{
    mean_of_bin(find_bin(self, bin), self->held.histories, denominator(self->held.histories), mean_out,
                uncertainty_out);
}

void kmi_snapshot_means(const kmi_snapshot *self, uint64_t first, size_t n, double scale, double *mean_out,
                        double *uncertainty_out)
{
    double divisor = denominator(self->held.histories);
    size_t i;

    for (i = 0; i < n; i++) {
        double mean, uncertainty;
        mean_of_bin(find_bin(self, first + i), self->held.histories, divisor, &mean, &uncertainty);
        if (mean_out != NULL) mean_out[i] = mean * scale;
        if (uncertainty_out != NULL) uncertainty_out[i] = uncertainty * scale;
    }
}

void kmi_snapshot_means_float(const kmi_snapshot *self, uint64_t first, size_t n, double scale, float *mean_out,
                              float *uncertainty_out)
{
    double divisor = denominator(self->held.histories);
    size_t i;

    for (i = 0; i < n; i++) {
        double mean, uncertainty;
        mean_of_bin(find_bin(self, first + i), self->held.histories, divisor, &mean, &uncertainty);
        if (mean_out != NULL) mean_out[i] = (float)(mean * scale);
        if (uncertainty_out != NULL) uncertainty_out[i] = (float)(uncertainty * scale);
    }
}
