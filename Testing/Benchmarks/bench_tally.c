/*
 * What a score costs: histories of 6 scores, 4 of them in random bins and 2 in the ledger, added,
 * rounded, logged and committed whenever the log is nearly full.
 *
 *     bench_tally [repeats]
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/os.h"
#include "scoring/tally.h"

enum { HISTORIES = 1000000, SCORES = 6, THREADS_MAX = 2 };

typedef struct worker {
    pthread_t thread;
    kmi_tally *tally;
    uint64_t begin, end;
    uint64_t add_ns, commit_ns;
    int failed;
} worker;

static uint64_t random_bits(uint64_t *state) /* xorshift64*: cheap beside what is measured */
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

static void *work(void *context)
{
    worker *w = context;
    kmi_scores *scores = NULL;
    uint64_t bins = kmi_tally_bins(w->tally), state = w->begin * 2 + 1, h;
    kmi_interval interval = {w->begin, w->begin};
    uint64_t start = kmi_clock_ns(), now;

    if (kmi_scores_new(&scores) != KMA_OK) {
        w->failed = 1;
        return NULL;
    }
    for (h = w->begin; h < w->end; h++) {
        int i;
        kmi_scores_add(scores, 0, 0x1p39);
        for (i = 0; i < SCORES - 2; i++) {
            uint64_t r = random_bits(&state);
            uint64_t bin = (uint64_t)(((kmi_uint128)r * bins) >> 64);
            kmi_scores_add(scores, bin, (double)(r & 0xffffffffff) * 1.0009765625);
        }
        kmi_scores_add(scores, 1, 0x1p38 + 0.5);
        w->failed |= kmi_scores_end_history(scores, 1, h) != KMA_OK;
        if (kmi_scores_nearly_full(scores) || h + 1 == w->end) {
            interval.end = h + 1;
            now = kmi_clock_ns();
            w->add_ns += now - start;
            w->failed |= kmi_tally_commit(w->tally, interval, scores) != KMA_OK;
            start = kmi_clock_ns();
            w->commit_ns += start - now;
            kmi_scores_clear(scores);
            interval.begin = h + 1;
        }
    }
    kmi_scores_destroy(scores);
    return NULL;
}

static int run(uint64_t bins, int threads)
{
    worker w[THREADS_MAX] = {{0}};
    kmi_tally *tally = NULL;
    int i, round, failed = 0;

    if (kmi_tally_new(bins, &tally) != KMA_OK) return 1;
    for (round = 0; round < 2; round++) { /* the first makes the chunks */
        uint64_t start = kmi_clock_ns(), add = 0, commit = 0, elapsed;
        for (i = 0; i < threads; i++) {
            w[i].tally = tally;
            w[i].begin = ((uint64_t)round * (uint64_t)threads + (uint64_t)i) * HISTORIES;
            w[i].end = w[i].begin + HISTORIES;
            w[i].add_ns = w[i].commit_ns = 0;
            if (pthread_create(&w[i].thread, NULL, work, &w[i]) != 0) return 1;
        }
        for (i = 0; i < threads; i++) {
            pthread_join(w[i].thread, NULL);
            add += w[i].add_ns;
            commit += w[i].commit_ns;
            failed |= w[i].failed;
        }
        elapsed = kmi_clock_ns() - start;
        printf("%9llu bins, %d thread%s, %s: %5.1f ns a score (of one thread: adding and rounding %4.1f, commit %4.1f)\n",
               (unsigned long long)bins, threads, threads == 1 ? " " : "s", round == 0 ? "first touch" : "later      ",
               (double)elapsed / HISTORIES / SCORES / threads, (double)add / HISTORIES / SCORES / threads,
               (double)commit / HISTORIES / SCORES / threads);
    }
    kmi_tally_destroy(tally);
    return failed;
}

int main(int argc, char **argv)
{
    static const uint64_t sizes[] = {100, 243000, 42000000};
    int repeats = argc > 1 ? atoi(argv[1]) : 1;
    int failed = 0;
    size_t i;

    for (; repeats > 0; repeats--)
        for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) failed |= run(sizes[i], 1) | run(sizes[i], 2);
    if (failed) printf("failed: %s\n", kma_error_message());
    return failed;
}
