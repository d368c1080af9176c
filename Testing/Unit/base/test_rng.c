#include "kmt.h"

#include <math.h>

enum { DRAWS = 1000000 };

/* Counter, key, result. */
typedef struct known_answer { uint64_t counter[4], key[2], result[4]; } known_answer;

TEST(blocks_are_the_known_answers_of_philox_4x64_10)
{
    /* Random123's tests/kat_vectors, "philox4x64 10". */
    static const known_answer known[] = {
        {{0, 0, 0, 0},
         {0, 0},
         {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}},
        {{~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0)},
         {~UINT64_C(0), ~UINT64_C(0)},
         {0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}},
        {{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
         {0x452821e638d01377, 0xbe5466cf34e90c6c},
         {0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}},
    };
    size_t i;

    for (i = 0; i < sizeof known / sizeof *known; i++) {
        kmi_rng rng;
        kmi_rng_start(&rng, 0, 0, KMI_STREAM_SOURCE);
        memcpy(rng.counter, known[i].counter, sizeof rng.counter);
        memcpy(rng.key, known[i].key, sizeof rng.key);
        kmi_rng_refill(&rng);
        assert_memory_equal(rng.block, known[i].result, sizeof rng.block);
    }
}

TEST(uniforms_are_never_0_or_1)
{
    kmi_rng rng;

    kmi_rng_start(&rng, 1, 0, KMI_STREAM_SOURCE);
    rng.used = 0;
    rng.block[0] = 0;
    rng.block[1] = ~UINT64_C(0);
    assert_true(kmi_rng_uniform(&rng) == 0x1p-53);
    assert_true(kmi_rng_uniform(&rng) == 1 - 0x1p-53);
}

TEST(the_same_start_gives_the_same_numbers)
{
    kmi_rng a, b;
    int i;

    kmi_rng_start(&a, 7, UINT64_MAX, KMI_STREAM_SCORING);
    memset(&b, 0xa5, sizeof b); /* nothing of before may count */
    kmi_rng_start(&b, 7, UINT64_MAX, KMI_STREAM_SCORING);
    for (i = 0; i < 1000; i++) assert_true(kmi_rng_bits(&a) == kmi_rng_bits(&b));
}

TEST(seeds_histories_streams_and_blocks_have_numbers_of_their_own)
{
    enum { SEEDS = 4, HISTORIES = 16, STREAMS = 5, NUMBERS = 32, ALL = SEEDS * HISTORIES * STREAMS * NUMBERS };
    static uint64_t all[ALL];
    int seed, history, stream, i, j, n = 0;

    for (seed = 0; seed < SEEDS; seed++)
        for (history = 0; history < HISTORIES; history++)
            for (stream = 0; stream < STREAMS; stream++) {
                kmi_rng rng;
                kmi_rng_start(&rng, (uint64_t)seed, (uint64_t)history, (kmi_stream)stream);
                for (i = 0; i < NUMBERS; i++) all[n++] = kmi_rng_bits(&rng);
            }
    assert_int_equal(n, ALL);
    for (i = 0; i < n; i++) /* two of 10240 good numbers of 64 bits agree once in 3e11 */
        for (j = 0; j < i; j++) assert_true(all[i] != all[j]);
}

/* n even classes: 1e6 numbers give n - 1 with a standard deviation of sqrt(2 (n - 1)). */
static void assert_even(const long *counts, int n, double total)
{
    double chi2 = 0;
    int i;

    for (i = 0; i < n; i++) chi2 += (counts[i] - total / n) * (counts[i] - total / n) / (total / n);
    assert_near(chi2, n - 1, 4 * sqrt(2.0 * (n - 1)));
}

/* The j-th number of history after history: how the numbers are used. */
static double across(uint64_t i)
{
    kmi_rng rng;
    kmi_rng_start(&rng, 5, i, KMI_STREAM_TRANSPORT);
    return kmi_rng_uniform(&rng);
}

static void check_moments(int histories)
{
    static long classes[256], pairs[256];
    kmi_rng rng;
    double sum = 0, squares = 0, products = 0, before = 0.5;
    int i;

    memset(classes, 0, sizeof classes);
    memset(pairs, 0, sizeof pairs);
    kmi_rng_start(&rng, 11, 3, KMI_STREAM_TRANSPORT);
    for (i = 0; i < DRAWS; i++) {
        double u = histories ? across((uint64_t)i) : kmi_rng_uniform(&rng);
        assert_true(u > 0 && u < 1);
        sum += u;
        squares += u * u;
        products += (u - 0.5) * (before - 0.5);
        classes[(int)(u * 256)]++;
        if (i % 2 == 1) pairs[16 * (int)(u * 16) + (int)(before * 16)]++;
        before = u;
    }
    /* Of an even distribution: mean 1/2, variance 1/12; that of u^2 is 4/45, of a product of two 1/144. 4 sigma. */
    assert_near(sum / DRAWS, 0.5, 4 * sqrt(1.0 / 12 / DRAWS));
    assert_near(squares / DRAWS, 1.0 / 3, 4 * sqrt(4.0 / 45 / DRAWS));
    assert_near(products / DRAWS, 0, 4 * sqrt(1.0 / 144 / DRAWS));
    assert_even(classes, 256, DRAWS);
    assert_even(pairs, 256, DRAWS / 2);
}

TEST(uniforms_of_one_history_are_even_and_independent)
{
    check_moments(0);
}

TEST(first_uniforms_of_many_histories_are_even_and_independent)
{
    check_moments(1);
}
