#include "tally_support.h"

static kmi_tally *new_tally(uint64_t bins)
{
    kmi_tally *t = NULL;
    assert_ok(kmi_tally_new(bins, &t));
    return t;
}

static kmi_scores *new_scores(void)
{
    kmi_scores *s = NULL;
    assert_ok(kmi_scores_new(&s));
    return s;
}

/* Puts entries into the log without rounding, as if a history of its own had scored each. */
static void log_raw(kmi_scores *s, uint64_t bin, int64_t score)
{
    s->log[s->logged].bin = bin;
    s->log[s->logged++].score = score;
}

static const kmi_interval first_ten = {0, 10}, second_ten = {10, 20};

TEST(sums_are_those_of_plain_arrays_for_tallies_of_all_sizes)
{
    static const uint64_t sizes[] = {1, 3, 63, 64, 65, 4096, 65535, 65536, 65537, 300000};
    kmi_scores *scores = new_scores();
    size_t i;

    for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        kmi_tally *t = new_tally(sizes[i]);
        reference r = reference_new(sizes[i]);
        play_and_commit(t, scores, 0, 5000, &r);
        play_and_commit(t, scores, 5000, 5100, &r);
        assert_tally_holds(t, &r, 5100);
        reference_free(&r);
        kmi_tally_destroy(t);
    }
    kmi_scores_destroy(scores);
}

PROPERTY(any_split_and_any_order_of_commits_gives_the_same_sums, 20)
{
    enum { HISTORIES = 3000, BINS = 150000 };
    kmi_tally *t = new_tally(BINS);
    kmi_scores *scores = new_scores();
    reference r = reference_new(BINS);
    kmi_interval piece[HISTORIES];
    size_t n = 0, i;
    uint64_t begin = 0, h;

    for (h = 0; h < HISTORIES; h++) play_history(h, BINS, scores, &r);
    kmi_scores_clear(scores);
    while (begin < HISTORIES) {
        uint64_t end = begin + 1 + (uint64_t)(kmi_rng_uniform(rng) * 300);
        piece[n].begin = begin;
        begin = piece[n++].end = end < HISTORIES ? end : HISTORIES;
    }
    for (i = n; i > 0; i--) {
        size_t j = (size_t)(kmi_rng_uniform(rng) * (double)i);
        play_and_commit(t, scores, piece[j].begin, piece[j].end, NULL);
        piece[j] = piece[i - 1];
    }
    assert_tally_holds(t, &r, HISTORIES);
    reference_free(&r);
    kmi_scores_destroy(scores);
    kmi_tally_destroy(t);
}

TEST(histories_that_are_held_already_change_nothing)
{
    enum { BINS = 1000 };
    kmi_tally *t = new_tally(BINS);
    kmi_scores *scores = new_scores();
    reference r = reference_new(BINS);
    kmi_interval again = {99, 101}, backwards = {300, 299}, none = {7, 7};

    play_and_commit(t, scores, 0, 100, &r);
    play_history(100, BINS, scores, NULL);
    assert_fails(kmi_tally_commit(t, again, scores), KMA_ERR_INTERNAL, "[99, 101) are held already");
    assert_fails(kmi_tally_commit(t, backwards, scores), KMA_ERR_INTERNAL, "begin <= interval.end");
    assert_fails(kmi_tally_commit(t, none, scores), KMA_ERR_INTERNAL, "logged == 0"); /* scores of no history */
    assert_tally_holds(t, &r, 100);
    kmi_scores_clear(scores);
    assert_ok(kmi_tally_commit(t, none, scores));
    play_and_commit(t, scores, 100, 110, &r);
    assert_tally_holds(t, &r, 110);
    reference_free(&r);
    kmi_scores_destroy(scores);
    kmi_tally_destroy(t);
}

TEST(a_bin_beyond_the_tally_is_refused)
{
    kmi_tally *t = new_tally(100);
    kmi_scores *scores = new_scores();

    log_raw(scores, 5, 1);
    log_raw(scores, 100, 1);
    assert_fails(kmi_tally_commit(t, first_ten, scores), KMA_ERR_INTERNAL, "bin < t->bins");
    kmi_scores_destroy(scores);
    kmi_tally_destroy(t);
}

TEST(a_sum_of_squares_fills_128_bits_and_one_score_more_is_refused_with_its_commit)
{
    static const uint64_t bins[] = {5, 200000}; /* summed in front, and in its range */
    const int64_t largest = (INT64_C(1) << 62) - 1;
    size_t b, i;

    for (b = 0; b < 2; b++) {
        kmi_tally *t = new_tally(300000);
        kmi_scores *scores = new_scores();
        reference r = reference_new(300000);
        char text[64];

        for (i = 0; i < 16; i++) { /* 16 (2^62 - 1)^2 = 2^128 - 2^67 + 16 */
            log_raw(scores, bins[b], i % 2 == 0 ? largest : -largest);
            reference_add(&r, bins[b], i % 2 == 0 ? largest : -largest);
        }
        {
            kmi_interval sixteen = {100, 116};
            assert_ok(kmi_tally_commit(t, sixteen, scores));
        }
        assert_tally_holds(t, &r, 16);
        kmi_scores_clear(scores);
        log_raw(scores, 7, 70);
        log_raw(scores, bins[b], 3);
        log_raw(scores, 150000, -4);
        log_raw(scores, bins[b], -largest);
        log_raw(scores, 8, 80);
        snprintf(text, sizeof text, "bin %llu exceeds 128 bits", (unsigned long long)bins[b]);
        assert_fails(kmi_tally_commit(t, first_ten, scores), KMA_ERR_RANGE, text);
        assert_tally_holds(t, &r, 16);
        /* Other scores still fit, in that bin too. */
        kmi_scores_clear(scores);
        log_raw(scores, 7, 70);
        log_raw(scores, bins[b], 3);
        assert_ok(kmi_tally_commit(t, first_ten, scores));
        reference_add(&r, 7, 70);
        reference_add(&r, bins[b], 3);
        assert_tally_holds(t, &r, 26);
        reference_free(&r);
        kmi_scores_destroy(scores);
        kmi_tally_destroy(t);
    }
}

TEST(large_scores_in_many_bins_are_added_though_the_quick_bound_does_not_clear_them)
{
    enum { BINS = 100000 };
    kmi_tally *t = new_tally(BINS);
    kmi_scores *scores = new_scores();
    reference r = reference_new(BINS);
    kmi_interval many = {0, BINS};
    int64_t i;

    for (i = 0; i < BINS; i++) {
        log_raw(scores, (uint64_t)i, (INT64_C(1) << 61) + i);
        reference_add(&r, (uint64_t)i, (INT64_C(1) << 61) + i);
    }
    assert_ok(kmi_tally_commit(t, many, scores));
    kmi_scores_clear(scores);
    play_and_commit(t, scores, 2 * BINS, 2 * BINS + 500, &r);
    assert_tally_holds(t, &r, BINS + 500);
    reference_free(&r);
    kmi_scores_destroy(scores);
    kmi_tally_destroy(t);
}

/* Each allocation of a commit fails once: in an empty tally, and in one whose chunks a snapshot shares. */
TEST(a_commit_without_memory_changes_nothing_and_can_be_repeated)
{
    enum { BINS = 200000 };
    int shared;

    for (shared = 0; shared < 2; shared++) {
        long n;
        for (n = 1;; n++) {
            kmi_tally *t = new_tally(BINS);
            kmi_scores *scores = new_scores();
            kmi_snapshot *before = NULL;
            reference r = reference_new(BINS);
            kma_status status;

            if (shared) {
                play_and_commit(t, scores, 10, 300, &r);
                assert_ok(kmi_tally_snapshot(t, &before));
            }
            log_raw(scores, 1, 100);
            log_raw(scores, 70000, 200);
            log_raw(scores, 199999, 300);
            kmt_fail_allocation(n);
            status = kmi_tally_commit(t, first_ten, scores);
            kmt_fail_allocation(0);
            if (status != KMA_OK) {
                assert_fails(status, KMA_ERR_MEMORY, "no memory for");
                assert_tally_holds(t, &r, shared ? 290 : 0);
                assert_ok(kmi_tally_commit(t, first_ten, scores));
            }
            reference_add(&r, 1, 100);
            reference_add(&r, 70000, 200);
            reference_add(&r, 199999, 300);
            assert_tally_holds(t, &r, shared ? 300 : 10);
            kmi_snapshot_destroy(before);
            reference_free(&r);
            kmi_scores_destroy(scores);
            kmi_tally_destroy(t);
            if (status == KMA_OK) break;
        }
        assert_int_equal(n, shared ? 7 : 8); /* three chunks of two allocations, the list of intervals once */
    }
}

TEST(without_memory_for_the_exact_way_nothing_changes)
{
    long n;
    for (n = 1;; n++) {
        kmi_tally *t = new_tally(100);
        kmi_scores *scores = new_scores();
        reference r = reference_new(100);
        kma_status status;
        uint64_t i;

        log_raw(scores, 1, 5);
        assert_ok(kmi_tally_commit(t, first_ten, scores));
        reference_add(&r, 1, 5);
        kmi_scores_clear(scores);
        for (i = 0; i < 100; i++) log_raw(scores, i, INT64_C(1) << 61);
        kmt_fail_allocation(n);
        status = kmi_tally_commit(t, second_ten, scores);
        kmt_fail_allocation(0);
        if (status != KMA_OK) assert_tally_holds(t, &r, 10);
        reference_free(&r);
        kmi_scores_destroy(scores);
        kmi_tally_destroy(t);
        if (status == KMA_OK) break;
        assert_fails(status, KMA_ERR_MEMORY, "intervals");
    }
    assert_true(n > 1);
}

TEST(making_a_tally_or_a_snapshot_without_memory_is_told_and_leaks_nothing)
{
    kmi_tally *t = NULL;
    kmi_snapshot *s = NULL;
    kmi_scores *scores = new_scores();
    long n;

    for (n = 1; n <= 2; n++) {
        kmt_fail_allocation(n);
        assert_fails(kmi_tally_new(1000000, &t), KMA_ERR_MEMORY, "no memory for a tally");
        assert_null(t);
    }
    kmt_fail_allocation(0);
    assert_ok(kmi_tally_new(1000000, &t));
    assert_ok(kmi_tally_commit(t, first_ten, scores));
    for (n = 1; n <= 3; n++) {
        kmt_fail_allocation(n);
        assert_fails(kmi_tally_snapshot(t, &s), KMA_ERR_MEMORY, "no memory for");
        assert_null(s);
    }
    kmt_fail_allocation(0);
    kmi_scores_destroy(scores);
    kmi_tally_destroy(t);
    kmi_tally_destroy(NULL);
    kmi_snapshot_destroy(NULL);
}

TEST(more_bins_than_there_can_be_are_refused)
{
    kmi_tally *t = NULL;
    assert_fails(kmi_tally_new(KMI_BINS_MAX + 1, &t), KMA_ERR_RANGE, "4294967297 bins are wanted");
    assert_null(t);
}
