/* Do counts follow what is expected? */
#ifndef CHI_SQUARE_H
#define CHI_SQUARE_H

#include <math.h>

#include "kmt.h"

/* Of n classes, with probabilities that sum to 1: Pearson's sum has the mean n - 1 and the standard deviation
 * sqrt(2 (n - 1)); for more than 30 classes it is nearly normal. It is to lie within 4 of them, for the fixed seeds
 * of the tests. A class of probability 0 is to be empty; those that expect less than 20 are counted as one. */
static inline void assert_follows(const long *counts, const double *probability, int n)
{
    double total = 0, sum = 0, sum_of_probability = 0, rare = 0, expected_rare = 0;
    int i, classes = 0;

    for (i = 0; i < n; i++) total += (double)counts[i];
    for (i = 0; i < n; i++) {
        double expected = total * probability[i];
        sum_of_probability += probability[i];
        if (probability[i] == 0) {
            assert_int_equal(counts[i], 0);
            continue;
        }
        if (expected < 20) {
            rare += (double)counts[i];
            expected_rare += expected;
            continue;
        }
        sum += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
        classes++;
    }
    if (expected_rare > 0) {
        sum += (rare - expected_rare) * (rare - expected_rare) / expected_rare;
        classes++;
    }
    assert_true(classes > 1);
    assert_near(sum_of_probability, 1, 1e-9);
    assert_near(sum, classes - 1, 4 * sqrt(2.0 * (classes - 1)));
}

static inline void assert_even(const long *counts, int n)
{
    double probability[4096];
    int i;

    assert_true(n <= 4096);
    for (i = 0; i < n; i++) probability[i] = 1.0 / n;
    assert_follows(counts, probability, n);
}

/* The class of x in [low, high] cut into n, and a failed test if it is outside. */
static inline int class_of(double x, double low, double high, int n)
{
    int i = (int)((x - low) / (high - low) * n);

    assert_true_msg(x >= low && x <= high, "%.17g is outside of %.17g .. %.17g", x, low, high);
    return i < n ? i : n - 1;
}

#endif
