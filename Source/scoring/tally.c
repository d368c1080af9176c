/*
 * The tally of a run. A commit counts its log into ranges of bins and adds
 * range by range, a lock per range, all under the shared side of a
 * readers-writer lock; a snapshot takes the other side, so it sees whole
 * commits only. Everything that can fail happens before anything is added.
 *
 * Why no sum overflows: |score| < 2^62 and a history scores once in a bin, so
 * with fewer than 2^64 histories |sum| < 2^126. Squares can, in principle: `bound`
 * is never below any bin's sum of squares, grows by (entries x largest square)
 * with every commit, and while it stays below 2^128 nothing can overflow (at
 * scores of 2^40 quanta: for some 10^12 histories). A commit that it does not
 * clear is added alone, checked bin by bin.
 */
#include "scoring/tally.h"

#include <pthread.h>
#include <string.h>

#include "base/memory.h"
#include "base/os.h"
#include "scoring/chunk.h"
#include "scoring/intervals.h"
#include "scoring/tally_inside.h"

enum {
    FRONT_BINS = 64,       /* the energy ledger and other bins that most histories hit: summed before the lock */
    LEAST_RANGE_SHIFT = 12,
    PREFETCH_AHEAD = 16
};

/* ---- making ---- */

/* On failure those that were not made are zero, which may be destroyed here as if they had been. */
static kma_status make_locks(kmi_tally *t)
{
    kma_status status = KMA_OK;
    pthread_rwlockattr_t attributes;
    int error = pthread_rwlockattr_init(&attributes), i;

    if (error == 0) {
        /* Writers first: snapshots are rare and must not wait for a gap between commits. */
        error = pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
        if (error == 0) error = pthread_rwlock_init(&t->whole, &attributes);
        pthread_rwlockattr_destroy(&attributes);
    }
    if (error != 0) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "a lock could not be made: %s", kmi_errno_text(error)));
    KMI_TRY(kmi_lock_init(&t->held_lock));
    for (i = 0; i < KMI_RANGES; i++) {
        KMI_TRY(kmi_lock_init(&t->range_lock[i]));
        KMI_TRY(kmi_lock_init(&t->chunk_lock[i]));
    }
cleanup:
    return status;
}

kma_status kmi_tally_new(uint64_t bins, kmi_tally **out)
{
    kma_status status = KMA_OK;
    kmi_tally *t = NULL;

    *out = NULL;
    if (bins > KMI_BINS_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_RANGE, "%llu bins are wanted, %llu is the most: use coarser scorers",
                         (unsigned long long)bins, (unsigned long long)KMI_BINS_MAX));
    t = kmi_alloc(sizeof *t);
    if (t == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a tally"));
    t->bins = bins;
    t->chunk_count = (size_t)((bins + KMI_CHUNK_BINS - 1) >> KMI_CHUNK_SHIFT);
    t->range_shift = LEAST_RANGE_SHIFT;
    while (bins > (uint64_t)KMI_RANGES << t->range_shift) t->range_shift++;
    KMI_TRY(make_locks(t));
    t->chunks = kmi_alloc_array(t->chunk_count, sizeof(kmi_chunk *));
    if (t->chunks == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a tally of %llu bins", (unsigned long long)bins));
    *out = t;
    t = NULL;
cleanup:
    kmi_tally_destroy(t);
    return status;
}

void kmi_tally_destroy(kmi_tally *self)
{
    size_t c;
    int i;

    if (self == NULL) return;
    for (c = 0; self->chunks != NULL && c < self->chunk_count; c++) kmi_chunk_release(self->chunks[c]);
    kmi_free(self->chunks);
    kmi_intervals_free(&self->held);
    for (i = 0; i < KMI_RANGES; i++) {
        kmi_lock_destroy(&self->range_lock[i]);
        kmi_lock_destroy(&self->chunk_lock[i]);
    }
    kmi_lock_destroy(&self->held_lock);
    pthread_rwlock_destroy(&self->whole);
    kmi_free(self);
}

uint64_t kmi_tally_bins(const kmi_tally *self)
{
    return self->bins;
}

uint64_t kmi_tally_bytes(kmi_tally *self)
{
    uint64_t bytes = self->chunk_count * sizeof(kmi_chunk *);
    size_t c;

    pthread_rwlock_wrlock(&self->whole);
    for (c = 0; c < self->chunk_count; c++)
        if (self->chunks[c] != NULL) bytes += sizeof(kmi_chunk) + self->chunks[c]->count * sizeof(kmi_bin);
    pthread_rwlock_unlock(&self->whole);
    return bytes;
}

/* ---- committing ---- */

/* A log counted into ranges of bins. */
typedef struct sorted_log {
    kmi_log_entry *entries;          /* by range; within one in order of history */
    size_t start[KMI_RANGES + 1];    /* range r is entries[start[r]..start[r + 1]) */
    uint64_t chunks_touched[KMI_BINS_MAX / KMI_CHUNK_BINS / 64]; /* a bit each */
    kmi_bin front[FRONT_BINS];       /* what the log adds to the first bins: not among the entries */
    kmi_uint128 bound;               /* what the log adds to a sum of squares is not above it */
    bool bounded;                    /* false: above 2^128 */
} sorted_log;

static kmi_uint128 square(int64_t score)
{
    uint64_t size = score < 0 ? (uint64_t)-score : (uint64_t)score;
    return (kmi_uint128)size * size;
}

static kma_status sort_log(const kmi_tally *t, const kmi_scores *scores, sorted_log *out)
{
    kma_status status = KMA_OK;
    const kmi_log_entry *log = scores->log;
    size_t n = scores->logged;
    size_t place[KMI_RANGES] = {0};
    uint64_t largest_bin = 0, largest_size = 0, chunk;
    size_t i, sum = 0;
    unsigned r;

    memset(out->chunks_touched, 0, sizeof out->chunks_touched);
    memset(out->front, 0, sizeof out->front);
    out->entries = scores->sorted;
    for (i = 0; i < n; i++) {
        uint64_t bin = log[i].bin;
        uint64_t size = log[i].score < 0 ? (uint64_t)-log[i].score : (uint64_t)log[i].score;
        if (bin > largest_bin) {
            largest_bin = bin;
            KMI_ASSERT(bin < t->bins);
        }
        if (size > largest_size) largest_size = size;
        if (bin < FRONT_BINS) {
            out->front[bin].sum += log[i].score;
            out->front[bin].squares += (kmi_uint128)size * size; /* 2^17 x 2^124 may wrap: `bounded` is false then */
            continue;
        }
        place[bin >> t->range_shift]++;
        chunk = bin >> KMI_CHUNK_SHIFT;
        out->chunks_touched[chunk >> 6] |= UINT64_C(1) << (chunk & 63);
    }
    KMI_ASSERT(n == 0 || t->bins > 0);
    if (n > 0) out->chunks_touched[0] |= 1; /* for the front */
    out->bounded = !__builtin_mul_overflow((kmi_uint128)largest_size * largest_size, (kmi_uint128)n, &out->bound);
    for (r = 0; r < KMI_RANGES; r++) {
        out->start[r] = sum;
        sum += place[r];
        place[r] = out->start[r];
    }
    out->start[KMI_RANGES] = sum;
    for (i = 0; i < n; i++)
        if (log[i].bin >= FRONT_BINS) out->entries[place[log[i].bin >> t->range_shift]++] = log[i];
cleanup:
    return status;
}

/* Makes a chunk the tally's own: new, or a copy if a snapshot shares it. Other commits may run:
 * a chunk is unshared under its lock once, and no snapshot can begin to share it meanwhile. */
static kma_status own_chunk(kmi_tally *t, size_t index)
{
    kma_status status = KMA_OK;
    kmi_chunk **place = &t->chunks[index];
    uint64_t first = (uint64_t)index << KMI_CHUNK_SHIFT;
    uint64_t count = t->bins - first < KMI_CHUNK_BINS ? t->bins - first : KMI_CHUNK_BINS;
    kmi_chunk *made;

    kmi_lock_take(&t->chunk_lock[index % KMI_RANGES]);
    if (*place == NULL || kmi_chunk_is_shared(*place)) {
        made = *place == NULL ? kmi_chunk_new((uint32_t)count) : kmi_chunk_copy(*place);
        if (made == NULL) {
            status = kmi_fail(KMA_ERR_MEMORY, "no memory for bins %llu to %llu of the tally", (unsigned long long)first,
                              (unsigned long long)(first + count - 1));
        } else {
            kmi_chunk_release(*place);
            *place = made;
        }
    }
    kmi_lock_give(&t->chunk_lock[index % KMI_RANGES]);
    return status;
}

static kma_status own_chunks(kmi_tally *t, const sorted_log *log)
{
    kma_status status = KMA_OK;
    size_t w;

    for (w = 0; w * 64 < t->chunk_count; w++) {
        uint64_t bits = log->chunks_touched[w];
        for (; bits != 0; bits &= bits - 1) KMI_TRY(own_chunk(t, w * 64 + (size_t)__builtin_ctzll(bits)));
    }
cleanup:
    return status;
}

static kmi_bin *bin_at(const kmi_tally *t, uint64_t bin)
{
    return &t->chunks[bin >> KMI_CHUNK_SHIFT]->bins[bin & (KMI_CHUNK_BINS - 1)];
}

/* Under the range's lock, or with the tally to itself. */
static void add_range(kmi_tally *t, const sorted_log *log, unsigned range)
{
    const kmi_log_entry *e = log->entries + log->start[range];
    const kmi_log_entry *end = log->entries + log->start[range + 1];
    size_t b;

    if (range == 0) {
        for (b = 0; b < FRONT_BINS && b < t->bins; b++) {
            bin_at(t, b)->sum += log->front[b].sum;
            bin_at(t, b)->squares += log->front[b].squares;
        }
    }
    for (; e < end; e++) {
        kmi_bin *bin = bin_at(t, e->bin);
        if (end - e > PREFETCH_AHEAD) __builtin_prefetch(bin_at(t, e[PREFETCH_AHEAD].bin), 1);
        bin->sum += e->score;
        bin->squares += square(e->score);
    }
}

/* All ranges, each under its lock. Workers begin at different ranges, so that they seldom meet. */
static void add_all(kmi_tally *t, const sorted_log *log, unsigned first)
{
    unsigned i;

    for (i = 0; i < KMI_RANGES; i++) {
        unsigned range = (first + i) % KMI_RANGES;
        if (log->start[range] == log->start[range + 1] && range != 0) continue;
        kmi_lock_take(&t->range_lock[range]);
        add_range(t, log, range);
        kmi_lock_give(&t->range_lock[range]);
    }
}

/* With the tally to itself: every sum of squares is checked. What was added before the one that
 * does not fit is taken back, exactly. */
static kma_status add_checked(kmi_tally *t, const kmi_scores *scores)
{
    kma_status status = KMA_OK;
    size_t i;

    for (i = 0; i < scores->logged; i++) {
        kmi_bin *bin = bin_at(t, scores->log[i].bin);
        if (__builtin_add_overflow(bin->squares, square(scores->log[i].score), &bin->squares)) {
            bin->squares -= square(scores->log[i].score);
            status = kmi_fail(KMA_ERR_RANGE,
                              "the sum of squares of bin %llu exceeds 128 bits: fewer histories or a larger quantum",
                              (unsigned long long)scores->log[i].bin);
            break;
        }
        bin->sum += scores->log[i].score;
    }
    while (status != KMA_OK && i-- > 0) {
        kmi_bin *bin = bin_at(t, scores->log[i].bin);
        bin->sum -= scores->log[i].score;
        bin->squares -= square(scores->log[i].score);
    }
    return status;
}

/* Takes the histories in and raises the bound. *proved_out: the bound says that no sum overflows;
 * if it does not, nothing was changed. */
static kma_status hold(kmi_tally *t, kmi_interval interval, const sorted_log *log, bool *proved_out)
{
    kma_status status = KMA_OK;
    kmi_uint128 bound;

    kmi_lock_take(&t->held_lock);
    *proved_out = log->bounded && !__builtin_add_overflow(t->bound, log->bound, &bound);
    if (*proved_out) {
        status = kmi_intervals_add(&t->held, interval);
        if (status == KMA_OK) t->bound = bound;
    }
    kmi_lock_give(&t->held_lock);
    return status;
}

/* The slow way, alone: exact where the bound proves nothing. */
static kma_status commit_alone(kmi_tally *t, kmi_interval interval, const kmi_scores *scores, const sorted_log *log)
{
    kma_status status = KMA_OK;
    kmi_intervals held = {0};
    size_t i;

    pthread_rwlock_wrlock(&t->whole);
    KMI_TRY(own_chunks(t, log)); /* again: a snapshot may have come between */
    KMI_TRY(kmi_intervals_copy(&t->held, &held));
    KMI_TRY(kmi_intervals_add(&held, interval));
    KMI_TRY(add_checked(t, scores));
    /* Bins of the log were looked at, the others are as they were. */
    for (i = 0; i < scores->logged; i++)
        if (bin_at(t, scores->log[i].bin)->squares > t->bound) t->bound = bin_at(t, scores->log[i].bin)->squares;
    kmi_intervals_free(&t->held);
    t->held = held;
    memset(&held, 0, sizeof held);
cleanup:
    kmi_intervals_free(&held);
    pthread_rwlock_unlock(&t->whole);
    return status;
}

kma_status kmi_tally_commit(kmi_tally *self, kmi_interval interval, kmi_scores *scores)
{
    kma_status status = KMA_OK;
    sorted_log log;
    bool shared = false, proved = false;

    KMI_ASSERT(interval.begin <= interval.end);
    KMI_ASSERT(interval.begin < interval.end || scores->logged == 0);
    if (interval.begin == interval.end) goto cleanup;
    KMI_TRY(sort_log(self, scores, &log));
    pthread_rwlock_rdlock(&self->whole);
    shared = true;
    KMI_TRY(own_chunks(self, &log));
    KMI_TRY(hold(self, interval, &log, &proved));
    if (proved) {
        if (scores->logged > 0) add_all(self, &log, (unsigned)((interval.begin * UINT64_C(0x9e3779b97f4a7c15)) >> 58));
    } else {
        pthread_rwlock_unlock(&self->whole);
        shared = false;
        KMI_TRY(commit_alone(self, interval, scores, &log));
    }
cleanup:
    if (shared) pthread_rwlock_unlock(&self->whole);
    return status;
}
