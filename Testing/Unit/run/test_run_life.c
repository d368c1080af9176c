/* Lives of run managers: threads that cannot be made, many at once, release while running, shutdown, fork. */
#include "kmt.h"
#include "kmt_scene.h"

#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/thread.h"

static void sleep_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

static void wait_for_no_objects(void)
{
    int i;
    for (i = 0; i < 5000 && kma_live_objects(KMA_KIND_RUN_MANAGER) > 0; i++) sleep_ms(1);
    kmt_assert_no_live_objects();
}

TEST(a_thread_that_cannot_be_created_is_an_error_and_initialize_can_be_called_again)
{
    int k;

    for (k = 1; k <= 5; k++) { /* the steward and four workers */
        kma_run_manager run = kmt_water_run(4);
        kmi_thread_fail_creation(k);
        assert_fails(kma_run_manager_initialize(run), KMA_ERR_THREAD, k == 1 ? "steward" : "of 4 could not be created");
        kmi_thread_fail_creation(0);
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_beam_on(run, 100));
        assert_int_equal(kmt_histories(run), 100);
        assert_ok(kma_run_manager_release(&run));
    }
    wait_for_no_objects();
}

static kma_status fail_to_begin(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    return worker->index == *(int *)context ? (kma_status)77 : KMA_OK;
}

TEST(a_worker_that_fails_to_begin_fails_initialize_with_its_name)
{
    int failing;

    for (failing = 0; failing < 3; failing++) {
        kma_run_manager run = kmt_water_run(3);
        int who = failing;
        char name[32];
        assert_ok(kma_run_manager_on_worker_begin(run, fail_to_begin, &who, NULL));
        assert_int_equal((int)kma_run_manager_initialize(run), 77);
        snprintf(name, sizeof name, "worker %d of 3", failing);
        assert_non_null(strstr(kma_error_message(), name));
        who = -1;
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
    }
}

TEST(releasing_the_last_name_while_it_runs_ends_the_run_in_the_background)
{
    kma_run_manager run = kmt_water_run(2);

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_start(run, 1000000000));
    assert_ok(kma_run_manager_release(&run));
    wait_for_no_objects();
}

TEST(shutdown_ends_everything_and_handles_say_closed)
{
    kma_run_manager a = kmt_water_run(2), b = kmt_water_run(0), c = kmt_water_run(1);

    assert_ok(kma_run_manager_initialize(a));
    assert_ok(kma_run_manager_initialize(b));
    assert_ok(kma_run_manager_start(a, 1000000000));
    assert_ok(kma_run_manager_start(b, 1000));
    assert_ok(kma_shutdown());
    assert_ok(kma_shutdown());
    assert_fails(kma_run_manager_initialize(a), KMA_ERR_CLOSED, "closed");
    assert_fails(kma_run_manager_initialize(b), KMA_ERR_CLOSED, "closed");
    assert_fails(kma_run_manager_initialize(c), KMA_ERR_CLOSED, "closed");
    assert_ok(kma_run_manager_release(&a));
    assert_ok(kma_run_manager_release(&b));
    assert_ok(kma_run_manager_release(&c));
    kmt_assert_no_live_objects();
}

static void *run_one(void *out)
{
    kma_run_manager run = kmt_water_run(2);

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, 5000));
    kmt_scores_hash(run, out);
    assert_ok(kma_run_manager_release(&run));
    return NULL;
}

TEST(many_run_managers_at_once_give_the_same_bits)
{
    enum { N = 8 };
    pthread_t threads[N];
    char hashes[N][KMA_HASH_SIZE];
    int i;

    for (i = 0; i < N; i++) assert_int_equal(pthread_create(&threads[i], NULL, run_one, hashes[i]), 0);
    for (i = 0; i < N; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (i = 1; i < N; i++) assert_string_equal(hashes[0], hashes[i]);
    wait_for_no_objects();
}

static kma_status run_another(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    if (worker->history == 10) run_one(context);
    return KMA_OK;
}

TEST(a_run_manager_may_be_used_inside_of_anothers_callback)
{
    char inner[KMA_HASH_SIZE], direct[KMA_HASH_SIZE];
    int threads;

    run_one(direct);
    for (threads = 0; threads <= 2; threads++) {
        kma_run_manager run = kmt_water_run(threads);
        inner[0] = '\0';
        assert_ok(kma_run_manager_on_history_begin(run, run_another, inner, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_beam_on(run, 1000));
        assert_string_equal(inner, direct);
        assert_ok(kma_run_manager_release(&run));
    }
    wait_for_no_objects();
}

TEST(an_abort_from_another_thread_ends_a_wait)
{
    kma_run_manager run = kmt_water_run(4);
    int i;

    assert_ok(kma_run_manager_initialize(run));
    for (i = 0; i < 20; i++) {
        kma_status status;
        assert_ok(kma_run_manager_start(run, 1000000));
        sleep_ms(i % 3);
        assert_ok(kma_run_manager_abort(run));
        status = kma_run_manager_wait(run, 20);
        assert_int_equal(status, KMA_ERR_ABORTED);
    }
    assert_ok(kma_run_manager_release(&run));
    wait_for_no_objects();
}

TEST(a_child_of_fork_gets_an_error_and_no_freeze)
{
    kma_run_manager run = kmt_water_run(2);
    pid_t child;
    int how = 0;

    assert_ok(kma_run_manager_initialize(run));
    child = fork();
    if (child == 0) {
        alarm(10);
        _exit(kma_run_manager_beam_on(run, 10) == KMA_ERR_FORK && kma_run_manager_close(run) == KMA_ERR_FORK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    assert_ok(kma_run_manager_beam_on(run, 10));
    assert_ok(kma_run_manager_release(&run));
    wait_for_no_objects();
}

TEST(every_allocation_of_a_life_may_fail_once)
{
    int threads;

    for (threads = 0; threads <= 2; threads += 2) {
        long n;
        for (n = 1;; n++) {
            kma_run_manager run = kmt_water_run(threads);
            kma_result result = {0};
            kma_status status;

            kmt_fail_allocation(n);
            status = kma_run_manager_initialize(run);
            if (status == KMA_OK) status = kma_run_manager_beam_on(run, 50);
            if (status == KMA_OK) status = kma_run_manager_snapshot(run, &result);
            if (kmt_allocation_failed())
                assert_int_equal(status, KMA_ERR_MEMORY);
            else
                assert_ok(status);
            n = kmt_allocation_failed() ? n : -1;
            kmt_fail_allocation(0);
            /* Nothing was half made: the same run manager does its work now. */
            if (status != KMA_OK) {
                assert_ok(kma_run_manager_initialize(run));
                assert_ok(kma_run_manager_beam_on(run, 0));
            }
            assert_ok(kma_result_release(&result));
            assert_ok(kma_run_manager_close(run));
            assert_ok(kma_run_manager_release(&run));
            if (n < 0) break;
        }
    }
    kmt_assert_no_live_objects();
}
