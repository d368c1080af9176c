#include "kmt.h"

#include <math.h>

#include "scoring/tally.h"

static kmi_scores *new_scores(void)
{
    kmi_scores *s = NULL;
    assert_ok(kmi_scores_new(&s));
    return s;
}

TEST(scores_of_a_bin_within_a_history_are_one_entry_in_order_of_first_touch)
{
    kmi_scores *s = new_scores();

    kmi_scores_add(s, 7, 3);
    kmi_scores_add(s, 2, 5);
    kmi_scores_add(s, 7, 4);
    assert_int_equal(kmi_scores_logged(s), 0);
    assert_ok(kmi_scores_end_history(s, 1, 0));
    kmi_scores_add(s, 2, -9);
    assert_ok(kmi_scores_end_history(s, 1, 1));
    assert_int_equal(kmi_scores_logged(s), 3);
    assert_true(s->log[0].bin == 7 && s->log[0].score == 7);
    assert_true(s->log[1].bin == 2 && s->log[1].score == 5);
    assert_true(s->log[2].bin == 2 && s->log[2].score == -9);
    kmi_scores_clear(s);
    assert_int_equal(kmi_scores_logged(s), 0);
    kmi_scores_destroy(s);
}

TEST(a_discarded_history_leaves_nothing)
{
    kmi_scores *s = new_scores();

    kmi_scores_add(s, 7, 3);
    kmi_scores_discard_history(s);
    kmi_scores_add(s, 8, 1);
    assert_ok(kmi_scores_end_history(s, 1, 0));
    assert_int_equal(kmi_scores_logged(s), 1);
    assert_true(s->log[0].bin == 8 && s->log[0].score == 1);
    kmi_scores_destroy(s);
}

/* A history of many bins, each touched several times, against a plain array. */
PROPERTY(histories_of_any_size_fold_their_bins_like_an_array, 60)
{
    enum { BINS = 5000 };
    static double sum[BINS];
    static int order[BINS];
    kmi_scores *s = new_scores();
    size_t history, i, n;

    for (history = 0; history < 4; history++) {
        size_t touched = 0, start = kmi_scores_logged(s);
        size_t range = 1 + (size_t)(kmi_rng_uniform(rng) * (history % 2 == 0 ? 40 : BINS));
        memset(sum, 0, sizeof sum);
        n = 1 + (size_t)(kmi_rng_uniform(rng) * 3 * (double)range);
        for (i = 0; i < n; i++) {
            size_t bin = (size_t)(kmi_rng_uniform(rng) * (double)range);
            double score = 1 + floor(kmi_rng_uniform(rng) * 1000);
            if (sum[bin] == 0) order[touched++] = (int)bin;
            sum[bin] += score;
            kmi_scores_add(s, 1000003 * bin, score); /* bins far apart and not in order of the hash */
        }
        assert_ok(kmi_scores_end_history(s, seed, history));
        assert_int_equal(kmi_scores_logged(s) - start, touched);
        for (i = 0; i < touched; i++) {
            assert_true(s->log[start + i].bin == 1000003 * (uint64_t)order[i]);
            assert_true((double)s->log[start + i].score == sum[order[i]]);
        }
    }
    kmi_scores_destroy(s);
}

TEST(whole_scores_draw_no_random_number_and_keep_their_value)
{
    static const double values[] = {1, -1, 0x1p40, -0x1p40, 0x1p53 + 2, 0x1.fffffffffffffp61, -0x1.fffffffffffffp61};
    kmi_scores *s = new_scores();
    size_t i;

    for (i = 0; i < sizeof values / sizeof values[0]; i++) kmi_scores_add(s, i, values[i]);
    assert_ok(kmi_scores_end_history(s, 5, 5));
    for (i = 0; i < sizeof values / sizeof values[0]; i++) assert_true((double)s->log[i].score == values[i]);
    kmi_scores_destroy(s);
}

TEST(zeros_are_not_logged)
{
    kmi_scores *s = new_scores();

    kmi_scores_add(s, 1, 0);
    kmi_scores_add(s, 2, 5);
    kmi_scores_add(s, 2, -5);
    assert_ok(kmi_scores_end_history(s, 5, 5));
    assert_int_equal(kmi_scores_logged(s), 0);
    kmi_scores_destroy(s);
}

/* Rounding is a coin with the probability of the fraction: after n histories the sum is n x within
 * 4 standard deviations sqrt(n f (1 - f)). Seeds are fixed. */
TEST(rounding_is_unbiased_for_either_sign)
{
    static const double values[] = {0.1, 0.5, 1.0 / 3, 2.9, -0.1, -0.75, -7.3, 1e-3};
    enum { VALUES = sizeof values / sizeof values[0], HISTORIES = 100000 };
    kmi_scores *s = new_scores();
    double sum[VALUES] = {0};
    uint64_t history;
    size_t i;

    for (history = 0; history < HISTORIES; history++) {
        for (i = 0; i < VALUES; i++) kmi_scores_add(s, i, values[i]);
        assert_ok(kmi_scores_end_history(s, 2024, history));
        for (i = 0; i < kmi_scores_logged(s); i++) {
            double x = values[s->log[i].bin];
            assert_true(fabs((double)s->log[i].score - x) < 1);
            sum[s->log[i].bin] += (double)s->log[i].score;
        }
        kmi_scores_clear(s);
    }
    for (i = 0; i < VALUES; i++) {
        double f = values[i] - floor(values[i]);
        assert_near(sum[i], HISTORIES * values[i], 4 * sqrt(HISTORIES * f * (1 - f)));
    }
    kmi_scores_destroy(s);
}

/* The draw of a bin depends on the number of bins with a fraction before it, on nothing else. */
TEST(rounding_takes_one_uniform_of_the_scoring_stream_per_bin_with_a_fraction)
{
    kmi_scores *s = new_scores();
    uint64_t history;

    for (history = 0; history < 200; history++) {
        kmi_rng rng;
        double first, second;
        kmi_rng_start(&rng, 9, history, KMI_STREAM_SCORING);
        first = kmi_rng_uniform(&rng);
        second = kmi_rng_uniform(&rng);
        kmi_scores_clear(s);
        kmi_scores_add(s, 30, 1.5);
        kmi_scores_add(s, 20, 4); /* no draw */
        kmi_scores_add(s, 10, 7.25);
        assert_ok(kmi_scores_end_history(s, 9, history));
        assert_int_equal(s->log[0].score, 1 + (first < 0.5));
        assert_int_equal(s->log[1].score, 4);
        assert_int_equal(s->log[2].score, 7 + (second < 0.25));
    }
    kmi_scores_destroy(s);
}

TEST(values_out_of_range_lose_their_history_and_no_other)
{
    static const double wrong[] = {0x1p62, -0x1p62, INFINITY, -INFINITY, NAN};
    kmi_scores *s = new_scores();
    size_t i;

    kmi_scores_add(s, 1, 11);
    assert_ok(kmi_scores_end_history(s, 1, 0));
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        kmi_scores_add(s, 4, 1);
        kmi_scores_add(s, 123, wrong[i]);
        assert_fails(kmi_scores_end_history(s, 1, 77), KMA_ERR_RANGE, "history 77");
        kmi_scores_add(s, 123, wrong[i]);
        assert_fails(kmi_scores_end_history(s, 1, 77), KMA_ERR_RANGE, "bin 123");
        assert_int_equal(kmi_scores_logged(s), 1);
    }
    kmi_scores_add(s, 2, 22);
    assert_ok(kmi_scores_end_history(s, 1, 1));
    assert_int_equal(kmi_scores_logged(s), 2);
    assert_true(s->log[0].score == 11 && s->log[1].score == 22);
    kmi_scores_destroy(s);
}

TEST(the_largest_history_fits_and_one_bin_more_is_refused)
{
    kmi_scores *s = new_scores();
    uint64_t bin;

    for (bin = 0; bin < KMI_HISTORY_BINS; bin++) kmi_scores_add(s, 3 * bin, 1);
    for (bin = 0; bin < KMI_HISTORY_BINS; bin++) kmi_scores_add(s, 3 * bin, 1);
    assert_ok(kmi_scores_end_history(s, 1, 0));
    assert_int_equal(kmi_scores_logged(s), KMI_HISTORY_BINS);
    assert_true(s->log[KMI_HISTORY_BINS - 1].bin == 3 * (KMI_HISTORY_BINS - 1));
    assert_true(s->log[KMI_HISTORY_BINS - 1].score == 2);
    for (bin = 0; bin < KMI_HISTORY_BINS + 1; bin++) kmi_scores_add(s, bin, 1);
    assert_fails(kmi_scores_end_history(s, 1, 1), KMA_ERR_RANGE, "more than 32768 bins");
    assert_int_equal(kmi_scores_logged(s), KMI_HISTORY_BINS);
    kmi_scores_destroy(s);
}

TEST(while_it_is_not_nearly_full_the_largest_history_fits)
{
    kmi_scores *s = new_scores();
    uint64_t bin, history = 0;

    while (!kmi_scores_nearly_full(s)) {
        for (bin = 0; bin < KMI_HISTORY_BINS - 1; bin++) kmi_scores_add(s, bin, 1);
        assert_ok(kmi_scores_end_history(s, 1, history++));
    }
    assert_int_equal(history, 4);
    for (bin = 0; bin < KMI_HISTORY_BINS; bin++) kmi_scores_add(s, bin, 1);
    assert_fails(kmi_scores_end_history(s, 1, history), KMA_ERR_INTERNAL, "KMI_LOG_ENTRIES"); /* nobody committed */
    assert_int_equal(kmi_scores_logged(s), 4 * (KMI_HISTORY_BINS - 1));
    kmi_scores_destroy(s);
}

TEST(every_failed_allocation_is_told_and_nothing_leaks)
{
    long n;
    for (n = 1;; n++) {
        kmi_scores *s = NULL;
        kma_status status;
        kmt_fail_allocation(n);
        status = kmi_scores_new(&s);
        kmt_fail_allocation(0);
        if (status == KMA_OK) {
            kmi_scores_destroy(s);
            break;
        }
        assert_fails(status, KMA_ERR_MEMORY, "no memory for a worker's scores");
        assert_null(s);
    }
    assert_int_equal(n, 6); /* five allocations */
    kmi_scores_destroy(NULL);
}
