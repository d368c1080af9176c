#include "kmt.h"
#include "kmt_scene.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { HISTORIES = 20000 };

static void hash_of(int threads, int calls, char out[KMA_HASH_SIZE])
{
    kma_run_manager run = kmt_water_run(threads);
    int i;

    assert_ok(kma_run_manager_initialize(run));
    for (i = 0; i < calls; i++) assert_ok(kma_run_manager_beam_on(run, HISTORIES / calls));
    assert_int_equal(kmt_histories(run), HISTORIES);
    kmt_scores_hash(run, out);
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
}

TEST(scores_are_the_same_bits_for_any_number_of_threads_and_calls)
{
    char serial[KMA_HASH_SIZE], other[KMA_HASH_SIZE];
    const int threads[] = {1, 2, 3, 7};
    size_t i;

    hash_of(0, 1, serial);
    for (i = 0; i < sizeof threads / sizeof *threads; i++) {
        hash_of(threads[i], 1, other);
        assert_string_equal(serial, other);
    }
    hash_of(2, 2, other);
    assert_string_equal(serial, other);
    hash_of(0, 5, other);
    assert_string_equal(serial, other);
    kmt_assert_no_live_objects();
}

TEST(the_energy_ledger_balances_to_a_quantum_an_entry)
{
    kma_run_manager run = kmt_water_run(2);
    kma_result result = {0};
    kma_result_info info = {.size = sizeof info};

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, HISTORIES));
    assert_ok(kma_run_manager_snapshot(run, &result));
    assert_ok(kma_result_get_info(result, &info));
    assert_near(info.ledger.emitted, HISTORIES * 0.06, 1e-6);
    assert_true(info.ledger.deposited > 0 && info.ledger.escaped > 0 && info.ledger.cut >= 0);
    assert_true(fabs(info.ledger.balance) <= info.ledger.allowed);
    assert_true(info.ledger.allowed < 1e-6 * info.ledger.emitted);
    assert_ok(kma_result_release(&result));
    assert_ok(kma_run_manager_release(&run));
}

TEST(a_result_outlives_its_run_manager_and_does_not_change)
{
    kma_run_manager run = kmt_water_run(0);
    kma_result result = {0};
    kma_result_info before = {.size = sizeof before}, after = {.size = sizeof after};
    double mean = 0, uncertainty = 0;

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, 1000));
    assert_ok(kma_run_manager_snapshot(run, &result));
    assert_ok(kma_result_get_info(result, &before));
    assert_ok(kma_run_manager_beam_on(run, 1000));
    assert_ok(kma_run_manager_release(&run));
    assert_ok(kma_result_get_info(result, &after));
    assert_string_equal(before.scores_hash, after.scores_hash);
    assert_int_equal(after.histories, 1000);
    assert_ok(kma_result_get_values(result, 2, KMA_QUANTITY_ENERGY, 0, 1, &mean, &uncertainty));
    assert_true(mean > 0.005 && mean < 0.06 && uncertainty > 0);
    assert_ok(kma_result_release(&result));
    kmt_assert_no_live_objects();
}

TEST(a_call_in_the_wrong_state_says_what_is_allowed)
{
    kma_run_manager run = kmt_water_run(1);
    kma_run_manager none = {0};

    assert_fails(kma_run_manager_beam_on(run, 10), KMA_ERR_STATE, "call kma_run_manager_initialize");
    assert_fails(kma_run_manager_wait(run, 0), KMA_ERR_STATE, "no run was started");
    assert_ok(kma_run_manager_initialize(run));
    assert_fails(kma_run_manager_start(run, UINT64_MAX), KMA_ERR_RANGE, "2^60");
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_close(run));
    assert_fails(kma_run_manager_initialize(run), KMA_ERR_CLOSED, "closed");
    assert_fails(kma_run_manager_beam_on(run, 10), KMA_ERR_CLOSED, "closed");
    assert_ok(kma_run_manager_release(&run));
    assert_fails(kma_run_manager_initialize(none), KMA_ERR_ARGUMENT, "names nothing");
}

TEST(an_aborted_run_keeps_whole_commits_and_goes_on_to_the_same_bits)
{
    char whole[KMA_HASH_SIZE], resumed[KMA_HASH_SIZE];
    int threads;

    hash_of(0, 1, whole);
    for (threads = 0; threads <= 3; threads++) {
        kma_run_manager run = kmt_water_run(threads);
        kma_status status;
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_start(run, HISTORIES));
        if (threads > 0) while (kmt_histories(run) == 0) {}
        assert_ok(kma_run_manager_abort(run));
        status = kma_run_manager_wait(run, -1);
        assert_true(status == KMA_ERR_ABORTED || status == KMA_OK);
        if (threads == 0) {
            assert_int_equal(status, KMA_ERR_ABORTED);
            assert_int_equal(kmt_histories(run), 0);
        }
        assert_ok(kma_run_manager_beam_on(run, 0)); /* what is missing */
        assert_int_equal(kmt_histories(run), HISTORIES);
        kmt_scores_hash(run, resumed);
        assert_string_equal(whole, resumed);
        assert_ok(kma_run_manager_release(&run));
    }
}

TEST(a_serial_run_pauses_at_its_timeout_and_goes_on)
{
    kma_run_manager run = kmt_water_run(0);
    char whole[KMA_HASH_SIZE], paused[KMA_HASH_SIZE];
    kma_status status;
    int pauses = 0;

    hash_of(0, 1, whole);
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_start(run, HISTORIES));
    assert_fails(kma_run_manager_wait(run, 0), KMA_ERR_TIMEOUT, "still under way");
    while ((status = kma_run_manager_wait(run, 0.002)) == KMA_ERR_TIMEOUT) pauses++;
    assert_int_equal(status, KMA_OK);
    assert_true(pauses > 0);
    kmt_scores_hash(run, paused);
    assert_string_equal(whole, paused);
    assert_ok(kma_run_manager_release(&run));
}

/* ---- poll ---- */

typedef struct poll_state { atomic_int calls; int end_at; } poll_state;

static int poll_now(void *context)
{
    poll_state *s = context;
    return atomic_fetch_add(&s->calls, 1) + 1 == s->end_at;
}

static kma_run_manager polled_run(int threads, poll_state *s)
{
    kma_scene scene = kmt_water_scene();
    kma_run_options options;
    kma_run_manager run = {0};

    assert_ok(kma_run_options_defaults(&options));
    options.threads = threads;
    options.poll = poll_now;
    options.poll_context = s;
    assert_ok(kma_run_manager_create(scene, &options, &run));
    assert_ok(kma_scene_release(&scene));
    return run;
}

TEST(poll_is_called_in_initialize_and_in_the_run_and_can_end_both)
{
    int threads;

    for (threads = 0; threads <= 2; threads += 2) {
        poll_state s = {0, -1};
        kma_run_manager run = polled_run(threads, &s);
        int calls;

        s.end_at = 1;
        assert_fails(kma_run_manager_initialize(run), KMA_ERR_ABORTED, "poll");
        s.end_at = -1;
        assert_ok(kma_run_manager_initialize(run));
        calls = atomic_load(&s.calls);
        assert_true(calls >= 2);
        s.end_at = calls + 3;
        assert_fails(kma_run_manager_beam_on(run, 1000000000), KMA_ERR_ABORTED, "of 1000000000 histories");
        assert_true(kmt_histories(run) > 0);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
    }
}

/* ---- observers ---- */

typedef struct seen {
    atomic_int run_begin, run_end, worker_begin, worker_end, history_begin, history_end, disposed;
    uint64_t fail_at; /* history_end fails there */
    kma_status inside; /* what a forbidden call returned */
} seen;

static kma_status on_run_begin(kma_run_manager run, void *context)
{
    (void)run;
    atomic_fetch_add(&((seen *)context)->run_begin, 1);
    return KMA_OK;
}

static kma_status on_run_end(kma_run_manager run, void *context)
{
    (void)run;
    atomic_fetch_add(&((seen *)context)->run_end, 1);
    return KMA_OK;
}

static kma_status on_worker_begin(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    assert_true(worker->index >= 0 && worker->index < worker->count);
    atomic_fetch_add(&((seen *)context)->worker_begin, 1);
    return KMA_OK;
}

static kma_status on_worker_end(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    (void)worker;
    atomic_fetch_add(&((seen *)context)->worker_end, 1);
    return KMA_OK;
}

static kma_status on_history_begin(kma_run_manager run, const kma_worker *worker, void *context)
{
    seen *s = context;
    if (worker->history == 5) s->inside = kma_run_manager_wait(run, -1);
    atomic_fetch_add(&s->history_begin, 1);
    return KMA_OK;
}

static kma_status on_history_end(kma_run_manager run, const kma_worker *worker, void *context)
{
    seen *s = context;
    (void)run;
    atomic_fetch_add(&s->history_end, 1);
    /* Every history from fail_at on fails, on every worker: the lowest must win. */
    return worker->history >= s->fail_at ? (kma_status)(100 + (int)(worker->history - s->fail_at)) : KMA_OK;
}

static void dispose_seen(void *context)
{
    atomic_fetch_add(&((seen *)context)->disposed, 1);
}

static kma_run_manager observed_run(int threads, seen *s)
{
    kma_run_manager run = kmt_water_run(threads);

    assert_ok(kma_run_manager_on_run_begin(run, on_run_begin, s, dispose_seen));
    assert_ok(kma_run_manager_on_run_end(run, on_run_end, s, dispose_seen));
    assert_ok(kma_run_manager_on_worker_begin(run, on_worker_begin, s, dispose_seen));
    assert_ok(kma_run_manager_on_worker_end(run, on_worker_end, s, dispose_seen));
    assert_ok(kma_run_manager_on_history_begin(run, on_history_begin, s, dispose_seen));
    assert_ok(kma_run_manager_on_history_end(run, on_history_end, s, dispose_seen));
    return run;
}

TEST(observers_are_called_when_they_should_and_disposed_of_once)
{
    int threads;

    for (threads = 0; threads <= 3; threads++) {
        seen s = {.fail_at = UINT64_MAX, .inside = KMA_OK};
        kma_run_manager run = observed_run(threads, &s);
        int workers = threads == 0 ? 1 : threads;

        assert_ok(kma_run_manager_initialize(run));
        assert_int_equal(s.worker_begin, workers);
        assert_fails(kma_run_manager_on_run_begin(run, on_run_begin, &s, dispose_seen), KMA_ERR_STATE, "before the first");
        assert_int_equal(s.disposed, 1); /* also if the call fails */
        assert_ok(kma_run_manager_beam_on(run, 1000));
        assert_ok(kma_run_manager_beam_on(run, 500));
        assert_int_equal(s.run_begin, 2);
        assert_int_equal(s.run_end, 2);
        assert_int_equal(s.history_begin, 1500);
        assert_int_equal(s.history_end, 1500);
        assert_int_equal(s.worker_end, 0);
        assert_int_equal(s.inside, KMA_ERR_BUSY);
        assert_ok(kma_run_manager_close(run));
        assert_int_equal(s.worker_end, workers);
        assert_int_equal(s.disposed, 7);
        assert_ok(kma_run_manager_release(&run));
        assert_int_equal(s.disposed, 7);
    }
}

TEST(of_many_failing_histories_the_lowest_wins_and_all_before_it_are_kept)
{
    int threads;

    for (threads = 0; threads <= 3; threads++) {
        seen s = {.fail_at = 6001, .inside = KMA_OK};
        kma_run_manager run = observed_run(threads, &s);
        char failed[KMA_HASH_SIZE], whole[KMA_HASH_SIZE];

        assert_ok(kma_run_manager_initialize(run));
        assert_int_equal((int)kma_run_manager_beam_on(run, HISTORIES), 100);
        assert_int_equal(kmt_histories(run), 6001);
        kmt_scores_hash(run, failed);
        s.fail_at = UINT64_MAX;
        assert_ok(kma_run_manager_beam_on(run, 0));
        assert_int_equal(kmt_histories(run), HISTORIES);
        kmt_scores_hash(run, failed);
        hash_of(0, 1, whole);
        assert_string_equal(failed, whole);
        assert_ok(kma_run_manager_close(run)); /* release alone would not wait for the last callbacks */
        assert_ok(kma_run_manager_release(&run));
    }
    kmt_assert_no_live_objects();
}

/* ---- an abort from another thread, with observers and four workers ---- */

static kma_status abort_at(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)context;
    if (worker->history == 3000) return kma_run_manager_abort(run);
    return KMA_OK;
}

TEST(a_history_may_ask_for_the_end_of_its_run)
{
    int threads;

    for (threads = 0; threads <= 4; threads += 4) {
        kma_run_manager run = kmt_water_run(threads);
        assert_ok(kma_run_manager_on_history_begin(run, abort_at, NULL, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_fails(kma_run_manager_beam_on(run, 100000000), KMA_ERR_ABORTED, "aborted");
        assert_true(kmt_histories(run) >= 1 && kmt_histories(run) < 100000000);
        assert_ok(kma_run_manager_release(&run));
    }
}

static kma_status abort_at_100(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)context;
    return worker->history == 100 ? kma_run_manager_abort(run) : KMA_OK;
}

TEST(an_abort_ends_a_worker_after_the_history_it_is_in_not_after_its_interval)
{
    int threads;

    for (threads = 0; threads <= 1; threads++) {
        kma_run_manager run = kmt_water_run(threads);
        assert_ok(kma_run_manager_on_history_begin(run, abort_at_100, NULL, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_fails(kma_run_manager_beam_on(run, 4000), KMA_ERR_ABORTED, "101 of 4000");
        assert_int_equal(kmt_histories(run), 101);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
    }
}

/* ---- four workers, observers, and an abort from another thread while the caller waits ---- */

static void *abort_soon(void *run)
{
    struct timespec t = {0, 3000000};
    nanosleep(&t, NULL);
    assert_ok(kma_run_manager_abort(*(kma_run_manager *)run));
    return NULL;
}

TEST(another_thread_aborts_four_observed_workers_and_the_run_goes_on_to_the_same_bits)
{
    seen s = {.fail_at = UINT64_MAX, .inside = KMA_OK};
    kma_run_manager run = observed_run(4, &s);
    char whole[KMA_HASH_SIZE], resumed[KMA_HASH_SIZE];
    int i;

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_start(run, HISTORIES));
    for (i = 0; i < 5; i++) {
        pthread_t thread;
        kma_status status;
        assert_int_equal(pthread_create(&thread, NULL, abort_soon, &run), 0);
        status = kma_run_manager_wait(run, -1);
        assert_true(status == KMA_OK || status == KMA_ERR_ABORTED);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_ok(kma_run_manager_start(run, 0));
    }
    assert_ok(kma_run_manager_wait(run, -1));
    assert_int_equal(kmt_histories(run), HISTORIES);
    assert_int_equal(s.history_end, s.history_begin);
    assert_int_equal(s.run_end, s.run_begin);
    kmt_scores_hash(run, resumed);
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
    hash_of(0, 1, whole);
    assert_string_equal(whole, resumed);
    kmt_assert_no_live_objects();
}

/* ---- failures at the end of a worker's life ---- */

static kma_status fail_in_the_end(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    (void)context;
    return (kma_status)(80 + worker->index);
}

TEST(a_worker_that_fails_in_the_end_is_told_by_close_and_all_is_closed)
{
    int threads;

    for (threads = 0; threads <= 3; threads++) {
        kma_run_manager run = kmt_water_run(threads);
        assert_ok(kma_run_manager_on_worker_end(run, fail_in_the_end, NULL, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_beam_on(run, 100));
        assert_int_equal((int)kma_run_manager_close(run), 80); /* of several the lowest worker's */
        assert_non_null(strstr(kma_error_message(), "an observer of worker end returned"));
        assert_ok(kma_run_manager_close(run));
        assert_fails(kma_run_manager_initialize(run), KMA_ERR_CLOSED, "closed");
        assert_ok(kma_run_manager_release(&run));
    }
    kmt_assert_no_live_objects();
}

static kma_status fail_to_begin(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    (void)worker;
    return *(const int *)context != 0 ? (kma_status)79 : KMA_OK;
}

TEST(a_worker_whose_begin_failed_is_ended_too)
{
    int threads;

    for (threads = 0; threads <= 2; threads++) {
        seen s = {.fail_at = UINT64_MAX};
        int failing = 1, workers = threads == 0 ? 1 : threads;
        kma_run_manager run = kmt_water_run(threads);
        assert_ok(kma_run_manager_on_worker_begin(run, on_worker_begin, &s, NULL));
        assert_ok(kma_run_manager_on_worker_begin(run, fail_to_begin, &failing, NULL));
        assert_ok(kma_run_manager_on_worker_end(run, on_worker_end, &s, NULL));
        assert_int_equal((int)kma_run_manager_initialize(run), 79);
        assert_int_equal(s.worker_begin, s.worker_end);
        failing = 0;
        assert_ok(kma_run_manager_initialize(run));
        assert_int_equal(s.worker_begin, s.worker_end + workers);
        assert_ok(kma_run_manager_close(run));
        assert_int_equal(s.worker_begin, s.worker_end);
        assert_ok(kma_run_manager_release(&run));
    }
}

TEST(a_timeout_that_is_no_number_is_refused)
{
    kma_run_manager run = kmt_water_run(1);

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_start(run, 1000000000));
    assert_fails(kma_run_manager_wait(run, NAN), KMA_ERR_ARGUMENT, "nan");
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
}
