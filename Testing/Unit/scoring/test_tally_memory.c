/* What tallies and snapshots cost, counted by an allocator of our own. */
#include "tally_support.h"

#include <malloc.h>
#include <stdatomic.h>

static atomic_llong in_use;

static void *counted_alloc(size_t size, void *context)
{
    void *p = malloc(size);
    (void)context;
    if (p != NULL) atomic_fetch_add(&in_use, (long long)malloc_usable_size(p));
    return p;
}

static void counted_free(void *p, void *context)
{
    (void)context;
    atomic_fetch_sub(&in_use, (long long)malloc_usable_size(p));
    free(p);
}

static void *counted_realloc(void *p, size_t size, void *context)
{
    (void)context;
    if (p != NULL) atomic_fetch_sub(&in_use, (long long)malloc_usable_size(p));
    p = realloc(p, size);
    if (p != NULL) atomic_fetch_add(&in_use, (long long)malloc_usable_size(p));
    return p;
}

static kmi_tally *new_tally(uint64_t bins)
{
    kmi_tally *t = NULL;
    assert_ok(kma_set_allocator(counted_alloc, counted_realloc, counted_free, NULL));
    assert_ok(kmi_tally_new(bins, &t));
    return t;
}

static void score_one(kmi_tally *t, uint64_t bin, uint64_t history)
{
    kmi_scores *scores = NULL;
    kmi_interval interval = {history, history + 1};

    assert_ok(kmi_scores_new(&scores));
    kmi_scores_add(scores, bin, 5);
    assert_ok(kmi_scores_end_history(scores, 1, history));
    assert_ok(kmi_tally_commit(t, interval, scores));
    kmi_scores_destroy(scores);
}

enum { CHUNK_BYTES = 2 << 20 };

TEST(a_tally_of_42_million_bins_costs_nothing_until_bins_are_touched)
{
    kmi_tally *t = new_tally(42000000);

    assert_true(in_use < 100000);
    score_one(t, 41999999, 0);
    /* The first chunk, where the ledger is, and the one of the bin; alignment takes as much again. */
    assert_true(kmi_tally_bytes(t) < 5000000);
    assert_true(in_use < 9000000);
    kmi_tally_destroy(t);
    assert_true(in_use == 0);
}

TEST(a_small_tally_is_small)
{
    kmi_tally *t = new_tally(5);

    score_one(t, 4, 0);
    assert_true(kmi_tally_bytes(t) < 300);
    assert_true(in_use < 10000); /* its locks above all */
    kmi_tally_destroy(t);
    assert_true(in_use == 0);
}

TEST(a_snapshot_shares_its_bins_with_the_tally_and_a_commit_copies_only_what_it_touches)
{
    kmi_tally *t = new_tally(20 * 65536);
    kmi_scores *scores = NULL;
    kmi_snapshot *s = NULL;
    long long before, shared, after;

    assert_ok(kmi_scores_new(&scores));
    play_and_commit(t, scores, 0, 4000, NULL);
    kmi_scores_destroy(scores);
    before = in_use;
    assert_true(before > 20LL * CHUNK_BYTES);
    assert_ok(kmi_tally_snapshot(t, &s));
    shared = in_use;
    assert_true(shared < before + 10000);
    score_one(t, 20 * 65536 - 1, 4000); /* the last chunk; and the first, where the ledger is */
    after = in_use;
    assert_true(after > shared + 2LL * CHUNK_BYTES && after < shared + 5LL * CHUNK_BYTES);
    score_one(t, 20 * 65536 - 1, 4001); /* they are the tally's own now */
    assert_true(in_use == after);
    kmi_snapshot_destroy(s);
    assert_true(in_use < before + 10000); /* what only the snapshot had is gone */
    kmi_tally_destroy(t);
    assert_true(in_use == 0);
}
