#include "kmt.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/event.h"
#include "base/thread.h"

#define MS UINT64_C(1000000)
#define LONG_TIME (UINT64_C(20000) * MS)

TEST(a_set_event_stays_set_until_it_is_cleared)
{
    kmi_event e = {0};

    assert_ok(kmi_event_open(&e));
    assert_int_equal(kmi_event_wait(&e, 0), KMI_EVENT_TIMEOUT);
    kmi_event_set(&e);
    kmi_event_set(&e);
    assert_int_equal(kmi_event_wait(&e, 0), KMI_EVENT_SET);
    assert_int_equal(kmi_event_wait(&e, KMI_FOREVER), KMI_EVENT_SET);
    kmi_event_clear(&e);
    kmi_event_clear(&e);
    assert_int_equal(kmi_event_wait(&e, 0), KMI_EVENT_TIMEOUT);
    kmi_event_close(&e);
    kmi_event_close(&e);
}

TEST(a_wait_lasts_as_long_as_it_was_asked_to)
{
    kmi_event e = {0};
    uint64_t start;

    assert_ok(kmi_event_open(&e));
    start = kmi_clock_ns();
    assert_int_equal(kmi_event_wait(&e, 25 * MS), KMI_EVENT_TIMEOUT);
    assert_true(kmi_clock_ns() - start >= 25 * MS);
    assert_true(kmi_clock_ns() - start < LONG_TIME);
    kmi_event_close(&e);
}

static void set_later(void *context)
{
    usleep(5000);
    kmi_event_set(context);
}

TEST(another_thread_ends_the_wait)
{
    kmi_event e = {0};
    kmi_thread t;

    assert_ok(kmi_event_open(&e));
    assert_ok(kmi_thread_start(&t, "setter", set_later, &e));
    assert_int_equal(kmi_event_wait(&e, KMI_FOREVER), KMI_EVENT_SET);
    kmi_thread_join(&t);
    kmi_event_close(&e);
}

static pthread_t host;
static atomic_int handled;
static atomic_bool stop;

static void note(int number)
{
    (void)number;
    atomic_fetch_add(&handled, 1);
}

/* Again and again: the first may come before the host waits. */
static void keep_signalling(void *context)
{
    (void)context;
    while (!atomic_load(&stop)) {
        usleep(5000);
        pthread_kill(host, SIGUSR1);
    }
}

TEST(a_signal_ends_the_wait_at_once_even_with_restart)
{
    kmi_event e = {0};
    kmi_thread t;
    struct sigaction action = {0}, before;
    kmi_event_result result;
    uint64_t start;

    host = pthread_self();
    atomic_store(&stop, false);
    action.sa_handler = note;
    action.sa_flags = SA_RESTART; /* as C's signal() sets it: signal(7), poll is never restarted */
    sigaction(SIGUSR1, &action, &before);
    assert_ok(kmi_event_open(&e));
    assert_ok(kmi_thread_start(&t, "signaller", keep_signalling, NULL));
    start = kmi_clock_ns();
    result = kmi_event_wait(&e, LONG_TIME);
    atomic_store(&stop, true);
    kmi_thread_join(&t);
    assert_int_equal(result, KMI_EVENT_INTERRUPTED);
    assert_true(kmi_clock_ns() - start < LONG_TIME / 2);
    assert_true(atomic_load(&handled) > 0);
    sigaction(SIGUSR1, &before, NULL);
    kmi_event_close(&e);
}

TEST(without_descriptors_opening_fails_and_says_what_to_do)
{
    kmi_event e = {77};
    struct rlimit before, none;
    kma_status status;

    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    status = kmi_event_open(&e);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_fails(status, KMA_ERR_IO, "Too many open files (raise ulimit -n)");
    assert_int_equal(e.descriptor, 0);
    kmi_event_close(&e);
}
