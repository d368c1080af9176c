/* The host of a run: its poll function, its signals, its floating-point environment. */
#include "kmt.h"
#include "kmt_scene.h"

#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/float_env.h"
#include "base/os.h"

static void sleep_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

static kma_run_manager hosted_run(int threads, kma_poll_fn *poll, void *context)
{
    kma_scene scene = kmt_water_scene();
    kma_run_options options;
    kma_run_manager run = {0};

    assert_ok(kma_run_options_defaults(&options));
    options.threads = threads;
    options.seed = 7;
    options.poll = poll;
    options.poll_context = context;
    assert_ok(kma_run_manager_create(scene, &options, &run));
    assert_ok(kma_scene_release(&scene));
    return run;
}

/* ---- how often the host is looked after ---- */

typedef struct gaps { uint64_t last; int calls, late; } gaps;

static int note_gap(void *context)
{
    gaps *g = context;
    uint64_t now = kmi_clock_ns();

    g->calls++;
    /* What is promised and as much again: the machine may give us no processor for a while. */
    if (now - g->last > 40 * UINT64_C(1000000)) g->late++;
    g->last = now;
    return 0;
}

static kma_status take_two_milliseconds(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    (void)worker;
    (void)context;
    sleep_ms(2);
    return KMA_OK;
}

TEST(poll_is_called_at_least_every_20_ms_however_slow_the_observers_are)
{
    int threads;

    for (threads = 0; threads <= 2; threads++) {
        gaps g = {0, 0, 0};
        kma_run_manager run = hosted_run(threads, note_gap, &g);
        uint64_t begun;

        assert_ok(kma_run_manager_on_history_end(run, take_two_milliseconds, NULL, NULL));
        assert_ok(kma_run_manager_initialize(run));
        g = (gaps){kmi_clock_ns(), 0, 0};
        begun = g.last;
        assert_ok(kma_run_manager_beam_on(run, 150));
        assert_true_msg(g.calls >= 5 && (uint64_t)g.calls * 30000000 >= kmi_clock_ns() - begun, "%d calls", g.calls);
        assert_true_msg(g.late * 4 <= g.calls, "%d of %d calls were late", g.late, g.calls);
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
    }
}

TEST(a_serial_run_of_slow_observers_keeps_its_timeout)
{
    kma_run_manager run = hosted_run(0, NULL, NULL);
    uint64_t begun;

    assert_ok(kma_run_manager_on_history_begin(run, take_two_milliseconds, NULL, NULL));
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_start(run, 400));
    begun = kmi_clock_ns();
    assert_fails(kma_run_manager_wait(run, 0.02), KMA_ERR_TIMEOUT, "under way");
    assert_true(kmi_clock_ns() - begun < 400 * UINT64_C(1000000)); /* all 400 take 800 ms at least */
    assert_ok(kma_run_manager_close(run));
    assert_ok(kma_run_manager_release(&run));
}

/* ---- signals ---- */

static atomic_int handled;      /* by the host's handler */
static pthread_t host;          /* the thread that waits */
static atomic_int wrong_thread; /* the handler ran on another one */

static void handle(int signal_number)
{
    (void)signal_number;
    if (!pthread_equal(pthread_self(), host)) atomic_store(&wrong_thread, 1);
    atomic_fetch_add(&handled, 1);
}

typedef struct answer { atomic_int calls_before; uint64_t handled_at, answered_ns; } answer;

static int answer_signal(void *context)
{
    answer *a = context;
    if (atomic_load(&handled) > 0 && a->answered_ns == 0) a->answered_ns = kmi_clock_ns();
    return a->answered_ns != 0; /* as a host does at Ctrl-C */
}

static void *send_signal(void *context)
{
    answer *a = context;
    sleep_ms(60);
    a->handled_at = kmi_clock_ns();
    kill(getpid(), SIGUSR1); /* to the process: the workers must not take it */
    return NULL;
}

TEST(a_signal_is_handled_on_the_waiting_thread_at_once_and_poll_follows)
{
    struct sigaction action, before;
    int threads;

    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    host = pthread_self();
    for (threads = 0; threads <= 2; threads++) {
        answer a;
        pthread_t sender;
        sigset_t blocked, old;
        kma_run_manager run;

        memset(&a, 0, sizeof a);
        run = hosted_run(threads, answer_signal, &a);
        atomic_store(&handled, 0);
        assert_ok(kma_run_manager_initialize(run));
        /* The sender must not take the signal itself: it inherits a mask. */
        sigemptyset(&blocked);
        sigaddset(&blocked, SIGUSR1);
        assert_int_equal(pthread_sigmask(SIG_BLOCK, &blocked, &old), 0);
        assert_int_equal(pthread_create(&sender, NULL, send_signal, &a), 0);
        assert_int_equal(pthread_sigmask(SIG_SETMASK, &old, NULL), 0);
        assert_fails(kma_run_manager_beam_on(run, 1000000000), KMA_ERR_ABORTED, "aborted");
        assert_int_equal(pthread_join(sender, NULL), 0);
        assert_int_equal(atomic_load(&handled), 1);
        assert_int_equal(atomic_load(&wrong_thread), 0);
        assert_true(a.answered_ns - a.handled_at < 100 * UINT64_C(1000000));
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
    }
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
}

static void *signal_this_thread(void *context)
{
    uint64_t *sent_at = context;
    sleep_ms(50);
    *sent_at = kmi_clock_ns();
    pthread_kill(host, SIGUSR1);
    return NULL;
}

typedef struct quick { uint64_t first_after; } quick;

static int note_first_after(void *context)
{
    quick *q = context;
    if (atomic_load(&handled) > 0 && q->first_after == 0) q->first_after = kmi_clock_ns();
    return 0;
}

TEST(poll_follows_a_signal_sooner_than_its_turn)
{
    struct sigaction action, before;
    int sooner = 0, i;

    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    host = pthread_self();
    for (i = 0; i < 9; i++) { /* turns come every 10 ms: nine signals at any moment would wait 5 ms in the middle */
        quick q = {0};
        uint64_t sent_at = 0;
        pthread_t sender;
        kma_run_manager run = hosted_run(1, note_first_after, &q);

        atomic_store(&handled, 0);
        assert_ok(kma_run_manager_on_history_begin(run, take_two_milliseconds, NULL, NULL)); /* the processor is free */
        assert_ok(kma_run_manager_initialize(run));
        assert_int_equal(pthread_create(&sender, NULL, signal_this_thread, &sent_at), 0);
        assert_ok(kma_run_manager_beam_on(run, 60));
        assert_int_equal(pthread_join(sender, NULL), 0);
        assert_true(q.first_after >= sent_at);
        sooner += q.first_after - sent_at < 1000000;
        assert_ok(kma_run_manager_close(run));
        assert_ok(kma_run_manager_release(&run));
    }
    assert_true_msg(sooner >= 6, "only %d of 9 within a millisecond", sooner);
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
}

/* ---- the floating-point environment ---- */

static void spoil(void)
{
    uint32_t mxcsr = 0x1f80u | 0x8040u | 0x4000u; /* flush to zero, denormals are zero, round upward */
    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
    fesetround(FE_UPWARD);
}

static int spoil_in_poll(void *context)
{
    (void)context;
    spoil();
    return 0;
}

static kma_status spoil_in_run(kma_run_manager run, void *context)
{
    (void)run;
    (void)context;
    spoil();
    return KMA_OK;
}

static kma_status spoil_on_worker(kma_run_manager run, const kma_worker *worker, void *context)
{
    (void)run;
    (void)worker;
    (void)context;
    spoil();
    return KMA_OK;
}

TEST(user_code_that_changes_the_floating_point_environment_changes_no_score)
{
    enum { HISTORIES = 5000 };
    char expected[KMA_HASH_SIZE], found[KMA_HASH_SIZE];
    kma_run_manager run = kmt_water_run(0);
    int threads;

    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, HISTORIES));
    kmt_scores_hash(run, expected);
    assert_ok(kma_run_manager_release(&run));
    for (threads = 0; threads <= 2; threads++) {
        kmi_float_env before, after;
        run = hosted_run(threads, spoil_in_poll, NULL);
        assert_ok(kma_run_manager_on_run_begin(run, spoil_in_run, NULL, NULL));
        assert_ok(kma_run_manager_on_run_end(run, spoil_in_run, NULL, NULL));
        assert_ok(kma_run_manager_on_worker_begin(run, spoil_on_worker, NULL, NULL));
        assert_ok(kma_run_manager_on_worker_end(run, spoil_on_worker, NULL, NULL));
        assert_ok(kma_run_manager_on_history_begin(run, spoil_on_worker, NULL, NULL));
        kmi_float_env_enter(&before);
        kmi_float_env_leave(&before);
        assert_ok(kma_run_manager_initialize(run));
        assert_ok(kma_run_manager_beam_on(run, HISTORIES));
        kmt_scores_hash(run, found);
        assert_ok(kma_run_manager_close(run));
        kmi_float_env_enter(&after);
        kmi_float_env_leave(&after);
        assert_int_equal(after.mxcsr & ~0x3fu, before.mxcsr & ~0x3fu); /* but for the flags */
        assert_int_equal(after.x87[0] & 0xffffu, before.x87[0] & 0xffffu);
        assert_string_equal(found, expected);
        assert_ok(kma_run_manager_release(&run));
    }
}

TEST(a_serial_run_leaves_the_hosts_environment_as_it_was)
{
    kma_run_manager run = kmt_water_run(0);
    kmi_float_env host_env, before, after;

    assert_ok(kma_run_manager_on_worker_end(run, spoil_on_worker, NULL, NULL));
    kmi_float_env_enter(&host_env);
    spoil(); /* the host's own choice */
    kmi_float_env_enter(&before);
    kmi_float_env_leave(&before);
    assert_ok(kma_run_manager_initialize(run));
    assert_ok(kma_run_manager_beam_on(run, 1000));
    assert_ok(kma_run_manager_close(run));
    kmi_float_env_enter(&after);
    kmi_float_env_leave(&host_env);
    assert_int_equal(after.mxcsr & ~0x3fu, before.mxcsr & ~0x3fu);
    assert_int_equal(after.x87[0] & 0xffffu, before.x87[0] & 0xffffu);
    assert_ok(kma_run_manager_release(&run));
}
