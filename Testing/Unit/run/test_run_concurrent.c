/* Calls on one run manager from several threads at once: whatever their order, nobody freezes and nothing is freed early. */
#include "kmt.h"
#include "kmt_scene.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

/* A run manager whose poll function does something once, at its n-th call. */
typedef struct deed {
    kma_run_manager run;
    atomic_int calls;
    int at;
    void (*act)(struct deed *self);
    pthread_t thread;
    bool started;
    atomic_int done;
    kma_status status; /* of what a thread did */
} deed;

static int poll_deed(void *context)
{
    deed *d = context;
    if (atomic_fetch_add(&d->calls, 1) + 1 == d->at) d->act(d);
    return 0;
}

static void make_deed(deed *d, int threads, void (*act)(deed *))
{
    kma_scene scene = kmt_water_scene();
    kma_run_options options;

    memset(d, 0, sizeof *d);
    d->act = act;
    assert_ok(kma_run_options_defaults(&options));
    options.threads = threads;
    options.poll = poll_deed;
    options.poll_context = d;
    assert_ok(kma_run_manager_create(scene, &options, &d->run));
    assert_ok(kma_scene_release(&scene));
}

static void release_it(deed *d)
{
    kma_run_manager name = d->run;
    assert_ok(kma_run_manager_release(&name));
}

static kma_status say_nothing(kma_run_manager run, void *context)
{
    (void)run;
    (void)context;
    return KMA_OK;
}

/* User code with an error of its own: the text of the call around it stays. */
static void fail_a_call(void *context)
{
    (void)context;
    (void)kma_material_create_nist("nonsense", NULL);
}

TEST(releasing_the_last_name_during_initialize_ends_it)
{
    int threads, at, again;

    for (again = 0; again < 2; again++) /* the first initialize, and one that finds its threads there */
        for (threads = 0; threads <= 3; threads++)
            for (at = 1; at <= 4; at++) {
                deed d;
                make_deed(&d, threads, release_it);
                assert_ok(kma_run_manager_on_run_end(d.run, say_nothing, NULL, fail_a_call));
                if (again) assert_ok(kma_run_manager_initialize(d.run));
                d.calls = 0;
                d.at = at;
                assert_fails(kma_run_manager_initialize(d.run), KMA_ERR_CLOSED, "closed");
                wait_for_no_objects();
            }
}

static void *close_it(void *context)
{
    deed *d = context;
    d->status = kma_run_manager_close(d->run);
    atomic_store(&d->done, 1);
    return NULL;
}

static void *shut_down(void *context)
{
    deed *d = context;
    d->status = kma_shutdown();
    atomic_store(&d->done, 1);
    return NULL;
}

static void close_elsewhere(deed *d)
{
    assert_int_equal(pthread_create(&d->thread, NULL, close_it, d), 0);
    d->started = true;
    sleep_ms(20); /* it is in the call by now, or comes to it later: both must do */
}

static void shut_down_elsewhere(deed *d)
{
    assert_int_equal(pthread_create(&d->thread, NULL, shut_down, d), 0);
    d->started = true;
    sleep_ms(20);
}

static void end_during_initialize(void (*act)(deed *))
{
    int threads;

    for (threads = 0; threads <= 2; threads++) {
        deed d;
        kma_status status;
        make_deed(&d, threads, act);
        assert_ok(kma_run_manager_initialize(d.run));
        d.calls = 0;
        d.at = 2;
        status = kma_run_manager_initialize(d.run);
        assert_true(d.started);
        assert_int_equal(pthread_join(d.thread, NULL), 0);
        assert_int_equal(status, KMA_ERR_CLOSED);
        assert_ok(d.status);
        assert_fails(kma_run_manager_initialize(d.run), KMA_ERR_CLOSED, "closed");
        assert_ok(kma_run_manager_release(&d.run));
        kmt_assert_no_live_objects();
    }
}

TEST(a_close_during_initialize_ends_it_and_waits_for_it)
{
    end_during_initialize(close_elsewhere);
}

TEST(a_shutdown_during_initialize_ends_it_and_does_not_freeze)
{
    end_during_initialize(shut_down_elsewhere);
}

typedef struct slow_end { atomic_int begun, ended; } slow_end;

static kma_status end_slowly(kma_run_manager run, const kma_worker *worker, void *context)
{
    slow_end *s = context;
    (void)run;
    (void)worker;
    atomic_fetch_add(&s->begun, 1);
    sleep_ms(50);
    atomic_fetch_add(&s->ended, 1);
    return KMA_OK;
}

TEST(every_close_of_several_waits_until_it_is_closed)
{
    int threads;

    for (threads = 0; threads <= 2; threads++) {
        deed d;
        slow_end s = {0, 0};
        make_deed(&d, threads, NULL);
        assert_ok(kma_run_manager_on_worker_end(d.run, end_slowly, &s, NULL));
        assert_ok(kma_run_manager_initialize(d.run));
        assert_int_equal(pthread_create(&d.thread, NULL, close_it, &d), 0);
        while (atomic_load(&s.begun) == 0) sleep_ms(1);
        assert_ok(kma_run_manager_close(d.run));
        assert_int_equal(atomic_load(&s.ended), threads == 0 ? 1 : threads);
        assert_int_equal(pthread_join(d.thread, NULL), 0);
        assert_ok(d.status);
        assert_ok(kma_run_manager_release(&d.run));
    }
    kmt_assert_no_live_objects();
}

static void close_in_dispose(void *context)
{
    deed *d = context;
    d->status = kma_run_manager_close(d->run);
    atomic_store(&d->done, 1);
}

static kma_status begin_at_once(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    (void)worker;
    (void)context;
    return KMA_OK;
}

TEST(a_close_from_a_dispose_function_is_refused)
{
    int threads;

    for (threads = 0; threads <= 2; threads += 2) {
        deed d;
        make_deed(&d, threads, NULL);
        assert_ok(kma_run_manager_on_worker_begin(d.run, begin_at_once, &d, close_in_dispose));
        assert_ok(kma_run_manager_initialize(d.run));
        assert_ok(kma_run_manager_close(d.run));
        assert_int_equal(atomic_load(&d.done), 1);
        assert_int_equal(d.status, KMA_ERR_BUSY);
        assert_ok(kma_run_manager_release(&d.run));
    }
    kmt_assert_no_live_objects();
}

#if defined(__SANITIZE_THREAD__)
#define THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREAD_SANITIZER 1
#endif
#endif

#ifndef THREAD_SANITIZER /* it does not let a child of fork start threads */
TEST(a_child_of_fork_makes_run_managers_of_its_own_and_shuts_down)
{
    kma_run_manager run = kmt_water_run(2);
    pid_t child;
    int how = 0;

    assert_ok(kma_run_manager_initialize(run)); /* its steward does not exist in the child */
    child = fork();
    if (child == 0) {
        kma_run_manager own;
        alarm(20);
        own = kmt_water_run(2);
        _exit(kma_run_manager_initialize(own) == KMA_OK && kma_run_manager_beam_on(own, 100) == KMA_OK &&
                      kma_shutdown() == KMA_OK
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    assert_ok(kma_run_manager_release(&run));
    wait_for_no_objects();
}
#endif

typedef struct run_end { atomic_int runs_begun, runs_ended; } run_end;

static kma_status count_begin(kma_run_manager run, void *context)
{
    (void)run;
    atomic_fetch_add(&((run_end *)context)->runs_begun, 1);
    return KMA_OK;
}

static kma_status count_end(kma_run_manager run, void *context)
{
    (void)run;
    atomic_fetch_add(&((run_end *)context)->runs_ended, 1);
    return KMA_OK;
}

TEST(a_run_that_close_ends_is_told_to_the_observers_that_saw_it_begin)
{
    int threads;

    for (threads = 0; threads <= 2; threads++) {
        kma_run_manager run = kmt_water_run(threads);
        run_end s = {0, 0};
        assert_ok(kma_run_manager_on_run_begin(run, count_begin, &s, NULL));
        assert_ok(kma_run_manager_on_run_end(run, count_end, &s, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_start(run, 1000000000));
        assert_fails(kma_run_manager_wait(run, 0.01), KMA_ERR_TIMEOUT, "under way");
        assert_ok(kma_run_manager_close(run));
        assert_int_equal(s.runs_begun, 1);
        assert_int_equal(s.runs_ended, 1);
        assert_ok(kma_run_manager_release(&run));
    }
    kmt_assert_no_live_objects();
}

TEST(a_run_that_release_ends_is_told_to_the_observers_that_saw_it_begin)
{
    int threads;

    for (threads = 0; threads <= 2; threads++) {
        kma_run_manager run = kmt_water_run(threads);
        run_end s = {0, 0};
        assert_ok(kma_run_manager_on_run_begin(run, count_begin, &s, NULL));
        assert_ok(kma_run_manager_on_run_end(run, count_end, &s, NULL));
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_start(run, 1000000000));
        assert_fails(kma_run_manager_wait(run, 0.01), KMA_ERR_TIMEOUT, "under way");
        assert_ok(kma_run_manager_release(&run));
        wait_for_no_objects();
        assert_int_equal(s.runs_begun, 1);
        assert_int_equal(s.runs_ended, 1);
    }
}

/* ---- anything, from everywhere ---- */

enum { CALLERS = 4, CALLS = 60 };

typedef struct caller {
    kma_run_manager run; /* a reference of its own */
    uint64_t seed;
    const char *refused; /* a call that returned what it must not */
    kma_status status;
} caller;

static bool is_any_of(kma_status status, const kma_status *allowed)
{
    for (; *allowed != KMA_OK; allowed++)
        if (status == *allowed) return true;
    return status == KMA_OK;
}

static void note(caller *c, const char *call, kma_status status)
{
    static const kma_status allowed[] = {KMA_ERR_STATE, KMA_ERR_BUSY, KMA_ERR_ABORTED, KMA_ERR_TIMEOUT, KMA_ERR_CLOSED,
                                         KMA_OK};
    if (is_any_of(status, allowed) || c->refused != NULL) return;
    c->refused = call;
    c->status = status;
}

static void *call_anything(void *context)
{
    caller *c = context;
    kmi_rng rng;
    int i;

    kmi_rng_start(&rng, c->seed, 0, KMI_STREAM_OBSERVER);
    for (i = 0; i < CALLS && c->refused == NULL; i++) {
        kma_progress progress = {.size = sizeof progress};
        kma_result result = {0};
        switch ((int)(kmi_rng_uniform(&rng) * 10)) {
        case 0:
        case 1: note(c, "initialize", kma_run_manager_initialize(c->run)); break;
        case 2:
        case 3: note(c, "start", kma_run_manager_start(c->run, 3000)); break;
        case 4: note(c, "wait", kma_run_manager_wait(c->run, 0.002)); break;
        case 5: note(c, "beam_on", kma_run_manager_beam_on(c->run, 2000)); break;
        case 6: note(c, "abort", kma_run_manager_abort(c->run)); break;
        case 7: note(c, "progress", kma_run_manager_progress(c->run, &progress)); break;
        case 8: note(c, "snapshot", kma_run_manager_snapshot(c->run, &result)); break;
        default:
            if (i > CALLS / 2) note(c, "close", kma_run_manager_close(c->run));
            break;
        }
        (void)kma_result_release(&result);
    }
    (void)kma_run_manager_release(&c->run);
    return NULL;
}

PROPERTY(random_calls_from_several_threads_end_and_leave_nothing, 8)
{
    int threads;

    (void)rng;
    for (threads = 0; threads <= 2; threads++) {
        pthread_t ids[CALLERS];
        caller callers[CALLERS];
        kma_run_manager run = kmt_water_run(threads);
        int i;

        for (i = 0; i < CALLERS; i++) {
            callers[i] = (caller){run, seed * 100 + (uint64_t)i, NULL, KMA_OK};
            assert_ok(kma_run_manager_retain(run));
        }
        for (i = 0; i < CALLERS; i++) assert_int_equal(pthread_create(&ids[i], NULL, call_anything, &callers[i]), 0);
        assert_ok(kma_run_manager_release(&run));
        for (i = 0; i < CALLERS; i++) assert_int_equal(pthread_join(ids[i], NULL), 0);
        for (i = 0; i < CALLERS; i++)
            assert_true_msg(callers[i].refused == NULL, "%s returned %s", callers[i].refused,
                            kma_status_name(callers[i].status));
        wait_for_no_objects();
    }
}

static void *make_and_drop(void *context)
{
    int i;

    (void)context;
    for (i = 0; i < 30; i++) {
        kma_run_manager run = kmt_water_run(i % 3);
        (void)kma_run_manager_initialize(run);
        (void)kma_run_manager_beam_on(run, 500);
        assert_ok(kma_run_manager_release(&run));
    }
    return NULL;
}

TEST(shutdown_may_come_while_others_make_and_drop_run_managers)
{
    pthread_t ids[2];
    int i;

    for (i = 0; i < 2; i++) assert_int_equal(pthread_create(&ids[i], NULL, make_and_drop, NULL), 0);
    for (i = 0; i < 20; i++) {
        assert_ok(kma_shutdown());
        sleep_ms(3);
    }
    for (i = 0; i < 2; i++) assert_int_equal(pthread_join(ids[i], NULL), 0);
    assert_ok(kma_shutdown());
    kmt_assert_no_live_objects();
}
