/* A tally of plain arrays, and histories that are a function of their number. */
#ifndef TALLY_SUPPORT_H
#define TALLY_SUPPORT_H

#include "kmt.h"

#include "scoring/tally.h"

typedef struct reference {
    uint64_t bins;
    kmi_int128 *sum;
    kmi_uint128 *squares;
} reference;

static inline reference reference_new(uint64_t bins)
{
    reference r = {bins, calloc(bins, sizeof(kmi_int128)), calloc(bins, sizeof(kmi_uint128))};
    assert_non_null(r.sum);
    assert_non_null(r.squares);
    return r;
}

static inline void reference_free(reference *r)
{
    free(r->sum);
    free(r->squares);
}

/* To be called once per bin and history. */
static inline void reference_add(reference *r, uint64_t bin, int64_t score)
{
    r->sum[bin] += score;
    r->squares[bin] += (kmi_uint128)((kmi_int128)score * score);
}

static inline void assert_same_sums(const kmi_snapshot *s, const reference *r)
{
    uint64_t bin;
    for (bin = 0; bin < r->bins; bin++) {
        kmi_int128 sum;
        kmi_uint128 squares;
        kmi_snapshot_bin(s, bin, &sum, &squares);
        if (sum != r->sum[bin] || squares != r->squares[bin]) print_error("bin %llu differs\n", (unsigned long long)bin);
        assert_true(sum == r->sum[bin]);
        assert_true(squares == r->squares[bin]);
    }
}

static inline void assert_tally_holds(kmi_tally *t, const reference *r, uint64_t histories)
{
    kmi_snapshot *s = NULL;
    assert_ok(kmi_tally_snapshot(t, &s));
    assert_int_equal(kmi_snapshot_histories(s), histories);
    assert_same_sums(s, r);
    kmi_snapshot_destroy(s);
}

/* A history of 1 to 20 whole scores: in bin 0, in low bins, anywhere. Adds to `r` too unless NULL. */
static inline void play_history(uint64_t history, uint64_t bins, kmi_scores *scores, reference *r)
{
    kmi_rng rng;
    int64_t score[20];
    uint64_t bin[20];
    size_t n, i, j, folded = 0;

    kmi_rng_start(&rng, 11, history, KMI_STREAM_TRANSPORT);
    n = 1 + (size_t)(kmi_rng_uniform(&rng) * 20);
    for (i = 0; i < n; i++) {
        double u = kmi_rng_uniform(&rng), v = kmi_rng_uniform(&rng);
        uint64_t b = i == 0 ? 0 : u < 0.3 ? (uint64_t)(v * 100) % bins : (uint64_t)(v * (double)bins);
        int64_t x = (int64_t)(kmi_rng_uniform(&rng) * 0x1p44) - (INT64_C(1) << 42);
        kmi_scores_add(scores, b, (double)x);
        for (j = 0; j < folded && bin[j] != b; j++) continue;
        if (j == folded) {
            bin[folded] = b;
            score[folded++] = 0;
        }
        score[j] += x;
    }
    assert_ok(kmi_scores_end_history(scores, 11, history));
    for (j = 0; r != NULL && j < folded; j++) reference_add(r, bin[j], score[j]);
}

/* Plays [begin, end) and commits once. */
static inline void play_and_commit(kmi_tally *t, kmi_scores *scores, uint64_t begin, uint64_t end, reference *r)
{
    kmi_interval interval = {begin, end};
    uint64_t h;
    for (h = begin; h < end; h++) play_history(h, kmi_tally_bins(t), scores, r);
    assert_ok(kmi_tally_commit(t, interval, scores));
    kmi_scores_clear(scores);
}

#endif
