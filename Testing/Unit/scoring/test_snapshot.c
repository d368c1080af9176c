#include "tally_support.h"

#include <math.h>

/* One history per value, all in one bin of a tally of `bins`. */
static kmi_snapshot *snapshot_of(uint64_t bins, uint64_t bin, const double *values, size_t n)
{
    kmi_tally *t = NULL;
    kmi_scores *scores = NULL;
    kmi_snapshot *s = NULL;
    kmi_interval interval = {0, n};
    size_t i;

    assert_ok(kmi_tally_new(bins, &t));
    assert_ok(kmi_scores_new(&scores));
    for (i = 0; i < n; i++) {
        kmi_scores_add(scores, bin, values[i]);
        assert_ok(kmi_scores_end_history(scores, 1, i));
    }
    assert_ok(kmi_tally_commit(t, interval, scores));
    assert_ok(kmi_tally_snapshot(t, &s));
    kmi_scores_destroy(scores);
    kmi_tally_destroy(t); /* the snapshot lives on */
    return s;
}

TEST(mean_and_uncertainty_are_those_of_the_textbook)
{
    /* 1..10: mean 5.5, variance of the mean (10 * 385 - 55^2) / (10^2 * 9) = 11/12 */
    static const double values[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    kmi_snapshot *s = snapshot_of(100, 3, values, 10);
    double mean, uncertainty;

    kmi_snapshot_mean(s, 3, &mean, &uncertainty);
    assert_true(mean == 5.5);
    assert_near(uncertainty, sqrt(11.0 / 12), 1e-16);
    kmi_snapshot_destroy(s);
}

/* Variance does not know an offset; in double N sum(x2) would need 2 * 50 + 7 bits. */
TEST(an_offset_of_2_to_the_50_leaves_the_uncertainty_the_same_to_the_last_bit)
{
    double values[10];
    double mean, uncertainty, plain_mean, plain_uncertainty;
    kmi_snapshot *s, *plain;
    int i;

    for (i = 0; i < 10; i++) values[i] = 1 + i;
    plain = snapshot_of(100, 3, values, 10);
    for (i = 0; i < 10; i++) values[i] += 0x1p50;
    s = snapshot_of(100, 3, values, 10);
    kmi_snapshot_mean(plain, 3, &plain_mean, &plain_uncertainty);
    kmi_snapshot_mean(s, 3, &mean, &uncertainty);
    assert_true(mean == 0x1p50 + 5.5);
    assert_true(uncertainty == plain_uncertainty);
    kmi_snapshot_destroy(s);
    kmi_snapshot_destroy(plain);
}

TEST(a_constant_score_has_uncertainty_exactly_zero)
{
    enum { N = 100003 };
    static double values[N];
    kmi_snapshot *s;
    double mean, uncertainty;
    int i;

    for (i = 0; i < N; i++) values[i] = 0x1p41 + 12345;
    s = snapshot_of(70000, 69999, values, N);
    kmi_snapshot_mean(s, 69999, &mean, &uncertainty);
    assert_true(mean == 0x1p41 + 12345);
    assert_true(uncertainty == 0);
    kmi_snapshot_destroy(s);
}

TEST(one_history_has_infinite_uncertainty_where_it_scored_and_none_elsewhere)
{
    static const double value = 7;
    kmi_snapshot *s = snapshot_of(10, 3, &value, 1);
    double mean, uncertainty;

    kmi_snapshot_mean(s, 3, &mean, &uncertainty);
    assert_true(mean == 7 && uncertainty == INFINITY);
    kmi_snapshot_mean(s, 4, &mean, &uncertainty);
    assert_true(mean == 0 && uncertainty == 0);
    kmi_snapshot_destroy(s);
    s = snapshot_of(10, 3, NULL, 0);
    kmi_snapshot_mean(s, 3, &mean, &uncertainty);
    assert_true(mean == 0 && uncertainty == 0);
    assert_int_equal(kmi_snapshot_interval_count(s), 0);
    assert_int_equal(kmi_snapshot_bins(s), 10);
    kmi_snapshot_destroy(s);
}

TEST(arrays_hold_the_same_values_as_single_bins_across_chunks)
{
    enum { BINS = 140000, FIRST = 65000, COUNT = 70000 };
    static double means[COUNT], uncertainties[COUNT], alone[COUNT];
    static float float_means[COUNT], float_uncertainties[COUNT];
    kmi_tally *t = NULL;
    kmi_scores *scores = NULL;
    kmi_snapshot *s = NULL;
    size_t i, scored = 0;

    assert_ok(kmi_tally_new(BINS, &t));
    assert_ok(kmi_scores_new(&scores));
    play_and_commit(t, scores, 0, 4000, NULL);
    assert_ok(kmi_tally_snapshot(t, &s));
    kmi_snapshot_means(s, FIRST, COUNT, 0x1p-40, means, uncertainties);
    kmi_snapshot_means(s, FIRST, COUNT, 0x1p-40, NULL, alone);
    kmi_snapshot_means_float(s, FIRST, COUNT, 0x1p-40, float_means, float_uncertainties);
    for (i = 0; i < COUNT; i++) {
        double mean, uncertainty;
        kmi_snapshot_mean(s, FIRST + i, &mean, &uncertainty);
        assert_true(means[i] == mean * 0x1p-40 && uncertainties[i] == uncertainty * 0x1p-40);
        assert_true(alone[i] == uncertainties[i]);
        assert_true(float_means[i] == (float)means[i] && float_uncertainties[i] == (float)uncertainties[i]);
        scored += mean != 0;
    }
    assert_true(scored > 1000);
    kmi_snapshot_destroy(s);
    kmi_scores_destroy(scores);
    kmi_tally_destroy(t);
}

TEST(a_snapshot_keeps_its_sums_while_the_tally_goes_on)
{
    enum { BINS = 140000 };
    kmi_tally *t = NULL;
    kmi_scores *scores = NULL;
    kmi_snapshot *early = NULL, *late = NULL;
    reference then, now;
    uint64_t i;

    assert_ok(kmi_tally_new(BINS, &t));
    assert_ok(kmi_scores_new(&scores));
    then = reference_new(BINS);
    play_and_commit(t, scores, 0, 500, &then);
    assert_ok(kmi_tally_snapshot(t, &early));
    now = reference_new(BINS);
    for (i = 0; i < BINS; i++) {
        now.sum[i] = then.sum[i];
        now.squares[i] = then.squares[i];
    }
    play_and_commit(t, scores, 600, 1100, &now);
    assert_ok(kmi_tally_snapshot(t, &late));
    kmi_tally_destroy(t);
    assert_same_sums(early, &then);
    assert_int_equal(kmi_snapshot_histories(early), 500);
    assert_int_equal(kmi_snapshot_interval_count(early), 1);
    kmi_snapshot_destroy(early);
    assert_same_sums(late, &now);
    assert_int_equal(kmi_snapshot_histories(late), 1000);
    assert_int_equal(kmi_snapshot_interval_count(late), 2);
    assert_int_equal(kmi_snapshot_interval(late, 1).begin, 600);
    assert_int_equal(kmi_snapshot_interval(late, 1).end, 1100);
    kmi_snapshot_destroy(late);
    reference_free(&then);
    reference_free(&now);
    kmi_scores_destroy(scores);
}
