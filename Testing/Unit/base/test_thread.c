#include "kmt.h"

#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>
#include <xmmintrin.h>

#include "base/float_env.h"
#include "base/thread.h"

/* FTZ, DAZ, rounding upward: Intel SDM volume 1, figure 10-3. */
#define HOST_MXCSR (0x1f80u | 0x8000u | 0x0040u | 0x4000u)

typedef struct seen {
    int value;
    char name[16];
    sigset_t blocked;
    unsigned mxcsr;
    int rounding;
    size_t stack;
} seen;

static void look_around(void *context)
{
    seen *s = context;
    pthread_attr_t attributes;

    s->value = 42;
    s->mxcsr = _mm_getcsr();
    s->rounding = fegetround();
    pthread_getname_np(pthread_self(), s->name, sizeof s->name);
    pthread_sigmask(SIG_SETMASK, NULL, &s->blocked);
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
    pthread_attr_getstacksize(&attributes, &s->stack);
    pthread_attr_destroy(&attributes);
}

TEST(a_thread_runs_with_its_context_and_its_name_cut_at_15)
{
    kmi_thread t;
    seen s = {0};

    assert_ok(kmi_thread_start(&t, "worker 1 of a very long row", look_around, &s));
    kmi_thread_join(&t);
    assert_int_equal(s.value, 42);
    assert_string_equal(s.name, "worker 1 of a v");
    assert_true(s.stack >= 4u << 20);
    kmi_thread_join(&t); /* joined already: nothing to wait for */
}

TEST(a_thread_does_not_inherit_the_hosts_floating_point_environment)
{
    kmi_thread t;
    seen s = {0};
    kma_status status;
    unsigned before = _mm_getcsr(), after;

    _mm_setcsr(HOST_MXCSR);
    status = kmi_thread_start(&t, "worker", look_around, &s);
    after = _mm_getcsr();
    _mm_setcsr(before);
    assert_ok(status);
    kmi_thread_join(&t);
    assert_int_equal(after, HOST_MXCSR);
    assert_int_equal(s.mxcsr & ~0x3fu, 0x1f80u);
    assert_int_equal(s.rounding, FE_TONEAREST);
}

TEST(a_thread_blocks_every_signal_but_faults_and_its_creator_blocks_none_more)
{
    const int blocked[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGUSR1, SIGUSR2, SIGCHLD, SIGPIPE, SIGPROF, SIGABRT,
                           SIGWINCH};
    const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
    kmi_thread t;
    seen s = {0};
    sigset_t mine;
    size_t i;
    int number;

    assert_ok(kmi_thread_start(&t, "worker", look_around, &s));
    kmi_thread_join(&t);
    for (i = 0; i < sizeof blocked / sizeof *blocked; i++) assert_int_equal(sigismember(&s.blocked, blocked[i]), 1);
    for (number = SIGRTMIN; number <= SIGRTMAX; number++) assert_int_equal(sigismember(&s.blocked, number), 1);
    for (i = 0; i < sizeof faults / sizeof *faults; i++) assert_int_equal(sigismember(&s.blocked, faults[i]), 0);
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    for (i = 0; i < sizeof blocked / sizeof *blocked; i++) assert_int_equal(sigismember(&mine, blocked[i]), 0);
}

static atomic_int handled;
static atomic_int handled_elsewhere;
static pthread_t host;

static void count_signal(int number)
{
    (void)number;
    if (!pthread_equal(pthread_self(), host)) atomic_fetch_add(&handled_elsewhere, 1);
    atomic_fetch_add(&handled, 1);
}

static atomic_bool stop;

static void spin(void *context)
{
    (void)context;
    while (!atomic_load(&stop)) usleep(100);
}

TEST(signals_to_the_process_are_handled_on_the_hosts_thread_while_workers_come_and_go)
{
    struct sigaction action = {0}, before;
    int round;

    host = pthread_self();
    atomic_store(&handled, 0);
    atomic_store(&handled_elsewhere, 0);
    action.sa_handler = count_signal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, &before);
    for (round = 0; round < 20; round++) {
        kmi_thread t[3];
        int i, k;

        atomic_store(&stop, false);
        for (i = 0; i < 3; i++) {
            kill(getpid(), SIGUSR1);
            assert_ok(kmi_thread_start(&t[i], "worker", spin, NULL));
        }
        for (k = 0; k < 10; k++) kill(getpid(), SIGUSR1);
        atomic_store(&stop, true);
        for (i = 0; i < 3; i++) kmi_thread_join(&t[i]);
    }
    sigaction(SIGUSR1, &before, NULL);
    assert_true(atomic_load(&handled) >= 20); /* equal pending signals merge */
    assert_int_equal(atomic_load(&handled_elsewhere), 0);
}

TEST(the_kth_creation_fails_once_when_a_test_asks_for_it)
{
    kmi_thread t[4];
    seen s[4] = {{0}};
    int i;

    kmi_thread_fail_creation(3);
    assert_ok(kmi_thread_start(&t[0], "worker 0", look_around, &s[0]));
    assert_ok(kmi_thread_start(&t[1], "worker 1", look_around, &s[1]));
    assert_fails(kmi_thread_start(&t[2], "worker 2", look_around, &s[2]), KMA_ERR_THREAD,
                 "thread 'worker 2' could not be started: Resource temporarily unavailable");
    assert_ok(kmi_thread_start(&t[3], "worker 3", look_around, &s[3]));
    for (i = 0; i < 4; i++) kmi_thread_join(&t[i]); /* the one that never was is fine */
    assert_int_equal(s[2].value, 0);
    assert_int_equal(s[3].value, 42);
}

static atomic_int detached_done;

static void mark_done(void *context)
{
    (void)context;
    atomic_store(&detached_done, 1);
}

TEST(a_detached_thread_ends_by_itself)
{
    kmi_thread t;
    uint64_t deadline = kmi_deadline(UINT64_C(10000000000));

    atomic_store(&detached_done, 0);
    assert_ok(kmi_thread_start(&t, "steward", mark_done, NULL));
    assert_false(kmi_thread_is_current(&t));
    kmi_thread_detach(&t);
    kmi_thread_join(&t); /* nothing to wait for */
    while (atomic_load(&detached_done) == 0 && kmi_time_left(deadline) > 0) usleep(100);
    assert_int_equal(atomic_load(&detached_done), 1);
}

/* ---- locks and conditions ---- */

typedef struct counter {
    kmi_lock lock;
    kmi_condition changed;
    long value;
    long goal;
} counter;

enum { ROUNDS = 20000 };

static void count_up(void *context)
{
    counter *c = context;
    int i;

    for (i = 0; i < ROUNDS; i++) {
        kmi_lock_take(&c->lock);
        c->value++;
        if (c->value == c->goal) kmi_condition_wake_all(&c->changed);
        kmi_lock_give(&c->lock);
    }
}

TEST(a_lock_lets_one_in_and_a_condition_wakes_the_waiter)
{
    counter c = {.goal = 4 * ROUNDS};
    kmi_thread t[4];
    int i;

    assert_ok(kmi_lock_init(&c.lock));
    assert_ok(kmi_condition_init(&c.changed));
    for (i = 0; i < 4; i++) assert_ok(kmi_thread_start(&t[i], "counter", count_up, &c));
    kmi_lock_take(&c.lock);
    while (c.value < c.goal)
        if (!kmi_condition_wait_until(&c.changed, &c.lock, KMI_FOREVER)) break;
    kmi_lock_give(&c.lock);
    for (i = 0; i < 4; i++) kmi_thread_join(&t[i]);
    assert_int_equal(c.value, 4 * ROUNDS);
    kmi_condition_destroy(&c.changed);
    kmi_lock_destroy(&c.lock);
}

TEST(a_wait_on_a_condition_ends_at_its_deadline_and_not_before)
{
    counter c = {0};
    uint64_t start = kmi_clock_ns(), deadline = kmi_deadline(30000000);
    bool in_time = true;

    assert_ok(kmi_lock_init(&c.lock));
    assert_ok(kmi_condition_init(&c.changed));
    kmi_lock_take(&c.lock);
    while (in_time) in_time = kmi_condition_wait_until(&c.changed, &c.lock, deadline);
    assert_true(kmi_clock_ns() - start >= 30000000);
    assert_false(kmi_condition_wait_until(&c.changed, &c.lock, 0)); /* long past: returns at once */
    kmi_lock_give(&c.lock);
    kmi_condition_destroy(&c.changed);
    kmi_lock_destroy(&c.lock);
}
