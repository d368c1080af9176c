/* Commits and snapshots at once. */
#include "tally_support.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    THREADS = 4,
    BINS = 200000,
    COUNT_BIN = 10,         /* every history scores 1 here ... */
    FAR_COUNT_BIN = 199990, /* ... and here, in another chunk and range */
    PIECE = 50,
    PIECES = 60             /* each thread's */
};

typedef struct player {
    pthread_t thread;
    kmi_tally *tally;
    unsigned number;
    atomic_uint *running;
    kma_status status;
} player;

static kma_status play_piece(kmi_tally *t, kmi_scores *scores, uint64_t begin)
{
    kma_status status = KMA_OK;
    kmi_interval interval = {begin, begin + PIECE};
    uint64_t h;

    for (h = interval.begin; h < interval.end; h++) {
        kmi_rng rng;
        int i;
        kmi_rng_start(&rng, 3, h, KMI_STREAM_TRANSPORT);
        kmi_scores_add(scores, COUNT_BIN, 1);
        kmi_scores_add(scores, FAR_COUNT_BIN, 1);
        for (i = 0; i < 8; i++)
            kmi_scores_add(scores, COUNT_BIN + 1 + (uint64_t)(kmi_rng_uniform(&rng) * (BINS - 100)),
                           kmi_rng_uniform(&rng) * 1e6);
        KMI_TRY(kmi_scores_end_history(scores, 3, h));
    }
    KMI_TRY(kmi_tally_commit(t, interval, scores));
    kmi_scores_clear(scores);
cleanup:
    return status;
}

/* Pieces number, number + THREADS, ...: the threads' intervals interleave. */
static void *play(void *context)
{
    player *p = context;
    kmi_scores *scores = NULL;
    unsigned i;

    p->status = kmi_scores_new(&scores);
    for (i = 0; i < PIECES && p->status == KMA_OK; i++)
        p->status = play_piece(p->tally, scores, (uint64_t)(i * THREADS + p->number) * PIECE);
    kmi_scores_destroy(scores);
    atomic_fetch_sub(p->running, 1);
    return NULL;
}

TEST(snapshots_during_commits_see_whole_commits_and_the_end_is_that_of_one_thread)
{
    kmi_tally *together = NULL, *alone = NULL;
    kmi_snapshot *a = NULL, *b = NULL;
    kmi_scores *scores = NULL;
    player players[THREADS];
    atomic_uint running = THREADS;
    unsigned i, looks = 0;
    uint64_t bin;

    assert_ok(kmi_tally_new(BINS, &together));
    for (i = 0; i < THREADS; i++) {
        players[i].tally = together;
        players[i].number = i;
        players[i].running = &running;
        assert_int_equal(pthread_create(&players[i].thread, NULL, play, &players[i]), 0);
    }
    do {
        kmi_int128 sum, far_sum;
        kmi_uint128 squares, far_squares;
        uint64_t histories, held = 0;
        size_t k;

        assert_ok(kmi_tally_snapshot(together, &a));
        histories = kmi_snapshot_histories(a);
        kmi_snapshot_bin(a, COUNT_BIN, &sum, &squares);
        kmi_snapshot_bin(a, FAR_COUNT_BIN, &far_sum, &far_squares);
        assert_int_equal(histories % PIECE, 0);
        assert_true(sum == (kmi_int128)histories && squares == histories);
        assert_true(far_sum == (kmi_int128)histories && far_squares == histories);
        for (k = 0; k < kmi_snapshot_interval_count(a); k++)
            held += kmi_snapshot_interval(a, k).end - kmi_snapshot_interval(a, k).begin;
        assert_int_equal(held, histories);
        kmi_snapshot_destroy(a);
        looks++;
    } while (atomic_load(&running) > 0);
    for (i = 0; i < THREADS; i++) {
        pthread_join(players[i].thread, NULL);
        assert_int_equal(players[i].status, KMA_OK);
    }
    assert_true(looks > 0);

    assert_ok(kmi_tally_new(BINS, &alone));
    assert_ok(kmi_scores_new(&scores));
    for (i = 0; i < THREADS * PIECES; i++) assert_ok(play_piece(alone, scores, (uint64_t)i * PIECE));
    assert_ok(kmi_tally_snapshot(together, &a));
    assert_ok(kmi_tally_snapshot(alone, &b));
    assert_int_equal(kmi_snapshot_histories(a), THREADS * PIECES * PIECE);
    assert_int_equal(kmi_snapshot_interval_count(a), 1);
    for (bin = 0; bin < BINS; bin++) {
        kmi_int128 sum_a, sum_b;
        kmi_uint128 squares_a, squares_b;
        kmi_snapshot_bin(a, bin, &sum_a, &squares_a);
        kmi_snapshot_bin(b, bin, &sum_b, &squares_b);
        assert_true(sum_a == sum_b && squares_a == squares_b);
    }
    kmi_snapshot_destroy(a);
    kmi_snapshot_destroy(b);
    kmi_scores_destroy(scores);
    kmi_tally_destroy(alone);
    kmi_tally_destroy(together);
}
